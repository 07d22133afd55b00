"""The evening at a glance, conferences that are over, and evenings put in step with a colleague's (D11, D12)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import Session

from storage.booking import booking, choosing
from storage.planning import alignment, conferences, grid, slots
from storage.planning.alignment import StepDay
from storage.planning.readiness import closed_hours, facts
from storage.planning.readiness.findings import FindingSubject
from storage.planning.views import candidates, evenings, planning_board, planning_list
from storage.planning.views.evenings import Cell, EveningView
from storage.refusals import Booked, Invalid, NotFound, Refused
from storage.tables import Conference, Planning, PlanningGroup, Slot, Teacher
from storage.words import PlanningState, SlotState
from tests.support.cast import CLOSES, DESK, FIRST_EVENING, NOW, OPENS, Cast
from tests.support.statements import statements

ZONE = "Europe/Amsterdam"
THURSDAY = FIRST_EVENING + timedelta(days=2)


def seen(cast: Cast, day: date | None = None, now: datetime = NOW, teacher: int | None = None) -> EveningView:
    return cast.database.read(evenings.evening, cast.school, cast.autumn, day, now, teacher_id=teacher)


def book(cast: Cast, slot: int) -> None:
    cast.database.work(booking.book, cast.school, DESK, family_id=cast.de_vries, student_id=cast.sanne, slot_id=slot)


def as_text(view: EveningView) -> list[str]:
    """A line of the table: the hour, then a letter for each column; a number is a place that a cell above covers."""
    kinds = {"free": "f", "booked": "B", "break": "p"}
    return [
        f"{moment:%H:%M} "
        + "".join("." if one is None else "|" if isinstance(one, int) else kinds[one.kind] for one in line)
        for moment, line in view.lines
    ]


def test_plannings_stand_side_by_side_on_their_next_day(cast: Cast) -> None:
    book(cast, cast.noor_slots[1])
    cast.database.work(slots.change, cast.school, DESK, cast.bram_planning, cast.bram_slots[0], SlotState.BREAK)
    view = seen(cast)
    assert (view.conference, view.days, view.day) == ("Herfstgesprekken", (FIRST_EVENING, THURSDAY), FIRST_EVENING)
    assert [(one.title, one.teachers, one.free, one.booked) for one in view.columns] == [
        ("Groep 4", ("juf Noor",), 11, 1),
        ("Groep 7", ("meester Bram",), 11, 0),
    ]
    assert as_text(view)[:3] == ["17:00 fp", "17:10 Bf", "17:20 ff"]
    cell = view.lines[1][1][0]
    assert isinstance(cell, Cell)
    assert (cell.student, cell.family, cell.slot_id) == ("Sanne de Vries", "de Vries", cast.noor_slots[1])


def test_a_day_may_be_asked_for_and_after_the_last_one_that_is_shown(cast: Cast) -> None:
    assert [one.title for one in seen(cast, THURSDAY).columns] == ["Groep 4"], "only who has talks that day"
    assert seen(cast, date(2030, 1, 1)).day == FIRST_EVENING
    assert seen(cast, now=NOW + timedelta(days=15)).day == THURSDAY
    assert seen(cast, now=NOW + timedelta(days=30)).day == THURSDAY


def test_talks_of_another_length_stand_across_lines_and_gaps_stay_open(cast: Cast) -> None:
    def change(session: Session) -> None:
        for slot_id in cast.bram_slots:
            slot = session.get(Slot, slot_id)
            session.delete(slot)
        session.flush()
        for minutes in (0, 20, 50):
            at = datetime(2026, 11, 24, 17, 5, tzinfo=UTC) + timedelta(minutes=minutes)
            session.add(
                Slot(school_id=cast.school, planning_id=cast.bram_planning, start=at, end=at + timedelta(minutes=20))
            )

    cast.database.work(change)
    assert as_text(seen(cast))[:9] == [
        "17:00 f.", "17:05 |f", "17:10 f|", "17:20 f|", "17:25 |f", "17:30 f|", "17:40 f|", "17:45 |.", "17:50 f.",
    ]  # fmt: skip


def test_a_teacher_sees_the_own_columns_and_no_other_school_is_shown(cast: Cast) -> None:
    assert [one.title for one in seen(cast, teacher=cast.bram).columns] == ["Groep 7"]
    for school, conference, teacher in ((cast.horizon, cast.autumn, None), (cast.school, cast.autumn, 0)):
        with pytest.raises(Refused) as caught:
            cast.database.read(evenings.evening, school, conference, None, NOW, teacher_id=teacher)
        assert caught.value.refusal == NotFound("conference")


def more(session: Session, cast: Cast, count: int) -> None:
    for number in range(count):
        planning = Planning(
            school_id=cast.school, conference_id=cast.autumn, title=f"Extra {number}", opens=OPENS, closes=CLOSES
        )
        session.add(planning)
        session.flush()
        assert planning.id is not None
        session.add(PlanningGroup(school_id=cast.school, planning_id=planning.id, group_id=cast.groep4))
        for step in range(3):
            at = datetime(2026, 11, 24, 17, 10 * step, tzinfo=UTC)
            session.add(Slot(school_id=cast.school, planning_id=planning.id, start=at, end=at + timedelta(minutes=10)))


def test_every_list_takes_as_many_statements_for_thirty_plannings_as_for_two(cast: Cast) -> None:
    def asked() -> list[int]:
        found = []
        for query in (
            lambda session: evenings.evening(session, cast.school, cast.autumn, None, NOW, teacher_id=None),
            lambda session: conferences.conference_lines(session, cast.school, now=NOW),
            lambda session: planning_list.of_conferences(session, cast.school, [cast.autumn]),
            lambda session: facts.check(session, cast.school, now=NOW),
            lambda session: candidates.candidates(session, cast.school, cast.noor_planning),
        ):
            with statements(cast.database) as texts:
                cast.database.read(query)
            found.append(len([text for text in texts if text.lstrip().startswith("SELECT")]))
        return found

    few = asked()
    cast.database.work(more, cast, 30)
    assert asked() == few
    assert len(seen(cast).columns) == 32


def test_a_conference_is_over_after_its_last_talk_and_parents_no_longer_see_it(cast: Cast) -> None:
    last = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)  # the six of Thursday end at seven
    for now, over in ((last - timedelta(minutes=1), False), (last, True)):
        [view] = cast.database.read(conferences.conference_lines, cast.school, now=now)
        assert (view.name, view.plannings, view.last, view.over) == ("Herfstgesprekken", 2, last, over)
    assert _talks_shown(cast, NOW) == [1, 1]
    assert _talks_shown(cast, last) == [0, 0]


def _talks_shown(cast: Cast, now: datetime) -> list[int]:
    """How many talks each child of the De Vries is offered."""
    return [len(child.talks) for child in cast.database.read(choosing.overview, cast.school, cast.de_vries, now)]


def test_one_without_times_or_without_plannings_is_not_over(cast: Cast) -> None:
    def change(session: Session) -> None:
        session.add(Conference(school_id=cast.school, name="Leeg"))
        session.add(
            Planning(school_id=cast.school, conference_id=cast.autumn, title="Later", opens=OPENS, closes=CLOSES)
        )

    cast.database.work(change)
    much_later = NOW + timedelta(days=90)
    found = cast.database.read(conferences.conference_lines, cast.school, now=much_later)
    assert [(one.name, one.over) for one in found] == [("Leeg", False), ("Herfstgesprekken", False)]


def out_of_step(cast: Cast) -> int:
    """Bram begins at 18:05 on Thursday, where Noor begins at 18:00."""
    spans = grid.times(THURSDAY, time(18, 5), time(19, 5), 10, zone=ZONE)
    return cast.database.work(slots.add, cast.school, DESK, cast.bram_planning, spans)


def test_an_evening_out_of_step_is_found_and_moved_as_a_whole(cast: Cast) -> None:
    out_of_step(cast)
    found = [one for one in cast.database.read(facts.check, cast.school, now=NOW) if one.about is FindingSubject.STEP]
    assert [(one.planning_id, one.other_id) for one in found] == [(cast.bram_planning, cast.noor_planning)]
    [day] = cast.database.read(alignment.out_of_step_days, cast.school, cast.bram_planning, cast.noor_planning)
    utc = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
    five = timedelta(minutes=5)
    assert day == StepDay(THURSDAY, 6, utc + five, utc + five + timedelta(hours=1), utc, -5, 5)
    for minutes in (day.later, -10):
        moved = cast.database.work(alignment.shift, cast.school, DESK, cast.bram_planning, THURSDAY, minutes)
        assert moved == 6
    view = cast.database.read(planning_board.planning, cast.school, cast.bram_planning)
    assert [block.start for block in view.days[1].blocks] == [utc + timedelta(minutes=10 * n) for n in range(6)]
    assert len(view.days[0].blocks) == 12
    assert cast.database.read(alignment.out_of_step_days, cast.school, cast.bram_planning, cast.noor_planning) == ()
    assert [
        one for one in cast.database.read(facts.check, cast.school, now=NOW) if one.about is FindingSubject.STEP
    ] == []


def test_a_booked_evening_is_not_moved_nor_one_over_another(cast: Cast) -> None:
    def refused(planning: int, day: date, minutes: int) -> object:
        with pytest.raises(Refused) as caught:
            cast.database.work(alignment.shift, cast.school, DESK, planning, day, minutes)
        return caught.value.refusal

    book(cast, cast.noor_slots[0])
    assert refused(cast.noor_planning, FIRST_EVENING, 5) == Booked(1)
    assert refused(cast.noor_planning, date(2026, 11, 25), 5) == NotFound("slot")
    assert refused(cast.horizon_planning, FIRST_EVENING, 5) == NotFound("slot")
    assert refused(cast.noor_planning, THURSDAY, 500) == Invalid(
        "Times can be moved by 1 to %(most)s minutes.", (("most", "120"),)
    )


@pytest.mark.parametrize(
    ("wall", "shut"),
    [
        (datetime(2026, 11, 24, 18), False),
        (datetime(2026, 11, 24, 6, 50), True),
        (datetime(2026, 11, 24, 22, 30), False),
        (datetime(2026, 11, 24, 22, 40), True),
        (datetime(2026, 11, 28, 14), True),  # a Saturday
        (datetime(2026, 12, 25, 18), True),
        (datetime(2027, 3, 29, 18), True),  # Easter Monday
        (datetime(2027, 5, 6, 18), True),  # Ascension
        (datetime(2027, 5, 17, 18), True),  # Whit Monday
        (datetime(2027, 4, 27, 18), True),  # King's Day
        (datetime(2025, 4, 26, 18), True),  # in 2025 the 27th was a Sunday
        (datetime(2027, 3, 30, 18), False),
    ],
)
def test_hours_at_which_a_school_is_closed(wall: datetime, shut: bool) -> None:
    assert closed_hours.is_closed(wall) is shut


def test_easter_is_known_for_years_to_come() -> None:
    found = [closed_hours.easter(year) for year in range(2025, 2031)]
    assert [f"{day:%d-%m}" for day in found] == ["20-04", "05-04", "28-03", "16-04", "01-04", "21-04"]


def test_a_time_on_a_closed_day_and_mails_to_nobody_are_warned_of(cast: Cast) -> None:
    saturday = grid.times(date(2026, 11, 28), time(10), time(11), 10, zone=ZONE)
    cast.database.work(slots.add, cast.school, DESK, cast.noor_planning, saturday)

    def nobody(session: Session) -> None:
        noor = session.get(Teacher, cast.noor)
        assert noor is not None
        noor.email = ""
        session.add(noor)

    cast.database.work(nobody)
    found = cast.database.read(facts.check, cast.school, now=NOW)
    assert [(one.about, one.planning_id) for one in found] == [
        (FindingSubject.TIMES, cast.noor_planning),
        (FindingSubject.TEACHERS, cast.noor_planning),
        (FindingSubject.MAIL, cast.noor_planning),
    ]
    assert dict(found[0].values)["number"] == 6


def test_a_planning_that_is_over_is_not_looked_at(cast: Cast) -> None:
    assert cast.database.read(facts.planning_facts, cast.school, NOW + timedelta(days=60)) == ()
    one = cast.database.read(facts.planning_facts, cast.school, NOW + timedelta(days=60), [cast.noor_planning])
    assert [standing.state for standing in one] == [PlanningState.PUBLISHED]

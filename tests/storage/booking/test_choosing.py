"""What a family may choose from: only what is theirs, only times that can work, no more told than free or not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Executable, delete, insert, update
from sqlmodel import Session, col

from storage.booking.booking import book, move
from storage.booking.choosing import days, overview, times
from storage.booking.views import BookingView, ChildOffers, DayOffer, Phase, TalkOffer
from storage.refusals import NotYetOpen, Refused
from storage.tables import (
    Conference,
    Family,
    FamilyStudent,
    Planning,
    PlanningGroup,
    PlanningTeacher,
    Slot,
    Student,
    StudentGroup,
)
from storage.words import Acting, PlanningState, Policy, SlotState
from tests.support.cast import CLOSES, DESK, FIRST_EVENING, NOW, OPENS, Cast, parent
from tests.support.statements import statements

SECOND_EVENING = FIRST_EVENING + timedelta(days=2)


def takes(cast: Cast, family: int, student: int, slot: int, acting: Acting | None = None) -> BookingView:
    acting = acting or parent(family)
    return cast.database.work(book, cast.school, acting, family_id=family, student_id=student, slot_id=slot)


def sees(cast: Cast, family: int, now: datetime = NOW) -> tuple[ChildOffers, ...]:
    return cast.database.read(overview, cast.school, family, now)


def talk_of(cast: Cast, family: int, student: int, now: datetime = NOW, number: int = 0) -> TalkOffer:
    return next(child for child in sees(cast, family, now) if child.student_id == student).talks[number]


def free(cast: Cast, family: int, student: int, planning: int, day: date = FIRST_EVENING, now: datetime = NOW) -> str:
    """One letter for each time of the evening: `f` free, `-` not."""
    found = cast.database.read(times, cast.school, family, student, planning, day, now)
    return "".join("f" if time.free else "-" for time in found)


def change(cast: Cast, *changes: Executable) -> None:
    def all_of_them(session: Session) -> None:
        for one in changes:
            session.execute(one)

    cast.database.work(all_of_them)


def test_a_family_sees_each_child_and_its_talk(cast: Cast) -> None:
    assert sees(cast, cast.de_vries) == (
        ChildOffers(
            cast.daan,
            "Daan",
            (
                TalkOffer(
                    cast.bram_planning, "Herfstgesprekken", "Groep 7", ("meester Bram",), "lokaal 3", "",
                    OPENS, CLOSES, Phase.OPEN, None, None, 12,
                ),
            ),
        ),
        ChildOffers(
            cast.sanne,
            "Sanne",
            (
                TalkOffer(
                    cast.noor_planning, "Herfstgesprekken", "Groep 4", ("juf Noor",), "lokaal 3", "",
                    OPENS, CLOSES, Phase.OPEN, None, None, 18,
                ),
            ),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        (OPENS - timedelta(seconds=1), Phase.SOON),
        (OPENS, Phase.OPEN),
        (CLOSES - timedelta(seconds=1), Phase.OPEN),
        (CLOSES, Phase.CLOSED),
    ],
)
def test_sign_up_is_soon_then_open_then_closed(cast: Cast, now: datetime, phase: Phase) -> None:
    assert talk_of(cast, cast.de_vries, cast.sanne, now).phase is phase


def test_a_large_family_is_told_its_own_opening(cast: Cast) -> None:
    early = OPENS - timedelta(days=2)
    change(cast, update(Planning).values(opens_early=early), update(Conference).values(large_family=2))
    large, small = (
        talk_of(cast, family, student, early)
        for family, student in ((cast.de_vries, cast.sanne), (cast.smit, cast.stephanie))
    )
    assert (large.opens, large.phase, small.opens, small.phase) == (early, Phase.OPEN, OPENS, Phase.SOON)


def test_what_a_large_family_is_told_holds_when_it_books(cast: Cast) -> None:
    """Children in a draft's groups make a family large too; a child that left does not (rule 14)."""
    early = OPENS - timedelta(days=2)
    change(
        cast,
        update(Planning).values(opens_early=early),
        update(Planning).where(col(Planning.id) == cast.bram_planning).values(state=PlanningState.DRAFT),
        update(Conference).values(large_family=2),
    )
    assert talk_of(cast, cast.de_vries, cast.sanne, early).phase is Phase.OPEN
    family = {"family_id": cast.de_vries, "student_id": cast.sanne}
    booked = cast.database.work(book, cast.school, parent(cast.de_vries, early), slot_id=cast.noor_slots[0], **family)
    change(cast, update(Student).where(col(Student.id) == cast.daan).values(left=NOW))
    assert talk_of(cast, cast.de_vries, cast.sanne, early).phase is Phase.SOON
    moving = {"booking_id": booked.id, "slot_id": cast.noor_slots[7]}
    with pytest.raises(Refused) as caught:
        cast.database.work(move, cast.school, parent(cast.de_vries, early), **moving)
    assert caught.value.refusal == NotYetOpen(OPENS)


def test_a_booked_talk_is_shown_where_it_was_booked(cast: Cast) -> None:
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[4])
    assert talk_of(cast, cast.de_vries, cast.sanne).booking == booked
    assert talk_of(cast, cast.de_vries, cast.daan).booking is None


def test_parents_who_come_together_see_when_the_other_booked(cast: Cast) -> None:
    booked = takes(cast, cast.jansen, cast.lotte, cast.noor_slots[4])
    theirs, other = (talk_of(cast, family, cast.lotte) for family in (cast.jansen, cast.bakker))
    assert (theirs.booking, theirs.invited) == (booked, None)
    assert (other.booking, other.invited) == (None, replace(booked, family_name=""))


def test_parents_who_come_each_see_nothing_of_the_other(cast: Cast) -> None:
    change(cast, update(Conference).values(policy=Policy.EACH))
    takes(cast, cast.jansen, cast.lotte, cast.noor_slots[4])
    other = talk_of(cast, cast.bakker, cast.lotte)
    assert (other.booking, other.invited, other.free) == (None, None, 17)


def test_taken_break_and_conflict_are_all_simply_not_free(cast: Cast) -> None:
    takes(cast, cast.yilmaz, cast.emir, cast.noor_slots[0])
    change(cast, update(Slot).where(col(Slot.id) == cast.noor_slots[2]).values(state=SlotState.BREAK))
    takes(cast, cast.de_vries, cast.daan, cast.bram_slots[4])
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning) == "-f-f-fffffff"
    assert free(cast, cast.jansen, cast.lotte, cast.noor_planning) == "-f-fffffffff"
    assert talk_of(cast, cast.de_vries, cast.sanne).free == 15


def test_walking_time_makes_the_neighbouring_times_not_free(cast: Cast) -> None:
    change(cast, update(Conference).values(walking_minutes=5))
    takes(cast, cast.de_vries, cast.daan, cast.bram_slots[4])
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning) == "fff---ffffff"


def test_a_teacher_who_is_elsewhere_is_not_free(cast: Cast) -> None:
    noor_too = insert(PlanningTeacher).values(
        school_id=cast.school, planning_id=cast.bram_planning, teacher_id=cast.noor
    )
    change(cast, noor_too)
    takes(cast, cast.yilmaz, cast.emir, cast.noor_slots[3])
    assert free(cast, cast.smit, cast.stephanie, cast.bram_planning) == "fff-ffffffff"
    assert talk_of(cast, cast.smit, cast.stephanie).teachers == ("juf Noor", "meester Bram")


def test_twins_stand_next_to_each_other_but_not_in_each_other(cast: Cast) -> None:
    change(cast, update(Conference).values(walking_minutes=15))
    takes(cast, cast.yilmaz, cast.emir, cast.noor_slots[3])
    assert free(cast, cast.yilmaz, cast.ids["elif"], cast.noor_planning) == "fff-ffffffff"


def test_who_moves_a_talk_is_not_in_its_own_way(cast: Cast) -> None:
    change(cast, update(Conference).values(walking_minutes=15))
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[3])
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning) == "fff-ffffffff"
    acting = parent(cast.de_vries)
    slot = cast.noor_slots[4]
    cast.database.work(move, cast.school, acting, booking_id=booked.id, slot_id=slot, family_id=cast.de_vries)
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning) == "ffff-fffffff"


def test_every_free_time_can_be_booked_and_no_other(cast: Cast) -> None:
    """P8: what is offered works, what is not offered does not."""
    change(cast, update(Conference).values(walking_minutes=10))
    takes(cast, cast.yilmaz, cast.emir, cast.noor_slots[1])
    takes(cast, cast.de_vries, cast.daan, cast.bram_slots[6])
    change(cast, update(Slot).where(col(Slot.id) == cast.noor_slots[9]).values(state=SlotState.BREAK))
    offered = free(cast, cast.de_vries, cast.sanne, cast.noor_planning)
    assert offered == "f-fff---f-ff"

    def works(session: Session, slot: int) -> str:
        try:
            with session.begin_nested() as attempt:
                wanted = {"family_id": cast.de_vries, "student_id": cast.sanne, "slot_id": slot}
                book(session, cast.school, parent(cast.de_vries), **wanted)
                attempt.rollback()
        except Refused:
            return "-"
        return "f"

    tried = cast.database.work(lambda s: "".join(works(s, slot) for slot in cast.noor_slots[:12]))
    assert tried == offered


def test_a_time_that_began_is_gone(cast: Cast) -> None:
    during = datetime(2026, 11, 24, 17, 20, tzinfo=UTC)  # the third talk begins
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning, now=during) == "f" * 9
    before = during - timedelta(seconds=1)
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning, now=before) == "f" * 10


def test_days_are_counted_with_and_without_room(cast: Cast) -> None:
    some = update(Slot).where(col(Slot.id).in_(cast.noor_slots[12:]))
    change(cast, some.values(state=SlotState.BREAK))
    found = cast.database.read(days, cast.school, cast.de_vries, cast.sanne, cast.noor_planning, NOW)
    assert found == (DayOffer(FIRST_EVENING, 12), DayOffer(SECOND_EVENING, 0))


def test_a_moved_evening_is_shown_on_its_new_day(cast: Cast) -> None:
    for number, slot in enumerate(cast.noor_slots[:12]):
        start = datetime(2026, 11, 25, 8, 0, tzinfo=UTC) + timedelta(minutes=15 * number)
        later = update(Slot).where(col(Slot.id) == slot)
        change(cast, later.values(start=start, end=start + timedelta(minutes=15)))
    found = cast.database.read(days, cast.school, cast.de_vries, cast.sanne, cast.noor_planning, NOW)
    assert found == (DayOffer(date(2026, 11, 25), 12), DayOffer(SECOND_EVENING, 6))
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning) == ""
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning, date(2026, 11, 25)) == "f" * 12


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        # 25-10-2026 has 25 hours, 28-03-2027 has 23: late evening and early morning fall on the wall clock's days.
        (datetime(2026, 10, 24, 21, 30, tzinfo=UTC), [(date(2026, 10, 24), 1), (date(2026, 10, 25), 25)]),
        (datetime(2027, 3, 27, 22, 30, tzinfo=UTC), [(date(2027, 3, 27), 1), (date(2027, 3, 28), 23)]),
    ],
)
def test_days_are_the_school_s_also_when_the_clock_changes(
    cast: Cast, first: datetime, expected: list[tuple[date, int]]
) -> None:
    """One slot an hour from half past eleven in the evening, until the next midnight."""
    hours = [first + timedelta(hours=number) for number in range(expected[1][1] + 1)]
    for slot, start in zip([*cast.noor_slots, *_more(cast, len(hours) - 18)], hours, strict=True):
        one = update(Slot).where(col(Slot.id) == slot)
        change(cast, one.values(start=start, end=start + timedelta(minutes=10)))
    now = first - timedelta(days=1)
    found = cast.database.read(days, cast.school, cast.de_vries, cast.sanne, cast.noor_planning, now)
    assert [(day.date, day.free) for day in found] == expected
    for day, count in expected:
        shown = free(cast, cast.de_vries, cast.sanne, cast.noor_planning, day, now)
        assert shown == "f" * count


def _more(cast: Cast, count: int) -> list[int]:
    def add(session: Session) -> list[int]:
        start = datetime(2026, 12, 1, tzinfo=UTC)
        ids = []
        for number in range(count):
            at = start + timedelta(minutes=10 * number)
            slot = Slot(school_id=cast.school, planning_id=cast.noor_planning, start=at, end=at + timedelta(minutes=10))
            session.add(slot)
            session.flush()
            ids.append(int(slot.id or 0))
        return ids

    return cast.database.work(add)


def test_a_draft_is_not_shown(cast: Cast) -> None:
    change(cast, update(Planning).where(col(Planning.id) == cast.noor_planning).values(state=PlanningState.DRAFT))
    assert [(child.first_name, len(child.talks)) for child in sees(cast, cast.de_vries)] == [("Daan", 1), ("Sanne", 0)]
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning) == ""
    assert cast.database.read(days, cast.school, cast.de_vries, cast.sanne, cast.noor_planning, NOW) == ()


def test_a_talk_stays_in_sight_when_the_child_changes_group(cast: Cast) -> None:
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    change(cast, delete(StudentGroup).where(col(StudentGroup.student_id) == cast.sanne))
    talk = talk_of(cast, cast.de_vries, cast.sanne)
    assert (talk.title, talk.booking) == ("Groep 4", booked)
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning) == ""


def test_a_talk_that_the_teacher_booked_in_a_draft_is_shown_and_no_other(cast: Cast) -> None:
    change(cast, update(Planning).values(state=PlanningState.DRAFT))
    booked = takes(cast, cast.de_vries, cast.sanne, cast.noor_slots[0], acting=DESK)
    shown = [(child.first_name, talk.booking) for child in sees(cast, cast.de_vries) for talk in child.talks]
    assert shown == [("Sanne", booked)]


def test_a_child_that_left_is_not_shown(cast: Cast) -> None:
    change(cast, update(Student).where(col(Student.id) == cast.sanne).values(left=NOW))
    assert [child.first_name for child in sees(cast, cast.de_vries)] == ["Daan"]
    assert free(cast, cast.de_vries, cast.sanne, cast.noor_planning) == ""


def test_a_blocked_family_sees_nothing(cast: Cast) -> None:
    change(cast, update(Family).where(col(Family.id) == cast.jansen).values(blocked=True))
    assert sees(cast, cast.jansen) == ()
    assert free(cast, cast.jansen, cast.lotte, cast.noor_planning) == ""
    assert len(sees(cast, cast.bakker)) == 1


def test_what_is_not_of_the_family_gives_nothing(cast: Cast) -> None:
    strangers = [
        (cast.school, cast.yilmaz, cast.sanne, cast.noor_planning),
        (cast.school, cast.de_vries, cast.sanne, cast.bram_planning),
        (cast.school, cast.de_vries, cast.sanne, cast.horizon_planning),
        (cast.horizon, cast.de_vries, cast.sanne, cast.noor_planning),
        (cast.school, cast.mulder, cast.other_sanne, cast.horizon_planning),
    ]
    for school, family, student, planning in strangers:
        assert cast.database.read(days, school, family, student, planning, NOW) == ()
        assert cast.database.read(times, school, family, student, planning, FIRST_EVENING, NOW) == ()
    assert cast.database.read(overview, cast.horizon, cast.de_vries, NOW) == ()


def test_a_child_in_two_groups_of_one_planning_has_one_talk(cast: Cast) -> None:
    both = {"school_id": cast.school, "group_id": cast.groep7}
    change(
        cast,
        insert(StudentGroup).values(**both, student_id=cast.sanne),
        insert(PlanningGroup).values(**both, planning_id=cast.noor_planning),
    )
    titles = {child.first_name: [talk.title for talk in child.talks] for child in sees(cast, cast.de_vries)}
    assert titles == {"Daan": ["Groep 4", "Groep 7"], "Sanne": ["Groep 4", "Groep 7"]}


def test_talks_stand_in_the_order_in_which_sign_up_closes(cast: Cast) -> None:
    change(
        cast,
        insert(StudentGroup).values(school_id=cast.school, student_id=cast.sanne, group_id=cast.groep7),
        update(Planning).where(col(Planning.id) == cast.bram_planning).values(closes=CLOSES - timedelta(days=1)),
    )
    assert [talk.title for talk in sees(cast, cast.de_vries)[1].talks] == ["Groep 7", "Groep 4"]


def test_the_number_of_queries_grows_with_nothing(cast: Cast) -> None:
    """One child or six, 12 slots or 600."""

    def counts() -> tuple[int, ...]:
        asked = []
        for query in (
            lambda session: overview(session, cast.school, cast.smit, NOW),
            lambda session: days(session, cast.school, cast.smit, cast.stephanie, cast.bram_planning, NOW),
            lambda s: times(s, cast.school, cast.smit, cast.stephanie, cast.bram_planning, FIRST_EVENING, NOW),
        ):
            with statements(cast.database) as texts:
                assert cast.database.read(query)
            asked.append(sum(not text.startswith("BEGIN") for text in texts))
        return tuple(asked)

    small = counts()
    _more(cast, 600)
    others = [cast.sanne, cast.daan, cast.emir, cast.ids["elif"], cast.lotte]
    change(
        cast,
        insert(FamilyStudent).values(
            [{"school_id": cast.school, "family_id": cast.smit, "student_id": student} for student in others]
        ),
    )
    takes(cast, cast.smit, cast.stephanie, cast.bram_slots[0])
    takes(cast, cast.smit, cast.sanne, cast.noor_slots[5])
    assert len(sees(cast, cast.smit)) == 6
    assert counts() == small
    assert max(small) <= 8

"""A whole conference in one go: all of it or nothing, with what was so last time proposed (D10, D11)."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from storage.planning import bulk, default_window, grid
from storage.planning.bulk import GroupLine, OfOne, SignUp
from storage.planning.conferences import ConferenceForm
from storage.planning.teachers import TeacherLine
from storage.planning.views import new_conference, planning_board, planning_list
from storage.planning.views.new_conference import Habit
from storage.refusals import Invalid, NotFound, Refusal, Refused
from storage.tables import Audit, Conference, FamilyStudent, Group, Student, StudentGroup
from storage.words import Act, PlanningState
from tests.support.browser import unchanged
from tests.support.cast import CLOSES, DESK, NOW, OPENS, Cast
from tests.support.statements import statements

ZONE = "Europe/Amsterdam"
SPANS = grid.times(date(2027, 1, 19), time(18), time(19), 10, zone=ZONE)
SIGN_UP = SignUp(OPENS, CLOSES, remarks="Neem het rapport mee.")


def make(cast: Cast, *lines: GroupLine, conference: Any = None, spans: Any = SPANS) -> bulk.PlanningsMade:
    where = ConferenceForm("Winter") if conference is None else conference
    return cast.database.work(bulk.make_for_groups, cast.school, DESK, where, lines, SIGN_UP, spans)


def refusal(cast: Cast, *lines: GroupLine, **more: Any) -> Refusal:
    with pytest.raises(Refused) as caught, unchanged(cast.database):
        make(cast, *lines, **more)
    return caught.value.refusal


def both(cast: Cast) -> tuple[GroupLine, GroupLine]:
    noor = GroupLine(cast.groep4, "Groep 4", (TeacherLine("juf Noor"),), "lokaal 3")
    return noor, GroupLine(cast.groep7, "Groep 7", (TeacherLine("juf Els", "els@regenboog.example"),))


def test_every_group_gets_a_draft_with_the_same_times(cast: Cast) -> None:
    made = make(cast, *both(cast))
    views = [cast.database.read(planning_board.planning, cast.school, id_) for id_ in made.planning_ids]
    assert [(view.title, view.conference, view.groups, view.room) for view in views] == [
        ("Groep 4", "Winter", ("groep 4",), "lokaal 3"),
        ("Groep 7", "Winter", ("groep 7",), ""),
    ]
    assert {(view.state, view.opens, view.closes, view.remarks) for view in views} == {
        (PlanningState.DRAFT, OPENS, CLOSES, "Neem het rapport mee.")
    }
    assert [[(block.start, block.end) for block in view.days[0].blocks] for view in views] == [list(SPANS)] * 2
    # Her address was known, and leaving it out does not take it away.
    assert [line.email for view in views for line in view.teachers] == [
        "noor@regenboog.example",
        "els@regenboog.example",
    ]


def test_each_planning_and_its_times_stand_in_the_audit_trail(cast: Cast) -> None:
    made = make(cast, *both(cast))

    def acts(session: Session) -> list[tuple[Act, int | None]]:
        rows = session.exec(select(Audit).order_by(col(Audit.id))).all()
        return [(row.act, row.subject) for row in rows]

    first, second = made.planning_ids
    assert cast.database.read(acts) == [
        (Act.PLANNING_MADE, None),
        (Act.PLANNING_MADE, first),
        (Act.SLOTS_ADDED, first),
        (Act.PLANNING_MADE, second),
        (Act.SLOTS_ADDED, second),
    ]


def test_what_is_wrong_with_one_names_its_group_and_makes_none(cast: Cast) -> None:
    noor, bram = both(cast)
    wrong = GroupLine(bram.group_id, "", bram.teachers)
    missing = Invalid("%(field)s is missing.", (("field", "The title"),))
    assert refusal(cast, noor, wrong) == OfOne("groep 7", missing, group_id=cast.groep7)
    twice = refusal(cast, noor, GroupLine(bram.group_id, "groep 4"))
    assert isinstance(twice, OfOne)
    assert twice.refusal == Invalid("This conference has a planning named %(title)s already.", (("title", "groep 4"),))


def test_nothing_ticked_an_unknown_group_and_a_foreign_conference_are_refused(cast: Cast) -> None:
    assert refusal(cast) == Invalid("Tick at least one group.")
    assert refusal(cast, GroupLine(10_000, "Groep 9")) == NotFound("group")

    def foreign(session: Session) -> int | None:
        return session.exec(select(Conference.id).where(Conference.school_id == cast.horizon)).first()

    assert refusal(cast, both(cast)[0], conference=cast.database.read(foreign)) == NotFound("conference")
    assert refusal(cast, both(cast)[0], conference=ConferenceForm("herfstGESPREKKEN")) == Invalid(
        "There is a conference named %(name)s already.", (("name", "herfstGESPREKKEN"),)
    )


def test_the_same_times_to_many_plannings_all_or_none(cast: Cast) -> None:
    ids = [cast.noor_planning, cast.bram_planning]
    assert cast.database.work(bulk.add_times, cast.school, DESK, ids, SPANS) == 12
    assert [row.free for row in cast.database.read(planning_list.plannings, cast.school)] == [24, 18]
    thursday = grid.times(date(2026, 11, 26), time(18), time(18, 30), 10, zone=ZONE)
    with pytest.raises(Refused) as caught, unchanged(cast.database):
        cast.database.work(bulk.add_times, cast.school, DESK, list(reversed(ids)), thursday)
    assert isinstance(caught.value.refusal, OfOne)
    assert (caught.value.refusal.name, caught.value.refusal.planning_id) == ("Groep 4", cast.noor_planning)
    for wrong, why in (([], Invalid("Tick at least one planning.")), ([cast.horizon_planning], NotFound("planning"))):
        with pytest.raises(Refused) as caught:
            cast.database.work(bulk.add_times, cast.school, DESK, wrong, SPANS)
        assert caught.value.refusal == why


def test_what_was_so_last_time_is_proposed(cast: Cast) -> None:
    four, seven = cast.database.read(new_conference.proposals, cast.school)
    assert (four.group, four.children, four.talks, four.title, four.room) == ("groep 4", 4, 5, "Groep 4", "lokaal 3")
    assert (seven.children, seven.talks) == (2, 2)
    assert four.teachers == (("juf Noor", "noor@regenboog.example"),)
    assert four.conferences == frozenset({cast.autumn})
    assert cast.database.read(new_conference.habit, cast.school) == Habit(10, time(18), time(20))


def test_groups_stand_in_the_order_of_a_school_and_leavers_do_not_count(cast: Cast) -> None:
    def change(session: Session) -> None:
        for name in ("groep 10", "groep 9", "Bovenbouw"):
            group = Group(school_id=cast.school, name=name)
            session.add(group)
            session.flush()
            assert group.id is not None
            session.add(StudentGroup(school_id=cast.school, student_id=cast.sanne, group_id=group.id))
        sanne = session.exec(select(Student).where(Student.id == cast.sanne)).one()
        sanne.left = NOW
        session.add(sanne)

    cast.database.work(change)
    found = cast.database.read(new_conference.proposals, cast.school)
    assert [(one.group, one.title, one.children) for one in found] == [
        ("Bovenbouw", "Bovenbouw", 0), ("groep 4", "Groep 4", 3), ("groep 7", "Groep 7", 2),
        ("groep 9", "Groep 9", 0), ("groep 10", "Groep 10", 0),
    ]  # fmt: skip


def test_proposals_take_as_many_statements_for_two_groups_as_for_sixty(cast: Cast) -> None:
    def asked() -> int:
        with statements(cast.database) as seen:
            cast.database.read(new_conference.proposals, cast.school)
        return len([one for one in seen if one.startswith("SELECT")])

    few = asked()

    def more(session: Session) -> None:
        for number in range(60):
            session.add(Group(school_id=cast.school, name=f"extra {number}"))

    cast.database.work(more)
    assert asked() == few


def test_parents_who_live_apart_count_for_two_talks(cast: Cast) -> None:
    def families(session: Session) -> int:
        rows = session.exec(select(FamilyStudent).where(FamilyStudent.student_id == cast.lotte)).all()
        return len(rows)

    assert cast.database.read(families) == 2
    four, _ = cast.database.read(new_conference.proposals, cast.school)
    assert four.talks - four.children == 1


@pytest.mark.parametrize(
    ("today", "opens"),
    [
        (date(2026, 11, 10), datetime(2026, 11, 11, 19)),
        (date(2026, 11, 13), datetime(2026, 11, 16, 19)),
        (date(2026, 11, 14), datetime(2026, 11, 16, 19)),
        (date(2026, 11, 15), datetime(2026, 11, 16, 19)),
    ],
)
def test_sign_up_is_proposed_to_open_on_the_next_school_day(today: date, opens: datetime) -> None:
    assert default_window.opening(today) == opens


def test_sign_up_is_proposed_to_close_two_days_before_the_first_evening() -> None:
    first = datetime(2026, 11, 24, 18)
    assert default_window.closing(first, datetime(2026, 11, 11, 19)) == datetime(2026, 11, 22, 20)
    assert default_window.closing(first, datetime(2026, 11, 22, 20)) == first, "there would be no time to sign up"


def test_the_sign_up_window_of_a_whole_conference_is_set_at_once(cast: Cast) -> None:
    wanted = SignUp(OPENS, CLOSES + timedelta(hours=1), OPENS - timedelta(days=1))

    def set_it(conference: int, sign_up: SignUp) -> int:
        return cast.database.work(bulk.set_window, cast.school, DESK, conference, sign_up)

    assert (set_it(cast.autumn, wanted), set_it(cast.autumn, wanted)) == (2, 0)
    found = {
        (row.opens, row.opens_early, row.closes) for row in cast.database.read(planning_list.plannings, cast.school)
    }
    assert found == {(wanted.opens, wanted.opens_early, wanted.closes)}
    for conference, sign_up, why in (
        (99_999, wanted, NotFound("conference")),
        (cast.autumn, SignUp(CLOSES, OPENS), Invalid("Sign-up must close after it opens.")),
    ):
        with pytest.raises(Refused) as caught, unchanged(cast.database):
            set_it(conference, sign_up)
        assert caught.value.refusal == why

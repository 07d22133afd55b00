"""The list of plannings with its counts, in as many statements for one as for many."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from storage import tables
from storage.booking import booking
from storage.database.engine import Database
from storage.lists import talk_list
from storage.planning import slots
from storage.planning.readiness import facts
from storage.planning.views import candidates, planning_board, planning_list
from storage.refusals import NotFound, Refused
from storage.words import PlanningState, SlotState
from tests.support.cast import CLOSES, DESK, NOW, OPENS, Cast


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that go to the database meanwhile."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def book(cast: Cast, family: int, student: int, slot: int) -> None:
    cast.database.work(booking.book, cast.school, DESK, family_id=family, student_id=student, slot_id=slot)


def more_plannings(session: Session, cast: Cast) -> None:
    for number in range(5):
        planning = tables.Planning(
            school_id=cast.school, conference_id=cast.autumn, title=f"Extra {number}", opens=OPENS, closes=CLOSES
        )
        session.add(planning)
        session.flush()
        assert planning.id is not None
        session.add(tables.PlanningGroup(school_id=cast.school, planning_id=planning.id, group_id=cast.groep4))
        session.add(tables.PlanningTeacher(school_id=cast.school, planning_id=planning.id, teacher_id=cast.noor))


def test_the_list_counts_times_and_children(cast: Cast) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    book(cast, cast.yilmaz, cast.emir, cast.noor_slots[1])
    cast.database.work(slots.change, cast.school, DESK, cast.noor_planning, cast.noor_slots[2], SlotState.BREAK)
    noor, bram = cast.database.read(planning_list.plannings, cast.school)
    assert (noor.title, noor.conference, noor.state) == ("Groep 4", "Herfstgesprekken", PlanningState.PUBLISHED)
    assert (noor.teachers, noor.groups) == (("juf Noor",), ("groep 4",))
    assert (noor.free, noor.booked, noor.breaks) == (15, 2, 1)
    assert (noor.children, noor.booked_children) == (4, 2)
    assert (bram.free, bram.booked, bram.breaks, bram.children, bram.booked_children) == (12, 0, 0, 2, 0)
    assert noor.first is not None
    assert noor.last is not None
    assert (noor.first.isoformat(), noor.last.isoformat()) == ("2026-11-24T17:00:00+00:00", "2026-11-26T18:00:00+00:00")


def test_a_teacher_has_only_their_own(cast: Cast) -> None:
    rows = cast.database.read(planning_list.plannings, cast.school, teacher_id=cast.bram)
    assert [row.title for row in rows] == ["Groep 7"]
    assert cast.database.read(planning_list.plannings, cast.school, teacher_id=0) == ()
    with pytest.raises(Refused) as caught:
        cast.database.read(planning_board.planning, cast.school, cast.noor_planning, teacher_id=cast.bram)
    assert caught.value.refusal == NotFound("planning")


@pytest.mark.parametrize(
    "query",
    [
        lambda session, cast: planning_list.plannings(session, cast.school),
        lambda session, cast: facts.check(session, cast.school, now=NOW),
        lambda session, cast: talk_list.rows(session, cast.school),
        lambda session, cast: candidates.candidates(session, cast.school, cast.noor_planning),
        lambda session, cast: planning_board.planning(session, cast.school, cast.noor_planning),
    ],
    ids=["list", "check", "export", "candidates", "overview"],
)
def test_more_rows_take_no_more_statements(cast: Cast, query: Any) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    with counted(cast.database) as few:
        cast.database.read(query, cast)
    cast.database.work(more_plannings, cast)
    book(cast, cast.yilmaz, cast.emir, cast.noor_slots[1])
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[1])
    with counted(cast.database) as many:
        cast.database.read(query, cast)
    assert len(many) == len(few)


def test_the_overview_names_the_booked_child(cast: Cast) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[1])
    view = cast.database.read(planning_board.planning, cast.school, cast.noor_planning)
    booked = view.block(cast.noor_slots[1]).booking
    assert booked is not None
    assert (booked.student, booked.family, booked.family_blocked) == ("Sanne de Vries", "de Vries", False)
    assert (view.count("free"), view.count("booked"), view.count("break")) == (17, 1, 0)
    with pytest.raises(Refused):
        view.block(cast.bram_slots[0])


def test_a_child_of_two_families_can_be_booked_for_each(cast: Cast) -> None:
    book(cast, cast.bakker, cast.lotte, cast.noor_slots[0])
    found = cast.database.read(candidates.candidates, cast.school, cast.noor_planning)
    shown = [(one.student, one.family, one.booking_id is not None, one.elsewhere) for one in found]
    assert shown == [
        ("Lotte Jansen", "Bakker", True, False),
        ("Lotte Jansen", "Jansen", False, True),
        ("Sanne de Vries", "de Vries", False, False),
        ("Elif Yılmaz", "Yılmaz", False, False),
        ("Emir Yılmaz", "Yılmaz", False, False),
    ]


def test_a_leaver_is_no_candidate(cast: Cast) -> None:
    def leave(session: Session) -> None:
        student = session.get(tables.Student, cast.sanne)
        assert student is not None
        student.left = NOW

    cast.database.work(leave)
    found = cast.database.read(candidates.candidates, cast.school, cast.noor_planning)
    assert cast.sanne not in {one.student_id for one in found}
    noor, _ = cast.database.read(planning_list.plannings, cast.school)
    assert noor.children == 3

"""The list of plannings with their counts, in a number of statements that does not grow with the list.

With `teacher_id` only that teacher's own plannings exist (T3, rule 6). For the desk, never for a parent's screen.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from storage.refusals import NotFound, Refused
from storage.tables import (
    Booking,
    Conference,
    Group,
    Planning,
    PlanningGroup,
    PlanningTeacher,
    Slot,
    Student,
    StudentGroup,
    Teacher,
)
from storage.words import PlanningState, SlotState


@dataclass(frozen=True, slots=True)
class PlanningGroupView:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class PlanningLine:
    """A planning in the list. `free`, `booked` and `breaks` count slots; `children` those in its groups."""

    id: int
    conference_id: int
    conference: str
    title: str
    state: PlanningState
    room: str
    teachers: tuple[str, ...]
    groups: tuple[str, ...]
    opens: datetime
    opens_early: datetime | None
    closes: datetime
    first: datetime | None
    last: datetime | None
    free: int
    booked: int
    breaks: int
    children: int
    booked_children: int


def plannings(
    session: Session, school_id: int, *, teacher_id: int | None = None, conference_id: int | None = None
) -> tuple[PlanningLine, ...]:
    """The list, newest conference first, then by title."""
    return _rows(session, school_id, listed(school_id, teacher_id, conference_id))


def of_conferences(
    session: Session, school_id: int, conference_ids: Collection[int], teacher_id: int | None = None
) -> tuple[PlanningLine, ...]:
    """The list of some conferences alone."""
    of_these = listed(school_id, teacher_id, None).where(col(Planning.conference_id).in_(conference_ids))
    return _rows(session, school_id, of_these)


def _rows(session: Session, school_id: int, sought: Select[*tuple[Any, ...]]) -> tuple[PlanningLine, ...]:
    rows = session.execute(sought).all()
    ids = [row.id for row in rows]
    named, grouped = _teacher_names(session, school_id, ids), _group_names(session, school_id, ids)
    counts, spans = _slot_counts(session, school_id, ids)
    children, booked = _children(session, school_id, ids), _booked_children(session, school_id, ids)
    return tuple(
        PlanningLine(
            id=row.id,
            conference_id=row.conference_id,
            conference=row.conference,
            title=row.title,
            state=row.state,
            room=row.room,
            teachers=tuple(named[row.id]),
            groups=tuple(grouped[row.id]),
            opens=row.opens,
            opens_early=row.opens_early,
            closes=row.closes,
            first=spans[row.id][0] if row.id in spans else None,
            last=spans[row.id][1] if row.id in spans else None,
            free=counts[row.id, "free"],
            booked=counts[row.id, "booked"],
            breaks=counts[row.id, "break"],
            children=children[row.id],
            booked_children=booked[row.id],
        )
        for row in rows
    )


def allow(session: Session, school_id: int, planning_id: int, teacher_id: int | None) -> None:
    """Raises Refused(NotFound) unless the planning is the school's and, for a teacher, their own (rule 6)."""
    rows = listed(school_id, teacher_id, None).where(col(Planning.id) == planning_id)
    if session.execute(rows).first() is None:
        raise Refused(NotFound("planning"))


def groups(session: Session, school_id: int) -> tuple[PlanningGroupView, ...]:
    """All groups of the school by name, to choose from."""
    sought = select(col(Group.id), col(Group.name)).where(col(Group.school_id) == school_id).order_by(col(Group.name))
    return tuple(PlanningGroupView(id_, name) for id_, name in session.execute(sought))


def listed(school_id: int, teacher_id: int | None, conference_id: int | None) -> Select[*tuple[Any, ...]]:
    """The plannings that there are for this person, as rows of ids and what is typed about them."""
    columns: tuple[Any, ...] = (
        col(Planning.id),
        col(Planning.conference_id),
        col(Conference.name).label("conference"),
        col(Planning.title),
        col(Planning.state),
        col(Planning.room),
        col(Planning.opens),
        col(Planning.opens_early),
        col(Planning.closes),
        col(Planning.mail_each_booking),
        col(Conference.policy),
    )
    sought: Select[*tuple[Any, ...]] = (
        select(*columns)
        .join(Conference, col(Conference.id) == col(Planning.conference_id))
        .where(col(Planning.school_id) == school_id)
        .order_by(col(Planning.conference_id).desc(), col(Planning.title), col(Planning.id))
    )
    if conference_id is not None:
        sought = sought.where(col(Planning.conference_id) == conference_id)
    if teacher_id is not None:
        own = select(col(PlanningTeacher.planning_id)).where(
            col(PlanningTeacher.school_id) == school_id, col(PlanningTeacher.teacher_id) == teacher_id
        )
        sought = sought.where(col(Planning.id).in_(own))
    return sought


def teachers_of(school_id: int, ids: list[int]) -> Select[*tuple[Any, ...]]:
    """(planning_id, id, name, email) of the teachers of these plannings."""
    return (
        select(col(PlanningTeacher.planning_id), col(Teacher.id), col(Teacher.name), col(Teacher.email))
        .join(Teacher, col(Teacher.id) == col(PlanningTeacher.teacher_id))
        .where(col(PlanningTeacher.school_id) == school_id, col(PlanningTeacher.planning_id).in_(ids))
        .order_by(col(Teacher.name))
    )


def groups_of(school_id: int, ids: list[int]) -> Select[*tuple[Any, ...]]:
    """(planning_id, group_id, name) of the groups of these plannings."""
    return (
        select(col(PlanningGroup.planning_id), col(PlanningGroup.group_id), col(Group.name))
        .join(Group, col(Group.id) == col(PlanningGroup.group_id))
        .where(col(PlanningGroup.school_id) == school_id, col(PlanningGroup.planning_id).in_(ids))
        .order_by(col(Group.name))
    )


def _teacher_names(session: Session, school_id: int, ids: list[int]) -> dict[int, list[str]]:
    named: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(teachers_of(school_id, ids)):
        named[row.planning_id].append(row.name)
    return named


def _group_names(session: Session, school_id: int, ids: list[int]) -> dict[int, list[str]]:
    named: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(groups_of(school_id, ids)):
        named[row.planning_id].append(row.name)
    return named


def _slot_counts(
    session: Session, school_id: int, ids: list[int]
) -> tuple[Counter[tuple[int, str]], dict[int, tuple[datetime, datetime]]]:
    """Slots by (planning, kind), and each planning's first start and last end."""
    held = col(Booking.id).is_not(None)
    sought = (
        select(
            col(Slot.planning_id),
            col(Slot.state),
            held.label("held"),
            func.count(),
            func.min(col(Slot.start)),
            func.max(col(Slot.end)),
        )
        .outerjoin(Booking, (col(Booking.slot_id) == col(Slot.id)) & col(Booking.cancelled).is_(None))
        .where(col(Slot.school_id) == school_id, col(Slot.planning_id).in_(ids))
        .group_by(col(Slot.planning_id), col(Slot.state), held)
    )
    counts: Counter[tuple[int, str]] = Counter()
    spans: dict[int, tuple[datetime, datetime]] = {}
    for planning_id, state, booked, number, first, last in session.execute(sought):
        kind = "booked" if booked else "break" if state is SlotState.BREAK else "free"
        counts[planning_id, kind] += number
        before = spans.get(planning_id, (first, last))
        spans[planning_id] = min(before[0], first), max(before[1], last)
    return counts, spans


def _children(session: Session, school_id: int, ids: list[int]) -> Counter[int]:
    sought = (
        select(col(PlanningGroup.planning_id), func.count(func.distinct(col(Student.id))))
        .join(StudentGroup, col(StudentGroup.group_id) == col(PlanningGroup.group_id))
        .join(Student, col(Student.id) == col(StudentGroup.student_id))
        .where(
            col(PlanningGroup.school_id) == school_id,
            col(PlanningGroup.planning_id).in_(ids),
            col(Student.left).is_(None),
        )
        .group_by(col(PlanningGroup.planning_id))
    )
    return Counter(dict(session.execute(sought).all()))


def _booked_children(session: Session, school_id: int, ids: list[int]) -> Counter[int]:
    sought = (
        select(col(Booking.planning_id), func.count(func.distinct(col(Booking.student_id))))
        .where(col(Booking.school_id) == school_id, col(Booking.planning_id).in_(ids), col(Booking.cancelled).is_(None))
        .group_by(col(Booking.planning_id))
    )
    return Counter(dict(session.execute(sought).all()))

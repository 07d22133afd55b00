"""The talks that stand, as rows for a spreadsheet or a sheet of paper (D17).

A number of statements that does not grow with the rows. Holds children's names and parents' addresses: for the desk and
the operator only, and within a teacher's own plannings for a teacher. Cancelled talks are not in it, those of a blocked
family are, and say so (D18). A child that has two families lends its address to neither (rule 23).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from storage.families.shared_children import shared_children
from storage.planning.views.planning_list import listed, teachers_of
from storage.tables import (
    Booking,
    Conference,
    Family,
    Group,
    Planning,
    PlanningTeacher,
    School,
    Slot,
    Student,
    StudentGroup,
)
from storage.timezone import day_bounds
from storage.values.person_names import called


@dataclass(frozen=True, slots=True)
class TalkFilter:
    """Which talks; nothing named is all. `day` is a local one."""

    conference_id: int | None = None
    planning_id: int | None = None
    teacher_id: int | None = None
    day: date | None = None


ALL = TalkFilter()


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One talk. `start` and `end` in UTC; `groups` are the child's, as they were then (rule 32)."""

    start: datetime
    end: datetime
    conference: str
    planning: str
    teachers: tuple[str, ...]
    room: str
    first_name: str  # as the child is called
    prefix: str
    last_name: str
    groups: tuple[str, ...]
    student_number: str
    family: str
    family_blocked: bool
    email: str
    phone: str
    planning_id: int = 0
    slot_id: int = 0


def rows(
    session: Session, school_id: int, wanted: TalkFilter = ALL, *, own: int | None = None
) -> tuple[ExportRow, ...]:
    """In order of time. With `own` only of that teacher's plannings, whatever is wanted."""
    plannings = plannings_of(session, school_id, wanted, own=own)
    talks = session.execute(_talks(school_id, plannings, bounds(session, school_id, wanted.day))).all()
    teachers: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(teachers_of(school_id, sorted({talk.planning_id for talk in talks}))):
        teachers[row.planning_id].append(row.name)
    groups: dict[int, list[str]] = defaultdict(list)
    for student_id, name in session.execute(_groups(school_id, plannings)):
        groups[student_id].append(name)
    shared = shared_children(session, school_id)
    return tuple(
        _row(talk, tuple(teachers[talk.planning_id]), tuple(groups[talk.student_id]), talk.student_id not in shared)
        for talk in talks
    )


def plannings_of(session: Session, school_id: int, wanted: TalkFilter, *, own: int | None = None) -> list[int]:
    """The ids of the plannings that are wanted and, for a teacher, their own."""
    sought = listed(school_id, own, wanted.conference_id)
    if wanted.planning_id is not None:
        sought = sought.where(col(Planning.id) == wanted.planning_id)
    if wanted.teacher_id is not None:
        taught = select(col(PlanningTeacher.planning_id)).where(
            col(PlanningTeacher.school_id) == school_id, col(PlanningTeacher.teacher_id) == wanted.teacher_id
        )
        sought = sought.where(col(Planning.id).in_(taught))
    return [row.id for row in session.execute(sought)]


def bounds(session: Session, school_id: int, day: date | None) -> tuple[datetime, datetime] | None:
    """The first moment of a local day and of the next."""
    if day is None:
        return None
    zone = session.execute(select(col(School.timezone)).where(col(School.id) == school_id)).scalar_one()
    return day_bounds(day, zone)


def _row(talk: Any, teachers: tuple[str, ...], groups: tuple[str, ...], lends: bool) -> ExportRow:
    return ExportRow(
        start=talk.start,
        end=talk.end,
        conference=talk.conference,
        planning=talk.planning,
        teachers=teachers,
        room=talk.room,
        first_name=called(talk.first_name, talk.call_name),
        prefix=talk.prefix,
        last_name=talk.last_name,
        groups=groups if talk.group_name is None else tuple(filter(None, (talk.group_name,))),
        student_number=talk.student_number,
        family=talk.family,
        family_blocked=talk.blocked,
        email=talk.family_email or (talk.email if lends else ""),
        phone=talk.phone if lends else "",
        planning_id=talk.planning_id,
        slot_id=talk.slot_id,
    )


def _talks(school_id: int, plannings: list[int], between: tuple[datetime, datetime] | None) -> Select[*tuple[Any, ...]]:
    columns: tuple[Any, ...] = (
        col(Slot.id).label("slot_id"),
        col(Slot.start),
        col(Slot.end),
        col(Conference.name).label("conference"),
        col(Planning.id).label("planning_id"),
        col(Planning.title).label("planning"),
        col(Planning.room),
        col(Student.id).label("student_id"),
        col(Student.first_name),
        col(Student.call_name),
        col(Student.prefix),
        col(Student.last_name),
        col(Student.student_number),
        col(Student.email),
        col(Student.phone),
        col(Family.name).label("family"),
        col(Family.email).label("family_email"),
        col(Family.blocked),
        col(Booking.group_name),
    )
    sought: Select[*tuple[Any, ...]] = (
        select(*columns)
        .select_from(Booking)
        .join(Slot, col(Slot.id) == col(Booking.slot_id))
        .join(Planning, col(Planning.id) == col(Booking.planning_id))
        .join(Conference, col(Conference.id) == col(Planning.conference_id))
        .join(Student, col(Student.id) == col(Booking.student_id))
        .join(Family, col(Family.id) == col(Booking.family_id))
        .where(col(Booking.school_id) == school_id, col(Booking.cancelled).is_(None))
        .where(col(Booking.planning_id).in_(plannings))
        .order_by(col(Slot.start), col(Planning.title), col(Booking.id))
    )
    return sought if between is None else sought.where(col(Slot.start) >= between[0], col(Slot.start) < between[1])


def _groups(school_id: int, plannings: list[int]) -> Select[*tuple[Any, ...]]:
    """(student_id, group) of every child that is booked."""
    booked = select(col(Booking.student_id)).where(
        col(Booking.school_id) == school_id,
        col(Booking.cancelled).is_(None),
        col(Booking.planning_id).in_(plannings),
    )
    return (
        select(col(StudentGroup.student_id), col(Group.name))
        .join(Group, col(Group.id) == col(StudentGroup.group_id))
        .where(col(StudentGroup.school_id) == school_id, col(StudentGroup.student_id).in_(booked))
        .order_by(col(Group.name))
    )

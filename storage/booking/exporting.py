"""All talks that stand, as rows for a spreadsheet (D17).

One statement for the talks, one each for teachers and groups. Holds children's names and parents' addresses: for the
desk and the operator only. Cancelled talks are not in it, those of a blocked family are, and say so (D18).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from storage.planning.listing import teachers_of
from storage.tables import Booking, Conference, Family, Group, Planning, Slot, Student, StudentGroup


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One talk. `start` and `end` in UTC; `groups` are the child's."""

    start: datetime
    end: datetime
    conference: str
    planning: str
    teachers: tuple[str, ...]
    room: str
    first_name: str
    prefix: str
    last_name: str
    groups: tuple[str, ...]
    student_number: str
    family: str
    family_blocked: bool
    email: str
    phone: str


def rows(
    session: Session,
    school_id: int,
    *,
    conference_id: int | None = None,
    planning_id: int | None = None,
    teacher_id: int | None = None,
) -> tuple[ExportRow, ...]:
    """The talks of the school, or of one conference, planning or teacher, in order of time."""
    talks = session.execute(_talks(school_id, conference_id, planning_id)).all()
    teachers: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(teachers_of(school_id, list({talk.planning_id for talk in talks}))):
        teachers[row.planning_id].append(row)
    groups: dict[int, list[str]] = defaultdict(list)
    for student_id, name in session.execute(_groups(school_id, planning_id)):
        groups[student_id].append(name)
    return tuple(
        ExportRow(
            start=talk.start,
            end=talk.end,
            conference=talk.conference,
            planning=talk.planning,
            teachers=tuple(teacher.name for teacher in teachers[talk.planning_id]),
            room=talk.room,
            first_name=talk.first_name,
            prefix=talk.prefix,
            last_name=talk.last_name,
            groups=tuple(groups[talk.student_id]),
            student_number=talk.student_number,
            family=talk.family,
            family_blocked=talk.blocked,
            email=talk.family_email or talk.email,
            phone=talk.phone,
        )
        for talk in talks
        if teacher_id is None or any(teacher.id == teacher_id for teacher in teachers[talk.planning_id])
    )


def _talks(school_id: int, conference_id: int | None, planning_id: int | None) -> Select[*tuple[Any, ...]]:
    columns: tuple[Any, ...] = (
        col(Slot.start),
        col(Slot.end),
        col(Conference.name).label("conference"),
        col(Planning.id).label("planning_id"),
        col(Planning.title).label("planning"),
        col(Planning.room),
        col(Student.id).label("student_id"),
        col(Student.first_name),
        col(Student.prefix),
        col(Student.last_name),
        col(Student.student_number),
        col(Student.email),
        col(Student.phone),
        col(Family.name).label("family"),
        col(Family.email).label("family_email"),
        col(Family.blocked),
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
        .order_by(col(Slot.start), col(Planning.title), col(Booking.id))
    )
    if conference_id is not None:
        sought = sought.where(col(Planning.conference_id) == conference_id)
    if planning_id is not None:
        sought = sought.where(col(Planning.id) == planning_id)
    return sought


def _groups(school_id: int, planning_id: int | None) -> Select[*tuple[Any, ...]]:
    """(student_id, group) of every child that is booked."""
    booked = select(col(Booking.student_id)).where(
        col(Booking.school_id) == school_id, col(Booking.cancelled).is_(None)
    )
    if planning_id is not None:
        booked = booked.where(col(Booking.planning_id) == planning_id)
    return (
        select(col(StudentGroup.student_id), col(Group.name))
        .join(Group, col(Group.id) == col(StudentGroup.group_id))
        .where(col(StudentGroup.school_id) == school_id, col(StudentGroup.student_id).in_(booked))
        .order_by(col(Group.name))
    )

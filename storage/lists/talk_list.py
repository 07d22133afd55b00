"""The talks that stand, as rows for a spreadsheet or a sheet of paper (D17).

A number of statements that does not grow with the rows. Holds children's names and parents' addresses: for the desk and
the operator only, and within a teacher's own plannings for a teacher. Cancelled talks are not in it, those of a blocked
family are, and say so (D18). A child that has two families lends its address to neither (rule 23).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session, col

from storage.booking import reading
from storage.booking.reading import LIVE, BookingRow
from storage.families.shared_children import shared_children
from storage.planning.views.planning_list import listed
from storage.tables import (
    Booking,
    Group,
    Planning,
    PlanningTeacher,
    School,
    Slot,
    StudentGroup,
)
from storage.timezone import day_bounds


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
    within: list[ColumnElement[bool]] = [col(Booking.planning_id).in_(plannings)]
    if (between := bounds(session, school_id, wanted.day)) is not None:
        within += [col(Slot.start) >= between[0], col(Slot.start) < between[1]]
    talks = reading.rows(session, school_id, LIVE, *within)
    groups: dict[int, list[str]] = defaultdict(list)
    for student_id, name in session.execute(_groups(school_id, plannings)):
        groups[student_id].append(name)
    shared = shared_children(session, school_id)
    return tuple(
        _row(talk, tuple(groups[talk.student_id]), talk.student_id not in shared)
        for talk in sorted(talks, key=lambda one: (one.start, one.title, one.id))
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


def _row(talk: BookingRow, groups: tuple[str, ...], lends: bool) -> ExportRow:
    return ExportRow(
        start=talk.start,
        end=talk.end,
        conference=talk.conference,
        planning=talk.title,
        teachers=talk.teachers,
        room=talk.room,
        first_name=talk.called,
        prefix=talk.prefix,
        last_name=talk.last_name,
        groups=groups if talk.group_name is None else tuple(filter(None, (talk.group_name,))),
        student_number=talk.student_number,
        family=talk.family_name,
        family_blocked=talk.family_blocked,
        email=talk.family_email or (talk.student_email if lends else ""),
        phone=talk.student_phone if lends else "",
        planning_id=talk.planning_id,
        slot_id=talk.slot_id,
    )


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

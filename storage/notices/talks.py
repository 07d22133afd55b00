"""Bookings as a notice tells of them: one family's day, one teacher's days. Only reads."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlmodel import Session, col

from storage.booking.views import BookingView
from storage.tables import Booking, Conference, Family, Planning, PlanningTeacher, Slot, Student, Teacher
from storage.values.person_names import called, full


def talk(session: Session, school_id: int, booking_id: int) -> BookingView | None:
    """One booking, cancelled or not."""
    return next(iter(_talks(session, school_id, col(Booking.id) == booking_id)), None)


def family_talks(
    session: Session, school_id: int, family_id: int, begin: datetime, end: datetime
) -> tuple[BookingView, ...]:
    """A family's live talks that start in [begin, end), by start."""
    return _talks(
        session,
        school_id,
        col(Booking.family_id) == family_id,
        col(Booking.cancelled).is_(None),
        *_within(begin, end),
    )


def coming_talks(
    session: Session, school_id: int, planning_id: int, family_id: int, now: datetime
) -> tuple[BookingView, ...]:
    """A family's live talks in one planning that have not begun, by start."""
    return _talks(
        session,
        school_id,
        col(Booking.planning_id) == planning_id,
        col(Booking.family_id) == family_id,
        col(Booking.cancelled).is_(None),
        col(Slot.start) > now,
    )


def planning_talks(
    session: Session, school_id: int, planning_ids: Collection[int], begin: datetime, end: datetime
) -> tuple[BookingView, ...]:
    """The live talks of some plannings that start in [begin, end), by start."""
    return _talks(
        session,
        school_id,
        col(Booking.planning_id).in_(planning_ids),
        col(Booking.cancelled).is_(None),
        *_within(begin, end),
    )


def _within(begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Slot.start) >= begin, col(Slot.start) < end


def _talks(session: Session, school_id: int, *wanted: ColumnElement[bool]) -> tuple[BookingView, ...]:
    statement = (
        select(Booking, Slot, Planning, Conference, Student, Family)
        .join(Slot, _same(Slot, Booking.slot_id))
        .join(Planning, _same(Planning, Booking.planning_id))
        .join(Student, _same(Student, Booking.student_id))
        .join(Family, _same(Family, Booking.family_id))
        .join(
            Conference,
            and_(
                col(Conference.school_id) == col(Planning.school_id),
                col(Conference.id) == col(Planning.conference_id),
            ),
        )
        .where(col(Booking.school_id) == school_id, *wanted)
        .order_by(col(Slot.start), col(Booking.id))
    )
    rows = session.execute(statement).all()
    teachers = _teachers(session, school_id, {row.Planning.id for row in rows})
    return tuple(_view(row, teachers.get(row.Planning.id, ())) for row in rows)


def _same(table: type[Slot] | type[Planning] | type[Student] | type[Family], key: int) -> ColumnElement[bool]:
    return and_(col(table.school_id) == col(Booking.school_id), col(table.id) == col(key))


def _teachers(session: Session, school_id: int, plannings: Collection[int]) -> dict[int, tuple[str, ...]]:
    rows = session.execute(
        select(col(PlanningTeacher.planning_id), col(Teacher.name))
        .join(
            Teacher,
            and_(
                col(Teacher.school_id) == col(PlanningTeacher.school_id),
                col(Teacher.id) == col(PlanningTeacher.teacher_id),
            ),
        )
        .where(col(PlanningTeacher.school_id) == school_id, col(PlanningTeacher.planning_id).in_(plannings))
        .order_by(col(Teacher.id))
    )
    names: dict[int, tuple[str, ...]] = {}
    for planning_id, name in rows:
        names[planning_id] = (*names.get(planning_id, ()), name)
    return names


def _view(row: Any, teachers: tuple[str, ...]) -> BookingView:
    booking, slot, planning, student = row.Booking, row.Slot, row.Planning, row.Student
    return BookingView(
        id=booking.id,
        school_id=booking.school_id,
        family_id=booking.family_id,
        family_name=row.Family.name,
        student_id=booking.student_id,
        first_name=called(student.first_name, student.call_name),
        student_name=full(student.first_name, student.prefix, student.last_name, student.call_name),
        planning_id=booking.planning_id,
        conference=row.Conference.name,
        title=planning.title,
        teachers=teachers,
        room=planning.room,
        remarks=planning.remarks,
        slot_id=booking.slot_id,
        start=slot.start,
        end=slot.end,
        revision=booking.revision,
        cancelled=booking.cancelled is not None,
    )

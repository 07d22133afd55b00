"""Bookings as they stand, for cards, calendar files, lists and exports."""

from typing import Any

from sqlalchemy import and_, select
from sqlmodel import Session, col

from storage.booking.teachers import names, teachers_of
from storage.booking.views import BookingView
from storage.tables import Booking, Conference, Family, Planning, Slot, Student
from storage.values.person_names import called, full


def _of(table: Any, key: Any) -> Any:
    """The booking's row of another table, by the composite key."""
    return and_(col(table.school_id) == col(Booking.school_id), col(table.id) == key)


_BOOKINGS = (
    select(
        col(Booking.id),
        col(Booking.school_id),
        col(Booking.family_id),
        col(Family.name),
        col(Booking.student_id),
        col(Student.first_name),
        col(Student.prefix),
        col(Student.last_name),
        col(Student.call_name),
        col(Booking.planning_id),
        col(Conference.name),
        col(Planning.title),
        teachers_of(col(Booking.school_id), col(Booking.planning_id)),
        col(Planning.room),
        col(Planning.remarks),
        col(Booking.slot_id),
        col(Slot.start),
        col(Slot.end),
        col(Booking.revision),
        col(Booking.cancelled),
    )
    .join(Family, _of(Family, col(Booking.family_id)))
    .join(Student, _of(Student, col(Booking.student_id)))
    .join(Planning, _of(Planning, col(Booking.planning_id)))
    .join(Conference, _of(Conference, col(Planning.conference_id)))
    .join(Slot, _of(Slot, col(Booking.slot_id)))
    .order_by(col(Slot.start), col(Booking.id))
)


def booking(session: Session, school_id: int, booking_id: int, family_id: int | None = None) -> BookingView | None:
    """One booking, also a cancelled one; with `family_id`, of no other family (rule 6)."""
    found = _BOOKINGS.where(col(Booking.school_id) == school_id, col(Booking.id) == booking_id)
    if family_id is not None:
        found = found.where(col(Booking.family_id) == family_id)
    row = session.connection().execute(found).first()
    return None if row is None else _view(row)


def bookings(
    session: Session, school_id: int, *, family_id: int | None = None, planning_id: int | None = None
) -> tuple[BookingView, ...]:
    """Live bookings of a school, a family or a planning, by time. One query, however many."""
    found = _BOOKINGS.where(col(Booking.school_id) == school_id, col(Booking.cancelled).is_(None))
    if family_id is not None:
        found = found.where(col(Booking.family_id) == family_id)
    if planning_id is not None:
        found = found.where(col(Booking.planning_id) == planning_id)
    return tuple(_view(row) for row in session.connection().execute(found))


def _view(row: Any) -> BookingView:
    (
        id_, school, family, family_name, student, first, prefix, last, call, planning, conference, title,
        teachers, room, remarks, slot, start, end, revision, cancelled,
    ) = row  # fmt: skip
    return BookingView(
        id=id_,
        school_id=school,
        family_id=family,
        family_name=family_name,
        student_id=student,
        first_name=called(first, call),
        student_name=full(first, prefix, last, call),
        planning_id=planning,
        conference=conference,
        title=title,
        teachers=names(teachers),
        room=room,
        remarks=remarks,
        slot_id=slot,
        start=start,
        end=end,
        revision=revision,
        cancelled=cancelled is not None,
    )

"""Bookings as they stand, joined with all that they belong to: for cards, calendar files, lists, files and exports.

The one projection: whatever shows a booking takes what it wants of a row of it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import Session, col

from storage.booking.teachers import names, teachers_of
from storage.booking.views import BookingView
from storage.booking.within import FAMILY, here
from storage.database.joins import same
from storage.database.prepared import Prepared
from storage.tables import Booking, Conference, Family, FamilyStudent, Planning, Slot, Student
from storage.values import person_names
from storage.words import Policy


class BookingRow(NamedTuple):
    """A booking, live or cancelled, with its slot, planning, child and family. Moments are UTC."""

    id: int
    school_id: int
    planning_id: int
    slot_id: int
    student_id: int
    family_id: int
    revision: int
    group_name: str | None  # set when the child moved up since
    made: datetime
    cancelled: datetime | None
    start: datetime
    end: datetime
    conference: str
    title: str
    room: str
    remarks: str
    joined_teachers: str | None
    given_name: str
    prefix: str
    last_name: str
    call_name: str
    student_number: str
    student_email: str
    student_phone: str
    family_name: str
    family_email: str
    family_blocked: bool

    @property
    def teachers(self) -> tuple[str, ...]:
        return names(self.joined_teachers)

    @property
    def called(self) -> str:
        """`Sanne`."""
        return person_names.called(self.given_name, self.call_name)

    @property
    def student(self) -> str:
        """`Sanne de Vries`."""
        return person_names.full(self.given_name, self.prefix, self.last_name, self.call_name)


_COLUMNS: tuple[Any, ...] = (  # in the order of BookingRow
    col(Booking.id),
    col(Booking.school_id),
    col(Booking.planning_id),
    col(Booking.slot_id),
    col(Booking.student_id),
    col(Booking.family_id),
    col(Booking.revision),
    col(Booking.group_name),
    col(Booking.made),
    col(Booking.cancelled),
    col(Slot.start),
    col(Slot.end),
    col(Conference.name),
    col(Planning.title),
    col(Planning.room),
    col(Planning.remarks),
    teachers_of(col(Booking.school_id), col(Booking.planning_id)),
    col(Student.first_name),
    col(Student.prefix),
    col(Student.last_name),
    col(Student.call_name),
    col(Student.student_number),
    col(Student.email),
    col(Student.phone),
    col(Family.name),
    col(Family.email),
    col(Family.blocked),
)
_BOOKINGS = (
    select(*_COLUMNS)
    .join(Family, same(Family.id, Booking.family_id))
    .join(Student, same(Student.id, Booking.student_id))
    .join(Planning, same(Planning.id, Booking.planning_id))
    .join(Conference, same(Conference.id, Planning.conference_id))
    .join(Slot, same(Slot.id, Booking.slot_id))
    .order_by(col(Slot.start), col(Booking.id))
)
LIVE: ColumnElement[bool] = col(Booking.cancelled).is_(None)
_OF_FAMILY = Prepared(_BOOKINGS.where(here(Booking, col(Booking.family_id) == FAMILY, LIVE)))


def rows(session: Session, school_id: int, *wanted: ColumnElement[bool]) -> list[BookingRow]:
    """The school's bookings that fit, by time. One query, however many.

    `wanted` are conditions on Booking, Slot, Planning, Conference, Student or Family; `LIVE` is one.
    """
    found: Any = session.connection().execute(_BOOKINGS.where(col(Booking.school_id) == school_id, *wanted))
    return [BookingRow(*row) for row in found]


def views(session: Session, school_id: int, *wanted: ColumnElement[bool]) -> tuple[BookingView, ...]:
    """The same, as what is told of them."""
    return tuple(_view(row) for row in rows(session, school_id, *wanted))


def booking(session: Session, school_id: int, booking_id: int, family_id: int | None = None) -> BookingView | None:
    """One booking, also a cancelled one; with `family_id`, of no other family (rule 6)."""
    own = () if family_id is None else (col(Booking.family_id) == family_id,)
    return next(iter(views(session, school_id, col(Booking.id) == booking_id, *own)), None)


def of_family(session: Session, school_id: int, family_id: int) -> tuple[BookingView, ...]:
    """Live bookings of a family, by time: on every screen of a chat, so compiled once."""
    found = _OF_FAMILY.rows(session, school=school_id, family=family_id)
    return tuple(_view(BookingRow(*row)) for row in found)


def bookings(
    session: Session, school_id: int, *, family_id: int | None = None, planning_id: int | None = None
) -> tuple[BookingView, ...]:
    """Live bookings of a school, a family or a planning, by time."""
    wanted = [LIVE]
    if family_id is not None:
        wanted.append(col(Booking.family_id) == family_id)
    if planning_id is not None:
        wanted.append(col(Booking.planning_id) == planning_id)
    return views(session, school_id, *wanted)


def household_talks(
    session: Session, school_id: int, family_id: int, *wanted: ColumnElement[bool]
) -> tuple[BookingView, ...]:
    """A family's bookings, and those that its children's other families hold under *together* (rule 12), by time.

    Of the other family nothing is told: its name is left out.
    """
    children = select(col(FamilyStudent.student_id)).where(
        col(FamilyStudent.school_id) == school_id, col(FamilyStudent.family_id) == family_id
    )
    invited = and_(col(Conference.policy) == Policy.TOGETHER, col(Booking.student_id).in_(children))
    found = views(session, school_id, or_(col(Booking.family_id) == family_id, invited), *wanted)
    return tuple(talk if talk.family_id == family_id else replace(talk, family_name="") for talk in found)


def households(session: Session, school_id: int, booking_id: int) -> tuple[int, ...]:
    """The families that hear of a booking: the one that holds it, then those that it invites (rule 12)."""
    held: Any = session.execute(
        select(col(Booking.family_id), col(Booking.student_id), col(Conference.policy))
        .join(Planning, same(Planning.id, Booking.planning_id))
        .join(Conference, same(Conference.id, Planning.conference_id))
        .where(col(Booking.school_id) == school_id, col(Booking.id) == booking_id)
    ).one_or_none()
    if held is None:
        return ()
    others = select(col(FamilyStudent.family_id)).where(
        col(FamilyStudent.school_id) == school_id, col(FamilyStudent.student_id) == held.student_id
    )
    invited = sorted(session.execute(others).scalars()) if held.policy is Policy.TOGETHER else []
    return held.family_id, *(family for family in invited if family != held.family_id)


def _view(row: BookingRow) -> BookingView:
    return BookingView(
        id=row.id,
        school_id=row.school_id,
        family_id=row.family_id,
        family_name=row.family_name,
        student_id=row.student_id,
        first_name=row.called,
        student_name=row.student,
        planning_id=row.planning_id,
        conference=row.conference,
        title=row.title,
        teachers=row.teachers,
        room=row.room,
        remarks=row.remarks,
        slot_id=row.slot_id,
        start=row.start,
        end=row.end,
        revision=row.revision,
        cancelled=row.cancelled is not None,
    )

"""Bookings as a notice tells of them: one family's day, one teacher's days. Only reads."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from storage.booking.reading import LIVE, household_talks, views
from storage.booking.views import BookingView
from storage.tables import Booking, Slot


def family_talks(
    session: Session, school_id: int, family_id: int, begin: datetime, end: datetime
) -> tuple[BookingView, ...]:
    """A family's live talks that start in [begin, end), also those it is invited to (rule 12), by start."""
    return household_talks(session, school_id, family_id, LIVE, *_within(begin, end))


def coming_talks(
    session: Session, school_id: int, planning_id: int, family_id: int, now: datetime
) -> tuple[BookingView, ...]:
    """A family's live talks in one planning that have not begun, also those it is invited to, by start."""
    coming = col(Booking.planning_id) == planning_id, col(Slot.start) > now
    return household_talks(session, school_id, family_id, LIVE, *coming)


def planning_talks(
    session: Session, school_id: int, planning_ids: Collection[int], begin: datetime, end: datetime
) -> tuple[BookingView, ...]:
    """The live talks of some plannings that start in [begin, end), by start."""
    return views(session, school_id, LIVE, col(Booking.planning_id).in_(planning_ids), *_within(begin, end))


def _within(begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Slot.start) >= begin, col(Slot.start) < end

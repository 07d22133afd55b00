"""The composite-key join: rows belong together when school and id agree, never by an id alone.

Every table that belongs to a school has foreign keys of both columns. A join that forgot the school would still give
the right rows today, and another school's on the day that an id came from outside.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import col


def same(one: Any, other: Any) -> ColumnElement[bool]:
    """Both columns name the same row of the same school: `same(Slot.id, Booking.slot_id)`.

    Each is a mapped attribute of a table with a `school_id`, or of an alias of one; which comes first does not matter.
    """
    return and_(_school(one) == _school(other), col(one) == col(other))


def _school(column: Any) -> Any:
    return col(column.parent.entity.school_id)

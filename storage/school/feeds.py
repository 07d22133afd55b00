"""Calendar feeds (D26): all talks of a teacher or a group at a secret address, for a calendar to subscribe to.

The address carries an HMAC over a nonce of the row: it can be shown again, a stolen database holds none, and a new
nonce makes the old address dead at once. What it shows goes to calendar services, so of a child it holds the first
name, one letter and the group, and nothing else.

A cancelled talk stays in it for a while, as cancelled: some synchronisers keep what merely disappears, and all of it
where nothing is left.
"""

import base64
import hmac
import re
import secrets
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from storage.access.chats import SchoolView
from storage.audit.record import record
from storage.booking import reading
from storage.booking.reading import LIVE
from storage.privacy.retention_table import CANCELLED
from storage.refusals import NotFound, Refused
from storage.schools import school
from storage.tables import (
    Audit,
    Booking,
    Group,
    PlanningTeacher,
    Slot,
    StudentGroup,
    Teacher,
)
from storage.values.person_names import initialled
from storage.words import Act, Acting

PAST = timedelta(days=30)  # what is longer ago is no longer in it
_TOKEN = re.compile(r"([gt])([1-9][0-9]{0,9})-([A-Za-z0-9_-]{43})")
_TURNS = (Act.BOOKED, Act.MOVED)


class Whose(StrEnum):
    TEACHER = "teacher"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class FeedTalk:
    """One talk. `child` is `Sanne V.`; `changed` when it was booked, moved, cancelled or its planning changed last."""

    booking_id: int
    revision: int
    start: datetime
    end: datetime
    child: str
    groups: tuple[str, ...]
    conference: str
    title: str
    teachers: tuple[str, ...]
    room: str
    changed: datetime
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    school: SchoolView
    whose: Whose
    name: str  # of the teacher or the group
    talks: tuple[FeedTalk, ...]


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """`token` is "" where there is no feed yet; else the secret part of its address: never log it."""

    id: int
    name: str
    token: str


def read(session: Session, token: str, pepper: bytes, now: datetime) -> Feed | None:
    """What a calendar that knows this address gets; None for an address that does not work (any more)."""
    found = _TOKEN.fullmatch(token)
    if found is None or int(found[2]) >= 2**31:
        return None
    whose = Whose.GROUP if found[1] == "g" else Whose.TEACHER
    row: Teacher | Group | None = session.get(_TABLES[whose], int(found[2]))
    right = _token(pepper, whose, int(found[2]), row.feed) if row is not None else ""
    if row is None or not row.feed or not hmac.compare_digest(token.encode(), right.encode()):
        return None
    return Feed(school(session, row.school_id), whose, row.name, _talks(session, row, now))


def address(session: Session, school_id: int, whose: Whose, row_id: int, pepper: bytes) -> FeedAddress:
    """Where one feed is. Raises Refused(NotFound)."""
    return _address(_row(session, school_id, whose, row_id), whose, pepper)


def addresses(session: Session, school_id: int, whose: Whose, pepper: bytes) -> tuple[FeedAddress, ...]:
    """Every group, or every teacher of a planning, by name: with the feed's token where it has one."""
    table = _TABLES[whose]
    asked = select(table).where(col(table.school_id) == school_id).order_by(col(table.name), col(table.id))
    if whose is Whose.TEACHER:
        seated = select(col(PlanningTeacher.teacher_id)).where(col(PlanningTeacher.school_id) == school_id)
        asked = asked.where(col(Teacher.id).in_(seated) | (col(Teacher.feed) != ""))
    return tuple(_address(row, whose, pepper) for row in session.scalars(asked))


def renew(session: Session, school_id: int, acting: Acting, whose: Whose, row_id: int, pepper: bytes) -> FeedAddress:
    """A new address; an old one is dead at once. Raises Refused(NotFound)."""
    row = _row(session, school_id, whose, row_id)
    row.feed = secrets.token_urlsafe(24)
    session.flush()
    record(session, school_id, acting, Act.FEED_RENEWED, row_id, whose=str(whose))
    return _address(row, whose, pepper)


def stop(session: Session, school_id: int, acting: Acting, whose: Whose, row_id: int) -> None:
    """No address any more. Raises Refused(NotFound)."""
    row = _row(session, school_id, whose, row_id)
    if row.feed:
        row.feed = ""
        session.flush()
        record(session, school_id, acting, Act.FEED_RENEWED, row_id, whose=str(whose), stopped=True)


_TABLES: dict[Whose, Any] = {Whose.TEACHER: Teacher, Whose.GROUP: Group}


def _row(session: Session, school_id: int, whose: Whose, row_id: int) -> Teacher | Group:
    table = _TABLES[whose]
    found: Teacher | Group | None = session.scalars(
        select(table).where(col(table.school_id) == school_id, col(table.id) == row_id)
    ).one_or_none()
    if found is None:
        raise Refused(NotFound(str(whose)))
    return found


def _address(row: Teacher | Group, whose: Whose, pepper: bytes) -> FeedAddress:
    assert row.id is not None
    return FeedAddress(row.id, row.name, _token(pepper, whose, row.id, row.feed) if row.feed else "")


def _token(pepper: bytes, whose: Whose, row_id: int, nonce: str) -> str:
    key = hmac.digest(pepper, f"feed\0{whose}\0{row_id}\0{nonce}".encode(), "sha256")
    return f"{whose[0]}{row_id}-{base64.urlsafe_b64encode(key).decode().rstrip('=')}"


def _talks(session: Session, of: Teacher | Group, now: datetime) -> tuple[FeedTalk, ...]:
    """Those that stand, and those that were cancelled not too long ago, by their start."""
    shown = or_(LIVE, col(Booking.cancelled) > CANCELLED.over(now))
    rows = reading.rows(session, of.school_id, shown, col(Slot.end) > now - PAST, _theirs(of))
    groups = _groups(session, of.school_id, {row.student_id for row in rows})
    turned = _last(session, of.school_id, {row.id for row in rows}, _TURNS)
    replanned = _last(session, of.school_id, {row.planning_id for row in rows}, (Act.PLANNING_CHANGED,))
    return tuple(
        FeedTalk(
            booking_id=row.id,
            revision=row.revision,
            start=row.start,
            end=row.end,
            child=initialled(row.given_name, row.last_name, row.call_name),
            groups=(row.group_name,) if row.group_name else groups.get(row.student_id, ()),
            conference=row.conference,
            title=row.title,
            teachers=row.teachers,
            room=row.room,
            changed=row.cancelled or max(turned.get(row.id, row.made), replanned.get(row.planning_id, row.made)),
            cancelled=row.cancelled is not None,
        )
        for row in rows
    )


def _theirs(of: Teacher | Group) -> ColumnElement[bool]:
    if isinstance(of, Teacher):
        seats = select(col(PlanningTeacher.planning_id))
        own = seats.where(col(PlanningTeacher.school_id) == of.school_id, col(PlanningTeacher.teacher_id) == of.id)
        return col(Booking.planning_id).in_(own)
    members = select(col(StudentGroup.student_id)).where(
        col(StudentGroup.school_id) == of.school_id, col(StudentGroup.group_id) == of.id
    )
    return col(Booking.student_id).in_(members)


def _groups(session: Session, school_id: int, students: Collection[int]) -> dict[int, tuple[str, ...]]:
    rows = session.execute(
        select(col(StudentGroup.student_id), col(Group.name))
        .join(Group, col(Group.id) == col(StudentGroup.group_id))
        .where(col(StudentGroup.school_id) == school_id, col(StudentGroup.student_id).in_(students))
        .order_by(col(Group.name))
    )
    found: dict[int, tuple[str, ...]] = defaultdict(tuple)
    for student_id, name in rows:
        found[student_id] += (name,)
    return found


def _last(session: Session, school_id: int, subjects: Collection[int], acts: tuple[Act, ...]) -> dict[int, datetime]:
    """When such an act was last done to each of these: bookings and plannings keep no moment of their own for it."""
    rows: Any = session.execute(
        select(col(Audit.subject), func.max(col(Audit.at)))
        .where(col(Audit.school_id) == school_id, col(Audit.subject).in_(subjects), col(Audit.act).in_(acts))
        .group_by(col(Audit.subject))
    )
    return dict(rows.all())

"""Reminders: which are due is asked of the database at each tick (rules 18–20). Nothing is sent here.

A family is reminded of a day's talks at 18:00 on its school's wall the day before, once, with a part for each child. A
talk that is moved after that is reminded anew; one that is only booked after that is not: its card has just said so.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlmodel import Session, col

from storage.database.joins import same
from storage.outbox.recipients import pushable_chats
from storage.outbox.write import enqueue
from storage.tables import Audit, Booking, Conference, Family, FamilyStudent, Notice, Planning, School, Slot
from storage.timezone import day_bounds, local_day, wall_moment
from storage.words import Act, NoticeKind, Policy, Recipient

REMINDER_AT = time(18, 0)
_AHEAD = timedelta(days=3)  # more than from 18:00 to the end of the next day, in any zone and on any clock change


@dataclass(slots=True)
class _Day:
    """A family's talks on one local day, and the last time that one of them was moved since the reminder's moment."""

    booked_before: bool = False
    moved: list[datetime] = field(default_factory=list)


def plan_reminders(session: Session, now: datetime) -> int:
    """Write down each reminder that is due and was not written before. Returns for how many families."""
    days: dict[tuple[int, int, date], _Day] = defaultdict(_Day)
    rows = [*session.execute(_upcoming(now)).all(), *session.execute(_invited(now)).all()]
    moves = _last_moves(session, now, rows)
    for row in rows:
        day = local_day(row.start, row.timezone)
        since = reminder_moment(day, row.timezone)
        if now < since:
            continue
        known = days[row.school_id, row.family_id, day]
        known.booked_before |= row.made < since
        if (moved := moves.get(row.id)) is not None and moved >= since:
            known.moved.append(moved)
    return sum(_remind(session, *key, known, now) for key, known in sorted(days.items()))


def reminder_moment(day: date, zone: str) -> datetime:
    """18:00 on the wall the day before: not 24 hours before anything (rule 18)."""
    return wall_moment(day - timedelta(days=1), REMINDER_AT, zone)


def reminded_day(moment: str, zone: str) -> tuple[datetime, datetime]:
    """The bounds, in UTC, of the local day that a reminder with this `moment` speaks of."""
    return day_bounds(date.fromisoformat(moment[:10]), zone)


def _remind(session: Session, school_id: int, family_id: int, day: date, known: _Day, now: datetime) -> int:
    """`moment` is the day, and after a move when that was: it only grows, so the unmoved are never told twice."""
    if not (known.booked_before or known.moved):
        return 0
    moment = f"{day}" + (f" {max(known.moved):%Y-%m-%dT%H:%M:%S.%f}" if known.moved else "")
    if moment <= _last_told(session, school_id, family_id, day):
        return 0
    chats = pushable_chats(session, school_id, family_id)
    to = [(Recipient.CHAT, chat) for chat in chats] or [(Recipient.FAMILY, family_id)]
    for recipient, recipient_id in to:
        enqueue(session, school_id, NoticeKind.REMINDER, family_id, moment, recipient, recipient_id, now)
    return 1


def _last_told(session: Session, school_id: int, family_id: int, day: date) -> str:
    told = select(func.max(col(Notice.moment))).where(
        col(Notice.school_id) == school_id,
        col(Notice.kind) == NoticeKind.REMINDER,
        col(Notice.subject) == family_id,
        col(Notice.moment).startswith(f"{day}"),
    )
    return session.execute(told).scalar() or ""


def _upcoming(now: datetime) -> Select[*tuple[Any, ...]]:
    """The talks of the next days, each with the family that holds it."""
    return _soon(now).join(Family, same(Family.id, Booking.family_id))


def _invited(now: datetime) -> Select[*tuple[Any, ...]]:
    """The same talks with the child's other families, which are invited under *together* (rule 12)."""
    return (
        _soon(now)
        .join(Planning, same(Planning.id, Booking.planning_id))
        .join(Conference, same(Conference.id, Planning.conference_id))
        .join(FamilyStudent, same(FamilyStudent.student_id, Booking.student_id))
        .join(Family, same(Family.id, FamilyStudent.family_id))
        .where(col(Conference.policy) == Policy.TOGETHER, col(Family.id) != col(Booking.family_id))
    )


def _soon(now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(Booking.id),
            col(Booking.school_id),
            col(Family.id).label("family_id"),
            col(Booking.made),
            col(Booking.revision),
            col(Slot.start),
            col(School.timezone),
        )
        .select_from(Booking)
        .join(Slot, same(Slot.id, Booking.slot_id))
        .join(School, col(School.id) == col(Booking.school_id))
        .where(col(Booking.cancelled).is_(None), col(Family.blocked).is_(False))
        .where(col(Slot.start) > now, col(Slot.start) < now + _AHEAD)
    )


def _last_moves(session: Session, now: datetime, rows: Sequence[Row[Any]]) -> dict[int, datetime]:
    """When each of these bookings was last moved, by the audit trail."""
    moved = [row.id for row in rows if row.revision]
    if not moved:
        return {}
    asked = (
        select(col(Audit.subject), func.max(col(Audit.at)))
        .where(col(Audit.act) == Act.MOVED, col(Audit.subject).in_(moved), col(Audit.at) <= now)
        .group_by(col(Audit.subject))
    )
    return {subject: at for subject, at in session.execute(asked) if subject is not None}

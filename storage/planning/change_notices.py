"""When a planning changes its room, title, teachers or remarks, families with a talk there come to know (rule 13, P10).

In a chat the card is edited, so that it never holds two truths. A family without a chat gets one mail, over all its
children there, when the teacher or the room becomes another one. The talks themselves stand as they were, so their
revisions do not grow: what still waits to be told stays true.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, select
from sqlmodel import Session, col

from storage.database.joins import same
from storage.outbox.write import enqueue
from storage.tables import Booking, Chat, Family, Link, Notice, Slot
from storage.words import ChatKind, NoticeKind, NoticeState, Recipient

_SLOT = same(Slot.id, Booking.slot_id)
_LINK = same(Link.family_id, Booking.family_id)
_PUSHABLE = (col(Chat.kind) == ChatKind.TELEGRAM, col(Chat.reachable).is_(True))


def show_cards_anew(session: Session, school_id: int, planning_id: int, now: datetime) -> int:
    """Queue each coming talk's card for the family's Telegram chats; returns how many. A web chat is always new."""
    cards: Select[*tuple[Any, ...]] = (
        select(col(Booking.id), col(Booking.revision), col(Chat.id).label("chat_id"))
        .join(Slot, _SLOT)
        .join(Link, _LINK)
        .join(Chat, col(Chat.id) == col(Link.chat_id))
        .where(*_coming(school_id, planning_id, now), *_PUSHABLE)
    )
    rows = session.execute(cards).all()
    for row in rows:
        moment = f"{row.revision}+{int(now.timestamp())}"
        enqueue(session, school_id, NoticeKind.CARD, row.id, moment, Recipient.CHAT, row.chat_id, now)
    return len(rows)


def tell_by_mail(session: Session, school_id: int, planning_id: int, now: datetime) -> int:
    """A mail to each family with a coming talk that no chat tells of it; returns to how many.

    Never twice: what waits already is written when it is sent, with what is true then. So a family that waits for a
    mail about each of its talks here, or about this planning, gets no more. Each household has its own (rule 23).
    """
    pushable = select(col(Link.id)).join(Chat, col(Chat.id) == col(Link.chat_id)).where(_LINK, *_PUSHABLE)
    told_of_talk = _waiting(NoticeKind.CHANGED, col(Booking.id))
    told_of_planning = _waiting(NoticeKind.PLANNING_CHANGED, col(Booking.planning_id))
    families = (
        select(col(Booking.family_id))
        .join(Slot, _SLOT)
        .join(Family, same(Family.id, Booking.family_id))
        .where(
            *_coming(school_id, planning_id, now),
            col(Family.blocked).is_(False),
            ~pushable.exists(),
            ~told_of_talk.exists(),
            ~told_of_planning.exists(),
        )
        .distinct()
        .order_by(col(Booking.family_id))
    )
    found = session.execute(families).scalars().all()
    for family_id in found:
        kind, moment = NoticeKind.PLANNING_CHANGED, now.isoformat(timespec="microseconds")
        enqueue(session, school_id, kind, planning_id, moment, Recipient.FAMILY, family_id, now)
    return len(found)


def _coming(school_id: int, planning_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Booking.school_id) == school_id,
        col(Booking.planning_id) == planning_id,
        col(Booking.cancelled).is_(None),
        col(Slot.start) > now,
    )


def _waiting(kind: NoticeKind, subject: SQLColumnExpression[Any]) -> Select[Any]:
    """A mail to the booking's family that is written already and not on its way."""
    return select(col(Notice.id)).where(
        same(Notice.recipient_id, Booking.family_id),
        col(Notice.recipient) == Recipient.FAMILY,
        col(Notice.kind) == kind,
        col(Notice.subject) == subject,
        col(Notice.state) == NoticeState.WAITING,
    )

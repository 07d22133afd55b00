"""When a planning's room, title, teachers or remarks change, the cards of its talks are shown anew (rule 13, P10).

The talks themselves stand as they were, so their revisions do not grow: what still waits to be told stays true.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from storage.notices.telling import tell
from storage.tables import Booking, Chat, Link, Slot
from storage.words import ChatKind, NoticeKind, Recipient


def show_cards_anew(session: Session, school_id: int, planning_id: int, now: datetime) -> int:
    """Queue each coming talk's card for the family's Telegram chats; returns how many. A web chat is always new."""
    cards: Select[*tuple[Any, ...]] = (
        select(col(Booking.id), col(Booking.revision), col(Chat.id).label("chat_id"))
        .join(Slot, (col(Slot.id) == col(Booking.slot_id)) & (col(Slot.school_id) == col(Booking.school_id)))
        .join(Link, (col(Link.family_id) == col(Booking.family_id)) & (col(Link.school_id) == col(Booking.school_id)))
        .join(Chat, col(Chat.id) == col(Link.chat_id))
        .where(
            col(Booking.school_id) == school_id,
            col(Booking.planning_id) == planning_id,
            col(Booking.cancelled).is_(None),
            col(Slot.start) > now,
            col(Chat.kind) == ChatKind.TELEGRAM,
            col(Chat.reachable).is_(True),
        )
    )
    rows = session.execute(cards).all()
    for row in rows:
        moment = f"{row.revision}+{int(now.timestamp())}"
        tell(session, school_id, NoticeKind.CARD, row.id, moment, Recipient.CHAT, row.chat_id, now)
    return len(rows)

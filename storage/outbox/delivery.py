"""What the sender writes down after trying: where the card is, who cannot be reached, and that mail goes instead."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.outbox import queue
from storage.outbox.write import enqueue
from storage.tables import Card, Chat
from storage.words import Recipient


def sent(session: Session, notice: queue.Claimed, now: datetime, card: int | None = None) -> None:
    """It was sent; `card` is the message that now shows the booking in that chat (P10)."""
    if card is not None:
        row = {
            "school_id": notice.school_id,
            "booking_id": notice.subject,
            "chat_id": notice.recipient_id,
            "message_id": card,
        }
        shown = insert(Card).values(row)
        changed = {"message_id": card}
        session.execute(shown.on_conflict_do_update(index_elements=["booking_id", "chat_id"], set_=changed))
    queue.settle(session, notice.id, now)


def mail_instead(
    session: Session, notice: queue.Claimed, family_id: int, now: datetime, why: str, *, gone: bool = False
) -> None:
    """One mail to the family takes the place of a message into a chat, however many chats fail (M3, N4).

    `gone`: the person blocked the bot or left; that chat is left alone until it speaks to us again.
    """
    if gone:
        unreachable(session, notice.recipient_id)
    enqueue(
        session,
        notice.school_id,
        notice.kind,
        notice.subject,
        notice.moment,
        Recipient.FAMILY,
        family_id,
        now,
    )
    queue.drop(session, notice.id, now, f"{why}: mail instead")


def unreachable(session: Session, chat_id: int) -> None:
    """The person blocked the bot, or is gone: mail instead, until they speak to us again (M3)."""
    session.execute(update(Chat).where(col(Chat.id) == chat_id).values(reachable=False))

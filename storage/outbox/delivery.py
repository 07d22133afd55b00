"""What is written down after trying to show or say something: where it stands, who cannot be reached, what is left."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.database.joins import same
from storage.outbox import queue
from storage.outbox.owed import SCREEN, Debt, forgive, owe_redraw, owe_redraw_where, owe_removal, paid, settled
from storage.outbox.write import enqueue
from storage.tables import Audit, Booking, Card, Chat, FamilyStudent, Link
from storage.words import Act, Recipient, SignInStep

MOST_UNSEEN = 5
_OF_TALKS = (Act.BOOKED, Act.MOVED, Act.CANCELLED)


def sent(session: Session, notice: queue.Claimed, now: datetime) -> None:
    """It was sent by mail."""
    queue.settle(session, notice.id, now)


def filed(session: Session, notice: queue.Claimed, now: datetime, message_id: int) -> None:
    """The booking's calendar file stands in that chat; a new one stands below the screen, which comes down (P10)."""
    row = {
        "school_id": notice.school_id,
        "booking_id": notice.subject,
        "chat_id": notice.recipient_id,
        "message_id": message_id,
    }
    own = col(Card.booking_id) == notice.subject, col(Card.chat_id) == notice.recipient_id
    before = session.execute(select(col(Card.message_id)).where(*own)).scalar()
    shown = insert(Card).values(row)
    session.execute(
        shown.on_conflict_do_update(index_elements=["booking_id", "chat_id"], set_={"message_id": message_id})
    )
    if before != message_id:
        owe_redraw(session, [notice.recipient_id], now, below=True)
    queue.settle(session, notice.id, now)


def pushed(session: Session, notice: queue.Claimed, family_id: int, now: datetime, message_id: int, mark: int) -> None:
    """A new screen was sent with the notice on top of it: the chat looks at this family now, the screen before goes.

    `mark` is the chat's `talks_mark` when the screen was read.
    """
    here = update(Chat).where(col(Chat.id) == notice.recipient_id)
    session.execute(here.values(school_id=notice.school_id, family_id=family_id, step=SignInStep.NONE))
    shown(session, notice.recipient_id, message_id, now)
    on_top(session, notice, now)
    _check(session, notice.recipient_id, mark, now)


def on_top(session: Session, notice: queue.Claimed, now: datetime) -> None:
    """It stands on top of the chat's screen until it was seen: what a browser page shows when it is opened."""
    unseen = select(col(Chat.unseen)).where(col(Chat.id) == notice.recipient_id).with_for_update()
    known: list[int] = session.execute(unseen).scalar() or []
    kept = [*(one for one in known if one != notice.id), notice.id][-MOST_UNSEEN:]
    session.execute(update(Chat).where(col(Chat.id) == notice.recipient_id).values(unseen=kept))
    queue.settle(session, notice.id, now)


def said_above(session: Session, notice: queue.Claimed, now: datetime) -> None:
    """It was said by itself, in a chat that is being signed in: the question that stands comes down again."""
    owe_redraw(session, [notice.recipient_id], now, below=True)
    queue.settle(session, notice.id, now)


def dropped(session: Session, notice: queue.Claimed, now: datetime, why: str) -> None:
    """It is not true any more, or nobody is there; what its chat shows may not be either, so that is drawn anew."""
    if notice.recipient is Recipient.CHAT:
        owe_redraw_where(session, now, col(Chat.id) == notice.recipient_id)
    queue.drop(session, notice.id, now, why)


def shown(
    session: Session,
    chat_id: int,
    message_id: int,
    now: datetime,
    *,
    gone: Collection[int] = (),
    left: Collection[int] = (),
) -> None:
    """This message shows the chat's screen now; `gone` were taken out, `left` still have to be.

    The last of a chat's messages is its screen: where another one was sent below it meanwhile, that one is drawn anew
    and this one goes.
    """
    here = select(col(Chat.screen)).where(col(Chat.id) == chat_id).with_for_update()
    before = session.execute(here).scalar()
    if before is not None and before > message_id and before not in gone:
        owe_removal(session, chat_id, [message_id, *left], now)
        owe_redraw(session, [chat_id], now)
        return
    session.execute(update(Chat).where(col(Chat.id) == chat_id).values(screen=message_id, drawn=now))
    settled(session, chat_id, [SCREEN, *gone])
    away = {*left, *([before] if before is not None else [])} - {message_id, *gone}
    owe_removal(session, chat_id, away, now)


def redrawn(session: Session, debt: Debt, message_id: int, now: datetime, mark: int) -> None:
    """A screen that was owed stands in the chat; `mark` is the chat's `talks_mark` when it was read."""
    paid(session, debt)
    shown(session, debt.chat_id, message_id, now)
    _check(session, debt.chat_id, mark, now)


def talks_mark(session: Session, chat_id: int) -> int:
    """A number that grows with every change of a talk of the chat's families; 0 where there was none."""
    latest = (
        select(func.max(col(Audit.id)))
        .join(Booking, same(Booking.id, Audit.subject))
        .join(FamilyStudent, same(FamilyStudent.student_id, Booking.student_id))
        .join(Link, same(Link.family_id, FamilyStudent.family_id))
        .where(col(Link.chat_id) == chat_id, col(Audit.act).in_(_OF_TALKS))
    )
    return session.execute(latest).scalar() or 0


def _check(session: Session, chat_id: int, mark: int, now: datetime) -> None:
    """A talk that changed after the screen was read: what was on its way is old already, so it is drawn once more."""
    if talks_mark(session, chat_id) > mark:
        owe_redraw(session, [chat_id], now)


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
    forgive(session, chat_id)

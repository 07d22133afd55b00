"""How the outbox stands, for the desk, the health page and the metrics. Addresses and texts are not shown."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.outbox.recipients import HAS_ADDRESS, HAS_CHAT
from storage.tables import Chat, Family, Link, Notice
from storage.words import ChatKind, NoticeKind, NoticeState, Recipient


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """How many notices are in each state, and since when the oldest that waits has been due."""

    waiting: int
    sending: int
    sent: int
    dropped: int
    failed: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A notice that could never be sent; `subject` and `recipient_id` are rows of this school."""

    id: int
    kind: NoticeKind
    subject: int
    recipient: Recipient
    recipient_id: int
    at: datetime
    trouble: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """A family that no chat reaches any more; `mail` says whether a mail still does."""

    family_id: int
    name: str
    mail: bool


def outbox_status(session: Session, school_id: int | None = None) -> OutboxStatus:
    """Of one school, or of all."""
    counted = select(col(Notice.state), func.count(), func.min(col(Notice.due))).group_by(col(Notice.state))
    if school_id is not None:
        counted = counted.where(col(Notice.school_id) == school_id)
    rows = {state: (number, oldest) for state, number, oldest in session.execute(counted)}
    numbers = {state.value: rows.get(state, (0, None))[0] for state in NoticeState}
    return OutboxStatus(**numbers, oldest=rows.get(NoticeState.WAITING, (0, None))[1])


def failures(session: Session, school_id: int, most: int = 50, *, family_id: int | None = None) -> tuple[Failure, ...]:
    """The last that failed, newest first; with `family_id` the mails to that family."""
    fields = (col(getattr(Notice, name)) for name in ("id", "kind", "subject", "recipient", "recipient_id"))
    failed = select(*fields, col(Notice.settled), col(Notice.trouble)).where(
        col(Notice.school_id) == school_id, col(Notice.state) == NoticeState.FAILED
    )
    if family_id is not None:
        failed = failed.where(col(Notice.recipient) == Recipient.FAMILY, col(Notice.recipient_id) == family_id)
    rows = session.execute(failed.order_by(col(Notice.settled).desc(), col(Notice.id).desc()).limit(most))
    return tuple(Failure(*row) for row in rows)


def unreached(session: Session, school_id: int) -> tuple[Unreached, ...]:
    """Families whose person blocked the bot or left, and who have no other chat that can be written to (M3, N4)."""
    lost = (
        select(col(Link.family_id))
        .join(Chat, col(Chat.id) == col(Link.chat_id))
        .where(col(Link.school_id) == school_id, col(Chat.kind) == ChatKind.TELEGRAM, col(Chat.reachable).is_(False))
    )
    rows = session.execute(
        select(col(Family.id), col(Family.name), HAS_ADDRESS)
        .where(col(Family.school_id) == school_id, col(Family.blocked).is_(False))
        .where(col(Family.id).in_(lost), ~HAS_CHAT)
        .order_by(col(Family.name), col(Family.id))
    )
    return tuple(Unreached(id_, name, mail) for id_, name, mail in rows)

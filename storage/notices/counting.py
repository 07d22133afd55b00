"""How the outbox stands, for the desk, the health page and the metrics. Counts and reasons, no personal data."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.tables import Notice
from storage.words import NoticeKind, NoticeState, Recipient


@dataclass(frozen=True, slots=True)
class Standing:
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


def standing(session: Session, school_id: int | None = None) -> Standing:
    """Of one school, or of all."""
    counted = select(col(Notice.state), func.count(), func.min(col(Notice.due))).group_by(col(Notice.state))
    if school_id is not None:
        counted = counted.where(col(Notice.school_id) == school_id)
    rows = {state: (number, oldest) for state, number, oldest in session.execute(counted)}
    numbers = {state.value: rows.get(state, (0, None))[0] for state in NoticeState}
    return Standing(**numbers, oldest=rows.get(NoticeState.WAITING, (0, None))[1])


def failures(session: Session, school_id: int, most: int = 50) -> tuple[Failure, ...]:
    """The last that failed, newest first."""
    fields = (col(getattr(Notice, name)) for name in ("id", "kind", "subject", "recipient", "recipient_id"))
    rows = session.execute(
        select(*fields, col(Notice.settled), col(Notice.trouble))
        .where(col(Notice.school_id) == school_id, col(Notice.state) == NoticeState.FAILED)
        .order_by(col(Notice.settled).desc(), col(Notice.id).desc())
        .limit(most)
    )
    return tuple(Failure(*row) for row in rows)

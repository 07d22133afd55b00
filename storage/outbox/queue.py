"""The outbox as a queue: which notices may be sent now, and what became of them (M1, rules 19–22).

Claiming is a conditional update, so two senders never hold one notice. A recipient's notices keep their order, one in
flight at a time. Whether a notice is still true is not asked here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, func, or_, select, update
from sqlmodel import Session, col

from storage.tables import Notice
from storage.words import NoticeKind, NoticeState, Recipient

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(hours=48)
STUCK_AFTER = timedelta(minutes=2)  # longer than any send may take
INTERRUPTED = "interrupted while it was sent"
GAVE_UP = "gave up after two days"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice in the hands of a sender. `attempts` counts this one; `trouble` is the last error's."""

    id: int
    school_id: int
    kind: NoticeKind
    subject: int
    moment: str
    recipient: Recipient
    recipient_id: int
    due: datetime
    attempts: int
    trouble: str


_FIELDS = tuple(col(getattr(Notice, name)) for name in Claimed.__slots__)


def _heads() -> ColumnElement[bool]:
    """The first of each recipient's row of notices: one in flight there holds up the rest, and so does a retry."""
    in_line = select(
        col(Notice.id),
        col(Notice.state),
        func.row_number()
        .over(
            partition_by=(col(Notice.recipient), col(Notice.recipient_id)),
            order_by=(case((col(Notice.state) == NoticeState.SENDING, 0), else_=1), col(Notice.id)),
        )
        .label("place"),
    ).where(
        or_(
            col(Notice.state) == NoticeState.SENDING,
            and_(
                col(Notice.state) == NoticeState.WAITING,
                or_(col(Notice.due) <= bindparam("now"), col(Notice.attempts) > 0),
            ),
        ),
        col(Notice.recipient).in_(bindparam("recipients", expanding=True)),
    )
    first = in_line.subquery()
    return col(Notice.id).in_(select(first.c.id).where(first.c.place == 1))


_CLAIMABLE = (
    select(col(Notice.id))
    .where(_heads(), col(Notice.state) == NoticeState.WAITING, col(Notice.due) <= bindparam("now"))
    .order_by(col(Notice.due), col(Notice.id))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(Notice)
    .where(col(Notice.id).in_(bindparam("ids", expanding=True)), col(Notice.state) == NoticeState.WAITING)
    .values(state=NoticeState.SENDING, claimed=bindparam("at"), attempts=col(Notice.attempts) + 1)
    .returning(*_FIELDS)
    .execution_options(synchronize_session=False)
)


def claim(
    session: Session, now: datetime, most: int, recipients: Collection[Recipient] = tuple(Recipient)
) -> tuple[Claimed, ...]:
    """At most `most` notices that are due, oldest first, now in state SENDING. At most one for each recipient."""
    asked = {"now": now, "most": most, "recipients": list(recipients)}
    ids = list(session.connection().execute(_CLAIMABLE, asked).scalars())
    if not ids:
        return ()
    rows = session.connection().execute(_CLAIM, {"ids": ids, "at": now})
    return tuple(sorted((Claimed(*row) for row in rows), key=lambda claimed: (claimed.due, claimed.id)))


def known(session: Session, notice_ids: Collection[int]) -> tuple[Claimed, ...]:
    """These notices, whatever became of them, oldest first; those that were cleared away are left out."""
    rows = session.connection().execute(select(*_FIELDS).where(col(Notice.id).in_(notice_ids)).order_by(col(Notice.id)))
    return tuple(Claimed(*row) for row in rows)


def settle(session: Session, notice_id: int, now: datetime) -> None:
    """It was sent, also when its sender was so slow that it was given back meanwhile."""
    held = update(Notice).where(
        col(Notice.id) == notice_id, col(Notice.state).in_((NoticeState.SENDING, NoticeState.WAITING))
    )
    session.execute(held.values(state=NoticeState.SENT, settled=now, trouble=""))


def drop(session: Session, notice_id: int, now: datetime, why: str) -> None:
    """It is not true any more, or another notice took its place. `why` is ours, without personal data."""
    _end(session, notice_id, NoticeState.DROPPED, now, why)


def fail(session: Session, notice_id: int, now: datetime, trouble: str) -> None:
    """It can never be sent; the desk shows it."""
    _end(session, notice_id, NoticeState.FAILED, now, trouble)


def retry(session: Session, notice: Claimed, now: datetime, trouble: str, wait: timedelta | None = None) -> bool:
    """Back in the row, until `wait` or a growing while has passed; False when it has been tried for two days."""
    if tried_for(notice.attempts) >= GIVE_UP_AFTER:
        fail(session, notice.id, now, f"{GAVE_UP}: {trouble}")
        return False
    changed = {"state": NoticeState.WAITING, "due": now + (wait or backoff(notice.attempts)), "trouble": trouble[:200]}
    session.execute(_sending(notice.id).values(**changed))
    return True


def recover(session: Session, now: datetime, holding: Collection[int] = ()) -> int:
    """Give back what a sender held when it died: at most one duplicate each (rule 21). Returns how many.

    `holding` are the ids that the caller's own sender has in its hands, whatever a jumping clock says of their age.
    """
    stuck = (
        update(Notice)
        .where(col(Notice.state) == NoticeState.SENDING, col(Notice.claimed) <= now - STUCK_AFTER)
        .where(col(Notice.id).not_in(holding))
        .values(state=NoticeState.WAITING, trouble=INTERRUPTED)
        .returning(col(Notice.id))
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(stuck).all())


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts (≥ 1): 5, 10, 20 … seconds, at most ten minutes."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 20)), LONGEST_WAIT)


def tried_for(attempts: int) -> timedelta:
    """How long so many attempts take at the least."""
    growing = min(attempts, 7)
    return sum((backoff(n + 1) for n in range(growing)), timedelta()) + LONGEST_WAIT * (attempts - growing)


def _end(session: Session, notice_id: int, state: NoticeState, now: datetime, trouble: str) -> None:
    session.execute(_sending(notice_id).values(state=state, settled=now, trouble=trouble[:200]))


def _sending(notice_id: int) -> Update:
    held = update(Notice).where(col(Notice.id) == notice_id, col(Notice.state) == NoticeState.SENDING)
    return held.execution_options(synchronize_session=False)

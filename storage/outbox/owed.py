"""What Telegram chats are owed: a screen that must be drawn anew, a message that must go (rule 34).

A row stands until it is paid, however long Telegram is away. Claiming gives a lease, so that a payer that dies holds
nothing up; a debt that is made anew meanwhile is not paid by what was on its way.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.column_types import UtcDateTime
from storage.outbox.queue import backoff
from storage.tables import Chat, Owed
from storage.words import ChatKind

SCREEN = 0  # the message id that stands for the screen
LEASE = timedelta(minutes=2)  # longer than paying may take


@dataclass(frozen=True, slots=True)
class Debt:
    """One debt in the hands of a payer. `message_id` 0 is the screen, of what `tap` leads to where there is one;
    `attempts` counts this one."""

    chat_id: int
    message_id: int
    below: bool
    tap: str
    attempts: int

    @property
    def of_screen(self) -> bool:
        return self.message_id == SCREEN


_COLUMNS = ("chat_id", "message_id", "below", "tap", "due", "attempts")
_CLAIMABLE = (
    select(col(Owed.chat_id), col(Owed.message_id))
    .where(col(Owed.due) <= bindparam("now"))
    .order_by(col(Owed.due), col(Owed.chat_id))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def owe_redraw(
    session: Session, chat_ids: Collection[int], due: datetime, *, below: bool = False, tap: str = ""
) -> None:
    """These chats' screens are to be drawn anew: in place, or `below` all that was said since; as what a reading `tap`
    leads to, or as they stand."""
    if chat_ids:
        rows = [_row(chat, SCREEN, due, below=below, tap=tap) for chat in sorted(set(chat_ids))]
        session.execute(_again(insert(Owed).values(rows)))


def owe_redraw_where(session: Session, due: datetime, *wanted: ColumnElement[bool]) -> None:
    """The same, in place, for each Telegram chat with a screen that fits; `wanted` are conditions on Chat."""
    row = (literal(SCREEN), literal(False), literal(""), literal(due, UtcDateTime()), literal(0))
    chats: Any = select(col(Chat.id), *row).where(
        col(Chat.kind) == ChatKind.TELEGRAM, col(Chat.reachable), col(Chat.screen).is_not(None), *wanted
    )
    session.execute(_again(insert(Owed).from_select(_COLUMNS, chats)))


def owe_removal(session: Session, chat_id: int, message_ids: Collection[int], due: datetime) -> None:
    """These messages are to be taken out of the chat."""
    if message_ids:
        rows = [_row(chat_id, message_id, due) for message_id in sorted(set(message_ids))]
        session.execute(_again(insert(Owed).values(rows)))


def claim(session: Session, now: datetime, most: int) -> tuple[Debt, ...]:
    """At most `most` debts that are due, oldest first; nobody else gets them for `LEASE`."""
    claimed = []
    for chat_id, message_id in session.execute(_CLAIMABLE, {"now": now, "most": most}).all():
        lent = (
            update(Owed)
            .where(*_one(chat_id, message_id))
            .values(due=now + LEASE, attempts=col(Owed.attempts) + 1)
            .returning(col(Owed.below), col(Owed.tap), col(Owed.attempts))
        )
        below, tap, attempts = session.execute(lent).one()
        claimed.append(Debt(chat_id, message_id, below, tap, attempts))
    return tuple(claimed)


def paid(session: Session, debt: Debt) -> None:
    """It is done. One that was made anew meanwhile stays."""
    session.execute(delete(Owed).where(*_one(debt.chat_id, debt.message_id), col(Owed.attempts) == debt.attempts))


def put_off(session: Session, debt: Debt, now: datetime, wait: timedelta | None = None) -> None:
    """Not yet: again after `wait`, or a growing while."""
    again = update(Owed).where(*_one(debt.chat_id, debt.message_id), col(Owed.attempts) == debt.attempts)
    session.execute(again.values(due=now + (wait or backoff(debt.attempts))))


def settled(session: Session, chat_id: int, message_ids: Collection[int]) -> None:
    """Somebody else did it: these messages are gone, or the screen (`SCREEN`) was drawn."""
    if message_ids:
        session.execute(delete(Owed).where(col(Owed.chat_id) == chat_id, col(Owed.message_id).in_(sorted(message_ids))))


def forgive(session: Session, chat_id: int) -> None:
    """The person blocked the bot or is gone: nothing can be done there any more."""
    session.execute(delete(Owed).where(col(Owed.chat_id) == chat_id))


def outstanding(session: Session) -> tuple[int, datetime | None]:
    """How many debts there are, and since when the oldest has been due: for the health page and the metrics."""
    number, oldest = session.execute(select(func.count(), func.min(col(Owed.due)))).one()
    return number, oldest


def _row(chat_id: int, message_id: int, due: datetime, *, below: bool = False, tap: str = "") -> dict[str, object]:
    values = (chat_id, message_id, below, tap, due, 0)
    return dict(zip(_COLUMNS, values, strict=True))


def _again(statement: Any) -> Any:
    """A debt that stands already is due anew; what was to come below still does."""
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["chat_id", "message_id"],
        set_={"due": new.due, "tap": new.tap, "attempts": 0, "below": or_(col(Owed.below), new.below)},
    )


def _one(chat_id: int, message_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(Owed.chat_id) == chat_id, col(Owed.message_id) == message_id

"""Pays what Telegram chats are owed: draws their screens anew, takes messages out, until it is done (rule 34)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog
from sqlmodel import Session

from messages.channels.telegram import AT_ONCE
from messages.channels.troubles import Outcome, classify
from messages.screen import Screen
from storage.database.engine import Database
from storage.outbox import delivery, owed
from storage.outbox.owed import Debt
from storage.outbox.recipients import ChatView, chat_view

_log = structlog.get_logger("debts")


class Board(Protocol):
    """Draws where a chat stands, outside of the transaction: see `bot.board.board`.

    With `tap` as what that leads to; with `notice` as of this family, with that notice on top. None where there is no
    such chat.
    """

    def __call__(
        self,
        session: Session,
        chat_id: int,
        now: datetime,
        *,
        tap: str = "",
        family_id: int | None = None,
        notice: int | None = None,
    ) -> Callable[[], Screen] | None: ...


class Screens(Protocol):
    """A channel that shows screens, see `messages.channels.telegram.TelegramChat`."""

    @property
    def silent_until(self) -> datetime | None: ...

    async def redraw(self, address: str, screen: Screen, message_id: int | None) -> int: ...

    async def remove(self, address: str, message_id: int) -> None: ...


class Debts:
    """Everybody's debts, paid side by side at the bot's pace."""

    def __init__(self, database: Database, screens: Screens, board: Board, now: Callable[[], datetime]) -> None:
        self._database, self._screens, self._board, self._now = database, screens, board, now

    async def pay(self, may: Callable[[], Awaitable[bool]]) -> int:
        """Pay all that is due; how many there were. `may` is asked before each claim."""
        paid = 0
        while not self._silent() and await may():
            debts = await self._database.work_async(owed.claim, self._now(), AT_ONCE)
            if not debts:
                break
            await asyncio.gather(*(self._pay(debt) for debt in debts))
            paid += len(debts)
        return paid

    def _silent(self) -> bool:
        until = self._screens.silent_until
        return until is not None and self._now() < until

    async def _pay(self, debt: Debt) -> None:
        chat = await self._database.read_async(chat_view, debt.chat_id)
        if chat is None or not chat.reachable:
            return await self._database.work_async(owed.forgive, debt.chat_id)
        try:
            await (self._draw(debt, chat) if debt.of_screen else self._remove(debt, chat))
        except Exception as error:
            await self._failed(debt, error)

    async def _draw(self, debt: Debt, chat: ChatView) -> None:
        draw, mark = await self._database.read_async(self._standing, debt)
        if draw is None:
            return await self._database.work_async(owed.paid, debt)
        place = None if debt.below else chat.screen
        shown = await self._screens.redraw(chat.address, draw(), place)
        return await self._database.work_async(delivery.redrawn, debt, shown, self._now(), mark)

    def _standing(self, session: Session, debt: Debt) -> tuple[Callable[[], Screen] | None, int]:
        draw = self._board(session, debt.chat_id, self._now(), tap=debt.tap)
        return draw, delivery.talks_mark(session, debt.chat_id)

    async def _remove(self, debt: Debt, chat: ChatView) -> None:
        await self._screens.remove(chat.address, debt.message_id)
        await self._database.work_async(owed.paid, debt)

    async def _failed(self, debt: Debt, error: Exception) -> None:
        trouble = classify(error)
        _log.warning("not paid", chat=debt.chat_id, attempt=debt.attempts, trouble=trouble.words)
        if trouble.outcome is Outcome.GONE:
            await self._database.work_async(delivery.unreachable, debt.chat_id)
        elif trouble.outcome is Outcome.PERMANENT:
            await self._database.work_async(owed.paid, debt)
        else:
            await self._database.work_async(owed.put_off, debt, self._now(), trouble.wait)

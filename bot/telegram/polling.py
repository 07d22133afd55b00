"""Long polling. An update is confirmed only when it was handled, so that a crash loses none of them.

A slow chat holds nobody up: while it is being answered, what came for others is fetched and handled too.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetUpdates
from aiogram.types import Update

from bot.telegram.client import Pause
from bot.telegram.listener import FAILURES, KINDS, Listener
from storage.settings import WrongSettings

POLL = 25  # seconds that Telegram holds a poll open
PATIENCE = 1.0  # seconds that the others wait for a slow chat
LAST_PATIENCE = 10.0  # seconds for what is being answered when we stop
LONGEST_PAUSE = 30.0
BATCH = 100

T = TypeVar("T")

log = logging.getLogger(__name__)


class Poller:
    """One bot's polling. `stop` ends it: what is being handled is finished first."""

    def __init__(self, listener: Listener, stop: asyncio.Event, pause: Pause = asyncio.sleep) -> None:
        self._listener, self._stop, self._pause = listener, stop, pause
        self._handling: dict[int, asyncio.Task[None]] = {}
        self._next = 0
        self._limit = BATCH

    async def run(self) -> None:
        """Until `stop`. Raises WrongSettings when Telegram refuses the token."""
        failed = 0
        while not self._stop.is_set():
            try:
                updates = await self._fetch()
            except (TelegramUnauthorizedError, TelegramNotFound):
                raise WrongSettings("TELEGRAM_BOT_TOKEN is refused by Telegram.") from None
            except AiogramError as error:
                failed += 1
                log.warning("telegram: polling fails with %s", type(error).__name__)
                self._step_over(error)
                await self._or_stop(self._pause(_wait(error, failed)))
                continue
            failed = 0
            await self._take(updates)
        if self._handling:
            await asyncio.wait(self._handling.values(), timeout=LAST_PATIENCE)
        await self._confirm()

    async def _fetch(self) -> list[Update]:
        """What is new; nothing when we stop meanwhile."""
        offset = min(self._handling, default=self._next) or None
        held = 0 if self._handling else POLL
        ask = GetUpdates(offset=offset, limit=self._limit, timeout=held, allowed_updates=KINDS)
        return await self._or_stop(self._listener.bot(ask, request_timeout=POLL + 10)) or []

    async def _take(self, updates: list[Update]) -> None:
        for update in updates:
            if update.update_id not in self._handling and update.update_id >= self._next:
                self._next = update.update_id + 1
                self._handling[update.update_id] = asyncio.create_task(self._handle(update))
        if updates:
            self._limit = BATCH
        if self._handling:
            await asyncio.wait(self._handling.values(), timeout=PATIENCE)
            self._handling = {number: task for number, task in self._handling.items() if not task.done()}

    async def _handle(self, update: Update) -> None:
        for _ in range(FAILURES):
            if await self._listener.hear(update):
                return

    def _step_over(self, error: AiogramError) -> None:
        """An update that aiogram cannot read is fetched alone, and then passed by."""
        if not isinstance(error, ClientDecodeError) or not isinstance(error.data, dict):
            return
        if self._limit == 1 and error.data.get("result"):
            self._next = int(error.data["result"][0]["update_id"]) + 1
            log.error("update %s cannot be read and is passed by", self._next - 1)
        self._limit = 1

    async def _confirm(self) -> None:
        """Tell Telegram what was handled, so that it does not come again at the next start."""
        if self._next and not self._handling_still():
            try:
                await self._listener.bot(GetUpdates(offset=self._next, limit=1, timeout=0), request_timeout=5)
            except AiogramError as error:
                log.info("telegram: the last confirmation fails with %s", type(error).__name__)

    def _handling_still(self) -> bool:
        return any(not task.done() for task in self._handling.values())

    async def _or_stop(self, doing: Coroutine[Any, Any, T]) -> T | None:
        """The outcome, or None as soon as we are to stop."""
        task = asyncio.create_task(doing)
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return await task if task.done() else None
        finally:
            stopping.cancel()
            task.cancel()


def _wait(error: AiogramError, failed: int) -> float:
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    return min(LONGEST_PAUSE, 0.5 * float(2 ** min(failed, 10)))

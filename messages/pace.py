"""One bot's turns at Telegram: evenly, one after another, and none while Telegram asks for silence.

Answers and notices of one process share it, so that together they stay below what Telegram allows a bot: about thirty
messages a second over all chats, edits counted (docs/telegram.md). Processes that do not share one keep to the silence
that each is asked for.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from aiolimiter import AsyncLimiter

from storage import timezone
from storage.settings import TELEGRAM_PER_SECOND


class Silenced(Exception):
    """Telegram asked for silence a moment ago; `wait` is what is left of it. Nothing was sent."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


class Pace:
    """`turn` before each message that is sent or edited; `hush` when Telegram asks to wait."""

    def __init__(self, now: Callable[[], datetime] = timezone.now, per_second: float = TELEGRAM_PER_SECOND) -> None:
        self._now = now
        # Half a turn more than one: who is woken late makes the next wait shorter, or the pace drifts by 5 %.
        self._limiter = AsyncLimiter(1.5, 1.5 / per_second)
        self._each = 1 / per_second
        self._first = 0  # how many answers wait for their turn
        self._asked: tuple[datetime, datetime] | None = None  # when silence was asked for, and until when

    @property
    def silent_until(self) -> datetime | None:
        """None where nothing was asked; a clock that was put back does not make the silence longer."""
        if self._asked is None or self._now() < self._asked[0]:
            return None
        return self._asked[1]

    @property
    def silence_left(self) -> timedelta:
        """How long nothing may be sent to anybody; nought or less: it may."""
        until = self.silent_until
        return until - self._now() if until else timedelta()

    async def turn(self, *, first: bool = False) -> None:
        """Return when it is one's turn. Raises Silenced, before and after waiting.

        Whoever answers a person goes `first`: notices and what is owed wait as long as anybody does.
        """
        self._must_not_be_silent()
        if first:
            self._first += 1
            try:
                await self._limiter.acquire()
            finally:
                self._first -= 1
        else:
            while self._first or not self._limiter.has_capacity():
                await asyncio.sleep(self._each)
            await self._limiter.acquire()
        self._must_not_be_silent()

    def hush(self, wait: timedelta) -> None:
        """Telegram answered 429: nothing for `wait`, whatever else is in flight. A longer silence stays."""
        if wait > self.silence_left:
            now = self._now()
            self._asked = now, now + wait

    def _must_not_be_silent(self) -> None:
        left = self.silence_left
        if left > timedelta():
            raise Silenced(left)

"""One bot's turns at Telegram: evenly, one after another, and none while Telegram asks for silence.

Answers and notices of one process share it, so that together they stay below what Telegram allows a bot: about thirty
messages a second over all chats, edits counted (docs/telegram.md). Processes that do not share one keep to the silence
that each is asked for.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from aiolimiter import AsyncLimiter

from storage import timezone

PER_SECOND = 28  # a burst is refused although the second as a whole would be allowed


class Silenced(Exception):
    """Telegram asked for silence a moment ago; `wait` is what is left of it. Nothing was sent."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


class Pace:
    """`turn` before each message that is sent or edited; `hush` when Telegram asks to wait."""

    def __init__(self, now: Callable[[], datetime] = timezone.now, per_second: float = PER_SECOND) -> None:
        self._now = now
        self._limiter = AsyncLimiter(1, 1 / per_second)
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

    async def turn(self) -> None:
        """Return when it is one's turn. Raises Silenced, before and after waiting."""
        self._must_not_be_silent()
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

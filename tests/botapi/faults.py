"""What goes wrong on the way to Telegram: injected faults, and a limiter that answers 429.

Faults strike before a call has any effect, except HANG: there the call is carried out and only its
answer never comes, which a sender cannot tell from a call that was lost.
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass
from enum import Enum

from tests.botapi.words import too_many

COUNTED = {
    "sendmessage",
    "senddocument",
    "editmessagetext",
    "editmessagecaption",
    "editmessagemedia",
    "editmessagereplymarkup",
}


class Fault(Enum):
    """The ways in which a call can fail."""

    TOO_MANY = "429 with retry_after"
    SERVER_ERROR = "500 with JSON"
    BAD_GATEWAY = "502 with an HTML page"
    DROP = "the connection is cut before anything is done"
    HANG = "the call is done, the answer never comes"


@dataclass
class Planned:
    """A fault that waits for its calls."""

    method: str
    fault: Fault
    left: int
    retry_after: int
    chat_id: int | None


class Faults:
    """The faults that are still to strike, in the order in which they were planned."""

    def __init__(self) -> None:
        self.planned: list[Planned] = []

    def next(self, method: str, fault: Fault, times: int = 1, retry_after: int = 1, chat_id: int | None = None) -> None:
        """Let the next `times` calls of `method` ("*": any but getUpdates) fail, in one chat or in all."""
        self.planned.append(Planned(method.lower(), fault, times, retry_after, chat_id))

    def clear(self) -> None:
        """Forget all that was planned."""
        self.planned.clear()

    def take(self, method: str, chat_id: int | None) -> Planned | None:
        """The fault that strikes this call, one strike used up."""
        for planned in self.planned:
            named = planned.method == method or (planned.method == "*" and method != "getupdates")
            if planned.left and named and planned.chat_id in (None, chat_id):
                planned.left -= 1
                return planned
        return None


class Limiter:
    """Telegram's flood limits per bot: so many sends and edits a window, over all chats and in each.

    Off until `overall` or `per_chat` is set. Who was refused stays refused until the wait that he was
    told has passed, as at Telegram.
    """

    def __init__(self) -> None:
        self.overall: int | None = None
        self.per_chat: int | None = None
        self.window = 1.0
        self._sent: dict[tuple[str, int | None], deque[float]] = defaultdict(deque)
        self._until: dict[tuple[str, int | None], float] = {}

    def set(self, overall: int | None = None, per_chat: int | None = None, window: float = 1.0) -> None:
        """So many calls in `window` seconds; None: no limit."""
        self.overall, self.per_chat, self.window = overall, per_chat, window
        self._sent.clear()
        self._until.clear()

    def take(self, now: float, token: str, method: str, chat_id: int | None) -> None:
        """Count one call. Raises Refused (429)."""
        if method not in COUNTED:
            return
        keys = [((token, None), self.overall), ((token, chat_id), self.per_chat)]
        for key, most in keys:
            if most is None:
                continue
            sent = self._sent[key]
            while sent and sent[0] <= now - self.window:
                sent.popleft()
            if len(sent) >= most and self._until.get(key, 0) <= now:
                self._until[key] = now + max(1, math.ceil(sent[0] + self.window - now))
            if self._until.get(key, 0) > now:
                raise too_many(math.ceil(self._until[key] - now))
        for key, _ in keys:
            self._sent[key].append(now)

"""The values that the local Bot API passes around: messages, documents, answers, calls, and its refusals.

Everything but `Refused` and `Changes` is frozen, so a test may keep what it saw while the chat goes on.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """The Bot API says no: a status code and Telegram's own words for it."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The JSON of the refusal, `parameters` only where Telegram sends them."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


def bad_request(reason: str) -> Refused:
    """A 400 with this reason."""
    return Refused(400, f"Bad Request: {reason}")


def too_many(seconds: int) -> Refused:
    """A 429 that asks to wait this many seconds."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", seconds)


@dataclass(frozen=True)
class Document:
    """A file in a chat, with the bytes that were sent."""

    file_id: str
    file_name: str
    mime_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Message:
    """One message as the person sees it now; `text` is the caption where there is a document."""

    message_id: int
    chat_id: int
    from_bot: bool
    date: int
    text: str
    entities: tuple[dict[str, Any], ...] = ()
    reply_markup: dict[str, Any] | None = None
    document: Document | None = None
    edit_date: int | None = None
    protect_content: bool = False

    @property
    def edited(self) -> bool:
        """Whether it was changed after it was sent."""
        return self.edit_date is not None

    @property
    def buttons(self) -> tuple[dict[str, Any], ...]:
        """All inline buttons, row after row."""
        rows = (self.reply_markup or {}).get("inline_keyboard", [])
        return tuple(button for row in rows for button in row)


@dataclass(frozen=True)
class Answer:
    """What answerCallbackQuery showed: a short note, or an alert with an OK button."""

    query_id: str
    text: str
    show_alert: bool


@dataclass(frozen=True)
class Call:
    """One request to the API. `status` is None where no answer was ever given (dropped, hanging)."""

    time: float
    token: str
    method: str
    params: dict[str, Any]
    status: int | None
    description: str
    agent: str

    @property
    def chat_id(self) -> int | None:
        """The chat it was about, where it names one."""
        chat = str(self.params.get("chat_id", ""))
        return int(chat) if chat.lstrip("-").isdigit() else None


class Changes:
    """A condition variable for one event loop: wait for a fact instead of sleeping."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def changed(self) -> None:
        """Let everyone who waits look again."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    async def until(self, fact: Callable[[], Any], timeout: float) -> None:
        """Return as soon as `fact()` is true. Raises TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while not fact():
                waiting = asyncio.get_running_loop().create_future()
                self._waiting.add(waiting)
                try:
                    await waiting
                finally:
                    self._waiting.discard(waiting)

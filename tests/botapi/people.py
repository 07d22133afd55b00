"""People with a phone, and what a bot and a person say to each other.

A `User` does what a person can do and sees what a person sees. A step that no phone offers (writing to a
bot that was never started, or that is blocked) raises RuntimeError, for then the story is wrong.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.botapi.texts import TEXT_LIMIT, units
from tests.botapi.words import Answer, Document, Message

if TYPE_CHECKING:
    from tests.botapi.bots import Bot

PATIENCE = 10.0  # seconds; only ever waited in full when something is wrong
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")


@dataclass
class Account:
    """A person at Telegram, whichever bots they talk to."""

    id: int
    first_name: str
    language_code: str | None = None
    deactivated: bool = False

    def as_json(self) -> dict[str, Any]:
        """A Bot API `User`."""
        person = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        return person | ({"language_code": self.language_code} if self.language_code else {})


@dataclass(frozen=True)
class Query:
    """A tap that waits for its answer."""

    query_id: str
    chat_id: int
    tapped: float


@dataclass
class Conversation:
    """The private chat of one person with one bot."""

    account: Account
    started: bool = False
    blocked: bool = False
    messages: dict[int, Message] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    spinning: dict[str, Query] = field(default_factory=dict)
    chat_actions: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """A Bot API `Chat`."""
        return {"id": self.account.id, "type": "private", "first_name": self.account.first_name}


def message_json(message: Message, conversation: Conversation, bot: dict[str, Any]) -> dict[str, Any]:
    """A Bot API `Message`."""
    sender = bot if message.from_bot else conversation.account.as_json()
    body: dict[str, Any] = {
        "message_id": message.message_id,
        "from": sender,
        "chat": conversation.as_json(),
        "date": message.date,
    }
    if message.document:
        body["document"] = document_json(message.document)
    if message.text:
        body["caption" if message.document else "text"] = message.text
    if message.entities:
        body["caption_entities" if message.document else "entities"] = list(message.entities)
    if "inline_keyboard" in (message.reply_markup or {}):
        body["reply_markup"] = message.reply_markup
    if message.edited:
        body["edit_date"] = message.edit_date
    if message.protect_content:
        body["has_protected_content"] = True
    return body


def document_json(document: Document) -> dict[str, Any]:
    """A Bot API `Document`."""
    return {
        "file_id": document.file_id,
        "file_unique_id": "u" + document.file_id,
        "file_name": document.file_name,
        "mime_type": document.mime_type,
        "file_size": len(document.content),
    }


class User:
    """A person with a phone, in the chat with one bot."""

    def __init__(self, account: Account, bot: "Bot") -> None:
        self.account = account
        self.bot = bot

    @property
    def id(self) -> int:
        """The person's id, which is the private chat's id too."""
        return self.account.id

    @property
    def conversation(self) -> Conversation:
        """The chat with this bot."""
        return self.bot.conversation(self.account)

    @property
    def chat(self) -> list[Message]:
        """The messages on the screen now, oldest first; deleted ones are gone."""
        return list(self.conversation.messages.values())

    @property
    def answers(self) -> list[Answer]:
        """Every answer to a tap, also those without a text."""
        return list(self.conversation.answers)

    @property
    def alerts(self) -> list[str]:
        """The texts that popped up as an answer to a tap."""
        return [answer.text for answer in self.conversation.answers if answer.text]

    @property
    def spinning(self) -> list[str]:
        """Taps that nobody answered yet, by query id."""
        return list(self.conversation.spinning)

    def at(self, bot: "Bot") -> "User":
        """The same person in the chat with another bot."""
        return User(self.account, bot)

    async def start(self, payload: str = "") -> Message:
        """Press *start*, or open a `t.me/bot?start=payload` link; lets a blocked bot in again."""
        if not PAYLOAD.fullmatch(payload):
            raise ValueError("a start payload is at most 64 of A-Z a-z 0-9 _ -")
        if self.conversation.blocked:
            await self.unblock()
        self.conversation.started = True
        return await self.send(f"/start {payload}".strip())

    async def send(self, text: str) -> Message:
        """Type a text and send it."""
        self._needs_open_chat()
        if not text.strip() or units(text) > TEXT_LIMIT:
            raise ValueError(f"a message has 1 to {TEXT_LIMIT} characters")
        command = re.match(r"/[A-Za-z0-9_]{1,32}", text)
        entities = ({"type": "bot_command", "offset": 0, "length": command.end()},) if command else ()
        message = self.bot.keep(self.conversation, text=text.strip(), from_bot=False, entities=entities)
        body = message_json(message, self.conversation, self.bot.as_json())
        self.bot.updates.add("message", body, ("chat", self.id))
        return message

    async def tap(self, message_id: int, callback_data: str) -> str:
        """Press a button; any data, and on a message that is gone, as a changed client can. The query's id."""
        self._needs_open_chat()
        conversation = self.conversation
        message = conversation.messages.get(message_id)
        if message:
            shown = message_json(message, conversation, self.bot.as_json())
        else:
            shown = {"chat": conversation.as_json(), "message_id": message_id, "date": 0}
        query = Query(self.bot.next_query_id(), self.id, self.bot.clock())
        conversation.spinning[query.query_id] = self.bot.queries[query.query_id] = query
        body = {
            "id": query.query_id,
            "from": self.account.as_json(),
            "message": shown,
            "chat_instance": str(self.bot.id * 7 + self.id),
            "data": callback_data,
        }
        self.bot.updates.add("callback_query", body, ("user", self.id))
        return query.query_id

    async def block(self) -> None:
        """Stop the bot."""
        self._member("member", "kicked")
        self.conversation.blocked = True

    async def unblock(self) -> None:
        """Let the bot in again."""
        self._member("kicked", "member")
        self.conversation.blocked = False

    async def deactivate(self) -> None:
        """Delete the account at Telegram. The bot hears nothing of it but 403."""
        self.account.deactivated = True

    async def wait_for(self, fact: Callable[["User"], Any], timeout: float = PATIENCE) -> None:
        """Wait until `fact(user)` is true. Raises AssertionError with the screen after `timeout` seconds."""
        try:
            await self.bot.changes.until(lambda: fact(self), timeout)
        except TimeoutError:
            seen = [message.text for message in self.chat]
            raise AssertionError(f"not so within {timeout} s; on the screen: {seen}; {self.alerts}") from None

    def _needs_open_chat(self) -> None:
        if not self.conversation.started or self.conversation.blocked or self.account.deactivated:
            raise RuntimeError("this phone shows no open chat with the bot: press start first")

    def _member(self, before: str, after: str) -> None:
        """The update that says how the bot stands with this person."""

        def member(status: str) -> dict[str, Any]:
            return {"user": self.bot.as_json(), "status": status} | ({"until_date": 0} if status == "kicked" else {})

        body = {
            "chat": self.conversation.as_json(),
            "from": self.account.as_json(),
            "date": int(self.bot.clock()),
            "old_chat_member": member(before),
            "new_chat_member": member(after),
        }
        self.bot.updates.add("my_chat_member", body, ("member", self.id))

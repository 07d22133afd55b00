"""One bot as Telegram knows it: its token, its chats, its files, its updates. It knows no HTTP."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from tests.botapi.people import Account, Conversation, Query, User
from tests.botapi.requests import Ask
from tests.botapi.updates import Patience, Updates
from tests.botapi.words import Changes, Document, Message


class Bot:
    """Everything that one token reaches."""

    def __init__(
        self,
        token: str,
        username: str,
        clock: Callable[[], float],
        changes: Changes,
        patience: Patience,
        perform: Callable[["Bot", Ask], Awaitable[None]],
    ) -> None:
        self.token, self.username = token, username
        self.id = int(token.partition(":")[0])
        self.clock, self.changes = clock, changes
        self.conversations: dict[int, Conversation] = {}
        self.queries: dict[str, Query] = {}
        self.documents: dict[str, Document] = {}
        self.commands: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.about: dict[tuple[str, str], str] = {}
        self.updates = Updates(clock, changes, patience, lambda ask: perform(self, ask))
        self._last_message = 0

    def as_json(self) -> dict[str, Any]:
        """The bot as a Bot API `User`."""
        return {"id": self.id, "is_bot": True, "first_name": self.username, "username": self.username}

    def conversation(self, account: Account) -> Conversation:
        """The chat with a person, made on first sight (and then still not started)."""
        return self.conversations.setdefault(account.id, Conversation(account))

    def keep(self, conversation: Conversation, *, text: str, from_bot: bool = True, **details: Any) -> Message:
        """Put a new message into a chat."""
        self._last_message += 1
        message = Message(
            message_id=self._last_message,
            chat_id=conversation.account.id,
            from_bot=from_bot,
            date=int(self.clock()),
            text=text,
            **details,
        )
        conversation.messages[message.message_id] = message
        return message

    def show(self, user: User, text: str, reply_markup: dict[str, Any] | None = None, age: float = 0.0) -> Message:
        """Put a message of the bot's into a chat without a call, `age` seconds old: the past of a story."""
        conversation = self.conversation(user.account)
        message = self.keep(conversation, text=text, reply_markup=reply_markup)
        aged = replace(message, date=int(self.clock() - age))
        conversation.messages[message.message_id] = aged
        return aged

    def next_query_id(self) -> str:
        """An id for the next tap."""
        return str(self.id * 1_000_000 + len(self.queries) + 1)

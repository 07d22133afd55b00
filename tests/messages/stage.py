"""A stage for the sender: the local Bot API, a real mail server, a clock in the hand, and the cast's people on it."""

import asyncio
import functools
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, select

from bot.board import board
from messages.channels.mail import Smtp
from messages.channels.telegram import TelegramChat
from messages.pace import Pace
from messages.sending.sender import Sender
from storage.outbox.write import enqueue
from storage.tables import Chat
from storage.words import NoticeKind, Recipient
from tests.botapi import BotApi, User
from tests.support.cast import NOW, PEPPER, Cast
from tests.support.mail_server import MailServer
from tests.support.notices import link_chat

LONG = bool(os.environ.get("TIENMINUTEN_LONG"))
LONGEST = 1800 if LONG else 180  # seconds; only ever waited in full when something is wrong
MAIL_FROM = "Tienminuten <post@tienminuten.example>"
BASE_URL = "https://tienminuten.example"


def story(test: Callable[[Cast], Awaitable[None]]) -> Callable[[Cast], None]:
    """Run an asynchronous test in a loop of its own; some minutes are the end of every story."""

    @functools.wraps(test)
    def run(cast: Cast) -> None:
        asyncio.run(asyncio.wait_for(test(cast), LONGEST))

    return run


@dataclass
class Stage:
    cast: Cast
    api: BotApi
    mail: MailServer
    sender: Sender = field(init=False)
    now: datetime = NOW

    async def person(self, family: str, name: str = "Mirjam", language: str = "nl") -> User:
        """Somebody with a phone whose chat speaks for a family of the cast."""
        user = self.api.user(name)
        await user.start()
        link_chat(self.cast, self.cast.ids[family], str(user.id), language=language)
        return user

    def chat_of(self, user: User) -> int:
        return self.cast.database.read(_chat_id, str(user.id))

    def tell_linked(self, user: User, family: str = "de_vries", number: int = 1) -> None:
        """A short message for one chat."""
        self.cast.database.work(
            enqueue,
            self.cast.school,
            NoticeKind.LINKED,
            self.cast.ids[family],
            f"chat {self.chat_of(user)} {number}",
            Recipient.CHAT,
            self.chat_of(user),
            self.now,
        )

    async def send(self, after: timedelta = timedelta()) -> None:
        """Let time pass, then send all that is due."""
        self.now += after
        await self.sender.send_due()


def _chat_id(session: Session, address: str) -> int:
    found = session.exec(select(Chat.id).where(Chat.address == address)).one()
    assert found is not None
    return found


@asynccontextmanager
async def staged(cast: Cast, patience: float = 20.0) -> AsyncIterator[Stage]:
    async with BotApi() as api:
        with MailServer() as mail:
            stage = Stage(cast, api, mail)
            stage.sender = Sender(
                cast.database,
                board=board,
                chat=TelegramChat(api.token, api.url, pace=Pace(lambda: stage.now), patience=patience),
                mail=Smtp(mail.url),
                mail_from=MAIL_FROM,
                base_url=BASE_URL,
                pepper=PEPPER,
                now=lambda: stage.now,
            )
            try:
                yield stage
            finally:
                await stage.sender.close()

"""Sends what is due: claims, asks what is true now, renders, hands to a channel, and writes down what became of it.

The promise (rule 21): nothing is lost, and at most one duplicate each, only after a crash or where no answer came. It
decides nothing about bookings and never logs a name, an address or a text.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Protocol

import structlog
from sqlmodel import Session

from messages.channels.mail import Transport, write
from messages.channels.telegram import AT_ONCE
from messages.channels.troubles import NO_ANSWER, NotSet, Outcome, Trouble, classify
from messages.notices import Attachment, banner, calendar_file, mail_text
from messages.screen import Screen
from messages.sending.debts import Board, Debts, Screens
from storage import timezone
from storage.database.engine import Database
from storage.msgids import N_
from storage.notices.contents import GONE, ByMail, NoticeContents, Untrue, contents
from storage.outbox import delivery, queue
from storage.outbox.queue import Claimed
from storage.outbox.recipients import ChatView
from storage.words import ChatKind, NoticeKind, Recipient, SignInStep

_CHATS = (Recipient.CHAT,)
_MAILS = (Recipient.FAMILY, Recipient.TEACHER, Recipient.STAFF)
_MAILS_AT_ONCE = 1  # one connection carries them
NO_ADDRESS = N_("no mail address is known")
_log = structlog.get_logger("sender")


class ChatChannel(Screens, Protocol):
    """A channel into chats, see `messages.channels.telegram.TelegramChat`."""

    async def show(self, address: str, screen: Screen) -> int: ...

    async def file(self, address: str, caption: str, file: Attachment, card: int | None) -> int: ...

    async def close(self) -> None: ...


async def always() -> bool:
    """The answer of a process that need not ask whether it is the one that sends."""
    return True


class Sender:
    """One process's sender. Without a channel its notices wait, and the desk shows why.

    `board` draws a chat's screen. `chat` and `mail` are closed with it.
    """

    def __init__(
        self,
        database: Database,
        *,
        board: Board,
        chat: ChatChannel | None,
        mail: Transport | None,
        mail_from: str,
        base_url: str,
        pepper: bytes,
        now: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._database, self._chat, self._mail, self._pepper = database, chat, mail, pepper
        self._mail_from, self._base_url, self._now = mail_from, base_url, now
        self._board = board
        self._debts = Debts(database, chat, board, now) if chat else None
        self._sending, self._stopping = asyncio.Lock(), False
        self._holding: set[int] = set()
        if mail is None:
            _log.warning("mail waits: SMTP_URL is not set")

    async def send_due(self, may: Callable[[], Awaitable[bool]] = always) -> None:
        """Send until nothing is due, in chats and by mail side by side. `may` is asked before each claim."""
        async with self._sending:
            while await self._round(may):  # a message that became a mail makes another round
                pass

    @property
    def holding(self) -> frozenset[int]:
        """The notices in flight."""
        return frozenset(self._holding)

    async def finish(self) -> None:
        """Claim nothing more, and wait until what is in flight is written down."""
        self._stopping = True
        async with self._sending:
            pass

    async def close(self) -> None:
        for channel in (self._chat, self._mail):
            if channel is not None:
                await channel.close()

    async def _round(self, may: Callable[[], Awaitable[bool]]) -> int:
        """Both rows and the debts at once; how many there were."""
        chats, mails = self._drain(_CHATS, AT_ONCE, may), self._drain(_MAILS, _MAILS_AT_ONCE, may)
        handled = 0
        for outcome in await asyncio.gather(chats, mails, self._pay(may), return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
            handled += outcome
        return handled

    async def _pay(self, may: Callable[[], Awaitable[bool]]) -> int:
        return 0 if self._debts is None or self._stopping else await self._debts.pay(may)

    async def _drain(self, recipients: Collection[Recipient], at_once: int, may: Callable[[], Awaitable[bool]]) -> int:
        handled = 0
        flying: set[asyncio.Task[None]] = set()
        try:
            while True:
                claimed = await self._claim(recipients, at_once - len(flying), may)
                flying |= {asyncio.create_task(self._send(notice)) for notice in claimed}
                handled += len(claimed)
                if not flying:
                    return handled
                done, flying = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            if flying:  # what was handed over is written down, also when another's writing down failed
                await asyncio.wait(flying)

    async def _claim(
        self, recipients: Collection[Recipient], most: int, may: Callable[[], Awaitable[bool]]
    ) -> tuple[Claimed, ...]:
        if self._stopping or most <= 0 or (recipients is _CHATS and self._silent()) or not await may():
            return ()
        claimed = await self._database.work_async(queue.claim, self._now(), most, recipients)
        self._holding |= {notice.id for notice in claimed}
        return claimed

    def _silent(self) -> bool:
        until = self._chat.silent_until if self._chat else None
        return until is not None and self._now() < until

    async def _send(self, notice: Claimed) -> None:
        try:
            await self._deliver(notice)
        finally:
            self._holding.discard(notice.id)

    async def _deliver(self, notice: Claimed) -> None:
        """One notice to its end, or back into the row."""
        told: NoticeContents | None = None
        try:
            found = await self._database.read_async(contents, notice, self._now(), self._pepper)
            if isinstance(found, Untrue):
                return await self._database.work_async(delivery.dropped, notice, self._now(), found.why)
            if isinstance(found, ByMail):
                return await self._mail_instead(notice, found.family_id, found.why)
            told = found
            return await self._hand_over(notice, told)
        except Exception as error:
            return await self._failed(notice, told, error)

    async def _hand_over(self, notice: Claimed, told: NoticeContents) -> None:
        """Give it to its channel, and write down that it went and where it stands."""
        if told.chat is None:
            await self._hand_to_mail(notice, told)
            return await self._database.work_async(delivery.sent, notice, self._now())
        if told.chat.kind is ChatKind.WEB:
            return await self._database.work_async(delivery.on_top, notice, self._now())
        if self._chat is None:
            raise NotSet("TELEGRAM_BOT_TOKEN")
        if notice.kind is NoticeKind.CARD:
            made = calendar_file(told, self._now())
            shown = await self._chat.file(told.chat.address, made.caption, made.file, told.card)
            return await self._database.work_async(delivery.filed, notice, self._now(), shown)
        if told.chat.step is not SignInStep.NONE or told.family_id is None:
            said = banner(notice.kind, told, self._now())
            await self._chat.show(told.chat.address, Screen(said.text))
            return await self._database.work_async(delivery.said_above, notice, self._now())
        return await self._push(self._chat, notice, told.chat, told.family_id)

    async def _push(self, channel: ChatChannel, notice: Claimed, chat: ChatView, family_id: int) -> None:
        """A new screen with the notice on top."""
        draw, mark = await self._database.read_async(self._drawn, notice, family_id)
        if draw is None:
            return await self._database.work_async(delivery.dropped, notice, self._now(), GONE)
        shown = await channel.show(chat.address, draw())
        return await self._database.work_async(delivery.pushed, notice, family_id, self._now(), shown, mark)

    def _drawn(self, session: Session, notice: Claimed, family_id: int) -> tuple[Callable[[], Screen] | None, int]:
        chat_id = notice.recipient_id
        draw = self._board(session, chat_id, self._now(), family_id=family_id, notice=notice.id)
        return draw, delivery.talks_mark(session, chat_id)

    async def _hand_to_mail(self, notice: Claimed, told: NoticeContents) -> None:
        if not told.addresses:
            raise _NoAddress
        if self._mail is None:
            raise NotSet("SMTP_URL")
        now = self._now()
        message = write(
            mail_text(notice.kind, told, self._base_url, now),
            sender=self._mail_from,
            sender_name=told.school.name,
            to=told.addresses,
            number=f"notice-{notice.id}",
            now=now,
        )
        await self._mail.send(message)

    async def _failed(self, notice: Claimed, told: NoticeContents | None, error: Exception) -> None:
        trouble = _trouble(error)
        _log.warning(
            "not sent", notice=notice.id, kind=notice.kind.value, attempt=notice.attempts, trouble=trouble.words
        )
        if trouble.words == _UNEXPECTED:
            _log.error("unexpected", notice=notice.id, error=type(error).__name__)
        if told is not None and told.family_id is not None and told.chat is not None and _takes_mail(notice, trouble):
            gone = trouble.outcome is Outcome.GONE
            return await self._mail_instead(notice, told.family_id, trouble.words, gone=gone)
        if trouble.outcome in (Outcome.GONE, Outcome.PERMANENT):
            return await self._database.work_async(queue.fail, notice.id, self._now(), trouble.words)
        await self._database.work_async(queue.retry, notice, self._now(), trouble.words, trouble.wait)
        return None

    async def _mail_instead(self, notice: Claimed, family_id: int, why: str, *, gone: bool = False) -> None:
        await self._database.work_async(delivery.mail_instead, notice, family_id, self._now(), why, gone=gone)


class _NoAddress(Exception):
    """Nobody to write to."""


_UNEXPECTED = classify(Exception()).words


def _trouble(error: Exception) -> Trouble:
    return Trouble(Outcome.PERMANENT, NO_ADDRESS) if isinstance(error, _NoAddress) else classify(error)


def _takes_mail(notice: Claimed, trouble: Trouble) -> bool:
    """A chat that is gone, a message it never takes, or twice no answer: a third try might be a second duplicate.

    A calendar file that a chat asked for is for that chat alone.
    """
    if notice.kind is NoticeKind.CARD:
        return False
    if trouble.outcome is Outcome.AMBIGUOUS:
        return notice.trouble == NO_ANSWER
    return trouble.outcome in (Outcome.GONE, Outcome.PERMANENT)

"""The chat that speaks first: python-telegram-bot's ExtBot with its rate limiter (docs/telegram.md). It only sends.

A 429 silences this whole sender: what waits in the limiter then fails at once with `Silenced`, unsent, for the limiter
itself lets go too early.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, InputMediaDocument
from telegram.error import BadRequest, RetryAfter
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from messages.channels.troubles import Silenced, classify
from messages.notices import Attachment, ChatMessage
from messages.screen import Button
from storage import timezone

AT_ONCE = 16  # in flight; with more, answers come no faster
_SECONDS_EACH = 0.04  # 25 a second over all chats, evenly: the limiter's defaults burst and are refused
_PATIENCE_SECONDS = 20.0
_LOST = ("message to edit not found", "message can't be edited", "message_id_invalid", "there is no")


class TelegramChat:
    """One bot. `api_base` is Telegram's address or a self-hosted Bot API server's; no call is made before the first.

    Close it when done.
    """

    def __init__(
        self,
        token: str,
        api_base: str,
        *,
        now: Callable[[], datetime] = timezone.now,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        for name in ("httpx", "httpcore"):  # they would log the token, which is part of every address
            logging.getLogger(name).setLevel(logging.WARNING)
        self._request = HTTPXRequest(
            connection_pool_size=AT_ONCE * 2,
            read_timeout=patience,
            write_timeout=patience,
            connect_timeout=patience / 2,
            pool_timeout=patience,
            media_write_timeout=patience,
        )
        self._limiter = _Limiter(now)
        self._bot: ExtBot[int] = ExtBot(
            token,
            base_url=f"{api_base}/bot",
            base_file_url=f"{api_base}/file/bot",
            request=self._request,
            get_updates_request=self._request,
            rate_limiter=self._limiter,
        )

    @property
    def silent_until(self) -> datetime | None:
        """Until when Telegram asked us to say nothing to anybody, if ever it did."""
        return self._limiter.silent_until

    async def send(self, address: str, message: ChatMessage, card: int | None = None) -> int:
        """Say it; the message's id. With `card` that message is changed instead, or sent anew where it is gone.

        Raises what python-telegram-bot raises, or Silenced: see `troubles`.
        """
        if message.calendar is None:
            return await self._say(address, message.text, message.button)
        if card is not None and await self._change(address, message.text, message.calendar, card):
            return card
        return await self._show(address, message.text, message.calendar)

    async def close(self) -> None:
        await self._request.shutdown()

    async def _say(self, address: str, text: str, button: Button | None) -> int:
        keys = None
        if button is not None and button.tap is not None:
            keys = InlineKeyboardMarkup.from_button(InlineKeyboardButton(button.label, callback_data=button.tap.pack()))
        said = await self._bot.send_message(
            int(address), text, parse_mode="HTML", protect_content=True, reply_markup=keys
        )
        return said.message_id

    async def _show(self, address: str, caption: str, file: Attachment) -> int:
        """The card. Not protected: its file is there to be kept."""
        document = InputFile(file.content, filename=file.name)
        shown = await self._bot.send_document(int(address), document, caption=caption, parse_mode="HTML")
        return shown.message_id

    async def _change(self, address: str, caption: str, file: Attachment, card: int) -> bool:
        """False where there is nothing to change any more: the person deleted it."""
        document = InputFile(file.content, filename=file.name, attach=True)
        media = InputMediaDocument(document, caption=caption, parse_mode="HTML")
        try:
            await self._bot.edit_message_media(media, chat_id=int(address), message_id=card)
        except BadRequest as error:
            said = str(error).lower()
            if "not modified" in said:
                return True
            if any(part in said for part in _LOST):
                return False
            raise
        return True


class _Limiter(AIORateLimiter):
    """Evenly paced, and silent after a 429 until the wait is over, whatever else is in flight."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(overall_max_rate=1, overall_time_period=_SECONDS_EACH, max_retries=0)
        self._now = now
        self._asked: tuple[datetime, datetime] | None = None  # when silence was asked for, and until when

    @property
    def silent_until(self) -> datetime | None:
        """A clock that was put back does not make the silence longer."""
        if self._asked is None or self._now() < self._asked[0]:
            return None
        return self._asked[1]

    async def process_request(self, callback: Any, *args: Any, **kwargs: Any) -> Any:
        async def unless_silent(*inner: Any, **more: Any) -> Any:
            left = self._silence_left()
            if left > timedelta():
                raise Silenced(left)
            try:
                return await callback(*inner, **more)
            except RetryAfter as error:
                now = self._now()
                self._asked = now, now + (classify(error).wait or timedelta())
                raise Silenced(self._silence_left()) from error  # the limiter would log it as an error of ours

        return await super().process_request(unless_silent, *args, **kwargs)

    def _silence_left(self) -> timedelta:
        until = self.silent_until
        return until - self._now() if until else timedelta()

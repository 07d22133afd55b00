"""The chat that speaks first: python-telegram-bot's ExtBot, at the bot's own pace (docs/telegram.md). It only sends.

A 429 silences the whole bot: what waits for its turn then fails at once with `Silenced`, unsent.
"""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, InputMediaDocument
from telegram.error import BadRequest, RetryAfter
from telegram.ext import BaseRateLimiter, ExtBot
from telegram.request import HTTPXRequest

from messages.channels.troubles import classify
from messages.notices import Attachment
from messages.pace import Pace, Silenced
from messages.screen import Button, Screen, whole

AT_ONCE = 16  # in flight; with more, answers come no faster
EMPTY = "·"  # what is left of a message that cannot be deleted
_FREE = frozenset({"deleteMessage", "answerCallbackQuery"})  # not counted among a bot's messages
_PATIENCE_SECONDS = 20.0
_LOST = ("message to edit not found", "message can't be edited", "message_id_invalid", "there is no")
_KEPT = ("message can't be deleted",)


class TelegramChat:
    """One bot. `api_base` is Telegram's address or a self-hosted Bot API server's; no call is made before the first.

    `pace` is shared with whatever else speaks for the bot. Close it when done.
    """

    def __init__(self, token: str, api_base: str, *, pace: Pace, patience: float = _PATIENCE_SECONDS) -> None:
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
        self._pace = pace
        self._bot: ExtBot[int] = ExtBot(
            token,
            base_url=f"{api_base}/bot",
            base_file_url=f"{api_base}/file/bot",
            request=self._request,
            get_updates_request=self._request,
            rate_limiter=_Paced(pace),
        )

    @property
    def silent_until(self) -> datetime | None:
        """Until when Telegram asked us to say nothing to anybody, if ever it did."""
        return self._pace.silent_until

    async def show(self, address: str, screen: Screen) -> int:
        """A new screen below all that was said, with a sound; the message's id.

        Protected: it holds personal data. Raises what python-telegram-bot raises, or Silenced: see `troubles`.
        """
        said = await self._bot.send_message(
            int(address), whole(screen), parse_mode="HTML", protect_content=True, reply_markup=_keys(screen)
        )
        return said.message_id

    async def redraw(self, address: str, screen: Screen, message_id: int | None) -> int:
        """The screen in place of this message, without a sound; sent anew where that is gone. The message's id."""
        if message_id is None or not await self._edited(address, screen, message_id):
            said = await self._bot.send_message(
                int(address),
                whole(screen),
                parse_mode="HTML",
                protect_content=True,
                disable_notification=True,
                reply_markup=_keys(screen),
            )
            return said.message_id
        return message_id

    async def file(self, address: str, caption: str, file: Attachment, card: int | None) -> int:
        """A calendar file: in place of the message `card`, or a new one; its id. Not protected: it is there to be kept.

        Raises as `show` does.
        """
        if card is not None and await self._file_changed(address, caption, file, card):
            return card
        document = InputFile(file.content, filename=file.name)
        shown = await self._bot.send_document(int(address), document, caption=caption, parse_mode="HTML")
        return shown.message_id

    async def remove(self, address: str, message_id: int) -> None:
        """Take a message out of the chat; one that cannot be deleted any more is emptied. It may be gone already."""
        try:
            await self._bot.delete_message(int(address), message_id)
        except BadRequest as error:
            if not any(part in str(error).lower() for part in _KEPT):
                return
            with contextlib.suppress(BadRequest):  # what somebody typed cannot be edited either
                await self._bot.edit_message_text(EMPTY, chat_id=int(address), message_id=message_id)

    async def close(self) -> None:
        await self._request.shutdown()

    async def _edited(self, address: str, screen: Screen, message_id: int) -> bool:
        """False where there is nothing to change any more."""
        keys = _keys(screen)
        return await _unless_lost(
            self._bot.edit_message_text(
                whole(screen), chat_id=int(address), message_id=message_id, parse_mode="HTML", reply_markup=keys
            )
        )

    async def _file_changed(self, address: str, caption: str, file: Attachment, card: int) -> bool:
        """False where there is nothing to change any more: the person deleted it."""
        document = InputFile(file.content, filename=file.name, attach=True)
        media = InputMediaDocument(document, caption=caption, parse_mode="HTML")
        return await _unless_lost(self._bot.edit_message_media(media, chat_id=int(address), message_id=card))


async def _unless_lost(editing: Awaitable[object]) -> bool:
    """Whether the message has what it was to get; False where it is gone."""
    try:
        await editing
    except BadRequest as error:
        said = str(error).lower()
        if "not modified" in said:
            return True
        if any(part in said for part in _LOST):
            return False
        raise
    return True


def _keys(screen: Screen) -> InlineKeyboardMarkup | None:
    if not screen.rows:
        return None
    return InlineKeyboardMarkup([[_key(button) for button in row] for row in screen.rows])


def _key(button: Button) -> InlineKeyboardButton:
    if button.tap is None:
        return InlineKeyboardButton(button.label, url=button.url)
    style = "primary" if button.strong else None
    return InlineKeyboardButton(button.label, callback_data=button.tap.pack(), style=style)


class _Paced(BaseRateLimiter[int]):
    """Each message waits for its turn; a 429 silences the whole bot."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to let go of."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],  # noqa: ARG002
        rate_limit_args: int | None,  # noqa: ARG002
    ) -> Any:
        if endpoint not in _FREE:
            await self._pace.turn()
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._pace.hush(classify(error).wait or timedelta(seconds=1))
            raise Silenced(self._pace.silence_left) from error

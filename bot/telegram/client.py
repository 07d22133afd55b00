"""The way to Telegram: one call at a time per caller, tried again a few times, never for long.

A screen that cannot be delivered within seconds is given up: the parent taps again, and what was booked stands.
No token and no text is ever logged.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import AnswerCallbackQuery, DeleteMessage, EditMessageText, SendMessage, TelegramMethod
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from markupsafe import escape

from messages.screen import Button, Screen

T = TypeVar("T")
Pause = Callable[[float], Coroutine[Any, Any, None]]

TRIES = 3
FIRST_PAUSE = 0.3  # seconds; doubled each time
LONGEST_WAIT = 5.0  # how long a 429 may make a parent wait before we give up
TIMEOUT = 10  # seconds for one call
LONGEST_ALERT = 200
EMPTY = "·"

log = logging.getLogger(__name__)


class TelegramClient:
    """Screens to one bot's chats."""

    def __init__(self, bot: Bot, pause: Pause = asyncio.sleep) -> None:
        self.bot, self._pause = bot, pause

    async def call(self, method: TelegramMethod[T]) -> T:
        """One call, repeated where Telegram is briefly away or asks to wait. Raises aiogram's error at last."""
        wait = FIRST_PAUSE
        for _ in range(TRIES - 1):
            try:
                return await self.bot(method, request_timeout=TIMEOUT)
            except TelegramRetryAfter as error:
                if error.retry_after > LONGEST_WAIT:
                    raise
                await self._pause(error.retry_after)
            except (TelegramServerError, TelegramNetworkError, ClientDecodeError) as error:
                log.warning("telegram: %s fails with %s", type(method).__name__, type(error).__name__)
                await self._pause(wait)
                wait *= 2
        return await self.bot(method, request_timeout=TIMEOUT)

    async def send(self, chat_id: int, screen: Screen) -> int:
        """A new message; its id. Every one is protected: even a harmless one may be edited into personal data later."""
        text = f"{escape(screen.alert)}\n\n{screen.text}" if screen.alert else screen.text
        keys = markup(screen.rows)
        sent = await self.call(
            SendMessage(chat_id=chat_id, text=text, parse_mode="HTML", reply_markup=keys, protect_content=True)
        )
        return sent.message_id

    async def edit(self, chat_id: int, message_id: int, screen: Screen) -> None:
        """The message becomes the screen; one that is gone or cannot be edited is sent anew."""
        keys = markup(screen.rows)
        changed = EditMessageText(
            chat_id=chat_id, message_id=message_id, text=screen.text, parse_mode="HTML", reply_markup=keys
        )
        try:
            await self.call(changed)
        except TelegramBadRequest as error:
            if "not modified" not in error.message.lower():
                await self.send(chat_id, Screen(screen.text, screen.rows))

    async def answer(self, query_id: str, alert: str = "") -> None:
        """Stop the phone's spinning; say `alert` where there is one. A tap that is too old is let be."""
        text = alert if len(alert) <= LONGEST_ALERT else alert[: LONGEST_ALERT - 1] + "…"
        try:
            await self.call(AnswerCallbackQuery(callback_query_id=query_id, text=text or None, show_alert=bool(text)))
        except TelegramBadRequest:
            log.info("telegram: a tap was too old to answer")

    async def delete(self, chat_id: int, message_id: int) -> bool:
        """Take a message out of the chat; whether that went. Raises nothing: it may be gone already."""
        try:
            return await self.call(DeleteMessage(chat_id=chat_id, message_id=message_id))
        except TelegramBadRequest:
            log.info("telegram: a message could not be deleted")
            return False

    async def put_away(self, chat_id: int, message_id: int) -> None:
        """Take an old screen of ours out of the chat; one older than 48 hours can only be emptied."""
        if await self.delete(chat_id, message_id):
            return
        with contextlib.suppress(TelegramBadRequest):
            await self.call(EditMessageText(chat_id=chat_id, message_id=message_id, text=EMPTY))


def markup(rows: tuple[tuple[Button, ...], ...]) -> InlineKeyboardMarkup | None:
    """The buttons as Telegram wants them, made directly: a builder would copy them all."""
    if not rows:
        return None
    return InlineKeyboardMarkup(inline_keyboard=[[_key(button) for button in row] for row in rows])


def _key(button: Button) -> InlineKeyboardButton:
    if button.tap is None:
        return InlineKeyboardButton(text=button.label, url=button.url)
    style = "primary" if button.strong else None
    return InlineKeyboardButton(text=button.label, callback_data=button.tap.pack(), style=style)


def shows(shown: InlineKeyboardMarkup | None, screen: Screen) -> bool:
    """Whether a message has these very buttons already."""
    there = [[(key.text, key.callback_data) for key in row] for row in shown.inline_keyboard] if shown else []
    wanted = [[(button.label, button.tap.pack() if button.tap else None) for button in row] for row in screen.rows]
    return there == wanted

"""The way to Telegram: one call at a time per caller, at the bot's own pace, tried again a few times, never for long.

What cannot be delivered within seconds is owed (`storage.outbox.owed`): whoever answers never waits for Telegram. No
token and no text is ever logged.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
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

from messages.pace import Pace, Silenced
from messages.screen import Button, Screen, whole

T = TypeVar("T")
Pause = Callable[[float], Coroutine[Any, Any, None]]

TRIES = 3
FIRST_PAUSE = 0.3  # seconds; doubled each time
LONGEST_WAIT = timedelta(seconds=3)  # that a parent may be kept waiting; a longer one is owed
TIMEOUT = 10  # seconds for one call
LONGEST_ALERT = 200
EMPTY = "·"
# Telegram is not there, or asks to wait: the same again later.
AWAY = (Silenced, TelegramServerError, TelegramNetworkError, ClientDecodeError)

log = logging.getLogger(__name__)


class TelegramClient:
    """Screens to one bot's chats. Every method may raise what `AWAY` names."""

    def __init__(self, bot: Bot, pace: Pace, pause: Pause = asyncio.sleep) -> None:
        self.bot, self._pace, self._pause = bot, pace, pause

    async def call(self, method: TelegramMethod[T]) -> T:
        """One call, repeated where Telegram is briefly away or asks to wait a moment.

        Raises aiogram's error at last, and Silenced where the wait is long.
        """
        wait = FIRST_PAUSE
        for _ in range(TRIES - 1):
            try:
                return await self._once(method)
            except (TelegramServerError, TelegramNetworkError, ClientDecodeError) as error:
                log.warning("telegram: %s fails with %s", type(method).__name__, type(error).__name__)
                await self._pause(wait)
                wait *= 2
            except Silenced as silenced:
                if silenced.wait > LONGEST_WAIT:
                    raise
                await self._pause(silenced.wait.total_seconds())
        return await self._once(method)

    async def send(self, chat_id: int, screen: Screen) -> int:
        """A new message; its id. Every one is protected: even a harmless one may be edited into personal data later."""
        keys = markup(screen.rows)
        sent = await self.call(
            SendMessage(chat_id=chat_id, text=whole(screen), parse_mode="HTML", reply_markup=keys, protect_content=True)
        )
        return sent.message_id

    async def edit(self, chat_id: int, message_id: int, screen: Screen) -> int:
        """The message becomes the screen; one that is gone or cannot be edited is sent anew. Which shows it now."""
        keys = markup(screen.rows)
        changed = EditMessageText(
            chat_id=chat_id, message_id=message_id, text=whole(screen), parse_mode="HTML", reply_markup=keys
        )
        try:
            await self.call(changed)
        except TelegramBadRequest as error:
            if "not modified" not in error.message.lower():
                return await self.send(chat_id, screen)
        return message_id

    async def answer(self, query_id: str, alert: str = "") -> None:
        """Stop the phone's spinning; say `alert` where there is one. A tap that is too old is let be."""
        text = alert if len(alert) <= LONGEST_ALERT else alert[: LONGEST_ALERT - 1] + "…"
        try:
            await self.call(AnswerCallbackQuery(callback_query_id=query_id, text=text or None, show_alert=bool(text)))
        except TelegramBadRequest:
            log.info("telegram: a tap was too old to answer")
        except AWAY:
            log.info("telegram: a tap could not be answered")

    async def remove(self, chat_id: int, message_id: int) -> None:
        """Take a message out of the chat; one that is older than 48 hours can only be emptied, and only one of ours.

        It may be gone already.
        """
        try:
            await self.call(DeleteMessage(chat_id=chat_id, message_id=message_id))
        except TelegramBadRequest as error:
            log.info("telegram: a message could not be deleted")
            if "can't be deleted" in error.message.lower():
                with contextlib.suppress(TelegramBadRequest):
                    await self.call(EditMessageText(chat_id=chat_id, message_id=message_id, text=EMPTY))

    async def _once(self, method: TelegramMethod[T]) -> T:
        message = isinstance(method, (SendMessage, EditMessageText))
        if message:
            await self._pace.turn(first=True)
        try:
            return await self.bot(method, request_timeout=TIMEOUT)
        except TelegramRetryAfter as error:
            wait = timedelta(seconds=error.retry_after)
            if message:  # what is not a message has limits of its own: the parents need not wait for it
                self._pace.hush(wait)
            raise Silenced(wait) from None


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

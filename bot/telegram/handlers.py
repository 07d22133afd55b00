"""What aiogram hears, handed to the conversation; what the conversation says, handed to the client.

No filters and no sync handlers: each would cost a thread hop (docs/telegram.md; a test walks the tree).
"""

import logging
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from aiogram import Dispatcher, Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError
from aiogram.methods import LeaveChat
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update
from sqlmodel import Session

from bot.conversation import Once, VisitorKey, answer_tap, answer_text
from bot.telegram import showing
from bot.telegram.client import TelegramClient
from bot.telegram.context import HandlerContext
from bot.telegram.isolation import NoStorage, OneAtATime
from messages.pace import Silenced
from messages.screen import Screen
from messages.text import spoken, words
from storage.access.chats import look, visit
from storage.outbox.delivery import unreachable
from storage.outbox.owed import owe_redraw
from storage.words import ChatKind

log = logging.getLogger(__name__)


def dispatcher(context: HandlerContext) -> Dispatcher:
    """The booking router first. Updates of one person in one chat are handled one after another."""
    heard = Dispatcher(storage=NoStorage(), events_isolation=OneAtATime(), context=context)
    booking, talking = Router(name="booking"), Router(name="talking")
    booking.callback_query.register(on_tap)
    talking.message.register(on_message)
    talking.my_chat_member.register(on_membership)
    heard.include_routers(booking, talking)
    return heard


async def on_tap(query: CallbackQuery, context: HandlerContext, event_update: Update) -> None:
    """One answer to the tap, one edit of its message."""
    if event_update.update_id in context.answered:
        await context.client.answer(query.id)
        return
    message = query.message
    if message is not None and message.chat.type != ChatType.PRIVATE:
        await context.client.answer(query.id, _only_private(query.from_user.language_code))
        return
    key = VisitorKey(ChatKind.TELEGRAM, str(query.from_user.id), query.from_user.language_code or "")
    once = Once(context.client.bot.id, event_update.update_id)
    try:
        answer = await answer_tap(context.deps, key, query.data or "", once)
    except Exception:
        said = words(spoken(key.language, "nl"))
        await context.client.answer(query.id, said.say("Something went wrong here. Please try again."))
        raise
    await _reachably(context, key, showing.after_tap(context, query, answer))
    context.answered.add(event_update.update_id)


async def on_message(message: Message, context: HandlerContext, event_update: Update) -> None:
    """The answer to a typed text; a secret is taken out of the chat."""
    if event_update.update_id in context.answered:
        return
    if message.chat.type != ChatType.PRIVATE:
        await _leave(context.client, message.chat.id, message.from_user.language_code if message.from_user else None)
        return
    phone = message.from_user.language_code if message.from_user else None
    key = VisitorKey(ChatKind.TELEGRAM, str(message.chat.id), phone or "")
    once = Once(context.client.bot.id, event_update.update_id, message.message_id)
    answer = await answer_text(context.deps, key, message.text or "", once)
    await _reachably(context, key, showing.after_text(context, message, answer))
    context.answered.add(event_update.update_id)


async def on_membership(event: ChatMemberUpdated, context: HandlerContext) -> None:
    """Blocked: mail instead of chat from now on. Let in again: reachable (M3). A group is left politely."""
    gone = event.new_chat_member.status in (ChatMemberStatus.KICKED, ChatMemberStatus.LEFT)
    if event.chat.type != ChatType.PRIVATE:
        if not gone:
            await _leave(context.client, event.chat.id, event.from_user.language_code)
        return
    key = VisitorKey(ChatKind.TELEGRAM, str(event.chat.id), event.from_user.language_code or "")
    if gone:
        await _retire(context, key)
    else:
        await context.deps.database.work_async(_let_in, key, context.deps.now())


def _let_in(session: Session, key: VisitorKey, now: datetime) -> None:
    """What was said meanwhile never came, so the screen is shown anew."""
    visitor = visit(session, key.kind, key.address, key.language, now)
    if visitor.screen is not None:
        owe_redraw(session, [visitor.chat_id], now, below=True)


async def _reachably(context: HandlerContext, key: VisitorKey, said: Coroutine[Any, Any, None]) -> None:
    """Say it; whoever turns out to have blocked the bot is marked so."""
    try:
        await said
    except TelegramForbiddenError:
        await _retire(context, key)


async def _retire(context: HandlerContext, key: VisitorKey) -> None:
    visitor = await context.deps.database.read_async(look, key.kind, key.address)
    if visitor is not None:
        await context.deps.database.work_async(unreachable, visitor.chat_id)


def _only_private(language: str | None) -> str:
    return words(spoken(language, "nl")).say("I only talk with one person at a time: please write to me privately.")


async def _leave(client: TelegramClient, chat_id: int, language: str | None) -> None:
    """Once, and then the group is left: nobody's child is spoken of there."""
    try:
        await client.send(chat_id, Screen(_only_private(language)))
        await client.call(LeaveChat(chat_id=chat_id))
    except (TelegramAPIError, Silenced) as error:
        log.info("telegram: leaving a group fails with %s", type(error).__name__)

"""What aiogram hears, handed to the conversation; what the conversation says, handed to the client.

No filters and no sync handlers: each would cost a thread hop (docs/telegram.md; a test walks the tree).
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from aiogram import Dispatcher, Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError
from aiogram.methods import LeaveChat
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update

from bot.conversation import Deps, Once, VisitorKey, answer_tap, answer_text
from bot.telegram.client import TelegramClient, shows
from bot.telegram.isolation import NoStorage, OneAtATime
from messages.screen import Screen
from messages.text import spoken, words
from storage.access.chats import look, put_screen, visit
from storage.outbox.delivery import unreachable
from storage.words import ChatKind

REMEMBERED = 10_000

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Answered:
    """The last updates that were answered in full: a redelivered one is not answered again (rule 17)."""

    updates: OrderedDict[int, None] = field(default_factory=OrderedDict)

    def __contains__(self, update_id: int) -> bool:
        return update_id in self.updates

    def add(self, update_id: int) -> None:
        self.updates[update_id] = None
        if len(self.updates) > REMEMBERED:
            self.updates.popitem(last=False)


@dataclass(frozen=True, slots=True)
class HandlerContext:
    """What every handler is given."""

    deps: Deps
    client: TelegramClient
    answered: Answered = field(default_factory=Answered)


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
        screen = await answer_tap(context.deps, key, query.data or "", once)
    except Exception:
        said = words(spoken(key.language, "nl"))
        await context.client.answer(query.id, said.say("Something went wrong here. Please try again."))
        raise
    await _reachably(context, key, _respond(context.client, query, screen))
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
    once = Once(context.client.bot.id, event_update.update_id)
    screen = await answer_text(context.deps, key, message.text or "", once)
    await _reachably(context, key, _reply(context, key, message, screen))
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
        await context.deps.database.work_async(visit, key.kind, key.address, key.language, context.deps.now())


async def _respond(client: TelegramClient, query: CallbackQuery, screen: Screen) -> None:
    message = query.message
    if not isinstance(message, Message) or message.text is None:
        chat_id = message.chat.id if message is not None else query.from_user.id
        await asyncio.gather(
            client.answer(query.id, screen.alert), client.send(chat_id, Screen(screen.text, screen.rows))
        )
    elif screen.alert and shows(message.reply_markup, screen):
        await client.answer(query.id, screen.alert)
    else:
        edit = client.edit(message.chat.id, message.message_id, screen)
        await asyncio.gather(client.answer(query.id, screen.alert), edit)


async def _reply(context: HandlerContext, key: VisitorKey, message: Message, screen: Screen) -> None:
    """A new screen below what was typed. The one before goes, so that the chat never holds two truths (P10)."""
    sending = context.client.send(message.chat.id, screen)
    if screen.delete_typed:
        shown, _ = await asyncio.gather(sending, context.client.delete(message.chat.id, message.message_id))
    else:
        shown = await sending
    before = await context.deps.database.work_async(put_screen, key.kind, key.address, shown)
    if before is not None:
        await context.client.put_away(message.chat.id, before)


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
    except TelegramAPIError as error:
        log.info("telegram: leaving a group fails with %s", type(error).__name__)

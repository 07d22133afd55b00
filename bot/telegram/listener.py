"""A bot that listens: its token, its dispatcher, its secret. Updates come in by polling or by webhook, and are
handled the same way here."""

import logging
import traceback
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import SetMyCommands, SetMyDescription, SetMyShortDescription, TelegramMethod
from aiogram.types import BotCommand, Update
from aiogram.types.update import UpdateTypeLookupError
from aiogram.utils.token import TokenValidationError

from bot.conversation import Deps
from bot.telegram.client import TelegramClient
from bot.telegram.context import HandlerContext
from bot.telegram.handlers import dispatcher
from bot.telegram.warmup import warm
from messages.pace import Pace, Silenced
from messages.text import SOURCE_LANGUAGE, languages, words
from storage.database.engine import Database
from storage.settings import Settings, WrongSettings

KINDS = ["message", "callback_query", "my_chat_member"]
FAILURES = 3  # of one update, before it is set aside: a queue must not stand still for one

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Failures:
    """How often each update failed lately."""

    counts: OrderedDict[int, int] = field(default_factory=OrderedDict)

    def one_more(self, update_id: int) -> bool:
        """Count a failure; whether it may be tried again."""
        self.counts[update_id] = self.counts.get(update_id, 0) + 1
        if len(self.counts) > 1000:
            self.counts.popitem(last=False)
        return self.counts[update_id] < FAILURES


@dataclass(frozen=True, slots=True)
class Listener:
    """One bot with all that it needs to hear and answer."""

    bot: Bot
    dispatcher: Dispatcher
    client: TelegramClient
    secret: str = ""
    failures: Failures = field(default_factory=Failures)

    async def hear(self, update: Update) -> bool:
        """Handle one update; False when it failed and should come again. After some failures it is set aside.

        One of a kind that is newer than aiogram is passed by before aiogram sees it, which would print it whole.
        """
        try:
            _ = update.event_type
        except UpdateTypeLookupError:
            log.warning("update %s is of an unknown kind and is passed by", update.update_id)
            return True
        try:
            await self.dispatcher.feed_update(self.bot, update)
        except Exception as error:
            places = "".join(traceback.format_tb(error.__traceback__))  # no values: they may be personal
            again = self.failures.one_more(update.update_id)
            log.error("update %s fails with %s, again: %s\n%s", update.update_id, type(error).__name__, again, places)
            return not again
        return True

    async def close(self) -> None:
        await self.dispatcher.fsm.close()
        await self.bot.session.close()


def listener(settings: Settings, database: Database, now: Callable[[], datetime], pace: Pace) -> Listener:
    """The bot of the settings, ready for its first tap. Raises WrongSettings for a token that cannot be one."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(settings.telegram_api_base))
    try:
        bot = Bot(settings.telegram_bot_token.get_secret_value(), session=session)
    except TokenValidationError:
        raise WrongSettings("TELEGRAM_BOT_TOKEN is not a token: copy it from @BotFather.") from None
    warm()
    client = TelegramClient(bot, pace)
    heard = dispatcher(HandlerContext(Deps(database, settings.pepper, now), client))
    return Listener(bot, heard, client, settings.telegram_webhook_secret.get_secret_value())


async def introduce(client: TelegramClient) -> None:
    """The phone's menu, and what a parent reads before START, in each language and for all others."""
    for language in (None, *languages()):
        said = words(language or SOURCE_LANGUAGE)
        commands = [
            BotCommand(command="start", description=said.say("Overview")),
            BotCommand(command="settings", description=said.say("Settings")),
        ]
        what = said.say("Choose the time of your talk with your child's teacher, here in the chat.")
        how = said.say("You need your child's first name and what your school asks for. Tap START to begin.")
        methods: tuple[TelegramMethod[bool], ...] = (
            SetMyCommands(commands=commands, language_code=language),
            SetMyShortDescription(short_description=what, language_code=language),
            SetMyDescription(description=f"{what}\n\n{how}", language_code=language),
        )
        for method in methods:
            try:
                await client.call(method)
            except (TelegramUnauthorizedError, TelegramNotFound):
                raise
            except (AiogramError, Silenced) as error:  # the bot does its work without
                log.warning("telegram: %s fails with %s", type(method).__name__, type(error).__name__)

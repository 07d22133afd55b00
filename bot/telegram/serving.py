"""The bot's process: polling, or announcing the webhook that the web process answers."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import DeleteWebhook, SetWebhook

from bot.telegram.listener import KINDS, Listener, introduce, listener
from bot.telegram.polling import LONGEST_PAUSE, Poller
from messages.pace import Pace, Silenced
from storage.database.engine import Database
from storage.settings import Settings, WrongSettings

NAME = "bot"  # the one bot for all schools: /telegram/bot

log = logging.getLogger(__name__)


def by_webhook(settings: Settings) -> bool:
    """Webhook where a secret for it is set, else polling."""
    return bool(settings.telegram_webhook_secret.get_secret_value())


async def serve(
    settings: Settings, database: Database, now: Callable[[], datetime], pace: Pace, stop: asyncio.Event
) -> None:
    """Listen until `stop`. Raises WrongSettings for a token that is none, or that Telegram refuses."""
    heard = listener(settings, database, now, pace)
    try:
        await _announce(heard, settings, stop)
        if by_webhook(settings):
            await stop.wait()
        else:
            await Poller(heard, stop).run()
    finally:
        await heard.close()


async def _announce(heard: Listener, settings: Settings, stop: asyncio.Event) -> None:
    """Say how updates are to come, and fill the menu; again and again while Telegram is away."""
    pause = 1.0
    while not stop.is_set():
        try:
            if by_webhook(settings):
                url, secret = f"{settings.base_url}/telegram/{NAME}", heard.secret
                await heard.client.call(SetWebhook(url=url, secret_token=secret, allowed_updates=KINDS))
            else:
                await heard.client.call(DeleteWebhook())
            await introduce(heard.client)
            return
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise WrongSettings("TELEGRAM_BOT_TOKEN is refused by Telegram.") from None
        except (AiogramError, Silenced) as error:
            log.warning("telegram: announcing fails with %s", type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), pause)
            except TimeoutError:
                pause = min(pause * 2, LONGEST_PAUSE)

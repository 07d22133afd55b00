"""Both unmodified libraries as clients of the local Bot API, and what a test of them needs beside it."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiogram
import telegram
import telegram.ext
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiohttp import web
from telegram.request import HTTPXRequest

from tests.botapi import BotApi

KEYS = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="14:20", callback_data="b.7f3.2a", style="primary")]]
)


def story(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Run an asynchronous test in a loop of its own; a minute is the end of every story."""

    @functools.wraps(test)
    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), 60))

    return run


@asynccontextmanager
async def aiogram_bot(api: BotApi, token: str | None = None) -> AsyncIterator[aiogram.Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api.url), timeout=20)
    async with aiogram.Bot(token or api.token, session=session) as bot:
        yield bot


@asynccontextmanager
async def ptb_bot(
    api: BotApi, token: str | None = None, read: float = 10, **settings: Any
) -> AsyncIterator[telegram.ext.ExtBot[None]]:
    request = HTTPXRequest(connection_pool_size=32, read_timeout=read)
    bot = telegram.ext.ExtBot(
        token or api.token, base_url=api.ptb_url, request=request, get_updates_request=request, **settings
    )
    async with bot:
        yield bot


@asynccontextmanager
async def site(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A web server of the test's own; its address."""
    app = web.Application()
    app.router.add_post("/hook", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()

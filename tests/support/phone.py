"""A parent's phone: `start`, `send`, `tap`, `screen`. One phone in Telegram, one in a browser, the same steps.

The Telegram phone drives the real dispatcher through the local Bot API, by polling or by webhook; the browser phone
drives the real pages over HTTP and keeps its cookies. Each step returns when its answer stands on the screen.
"""

import asyncio
import functools
import html
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
import uvicorn
from fastapi import FastAPI

from bot.board import board
from bot.telegram.listener import Listener, listener
from bot.telegram.polling import Poller
from bot.telegram.webhook import router as webhook_router
from bot.web.routes import router as web_router
from messages.channels.mail import Transport
from messages.channels.telegram import TelegramChat
from messages.pace import Pace
from messages.sending.sender import Sender
from storage.database.engine import Database
from storage.notices import school_edits
from storage.settings import Settings
from tests.botapi import BotApi, Message, User
from tests.support.cast import NOW, PEPPER

SECRET = "the-webhooks_secret"
QUICK = 1000  # messages a second, where a story is not about the pace
LONGEST_STORY = 600 if os.environ.get("TIENMINUTEN_LONG") else 60  # seconds


def story(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an asynchronous test in a loop of its own, with its fixtures."""

    @functools.wraps(test)
    def run(*fixtures: Any, **named: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*fixtures, **named), LONGEST_STORY))

    return run


@dataclass
class Clock:
    """The stories' clock: stands at NOW until it is put on."""

    at: datetime = NOW
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def put_on(self, **by: float) -> None:
        self.at += timedelta(**by)

    async def pause(self, seconds: float) -> None:
        """Instead of sleeping: it is written down, the clock is put on, and others get their turn."""
        self.pauses.append(seconds)
        self.put_on(seconds=seconds)
        await asyncio.sleep(0)


def settings(api: BotApi | None = None, **more: Any) -> Settings:
    token = {"telegram_bot_token": api.token, "telegram_api_base": api.url} if api else {}
    return Settings(_env_file=None, **{"secret_key": PEPPER.decode(), **token, **more})


class Phone(Protocol):
    """What a parent can do and see, whichever phone it is."""

    async def start(self, slug: str = "") -> None: ...
    async def send(self, text: str) -> None: ...
    async def tap(self, label: str) -> None: ...
    async def tap_packed(self, packed: str) -> None: ...
    @property
    def screen(self) -> str: ...
    @property
    def buttons(self) -> list[str]: ...
    @property
    def alert(self) -> str: ...
    def packed(self, label: str) -> str: ...


def _pick(buttons: dict[str, str], label: str) -> str:
    """The button of that label; else the only one that holds it."""
    if label in buttons:
        return buttons[label]
    fitting = [value for text, value in buttons.items() if label in text]
    assert len(fitting) == 1, f"{label!r} is not one of {list(buttons)}"
    return fitting[0]


class TelegramPhone:
    """A person at Telegram."""

    def __init__(self, user: User, api: BotApi) -> None:
        self.user, self.api = user, api
        self._alerts = 0

    async def start(self, slug: str = "") -> None:
        await self.user.start(slug)
        await self.api.idle()

    async def send(self, text: str) -> None:
        self._alerts = len(self.user.alerts)
        await self.user.send(text)
        await self.api.idle()

    async def tap(self, label: str) -> None:
        await self.tap_packed(self.packed(label))

    async def tap_packed(self, packed: str) -> None:
        await self.tap_at(self._newest.message_id, packed)

    async def tap_at(self, message_id: int, packed: str) -> None:
        """Press a button of an older message, or one that never was."""
        self._alerts = len(self.user.alerts)
        await self.user.tap(message_id, packed)
        await self.api.idle()
        assert self.user.spinning == [], "a tap was never answered"

    def packed(self, label: str) -> str:
        return _pick({button["text"]: button["callback_data"] for button in self._newest.buttons}, label)

    @property
    def screen(self) -> str:
        return self._newest.text

    @property
    def buttons(self) -> list[str]:
        return [button["text"] for button in self._newest.buttons]

    @property
    def alert(self) -> str:
        """What popped up at the last step, or nothing."""
        return "\n".join(self.user.alerts[self._alerts :])

    @property
    def typed(self) -> list[str]:
        """What the person typed and still stands in the chat."""
        return [message.text for message in self.user.chat if not message.from_bot]

    @property
    def _newest(self) -> Message:
        return [message for message in self.user.chat if message.from_bot][-1]


class BrowserPhone:
    """The chat page, without its script."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.slug, self.page, self.status = "", "", 0

    async def start(self, slug: str = "") -> None:
        self.slug = slug
        await self._get(f"/{slug}")

    async def send(self, text: str) -> None:
        await self._post(text=text)

    async def tap(self, label: str) -> None:
        await self.tap_packed(self.packed(label))

    async def tap_packed(self, packed: str) -> None:
        if packed.startswith("/"):
            await self._get(packed)
        else:
            await self._post(tap=packed)

    def packed(self, label: str) -> str:
        return _pick(self._keys(), label)

    @property
    def screen(self) -> str:
        """As one message would show it: what was not seen yet, the screen, the newest word."""
        banners = re.findall(r'<div class="bubble banner">(.*?)</div>', self.page, re.DOTALL)
        shown = re.findall(r'id="newest"[^>]*>(.*?)</div>', self.page, re.DOTALL)
        notes = re.findall(r'role="status">(.*?)</p>', self.page, re.DOTALL)
        return "\n\n".join(_plain(part) for part in (*banners, *shown, *notes))

    @property
    def buttons(self) -> list[str]:
        return list(self._keys())

    @property
    def alert(self) -> str:
        found = re.search(r'role="alert">(.*?)</p>', self.page, re.DOTALL)
        return _plain(found[1]) if found else ""

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self.page)
        return found[1] if found else ""

    def _keys(self) -> dict[str, str]:
        shown = re.findall(r'<(?:a|button) class="key[^"]*" (?:href|name="tap" value)="([^"]*)">(.*?)</', self.page)
        return {_plain(label): html.unescape(value) for value, label in shown}

    async def _get(self, path: str) -> None:
        self._keep(await self.client.get(path))

    async def _post(self, **fields: str) -> None:
        form = {"csrf": self.csrf, **fields}
        self._keep(await self.client.post(f"/{self.slug}", data=form))

    def _keep(self, response: httpx.Response) -> None:
        self.page, self.status = response.text, response.status_code
        self.slug = response.url.path.strip("/")


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()


@asynccontextmanager
async def polling(api: BotApi, database: Database, clock: Clock, pace: Pace | None = None) -> AsyncIterator[Listener]:
    """The bot at work, asking for updates."""
    heard = listener(settings(api), database, clock.now, pace or Pace(clock.now, QUICK))
    heard.client._pause = clock.pause
    stop = asyncio.Event()
    poller = asyncio.create_task(Poller(heard, stop, clock.pause).run())
    await api.until(lambda _: api.first.updates.polling or poller.done())
    try:
        yield heard
    finally:
        stop.set()
        await asyncio.wait_for(poller, 10)
        await heard.close()


@asynccontextmanager
async def webhook(api: BotApi, database: Database, clock: Clock, pace: Pace | None = None) -> AsyncIterator[Listener]:
    """The bot at work behind a real web server, as Telegram calls it."""
    heard = listener(settings(api, telegram_webhook_secret=SECRET), database, clock.now, pace or Pace(clock.now, QUICK))
    heard.client._pause = clock.pause
    app = FastAPI()
    app.include_router(webhook_router({"bot": heard}))
    async with served(app) as address:
        await heard.bot.set_webhook(f"{address}/telegram/bot", secret_token=SECRET)
        try:
            yield heard
        finally:
            await heard.bot.delete_webhook()
            await heard.close()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """A real web server in this loop, on a port that the system chooses; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    started = asyncio.Event()
    serving = asyncio.create_task(_serve(server, started))
    await asyncio.wait({serving, asyncio.create_task(started.wait())}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def _serve(server: uvicorn.Server, started: asyncio.Event) -> None:
    startup = server.startup

    async def and_tell(*given: Any, **named: Any) -> None:
        await startup(*given, **named)
        started.set()

    server.startup = and_tell  # type: ignore[method-assign]
    await server.serve()


def browser(database: Database, clock: Clock, **more: Any) -> httpx.AsyncClient:
    """A browser that holds cookies, before the chat's pages."""
    app = FastAPI()
    app.include_router(web_router(database, settings(**more), clock.now))
    language = {"Accept-Language": "nl-NL,nl;q=0.9,en;q=0.5", "Sec-Fetch-Site": "same-origin"}
    transport = httpx.ASGITransport(app=app)
    base = more.get("base_url", "http://127.0.0.1:8000")
    return httpx.AsyncClient(transport=transport, base_url=base, headers=language, follow_redirects=True)


@dataclass
class Street:
    """Everybody's phones of one story."""

    database: Database
    clock: Clock
    front: str
    api: BotApi | None = None
    listener: Listener | None = None
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    mail: Transport | None = None

    async def tell(self, **later: float) -> None:
        """Time passes, then what is due is told and what chats are owed is paid, as the clock's ticks do."""
        self.clock.put_on(**later)
        self.database.work(school_edits.plan_redraws, self.clock.now())
        channel = None
        if self.api is not None:
            channel = TelegramChat(self.api.token, self.api.url, pace=Pace(self.clock.now, QUICK))
        sender = Sender(
            self.database,
            board=board,
            chat=channel,
            mail=self.mail,
            mail_from="Tienminuten <post@tienminuten.example>",
            base_url="https://tienminuten.example",
            pepper=PEPPER,
            now=self.clock.now,
        )
        await sender.send_due()
        if channel is not None:
            await channel.close()

    def phone(self, name: str, language: str = "nl") -> Phone:
        """A new person with a phone."""
        if self.api is not None:
            return TelegramPhone(self.api.user(name, language), self.api)
        client = browser(self.database, self.clock)
        client.headers["Accept-Language"] = language
        self.clients.append(client)
        return BrowserPhone(client)

    def telegram(self, name: str, language: str | None = "nl") -> TelegramPhone:
        assert self.api is not None, "this story is of Telegram"
        return TelegramPhone(self.api.user(name, language), self.api)


@asynccontextmanager
async def street(database: Database, front: str = "polling", *, paced: bool = False) -> AsyncIterator[Street]:
    """A story's world: `front` is polling, webhook or web; `paced`: messages go as slowly as Telegram wants them."""
    clock = Clock()
    if front == "web":
        lived = Street(database, clock, front)
        try:
            yield lived
        finally:
            for client in lived.clients:
                await client.aclose()
        return
    listening = polling if front == "polling" else webhook
    pace = Pace(clock.now) if paced else Pace(clock.now, QUICK)
    async with BotApi() as api, listening(api, database, clock, pace) as heard:
        yield Street(database, clock, front, api, heard)

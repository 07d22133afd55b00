"""The local Bot API: an HTTP server on loopback that unmodified Telegram libraries talk to.

It answers as api.telegram.org does, over plain HTTP, and lets a test play the people, read every call
and break the line. It never imports a Telegram library and never looks into the bot that it serves.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.botapi.bots import Bot
from tests.botapi.faults import Fault, Faults, Limiter, Planned
from tests.botapi.methods import METHODS
from tests.botapi.people import PATIENCE, Account, User
from tests.botapi.requests import Ask, read_request
from tests.botapi.updates import Patience
from tests.botapi.words import Call, Changes, Refused, too_many

BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"


class BotApi:
    """`async with BotApi() as api:` runs it; `api.url` is its address, `api.token` that of the first bot.

    aiogram: `TelegramAPIServer.from_base(api.url)`; python-telegram-bot: `base_url=api.ptb_url`.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time, patience: Patience | None = None) -> None:
        self.faults, self.limiter, self.changes = Faults(), Limiter(), Changes()
        self.bots: dict[str, Bot] = {}
        self.calls: list[Call] = []
        self.port = 0
        self._source, self._passed = clock, 0.0
        self._patience = patience or Patience()
        self._people = 0
        self._busy = 0
        self._closing: asyncio.Event = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._http: aiohttp.ClientSession | None = None
        self.first = self.bot("tienminuten_bot")

    # Running

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on a port that the system chooses."""
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        for bot in self.bots.values():
            bot.updates.http = self._http
        await self.up()

    async def stop(self) -> None:
        """End every poll, post and hanging call, then the server."""
        self._closing.set()
        for bot in self.bots.values():
            await bot.updates.close()
        if self._http:
            await self._http.close()
        if self._runner:
            await self._runner.cleanup()

    async def down(self) -> None:
        """Refuse connections and cut the open ones, as when Telegram is away."""
        assert self._site, "the server listens already no more"
        await self._site.stop()
        self._site = None
        for connection in self._runner.server.connections if self._runner and self._runner.server else []:
            connection.force_close()

    async def up(self) -> None:
        """Listen, after `down` on the same port again."""
        assert self._runner, "the server does not run"
        self._site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await self._site.start()
        self.port = self._runner.addresses[0][1]

    @property
    def url(self) -> str:
        """The address that takes the place of https://api.telegram.org."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ptb_url(self) -> str:
        """The address in the form that python-telegram-bot wants."""
        return f"{self.url}/bot"

    @property
    def token(self) -> str:
        """The token of the first bot."""
        return self.first.token

    # What a test plays

    def bot(self, username: str, token: str | None = None) -> Bot:
        """One more bot, with a token of its own."""
        number = len(self.bots) + 1
        token = token or f"{7_000_000_000 + number}:{f'local-{number}-':A<35}"
        bot = Bot(token, username, self.clock, self.changes, self._patience, self._perform)
        bot.updates.http = self._http
        self.bots[token] = bot
        return bot

    def user(self, first_name: str, language_code: str | None = None, bot: Bot | None = None) -> User:
        """A new person, in the chat with `bot` (else the first bot), which is not started yet."""
        self._people += 1
        return User(Account(410_000_000 + self._people, first_name, language_code), bot or self.first)

    def clock(self) -> float:
        """Seconds since 1970, with what was let pass."""
        return self._source() + self._passed

    def pass_time(self, seconds: float) -> None:
        """Let the server's clock jump ahead."""
        self._passed += seconds
        self.changes.changed()

    def calls_of(self, method: str, chat_id: int | None = None) -> list[Call]:
        """The calls of one method so far, of one chat or of all."""
        wanted = [call for call in self.calls if call.method.lower() == method.lower()]
        return [call for call in wanted if chat_id is None or call.chat_id == chat_id]

    async def until(self, fact: Callable[["BotApi"], Any], timeout: float = PATIENCE) -> None:
        """Wait until `fact(api)` is true. Raises AssertionError after `timeout` seconds."""
        try:
            await self.changes.until(lambda: fact(self), timeout)
        except TimeoutError:
            last = [(call.method, call.status, call.description) for call in self.calls[-5:]]
            raise AssertionError(f"not so within {timeout} s; the last calls: {last}") from None

    async def idle(self, timeout: float = PATIENCE) -> None:
        """Wait until every update was taken and no call is being answered.

        Exact for a webhook that answers after handling. A poller takes an update by asking for the next
        one: exact where it handles before it asks (aiogram: `handle_as_tasks=False`).
        """
        await self.until(lambda _: not self._busy and all(bot.updates.idle for bot in self.bots.values()), timeout)

    # Answering

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """One call: fault, limit, method; every outcome is written down."""
        token, method = request.match_info["token"], request.match_info["method"]
        arrived, ask, planned = self.clock(), Ask(), None
        counted = method.lower() != "getupdates"
        self._busy += counted
        status: int | None = None
        body: dict[str, Any] = {"description": "no answer"}
        try:
            ask = await read_request(request)
            bot = self._bot(token)
            planned = self.faults.take(method.lower(), ask.number("chat_id"))
            self._strike(planned)
            self.limiter.take(arrived, token, method.lower(), ask.number("chat_id"))
            body = {"ok": True, "result": await self._call(bot, method, ask)}
            status = None if planned else 200
        except Refused as refused:
            status, body = refused.code, refused.body()
        except ConnectionResetError:
            body = {"description": "dropped"}
        finally:
            self._busy -= counted
            description, agent = str(body.get("description", "")), request.headers.get("User-Agent", "")
            call = Call(arrived, token, method, ask.params, status, description, agent)
            self.calls.append(call)
            self.changes.changed()
        return await self._respond(request, planned, status, body)

    async def _respond(
        self, request: web.Request, planned: Planned | None, status: int | None, body: dict[str, Any]
    ) -> web.StreamResponse:
        """Send the answer, or fail to, as the fault wants it."""
        fault = planned.fault if planned else None
        if fault is Fault.HANG:
            await self._closing.wait()
        if fault is Fault.BAD_GATEWAY:
            return web.Response(status=502, text=BAD_GATEWAY, content_type="text/html")
        if status is None and request.transport:
            request.transport.abort()
        return web.json_response(body, status=status or 500, dumps=_compact)

    def _strike(self, planned: Planned | None) -> None:
        """Let a fault that comes before the call strike."""
        match planned.fault if planned else None:
            case Fault.TOO_MANY:
                raise too_many(planned.retry_after if planned else 1)
            case Fault.SERVER_ERROR:
                raise Refused(500, "Internal Server Error")
            case Fault.BAD_GATEWAY:
                raise Refused(502, "Bad Gateway")
            case Fault.DROP:
                raise ConnectionResetError

    def _bot(self, token: str) -> Bot:
        if token not in self.bots:
            raise Refused(401, "Unauthorized")
        return self.bots[token]

    async def _call(self, bot: Bot, method: str, ask: Ask) -> Any:
        """Carry a call out. Raises Refused."""
        carry_out = METHODS.get(method.lower())
        if carry_out is None:
            raise Refused(404, "Not Found: method not found")
        result = carry_out(bot, ask)
        return await result if asyncio.iscoroutine(result) else result

    async def _perform(self, bot: Bot, ask: Ask) -> None:
        """Carry out the call that a webhook's answer holds; nobody hears how it went but the log."""
        method, status, description = ask.text("method"), 200, ""
        try:
            self.limiter.take(self.clock(), bot.token, method.lower(), ask.number("chat_id"))
            await self._call(bot, method, ask)
        except Refused as refused:
            status, description = refused.code, refused.description
        self.calls.append(Call(self.clock(), bot.token, method, ask.params, status, description, "webhook"))
        self.changes.changed()


def _compact(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

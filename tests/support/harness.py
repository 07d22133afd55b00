"""The whole house at work, as `tienminuten run` starts it, with people around it: Telegram, a mail server, a browser.

Only the clock is a test's own: it stands until it is put on, and the house's ticks may be called by hand, so that
nobody waits for seconds to pass. All settings come from the environment, as an operator sets them.
"""

import asyncio
import contextlib
import io
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from icalendar import Calendar, Event

from admin.commands import main, process
from admin.commands.parts import PARTS
from admin.commands.process import Process, address, listen, live
from admin.observability import logs
from messages.sending.clock import Clock as Ticking
from messages.sending.clock import clock
from storage import timezone
from storage.database.engine import Database
from storage.settings import Settings, read_settings
from tests.botapi import BotApi, Message, User
from tests.support.cast import PEPPER
from tests.support.mail_server import MailServer
from tests.support.phone import Clock, TelegramPhone

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class Operator:
    """Somebody at a terminal of the machine that serves, whose clock is the story's."""

    def __init__(self, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
        self.folder, self.clock, self._patch = folder, clock, monkeypatch
        monkeypatch.chdir(folder)
        for name in Settings.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setattr(timezone, "now", clock.now)
        self.set(DATABASE_URL=url, DATA_DIR=str(folder / "data"), SECRET_KEY=PEPPER.decode(), LOG_LEVEL="DEBUG")

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self._patch.setenv(name, value)

    @contextmanager
    def clocks(self) -> Iterator[list[Ticking]]:
        """The clocks that `run` makes meanwhile."""
        made: list[Ticking] = []
        make = clock

        def and_keep(*given: Any, **named: Any) -> Ticking:
            made.append(make(*given, **named))
            return made[-1]

        with self._patch.context() as patch:
            patch.setattr(process, "clock", and_keep)
            yield made

    def does(self, *words: str, typed: str = "") -> None:
        """One command, which must be done."""
        with self._patch.context() as patch:
            patch.setattr("sys.stdin", io.StringIO(typed))
            assert main(list(words)) == 0, words


@dataclass
class Town:
    """A house that serves, and everybody around it."""

    clock: Clock
    api: BotApi
    mail: MailServer
    base: str
    ticking: Ticking
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def phone(self, name: str, language: str = "nl") -> TelegramPhone:
        return TelegramPhone(self.api.user(name, language), self.api)

    async def tick(self) -> None:
        """Let the house look at its clock now, and send all that is due."""
        await self.ticking.tick_due()
        await self.ticking.tick_send()

    def desk(self) -> "Desk":
        client = httpx.AsyncClient(base_url=self.base, headers={"Accept-Language": "nl"}, follow_redirects=True)
        self.clients.append(client)
        return Desk(client)


class Desk:
    """Somebody of the school at the desk, over HTTP: reads pages, follows links, sends forms."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.page, self.path = client, "", ""

    async def sign_in(self, email: str, password: str) -> None:
        await self.open("/desk/sign-in")
        await self.send("/desk/sign-in", email=email, password=password)

    async def open(self, path: str) -> None:
        self._keep(await self.client.get(path))

    async def follow(self, label: str) -> None:
        """The first link whose words hold `label`."""
        links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', self.page, re.DOTALL)
        fitting = [href for href, words in links if label in " ".join(re.sub(r"<[^>]+>", "", words).split())]
        assert fitting, f"no link says {label!r} on {self.path}"
        await self.open(fitting[0].replace("&amp;", "&"))

    async def send(self, path: str, **fields: str) -> None:
        token = _CSRF.search(self.page)
        assert token is not None, f"no form on {self.path}"
        self._keep(await self.client.post(path, data={"csrf": token[1], **fields}))

    async def press(self, label: str) -> None:
        """The first form whose button holds `label`, sent as it stands."""
        forms = re.findall(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', self.page, re.DOTALL)
        fitting = [one for one in forms if label in " ".join(re.sub(r"<[^>]+>", "", one[1]).split())]
        assert fitting, f"no button says {label!r} on {self.path}"
        path, inside = fitting[0]
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', inside))
        hidden.pop("csrf")
        await self.send(path, **hidden)

    @property
    def said(self) -> str:
        """What the page tells of the last change."""
        found = re.search(r'<p class="notice[^"]*" role="status">(.*?)</p>', self.page)
        return found[1] if found else ""

    def _keep(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, f"{answer.url}: {answer.status_code}"
        self.page, self.path = answer.text, answer.url.path


@asynccontextmanager
async def town(operator: Operator, *processes: str, **more: str) -> AsyncIterator[Town]:
    """`tienminuten run` as the environment says; with names of parts a run for each, over databases of their own.

    They are stopped as a service manager stops them.
    """
    stop = asyncio.Event()
    async with BotApi() as api, contextlib.AsyncExitStack() as closing:
        mail, ticking = closing.enter_context(MailServer()), closing.enter_context(operator.clocks())
        bound = listen("127.0.0.1", 0)
        base = address(bound)
        operator.set(TELEGRAM_BOT_TOKEN=api.token, TELEGRAM_API_BASE=api.url, SMTP_URL=mail.url, BASE_URL=base, **more)
        settings = read_settings()
        serving = []
        of_each: list[tuple[str, ...]] = [(one,) for one in processes] or [PARTS]
        for parts in of_each:
            database = Database(settings.database)
            closing.callback(database.close)
            house = Process(database, settings, parts, now=operator.clock.now)
            serving.append(asyncio.create_task(live(house, bound if "web" in parts else None, stop)))
        await heard(api, *serving)
        lived = Town(operator.clock, api, mail, base, ticking[0])
        try:
            yield lived
        finally:
            for client in lived.clients:
                await client.aclose()
            stop.set()
            await asyncio.gather(*serving)


async def heard(api: BotApi, *serving: "asyncio.Task[None]") -> None:
    """Return as soon as the house asks Telegram for updates, or has said where they are to be brought."""
    updates = api.first.updates
    asking = asyncio.create_task(api.until(lambda _: updates.polling or updates.webhook))
    await asyncio.wait({asking, *serving}, return_when=asyncio.FIRST_COMPLETED)
    asking.cancel()
    for one in serving:
        if one.done():
            await one
            raise AssertionError("the house stopped by itself")


@contextmanager
def logged(level: str = "DEBUG") -> Iterator[io.StringIO]:
    """All that a process logs meanwhile, as it would stand on standard error; then logging is as it was."""
    logging.getLogger("mail.log").setLevel(
        logging.CRITICAL
    )  # the mail server of tests/support/mail_server.py: another house
    root, names = logging.getLogger(), ("", *logs.QUIET)
    before = root.handlers[:], [logging.getLogger(name).level for name in names], structlog.get_config()
    with redirect_stderr(io.StringIO()) as told:
        logs.configure(level)
        try:
            yield told
        finally:
            root.handlers[:] = before[0]
            for name, kept in zip(names, before[1], strict=True):
                logging.getLogger(name).setLevel(kept)
            structlog.configure(**before[2])


def cards(user: User) -> list[tuple[Message, Event]]:
    """The cards in a chat with the event of each one's calendar file."""
    shown = [(message, message.document) for message in user.chat if message.document is not None]
    return [(message, Calendar.from_ical(file.content).events[0]) for message, file in shown]

"""(a) A tap that books, through the whole Telegram path, beside a bare aiogram handler that says the same.

Both are posted the same JSON over ASGI, to the same webhook route; both answer the tap and edit its message into the
same text and buttons, through aiogram's own session, which builds each request and reads each answer; only the network
between is left out. Ours finds the family, books in a transaction that is on disk before the answer goes out, and
renders the screen. The bare one unpacks the tap by a CallbackData filter and has the text at hand: it keeps nothing.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.filters.callback_data import CallbackData
from aiogram.methods import EditMessageText, TelegramMethod
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup
from fastapi import FastAPI
from sqlmodel import Session

from bot.telegram.client import TelegramClient
from bot.telegram.listener import Listener, listener
from bot.telegram.webhook import SECRET_HEADER, router
from messages.pace import Pace
from messages.taps import Book
from storage import tables
from storage.database.engine import Database
from storage.settings import Settings
from storage.words import ChatKind
from tests.bench.bookings import FAMILIES, NOW, Job, planning_of, sqlite_database
from tests.bench.measuring import Pair, driven

WANTED = 0.30
TOKEN = "7000000001:" + "A" * 35
SECRET = "a-secret-of-the-bench"
WARM_UP = 64
TAPS = 640  # of each contestant, at each concurrency
_numbers = count(1)


class NoNetwork(AiohttpSession):
    """aiogram's session up to the wire: what would be sent is built, what would come back is read."""

    def __init__(self) -> None:
        super().__init__()
        self.edits: list[EditMessageText] = []

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        self.build_form_data(bot, method)
        await asyncio.sleep(0)
        answer: Any = True
        if isinstance(method, EditMessageText):
            self.edits = [method]
            answer = _message(int(method.chat_id or 0), method.text or "", [])
        return self.check_response(bot, method, 200, json.dumps({"ok": True, "result": answer})).result


class Take(CallbackData, prefix="take", sep="."):
    """The bare bot's tap: the same five numbers."""

    family: int
    student: int
    planning: int
    day: int
    slot: int


@dataclass(frozen=True)
class Contestant:
    """A bot behind a webhook, and how its taps are packed."""

    heard: Listener
    pack: Callable[[Job], str]

    def submit(self) -> Callable[[Job], Awaitable[None]]:
        app = FastAPI()
        app.include_router(router({"bot": self.heard}))

        async def post(job: Job) -> None:
            status = await _posted(app, _update(job, self.pack(job)))
            assert status == 200

        return post


async def _posted(app: FastAPI, body: bytes) -> int:
    """What a server does with a request, without the socket."""
    path = "/telegram/bot"
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "https",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(SECRET_HEADER.lower().encode(), SECRET.encode()), (b"content-type", b"application/json")],
    }  # fmt: skip
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: dict[str, Any]) -> None:
        nonlocal status
        status = event.get("status", status)

    await app(scope, receive, send)  # type: ignore[arg-type]
    return status


def _message(chat_id: int, text: str, keys: list[Any]) -> dict[str, Any]:
    return {
        "message_id": 7, "date": int(NOW.timestamp()), "text": text,
        "chat": {"id": chat_id, "type": "private", "first_name": "Ouder"},
        "from": {"id": 7000000001, "is_bot": True, "first_name": "Bot"},
        "reply_markup": {"inline_keyboard": keys},
    }  # fmt: skip


def _update(job: Job, packed: str) -> bytes:
    """The tap on one of nine times, as Telegram posts it."""
    keys = [[{"text": f"1{row}:{place}0", "callback_data": packed} for place in range(3)] for row in range(3)]
    person = {"id": job[0], "is_bot": False, "first_name": "Ouder", "language_code": "nl"}
    query = {
        "id": str(next(_numbers)), "from": person, "chat_instance": "1", "data": packed,
        "message": _message(job[0], "Welke tijd?", keys),
    }  # fmt: skip
    return json.dumps({"update_id": next(_numbers), "callback_query": query}).encode()


def _tap_of(job: Job) -> Book:
    family, student, slot = job
    return Book(family_id=family, student_id=student, planning_id=planning_of(slot), day=NOW.toordinal(), slot_id=slot)


def ours(database: Database) -> Contestant:
    database.work(_link)
    settings = Settings(_env_file=None, secret_key="x" * 32, telegram_bot_token=TOKEN, telegram_webhook_secret=SECRET)
    heard = listener(settings, database, lambda: NOW, Pace(per_second=1e6))
    heard.bot.session = NoNetwork()
    return Contestant(heard, lambda job: _tap_of(job).pack())


def _link(session: Session) -> None:
    """A chat for each family: the address is the family's number."""
    people = range(1, FAMILIES + 1)
    common: dict[str, Any] = {"kind": ChatKind.TELEGRAM, "school_id": 1, "seen": NOW - timedelta(days=1)}
    session.add_all([tables.Chat(id=n, address=str(n), family_id=n, **common) for n in people])
    session.flush()
    session.add_all([tables.Link(school_id=1, family_id=n, chat_id=n, since=NOW) for n in people])


def bare(text: str, labels: list[list[str]]) -> Contestant:
    """A handler as the tutorial writes it, with nothing behind it."""
    bot = Bot(TOKEN, session=NoNetwork())
    heard, taps = Dispatcher(), Router()

    @taps.callback_query(Take.filter())
    async def taken(query: CallbackQuery, callback_data: Take) -> None:
        slot = callback_data.slot
        keys = [[InlineKeyboardButton(text=label, callback_data=f"v.{slot}") for label in row] for row in labels]
        await query.answer()
        await query.message.edit_text(  # type: ignore[union-attr]
            text, parse_mode="HTML", reply_markup=InlineKeyboardMarkup(inline_keyboard=keys)
        )

    heard.include_router(taps)

    def packed(job: Job) -> str:
        tap = _tap_of(job)
        return Take(
            family=tap.family_id, student=tap.student_id, planning=tap.planning_id, day=tap.day, slot=tap.slot_id
        ).pack()

    return Contestant(Listener(bot, heard, TelegramClient(bot, Pace(per_second=1e6)), SECRET), packed)


def measure(folder: Path, crowds: tuple[int, ...] = (16, 64)) -> list[Pair]:
    """One run: at each concurrency, ours and the bare one after each other."""
    return asyncio.run(_measure(folder, crowds))


async def _measure(folder: Path, crowds: tuple[int, ...]) -> list[Pair]:
    found = []
    with sqlite_database(folder, "taps.db") as (database, jobs):
        mine = ours(database)
        post = mine.submit()
        await driven(post, jobs[:WARM_UP], 16)
        session = mine.heard.bot.session
        assert isinstance(session, NoNetwork)
        said = session.edits[0]
        assert said.text is not None
        assert said.reply_markup is not None
        other = bare(said.text, [[key.text for key in row] for row in said.reply_markup.inline_keyboard])
        post_bare = other.submit()
        await driven(post_bare, jobs[:WARM_UP], 16)
        begin = WARM_UP
        for crowd in crowds:
            some = jobs[begin : begin + TAPS]
            begin += TAPS
            found.append(
                Pair(
                    f"(a) a tap that books / a bare handler, {crowd} at once",
                    await driven(post, some, crowd),
                    await driven(post_bare, some, crowd),
                    WANTED,
                )
            )
        await mine.heard.close()
        await other.heard.close()
        booked = database.read(lambda session: session.query(tables.Booking).count())
    assert booked == begin, "every tap booked"
    return found

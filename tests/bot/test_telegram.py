"""The bot's own parts: no sync filter or handler in the router tree, labels and texts within Telegram's limits."""

import asyncio
import logging
from collections.abc import Iterator

import pytest
from aiogram import Dispatcher, Router
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Update
from sqlmodel import Session, col, select

from bot.screens.scene import LONGEST_LABEL, label, labels, tidy
from bot.telegram.client import markup
from bot.telegram.isolation import OneAtATime
from bot.telegram.listener import listener
from messages.pace import Pace
from messages.screen import LONGEST, Button, units
from messages.taps import SwitchFamily
from storage.access.seen_updates import first_time
from storage.database.engine import Database
from storage.privacy.retention import clear_common
from storage.settings import WrongSettings
from storage.tables import UpdateSeen
from storage.timezone import now
from tests.support.cast import NOW
from tests.support.phone import settings, story


def tree(router: Router) -> Iterator[Router]:
    yield router
    for below in router.sub_routers:
        yield from tree(below)


def sync_callables(heard: Dispatcher) -> list[str]:
    """Every handler and filter that aiogram would run in a thread (docs/telegram.md)."""
    found = []
    for router in tree(heard):
        for name, observer in router.observers.items():
            for handler in observer.handlers:
                called = [handler, *(handler.filters or [])]
                found += [f"{router.name}.{name}" for one in called if not one.awaitable]
    return found


@story
async def test_no_handler_or_filter_costs_a_thread_hop(sqlite: Database) -> None:
    heard = listener(settings(telegram_bot_token="7000000001:" + "A" * 35), sqlite, now, Pace())
    try:
        assert sync_callables(heard.dispatcher) == []
        assert heard.dispatcher.sub_routers[0].name == "booking"
        heard.dispatcher.sub_routers[0].callback_query.register(lambda query: None)
        assert sync_callables(heard.dispatcher) == ["booking.callback_query"], "this test can fail"
    finally:
        await heard.close()


def test_a_token_that_cannot_be_one_is_told_in_a_sentence(sqlite: Database) -> None:
    with pytest.raises(WrongSettings, match="TELEGRAM_BOT_TOKEN is not a token"):
        listener(settings(telegram_bot_token="nonsense"), sqlite, now, Pace())


def test_an_update_is_new_only_once_and_is_forgotten_when_it_cannot_come_again(database: Database) -> None:
    assert [database.work(first_time, 7, 1, NOW), database.work(first_time, 7, 1, NOW)] == [True, False]
    assert database.work(first_time, 8, 1, NOW), "another bot counts for itself"
    database.work(clear_common, NOW.replace(year=2027))

    def left(session: Session) -> list[int]:
        return list(session.exec(select(col(UpdateSeen.update_id))))

    assert database.read(left) == []


def test_a_label_is_cut_and_a_far_too_long_text_ends_at_a_line() -> None:
    assert label("a" * 30 + "b" * 30) == "a" * 23 + "…" + "b" * 24
    cut = tidy("\n".join(["😀" * 100] * 50))
    assert units(cut) <= LONGEST
    assert cut.endswith("😀\n…")


LONG = "Kies tijd voor Maximiliaan-Alexander Christoffel"


@pytest.mark.parametrize(
    "texts",
    [
        (f"{LONG} · Groep 5", f"{LONG} · Handvaardigheid"),
        (f"{LONG} van den Berg", f"{LONG} van den Burg"),
        (
            "Kies tijd voor Anna-Maria Johanna Catharina Elisabeth",
            "Kies tijd voor Anna-Maria Johanna Margaretha Elisabeth",
        ),
        (f"{'x' * 40}1{'y' * 40}", f"{'x' * 40}2{'y' * 40}", f"{'x' * 40}3{'y' * 40}"),
        (f"{LONG} · Groep 5a", f"{LONG} · Groep 5a"),
        ("Sanne", "Daan"),
    ],
)
def test_two_buttons_of_a_screen_never_look_alike(texts: tuple[str, ...]) -> None:
    shown = labels(texts)
    assert len(set(shown)) == len(texts)
    assert all(len(one) <= LONGEST_LABEL for one in shown)


def test_buttons_become_telegrams_own() -> None:
    rows = (
        (
            Button("Smit", SwitchFamily(school_id=1, family_id=2), strong=True),
            Button("site", url="https://example.org"),
        ),
    )
    made = markup(rows)
    assert made is not None
    [[switch, site]] = made.inline_keyboard
    assert (switch.text, switch.callback_data, switch.style) == ("Smit", "switch.1.2", "primary")
    assert (site.url, site.callback_data) == ("https://example.org", None)
    assert markup(()) is None


@story
async def test_one_person_is_answered_in_turn_others_at_once_and_nothing_is_left_behind() -> None:
    turns, order = OneAtATime(), []
    anouk, bilal = (StorageKey(bot_id=1, chat_id=number, user_id=number) for number in (1, 2))
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with turns.lock(anouk):
            begun.set()
            await go_on.wait()
            order.append("first")

    async def then(key: StorageKey, name: str) -> None:
        async with turns.lock(key):
            order.append(name)

    held = asyncio.create_task(first())
    await begun.wait()
    second = asyncio.create_task(then(anouk, "second"))
    await then(bilal, "other")
    assert (order, len(turns)) == (["other"], 1)
    go_on.set()
    await asyncio.gather(held, second)
    assert (order, len(turns)) == (["other", "first", "second"], 0)


@story
async def test_of_a_kind_of_update_that_is_newer_than_we_are_nothing_of_what_was_typed_is_printed(
    sqlite: Database, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    """aiogram 3.31.0 warns of such an update with all that is in it (findings/aiogram-prints-unknown-updates.sh)."""
    token = "7000000001:" + "A" * 35
    heard = listener(settings(telegram_bot_token=token), sqlite, now, Pace())
    caplog.set_level(logging.DEBUG)
    newer = {"update_id": 77, "secret_message": {"text": "Sanne 3511AB", "from": {"id": 5, "first_name": "Anouk"}}}
    assert await heard.hear(Update.model_validate(newer, context={"bot": heard.bot}))
    said = "\n".join([*(str(one.message) for one in recwarn), *(one.getMessage() for one in caplog.records)])
    assert "update 77 is of an unknown kind and is passed by" in said
    assert not [word for word in ("Sanne", "3511AB", "Anouk") if word in said]
    await heard.close()

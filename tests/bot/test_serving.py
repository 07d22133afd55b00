"""The bot's process: how it begins, polls, goes on after trouble, and ends. Real aiogram, local Bot API."""

import asyncio
import logging

import pytest
from sqlmodel import select

from bot.telegram.listener import Listener, listener
from bot.telegram.polling import Poller
from bot.telegram.serving import serve
from messages.pace import Pace
from messages.screen import Screen
from storage.database.engine import Database
from storage.settings import WrongSettings
from storage.tables import Booking, Chat
from tests.botapi import BotApi, Fault
from tests.support.cast import settle
from tests.support.phone import SECRET, Clock, TelegramPhone, polling, settings, story


def chats(database: Database) -> int:
    return len(database.read(lambda session: session.exec(select(Chat)).all()))


@story
async def test_it_fills_the_menu_polls_and_ends_when_asked(sqlite: Database) -> None:
    settle(sqlite)
    async with BotApi() as api:
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(settings(api), sqlite, Clock().now, Pace(), stop))
        await api.until(lambda _: api.first.updates.polling)
        assert sorted({language for _, language in api.first.commands}) == ["", "en", "nl"]
        assert api.first.about["short_description", "nl"].startswith("Kies hier in de chat de tijd van uw gesprek")
        assert api.first.about["description", ""].endswith("Tap START to begin.")
        phone = TelegramPhone(api.user("Anouk", "nl"), api)
        await phone.start("regenboog")
        assert phone.screen.startswith("Welkom bij De Regenboog.")
        stop.set()
        await asyncio.wait_for(serving, 10)
        assert api.first.updates.idle


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.SERVER_ERROR, Fault.DROP])
@story
async def test_what_it_says_of_itself_may_fail_and_parents_are_heard(sqlite: Database, fault: Fault) -> None:
    settle(sqlite)
    async with BotApi() as api:
        for method in ("setMyCommands", "setMyDescription", "setMyShortDescription"):
            api.faults.next(method, fault, times=99, retry_after=600)
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(settings(api), sqlite, Clock().now, Pace(), stop))
        await api.until(lambda _: api.first.updates.polling, 40)
        phone = TelegramPhone(api.user("Anouk", "nl"), api)
        await phone.start("regenboog")
        assert phone.screen.startswith("Welkom bij De Regenboog."), "and nobody waits for a limit that is not theirs"
        stop.set()
        await asyncio.wait_for(serving, 10)


@story
async def test_with_a_secret_it_announces_its_webhook(sqlite: Database) -> None:
    async with BotApi() as api:
        stop = asyncio.Event()
        chosen = settings(api, telegram_webhook_secret=SECRET, base_url="https://school.example")
        serving = asyncio.create_task(serve(chosen, sqlite, Clock().now, Pace(), stop))
        await api.until(lambda _: len(api.first.commands) == 3)
        hook = api.first.updates.webhook
        assert hook is not None
        assert (hook.url, hook.secret) == ("https://school.example/telegram/bot", SECRET)
        stop.set()
        await asyncio.wait_for(serving, 10)


@story
async def test_a_token_that_telegram_refuses_is_told_in_a_sentence(sqlite: Database) -> None:
    async with BotApi() as api:
        chosen = settings(api, telegram_bot_token="7000000009:" + "B" * 35)
        with pytest.raises(WrongSettings, match="TELEGRAM_BOT_TOKEN is refused by Telegram"):
            await serve(chosen, sqlite, Clock().now, Pace(), asyncio.Event())


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.SERVER_ERROR, Fault.BAD_GATEWAY, Fault.DROP])
@story
async def test_polling_goes_on_after_trouble(sqlite: Database, fault: Fault) -> None:
    settle(sqlite)
    clock = Clock()
    async with BotApi() as api:
        api.faults.next("getUpdates", fault, times=3)
        async with polling(api, sqlite, clock):
            phone = TelegramPhone(api.user("Anouk", "nl"), api)
            await phone.start("regenboog")
            assert phone.screen.startswith("Welkom bij De Regenboog.")
        assert clock.pauses == ([1.0] * 3 if fault is Fault.TOO_MANY else [1.0, 2.0, 4.0])


@story
async def test_what_was_not_confirmed_before_a_crash_comes_again_and_books_once(sqlite: Database) -> None:
    cast = settle(sqlite)
    async with BotApi() as api:
        async with polling(api, sqlite, Clock()):
            phone = TelegramPhone(api.user("Anouk", "nl"), api)
            for text in ("Sanne", "3511AB"):
                await (phone.start("regenboog") if text == "Sanne" else asyncio.sleep(0))
                await phone.send(text)
            await phone.tap("Kies tijd voor Daan")
        packed = phone.packed("18:00")
        await phone.user.tap(phone.user.chat[-1].message_id, packed)
        crashed = listener(settings(api), sqlite, Clock().now, Pace())
        for update in await crashed.bot.get_updates():
            assert await crashed.hear(update)
        await crashed.close()
        async with polling(api, sqlite, Clock()):
            await api.idle()
        held = sqlite.read(lambda session: [row.slot_id for row in session.exec(select(Booking)).all()])
        assert held == [cast.bram_slots[0]]
        assert phone.screen.endswith("✓ Afgesproken voor Daan: dinsdag 24 november, 18:00")


@story
async def test_a_slow_chat_holds_up_nobody_else(sqlite: Database) -> None:
    settle(sqlite)
    async with BotApi() as api, polling(api, sqlite, Clock()) as heard:
        slow, quick = (TelegramPhone(api.user(name, "nl"), api) for name in ("Traag", "Vlug"))
        reached, gate = _gate(heard, slow.user.id)
        await slow.user.start("regenboog")
        await asyncio.wait_for(reached.wait(), 10)
        await quick.user.start("regenboog")
        await quick.user.wait_for(lambda user: len(user.chat) == 2)
        assert quick.screen.startswith("Welkom bij De Regenboog.")
        assert [message.from_bot for message in slow.user.chat] == [False]
        gate.set()
        await slow.user.wait_for(lambda user: len(user.chat) == 2)
        await api.idle()


def _gate(heard: Listener, slow: int) -> tuple[asyncio.Event, asyncio.Event]:
    """Hold every message to one chat until the gate is opened."""
    reached, gate = asyncio.Event(), asyncio.Event()
    send = heard.client.send

    async def wait(chat_id: int, screen: Screen) -> int:
        if chat_id == slow:
            reached.set()
            await gate.wait()
        return await send(chat_id, screen)

    heard.client.send = wait  # type: ignore[method-assign]
    return reached, gate


@story
async def test_an_update_that_nobody_can_read_is_passed_by(sqlite: Database) -> None:
    settle(sqlite)
    clock = Clock()
    async with BotApi() as api:
        heard = listener(settings(api), sqlite, clock.now, Pace())
        phone = TelegramPhone(api.user("Anouk", "nl"), api)
        await phone.user.start()
        [odd] = api.first.updates.pending.values()
        odd.body["message"] = {"message_id": "not a number"}
        await phone.user.send("regenboog")
        stop = asyncio.Event()
        poller = asyncio.create_task(Poller(heard, stop, clock.pause).run())
        await api.idle()
        assert phone.buttons == ["De Regenboog"]
        stop.set()
        await asyncio.wait_for(poller, 10)
        await heard.close()


@story
async def test_the_logs_hold_no_secret_and_no_token(sqlite: Database, caplog: pytest.LogCaptureFixture) -> None:
    settle(sqlite)
    caplog.set_level(logging.DEBUG)
    async with BotApi() as api, polling(api, sqlite, Clock()):
        for method in ("sendMessage", "deleteMessage", "getUpdates", "editMessageText"):
            api.faults.next(method, Fault.BAD_GATEWAY, times=4)
        phone = TelegramPhone(api.user("Anouk", "nl"), api)
        for text in ("/start regenboog", "Stéphanie", "3514 GH", "hallo"):
            await (phone.start("regenboog") if text.startswith("/") else phone.send(text))
        said = "\n".join(record.getMessage() + str(record.exc_info) for record in caplog.records)
        assert "telegram: SendMessage fails with ClientDecodeError" in said
        assert [word for word in (api.token, "Stéphanie", "stephanie", "3514", "Smit") if word in said] == []

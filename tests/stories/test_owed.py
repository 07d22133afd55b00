"""Telegram in trouble: what a chat must show or lose is owed until it is done, however long that takes (rule 34)."""

import asyncio

import pytest
from sqlmodel import select

from storage.database.engine import Database
from storage.outbox.owed import outstanding
from storage.tables import Owed
from tests.botapi import Fault
from tests.support.cast import Cast, settle
from tests.support.phone import Street, TelegramPhone, story, street

SECRET = "3511AB"
MANY = 1000  # more than is ever tried
OUTAGES = [Fault.SERVER_ERROR, Fault.BAD_GATEWAY, Fault.DROP, Fault.TOO_MANY]


def debts(database: Database) -> int:
    return database.read(outstanding)[0]


async def asked_for_the_secret(lived: Street) -> TelegramPhone:
    phone = lived.telegram("Anouk")
    await phone.start("regenboog")
    await phone.send("Sanne")
    return phone


async def outage(lived: Street, fault: Fault, minutes: int, *methods: str) -> None:
    """These calls fail for so long; the clock ticks on."""
    assert lived.api is not None
    for method in methods:
        lived.api.faults.next(method, fault, times=MANY, retry_after=20)
    for _ in range(minutes):
        await lived.tell(minutes=1)
    lived.api.faults.clear()


@pytest.mark.parametrize("fault", OUTAGES)
@story
async def test_a_sign_in_whose_answer_fails_for_an_hour_is_shown_and_the_secret_is_gone(
    sqlite: Database, fault: Fault
) -> None:
    settle(sqlite)
    async with street(sqlite) as lived:
        assert lived.api is not None
        phone = await asked_for_the_secret(lived)
        for method in ("sendMessage", "deleteMessage", "editMessageText"):
            lived.api.faults.next(method, fault, times=MANY, retry_after=20)
        await phone.send(SECRET)
        assert SECRET in phone.typed, "Telegram is away"
        await outage(lived, fault, 60, "sendMessage", "deleteMessage", "editMessageText")
        await lived.tell(minutes=10)
        assert SECRET not in phone.typed
        assert phone.screen.startswith("De Regenboog · de Vries")
        assert [message.text for message in phone.user.chat if message.from_bot] == [phone.screen]
        assert debts(sqlite) == 0


@story
async def test_a_secret_that_cannot_be_taken_away_for_some_seconds_goes_later(cast: Cast) -> None:
    async with street(cast.database) as lived:
        assert lived.api is not None
        phone = await asked_for_the_secret(lived)
        lived.api.faults.next("deleteMessage", Fault.SERVER_ERROR, times=MANY)
        await phone.send(SECRET)
        assert (SECRET in phone.typed, phone.screen.startswith("Welkom!")) == (True, True)
        lived.api.faults.clear()
        await lived.tell(seconds=10)
        assert SECRET not in phone.typed
        assert debts(cast.database) == 0


@story
async def test_a_secret_goes_also_where_whoever_answered_it_died(cast: Cast) -> None:
    """Killed between the sign-in and the answer: the update comes again, and that the secret must go stands written."""
    async with street(cast.database, "webhook") as lived:
        assert lived.api is not None
        assert lived.listener is not None
        phone = await asked_for_the_secret(lived)
        lived.listener.client.bot.session.timeout = 0.0001  # no call of ours comes to its end
        await phone.send(SECRET)
        lived.listener.client.bot.session.timeout = 60.0
        await lived.tell(minutes=1)
        assert SECRET not in phone.typed
        assert "De Regenboog · de Vries" in phone.screen


@story
async def test_the_whole_wait_that_telegram_asks_for_is_kept_and_then_the_tap_is_answered(cast: Cast) -> None:
    async with street(cast.database) as lived:
        assert lived.api is not None
        phone = await asked_for_the_secret(lived)
        await phone.send(SECRET)
        lived.api.faults.next("editMessageText", Fault.TOO_MANY, retry_after=8)
        await phone.tap("Kies tijd voor Daan")
        calls = len(lived.api.calls)
        await lived.tell(seconds=7)
        silent = [call.method for call in lived.api.calls[calls:] if call.method != "getUpdates"]
        assert silent == [], "nothing is said to anybody meanwhile"
        await lived.tell(seconds=2)
        assert phone.screen.startswith("Daan · Groep 7"), "what was tapped for, not the overview"
        assert debts(cast.database) == 0


@story
async def test_a_booking_whose_answer_is_lost_stands_on_the_screen_later(cast: Cast) -> None:
    async with street(cast.database) as lived:
        assert lived.api is not None
        phone = await asked_for_the_secret(lived)
        await phone.send(SECRET)
        await phone.tap("Kies tijd voor Daan")
        lived.api.faults.next("editMessageText", Fault.DROP, times=MANY)
        await phone.tap("18:00")
        lived.api.faults.clear()
        await lived.tell(seconds=10)
        assert "Daan · di 24 nov 18:00 ✓" in phone.buttons


@story
async def test_what_is_owed_to_somebody_who_blocked_the_bot_is_let_be(cast: Cast) -> None:
    async with street(cast.database) as lived:
        assert lived.api is not None
        phone = await asked_for_the_secret(lived)
        lived.api.faults.next("deleteMessage", Fault.DROP, times=MANY)
        await phone.send(SECRET)
        assert debts(cast.database) > 0
        await phone.user.block()
        await lived.api.idle()
        await lived.tell(minutes=1)
        assert debts(cast.database) == 0


@story
async def test_everybody_of_a_rush_is_answered_at_a_pace_below_telegrams_limit(cast: Cast) -> None:
    """150 parents who tap START in the same second, and a limit of 30 messages a second with waits of 10 s."""
    async with street(cast.database, paced=True) as lived:
        assert lived.api is not None
        lived.api.limiter.set(overall=30)
        phones = [lived.telegram(f"Parent {number}") for number in range(150)]
        await asyncio.gather(*(phone.user.start("regenboog") for phone in phones))
        await lived.api.idle(60)
        for _ in range(60):  # on a busy machine some come closer together on their way, and are owed their answer
            if all(message.from_bot for phone in phones for message in phone.user.chat[-1:]):
                break
            await asyncio.sleep(0.2)
            await lived.tell(seconds=2)
        assert [phone.screen.startswith("Welkom bij De Regenboog.") for phone in phones] == [True] * 150
        # Without a pace four in five were refused.
        assert [call.status for call in lived.api.calls_of("sendMessage")].count(429) <= 75
        assert cast.database.read(lambda session: session.exec(select(Owed)).all()) == []

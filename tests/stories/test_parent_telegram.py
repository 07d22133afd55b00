"""What is Telegram's own in a parent's story: secrets that vanish, redelivery, old buttons, a line that breaks."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.telegram.listener import introduce
from messages.taps import ShowDays
from storage.database.engine import Database
from storage.tables import Booking, Chat
from tests.botapi import BotApi, Fault
from tests.support.cast import Cast, settle
from tests.support.phone import SECRET, Clock, Street, TelegramPhone, story, street, webhook

BOOKED = "✓ Afgesproken voor Daan: dinsdag 24 november, 18:00"


async def signed_in(lived: Street, child: str, secret: str) -> TelegramPhone:
    phone = lived.telegram(child)
    await phone.start("regenboog")
    await phone.send(child)
    await phone.send(secret)
    assert phone.screen.startswith("Welkom! U bent ingelogd voor "), phone.screen
    return phone


def bookings(database: Database) -> int:
    return len(database.read(lambda session: session.exec(select(Booking)).all()))


async def post(lived: Street, update_id: int, times: int = 1, **content: Any) -> list[int]:
    """Post an update that no phone can make, with the right secret; the statuses."""
    assert lived.api is not None
    hook = lived.api.first.updates.webhook
    assert hook is not None
    async with httpx.AsyncClient(headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}) as client:
        posts = (client.post(hook.url, json={"update_id": update_id, **content}) for _ in range(times))
        return [answer.status_code for answer in await asyncio.gather(*posts)]


def tapped(phone: TelegramPhone, packed: str) -> dict[str, Any]:
    """A tap whose query Telegram does not know any more, on a message that is gone."""
    return {"id": "1", "from": phone.user.account.as_json(), "chat_instance": "1", "data": packed}


def typed(phone: TelegramPhone, **content: Any) -> dict[str, Any]:
    chat, sender = phone.user.conversation.as_json(), phone.user.account.as_json()
    return {"message_id": 9_000, "date": 0, "chat": chat, "from": sender, **content}


@story
async def test_the_message_that_holds_the_secret_is_deleted_and_every_answer_is_protected(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = lived.telegram("Anouk")
        await phone.start("regenboog")
        await phone.send("Sanne")
        await phone.send("9999 ZZ")
        await phone.send("9999 YY")
        assert phone.screen.startswith("Dat klopte niet. Een typefout?")
        assert phone.typed == ["/start regenboog", "Sanne"]
        await phone.tap("Andere voornaam")
        await phone.send("12")
        assert phone.screen.endswith("Typ alleen de voornaam van uw kind.")
        await phone.send("Sanne 3511 AB")
        assert phone.screen.startswith("Welkom! U bent ingelogd voor Daan en Sanne.")
        assert phone.typed == ["/start regenboog", "Sanne"]
        sent = list(lived.api.calls_of("sendMessage")) if lived.api else []
        assert [call.params["protect_content"] for call in sent] == ["true"] * 6


@story
async def test_a_secret_for_one_more_family_is_taken_away_too(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Instellingen")
        await phone.tap("Mijn families en scholen")
        await phone.tap("Familie toevoegen")
        await phone.send("Emir 3512 CD")
        assert "De Regenboog · Yılmaz" in phone.screen
        assert phone.typed == ["/start regenboog", "Sanne"]


@story
async def test_a_typed_text_brings_the_screen_down_and_leaves_no_other_behind(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.send("hallo?")
        assert [message.text for message in phone.user.chat if message.from_bot] == [phone.screen]
        await phone.tap("Kies tijd voor Daan")
        assert phone.screen.endswith("Welke tijd past u?")


@story
async def test_a_screen_that_is_too_old_to_be_deleted_is_emptied(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        assert lived.api is not None
        lived.api.pass_time(49 * 3600)
        await phone.send("hallo?")
        old, new = [message for message in phone.user.chat if message.from_bot]
        assert (old.text, old.reply_markup, new.text) == ("·", None, phone.screen)


@story
async def test_one_tap_is_one_edit_and_one_answer(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        before = len(lived.api.calls) if lived.api else 0
        await phone.tap("18:00")
        assert lived.api is not None
        made = [call.method for call in lived.api.calls[before:] if call.method != "getUpdates"]
        assert sorted(made) == ["answerCallbackQuery", "editMessageText"]


@story
async def test_an_update_that_comes_three_times_at_once_has_one_effect(cast: Cast) -> None:
    async with street(cast.database, "webhook") as lived:
        assert lived.api is not None
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        await phone.tap("18:00")
        updates = lived.api.first.updates
        last = max(updates.made)
        seen = (phone.screen, len(phone.user.chat), bookings(cast.database))
        assert await updates.post_again(last, times=3) == [200, 200, 200]
        await lived.api.idle()
        assert (phone.screen, len(phone.user.chat), bookings(cast.database)) == seen


@story
async def test_a_new_update_posted_three_times_in_parallel_books_once(cast: Cast) -> None:
    async with street(cast.database, "webhook") as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        query = tapped(phone, phone.packed("18:00"))
        assert await post(lived, 999_999, times=3, callback_query=query) == [200, 200, 200]
        assert bookings(cast.database) == 1


@story
async def test_a_typed_text_that_is_redelivered_is_answered_once(cast: Cast) -> None:
    async with street(cast.database, "webhook") as lived:
        assert lived.api is not None
        phone = lived.telegram("Anouk")
        await phone.start("regenboog")
        await phone.send("Sanne")
        said = len(phone.user.chat)
        updates = lived.api.first.updates
        assert await updates.post_again(max(updates.made), times=3) == [200, 200, 200]
        assert len(phone.user.chat) == said
        assert "Uw postcode (1234AB)" in phone.screen


@story
async def test_a_webhook_without_its_secret_is_shut_and_an_unknown_one_is_not_there(sqlite: Database) -> None:
    async with BotApi() as api, webhook(api, sqlite, Clock()), httpx.AsyncClient() as client:
        assert api.first.updates.webhook is not None
        url = api.first.updates.webhook.url
        update = {"update_id": 1, "message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}}
        statuses = []
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}, {"X-Telegram-Bot-Api-Secret-Token": ""}):
            statuses.append((await client.post(url, json=update, headers=headers)).status_code)
        right = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        statuses.append((await client.post(url.replace("/bot", "/other"), json=update, headers=right)).status_code)
        assert statuses == [401, 401, 401, 404]
        assert sqlite.read(lambda session: session.exec(select(Chat)).all()) == []


@story
async def test_bytes_that_are_no_update_do_not_hold_up_the_queue(sqlite: Database) -> None:
    async with BotApi() as api, webhook(api, sqlite, Clock()):
        assert api.first.updates.webhook is not None
        url, right = api.first.updates.webhook.url, {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        async with httpx.AsyncClient(headers=right) as client:
            statuses = [
                (await client.post(url, content=body)).status_code for body in (b"", b"[]", b'{"update_id":"x"}')
            ]
            assert statuses == [200, 200, 200]
            assert (await client.post(url, content=b"x" * 2_000_000)).status_code == 413


@story
async def test_an_update_that_fails_again_and_again_is_set_aside(sqlite: Database) -> None:
    settle(sqlite)
    async with BotApi() as api, webhook(api, sqlite, Clock()):
        phone = TelegramPhone(api.user("Anouk", "nl"), api)
        sqlite.work(lambda session: session.execute(text("ALTER TABLE chat RENAME TO lost")))
        await phone.user.start("regenboog")
        await api.idle()
        sqlite.work(lambda session: session.execute(text("ALTER TABLE lost RENAME TO chat")))
        assert [delivery.status for delivery in api.first.updates.deliveries] == [500, 500, 200]
        await phone.start("regenboog")
        await phone.send("Sanne")
        assert "Uw postcode (1234AB)" in phone.screen


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.SERVER_ERROR, Fault.BAD_GATEWAY, Fault.DROP])
@story
async def test_a_line_that_fails_once_costs_the_parent_nothing(sqlite: Database, fault: Fault) -> None:
    settle(sqlite)
    async with street(sqlite) as lived:
        assert lived.api is not None
        phone = await signed_in(lived, "Sanne", "3511AB")
        for method in ("editMessageText", "answerCallbackQuery", "sendMessage"):
            lived.api.faults.next(method, fault)
        await phone.tap("Kies tijd voor Daan")
        await phone.tap("18:00")
        assert phone.screen.endswith(BOOKED)
        await phone.send("hallo")
        assert phone.screen.endswith("Tik op een van de knoppen.")
        assert len(lived.clock.pauses) == 3


@story
async def test_a_wait_that_telegram_asks_for_is_kept(sqlite: Database) -> None:
    settle(sqlite)
    async with street(sqlite) as lived:
        assert lived.api is not None
        phone = await signed_in(lived, "Sanne", "3511AB")
        lived.api.faults.next("editMessageText", Fault.TOO_MANY, retry_after=3)
        await phone.tap("Kies tijd voor Daan")
        assert lived.clock.pauses == [3]
        assert phone.screen.endswith("Welke tijd past u?")


@story
async def test_a_parent_who_blocked_the_bot_is_unreachable_until_the_next_start(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")

        def reachable() -> bool:
            return bool(lived.database.read(lambda session: session.exec(select(Chat)).one()).reachable)

        assert reachable()
        await phone.user.block()
        assert lived.api is not None
        await lived.api.idle()
        assert not reachable()
        await phone.start()
        assert reachable()
        assert "De Regenboog · de Vries" in phone.screen


@story
async def test_a_403_on_an_answer_marks_the_chat_unreachable(cast: Cast) -> None:
    async with street(cast.database, "webhook") as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.user.deactivate()
        assert await post(lived, 555_555, message=typed(phone, text="hallo")) == [200]
        assert lived.api is not None
        assert lived.api.calls_of("sendMessage")[-1].status == 403
        assert lived.database.read(lambda session: session.exec(select(Chat)).one()).reachable is False


@story
async def test_a_tap_on_a_message_that_is_gone_gets_a_new_one(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap_at(4_000, phone.packed("Kies tijd voor Daan"))
        assert phone.screen.endswith("Welke tijd past u?")


@story
async def test_the_same_screen_again_is_no_error(cast: Cast) -> None:
    async with street(cast.database) as lived:
        assert lived.api is not None
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        same = ShowDays(family_id=cast.de_vries, student_id=cast.daan, planning_id=cast.bram_planning).pack()
        await phone.tap_packed(same)
        assert [call.description for call in lived.api.calls_of("editMessageText")][-1].startswith(
            "Bad Request: message is not modified"
        )
        assert phone.screen.endswith("Welke tijd past u?")
        assert [message.from_bot for message in phone.user.chat] == [False, False, True]


@story
async def test_a_tap_that_is_too_old_to_answer_still_has_its_effect(sqlite: Database) -> None:
    settle(sqlite)
    async with street(sqlite, "webhook") as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        assert await post(lived, 888_888, callback_query=tapped(phone, phone.packed("18:00"))) == [200]
        assert lived.api is not None
        assert lived.api.calls_of("answerCallbackQuery")[-1].description.startswith("Bad Request: query is too old")
        assert phone.screen.endswith(BOOKED)


@story
async def test_pictures_and_stickers_get_a_friendly_answer(sqlite: Database) -> None:
    settle(sqlite)
    async with street(sqlite, "webhook") as lived:
        phone = await signed_in(lived, "Sanne", "3511AB")
        photo = {"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}
        assert await post(lived, 777_777, message=typed(phone, photo=[photo])) == [200]
        assert phone.screen.startswith("De Regenboog · de Vries")
        assert phone.screen.endswith("Ik kan alleen tekst en knoppen lezen.")


@story
async def test_letters_that_no_database_takes_are_left_out(cast: Cast) -> None:
    async with street(cast.database, "webhook") as lived:
        phone = lived.telegram("Anouk")
        await phone.start("regenboog")
        assert await post(lived, 777_778, message=typed(phone, text="San\0ne")) == [200]
        await phone.send("3511AB")
        assert phone.screen.startswith("Welkom! U bent ingelogd voor Daan en Sanne.")


@story
async def test_a_group_is_left_and_nothing_is_told_there(sqlite: Database) -> None:
    settle(sqlite)
    async with street(sqlite, "webhook") as lived:
        message = {
            "message_id": 1,
            "date": 0,
            "chat": {"id": -100, "type": "group", "title": "Klas 4"},
            "from": {"id": 5, "is_bot": False, "first_name": "Anouk", "language_code": "nl"},
            "text": "/start regenboog",
        }
        assert await post(lived, 666_666, message=message) == [200]
        assert lived.api is not None
        [call] = lived.api.calls_of("sendMessage")
        assert call.params["text"] == "Ik praat met één persoon tegelijk: schrijf me in een privégesprek."
        assert sqlite.read(lambda session: session.exec(select(Chat)).all()) == []


@story
async def test_a_school_is_found_by_a_part_of_its_name(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = lived.telegram("Anouk")
        await phone.start()
        assert phone.screen == "Hallo! Om welke school gaat het?\n\nTyp een stukje van de naam."
        await phone.send("bestaat niet")
        assert phone.screen.startswith("Ik ken geen school met die naam.")
        await phone.send("de")
        assert phone.buttons == ["De Horizon", "De Regenboog"]
        await phone.send("regenb")
        await phone.tap("De Regenboog")
        assert phone.screen.startswith("Welkom bij De Regenboog.")


@story
async def test_a_link_to_no_school_says_so(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = lived.telegram("Anouk")
        await phone.start("nergens")
        assert phone.screen.startswith("Die link hoort niet bij een school.")


@story
async def test_the_menu_stands_in_every_language(sqlite: Database) -> None:
    async with street(sqlite, "webhook") as lived:
        assert lived.api is not None
        assert lived.listener is not None
        await introduce(lived.listener.client)
        menus = {key[1]: [one["description"] for one in menu] for key, menu in lived.api.first.commands.items()}
        assert menus[""] == menus["en"] == ["Overview", "Settings"]
        assert menus["nl"] == ["Overzicht", "Instellingen"]

"""The main job whole, with every part real: from a school's CSV to a booking in the chat and the teacher's digest."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest

from tests.stories import school
from tests.stories.school import ADMINISTRATOR, NOOR, PASSWORD
from tests.support.harness import Desk, Operator, Town, cards, logged, town
from tests.support.phone import SECRET, Clock, TelegramPhone, story

# 07:00 on the school's wall the morning after, 18:00 the evening before the talks, 07:00 on their day.
MORNING_AFTER = datetime(2026, 11, 11, 6, 0, tzinfo=UTC)
EVENING_BEFORE = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
DAY_OF = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def operator(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    """At a machine on which nothing stands yet."""
    databases = request.getfixturevalue(f"{request.param.replace('postgresql', 'postgres')}_databases")
    with databases.empty(tmp_path) as url:
        yield Operator(url, tmp_path, monkeypatch, Clock())


@story
async def test_from_a_schools_list_to_a_booking_in_the_chat_and_the_teachers_digest(operator: Operator) -> None:
    school.found(operator)
    with logged() as log:
        async with town(operator) as lived:
            anouk, desk = await comes_in(lived, "Anouk"), lived.desk()
            await books_and_gets_a_card(lived, anouk)
            await is_moved_by_the_school(lived, anouk, desk)
            await cancels(lived, anouk)
            await anouk.tap("Kies tijd voor Zoë")
            await anouk.tap("18:20")
            pieter = await comes_in(lived, "Pieter")
            await lived.tick()
            assert "✓ dinsdag 24 november, 18:20 · lokaal 3" in pieter.screen
            assert re.match("👋 .* van den Berg bij De Wilg", said(anouk)[-1])
            await digest_comes_once(lived)
            await reminder_comes_once(lived, anouk, pieter)
            await day_itself(lived)
            await is_exported(operator)
            tokens = (lived.api.token, *desk.client.cookies.values())
    assert school.told_of_anybody(log.getvalue(), *tokens) == []


@story
async def test_the_same_booking_when_telegram_brings_the_updates(operator: Operator) -> None:
    school.found(operator)
    with logged() as log:
        async with town(operator, TELEGRAM_WEBHOOK_SECRET=SECRET) as lived:
            webhook = lived.api.first.updates.webhook
            assert webhook is not None
            assert (webhook.url, webhook.secret) == (f"{lived.base}/telegram/bot", SECRET)
            anouk = await comes_in(lived, "Anouk")
            await books_and_gets_a_card(lived, anouk)
            assert {delivery.status for delivery in lived.api.first.updates.deliveries} == {200}
            assert lived.api.calls_of("getUpdates") == []
            token = lived.api.token
    assert school.told_of_anybody(log.getvalue(), token, SECRET) == []


@story
async def test_the_same_booking_when_each_part_runs_by_itself(operator: Operator) -> None:
    school.found(operator)
    async with town(operator, "web", "bot", "messages") as lived:
        anouk, desk = await comes_in(lived, "Anouk"), lived.desk()
        await books_and_gets_a_card(lived, anouk)
        await is_moved_by_the_school(lived, anouk, desk)


async def comes_in(lived: Town, name: str) -> TelegramPhone:
    phone = lived.phone(name)
    await phone.start("wilg")
    assert phone.screen.startswith("Welkom bij De Wilg.")
    await phone.send("zoe")
    assert "Uw postcode en huisnummer (1234AB 12)" in phone.screen
    await phone.send("3511ab 12")
    assert phone.screen.startswith("Welkom! U bent ingelogd voor Daniël en Zoë.\n\nDe Wilg · van den Berg\n")
    return phone


async def books_and_gets_a_card(lived: Town, phone: TelegramPhone) -> None:
    await phone.tap("Kies tijd voor Zoë")
    assert phone.screen.startswith("Zoë · Groep 4 · juf Noor\nNeem het rapport mee\n\ndinsdag 24 november\n")
    await phone.tap("18:10")
    assert phone.screen.endswith("✓ Afgesproken voor Zoë: dinsdag 24 november, 18:10")
    await phone.tap("In mijn agenda")
    await phone.user.wait_for(cards)  # sent by the house's own clock
    [(message, event)] = cards(phone.user)
    assert message.text.startswith("✓ Afgesproken: een gesprek over Zoë\n\n📅 dinsdag 24 november, 18:10–18:20\n")
    assert (event["sequence"], event["status"]) == (0, "CONFIRMED")
    assert re.fullmatch(r"booking-1@[0-9a-f]{16}\.tienminuten", str(event["uid"]))
    assert event.start == datetime(2026, 11, 24, 17, 10, tzinfo=UTC)
    assert event["location"] == "lokaal 3, De Wilg"
    await lived.tick()
    [mail] = lived.mail.mailed_to(NOOR)
    assert mail["subject"] == "Afgesproken: Zoë van den Berg, dinsdag 24 november, 18:10"
    told = [one for one in lived.mail.mails if str(one["subject"]).startswith("Afgesproken")]
    assert told == [mail], "the family has a chat, and the other teacher nothing to do with it"


async def is_moved_by_the_school(lived: Town, phone: TelegramPhone, desk: Desk) -> None:
    [(card, before)] = cards(phone.user)
    await desk.sign_in(ADMINISTRATOR, PASSWORD)
    await desk.open("/desk/plannings")
    for label in ("Groep 4", "Zoë van den Berg"):
        await desk.follow(label)
    await desk.press("18:30–")
    assert desk.said.startswith("Het gesprek van Zoë van den Berg is nu op dinsdag 24 november, 18:30.")
    await lived.tick()
    [(same, event)] = cards(phone.user)
    assert (same.message_id, same.edited) == (card.message_id, True)
    assert "18:30–18:40" in same.text
    assert (event["uid"], event["sequence"], event["status"]) == (before["uid"], 1, "CONFIRMED")
    assert event.start == datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    moved = "🔁 De Wilg .* Zoë .*\n\n.* dinsdag 24 november, 18:10.*\n📅 dinsdag 24 november, 18:30–18:40\n"
    assert re.match(moved, said(phone)[-1])
    assert subjects(lived)[1:] == ["Verzet: Zoë van den Berg, nu dinsdag 24 november, 18:30"]


async def cancels(lived: Town, phone: TelegramPhone) -> None:
    [(card, before)] = cards(phone.user)
    await phone.start()
    for label in ("Zoë · di 24 nov 18:30 ✓", "Afzeggen", "Ja, zeg de afspraak af"):
        await phone.tap(label)
    assert phone.screen.endswith("✓ Afgezegd voor Zoë: dinsdag 24 november, 18:30")
    await lived.tick()
    [(same, event)] = cards(phone.user)
    assert same.message_id == card.message_id
    assert same.text.startswith("❌ ")
    assert (event["uid"], event["sequence"], event["status"]) == (before["uid"], 2, "CANCELLED")
    [subject] = subjects(lived)[2:]
    assert subject.endswith(": Zoë van den Berg, dinsdag 24 november, 18:30")


async def digest_comes_once(lived: Town) -> None:
    """Of the first talk, booked and cancelled since, nothing is said."""
    before = len(lived.mail.mails)
    await turns(lived, MORNING_AFTER - MINUTE)
    assert len(lived.mail.mails) == before
    await turns(lived, MORNING_AFTER)
    [mail] = lived.mail.mails[before:]
    assert (mail["to"], mail["subject"]) == (NOOR, "Uw gesprekken: woensdag 11 november")
    assert talks(mail) == [("di 24 nov 18:20", "Zoë van den Berg (Groep 4)")]


async def reminder_comes_once(lived: Town, *phones: TelegramPhone) -> None:
    await turns(lived, EVENING_BEFORE - MINUTE)
    assert all("🔔" not in said(phone)[-1] for phone in phones)
    mails = len(lived.mail.mails)
    await turns(lived, EVENING_BEFORE)
    for phone in phones:
        assert re.match("🔔 .*dinsdag 24 november(.|\n)*Zoë\n18:20–18:30 · juf Noor · lokaal 3", phone.screen)
    assert len(lived.mail.mails) == mails


async def day_itself(lived: Town) -> None:
    before = len(lived.mail.mails)
    await turns(lived, DAY_OF)
    [mail] = lived.mail.mails[before:]
    assert (mail["to"], mail["subject"]) == (NOOR, "Uw gesprekken: dinsdag 24 november")
    assert talks(mail) == [("18:20–18:30", "Zoë van den Berg (Groep 4, lokaal 3)")]


async def is_exported(operator: Operator) -> None:
    """While the house goes on serving."""
    await asyncio.to_thread(operator.does, "export", "wilg", "alles.xlsx")
    sheet = openpyxl.load_workbook(operator.folder / "alles.xlsx").active
    assert sheet is not None
    headers, *rows = sheet.values
    [row] = [dict(zip(headers, row, strict=True)) for row in rows]
    day = row["Datum"]
    assert isinstance(day, datetime)
    assert (day.date(), row["Van"], row["Tot"]) == (date(2026, 11, 24), time(18, 20), time(18, 30))
    assert [row[name] for name in ("Voornaam", "Tussenvoegsel", "Achternaam", "Leerlingnummer", "Leerkrachten")] == [
        "Zoë", "van den", "Berg", "04001", "juf Noor",
    ]  # fmt: skip


async def turns(lived: Town, at: datetime) -> None:
    """The clock is put there, and the house looks at it twice."""
    lived.clock.at = at
    await lived.tick()
    await lived.tick()


def said(phone: TelegramPhone) -> list[str]:
    return [message.text for message in phone.user.chat]


def subjects(lived: Town) -> list[str]:
    return [str(mail["subject"]) for mail in lived.mail.mailed_to(NOOR)]


def talks(mail: EmailMessage) -> list[tuple[str, str]]:
    """(when, who) of each line of a teacher's mail that tells of a child."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = [line.strip().partition("  ") for line in body.get_content().splitlines() if "Zoë" in line]
    return [(when, who) for when, _, who in found]

"""Children whom the school's list gives two names: everywhere they are called by the one that everybody uses.

Susanna Maria Elisabeth is Sanne, and her parent is in the chat; Hendricus is Rik, and his parents get mail.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from httpx import Response
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.stories import school
from tests.stories.school import ADMINISTRATOR, NOOR, PASSWORD
from tests.support.databases import SqliteDatabases
from tests.support.harness import Desk, Operator, Town, cards, town
from tests.support.phone import Clock, TelegramPhone, story

STUDENTS = """\
Leerlingnummer;Voornamen;Roepnaam;Voorvoegsel;Achternaam;Geboortedatum;Postcode;Huisnummer;Groep;E-mail ouder
05001;Susanna Maria Elisabeth;Sanne;de;Vries;3-5-2017;3511 ab;12;groep 4;devries@ouders.example
05002;Hendricus;Rik;;Bos;4-6-2017;3512 CD;3;groep 4;bos@ouders.example
05003;Björn;;;Smit;1-11-2014;3514 GH;21;groep 7;smit@ouders.example
"""
GIVEN = re.compile("Susanna|Hendricus", re.IGNORECASE)
PLANNING, ANOTHER_SLOT, SANNE = 1, 3, 1  # ids, in the order of the files
MORNING_AFTER = datetime(2026, 11, 11, 6, 0, tzinfo=UTC)
EVENING_BEFORE = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.fixture
def operator(sqlite_databases: SqliteDatabases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    with sqlite_databases.empty(tmp_path) as url:
        yield Operator(url, tmp_path, monkeypatch, Clock())


@story
async def test_a_child_is_called_by_its_call_name_wherever_it_is_named(operator: Operator) -> None:
    school.found(operator, STUDENTS)
    async with town(operator) as lived:
        desk = lived.desk()
        await desk.sign_in(ADMINISTRATOR, PASSWORD)
        await parents_are_invited(lived, desk)
        phone = await sanne_is_booked_in_the_chat(lived)
        await rik_is_booked_at_the_desk(lived, desk)
        await the_desk_shows(desk)
        await files_hold(desk)
        await a_calendar_holds(lived, desk)
        await all_are_reminded(lived, phone)
        told = [message.text for message in phone.user.chat] + [text_of(mail) for mail in lived.mail.mails]
    assert [text for text in told if GIVEN.search(text)] == []


async def parents_are_invited(lived: Town, desk: Desk) -> None:
    await desk.open("/desk/invite/1")
    assert called(desk.page, "Rik")
    await desk.send("/desk/invite/1/send")
    await lived.tick()
    [mail] = lived.mail.mailed_to("bos@ouders.example")
    assert called(text_of(mail), "Rik")


async def sanne_is_booked_in_the_chat(lived: Town) -> TelegramPhone:
    """The greeting, the overview and its buttons, the times, what was agreed, the card with its file."""
    phone = lived.phone("Anouk")
    await phone.start("wilg")
    await phone.send("sanne")
    await phone.send("3511ab 12")
    assert called(phone.screen, "ingelogd voor Sanne.", "\nSanne\n")
    for label in ("Kies tijd voor Sanne", "18:10"):
        await phone.tap(label)
        assert called(phone.screen, "Sanne")
    await phone.tap("In mijn agenda")
    await lived.tick()
    [(card, event)] = cards(phone.user)
    assert called(card.text, "Sanne")
    assert called(event.to_ical().decode(), "Sanne")
    [mail] = lived.mail.mailed_to(NOOR)
    assert called(f"{mail['subject']}\n{text_of(mail)}", "Sanne de Vries")
    await phone.start()
    await phone.tap("Sanne · di 24 nov 18:10 ✓")
    assert called(phone.screen, "Sanne")
    return phone


async def rik_is_booked_at_the_desk(lived: Town, desk: Desk) -> None:
    await desk.open(f"/desk/plannings/{PLANNING}/slots/{ANOTHER_SLOT}")
    assert called(desk.page, "Rik Bos")
    await desk.follow("Rik Bos")
    await desk.press("Afspreken")
    assert called(desk.said, "Rik Bos")
    await lived.tick()
    assert called(text_of(lived.mail.mailed_to("bos@ouders.example")[-1]), "Rik")


async def the_desk_shows(desk: Desk) -> None:
    pages = {
        f"/desk/plannings/{PLANNING}": ("Sanne de Vries", "Rik Bos"),
        "/desk/plannings/conferences/1/evening": ("Sanne de Vries", "Rik Bos"),
        "/desk/students": ("Vries, Sanne de", "Bos, Rik"),
        f"/desk/students/{SANNE}/erase": ("Sanne de Vries",),
        "/desk/find?q=s": ("Sanne", "Rik"),
        "/desk/families/letters": (),
        "/desk/school/audit": ("Sanne de Vries",),
    }
    for path, names in pages.items():
        await desk.open(path)
        assert called(desk.page, *names), path
    await desk.open(f"/desk/students/{SANNE}")
    assert "Sanne de Vries" in desk.page, "its form holds both names"
    await desk.follow("de Vries")
    assert called(desk.page, "Sanne de Vries")
    assert desk.path.startswith("/desk/families/")


async def files_hold(desk: Desk) -> None:
    """What is printed and taken along, read back."""
    exports, family = "/desk/exports", desk.path
    assert called(pdf(await taken(desk, f"{exports}/talks", kind="pdf")), "Sanne de Vries", "Rik Bos")
    assert called(pdf(await taken(desk, f"{exports}/talks", kind="pdf", layout="time")), "Sanne de Vries")
    assert called(pdf(await taken(desk, f"{exports}/parents", kind="pdf")), "Vries, Sanne de")
    assert called(pdf(await taken(desk, "/desk/families/letters", family=family.split("/")[-1])), "Sanne")
    rows = csv.reader(io.StringIO((await taken(desk, f"{exports}/talks", kind="csv")).text), delimiter=";")
    assert called(str(list(rows)), "Sanne", "Rik")
    book = load_workbook(io.BytesIO((await taken(desk, f"{exports}/talks")).content))
    assert called(str([list(sheet.values) for sheet in book]), "Sanne", "Rik")
    assert called((await taken(desk, "/desk/school/audit/file")).text, "Sanne de Vries")
    archive = zipfile.ZipFile(io.BytesIO((await taken(desk, f"{family}/file")).content))
    page = archive.read("onze-gegevens.html").decode()
    assert "Sanne de Vries" in page
    assert len(GIVEN.findall(page)) == 1, "among what is known of her, as the first name"


async def a_calendar_holds(lived: Town, desk: Desk) -> None:
    await desk.open("/desk/school/calendars")
    await desk.send("/desk/school/calendars/teachers/1/renew")
    await desk.open("/desk/school/calendars")
    [address] = re.findall(r"/desk/calendar/[\w-]+\.ics", desk.page)[:1]
    calendar = await desk.client.get(address)
    assert called(calendar.text, "Sanne V.", "Rik B.")


async def all_are_reminded(lived: Town, phone: TelegramPhone) -> None:
    for at in (MORNING_AFTER, EVENING_BEFORE):
        lived.clock.at = at
        await lived.tick()
        await lived.tick()
    assert called(text_of(lived.mail.mailed_to(NOOR)[-1]), "Sanne de Vries", "Rik Bos")
    assert called(text_of(lived.mail.mailed_to("bos@ouders.example")[-1]), "Rik")
    assert called(phone.user.chat[-1].text, "Sanne")


async def taken(desk: Desk, path: str, **fields: str) -> Response:
    token = re.search(r'name="csrf" value="([^"]+)"', desk.page)
    assert token is not None
    answer = await desk.client.post(path, data={"csrf": token[1], **fields})
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer


def called(text: str, *names: str) -> bool:
    """All of these stand there, and nobody's given names."""
    assert [name for name in names if name not in text] == [], text
    assert GIVEN.findall(text) == [], text
    return True


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def pdf(answer: Response) -> str:
    assert answer.headers["content-type"] == "application/pdf"
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)

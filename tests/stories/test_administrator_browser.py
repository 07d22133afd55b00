"""An administrator with a real browser: from a school's list to a talk that is booked, with the desk's script and
without, on a laptop and on a phone."""

import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.async_api import Locator, Page, ViewportSize, async_playwright, expect

from admin.app import create
from storage.database.engine import Database
from storage.settings import read_settings
from tests.stories.school import ADMINISTRATOR, PASSWORD
from tests.support.harness import Operator
from tests.support.phone import Clock, served, story

pytestmark = pytest.mark.browser
PATIENCE = 15_000  # milliseconds
LAPTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
BSN = b"123456782"
STUDENTS = """\
Leerlingnummer;Roepnaam;Voorvoegsel;Achternaam;Jarig op;Postcode;Huisnummer;Groep;BSN
04001;Zoë;van den;Berg;3-5-2017;3511 ab;12;groep 4;123456782
04002;Daniël;van den;Berg;11-02-2014;3511AB;12;groep 7;111222333
04003;Elif;;Çelik;30-8-2017;3512 CD;3;groep 7;
"""
PLANNINGS = """\
ronde;titel;leerkrachten;email;groepen;lokaal;opent;sluit;datum;van;tot;minuten
Herfstgesprekken;Groep 4;juf Noor;noor@wilg.example;groep 4;lokaal 3;03-11-2026 19:00;22-11-2026 12:00;24-11-2026;18:00;19:00;10
"""  # noqa: E501


@dataclass
class Administrator:
    """Somebody who reads and taps; whatever the browser complains of is kept."""

    page: Page
    width: int
    script: bool
    faults: list[str] = field(default_factory=list)

    async def link(self, name: str, then: str) -> None:
        await self.tap(self.page.locator("main, header").get_by_role("link", name=name).first, then)

    async def button(self, name: str, then: str) -> None:
        await self.tap(self.page.get_by_role("button", name=name, exact=True).first, then)

    async def tap(self, what: Locator, then: str) -> None:
        """Tap it; the page that comes says `then`, and nothing of it sticks out."""
        await what.click()
        await expect(self.page.locator("main")).to_contain_text(then)
        await self.page.wait_for_load_state()  # its styles too: a page that is not dressed yet sticks out
        wide = await self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{self.page.url} is {wide} wide"

    async def fill(self, **fields: str) -> None:
        for id_, value in fields.items():
            await self.page.fill("#" + re.sub(r"_(\d)$", r"-\1", id_), value)

    async def send(self, name: str, content: bytes, then: str, button: str) -> None:
        file: Any = {"name": name, "mimeType": "text/csv", "buffer": content}
        await self.page.set_input_files("#file", file)
        await self.button(button, then)

    def says(self, text: str) -> Any:
        return expect(self.page.locator("main > .notice").first).to_contain_text(text)

    async def blocks(self, kind: str) -> list[str]:
        found = await self.page.locator(f".block.{kind} > span:first-child").all_inner_texts()
        return [text.strip() for text in found]

    async def colour(self, kind: str) -> str:
        shown = self.page.locator(f".block.{kind}").first
        return str(await shown.evaluate("block => getComputedStyle(block).backgroundColor"))


@asynccontextmanager
async def administrator(
    operator: Operator, chromium: str, size: ViewportSize, script: bool
) -> AsyncIterator[Administrator]:
    """At the desk of a school of which nothing is known but its name."""
    operator.does("school", "add", "wilg", "--name", "De Wilg")
    operator.does("staff", "add", "wilg", ADMINISTRATOR, "--role", "administrator", typed=f"{PASSWORD}\n")
    settings = read_settings()
    database = Database(settings.database)
    async with served(create(database, settings, now=operator.clock.now)) as base, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context(
            viewport=size, locale="en-GB", java_script_enabled=script, base_url=base, accept_downloads=True
        )
        who = Administrator(await context.new_page(), size["width"], script)
        who.page.on("pageerror", lambda error: who.faults.append(str(error)))
        who.page.on("console", lambda said: who.faults.append(said.text) if said.type == "error" else None)
        who.page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        await who.page.goto("/desk")
        yield who
        await browser.close()
    database.close()


@pytest.mark.parametrize(
    ("size", "script"), [(LAPTOP, True), (PHONE, False)], ids=["laptop with its script", "phone without scripts"]
)
@story
async def test_from_a_list_to_a_talk_for_a_parent_who_phones(
    sqlite: Database,
    chromium: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    size: ViewportSize,
    script: bool,
) -> None:
    operator = Operator(sqlite.url, tmp_path, monkeypatch, Clock())
    async with administrator(operator, chromium, size, script) as who:
        await who.fill(email=ADMINISTRATOR, password=PASSWORD)
        await who.button("Sign in", "Tuesday 10 November")
        await imports_students(who)
        await makes_families(who)
        await makes_plannings(who)
        await takes_a_break(who)
        await publishes(who)
        await books_for_a_parent(who)
        await takes_the_excel_file(who)
        assert who.faults == []
    kept = [file for file in tmp_path.rglob("*") if file.is_file() and BSN in file.read_bytes()]
    assert kept == [], "what may not be stored is nowhere, not even among the files that were sent"


async def imports_students(who: Administrator) -> None:
    await who.link("Students", "Name, number or postcode")
    await who.link("Import a list", "A list from your student administration")
    await who.send("leerlingen.csv", STUDENTS.encode("cp1252"), "Nothing has been changed yet.", "Send")
    columns = who.page.get_by_role("combobox")
    birthday = who.page.get_by_role("combobox", name="What “Jarig op” holds")
    await expect(birthday).to_have_value("")
    await expect(who.page.get_by_role("combobox", name="What “Roepnaam” holds")).not_to_have_value("")
    await expect(who.page.get_by_role("combobox", name="What “BSN” holds")).to_have_count(0)
    await expect(columns).to_have_count(10)  # eight of the columns, the letters, and what stands between the columns
    main = who.page.locator("main")
    await expect(main).to_contain_text("may not be stored")
    await expect(main).to_contain_text("nobody needs it here: BSN.")
    await expect(main).not_to_contain_text("123456782")
    await birthday.select_option("birth_date")
    await who.button("Next: see what would change", "3 new students")
    await who.button("Import", "The list has been imported: 3 new, 0 changed, 0 as they were.")


async def makes_families(who: Administrator) -> None:
    await who.link("Families", "3 students have no family yet.")
    await who.link("Make families", "2 new families")
    await who.button("Make these families", "A kind can be chosen when every family has it.")
    await who.link("postcode and house number", "Every family has it.")
    await who.button(
        "Use the postcode and house number", "2 families sign in with postcode and house number from now on."
    )


async def makes_plannings(who: Administrator) -> None:
    await who.link("Plannings", "There is no conference yet.")
    await who.link("Import plannings", "one row for each planning and day")
    await who.send("gesprekken.csv", PLANNINGS.encode(), "New conference: Herfstgesprekken", "Look at it")
    await who.button("Import", "Check and publish (1)")
    await who.link("New planning", "Save and add times")
    await who.fill(title="Groep 7", teacher_1="meester Bram", email_1="bram@wilg.example")
    await who.fill(opens="2026-11-03T19:00", closes="2026-11-22T12:00")
    await who.page.get_by_label("groep 7").check()
    await who.button("Save and add times", "The planning has been made. Now give it times.")
    await who.fill(minutes="10", break_after="3", break_minutes="10")
    await who.fill(day_1="2026-11-24", start_1="18:00", until_1="19:10")
    await who.button("Add times", "About this planning")
    assert await who.blocks("free") == [
        "18:00–18:10", "18:10–18:20", "18:20–18:30", "18:40–18:50", "18:50–19:00", "19:00–19:10",
    ]  # fmt: skip


async def takes_a_break(who: Administrator) -> None:
    """Made, opened again, and made once more."""
    await who.link("Breaks", "Parents see a break as taken.")
    for _ in range(2):
        assert await who.blocks("break") == []
        await who.tap(who.page.locator(".block.free", has_text="18:50–"), "break (1)")
        assert await who.blocks("break") == ["18:50–19:00"]
        await who.tap(who.page.locator(".block.break"), "break (0)")
    await who.tap(who.page.locator(".block.free", has_text="18:50–"), "break (1)")


async def publishes(who: Administrator) -> None:
    await who.link("Plannings", "Check and publish (2)")
    await who.link("Check and publish (2)", "2 drafts become visible to parents.")
    await who.button("Publish", "published")
    await expect(who.page.locator(".badge.good", has_text="published")).to_have_count(2)


async def books_for_a_parent(who: Administrator) -> None:
    await who.link("Groep 7", "Book and move")
    await who.link("18:10–18:20", "Book for a family")
    await expect(who.page.locator("#found > li")).to_have_count(2)
    await who.page.locator("#name").press_sequentially("dani")
    if not who.script:
        await who.button("Search", "Daniël van den Berg")
    await expect(who.page.get_by_role("link", name="Choose")).to_have_count(1)
    await who.link("Choose", "Book this talk?")
    await who.button("Book", "Daniël van den Berg has a talk on Tuesday 24 November, 18:10.")
    await who.says("This family has no chat and no e-mail address here: tell them yourself.")
    assert await who.blocks("booked") == ["18:10–18:20"]
    colours = {await who.colour(kind) for kind in ("free", "booked", "break")}
    assert len(colours) == 3


async def takes_the_excel_file(who: Administrator) -> None:
    async with who.page.expect_download() as coming:
        await who.page.get_by_role("button", name="Excel file of Groep 7").click()
    download = await coming.value
    sheet = openpyxl.load_workbook(io.BytesIO(Path(await download.path()).read_bytes())).active
    assert sheet is not None
    headers, *rows = sheet.values
    [row] = [dict(zip(headers, row, strict=True)) for row in rows]
    assert download.suggested_filename == "Groep 7 2026-11-10.xlsx"
    assert (row["First name"], row["Last name"], row["From"]) == ("Daniël", "Berg", time(18, 10))

"""The school's manual: a school followed through it, whose pages are its pictures; and words that are really there.

`make pictures` takes the pictures anew. Every button that the manual names must be a text of the desk, and every
picture must be one that this story takes.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import expect
from pydantic import SecretStr

from admin.app import create
from bot.web import routes
from messages import text
from storage.database.engine import Database
from tests.stories.desk import linde
from tests.stories.desk.conftest import Sit
from tests.stories.desk.test_clicks import block, find, key, next_step, say, sign_in
from tests.support import desk_browser
from tests.support.browser import DIRECTOR, Turned, hire, settings
from tests.support.cast import Cast
from tests.support.desk_browser import LAPTOP, PHONE, PICTURES, Sitting
from tests.test_translations import forms

MANUAL = Path(__file__).parents[3] / "docs" / "handleiding.md"
LARGEST = 120_000  # bytes of one picture
MOST = 20
PAGE = {"width": 1040, "height": 760}  # small enough to be read in a document
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_PICTURE = re.compile(r"!\[[^\]]+\]\(pictures/handleiding/([\w-]+)\.png\)")
_WHAT_IF = re.compile(r"(?:een|uw|er|u) .+\?")  # the questions of the last chapter
# Set in bold as names of things, not as what stands on a button.
NAMES = {
    "vet", "de balie", "Een bericht.", "Het adres", "In de eigen agenda.", "Een ouder wil weten wat u bewaart.",
    "Een ouder wil gewist worden.", "Wie deed wat?", "Tweestapsverificatie.", "Brieven op papier",
}  # fmt: skip


@pytest.fixture
def regenboog(sqlite: Database) -> Cast:
    return linde.found(sqlite)


@pytest.fixture
def base(regenboog: Cast, clock: Turned, tmp_path: Path) -> Iterator[str]:
    """The desk of an installation that sends mail, and the chat."""
    hire(regenboog.database, regenboog.school)
    mail = SecretStr("smtp://mail.linde.example")
    set_so = settings(data_dir=tmp_path, smtp_url=mail, base_url="http://gesprekken.example")
    app = create(regenboog.database, set_so, now=clock)
    app.include_router(routes.router(regenboog.database, set_so, clock))
    with desk_browser.served(app) as address:
        yield address


def manual() -> str:
    return MANUAL.read_text(encoding="utf-8")


def spoken() -> set[str]:
    """Every Dutch text of the desk, without regard to capitals and to the places in it."""
    found: set[str] = set()
    for path in (text.LOCALES / "nl").glob("*.po"):
        with path.open("rb") as source:
            for message in read_po(source, locale="nl"):
                found |= {one.casefold() for one in forms(message.string) if one}
    return found


def test_every_button_that_the_manual_names_is_a_text_of_the_desk() -> None:
    known = spoken()
    named = {" ".join(name.split()) for name in _BOLD.findall(manual())} - NAMES
    named = {name for name in named if not _WHAT_IF.fullmatch(name)}
    assert {name for name in named if name.casefold() not in known} == set()
    assert len(named) > 40


def test_every_picture_of_the_manual_is_there_and_taken_by_the_story() -> None:
    shown = _PICTURE.findall(manual())
    taken = re.findall(r'\.picture\("([\w-]+)"', Path(__file__).read_text(encoding="utf-8"))
    assert sorted(shown) == sorted(taken)
    assert sorted(path.stem for path in PICTURES.iterdir()) == sorted(shown)
    assert len(shown) <= MOST
    assert [path.name for path in PICTURES.iterdir() if path.stat().st_size > LARGEST] == []


def test_every_link_within_the_manual_leads_to_a_heading() -> None:
    headings = {_anchor(line.lstrip("# ")) for line in manual().splitlines() if line.startswith("#")}
    assert set(re.findall(r"\]\(#([^)]+)\)", manual())) - headings == set()


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.browser
def test_a_school_as_the_manual_tells_it(sit: Sit, clock: Turned) -> None:
    who = sit(None, size=PAGE)
    sign_in(who, DIRECTOR, "Wat u nu kunt doen")
    who.picture("eerste-pagina")
    first_steps(who)
    makes_plannings(who)
    clock.on(days=2)  # sign-up has opened
    who.go("/desk")
    sign_in(who, DIRECTOR, "Herfstgesprekken")
    a_parent_chooses(sit(None, path="/linde", size={"width": PHONE["width"], "height": 640}))
    a_parent_phones(who)
    the_rest(who)


def first_steps(who: Sitting) -> None:
    next_step(who, "Lijst importeren", "Leerlingen importeren")
    send_and_look(who)
    who.button("Importeren", "32 nieuw")
    who.button("Maak deze families", "Wachtwoordtekst")
    who.picture("wachtwoord", "main")
    who.button("Kies postcode en huisnummer", "Vanaf nu loggen 20 families in")
    find(who, "Lotte", "Jansen")
    who.link("Nog een familie", "Nog een familie voor Lotte")
    who.fill("Naam van de nieuwe familie", "Bakker")
    who.choose("ouders4@ouders.example", "van de familie Jansen")
    who.button("Familie maken", "Bakker")
    who.fill("Code", "blauwe-olifant-7")
    who.button("Code opslaan", "De code van deze familie")
    who.picture("eigen-code", "main")


def send_and_look(who: Sitting) -> None:
    """The import up to its last button, with a picture of the columns."""
    who.page.set_input_files("#file", {"name": "leerlingen.csv", "mimeType": "text/csv", "buffer": linde.students()})
    who.button("Versturen", "Zoë")
    who.picture("leerlingen-importeren")
    who.button("Verder: bekijk wat er wijzigt", "Er is nog niets gewijzigd")


def makes_plannings(who: Sitting) -> None:
    who.go("/desk")
    next_step(who, "Planningen maken", "Planningen voor alle groepen")
    who.fill("Naam van de nieuwe gespreksronde", "Herfstgesprekken")
    who.page.fill("#day-1", "2026-11-24")
    for place, teacher in enumerate(linde.TEACHERS):
        who.page.locator("[name=teacher]").nth(place).fill(teacher)
        who.page.locator("[name=email]").nth(place).fill(f"{teacher.split()[-1].lower()}@linde.example")
        who.page.locator("[name=room]").nth(place).fill(f"lokaal {place + 1}")
    who.says("12 gesprekken")
    who.picture("planningen-maken", "section[aria-labelledby=groups]")
    who.button("Deze planningen maken", "Groep 8")
    find(who, "groep 4", "Groep 4")
    who.link("Groep 4", "juf Roos")
    who.link("Pauzes", "Tik op een moment")
    who.tap(block(who, "19:00"), "pauze (1)")
    who.go("/desk")
    next_step(who, "Controleren en publiceren", "worden zichtbaar voor ouders")
    who.picture("publiceren", "main")
    who.button("Publiceren", "Herfstgesprekken")
    who.go("/desk")
    next_step(who, "Ouders uitnodigen", "Aan wie")
    who.button("Bekijk wat ouders krijgen", "Per mail")
    who.picture("uitnodigen", ".split")


def a_parent_chooses(mother: Sitting) -> None:
    say(mother, "Emir", "Uw postcode en huisnummer")
    say(mother, "3511 cd 3", "Welkom")
    key(mother, "Kies tijd voor Emir", "Welke tijd")
    mother.picture("chat")
    key(mother, "18:20", "✓ dinsdag 24 november, 18:20")


def a_parent_phones(who: Sitting) -> None:
    find(who, "Luuk", "van Dijk")
    who.link("Afspreken", "Tik op een vrij moment")
    who.picture("afspreken", "#board")
    who.tap(block(who, "18:40"), "Luuk")
    who.go("/desk/plannings")
    who.link("Groep 4", "juf Roos")
    expect(who.page.locator(".block.booked")).to_have_count(2)
    who.picture("planning", "#board")


def the_rest(who: Sitting) -> None:
    who.go("/desk/school/staff/invite")
    who.picture("medewerkers", "main section.card")
    who.page.set_viewport_size(LAPTOP)  # eight groups side by side
    who.go("/desk/plannings")
    who.link("In één oogopslag", "juf Roos")
    who.picture("avond", "main")
    who.go("/desk/students/year")
    who.says("Nieuw schooljaar")
    who.picture("schooljaar", "main")

"""Every step of the two manuals that schools know, done at our desk by somebody with a real browser, clicks counted.

The counts stand in one place, the table of decision 17; this file does what each row names and must take exactly the
clicks that the row says, and never more than the manual. It tells nothing of what is right or wrong on a page: the
stories of each area do.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from storage.database.engine import Database
from storage.words import Role
from tests.stories.desk import linde
from tests.stories.desk.conftest import Sit
from tests.support.browser import DIRECTOR, NOOR, PASSWORD, Turned, hire
from tests.support.cast import Cast
from tests.support.desk_browser import PHONE, Sitting

DECISION = Path(__file__).parents[3] / "docs" / "decisions" / "0017-fewer-clicks-than-the-manuals.md"
_ROW = re.compile(r"\| (?P<step>(?:SG|OC)\.\d+) \| .* \| (?P<there>\d+|–) \| (?P<here>\d+|later, D\d+) \|")


@dataclass(frozen=True, slots=True)
class Counted:
    """A row of the table: the clicks that the manual tells (None where it tells none), and ours (None: later)."""

    there: int | None
    here: int | None


def table() -> dict[str, Counted]:
    """The table of decision 17, by step."""
    found = {}
    for line in DECISION.read_text(encoding="utf-8").splitlines():
        if row := _ROW.fullmatch(line):
            there, here = row["there"], row["here"]
            found[row["step"]] = Counted(int(there) if there.isdigit() else None, int(here) if here.isdigit() else None)
    return found


class Count:
    """What each step took. `with count("SG.2"):` begins at the desk's first page, `on_page=True` where one stands."""

    def __init__(self, who: Sitting) -> None:
        self.who = who
        self.taken: dict[str, int] = {}

    @contextmanager
    def __call__(self, step: str, *, on_page: bool = False) -> Iterator[Sitting]:
        if not on_page:
            self.who.go("/desk")
        self.who.clicks = 0
        yield self.who
        self.taken[step] = self.who.clicks


def find(who: Sitting, words: str, then: str) -> None:
    """Type in the field that every page has, and Enter: no click."""
    who.page.keyboard.press("/")
    who.page.keyboard.type(words)
    with who.page.expect_navigation():  # the page that is left may say the same
        who.page.keyboard.press("Enter")
    who.says(then)
    who.look()


def next_step(who: Sitting, name: str, then: str) -> None:
    """The button of "what to do now" on the first page."""
    who.tap(who.page.locator(".next").get_by_role("link", name=name), then)


def block(who: Sitting, at: str) -> Locator:
    """A slot of the board by its time, whatever it is now."""
    return who.page.locator(".block", has_text=re.compile(rf"^\s*{at}")).first


@pytest.fixture
def regenboog(sqlite: Database) -> Cast:
    """In the place of the cast: a school with nothing but an administrator and a teacher with an account."""
    cast = linde.found(sqlite)
    hire(sqlite, cast.school, NOOR, Role.TEACHER)
    return cast


@pytest.mark.browser
def test_the_manuals_at_our_desk(sit: Sit, clock: Turned) -> None:
    count = Count(sit(None))
    begins(count)
    families(count)
    plannings(count)
    one_group(count)
    invites(count)
    clock.on(days=2)  # sign-up has opened
    count.who.go("/desk")
    sign_in(count.who, DIRECTOR, "Herfstgesprekken")
    phoning(count)
    tells_again(count)
    teacher(count, sit(None))
    parent(count, sit(None, path="/linde", size=PHONE))
    lists(count)
    year(count)
    assert count.taken == {step: row.here for step, row in table().items() if row.here is not None}


def test_no_step_takes_more_clicks_than_the_manual_tells() -> None:
    told = {step: row for step, row in table().items() if row.there is not None and row.here is not None}
    assert [step for step, row in told.items() if (row.here or 0) > (row.there or 0)] == []
    assert sum(row.here or 0 for row in told.values()) < sum(row.there or 0 for row in told.values()) / 3


def test_the_count_names_every_step_of_both_manuals() -> None:
    """In order, none left out: fourteen and eighteen steps tell all that the two manuals have somebody do."""
    first, second = (range(1, last + 1) for last in (14, 18))
    assert list(table()) == [*(f"SG.{number}" for number in first), *(f"OC.{number}" for number in second)]
    assert [step for step, row in table().items() if row.here is None] == ["OC.8", "OC.9", "OC.10"]


def begins(count: Count) -> None:
    with count("SG.1", on_page=True) as who:
        sign_in(who, DIRECTOR, "Wat u nu kunt doen")
    with count("SG.2", on_page=True):
        next_step(who, "Lijst importeren", "Leerlingen importeren")
        send(who, linde.students())
        who.button("Importeren", "32 nieuw")
    with count("SG.3", on_page=True):
        who.says("Çelik")  # the letters of an old Windows, read right without a word
    with count("SG.4", on_page=True):
        who.button("Maak deze families", "Wachtwoordtekst")
    with count("SG.5", on_page=True):
        who.button("Kies postcode en huisnummer", "Vanaf nu loggen 20 families in")


def sign_in(who: Sitting, email: str, then: str) -> None:
    who.page.fill("#email", email)
    who.page.fill("#password", PASSWORD)
    who.button("Inloggen", then)


def send(who: Sitting, file: bytes) -> None:
    """A list through the steps of the import, up to the button that does it."""
    who.clicks += 1
    who.page.set_input_files("#file", {"name": "leerlingen.csv", "mimeType": "text/csv", "buffer": file})
    who.button("Versturen", "Zoë")
    who.button("Verder: bekijk wat er wijzigt", "Er is nog niets gewijzigd")


def families(count: Count) -> None:
    with count("SG.6") as who:
        find(who, "Lotte", "Jansen")
        who.link("Nog een familie", "Nog een familie voor Lotte")
        who.fill("Naam van de nieuwe familie", "Bakker")
        who.choose("ouders4@ouders.example", "van de familie Jansen")
        who.button("Familie maken", "Bakker")
        who.button("Code opslaan", "De code van deze familie")


def plannings(count: Count) -> None:
    with count("SG.7") as who:
        next_step(who, "Planningen maken", "Planningen voor alle groepen")
        who.fill("Naam van de nieuwe gespreksronde", "Herfstgesprekken")
        who.page.fill("#day-1", "2026-11-24")
        for place, teacher in enumerate(linde.TEACHERS):
            who.page.locator("[name=teacher]").nth(place).fill(teacher)
        who.page.locator("[name=email]").nth(3).fill(NOOR)
        who.button("Deze planningen maken", "Groep 8")
    with count("SG.8"):
        who.link("Planningen", "Herfstgesprekken")
        who.link("Momenten toevoegen", "Voor welke planningen")
        who.page.fill("#day-1", "2026-11-26")
        who.button("Momenten toevoegen", "Herfstgesprekken")
    with count("SG.9"):
        find(who, "groep 4", "Groep 4")
        who.link("Groep 4", "juf Roos")
        who.link("Wijzigen", "Lokaal")
        who.fill("Lokaal", "lokaal 4")
        who.button("Opslaan", "lokaal 4")
    with count("SG.10"):
        find(who, "groep 4", "Groep 4")
        who.link("Groep 4", "juf Roos")
        who.link("Pauzes", "Tik op een moment")
        who.tap(block(who, "19:00"), "pauze (1)")


def one_group(count: Count) -> None:
    """What the second manual has every teacher do: one group, from nothing to published."""
    who = count.who
    who.go("/desk/students/import")
    send(who, linde.with_one_more("Pim", "groep 1b"))
    who.button("Importeren", "1 nieuw")
    who.button("Maak deze families", "Families")
    with count("OC.11"):
        who.link("Planningen", "Herfstgesprekken")
        who.link("Planningen toevoegen", "groep 1b")
        who.page.fill("#day-1", "2026-11-24")
        who.button("Deze planningen maken", "Groep 1b")
    with count("OC.12"):
        find(who, "Emir", "Emir")
        who.link("Afspreken", "Tik op een vrij moment")
        who.tap(block(who, "18:20"), "Emir")
    with count("OC.13"):
        find(who, "groep 4", "Groep 4")
        who.link("Groep 4", "juf Roos")
        who.tap(block(who, "18:50"), "Dit moment verwijderen")
        who.button("Dit moment verwijderen", "juf Roos")
    with count("OC.14"):
        find(who, "groep 4", "Groep 4")
        who.link("Groep 4", "juf Roos")
        who.link("Momenten toevoegen", "Momenten van")
        who.page.fill("#day-1", "2026-11-24")
        who.page.fill("#start-1", "20:00")
        who.page.fill("#until-1", "20:10")
        who.button("Momenten toevoegen", "20:00–20:10")
    with count("OC.15"):
        next_step(who, "Controleren en publiceren", "worden zichtbaar voor ouders")
        who.button("Publiceren", "Herfstgesprekken")


def invites(count: Count) -> None:
    with count("SG.11") as who:
        next_step(who, "Ouders uitnodigen", "Aan wie")
        who.button("Bekijk wat ouders krijgen", "Per mail")
        who.button(re.compile("proef"), "Per mail")
        who.button(re.compile("Verstuur naar"), "famil")


def phoning(count: Count) -> None:
    with count("OC.3") as who:
        find(who, "Haddad", "Amira")
    with count("OC.4"):
        find(who, "Kuiper", "Olivia")
        who.link("Familie blokkeren", "blokkeren?")
        who.button("Familie blokkeren", "geblokkeerd")
    with count("OC.5"):
        find(who, "Kuiper", "Olivia")
        who.button("Weer toegang geven", "Olivia")


def tells_again(count: Count) -> None:
    with count("OC.16") as who:
        who.link("Uitnodigen", "Aan wie")
        who.button("Bekijk wat ouders krijgen", "Per mail")
        who.button(re.compile("Verstuur naar"), "famil")


def teacher(count: Count, noor: Sitting) -> None:
    admin, count.who = count.who, noor
    with count("OC.1", on_page=True) as who:
        sign_in(who, NOOR, "Uw planningen")
    with count("SG.12"):
        who.link(re.compile("Groep 4"), "Emir")
    with count("OC.17"):
        who.link(re.compile("Groep 4"), "Emir")
        paper(who, "form[action$=talks] button[value=pdf]")
    with count("OC.2"):
        who.link("Lijsten en bestanden", "Ouders en kinderen")
        paper(who, "form[action$=parents] button[value=pdf]")
    count.who = admin


def paper(who: Sitting, button: str) -> None:
    name, content = who.download(who.page.locator(button).first)
    assert content.startswith(b"%PDF"), name


def parent(count: Count, mother: Sitting) -> None:
    desk, count.who = count.who, mother
    with count("SG.13", on_page=True) as who:
        say(who, "Noa", "Uw postcode en huisnummer")
        say(who, "3513 aa 16", "Welkom")
    with count("OC.18", on_page=True):
        key(who, "Kies tijd voor Noa", "Welke dag")
        key(who, "24", "Welke tijd")
        key(who, "18:40", "✓ dinsdag 24 november, 18:40")
    count.who = desk


def say(who: Sitting, text: str, then: str) -> None:
    """Typed in the chat, and Enter."""
    who.page.fill("#text", text)
    who.page.keyboard.press("Enter")
    expect(who.page.locator("#newest")).to_contain_text(then)


def key(who: Sitting, label: str, then: str) -> None:
    """A button of the chat."""
    who.clicks += 1
    who.page.locator(".key", has_text=label).first.click()
    expect(who.page.locator("#newest")).to_contain_text(then)


def lists(count: Count) -> None:
    with count("SG.14") as who:
        who.link("Planningen", "Herfstgesprekken")
        name, content = who.download(who.page.locator("form[action$=talks] button[value=excel]").first)
        assert content.startswith(b"PK"), name


def year(count: Count) -> None:
    with count("OC.7") as who:
        find(who, "Amira", "Haddad")
        who.link("Gaat van school", "Markeren als vertrokken")
        who.button("Markeren als vertrokken", "Dit kind is van school")
    with count("OC.6"):
        who.link(re.compile("groepen laten overgaan"), "schooljaar")
        who.tap(who.page.locator("main form button.strong"), "schooljaar")
        who.tap(who.page.locator("main form button.strong"), "schooljaar")

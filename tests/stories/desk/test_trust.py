"""Trust before a real browser: who did what, what is kept, what a parent may read, and erased for good (D27, D28)."""

import io
import zipfile

import pytest

from storage.tables import Student
from tests.stories.desk.conftest import Sit
from tests.support.cast import Cast
from tests.support.desk_browser import PHONE, Sitting
from tests.support.notices import book

pytestmark = pytest.mark.browser


def refused(who: Sitting, button: str, then: str) -> None:
    """Pressed, and answered with why not; the browser's own word about the status of that answer is no fault."""
    who.page.get_by_role("button", name=button, exact=True).first.click()
    who.says(then)
    who.faults.clear()
    who.look()


def test_a_director_looks_up_who_booked_a_talk(sit: Sit, regenboog: Cast) -> None:
    book(regenboog, "de_vries", "sanne", regenboog.noor_slots[0], by_staff=False)
    who = sit(path="/desk/school")
    who.link("Logboek", "logde in aan de balie")
    who.choose("Wat", "Gesprekken: alles")
    who.page.wait_for_url("**act=0*")
    who.says("boekte een gesprek voor Sanne de Vries, Groep 4")
    who.says_not("logde in")
    who.look()
    who.picture("logboek")
    name, content = who.download(who.page.get_by_role("button", name="Als bestand (CSV)"))
    assert name.endswith(".csv")
    assert "Familie de Vries" in content.decode("utf-8-sig")
    who.go("/desk/school/audit")
    who.says("maakte een bestand van het logboek")


def test_how_long_things_are_kept_is_set_and_told(sit: Sit) -> None:
    who = sit(path="/desk/school")
    who.link("Privacy", "Hoe lang alles bewaard blijft")
    who.picture("privacy")
    who.fill("Leerlingen die van school zijn: dagen na hun vertrek", "3")
    refused(who, "Opslaan", "Kies 0, of 7 tot 3650 dagen.")
    who.fill("Leerlingen die van school zijn: dagen na hun vertrek", "30")
    who.button("Opslaan", "Opgeslagen.")
    who.says("30 dagen na het vertrek van het kind")


def test_a_parent_asks_what_the_school_knows(sit: Sit, regenboog: Cast) -> None:
    who = sit(path=f"/desk/families/{regenboog.de_vries}")
    name, content = who.download(who.page.get_by_role("button", name="Alle gegevens van deze familie (bestand)"))
    assert name.startswith("Gegevens van de familie de Vries")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["onze-gegevens.html", "onze-gegevens.json"]
        who.page.set_content(archive.read("onze-gegevens.html").decode())
    assert "Sanne de Vries" in who.page.inner_text("body")
    assert "3 mei 2017" in who.page.inner_text("body")


def test_a_child_is_erased_for_good_on_a_phone(sit: Sit, regenboog: Cast) -> None:
    book(regenboog, "smit", "stephanie", regenboog.bram_slots[0])
    who = sit(path=f"/desk/students/{regenboog.stephanie}", size=PHONE)
    who.link("Voorgoed wissen…", "Dit verdwijnt")
    who.says("1 gesprek komt nog.")
    who.picture("wissen")
    who.fill("Typ hier: Stéphanie", "Daan")
    refused(who, "Voorgoed wissen", "Er is niets gewist.")
    who.fill("Typ hier: Stéphanie", "stephanie")
    who.button("Voorgoed wissen", "De leerling is voorgoed gewist.")
    who.says_not("Smit")
    assert regenboog.database.read(lambda session: session.get(Student, regenboog.stephanie)) is None

"""A letter per family: the desk prints it, a parent scans it and is in; the second time not (D25)."""

import io
import zipfile
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

from admin.documents.paper import letters as paper
from storage.families import family_views
from storage.words import ChatKind
from tests.stories.desk.conftest import Sit
from tests.support.browser import Turned
from tests.support.cast import Cast
from tests.support.desk_browser import PHONE, Sitting

pytestmark = pytest.mark.browser


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that the printed codes lead to, in the order of the letters."""
    kept: list[str] = []
    draw = paper.picture

    def and_keep(address: str) -> str:
        kept.append(urlsplit(address).path)
        return draw(address)

    monkeypatch.setattr(paper, "picture", and_keep)
    return kept


def printed(who: Sitting, button: str) -> tuple[str, bytes]:
    return who.download(who.page.get_by_role("button", name=button, exact=True))


def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def chats(cast: Cast, family_id: int) -> list[ChatKind]:
    return [chat.kind for chat in cast.database.read(family_views.family, cast.school, family_id).chats]


def test_every_group_gets_its_pile_in_two_clicks(sit: Sit, codes: list[str]) -> None:
    who = sit(path="/desk/families")
    who.link("Brieven", "5 brieven")
    who.picture("brieven")
    name, file = printed(who, "Brieven maken")
    assert (name, who.clicks) == ("brieven regenboog.zip", 2)
    archive = zipfile.ZipFile(io.BytesIO(file))
    piles = {one: pages(archive.read(one)) for one in archive.namelist()}
    assert {one: len(pile) for one, pile in piles.items()} == {
        "01 brieven groep 4.pdf": 4, "02 brieven groep 7.pdf": 1
    }  # fmt: skip
    assert len(set(codes)) == 5
    only = piles["02 brieven groep 7.pdf"][0]
    assert "Aan de ouders van Stéphanie" in only
    assert "tot en met dinsdag 22 december" in only
    assert "127.0.0.1:8000/regenboog" in only
    assert "3514" not in only


def test_a_parent_scans_taps_and_is_in_and_the_letter_is_spent(
    sit: Sit, regenboog: Cast, codes: list[str], clock: Turned
) -> None:
    desk = sit(path=f"/desk/families/letters?family={regenboog.de_vries}")
    desk.picture("brief-een-familie")
    name, file = printed(desk, "Brief maken")
    assert (name, len(pages(file))) == ("brief de Vries.pdf", 1)
    parent = sit(None, path=codes[0], size=PHONE)
    parent.says("Welkom bij De Regenboog.")
    assert "Sanne" not in parent.page.content()
    assert "Vries" not in parent.page.content()
    parent.picture("brief-gescand")
    parent.button("Hier inloggen", "Welkom! U bent ingelogd voor Daan en Sanne.")
    assert parent.clicks == 1
    assert chats(regenboog, regenboog.de_vries) == [ChatKind.WEB]
    for script in (True, False):
        again = sit(None, path=codes[0], size=PHONE, script=script)
        again.says("Deze brief is al gebruikt.")
        again.link("Inloggen met voornaam en wachtwoord", "Wat is de voornaam van uw kind?")
    desk.go(f"/desk/families/{regenboog.de_vries}")
    desk.says("1 gebruikt")


def test_without_a_script_and_too_late(sit: Sit, regenboog: Cast, codes: list[str], clock: Turned) -> None:
    desk = sit(path=f"/desk/families/letters?family={regenboog.smit}", script=False)
    printed(desk, "Brief maken")
    printed(desk, "Brief maken")
    parent = sit(None, path=codes[0], size=PHONE, script=False)
    parent.button("Hier inloggen", "Welkom! U bent ingelogd voor Stéphanie.")
    clock.on(days=43)
    late = sit(None, path=codes[1], size=PHONE)
    late.says("De code in deze brief werkte tot en met dinsdag 22 december.")
    assert chats(regenboog, regenboog.smit) == [ChatKind.WEB]


def test_families_without_a_secret_get_a_code_on_their_letter(sit: Sit, codes: list[str]) -> None:
    who = sit(path="/desk/families/letters?who=bare")
    who.says("1 brief")
    name, file = printed(who, "Brief maken")
    assert name == "brief Bakker.pdf"
    text = pages(file)[0]
    assert "de eigen code van uw familie:" in text
    shown = text.partition("de eigen code van uw familie:")[2].split()[0]
    parent = sit(None, path="/regenboog", size=PHONE)
    for answer, then in (("Lotte", "Dank u. En nu:"), (shown, "Welkom! U bent ingelogd voor Lotte.")):
        parent.page.fill("#text", answer)
        parent.tap(parent.page.locator(".send"), then)


def test_a_lost_pile_is_withdrawn(sit: Sit, codes: list[str]) -> None:
    who = sit(path="/desk/families/letters")
    printed(who, "Brieven maken")
    who.go("/desk/families/letters")
    who.page.get_by_text("Een stapel kwijt?").click()
    who.button("Geen brief meer laten werken", "5 brieven werken niet meer.")
    stranger = sit(None, path=codes[0], size=PHONE)
    stranger.says("Deze brief werkt hier niet.")

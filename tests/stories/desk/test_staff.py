"""The people at the desk, each before a browser of their own: invited by mail, a forgotten password, a code of an app,
one's talks in one's own calendar."""

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from icalendar import Calendar
from pydantic import SecretStr

from admin.app import create
from bot.board import board
from messages.channels.mail import Smtp
from messages.sending.sender import Sender
from storage.words import Role
from tests.messages.stage import BASE_URL, MAIL_FROM
from tests.stories.desk.conftest import Sit
from tests.support import desk_browser
from tests.support.browser import DIRECTOR, NOOR, PASSWORD, Turned, hire, settings
from tests.support.cast import PEPPER, Cast
from tests.support.desk_browser import PHONE, Sitting
from tests.support.mail_server import MailServer
from tests.support.notices import book

pytestmark = pytest.mark.browser

NEW = "vijf rode paraplu's"


@pytest.fixture
def post() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def base(regenboog: Cast, clock: Turned, tmp_path: Path, post: MailServer) -> Iterator[str]:
    """As the other stories have it, and mail leaves."""
    hire(regenboog.database, regenboog.school)
    app = create(regenboog.database, settings(data_dir=tmp_path, smtp_url=SecretStr(post.url)), now=clock)
    with desk_browser.served(app) as address:
        yield address


def deliver(cast: Cast, post: MailServer, clock: Turned) -> None:
    """What waits is sent. In a thread: the browser's driver has a loop of its own in this one."""

    async def send() -> None:
        where = {"mail_from": MAIL_FROM, "base_url": BASE_URL, "pepper": PEPPER}
        sender = Sender(cast.database, board=board, chat=None, mail=Smtp(post.url), **where, now=clock)  # type: ignore[arg-type]
        await sender.send_due()
        await sender.close()

    thread = threading.Thread(target=lambda: asyncio.run(send()))
    thread.start()
    thread.join(60)


def link_in(post: MailServer, address: str) -> str:
    """The path of the link in the last mail to somebody."""
    text = post.mailed_to(address)[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = re.search(rf"{BASE_URL}(/desk/welcome/\S+)", text)
    assert found
    return found[1]


def over(who: Sitting, path: str) -> None:
    """The link leads nowhere any more; a browser's console calls that a fault, which it is not."""
    who.page.goto(path)
    who.says("Deze link werkt niet meer")
    assert who.page.get_by_role("link", name="Mail mij een nieuwe link").is_visible()


def test_teachers_are_invited_in_one_go_and_come_in_by_their_mail_on_a_phone(
    sit: Sit, regenboog: Cast, post: MailServer, clock: Turned
) -> None:
    director = sit()
    director.link("School", "Over de school")
    director.link("Medewerkers", "2 leerkrachten van de planningen hebben nog geen account.")
    director.picture("medewerkers-1")
    director.link("Mensen uitnodigen", "Leerkrachten van de planningen")
    director.picture("medewerkers-uitnodigen")
    director.button("Nodig de aangevinkten uit", "2 mensen zijn uitgenodigd; elk krijgt een mail met een link.")
    director.says("uitgenodigd tot di 17 nov")
    director.picture("medewerkers-2")
    assert director.clicks == 4
    deliver(regenboog, post, clock)

    path = link_in(post, NOOR)
    noor = sit(None, path, size=PHONE)
    noor.says("Welkom, juf Noor")
    noor.picture("welkom-telefoon")
    noor.fill("Wachtwoord", NEW)
    noor.button("Bewaar en ga naar binnen", "Uw planningen")
    noor.link(re.compile("Groep 4"), "vrij (18)")
    noor.says_not("Groep 7")
    over(sit(None, "/desk/sign-in"), path)

    director.go("/desk/school/staff")
    assert director.page.locator("#people tbody tr", has_text=NOOR).inner_text().count("actief") == 1


def test_a_teacher_runs_their_own_planning_on_a_phone(sit: Sit, regenboog: Cast) -> None:
    """Breaks, and a parent who phones (T3)."""
    hire(regenboog.database, regenboog.school, NOOR, Role.TEACHER)
    noor = sit(NOOR, size=PHONE)
    noor.picture("leerkracht-telefoon-1")
    noor.link(re.compile("Groep 4"), "vrij (18)")
    noor.link("Pauzes", "pauze (0)")
    noor.button(re.compile("18:00"), "pauze (1)")
    noor.link("Afspreken en verzetten", "vrij (17)")
    noor.link(re.compile("18:10"), "Afspreken voor een familie")
    noor.page.locator("#found li", has_text="Sanne").get_by_role("link").first.click()
    noor.says("Dit gesprek afspreken?")
    noor.look()
    noor.button("Afspreken", "Sanne de Vries heeft een gesprek op")
    noor.picture("leerkracht-telefoon-2")
    noor.page.goto("/desk/school/staff")
    noor.says("Dit mag u niet zien of doen.")


def test_a_forgotten_password_without_scripts_on_a_phone_in_the_dark(
    sit: Sit, regenboog: Cast, post: MailServer, clock: Turned
) -> None:
    who = sit(None, "/desk/sign-in", size=PHONE, script=False, dark=True)
    who.link("Wachtwoord vergeten?", "Typ uw e-mailadres.")
    who.fill("E-mailadres", DIRECTOR)
    who.button("Mail mij een link", "Kijk in uw mail")
    deliver(regenboog, post, clock)
    path = link_in(post, DIRECTOR)
    who.go(path)
    who.says("Kies een wachtwoord voor de balie van De Regenboog en u bent binnen.")
    who.fill("Wachtwoord", NEW)
    who.tap(who.page.get_by_role("button", name="Bewaar en ga naar binnen"), "november")
    assert who.clicks == 3
    over(who, path)


def test_after_a_wrong_password_the_link_is_one_tap_away(
    sit: Sit, regenboog: Cast, post: MailServer, clock: Turned
) -> None:
    who = sit(None, "/desk/sign-in")
    who.fill("E-mailadres", DIRECTOR)
    who.fill("Wachtwoord", "iets anders")
    who.page.get_by_role("button", name="Inloggen", exact=True).click()
    who.says("Het e-mailadres of het wachtwoord klopt niet.")
    who.page.get_by_role("button", name=f"Vergeten? Mail een link naar {DIRECTOR}").click()
    who.says("Kijk in uw mail")
    deliver(regenboog, post, clock)
    assert link_in(post, DIRECTOR).startswith("/desk/welcome/1-")


def test_a_code_of_an_app_after_the_password(sit: Sit, regenboog: Cast, clock: Turned) -> None:
    who = sit(path="/desk/account")
    who.link("Stel het in", "Scan dit met een authenticator-app")
    drawn = who.page.locator("img.square").evaluate("square => square.complete && square.naturalWidth > 0")
    assert drawn
    who.picture("tweestapsverificatie")
    who.page.get_by_text("Scannen lukt niet").click()
    app = pyotp.TOTP(who.page.locator(".code").inner_text().replace(" ", ""))
    who.fill("Code", app.at(clock.now))
    who.button("Zet het aan", "Voortaan wordt na uw wachtwoord een code van de app gevraagd.")
    clock.on(minutes=1)
    who.tap(who.page.get_by_role("button", name="Uitloggen", exact=True), "De balie van de school")
    who.fill("E-mailadres", DIRECTOR)
    who.fill("Wachtwoord", PASSWORD)
    who.button("Inloggen", "De code van uw app")
    who.picture("code-van-de-app")
    who.fill("Code", app.at(clock.now))
    who.button("Inloggen", "november")
    who.go("/desk/account/second-factor")
    clock.on(minutes=1)
    who.fill("Huidig wachtwoord", PASSWORD)
    who.fill("Code", app.at(clock.now))
    who.button("Zet het uit", "Er wordt geen code meer gevraagd.")


def test_a_teachers_talks_in_their_own_calendar(sit: Sit, regenboog: Cast) -> None:
    hire(regenboog.database, regenboog.school, NOOR, Role.TEACHER)
    book(regenboog, "de_vries", "sanne", regenboog.noor_slots[2])
    who = sit(NOOR, "/desk/account", size=PHONE)
    who.link("Agenda", "U krijgt een geheim adres.")
    who.button("Maak het adres", "Dit is het adres.")
    who.picture("agenda-telefoon")
    assert who.clicks == 2
    field = who.page.get_by_label("Het geheime adres")
    shown = field.input_value()
    assert field.get_attribute("readonly") is not None
    path = shown.removeprefix("http://127.0.0.1:8000")
    answer = who.page.request.get(path)
    (event,) = Calendar.from_ical(answer.body()).walk("VEVENT")
    assert event["SUMMARY"] == "Sanne V. (groep 4)"
    who.page.get_by_text("Een ander adres").click()
    who.button("Maak een nieuw adres", "Dit is het nieuwe adres. Het oude werkt niet meer.")
    assert who.page.request.get(path).status == 404


def test_what_an_administrator_does_for_one_colleague(sit: Sit, regenboog: Cast, clock: Turned) -> None:
    hire(regenboog.database, regenboog.school, NOOR, Role.TEACHER)
    who = sit(path="/desk/school/staff")
    who.link("Noor", "E-mailadres")
    who.picture("medewerker")
    who.fill("Naam", "juf Noor")
    who.choose("Rol", "beheerder")
    who.button("Opslaan", "Opgeslagen.")
    who.button("Uitzetten", f"{NOOR} kan niet meer inloggen.")
    who.button("Weer toelaten", f"{NOOR} kan weer inloggen.")
    who.button("Mail een link voor een nieuw wachtwoord", f"{NOOR} krijgt een mail met een link")
    who.go("/desk/school/calendars")
    who.button("Maak het adres van groep 4", "groep 4 heeft nu een adres.")
    who.picture("agendas")
    who.go("/desk/account")
    who.button("Overal uitloggen", "U bent overal uitgelogd.")

"""Parents invited from a real browser, and told in their chat and by a real mail server (D2, rules 20, 23, 31)."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.words import NoticeKind
from tests.botapi import Message
from tests.messages.stage import staged
from tests.stories.desk.conftest import Sit
from tests.support.browser import DIRECTOR
from tests.support.cast import Cast
from tests.support.desk_browser import PHONE
from tests.support.notices import book, forget, link_chat

pytestmark = pytest.mark.browser


def delivered(cast: Cast) -> tuple[list[Message], dict[str, tuple[str, str]]]:
    """What the first person's chat holds after everything was sent, and each mail: to → (subject, text)."""

    async def send() -> tuple[list[Message], dict[str, tuple[str, str]]]:
        async with staged(cast) as stage:
            mirjam = stage.api.user("Mirjam")  # the first person of a Bot API: link_chat's chat
            await mirjam.start()
            await stage.send()
            mails = {
                str(mail["To"]): (str(mail["Subject"]), mail.get_body(("plain",)).get_content().replace("\r\n", "\n"))  # type: ignore[union-attr]
                for mail in stage.mail.mails
            }
            return [message for message in mirjam.chat if message.from_bot], mails

    with ThreadPoolExecutor(1) as aside:  # the browser's own loop runs here
        return aside.submit(asyncio.run, send()).result(60)


def test_the_parents_who_have_not_booked_are_invited(sit: Sit, regenboog: Cast) -> None:
    link_chat(regenboog, regenboog.de_vries)
    book(regenboog, "yilmaz", "emir", regenboog.noor_slots[0])
    who = sit(path="/desk/invite")
    who.says("Iedereen die nog niet heeft gekozen: 5 families")
    who.picture("ouders-uitnodigen-1")
    who.fill("Uw eigen tekst (hoeft niet)", "Wij praten graag met u over het rapport.")
    who.button("Bekijk wat ouders krijgen", "Zoals de familie de Vries het krijgt.")
    who.says("Wij praten graag met u over het rapport.")
    who.says("Deze families zijn niet te bereiken: Smit.")
    who.picture("ouders-uitnodigen-2")
    who.button("Verstuur naar 4 families", "Het bericht is onderweg naar 4 families.")
    assert who.clicks == 2
    book(regenboog, "jansen", "lotte", regenboog.noor_slots[4], by_staff=False)  # meanwhile, and Bakker is with them
    forget(regenboog, NoticeKind.CARD, NoticeKind.CHANGED, NoticeKind.TEACHER_BOOKING)
    chat, mails = delivered(regenboog)
    (said,) = chat
    assert said.text.splitlines()[:5] == [
        "📅 Herfstgesprekken op De Regenboog",
        "",
        "Wij praten graag met u over het rapport.",
        "",
        "U kunt nu een tijd kiezen voor Daan en Sanne.",
    ]
    shown = [button["text"] for button in said.buttons]
    assert shown == ["Gelezen", "Kies tijd voor Daan", "Kies tijd voor Sanne", "Instellingen"]
    assert list(mails) == ["yilmaz@example.org"]
    subject, text = mails["yilmaz@example.org"]
    assert subject == "Herfstgesprekken op De Regenboog: kies een tijd"
    assert "U kunt nu een tijd kiezen voor Elif.\n" in text
    assert "Om binnen te komen heeft u de voornaam van uw kind nodig, en daarna: Uw postcode (1234AB).\n" in text


def test_first_a_test_to_oneself_on_a_phone_without_script(sit: Sit, regenboog: Cast) -> None:
    who = sit(path="/desk/invite", size=PHONE, script=False)
    who.tick("groep 7")
    who.button("Bekijk wat ouders krijgen", "Herfstgesprekken: groep 7")
    who.button(re.compile("Eerst een proef naar"), f"Het bericht is onderweg naar {DIRECTOR}.")
    who.says("Verstuur naar 1 familie")
    chat, mails = delivered(regenboog)
    assert (chat, list(mails)) == ([], [DIRECTOR])
    assert "U kunt nu een tijd kiezen voor Daan en Sanne.\n" in mails[DIRECTOR][1]


def test_the_address_to_pass_on_is_copied_and_its_code_taken_along(sit: Sit, regenboog: Cast) -> None:
    who = sit(path="/desk/invite")
    assert who.page.get_by_label("In de browser").input_value() == "http://127.0.0.1:8000/regenboog"
    name, content = who.download(who.page.get_by_role("link", name="PNG"))
    assert (name, content[:4]) == ("De Regenboog web.png", b"\x89PNG")
    code = who.page.get_by_role("img", name="QR-code van het adres in de browser")
    assert code.evaluate("image => image.complete && image.naturalWidth > 0")

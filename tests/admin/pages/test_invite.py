"""Inviting parents at the desk (D2): the address, the message as parents get it, a test, and sending it once."""

import html
import io
import re
from pathlib import Path

import pytest
import segno
from sqlmodel import Session, SQLModel, select

from storage import tables
from storage.words import ChatKind, NoticeKind, PlanningState, Recipient, Role
from tests.support.browser import DIRECTOR, NOOR, Browser, Turned, hire, unchanged
from tests.support.cast import CLOSES, NOW, Cast
from tests.support.clerk import Clerk, said
from tests.support.notices import book, link_chat, outbox

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def marijke(cast: Cast, tmp_path: Path) -> Clerk:
    return Clerk(cast, tmp_path, Role.ADMINISTRATOR, DIRECTOR)


def change(cast: Cast, table: type[SQLModel], row_id: int, **values: object) -> None:
    def put(session: Session) -> None:
        row = session.get(table, row_id)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)

    cast.database.work(put)


def told(cast: Cast) -> set[tuple[int, Recipient]]:
    return {(family, to) for family, _, to, _, _ in outbox(cast, NoticeKind.INVITATION)}


def text_of(page: str, css: str) -> str:
    found = re.search(rf'<(?:div|pre|p) class="{css}"[^>]*>(.*?)</(?:div|pre|p)>', page, re.DOTALL)
    assert found is not None
    return found[1].strip()


def test_the_page_has_the_address_a_sentence_and_what_can_be_signed_up_for(cast: Cast, marijke: Clerk) -> None:
    page = marijke.get("/desk/invite").text
    assert page.count('readonly value="http://127.0.0.1:8000/regenboog"') == 1
    assert page.count("t.me") == 0
    assert page.count("<strong>5 families</strong>") == 1
    sentence = re.search(r"<textarea id=\"sentence\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert sentence is not None
    assert sentence[1].replace("&#39;", "'") == (
        "Herfstgesprekken: you choose a time for the talk with the teacher yourself, until Sunday 22 November, 12:00. "
        "Go to http://127.0.0.1:8000/regenboog and type your child's first name."
    )


def test_with_a_bot_the_address_in_telegram_is_there_too(cast: Cast, tmp_path: Path) -> None:
    hire(cast.database, cast.school)
    browser = Browser(cast.database, Turned(), data_dir=tmp_path, telegram_bot_name="tien_bot")
    browser.sign_in()
    page = browser.get("/desk/invite").text
    assert page.count('readonly value="https://t.me/tien_bot?start=regenboog"') == 1
    drawn = browser.get("/desk/invite/qr/telegram.svg")
    wanted = io.BytesIO()
    segno.make("https://t.me/tien_bot?start=regenboog", error="m", micro=False).save(
        wanted, kind="svg", xmldecl=False, border=4, light="#fff"
    )
    assert (drawn.headers["content-type"], drawn.content) == ("image/svg+xml", wanted.getvalue())


def test_the_code_is_a_picture_to_take_along(cast: Cast, marijke: Clerk) -> None:
    shown, kept = marijke.get("/desk/invite/qr/web.svg"), marijke.get("/desk/invite/qr/web.png?keep=true")
    assert (shown.headers["content-type"], shown.headers["content-disposition"]) == ("image/svg+xml", "inline")
    assert (kept.headers["content-type"], kept.content[:4]) == ("image/png", b"\x89PNG")
    assert kept.headers["content-disposition"].startswith('attachment; filename="De Regenboog web.png"')
    for wrong in ("telegram.svg", "web.exe", "web", ".svg", "web.svg.png"):
        assert marijke.get(f"/desk/invite/qr/{wrong}").status_code == 404


def test_what_parents_get_is_shown_as_they_get_it(cast: Cast, marijke: Clerk) -> None:
    link_chat(cast, cast.de_vries)
    marijke.get("/desk/invite")
    page = marijke.post(f"/desk/invite/{cast.autumn}", text="Neem het <rapport> mee!\r\nTot ziens.").text
    chat = text_of(page, "bubble lines")
    assert chat.splitlines() == [
        "📅 <b>Herfstgesprekken op De Regenboog</b>",
        "",
        "Neem het &lt;rapport&gt; mee!",
        "Tot ziens.",
        "",
        "U kunt nu een tijd kiezen voor Daan en Sanne.",
        "Inschrijven kan tot zondag 22 november, 12:00.",
        "",
        "Vragen? Neem contact op met de school: 030 123 45 67.",
    ]
    mail = text_of(page, "mail sheet")
    assert "Om binnen te komen heeft u de voornaam van uw kind nodig, en daarna: Uw postcode (1234AB)." in mail
    assert mail.endswith("http://127.0.0.1:8000/regenboog")
    assert page.count("Nothing can be sent to: Smit.") == 1
    assert page.count("Send to 4 families") == 1
    assert page.count("Sending mail is not set up yet") == 1


def test_the_words_are_there_the_next_time(cast: Cast, marijke: Clerk) -> None:
    marijke.get("/desk/invite")
    marijke.post(f"/desk/invite/{cast.autumn}", text="Neem het rapport mee!")
    assert marijke.get("/desk/invite").text.count(">Neem het rapport mee!</textarea>") == 1


def test_words_that_are_too_long_are_shown_again_with_why(cast: Cast, marijke: Clerk) -> None:
    marijke.get("/desk/invite")
    with unchanged(cast.database):
        answer = marijke.post(f"/desk/invite/{cast.autumn}", text="é" * 1001)
    assert answer.status_code == 422
    assert said(answer) == ["Your own words is longer than 1000 characters."]
    assert "é" * 1001 in answer.text


def test_sending_says_to_how_many_and_a_second_time_sends_nothing(cast: Cast, marijke: Clerk) -> None:
    chat = link_chat(cast, cast.de_vries)
    marijke.get(f"/desk/invite/{cast.autumn}")
    answer = marijke.post(f"/desk/invite/{cast.autumn}/send")
    assert said(answer) == ["The message is on its way to 4 families."]
    assert told(cast) == {
        (cast.de_vries, Recipient.CHAT),
        (cast.yilmaz, Recipient.FAMILY),
        (cast.jansen, Recipient.FAMILY),
        (cast.bakker, Recipient.FAMILY),
    }
    assert chat
    assert answer.text.count("<span>4 families</span>") == 1
    with unchanged(cast.database):
        again = marijke.post(f"/desk/invite/{cast.autumn}/send")
    assert said(again) == ["These parents have had this message today already."]
    page = marijke.get(f"/desk/invite/{cast.autumn}").text
    assert page.count("4 families have had this message today and do not get it again.") == 1
    assert page.count(f'action="/desk/invite/{cast.autumn}/send"') == 0


def test_only_the_groups_that_are_ticked(cast: Cast, marijke: Clerk) -> None:
    marijke.get("/desk/invite")
    answer = marijke.post(f"/desk/invite/{cast.autumn}", text="", group=[cast.groep7])
    assert str(answer.url).endswith(f"/desk/invite/{cast.autumn}?group={cast.groep7}")
    assert answer.text.count("Herfstgesprekken: groep 7") == 1
    back = f"/desk/invite?conference={cast.autumn}&amp;group={cast.groep7}"
    assert answer.text.count(f'href="{back}"') == 2
    assert marijke.get(html.unescape(back)).text.count(f'value="{cast.groep7}" checked') == 1
    assert answer.text.count(f'<input type="hidden" name="group" value="{cast.groep7}">') == 2
    marijke.post(f"/desk/invite/{cast.autumn}/send", group=[cast.groep7])
    assert told(cast) == {(cast.de_vries, Recipient.FAMILY)}


def test_a_test_goes_to_oneself_and_to_no_parent(cast: Cast, marijke: Clerk) -> None:
    marijke.get(f"/desk/invite/{cast.autumn}")
    answer = marijke.post(f"/desk/invite/{cast.autumn}/test", group=[cast.groep7])
    assert said(answer)[0] == f"The message is on its way to {DIRECTOR}."
    assert told(cast) == {(cast.de_vries, Recipient.STAFF)}
    assert answer.text.count("Send to 1 family") == 1


def test_when_everybody_has_booked_there_is_nobody_to_invite(cast: Cast, marijke: Clerk) -> None:
    for number, (family, child) in enumerate(
        [("de_vries", "sanne"), ("yilmaz", "emir"), ("yilmaz", "elif"), ("jansen", "lotte")]
    ):
        book(cast, family, child, cast.noor_slots[number * 2])
    book(cast, "smit", "stephanie", cast.bram_slots[1])
    book(cast, "de_vries", "daan", cast.bram_slots[5])
    assert marijke.get("/desk/invite").text.count("All children have a talk: there is nobody left to invite.") == 1
    page = marijke.get(f"/desk/invite/{cast.autumn}").text
    assert page.count("All these children have a talk: there is nobody left to invite.") == 1
    assert said(marijke.post(f"/desk/invite/{cast.autumn}/send")) == ["There is nobody to send this to."]
    assert marijke.post(f"/desk/invite/{cast.autumn}/test").status_code == 404


def test_without_anything_to_sign_up_for_the_page_says_what_to_do(cast: Cast, marijke: Clerk) -> None:
    for planning in (cast.noor_planning, cast.bram_planning):
        change(cast, tables.Planning, planning, state=PlanningState.DRAFT)
    page = marijke.get("/desk/invite").text
    assert page.count("There is nothing that parents can sign up for. Publish a planning first.") == 1
    assert marijke.get(f"/desk/invite/{cast.autumn}").status_code == 404


def test_after_sign_up_closed_nothing_is_sent(cast: Cast, tmp_path: Path) -> None:
    hire(cast.database, cast.school)
    clock = Turned()
    browser = Browser(cast.database, clock, data_dir=tmp_path)
    browser.sign_in()
    clock.now = NOW
    before = browser.get(f"/desk/invite/{cast.autumn}")
    clock.now = CLOSES
    browser.sign_in()
    assert (before.status_code, browser.get(f"/desk/invite/{cast.autumn}").status_code) == (200, 404)
    browser.post(f"/desk/invite/{cast.autumn}/send")
    assert told(cast) == set()


def test_several_conferences_are_tabs(cast: Cast, marijke: Clerk) -> None:
    def second(session: Session) -> int:
        planning = session.get_one(tables.Planning, cast.bram_planning)
        conference = tables.Conference(school_id=cast.school, name="Wintergesprekken")
        session.add(conference)
        session.flush()
        assert conference.id is not None
        planning.conference_id = conference.id
        return conference.id

    winter = cast.database.work(second)
    page = marijke.get(f"/desk/invite?conference={winter}").text
    assert page.count(f'<a href="/desk/invite?conference={winter}" aria-current="page">Wintergesprekken</a>') == 1
    assert page.count("<strong>2 families</strong>") == 1
    link_chat(cast, cast.smit, "page", ChatKind.WEB)
    assert marijke.get(f"/desk/invite/{winter}").text.count("Nothing can be sent to: Smit.") == 1


def test_a_teacher_invites_nobody(cast: Cast, tmp_path: Path) -> None:
    noor = Clerk(cast, tmp_path, Role.TEACHER, NOOR)
    for path in ("/desk/invite", f"/desk/invite/{cast.autumn}", "/desk/invite/qr/web.svg"):
        assert noor.get(path).status_code == 403
    noor.get("/desk/account")
    with unchanged(cast.database):
        assert noor.post(f"/desk/invite/{cast.autumn}/send").status_code == 403


def test_another_schools_conference_is_not_found(cast: Cast, marijke: Clerk) -> None:
    other = cast.database.read(
        lambda session: session.exec(
            select(tables.Conference.id).where(tables.Conference.school_id == cast.horizon)
        ).one()
    )
    marijke.get("/desk/invite")
    token = marijke.csrf
    with unchanged(cast.database):
        assert marijke.get(f"/desk/invite/{other}").status_code == 404
        for what in ("", "/send", "/test"):
            marijke.csrf = token
            assert marijke.post(f"/desk/invite/{other}{what}", text="x").status_code == 404

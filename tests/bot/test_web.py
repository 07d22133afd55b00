"""The chat page: whose it is, what it keeps, and what it never does."""

import re
from urllib.parse import unquote

import httpx
import pytest
from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import Response

from bot.web.cookies import Cookies, Flash
from messages.screen import Button, Screen
from messages.taps import ShowBooking
from storage.database.engine import Database
from storage.tables import Booking, Chat, Conference, Student
from storage.words import Policy
from tests.support.cast import NOW, PEPPER, Cast, settle
from tests.support.notices import book, cancel
from tests.support.phone import BrowserPhone, Clock, browser, story, street


async def signed_in(client: httpx.AsyncClient, child: str, secret: str) -> BrowserPhone:
    phone = BrowserPhone(client)
    await phone.start("regenboog")
    await phone.send(child)
    await phone.send(secret)
    assert phone.screen.startswith("Welkom! U bent ingelogd voor "), phone.screen
    return phone


def chats(database: Database) -> int:
    return len(database.read(lambda session: session.exec(select(Chat)).all()))


@story
async def test_looking_makes_no_visitor_and_changes_nothing(cast: Cast) -> None:
    async with browser(cast.database, Clock()) as client:
        for path in ("/", "/?q=regen", "/regenboog", "/regenboog?at=home", "/regenboog?at=drop.1.1", "/nergens"):
            await client.get(path)
        assert chats(cast.database) == 0


@story
async def test_a_link_that_would_change_something_only_shows_what_stands(cast: Cast) -> None:
    async with browser(cast.database, Clock()) as client:
        phone = await signed_in(client, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        packed = phone.packed("18:00")
        await client.get(f"/regenboog?at={packed}")
        await client.get(f"/regenboog?at=logout.{cast.de_vries}")
        assert cast.database.read(lambda session: session.exec(select(Booking)).all()) == []
        await phone.start("regenboog")
        assert phone.screen.startswith("De Regenboog · de Vries")


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, {}),
        ({"Sec-Fetch-Site": "same-site"}, {}),
        ({}, {"csrf": "0" * 64}),
        ({}, {"csrf": ""}),
        ({}, {"csrf": "é"}),
    ],
)
@story
async def test_a_form_from_elsewhere_is_refused(cast: Cast, headers: dict[str, str], fields: dict[str, str]) -> None:
    async with browser(cast.database, Clock()) as client:
        phone = await signed_in(client, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        form = {"csrf": phone.csrf, "tap": phone.packed("18:00"), **fields}
        answer = await client.post("/regenboog", data=form, headers=headers)
        assert answer.status_code == 403
        assert cast.database.read(lambda session: session.exec(select(Booking)).all()) == []


@story
async def test_an_old_browser_is_known_by_its_origin(sqlite: Database) -> None:
    settle(sqlite)
    async with browser(sqlite, Clock()) as client:
        del client.headers["Sec-Fetch-Site"]
        phone = await signed_in(client, "Sanne", "3511AB")
        form = {"csrf": phone.csrf, "tap": "settings"}
        foreign = await client.post("/regenboog", data=form, headers={"Origin": "https://evil.example"})
        ours = await client.post("/regenboog", data=form, headers={"Origin": "http://127.0.0.1:8000"})
        assert (foreign.status_code, ours.status_code) == (403, 200)


@story
async def test_a_browser_without_cookies_is_told_so(sqlite: Database) -> None:
    settle(sqlite)
    async with browser(sqlite, Clock()) as client:
        await client.get("/regenboog")
        client.cookies.clear()
        answer = await client.post("/regenboog", data={"text": "Sanne"})
        assert answer.status_code == 403
        assert "Sta cookies toe voor deze pagina" in answer.text
        assert chats(sqlite) == 0


@story
async def test_what_is_too_large_or_no_form_is_refused(sqlite: Database) -> None:
    settle(sqlite)
    async with browser(sqlite, Clock()) as client:
        await client.get("/regenboog")
        large = await client.post("/regenboog", data={"text": "a" * 20_000})
        other = await client.post("/regenboog", json={"text": "Sanne"})
        many = await client.post("/regenboog", data={f"field{number}": "1" for number in range(30)})
        assert [answer.status_code for answer in (large, other, many)] == [403, 403, 403]


@story
async def test_a_typed_secret_never_comes_back_and_a_name_does(sqlite: Database) -> None:
    settle(sqlite)
    async with browser(sqlite, Clock()) as client:
        phone = BrowserPhone(client)
        await phone.start("regenboog")
        await phone.send("Sanne")
        assert '<p class="mine bubble" dir="auto">Sanne</p>' in phone.page
        for typed in ("9999ZZ", "9998ZZ", "Sanne", "3511AB"):
            await phone.send(typed)
            assert typed == "Sanne" or typed not in phone.page
        assert phone.screen.startswith("Welkom!")


@story
async def test_an_answer_is_shown_once_and_a_reload_shows_what_stands(sqlite: Database) -> None:
    settle(sqlite)
    async with browser(sqlite, Clock()) as client:
        phone = await signed_in(client, "Sanne", "3511AB")
        await phone.start("regenboog")
        assert phone.screen.startswith("De Regenboog · de Vries\n\nDaan")


@story
async def test_the_calendar_file_is_the_familys_alone(cast: Cast) -> None:
    clock = Clock()
    async with browser(cast.database, clock) as client, browser(cast.database, clock) as stranger:
        phone = await signed_in(client, "Sanne", "3511AB")
        await phone.tap("Kies tijd voor Daan")
        await phone.tap("18:00")
        found = re.search(r'href="(/regenboog/calendar/\d+\.ics)"', phone.page)
        assert found is not None
        file = await client.get(found[1])
        assert (file.status_code, file.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
        assert b"DTSTART:20261124T170000Z" in file.content
        assert file.headers["content-disposition"] == (
            "attachment; filename=\"gesprek-daan-24-nov.ics\"; filename*=UTF-8''gesprek-daan-24-nov.ics"
        )
        await signed_in(stranger, "Elif", "3512CD")
        wrong = [found[1], found[1].replace("regenboog", "horizon"), "/regenboog/calendar/999999999999999.ics"]
        assert [(await stranger.get(path)).status_code for path in wrong] == [404, 404, 404]
        assert (await client.get("/horizon/calendar/1.ics")).status_code == 404


@story
async def test_the_household_that_is_invited_has_the_calendar_file_too(cast: Cast) -> None:
    held = book(cast, "jansen", "lotte", cast.noor_slots[0])
    path = f"/regenboog/calendar/{held.id}.ics"
    clock = Clock()
    async with browser(cast.database, clock) as client:
        await signed_in(client, "Lotte", "blauwe-olifant")
        file = await client.get(path)
        assert (file.status_code, b"DTSTART:20261124T170000Z" in file.content) == (200, True)
        cancel(cast, held, NOW)
        assert b"METHOD:CANCEL" in (await client.get(path)).content
        cast.database.work(_each, cast.autumn)
        assert (await client.get(path)).status_code == 404, "each household has its own talk then"


def _each(session: Session, conference_id: int) -> None:
    session.get_one(Conference, conference_id).policy = Policy.EACH


@story
async def test_a_name_of_any_alphabet_is_the_files_name(cast: Cast) -> None:
    held = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    cast.database.work(_rename, cast.sanne, "Арина")
    clock = Clock()
    async with browser(cast.database, clock) as client:
        await signed_in(client, "Daan", "3511AB")
        file = await client.get(f"/regenboog/calendar/{held.id}.ics")
        plain, own = file.headers["content-disposition"].split("; ")[1:]
        assert (plain, unquote(own)) == ('filename="gesprek--24-nov.ics"', "filename*=UTF-8''gesprek-арина-24-nov.ics")


def _rename(session: Session, student_id: int, name: str) -> None:
    session.get_one(Student, student_id).first_name = name


@story
async def test_every_page_carries_its_headers_and_no_inline_script(sqlite: Database) -> None:
    settle(sqlite)
    async with browser(sqlite, Clock()) as client:
        for path in ("/", "/regenboog", "/nergens", "/chat.css", "/chat.js"):
            answer = await client.get(path)
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert re.search(r"<script(?! src=)|<style|style=|\son\w+=", answer.text) is None or path == "/chat.js"
        assert (await client.get("/nergens")).status_code == 404


@story
async def test_behind_https_the_cookies_are_bound_to_this_host(sqlite: Database) -> None:
    settle(sqlite)
    async with browser(sqlite, Clock(), base_url="https://school.example") as client:
        answer = await client.get("/regenboog")
        assert re.fullmatch(
            r"__Host-chat=[\w-]{43}; HttpOnly; Max-Age=17280000; Path=/; SameSite=lax; Secure",
            answer.headers["set-cookie"],
        )


@story
async def test_a_school_is_picked_by_a_part_of_its_name(sqlite: Database) -> None:
    settle(sqlite)
    async with browser(sqlite, Clock()) as client:
        phone = BrowserPhone(client)
        await phone.start()
        assert phone.screen == "Hallo! Om welke school gaat het?"
        await phone.tap_packed("/?q=regenb")
        assert phone.buttons == ["De Regenboog"]
        await phone.tap("De Regenboog")
        assert phone.screen.startswith("Welkom bij De Regenboog.")
        unknown = await client.get("/", params={"q": "<script>alert(1)</script>"})
        assert "<script>alert" not in unknown.text


def test_a_flash_is_read_only_by_its_own_browser_and_only_as_we_wrote_it() -> None:
    cookies = Cookies(PEPPER, secure=False)
    screen = Screen(
        "<b>hallo</b>",
        ((Button("18:00", ShowBooking(family_id=1, booking_id=2)),),),
        asks=True,
        alert="wel",
        calendar=(3,),
    )
    token, other = cookies.new_token(), cookies.new_token()
    kept = _kept(cookies, token, Flash(screen, "Sanne"))
    assert cookies.read_flash(_request(cookies, kept), token) == Flash(screen, "Sanne")
    assert cookies.read_flash(_request(cookies, kept), other) is None
    assert cookies.read_flash(_request(cookies, "x" + kept), token) is None
    large = _kept(cookies, token, Flash(Screen("".join(map(chr, range(300, 9000))), alert="bezet")))
    assert len(large) < 4000
    assert cookies.read_flash(_request(cookies, large), token) == Flash(Screen("", alert="bezet"))


def _kept(cookies: Cookies, token: str, flash: Flash) -> str:
    response = Response()
    cookies.keep_flash(response, token, flash)
    return response.headers["set-cookie"].partition("=")[2].partition(";")[0]


def _request(cookies: Cookies, value: str) -> Request:
    header = (b"cookie", f"{cookies.flash}={value}".encode())
    return Request({"type": "http", "headers": [header]})


@story
async def test_a_page_of_another_school_asks_to_sign_in_there_and_keeps_the_first(cast: Cast) -> None:
    async with browser(cast.database, Clock()) as client:
        phone = await signed_in(client, "Sanne", "3511AB")
        await phone.start("horizon")
        assert phone.screen.startswith("Welkom bij De Horizon.")
        await phone.start("regenboog")
        assert phone.screen.startswith("De Regenboog · de Vries")

        def school_of(session: Session) -> int | None:
            return session.exec(select(Chat)).one().school_id

        assert cast.database.read(school_of) == cast.school, "looking at a page switches nothing"


@story
async def test_another_school_is_another_page(sqlite: Database) -> None:
    settle(sqlite)
    async with browser(sqlite, Clock()) as client:
        phone = await signed_in(client, "Sanne", "3511AB")
        await phone.tap("Instellingen")
        await phone.tap("Mijn families en scholen")
        await phone.tap("Andere school")
        assert phone.buttons == ["De Regenboog"], "the school that this browser knows"
        await phone.tap_packed("/?q=horizon")
        await phone.tap("De Horizon")
        assert phone.screen.startswith("Welkom bij De Horizon.")


@story
async def test_the_language_can_be_chosen_before_anything_is_said(sqlite: Database) -> None:
    settle(sqlite)
    async with browser(sqlite, Clock()) as client:
        phone = BrowserPhone(client)
        await phone.start("regenboog")
        await phone.tap("English")
        assert phone.screen.startswith("Welcome to De Regenboog.")
        assert '<html lang="en" dir="ltr">' in phone.page


@story
async def test_an_open_page_may_ask_how_it_stands_and_nothing_is_written(cast: Cast) -> None:
    async with street(cast.database, "web") as lived:
        phone = lived.phone("Anouk")
        assert isinstance(phone, BrowserPhone)
        await phone.start("regenboog")
        assert (await phone.client.get("/regenboog/stand")).status_code == 204
        await phone.send("Sanne 3511AB")
        before = (await phone.client.get("/regenboog/stand")).text
        assert f'data-stand="{before}"' in phone.page
        assert (await phone.client.get("/regenboog/stand")).text == before
        book(cast, "de_vries", "daan", cast.bram_slots[0])
        after = (await phone.client.get("/regenboog/stand")).text
        assert after not in ("", before)
        assert (await phone.client.get("/horizon/stand")).status_code == 204

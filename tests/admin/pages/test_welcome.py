"""Links to a password: the same answer for everybody who asks, and a GET that uses nothing up."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from storage.database.engine import Database
from storage.staff import accounts, invitations, password_links
from storage.staff.invitations import Invitee
from storage.words import NoticeKind, Role
from tests.support.browser import BRAM, DIRECTOR, NOOR, PASSWORD, Browser, Turned, hire, unchanged
from tests.support.cast import NOW, OPERATOR, PEPPER, Cast, settle
from tests.support.notices import outbox

NEW = "nog veel langer dan eerst"


@pytest.fixture
def cast(sqlite: Database) -> Cast:
    return settle(sqlite)


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def browser(cast: Cast, clock: Turned, tmp_path: Path) -> Browser:
    """Nobody is signed in."""
    hire(cast.database, cast.school)
    return Browser(cast.database, clock, mailbox=tmp_path / "mails")


def invited(cast: Cast, email: str = NOOR) -> tuple[int, str]:
    """Somebody's id, and the path of the link in their mail."""
    (made,) = cast.database.work(invitations.invite, cast.school, OPERATOR, [Invitee(email)])
    return made.id, mailed(cast, made.id)


def mailed(cast: Cast, staff_id: int) -> str:
    door = cast.database.read(password_links.password_link, cast.school, staff_id, PEPPER, NOW)
    assert door
    return f"/desk/welcome/{door.token}"


def test_the_invited_teacher_chooses_a_password_and_is_in(browser: Browser, cast: Cast) -> None:
    noor, path = invited(cast)
    page = browser.get(path)
    assert page.status_code == 200
    assert "Welcome, juf Noor" in page.text
    assert "Choose a password for the desk of De Regenboog, and you are in." in page.text
    came = browser.post(path, {"new": NEW})
    assert (came.status_code, came.headers["location"]) == (303, "/desk")
    assert "Herfstgesprekken · Groep 4" in browser.get("/desk").text
    assert cast.database.read(accounts.staff_member, cast.school, noor).invited is False
    other = Browser(cast.database, Turned())
    assert other.sign_in(NOOR, NEW).status_code == 303


def test_looking_at_a_link_however_often_changes_nothing(browser: Browser, cast: Cast) -> None:
    _, path = invited(cast)
    with unchanged(cast.database):
        for _ in range(3):
            assert browser.get(path).status_code == 200
        assert browser.client.head(path).status_code == 200
    assert browser.post(path, {"new": NEW}).status_code == 303


def test_a_password_that_is_too_short_does_not_use_the_link_up(browser: Browser, cast: Cast) -> None:
    _, path = invited(cast)
    with unchanged(cast.database):
        answer = browser.post(path, {"new": "short"})
    assert (answer.status_code, "The password is too short: at least 8 characters." in answer.text) == (422, True)
    assert browser.post(path, {"new": NEW}).status_code == 303


def test_used_old_taken_back_and_invented_links_get_one_page_with_a_way_on(
    browser: Browser, cast: Cast, clock: Turned
) -> None:
    _, used = invited(cast)
    browser.post(used, {"new": NEW})
    browser.post("/desk/sign-out")
    bram, taken_back = invited(cast, BRAM)
    cast.database.work(invitations.take_back, cast.school, OPERATOR, bram)
    _, old = invited(cast, "kim@regenboog.example")
    clock.now = NOW + timedelta(days=7)
    pages = []
    for path in (used, old, taken_back, "/desk/welcome/1-x", f"/desk/welcome/7-{'A' * 43}"):
        for answer in (browser.get(path), browser.post(path, {"new": NEW})):
            assert answer.status_code == 404
            pages.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(set(pages)) == 1
    assert "This link does not work any more" in pages[0]
    assert 'href="/desk/forgotten"' in pages[0]


def test_the_link_signs_out_whoever_sat_there(browser: Browser, cast: Cast) -> None:
    """A colleague opens the mail at a computer where the director is still signed in."""
    _, path = invited(cast)
    browser.sign_in()
    was = browser.client.cookies["desk"]
    browser.post(path, {"new": NEW})
    assert browser.get("/desk/school").status_code == 403
    browser.carry("desk", was)
    assert not browser.inside


def test_a_known_and_an_unknown_address_get_the_same_answer(browser: Browser, cast: Cast) -> None:
    answers = [browser.post("/desk/forgotten", {"email": email}) for email in (DIRECTOR, "nobody@regenboog.example")]
    told = [(answer.status_code, answer.headers["location"], answer.text) for answer in answers]
    assert told[0] == told[1] == (303, "/desk/forgotten/sent", "")
    assert "a mail with a link is on its way" in browser.get("/desk/forgotten/sent").text
    assert len(outbox(cast, NoticeKind.STAFF_LINK)) == 1


def test_the_mail_is_written_after_the_answer_has_gone(cast: Cast) -> None:
    """So the time that it takes tells nobody whether an address has an account (as G2 for parents)."""
    hire(cast.database, cast.school)
    order: list[str] = []

    class Watched(Browser):
        def watch(self) -> None:
            inner = self.app

            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                async def sent(message: Message) -> None:
                    if message["type"] == "http.response.body" and not message.get("more_body"):
                        order.append(f"answered, {len(outbox(cast, NoticeKind.STAFF_LINK))} mails")
                    await send(message)

                await inner(scope, receive, sent)

            self.client._transport.app = app  # type: ignore[attr-defined]

    browser = Watched(cast.database, Turned())
    token = browser.token()
    browser.watch()
    browser.post("/desk/forgotten", {"email": DIRECTOR}, token=token)
    assert (order, len(outbox(cast, NoticeKind.STAFF_LINK))) == (["answered, 0 mails"], 1)


@pytest.mark.parametrize(
    ("email", "told"),
    [
        ("", "Type an e-mail address."),
        ("noor", "“noor” is not one e-mail address."),
        ("x" * 300 + "@x.nl", "is longer than 254 characters."),
        ("a@b@c", "“a@b@c” is not one e-mail address."),
    ],
)
def test_what_is_no_address_is_told_so(browser: Browser, cast: Cast, email: str, told: str) -> None:
    with unchanged(cast.database):
        answer = browser.post("/desk/forgotten", {"email": email})
    assert (answer.status_code, told in answer.text) == (422, True)


@pytest.mark.parametrize("email", [DIRECTOR, "nobody@regenboog.example"])
def test_asking_too_often_has_to_wait_known_or_not(browser: Browser, clock: Turned, email: str) -> None:
    for _ in range(5):
        assert browser.post("/desk/forgotten", {"email": email}).status_code == 303
    slowed = browser.post("/desk/forgotten", {"email": email})
    assert (slowed.status_code, "That was too often." in slowed.text) == (429, True)
    clock.on(minutes=16)
    assert browser.post("/desk/forgotten", {"email": email}).status_code == 303


def test_asking_for_a_link_keeps_nobody_from_signing_in(browser: Browser) -> None:
    for _ in range(6):
        browser.post("/desk/forgotten", {"email": DIRECTOR})
    assert browser.sign_in().status_code == 303


def test_after_a_wrong_password_one_button_mails_the_link(browser: Browser, cast: Cast) -> None:
    page = browser.sign_in(password="something else").text
    assert f"Forgotten? Mail a link to {DIRECTOR}" in page
    assert 'action="/desk/forgotten"><input type="hidden" name="csrf"' in page
    assert browser.post("/desk/forgotten", {"email": DIRECTOR}).status_code == 303
    assert len(outbox(cast, NoticeKind.STAFF_LINK)) == 1


def test_a_new_password_puts_out_whoever_had_the_old_one(browser: Browser, cast: Cast, clock: Turned) -> None:
    thief = Browser(cast.database, clock)
    thief.sign_in()
    browser.post("/desk/forgotten", {"email": DIRECTOR})
    (director,) = (one.id for one in cast.database.read(accounts.staff_list, cast.school))
    browser.post(mailed(cast, director), {"new": NEW})
    assert (thief.inside, browser.inside) == (False, True)
    assert thief.sign_in(password=PASSWORD).status_code == 401


def test_a_link_needs_a_form_of_ours(browser: Browser, cast: Cast) -> None:
    _, path = invited(cast)
    with unchanged(cast.database):
        assert browser.client.post(path, data={"new": NEW}).status_code == 403
        elsewhere = {"sec-fetch-site": "cross-site"}
        assert browser.post(path, {"new": NEW}, headers=elsewhere).status_code == 403


def test_the_page_speaks_the_language_of_the_browser_else_of_the_school(browser: Browser, cast: Cast) -> None:
    _, path = invited(cast)
    assert "Welkom, juf Noor" in browser.get(path, headers={"accept-language": "tlh"}).text


def test_who_was_invited_cannot_sign_in_yet_and_is_not_told_apart(browser: Browser, cast: Cast) -> None:
    invited(cast)
    answers = [browser.sign_in(email, PASSWORD) for email in (NOOR, "nobody@regenboog.example")]
    assert [answer.status_code for answer in answers] == [401, 401]
    hire(cast.database, cast.school, BRAM, Role.TEACHER)
    assert browser.sign_in(BRAM).status_code == 303

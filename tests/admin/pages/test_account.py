"""One's own account: the code of an app, and being signed out everywhere (G8)."""

import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pyotp
import pytest

from storage.database.engine import Database
from storage.staff import accounts, password_links
from storage.words import Act, Role
from tests.support.browser import DIRECTOR, NOOR, PASSWORD, Browser, Turned, hire, unchanged
from tests.support.cast import OPERATOR, PEPPER, Cast, settle
from tests.support.trail import acts

PAGE = "/desk/account/second-factor"
NEW = "nog veel langer dan eerst"


@pytest.fixture
def cast(sqlite: Database) -> Cast:
    return settle(sqlite)


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def browser(cast: Cast, clock: Turned) -> Browser:
    hire(cast.database, cast.school)
    browser = Browser(cast.database, clock)
    browser.sign_in()
    return browser


def key_on(page: str) -> str:
    """What a person types into the app who cannot scan."""
    found = re.search(r'class="code">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def phone(browser: Browser) -> pyotp.TOTP:
    return pyotp.TOTP(key_on(browser.get(PAGE).text))


def set_up(browser: Browser, clock: Turned) -> pyotp.TOTP:
    """An app that is asked for from now on; its first code is a minute old."""
    app = phone(browser)
    assert browser.post(PAGE, {"code": app.at(clock.now)}).headers["location"] == "/desk/account"
    clock.on(minutes=1)
    return app


def asked(browser: Browser, email: str = DIRECTOR, password: str = PASSWORD) -> dict[str, str]:
    """What the page after the password carries on."""
    page = browser.sign_in(email, password)
    assert (page.status_code, "The code of your app" in page.text) == (200, True)
    return {"ticket": page.text.split('name="ticket" value="')[1].split('"')[0]}


def give(browser: Browser, ticket: dict[str, str], code: str) -> int:
    return browser.post("/desk/sign-in/code", {**ticket, "code": code}).status_code


def test_looking_at_the_page_and_the_square_changes_nothing(browser: Browser, cast: Cast) -> None:
    with unchanged(cast.database):
        first, second = browser.get(PAGE).text, browser.get(PAGE).text
        square = browser.get(f"{PAGE}.svg")
    assert key_on(first) == key_on(second)
    assert square.headers["content-type"] == "image/svg+xml"
    assert ElementTree.fromstring(square.text).tag == "{http://www.w3.org/2000/svg}svg"
    assert square.headers["cache-control"] == "no-store"


def test_another_session_is_offered_another_secret(browser: Browser, cast: Cast, clock: Turned) -> None:
    other = Browser(cast.database, clock)
    other.sign_in()
    assert key_on(browser.get(PAGE).text) != key_on(other.get(PAGE).text)


def test_the_link_for_the_app_on_this_phone_names_school_and_person(browser: Browser) -> None:
    page = browser.get(PAGE).text
    found = re.search(r'href="(otpauth://[^"]+)"', page)
    assert found
    app = pyotp.parse_uri(found[1].replace("&amp;", "&"))
    assert (app.secret, app.name, app.issuer) == (key_on(page), DIRECTOR, "Tienminuten De Regenboog")


def test_a_wrong_code_sets_nothing_up_and_the_same_square_stays(browser: Browser, cast: Cast, clock: Turned) -> None:
    key = key_on(browser.get(PAGE).text)
    with unchanged(cast.database):
        answer = browser.post(PAGE, {"code": "000000"})
    assert (answer.status_code, "That code is not right." in answer.text, key_on(answer.text)) == (422, True, key)
    assert browser.post(PAGE, {"code": pyotp.TOTP(key).at(clock.now)}).status_code == 303


def test_signing_in_then_asks_the_code_after_the_password(browser: Browser, cast: Cast, clock: Turned) -> None:
    app = set_up(browser, clock)
    fresh = Browser(cast.database, clock)
    ticket = asked(fresh)
    before, status, after = fresh.inside, give(fresh, ticket, app.at(clock.now)), fresh.inside
    assert (before, status, after) == (False, 303, True)
    assert acts(cast)[-1][0] is Act.SIGNED_IN


def test_the_square_and_the_key_are_shown_no_more(browser: Browser, clock: Turned) -> None:
    key = set_up(browser, clock).secret
    assert browser.get(f"{PAGE}.svg").status_code == 404
    assert key[:4] not in browser.get(PAGE).text


def test_a_code_signs_in_once(browser: Browser, cast: Cast, clock: Turned) -> None:
    app = set_up(browser, clock)
    code = app.at(clock.now)
    one, two = Browser(cast.database, clock), Browser(cast.database, clock)
    assert [give(one, asked(one), code), give(two, asked(two), code)] == [303, 401]
    assert not two.inside


def test_the_way_that_was_asked_for_is_kept(browser: Browser, cast: Cast, clock: Turned) -> None:
    app = set_up(browser, clock)
    fresh = Browser(cast.database, clock)
    page = fresh.sign_in(next="/desk/school").text
    assert 'name="next" value="/desk/school"' in page
    ticket = {"ticket": page.split('name="ticket" value="')[1].split('"')[0], "next": "/desk/school"}
    answer = fresh.post("/desk/sign-in/code", {**ticket, "code": app.at(clock.now)})
    assert answer.headers["location"] == "/desk/school"


def test_guessing_codes_is_slowed_down_wherever_it_is_done(browser: Browser, cast: Cast, clock: Turned) -> None:
    app = set_up(browser, clock)
    fresh = Browser(cast.database, clock)
    ticket = asked(fresh)
    assert [give(fresh, ticket, "000000") for _ in range(6)] == [401] * 5 + [429]
    assert give(fresh, ticket, app.at(clock.now)) == 429
    clock.on(minutes=16)
    assert give(fresh, asked(fresh), app.at(clock.now)) == 303


def test_the_ticket_of_the_password_is_of_one_browser_one_account_and_five_minutes(
    browser: Browser, cast: Cast, clock: Turned
) -> None:
    app = set_up(browser, clock)
    fresh, other = Browser(cast.database, clock), Browser(cast.database, clock)
    ticket = asked(fresh)
    assert give(other, ticket, app.at(clock.now)) == 403
    for forged in ("", "x", ticket["ticket"].replace("1-1", "1-2"), ticket["ticket"] + "0"):
        assert give(fresh, {"ticket": forged}, app.at(clock.now)) == 403
    clock.on(minutes=6)
    assert give(fresh, ticket, app.at(clock.now)) == 403
    assert not fresh.inside


def test_a_ticket_for_choosing_a_school_is_none_for_a_code(browser: Browser, cast: Cast, clock: Turned) -> None:
    app = set_up(browser, clock)
    hire(cast.database, cast.horizon, DIRECTOR)
    fresh = Browser(cast.database, clock)
    page = fresh.sign_in().text
    choosing = {"ticket": page.split('name="ticket" value="')[1].split('"')[0]}
    assert give(fresh, choosing, app.at(clock.now)) == 403
    account = next(part.split('"')[0] for part in page.split('name="account" value="')[1:] if part.startswith("1-"))
    then = fresh.post("/desk/sign-in/school", {**choosing, "account": account})
    assert (then.status_code, "The code of your app" in then.text, fresh.inside) == (200, True, False)


def test_a_mailed_link_is_no_way_round_the_code(browser: Browser, cast: Cast, clock: Turned) -> None:
    app = set_up(browser, clock)
    fresh = Browser(cast.database, clock)
    fresh.post("/desk/forgotten", {"email": DIRECTOR})
    door = cast.database.read(password_links.password_link, cast.school, 1, PEPPER, clock.now)
    assert door
    page = fresh.post(f"/desk/welcome/{door.token}", {"new": NEW})
    assert (page.status_code, "The code of your app" in page.text, fresh.inside) == (200, True, False)
    ticket = {"ticket": page.text.split('name="ticket" value="')[1].split('"')[0]}
    assert give(fresh, ticket, app.at(clock.now)) == 303


def test_switching_off_needs_password_and_code(browser: Browser, cast: Cast, clock: Turned) -> None:
    app = set_up(browser, clock)
    code = app.at(clock.now)
    with unchanged(cast.database):
        assert browser.post(f"{PAGE}/off", {"now": "something else", "code": code}).status_code == 422
        assert browser.post(f"{PAGE}/off", {"now": PASSWORD, "code": "000000"}).status_code == 422
    assert browser.post(f"{PAGE}/off", {"now": PASSWORD, "code": code}).status_code == 303
    assert Browser(cast.database, clock).sign_in().status_code == 303
    assert acts(cast)[-2][0] is Act.SECOND_FACTOR_REMOVED


def test_after_switching_off_another_secret_is_offered(browser: Browser, clock: Turned) -> None:
    app = set_up(browser, clock)
    browser.post(f"{PAGE}/off", {"now": PASSWORD, "code": app.at(clock.now)})
    assert key_on(browser.get(PAGE).text) != app.secret


def test_an_administrator_takes_it_off_for_somebody_who_lost_the_phone(
    browser: Browser, cast: Cast, clock: Turned
) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    teacher = Browser(cast.database, clock)
    teacher.sign_in(NOOR)
    set_up(teacher, clock)
    path = f"/desk/school/staff/{noor}"
    assert "Phone lost?" in browser.get(path).text
    assert "Ask no code any more?" in browser.get(f"{path}/second-factor").text
    browser.post(f"{path}/second-factor")
    assert f"No code is asked of {NOOR} any more." in browser.get(path).text
    assert Browser(cast.database, clock).sign_in(NOOR).status_code == 303


def test_an_administrator_does_not_take_off_their_own_that_way(browser: Browser, cast: Cast, clock: Turned) -> None:
    set_up(browser, clock)
    with unchanged(cast.database):
        answer = browser.post("/desk/school/staff/1/second-factor")
    assert answer.headers["location"] == PAGE


def test_the_present_password_is_not_guessed_at_an_open_laptop(browser: Browser, clock: Turned) -> None:
    for _ in range(5):
        assert "Your present password is not right." in browser.post("/desk/account", {"now": "x", "new": NEW}).text
    assert "That was too often." in browser.post("/desk/account", {"now": PASSWORD, "new": NEW}).text
    clock.on(minutes=16)
    assert browser.post("/desk/account", {"now": PASSWORD, "new": NEW}).status_code == 303


def test_the_account_tells_where_one_is_signed_in(browser: Browser, cast: Cast, clock: Turned) -> None:
    clock.on(minutes=20)
    other = Browser(cast.database, clock)
    other.sign_in()
    page = " ".join(re.sub(r"<[^>]+>", " ", other.get("/desk/account").text).split())
    assert "since Tuesday 10 November, 19:20 here since Tuesday 10 November, 19:00 Half an hour" in page


def test_signing_out_everywhere_ends_every_session_and_this_one(browser: Browser, cast: Cast, clock: Turned) -> None:
    hire(cast.database, cast.school, NOOR, Role.TEACHER)
    other, colleague = Browser(cast.database, clock), Browser(cast.database, clock)
    other.sign_in()
    colleague.sign_in(NOOR)
    copy = browser.client.cookies["desk"]
    answer = browser.post("/desk/account/sign-out-everywhere")
    assert answer.headers["location"] == "/desk/sign-in"
    assert "You are signed out everywhere." in browser.get("/desk/sign-in").text
    browser.carry("desk", copy)
    assert [one.inside for one in (browser, other, colleague)] == [False, False, True]


def test_a_changed_password_puts_everybody_out_and_says_so(browser: Browser, cast: Cast, clock: Turned) -> None:
    other = Browser(cast.database, clock)
    other.sign_in()
    browser.post("/desk/account", {"now": PASSWORD, "new": NEW})
    assert "Your password has been changed." in browser.get("/desk/sign-in").text
    assert (browser.inside, other.inside) == (False, False)


def test_a_role_that_was_taken_away_is_gone_at_the_next_request(browser: Browser, cast: Cast, clock: Turned) -> None:
    second = hire(cast.database, cast.school, NOOR)
    other = Browser(cast.database, clock)
    other.sign_in(NOOR)
    assert other.get("/desk/school").status_code == 200
    acting = replace(OPERATOR, now=clock.now)
    cast.database.work(accounts.change, cast.school, acting, second, name="Noor", role=Role.TEACHER)
    assert other.get("/desk/school").status_code == 403


def test_a_wrong_password_never_gets_as_far_as_the_code(browser: Browser, cast: Cast, clock: Turned) -> None:
    set_up(browser, clock)
    page = Browser(cast.database, clock).sign_in(password="something else")
    assert (page.status_code, "The code of your app" in page.text) == (401, False)


def test_a_clock_that_is_half_a_minute_off_still_gets_in(browser: Browser, cast: Cast, clock: Turned) -> None:
    app = set_up(browser, clock)
    fresh = Browser(cast.database, clock)
    assert give(fresh, asked(fresh), app.at(clock.now + timedelta(seconds=30))) == 303

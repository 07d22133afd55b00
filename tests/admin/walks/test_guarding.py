"""Every route of the desk, whoever adds it: no change without the form's token or from another site, no GET that
changes anything (G7), nobody without the role. What is of another school: test_strangers."""

import re
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from storage.database.engine import Database
from storage.words import Role
from tests.admin.walks.route_table import routes
from tests.support.browser import NOOR, Browser, Turned, hire, unchanged
from tests.support.cast import Cast, settle


@pytest.fixture
def browser(regenboog: Cast, tmp_path: Path) -> Browser:
    hire(regenboog.database, regenboog.school)
    return Browser(regenboog.database, Turned(), mailbox=tmp_path)


@pytest.fixture
def regenboog(sqlite: Database) -> Cast:
    """What comes before any action is the same on either database."""
    return settle(sqlite)


def addresses(*, reading: bool, public: bool | None = None) -> list[str]:
    """Every path of the desk that is read, or that changes something, with each parameter filled with 1."""
    wanted = [route for route in routes() if route.reading is reading and public in (None, route.public)]
    return [re.sub(r"\{[^}]*\}", "1", route.path) for route in wanted]


def test_the_table_that_is_walked_is_the_desks_own(browser: Browser) -> None:
    served = {
        (method, re.sub(r"\{(\w+):\w+\}", r"{\1}", str(context.path)))
        for context in iter_route_contexts(browser.app.routes)
        for method in context.methods or ()
        if str(context.path).startswith("/desk") and method != "HEAD"
    }
    assert served == {(route.method, route.path) for route in routes()}


def test_no_change_without_the_token(browser: Browser, regenboog: Cast) -> None:
    browser.sign_in()
    with unchanged(regenboog.database):
        for path in addresses(reading=False):
            for data in ({}, {"csrf": "guessed"}, {"csrf": ""}):
                answer = browser.client.post(path, data=data)
                assert (path, answer.status_code) == (path, 403)
            answer = browser.client.post(path, json={"csrf": "guessed"})
            assert (path, answer.status_code) == (path, 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
    ],
)
def test_no_change_from_another_site_even_with_the_token(
    browser: Browser, regenboog: Cast, headers: dict[str, str]
) -> None:
    browser.sign_in()
    token = browser.token()
    with unchanged(regenboog.database):
        for path in addresses(reading=False):
            answer = browser.client.post(path, data={"csrf": token}, headers=headers)
            assert (path, answer.status_code) == (path, 403)


def test_the_token_of_somebody_else_is_no_token(browser: Browser, regenboog: Cast) -> None:
    hire(regenboog.database, regenboog.school, NOOR, Role.TEACHER)
    other = Browser(regenboog.database, Turned())
    other.sign_in(NOOR)
    browser.sign_in()
    assert browser.post("/desk/school", {"name": "x"}, token=other.token()).status_code == 403


def test_our_own_forms_are_let_through(browser: Browser, regenboog: Cast) -> None:
    browser.sign_in()
    fields = {"name": "De Regenboog", "contact": "030 765 43 21", "language": "nl"}
    ours = {"sec-fetch-site": "same-origin", "origin": "http://testserver"}
    assert browser.post("/desk/school", fields, headers=ours).status_code == 303


def test_signing_in_itself_needs_a_form_of_ours(browser: Browser) -> None:
    fields = {"email": "directie@regenboog.example", "password": "vier gele laarzen"}
    assert browser.client.post("/desk/sign-in", data=fields).status_code == 403
    assert browser.post("/desk/sign-in", fields, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_no_get_changes_the_database(browser: Browser, regenboog: Cast) -> None:
    browser.sign_in()
    with unchanged(regenboog.database):
        for path in addresses(reading=True):
            assert (path, browser.get(path).status_code < 500) == (path, True)


def test_nobody_reads_a_page_without_signing_in(browser: Browser) -> None:
    for path in addresses(reading=True, public=False):
        answer = browser.get(path)
        assert (path, answer.status_code) == (path, 303)
        assert answer.headers["location"].startswith("/desk/sign-in")


def test_what_is_open_to_everybody_is_little(browser: Browser) -> None:
    entrances = {"/desk/sign-in", "/desk/sign-in/code", "/desk/sign-in/school", "/desk/sign-out", "/desk/language"}
    links = {"/desk/forgotten", "/desk/forgotten/sent", "/desk/welcome/1", "/desk/calendar/1.ics"}
    assert {*addresses(reading=True, public=True), *addresses(reading=False, public=True)} == entrances | links


def test_every_answer_has_the_safe_headers(browser: Browser) -> None:
    for path in ("/desk/sign-in", "/desk", "/desk/nothing", "/desk/static/desk.css", "/nothing/at/all"):
        headers = browser.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert (policy["default-src"], policy["script-src"], policy["frame-ancestors"]) == (
            "'none'",
            "'self'",
            "'none'",
        )
    assert browser.get("/desk/sign-in").headers["cache-control"] == "no-store"


def test_a_teacher_is_kept_out_of_the_administrators_pages(browser: Browser, regenboog: Cast) -> None:
    hire(regenboog.database, regenboog.school, NOOR, Role.TEACHER)
    browser.sign_in(NOOR)
    for path in ("/desk/school", "/desk/mailbox"):
        assert (path, browser.get(path).status_code) == (path, 403)
    with unchanged(regenboog.database):
        assert browser.post("/desk/school", {"name": "Mijn school"}).status_code == 403
        assert browser.post("/desk/school/staff/invite", {"email": "x@example.org"}).status_code == 403


def test_the_staff_of_another_school_is_not_there(browser: Browser, regenboog: Cast) -> None:
    stranger = hire(regenboog.database, regenboog.horizon, "directie@horizon.example")
    browser.sign_in()
    with unchanged(regenboog.database):
        assert browser.post(f"/desk/school/staff/{stranger}/active", {"active": "false"}).status_code == 404
        assert browser.post(f"/desk/school/staff/{stranger}/link").status_code == 404


def test_an_upload_that_is_too_large_is_refused_in_a_sentence(browser: Browser) -> None:
    browser.sign_in()
    body = f"csrf={browser.token()}&name=".encode() + b"x" * (7 * 1024 * 1024)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    for content in (body, iter([body])):  # with its length told, and without
        answer = browser.client.post("/desk/school", content=content, headers=kind)
        assert (answer.status_code, "What you sent is too large" in answer.text) == (413, True)

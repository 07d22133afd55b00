"""Every route of the desk, whoever adds it: no change without the form's token or from another site, no GET that
changes anything (S7), nobody of another school or without the role (S5)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from storage import tables
from storage.booking.booking import book
from storage.words import Actor, By, Role
from tests.admin.browser import NOOR, Browser, Turned, hire, unchanged
from tests.cast import NOW, Cast

OPEN = {"/desk/sign-in", "/desk/sign-in/school", "/desk/language", "/desk/sign-out"}


@pytest.fixture
def browser(cast: Cast, tmp_path: Path) -> Browser:
    hire(cast.database, cast.school)
    return Browser(cast.database, Turned(), mailbox=tmp_path)


def routes(browser: Browser, reading: bool) -> Iterator[tuple[str, str]]:
    """(method, path) of the desk, every parameter filled with 1."""
    for context in iter_route_contexts(browser.app.routes):
        path = getattr(context, "path", "") or ""
        for method in sorted(getattr(context, "methods", None) or ()):
            if (method in ("GET", "HEAD", "OPTIONS")) == reading and path.startswith("/desk"):
                yield method, re.sub(r"\{[^}]*\}", "1", path)


def test_there_are_routes_to_walk(browser: Browser) -> None:
    changing = {path for _, path in routes(browser, reading=False)}
    assert changing >= OPEN | {"/desk/school", "/desk/school/staff/invite", "/desk/school/staff/1/active"}


def test_no_change_without_the_token(browser: Browser, cast: Cast) -> None:
    browser.sign_in()
    with unchanged(cast.database):
        for method, path in routes(browser, reading=False):
            for data in ({}, {"csrf": "guessed"}, {"csrf": ""}):
                answer = browser.client.request(method, path, data=data)
                assert (path, answer.status_code) == (path, 403)
            answer = browser.client.request(method, path, json={"csrf": "guessed"})
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
def test_no_change_from_another_site_even_with_the_token(browser: Browser, cast: Cast, headers: dict[str, str]) -> None:
    browser.sign_in()
    token = browser.token()
    with unchanged(cast.database):
        for method, path in routes(browser, reading=False):
            answer = browser.client.request(method, path, data={"csrf": token}, headers=headers)
            assert (path, answer.status_code) == (path, 403)


def test_the_token_of_somebody_else_is_no_token(browser: Browser, cast: Cast) -> None:
    hire(cast.database, cast.school, NOOR, Role.TEACHER)
    other = Browser(cast.database, Turned())
    other.sign_in(NOOR)
    browser.sign_in()
    assert browser.post("/desk/school", {"name": "x"}, token=other.token()).status_code == 403


def test_our_own_forms_are_let_through(browser: Browser, cast: Cast) -> None:
    browser.sign_in()
    fields = {"name": "De Regenboog", "contact": "030 765 43 21", "language": "nl"}
    ours = {"sec-fetch-site": "same-origin", "origin": "http://testserver"}
    assert browser.post("/desk/school", fields, headers=ours).status_code == 303


def test_signing_in_itself_needs_a_form_of_ours(browser: Browser) -> None:
    fields = {"email": "directie@regenboog.example", "password": "vier gele laarzen"}
    assert browser.client.post("/desk/sign-in", data=fields).status_code == 403
    assert browser.post("/desk/sign-in", fields, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_no_get_changes_the_database(browser: Browser, cast: Cast) -> None:
    browser.sign_in()
    with unchanged(cast.database):
        for method, path in routes(browser, reading=True):
            if method == "GET":
                assert (path, browser.get(path).status_code < 500) == (path, True)


def test_nobody_reads_a_page_without_signing_in(browser: Browser) -> None:
    for method, path in routes(browser, reading=True):
        if method == "GET" and path != "/desk/sign-in":
            answer = browser.get(path)
            assert (path, answer.status_code) == (path, 303)
            assert answer.headers["location"].startswith("/desk/sign-in")


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


def test_a_teacher_is_kept_out_of_the_administrators_pages(browser: Browser, cast: Cast) -> None:
    hire(cast.database, cast.school, NOOR, Role.TEACHER)
    browser.sign_in(NOOR)
    for path in ("/desk/school", "/desk/mailbox"):
        assert (path, browser.get(path).status_code) == (path, 403)
    with unchanged(cast.database):
        assert browser.post("/desk/school", {"name": "Mijn school"}).status_code == 403
        assert browser.post("/desk/school/staff/invite", {"email": "x@example.org"}).status_code == 403


def test_the_staff_of_another_school_is_not_there(browser: Browser, cast: Cast) -> None:
    stranger = hire(cast.database, cast.horizon, "directie@horizon.example")
    browser.sign_in()
    with unchanged(cast.database):
        assert browser.post(f"/desk/school/staff/{stranger}/active", {"active": "false"}).status_code == 404
        assert browser.post(f"/desk/school/staff/{stranger}/link").status_code == 404


def strange(browser: Browser, stranger: dict[str, int]) -> Iterator[tuple[str, str]]:
    """(method, path) of every route with an id in it, each id that of something at De Horizon."""
    for context in iter_route_contexts(browser.app.routes):
        path = getattr(context, "path", "") or ""
        named = re.findall(r"\{(\w+)[^}]*\}", path)
        if path.startswith("/desk") and any(name in stranger for name in named):
            for method in sorted(getattr(context, "methods", None) or ()):
                yield method, re.sub(r"\{(\w+)[^}]*\}", lambda match: str(stranger.get(match[1], 1)), path)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.TEACHER])
def test_nothing_of_another_school_is_there_on_any_route(browser: Browser, cast: Cast, role: Role) -> None:
    """S5, by the route table: a new route with an id in it is walked without being named here."""
    by = By(Actor.FAMILY, cast.mulder)
    wanted = {"family_id": cast.mulder, "student_id": cast.other_sanne, "slot_id": cast.horizon_slots[0]}
    booking = cast.database.work(book, cast.horizon, **wanted, by=by, now=NOW)
    planning = cast.database.read(lambda session: session.get_one(tables.Planning, cast.horizon_planning))
    stranger = {
        **wanted,
        "planning_id": cast.horizon_planning,
        "conference_id": planning.conference_id,
        "booking_id": booking.id,
        "staff_id": hire(cast.database, cast.horizon, "directie@horizon.example"),
    }
    if role is Role.TEACHER:
        hire(cast.database, cast.school, NOOR, role)
    browser.sign_in(NOOR if role is Role.TEACHER else "directie@regenboog.example")
    token, walked = browser.token(), set()
    with unchanged(cast.database):
        for method, path in strange(browser, stranger):
            data = {"csrf": token, **{name: str(id_) for name, id_ in stranger.items()}}
            answer = browser.client.request(method, path, data=data if method == "POST" else None)
            # 422: a form that lacks a field is told so before anything is looked up.
            assert (method, path, answer.status_code in (403, 404, 422)) == (method, path, True)
            assert not re.search("Mulder|Horizon|horizon", answer.text), path
            walked.add(path)
    assert len(walked) > 20


def test_an_upload_that_is_too_large_is_refused_in_a_sentence(browser: Browser) -> None:
    browser.sign_in()
    body = f"csrf={browser.token()}&name=".encode() + b"x" * (7 * 1024 * 1024)
    kind = {"content-type": "application/x-www-form-urlencoded"}
    for content in (body, iter([body])):  # with its length told, and without
        answer = browser.client.post("/desk/school", content=content, headers=kind)
        assert (answer.status_code, "What you sent is too large" in answer.text) == (413, True)

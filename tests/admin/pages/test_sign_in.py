"""The staff's entrance: one answer for whoever may not come in, and a session that ends when it should (G8)."""

import html
import re

import pytest
from httpx import Response
from sqlmodel import select

from admin.web.unsent import unpack
from storage.database.engine import Database
from storage.staff import accounts
from storage.tables import Conference
from storage.words import Role
from tests.support.browser import BRAM, DIRECTOR, NOOR, Browser, Turned, hire
from tests.support.cast import OPERATOR, Cast, settle


@pytest.fixture
def cast(sqlite: Database) -> Cast:
    """The kind of database plays no part here."""
    return settle(sqlite)


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def browser(cast: Cast, clock: Turned) -> Browser:
    hire(cast.database, cast.school)
    return Browser(cast.database, clock)


def test_the_right_password_opens_the_page_that_was_asked_for(browser: Browser) -> None:
    asked = browser.get("/desk/school")
    assert (asked.status_code, asked.headers["location"]) == (303, "/desk/sign-in?next=/desk/school")
    came = browser.sign_in(next="/desk/school")
    assert (came.status_code, came.headers["location"]) == (303, "/desk/school")
    assert browser.get("/desk/school").status_code == 200


def test_the_address_is_taken_in_any_case(browser: Browser) -> None:
    browser.sign_in(email="  Directie@Regenboog.example ")
    assert browser.inside


@pytest.mark.parametrize(
    "next_", ["//evil.example", "https://evil.example", "/desk//evil", "/\\evil", "/chat", "javascript:x"]
)
def test_nobody_is_sent_to_another_site_after_signing_in(browser: Browser, next_: str) -> None:
    assert browser.sign_in(next=next_).headers["location"] == "/desk"


def test_a_wrong_password_and_an_unknown_address_get_one_answer(browser: Browser) -> None:
    wrong = browser.sign_in(password="something else")
    unknown = browser.sign_in(email="nobody@regenboog.example")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.text.replace(DIRECTOR, "") == unknown.text.replace("nobody@regenboog.example", "")
    assert not browser.inside


def test_a_disabled_account_gets_the_same_answer(browser: Browser, cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    cast.database.work(accounts.set_active, cast.school, OPERATOR, noor, False)
    assert browser.sign_in(email=NOOR).status_code == 401


def test_after_five_failures_the_right_password_waits_a_quarter_of_an_hour(browser: Browser, clock: Turned) -> None:
    for _ in range(5):
        assert browser.sign_in(password="something else").status_code == 401
    assert browser.sign_in().status_code == 429
    clock.on(minutes=14)
    assert browser.sign_in().status_code == 429
    clock.on(minutes=2)
    assert browser.sign_in().status_code == 303


def test_an_address_without_account_has_to_wait_just_the_same(browser: Browser) -> None:
    for _ in range(5):
        browser.sign_in(email="nobody@regenboog.example")
    assert browser.sign_in(email="nobody@regenboog.example").status_code == 429


def test_success_gives_the_failures_back(browser: Browser) -> None:
    for _ in range(2):
        for _ in range(4):
            browser.sign_in(password="something else")
        assert browser.sign_in().status_code == 303
        browser.post("/desk/sign-out")


def test_each_sign_in_has_a_new_id_and_ends_the_one_before(browser: Browser, cast: Cast) -> None:
    browser.sign_in()
    first = browser.client.cookies["desk"]
    browser.client.cookies.delete("desk")
    browser.sign_in()
    second = browser.client.cookies["desk"]
    assert first.split(".")[0] != second.split(".")[0]


def test_an_id_that_somebody_else_chose_is_never_taken_over(browser: Browser) -> None:
    browser.carry("desk", "chosen.1.mac")
    browser.sign_in()
    assert not browser.client.cookies["desk"].startswith("chosen")


def test_signing_out_ends_the_session_for_a_copy_of_the_cookie_too(browser: Browser) -> None:
    browser.sign_in()
    copy = browser.client.cookies["desk"]
    assert browser.post("/desk/sign-out").headers["location"] == "/desk/sign-in"
    browser.carry("desk", copy)
    assert not browser.inside


def test_half_an_hour_without_a_page_signs_out(browser: Browser, clock: Turned) -> None:
    browser.sign_in()
    clock.on(minutes=29)
    assert browser.inside
    clock.on(minutes=29)
    assert browser.inside
    clock.on(minutes=31)
    assert not browser.inside


def test_the_moment_last_seen_cannot_be_forged(browser: Browser, clock: Turned) -> None:
    browser.sign_in()
    token, seconds, mac = browser.client.cookies["desk"].split(".")
    clock.on(minutes=31)
    browser.carry("desk", f"{token}.{int(seconds) + 1860}.{mac}")
    assert not browser.inside


def test_twelve_hours_is_the_longest(browser: Browser, clock: Turned) -> None:
    browser.sign_in()
    for _ in range(35):
        clock.on(minutes=20)
        assert browser.inside
    clock.on(minutes=20)
    assert not browser.inside


def test_a_disabled_member_is_out_at_the_next_request(browser: Browser, cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    browser.sign_in(NOOR)
    inside = [browser.inside]
    for active in (False, True):
        cast.database.work(accounts.set_active, cast.school, OPERATOR, noor, active)
        inside.append(browser.inside)
    assert inside == [True, False, False]


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(browser: Browser) -> None:
    came = browser.sign_in()
    cookie = next(value for value in came.headers.get_list("set-cookie") if value.startswith("desk="))
    assert cookie.split("; ")[1:] == ["HttpOnly", "Path=/", "SameSite=Lax"]


def test_over_https_the_cookie_belongs_to_this_host_alone(cast: Cast, clock: Turned) -> None:
    hire(cast.database, cast.school)
    browser = Browser(cast.database, clock, base_url="https://school.example")
    came = browser.sign_in()
    cookie = next(value for value in came.headers.get_list("set-cookie") if value.startswith("__Host-desk="))
    assert cookie.split("; ")[1:] == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]
    assert came.headers["strict-transport-security"] == "max-age=31536000"


def test_who_works_at_two_schools_chooses_after_the_password(browser: Browser, cast: Cast) -> None:
    hire(cast.database, cast.horizon, DIRECTOR, Role.TEACHER)
    asked = browser.sign_in()
    assert asked.status_code == 200
    accounts = dict(zip(("De Horizon", "De Regenboog"), _accounts(asked.text), strict=True))
    came = browser.post("/desk/sign-in/school", {"ticket": _ticket(asked.text), "account": accounts["De Horizon"]})
    assert came.status_code == 303
    assert "De Horizon" in browser.get("/desk").text


def test_another_account_than_the_password_fitted_cannot_be_chosen(browser: Browser, cast: Cast) -> None:
    hire(cast.database, cast.horizon, DIRECTOR, Role.TEACHER)
    bram = hire(cast.database, cast.school, BRAM, Role.TEACHER)
    asked = browser.sign_in()
    stolen = {"ticket": _ticket(asked.text), "account": f"{cast.school}-{bram}"}
    assert browser.post("/desk/sign-in/school", stolen).status_code == 403
    assert not browser.inside


def test_a_ticket_lives_five_minutes_and_in_one_browser(browser: Browser, cast: Cast, clock: Turned) -> None:
    hire(cast.database, cast.horizon, DIRECTOR, Role.TEACHER)
    asked = browser.sign_in()
    choice = {"ticket": _ticket(asked.text), "account": _accounts(asked.text)[0]}
    elsewhere = Browser(cast.database, clock)
    assert elsewhere.post("/desk/sign-in/school", choice).status_code == 403
    clock.on(minutes=6)
    assert browser.post("/desk/sign-in/school", choice).status_code == 403


def test_the_language_is_the_browsers_until_somebody_chooses(browser: Browser) -> None:
    assert "Sign in" in browser.get("/desk/sign-in").text
    assert "Inloggen" in browser.get("/desk/sign-in", headers={"accept-language": "nl-NL,nl;q=0.9"}).text
    browser.sign_in()
    browser.post("/desk/language", {"language": "nl", "next": "/desk/school"})
    assert "Wie mag inloggen" in browser.get("/desk/school/staff").text
    browser.client.cookies.delete("desk-language")
    assert "Wie mag inloggen" in browser.get("/desk/school/staff").text


def test_a_teacher_is_found_by_the_address_of_the_planning(cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    stranger = hire(cast.database, cast.school, "anders@regenboog.example", Role.TEACHER)
    found = [cast.database.read(accounts.staff_member, cast.school, one).teacher_id for one in (noor, stranger)]
    assert found == [cast.noor, None]


def test_a_password_of_a_thousand_characters_costs_nothing(browser: Browser) -> None:
    assert browser.sign_in(password="x" * 900).status_code == 401
    assert browser.sign_in(password="x" * 5000).status_code == 422


def _accounts(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('name="account" value="')[1:]]


def _ticket(page: str) -> str:
    return page.split('name="ticket" value="')[1].split('"')[0]


SAME = {"sec-fetch-site": "same-origin", "origin": "http://testserver"}
TEXT = 'Beste ouders,\nuw kind & "u" zijn <b>welkom</b>.'


def hidden(answer: Response) -> list[tuple[str, str]]:
    """What was typed that a page carries without showing it: not its token, nor where a language switch leads back."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text, re.DOTALL)
    return [(name, html.unescape(value)) for name, value in found if name not in ("csrf", "next")]


def typed_too_late(browser: Browser, clock: Turned, cast: Cast, **headers: str) -> Response:
    """A text for parents that is sent when the session has ended."""
    browser.sign_in()
    token = browser.token()
    clock.on(minutes=31)
    path = f"/desk/invite/{cast.autumn}"
    return browser.client.post(path, data={"csrf": token, "text": TEXT}, headers={**SAME, **headers})


def test_what_was_typed_before_the_session_ended_goes_on_after_signing_in(
    browser: Browser, clock: Turned, cast: Cast
) -> None:
    late = typed_too_late(browser, clock, cast)
    assert late.status_code == 403
    assert "Sign in, and what you typed goes on." in late.text
    carried = dict(hidden(late))
    wrong = browser.sign_in(password="something else", typed=carried["typed"])
    assert (wrong.status_code, dict(hidden(wrong))["typed"]) == (401, carried["typed"]), "a slip loses nothing"
    back = browser.sign_in(typed=carried["typed"])
    assert "What you typed is still here" in back.text
    assert html.escape(TEXT, quote=True).replace("&quot;", "&#34;") in back.text
    action = re.findall(
        r'<form method="post" action="([^"]+)">\s*<input type="hidden" name="csrf" value="([^"]+)"', back.text
    )
    path, token = next(one for one in action if one[0].startswith("/desk/invite"))
    sent = browser.client.post(path, data={"csrf": token, **dict(hidden(back))}, headers=SAME)
    assert sent.status_code == 303
    kept = cast.database.read(lambda session: session.exec(select(Conference.invitation)).all())
    assert TEXT in [one.replace("\r\n", "\n") for one in kept]


def test_with_a_code_of_an_app_it_goes_on_as_well(browser: Browser, clock: Turned, cast: Cast) -> None:
    carried = dict(hidden(typed_too_late(browser, clock, cast)))["typed"]
    page = browser.post("/desk/sign-in/code", {"ticket": "no", "code": "1", "typed": carried})
    assert page.status_code == 403
    unpacked = unpack(carried)
    assert unpacked is not None
    assert unpacked.texts == (TEXT,)


def test_another_tab_that_signed_in_meanwhile_is_asked_at_once(browser: Browser, clock: Turned, cast: Cast) -> None:
    browser.sign_in()
    old = browser.token()
    browser.sign_in()
    path = f"/desk/invite/{cast.autumn}"
    asked = browser.client.post(path, data={"csrf": old, "text": TEXT}, headers=SAME)
    assert (asked.status_code, "What you typed is still here" in asked.text) == (403, True)
    assert dict(hidden(asked)) == {"text": TEXT}


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_nothing_of_another_site_is_carried(
    browser: Browser, clock: Turned, cast: Cast, headers: dict[str, str]
) -> None:
    late = typed_too_late(browser, clock, cast, **headers)
    assert (late.status_code, hidden(late)) == (403, [])
    assert "welkom" not in late.text


def test_no_password_is_carried_and_no_file(browser: Browser, clock: Turned) -> None:
    browser.sign_in()
    token = browser.token()
    clock.on(minutes=31)
    fields = {"csrf": token, "now": "een wachtwoord", "new": "nog een wachtwoord"}
    refused = browser.client.post("/desk/account", data=fields, headers=SAME)
    assert "nothing was changed. Sign in and try again." in refused.text
    assert "wachtwoord" not in refused.text
    file = {"file": ("lijst.csv", b"a;b")}
    upload = browser.client.post("/desk/students/import", data={"csrf": token}, files=file, headers=SAME)
    assert hidden(upload) == []


@pytest.mark.parametrize(
    "packed",
    ["", "x", "[]", '["/desk"]', '["https://evil.example/", []]', '["//evil", [["a","b"]]]', '["/desk/x", [["a"]]]',
     '["/desk/x", [["a", 1]]]', '["/desk/x", [["password", "b"]]]', '{"a": 1}', "[[], []]"],
)  # fmt: skip
def test_what_we_did_not_pack_is_nothing(browser: Browser, packed: str) -> None:
    assert unpack(packed) is None
    assert browser.sign_in(typed=packed).status_code == 303

"""The people at the desk: inviting one or many, what an administrator does for one of them, what a teacher may (D1)."""

import re
from pathlib import Path

import pytest

from storage.database.engine import Database
from storage.staff import accounts
from storage.staff.accounts import StaffView
from storage.words import NoticeKind, Role
from tests.admin.walks.route_table import grounds, routes
from tests.admin.walks.routes import WAYS
from tests.support.browser import BRAM, DIRECTOR, NOOR, PASSWORD, Browser, Turned, hire, unchanged
from tests.support.cast import OPERATOR, Cast, settle
from tests.support.notices import outbox
from tests.support.statements import statements

STAFF = "/desk/school/staff"
INVITE = f"{STAFF}/invite"
KIM = {"email": "kim@regenboog.example", "name": "juf Kim", "role": "teacher"}


@pytest.fixture
def cast(sqlite: Database) -> Cast:
    """Pages are the same on either database; their actions are tested on both."""
    return settle(sqlite)


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def browser(cast: Cast, clock: Turned, tmp_path: Path) -> Browser:
    """An administrator who is signed in, where mail leaves."""
    hire(cast.database, cast.school)
    browser = Browser(cast.database, clock, mailbox=tmp_path / "mails")
    browser.sign_in()
    return browser


def person(cast: Cast, email: str) -> StaffView:
    return next(one for one in cast.database.read(accounts.staff_list, cast.school) if one.email == email)


def lines(page: str) -> list[str]:
    """The words of each row of the list."""
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr")[1:]
    return [" ".join(re.sub(r"<[^>]*>", " ", row.partition(">")[2]).split()) for row in rows]


def test_the_list_tells_role_state_and_second_factor_of_everybody(browser: Browser, cast: Cast, clock: Turned) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    bram = hire(cast.database, cast.school, BRAM, Role.TEACHER)
    cast.database.work(accounts.set_active, cast.school, OPERATOR, bram, False)
    browser.post(INVITE, KIM)
    assert lines(browser.get(STAFF).text) == [
        "Bram bram@regenboog.example teacher disabled off",
        "Directie (you) directie@regenboog.example administrator active off",
        "Noor noor@regenboog.example teacher active off",
        "juf Kim kim@regenboog.example teacher no planning with this address invited until Tue 17 Nov off Invite again",
    ]
    assert noor
    clock.on(days=8)
    browser.sign_in()
    assert "invitation expired" in lines(browser.get(STAFF).text)[3]


def test_one_person_is_invited(browser: Browser, cast: Cast) -> None:
    answer = browser.post(INVITE, {**KIM, "role": "administrator"})
    assert answer.headers["location"] == STAFF
    assert "1 person has been invited and gets a mail with a link." in browser.get(STAFF).text
    kim = person(cast, "kim@regenboog.example")
    assert (kim.name, kim.role, kim.invited) == ("juf Kim", Role.ADMINISTRATOR, True)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": "noor"}, "“noor” is not one e-mail address."),
        ({"email": ""}, "Type an e-mail address."),
        ({"email": DIRECTOR}, "directie@regenboog.example has an account already."),
        ({"role": "king"}, "Please choose from the list."),
        ({"name": "x" * 121}, "The name is too long: at most 120 characters."),
    ],
)
def test_somebody_who_cannot_be_invited(browser: Browser, cast: Cast, wrong: dict[str, str], sentence: str) -> None:
    form = {**KIM, **wrong}
    with unchanged(cast.database):
        answer = browser.post(INVITE, form)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert f'value="{form["email"]}"' in answer.text


def test_all_teachers_of_the_plannings_are_ticked_and_one_button_invites_them(browser: Browser, cast: Cast) -> None:
    assert "2 teachers of the plannings have no account yet." in browser.get(STAFF).text
    page = browser.get(INVITE).text
    ticked = re.findall(r'name="teacher" value="(\d+)" checked', page)
    assert sorted(map(int, ticked)) == [cast.noor, cast.bram]
    browser.post(f"{INVITE}/teachers", {"teacher": ticked})
    page = browser.get(STAFF).text
    assert "2 people have been invited; each gets a mail with a link." in page
    assert "no account yet" not in page
    assert [person(cast, email).teacher_id for email in (NOOR, BRAM)] == [cast.noor, cast.bram]
    assert len(outbox(cast, NoticeKind.STAFF_LINK)) == 2


def test_a_second_tap_on_that_button_invites_nobody_twice(browser: Browser, cast: Cast) -> None:
    ticked = {"teacher": [str(cast.noor), str(cast.bram)]}
    browser.post(f"{INVITE}/teachers", ticked)
    with unchanged(cast.database):
        browser.post(f"{INVITE}/teachers", ticked)
    assert "0 people have been invited" in browser.get(STAFF).text
    assert len(outbox(cast, NoticeKind.STAFF_LINK)) == 2


def test_ticking_nobody_says_so(browser: Browser, cast: Cast) -> None:
    with unchanged(cast.database):
        assert browser.post(f"{INVITE}/teachers").headers["location"] == INVITE
    assert "Nobody was ticked." in browser.get(INVITE).text


def test_a_pasted_list_is_invited_whole_or_not_at_all(browser: Browser, cast: Cast) -> None:
    wrong = {"addresses": "juf Kim <kim@x.example>, jo@x.example\nmeester Piet", "role": "teacher"}
    with unchanged(cast.database):
        answer = browser.post(f"{INVITE}/list", wrong)
    assert (answer.status_code, "No e-mail address could be read in: “meester Piet”" in answer.text) == (422, True)
    assert "juf Kim &lt;kim@x.example&gt;, jo@x.example\nmeester Piet</textarea>" in answer.text
    right = {**wrong, "addresses": f"juf Kim <kim@x.example>, jo@x.example\n{DIRECTOR}"}
    browser.post(f"{INVITE}/list", right)
    page = browser.get(STAFF).text
    assert "2 people have been invited; each gets a mail with a link. 1 had an account already." in page
    assert person(cast, "kim@x.example").name == "juf Kim"


def test_without_mail_a_first_password_stands_first(cast: Cast, clock: Turned) -> None:
    hire(cast.database, cast.school)
    browser = Browser(cast.database, clock)
    browser.sign_in()
    page = browser.get(INVITE).text
    assert "No mail leaves this installation yet" in page
    assert "<details open>" in page
    assert "No mail can be sent from here yet." in Browser(cast.database, clock).get("/desk/forgotten").text


def test_a_colleague_is_added_with_a_password_and_comes_in(browser: Browser, cast: Cast, clock: Turned) -> None:
    form = {"email": NOOR, "name": "juf Noor", "role": "teacher", "password": PASSWORD}
    assert browser.post(f"{STAFF}/add", form).status_code == 303
    assert f"{NOOR} can sign in now." in browser.get(STAFF).text
    teacher = Browser(cast.database, clock)
    teacher.sign_in(NOOR)
    assert teacher.inside


def test_a_first_password_that_is_too_short_is_refused(browser: Browser, cast: Cast) -> None:
    with unchanged(cast.database):
        answer = browser.post(f"{STAFF}/add", {**KIM, "password": "short"})
    assert (answer.status_code, "The password is too short: at least 8 characters." in answer.text) == (422, True)


def test_an_invitation_is_sent_again_and_taken_back(browser: Browser, cast: Cast) -> None:
    browser.post(INVITE, KIM)
    kim = person(cast, KIM["email"]).id
    browser.post(f"{STAFF}/{kim}/invite")
    assert "kim@regenboog.example gets another mail with a link." in browser.get(STAFF).text
    assert "Take the invitation back" in browser.get(f"{STAFF}/{kim}").text
    browser.post(f"{STAFF}/{kim}/take-back")
    assert "The invitation of kim@regenboog.example has been taken back." in browser.get(STAFF).text
    assert browser.get(f"{STAFF}/{kim}").status_code == 404


def test_a_mail_that_did_not_arrive_is_shown_with_the_person(browser: Browser, cast: Cast) -> None:
    browser.post(INVITE, KIM)
    failed = "UPDATE notice SET state = 'failed', trouble = 'the mail address is refused'"
    cast.database.work(lambda session: session.connection().exec_driver_sql(failed) and None)
    told = "The mail did not arrive: the mail address is refused"
    assert told in browser.get(STAFF).text
    assert told in browser.get(f"{STAFF}/{person(cast, KIM['email']).id}").text


def test_a_name_and_a_role_are_changed(browser: Browser, cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    answer = browser.post(f"{STAFF}/{noor}", {"name": "juf Noor", "role": "administrator"})
    assert answer.headers["location"] == f"{STAFF}/{noor}"
    assert (person(cast, NOOR).name, person(cast, NOOR).role) == ("juf Noor", Role.ADMINISTRATOR)


def test_nobody_locks_the_school_out(browser: Browser, cast: Cast) -> None:
    me = person(cast, DIRECTOR).id
    with unchanged(cast.database):
        disabling = browser.post(f"{STAFF}/{me}/active", {"active": "false"})
        demoting = browser.post(f"{STAFF}/{me}", {"name": "Directie", "role": "teacher"})
        by_hand = browser.post(f"{STAFF}/{me}/password", {"password": PASSWORD})
    assert "You cannot disable your own account." in disabling.text
    assert "You cannot change your own role." in demoting.text
    assert "Change your own password on the page of your account." in by_hand.text
    assert browser.inside


def test_a_password_by_hand_ends_what_the_old_one_opened(browser: Browser, cast: Cast, clock: Turned) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    teacher = Browser(cast.database, clock)
    teacher.sign_in(NOOR)
    browser.post(f"{STAFF}/{noor}/password", {"password": "nog veel langer dan eerst"})
    assert not teacher.inside
    assert teacher.sign_in(NOOR, "nog veel langer dan eerst").status_code == 303


def test_a_link_to_a_new_password_is_mailed_for_a_colleague(browser: Browser, cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    browser.post(f"{STAFF}/{noor}/link")
    assert f"{NOOR} gets a mail with a link to a new password." in browser.get(f"{STAFF}/{noor}").text
    assert [subject for subject, *_ in outbox(cast, NoticeKind.STAFF_LINK)] == [noor]


def test_who_is_only_invited_gets_an_invitation_and_no_link_to_a_new_password(browser: Browser, cast: Cast) -> None:
    browser.post(INVITE, KIM)
    with unchanged(cast.database):
        assert browser.post(f"{STAFF}/{person(cast, KIM['email']).id}/link").status_code == 404


def test_a_teacher_is_kept_out_of_every_route_for_administrators(sqlite: Database, tmp_path: Path) -> None:
    """D1, by the route table: a teacher never adds to or takes from the school's data."""
    ground, _ = grounds(sqlite, tmp_path)
    teacher = Browser(sqlite, Turned(), data_dir=tmp_path, mailbox=tmp_path / "mails")
    teacher.sign_in(NOOR)
    token, kept_out = teacher.token(), set()
    for route in routes():
        if not route.area.startswith("pages/school/") or not route.administrators:
            continue
        fields = dict(WAYS[route.key].fields) if route.key in WAYS else {}
        address = route.path.format_map(ground.ids)
        with unchanged(sqlite):
            sent = None if route.reading else {**fields, "csrf": token}
            answer = teacher.client.request(route.method, address, data=sent)
        assert (route.key, answer.status_code) == (route.key, 403)
        kept_out.add(route.key)
    assert len(kept_out) >= 20


@pytest.mark.parametrize("path", [STAFF, INVITE, "/desk/school/calendars"])
def test_a_page_asks_as_much_of_the_database_with_many_as_with_few(browser: Browser, cast: Cast, path: str) -> None:
    def asked() -> int:
        with statements(cast.database) as texts:
            assert browser.get(path).status_code == 200
        return len(texts)

    few = asked()
    addresses = "\n".join(f"m{number}@x.example" for number in range(60))
    browser.post(f"{INVITE}/list", {"addresses": addresses, "role": "teacher"})
    browser.get(path)  # says once who was invited
    assert asked() == few

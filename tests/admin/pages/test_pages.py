"""The frame's own pages: the first page by role, the school's settings, accounts, errors, the demo's mailbox."""

import html
import re
from email.message import EmailMessage
from pathlib import Path

import pytest

from storage.booking import booking
from storage.words import Role
from tests.support.browser import NOOR, PASSWORD, Browser, Turned, hire, unchanged
from tests.support.cast import FIRST_EVENING, NOW, Cast, parent

SCHOOL = {"name": "De Regenboog", "contact": "030 123 45 67", "language": "nl"}


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def browser(cast: Cast, clock: Turned, tmp_path: Path) -> Browser:
    hire(cast.database, cast.school)
    browser = Browser(cast.database, clock, mailbox=tmp_path / "mails")
    browser.sign_in()
    return browser


def lines(page: str) -> dict[str, list[str]]:
    """The steps of the round on the first page, each with what it says."""
    said: dict[str, list[str]] = {}
    for step in page.split('<ol class="round"')[1].split("</ol>")[0].split("<h2>")[1:]:
        texts = [html.unescape(one) for one in re.findall(r"<a [^>]*>([^<]*)</a>", step)]
        said[texts[0]] = texts[1:]
    return said


def test_the_administrator_sees_how_the_round_stands(browser: Browser, cast: Cast) -> None:
    what = {"family_id": cast.de_vries, "student_id": cast.sanne, "slot_id": cast.noor_slots[0]}
    cast.database.work(booking.book, cast.school, parent(cast.de_vries), **what)
    assert lines(browser.get("/desk").text) == {
        "Students": ["6 students in 2 groups"],
        "Families": ["5 families"],
        "Conference and plannings": ["Herfstgesprekken: 2 plannings published"],
        "Invite the parents": [
            "No letters made yet", "0 of 5 families have a chat", "1 family cannot be reached",
        ],
        "Parents book": [
            "1 of 5 families have booked", "Sign-up closes Sunday 22 November, 12:00",
            "Groep 4: 3 of 4 children without a talk", "Groep 7: 2 of 2 children without a talk",
            "Lists and files",
        ],
        "Inform the teachers": ["2 teachers get a daily list by mail", "0 of 2 teachers can sign in here"],
        "Afterwards": ["The last talk is Thursday 26 November", "At the end of the year: move the groups up"],
    }  # fmt: skip


def test_when_the_round_is_over_the_first_page_says_so_and_offers_the_next(browser: Browser, clock: Turned) -> None:
    clock.on(days=20)
    browser.sign_in()
    page = browser.get("/desk").text
    assert "This round is over" in page
    assert '<a class="button strong" href="/desk/plannings/conferences/new">Make the next round</a>' in page


def test_the_teacher_sees_todays_talks_and_own_plannings(browser: Browser, cast: Cast, clock: Turned) -> None:
    hire(cast.database, cast.school, NOOR, Role.TEACHER)
    for child, slot in ((cast.sanne, cast.noor_slots[2]), (cast.daan, cast.bram_slots[5])):
        what = {"family_id": cast.de_vries, "student_id": child, "slot_id": slot}
        cast.database.work(booking.book, cast.school, parent(cast.de_vries), **what)
    clock.now = NOW.replace(day=FIRST_EVENING.day, hour=8)
    teacher = Browser(cast.database, clock)
    teacher.sign_in(NOOR)
    page = teacher.get("/desk").text
    assert "18:20 – 18:30" in page
    assert "Sanne de Vries" in page
    assert "Daan" not in page
    assert (page.count("Herfstgesprekken · Groep 4"), page.count("Herfstgesprekken · Groep 7")) == (1, 0)
    assert "1 of 18 booked" in page
    clock.on(days=1)
    teacher.sign_in(NOOR)
    assert "No talks today." in teacher.get("/desk").text


def test_a_teacher_without_planning_is_told_whom_to_ask(cast: Cast, clock: Turned) -> None:
    hire(cast.database, cast.school, "new@regenboog.example", Role.TEACHER)
    browser = Browser(cast.database, clock)
    browser.sign_in("new@regenboog.example")
    assert "No teacher of this school has the e-mail address new@regenboog.example" in browser.get("/desk").text


def test_the_schools_own_words_are_changed_and_said(browser: Browser) -> None:
    changed = browser.post("/desk/school", {**SCHOOL, "contact": "030 765 43 21\r\nBcc: x"})
    assert changed.headers["location"] == "/desk/school"
    page = browser.get("/desk/school").text
    assert ('value="030 765 43 21 Bcc: x"' in page, "Saved." in page) == (True, True)
    assert "Saved." not in browser.get("/desk/school").text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "A school needs a name."),
        ({"name": "x" * 121}, "The name is too long: at most 120 characters."),
        ({"contact": "x" * 201}, "The contact is too long: at most 200 characters."),
        ({"language": "tlh"}, "Please choose from the list."),
    ],
)
def test_a_wrong_form_is_shown_again_with_a_sentence(
    browser: Browser, cast: Cast, wrong: dict[str, str], sentence: str
) -> None:
    with unchanged(cast.database):
        answer = browser.post("/desk/school", {**SCHOOL, "contact": "typed with care", **wrong})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert ("typed with care" in answer.text) == ("contact" not in wrong)


def test_what_is_typed_is_shown_as_typed(browser: Browser) -> None:
    hostile = "<script>alert(1)</script> %(name)s {{ 7 * 7 }}"
    browser.post("/desk/school", {**SCHOOL, "name": hostile})
    page = browser.get("/desk/school").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; %(name)s {{ 7 * 7 }}" in page


def test_a_new_password_ends_what_the_old_one_opened(browser: Browser, cast: Cast, clock: Turned) -> None:
    other = Browser(cast.database, clock)
    other.sign_in()
    wrong = browser.post("/desk/account", {"now": "not this one", "new": "nog veel langer dan eerst"})
    assert (wrong.status_code, other.inside) == (422, True)
    right = browser.post("/desk/account", {"now": PASSWORD, "new": "nog veel langer dan eerst"})
    assert right.headers["location"] == "/desk/sign-in"
    assert (browser.inside, other.inside) == (False, False)
    assert browser.sign_in(password="nog veel langer dan eerst").status_code == 303


def test_an_unknown_page_is_a_sentence_in_the_frame(browser: Browser) -> None:
    answer = browser.get("/desk/staffroom")
    assert answer.status_code == 404
    assert "This page does not exist, or it is not of your school." in answer.text
    assert "Sign out" in answer.text


def test_what_nobody_foresaw_is_a_page_without_what_was_typed(
    browser: Browser, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    @browser.app.get("/desk/broken")
    def broken(secret: str) -> None:
        raise RuntimeError(f"could not read {secret}")

    answer = browser.get("/desk/broken?secret=3511AB")
    assert (answer.status_code, "This is our fault" in answer.text) == (500, True)
    assert answer.headers["x-content-type-options"] == "nosniff"
    told = caplog.text + capsys.readouterr().out + answer.text
    assert ("request failed" in told, "RuntimeError" in told, "3511AB" in told) == (True, True, False)


def test_health_and_metrics_tell_figures_alone(browser: Browser) -> None:
    assert browser.get("/health").json() == {"well": True, "database": True, "schema": True, "leads": None}
    metrics = browser.get("/metrics").text
    assert "tienminuten_schools 2.0\n" in metrics
    assert "tienminuten_families 6.0\n" in metrics
    assert 'tienminuten_notices{state="waiting"} 0.0\n' in metrics


@pytest.mark.parametrize("address", ["/health", "/desk", "/desk/sign-in", "/robots.txt", "/nowhere"])
def test_what_only_asks_for_the_head_gets_it(browser: Browser, address: str) -> None:
    whole, head = browser.get(address), browser.client.head(address, follow_redirects=False)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize("address", ["/desk/students?q=%00", "/desk/families?q=a%00b", "/desk%00", "/%00"])
def test_a_nul_in_an_address_leads_nowhere(browser: Browser, address: str) -> None:
    """PostgreSQL refuses a text that holds one, and that would be an error of ours."""
    assert browser.get(address).status_code == 404


def test_search_engines_are_asked_to_stay_out(browser: Browser) -> None:
    assert browser.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_without_the_demo_there_is_no_mailbox(cast: Cast, clock: Turned) -> None:
    hire(cast.database, cast.horizon, "directie@horizon.example")
    browser = Browser(cast.database, clock)
    browser.sign_in("directie@horizon.example")
    assert browser.get("/desk/mailbox").status_code == 404
    assert "/desk/mailbox" not in browser.get("/desk").text


def test_a_mail_is_shown_as_text_and_its_attachment_only_downloaded(browser: Browser, tmp_path: Path) -> None:
    _mail(tmp_path / "mails", "notice-1.eml", "Afspraak <b>Sanne</b>", "Tot <script>dan</script>!")
    assert "Afspraak &lt;b&gt;Sanne&lt;/b&gt;" in browser.get("/desk/mailbox").text
    page = browser.get("/desk/mailbox/notice-1.eml").text
    assert "Tot &lt;script&gt;dan&lt;/script&gt;!" in page
    file = browser.get("/desk/mailbox/notice-1.eml/0")
    assert (file.content, file.headers["content-type"]) == (b"<html>hello</html>", "application/octet-stream")
    assert file.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "name", ["notice-2.eml", "..%2Fsecret.eml", "%2e%2e/secret.eml", "secret.txt", "notice-1.eml/7", "notice-1.eml/-1"]
)
def test_no_other_file_is_read(browser: Browser, tmp_path: Path, name: str) -> None:
    _mail(tmp_path / "mails", "notice-1.eml", "x", "x")
    _mail(tmp_path, "secret.eml", "secret", "secret")
    answer = browser.get(f"/desk/mailbox/{name}")
    assert (answer.status_code in (404, 422), "secret</h1>" in answer.text) == (True, False)


def _mail(folder: Path, name: str, subject: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    mail = EmailMessage()
    mail["To"], mail["Subject"] = "devries@example.org", subject
    mail.set_content(text)
    mail.add_alternative("<p>in html</p>", subtype="html")
    mail.add_attachment(b"<html>hello</html>", maintype="text", subtype="html", filename="page.html")
    (folder / name).write_bytes(mail.as_bytes())


def test_sessions_that_are_over_are_cleared_away(browser: Browser, cast: Cast, clock: Turned) -> None:
    clock.on(hours=13)
    browser.sign_in()
    with cast.database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT began FROM desk_session").fetchall()
    assert len(rows) == 1

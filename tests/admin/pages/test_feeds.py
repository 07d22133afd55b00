"""Calendars to subscribe to, as calendar programs see them (D26): read back by icalendar, asked again by ETag."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import Session

from storage.database.engine import Database
from storage.staff import accounts
from storage.tables import Planning, Student
from storage.words import Role
from tests.support.browser import BRAM, NOOR, Browser, Turned, hire, unchanged
from tests.support.cast import NOW, OPERATOR, Cast, settle
from tests.support.notices import book, cancel, move

PAGE = "/desk/account/calendar"
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def cast(sqlite: Database) -> Cast:
    return settle(sqlite)


@pytest.fixture
def teacher(cast: Cast) -> Browser:
    """Juf Noor, signed in."""
    hire(cast.database, cast.school)
    hire(cast.database, cast.school, NOOR, Role.TEACHER)
    browser = Browser(cast.database, Turned(), base_url="https://tienminuten.example")
    browser.sign_in(NOOR)
    return browser


def address(browser: Browser, page: str = PAGE) -> str:
    """The path of the secret address that a page shows."""
    found = re.findall(
        r'readonly value="https://tienminuten\.example(/desk/calendar/[\w-]+\.ics)"', browser.get(page).text
    )
    assert len(found) == 1
    return str(found[0])


def subscribed(browser: Browser) -> str:
    browser.post(f"{PAGE}/renew")
    return address(browser)


def events(browser: Browser, path: str) -> list[Any]:
    """What a calendar shows, which is signed in nowhere."""
    answer = browser.client.get(path, headers={"cookie": ""})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_teacher_makes_an_address_and_a_calendar_shows_all_own_talks(teacher: Browser, cast: Cast) -> None:
    assert "Make the address" in teacher.get(PAGE).text
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[2])
    book(cast, "de_vries", "daan", cast.bram_slots[5])
    path = subscribed(teacher)
    (event,) = events(teacher, path)
    assert (event["SEQUENCE"], event["STATUS"], event["ORGANIZER"]) == (0, "CONFIRMED", "invalid:nomail")
    assert re.fullmatch(rf"booking-{booked.id}@[0-9a-f]{{16}}\.tienminuten", event["UID"])
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (booked.start, booked.end)
    assert (event["SUMMARY"], event["LOCATION"]) == ("Sanne V. (groep 4)", "lokaal 3, De Regenboog")
    assert event["DESCRIPTION"].splitlines() == ["Herfstgesprekken", "Groep 4"]
    assert (event["TRANSP"], event["CLASS"]) == ("OPAQUE", "PRIVATE")
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == NOW


def test_nothing_more_of_anybody_is_in_it(teacher: Browser, cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[2])
    text = teacher.get(subscribed(teacher)).text
    for secret in ("Vries", "devries@", "3511", "1001", "2017", "regenboog.example", "030 123"):
        assert secret not in text


def test_it_says_what_it_is_and_how_often_to_look(teacher: Browser) -> None:
    answer = teacher.get(subscribed(teacher))
    lines = answer.text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    for line in (
        "VERSION:2.0",
        "METHOD:PUBLISH",
        "NAME:Gesprekken op De Regenboog: juf Noor",
        "X-WR-CALNAME:Gesprekken op De Regenboog: juf Noor",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ):
        assert line in lines
    assert answer.headers["content-disposition"] == 'inline; filename="tienminuten.ics"'
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_before_anybody_has_booked_it_is_a_calendar_all_the_same(teacher: Browser) -> None:
    """RFC 5545 asks for a component at least; the same one each time, or every look would be news."""
    path = subscribed(teacher)
    calendar = Calendar.from_ical(teacher.get(path).content)
    assert [component.name for component in calendar.subcomponents] == ["VTIMEZONE"]
    assert teacher.get(path).headers["etag"] == teacher.get(path).headers["etag"]


def test_a_moved_talk_keeps_its_name_and_counts_up_and_a_cancelled_one_says_so(teacher: Browser, cast: Cast) -> None:
    sanne, emir = (
        book(cast, *who, cast.noor_slots[slot]) for slot, who in ((2, ("de_vries", "sanne")), (3, ("yilmaz", "emir")))
    )
    path = subscribed(teacher)
    before = [event["UID"] for event in events(teacher, path)]
    move(cast, sanne, cast.noor_slots[9], LATER)
    cancel(cast, emir, LATER)
    gone, moved = events(teacher, path)
    assert ([moved["UID"], gone["UID"]], moved["SEQUENCE"], gone["SEQUENCE"]) == (before, 1, 1)
    assert moved["DTSTART"].dt == sanne.start + timedelta(minutes=70)
    assert (gone["STATUS"], gone["TRANSP"], gone["SUMMARY"]) == (
        "CANCELLED",
        "TRANSPARENT",
        "Afgezegd: Emir Y. (groep 4)",
    )
    assert moved["LAST-MODIFIED"].dt == gone["LAST-MODIFIED"].dt == LATER


def test_who_has_it_already_is_told_nothing_new_until_something_changes(teacher: Browser, cast: Cast) -> None:
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[2])
    path = subscribed(teacher)
    tag = teacher.get(path).headers["etag"]
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = teacher.get(path, headers={"if-none-match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert teacher.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    assert teacher.get(path).headers["cache-control"] == "private, no-cache"
    move(cast, booked, cast.noor_slots[9], LATER)
    changed = teacher.get(path, headers={"if-none-match": tag})
    assert (changed.status_code, changed.headers["etag"] == tag) == (200, False)


def test_another_room_is_another_version(teacher: Browser, cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[2])
    path = subscribed(teacher)
    tag = teacher.get(path).headers["etag"]

    def change(session: Session) -> None:
        session.get_one(Planning, cast.noor_planning).room = "lokaal 9"

    cast.database.work(change)
    assert teacher.get(path, headers={"if-none-match": tag}).status_code == 200
    assert events(teacher, path)[0]["LOCATION"] == "lokaal 9, De Regenboog"


def test_a_new_address_ends_the_old_one_at_once(teacher: Browser) -> None:
    old = subscribed(teacher)
    new = subscribed(teacher)
    assert (teacher.get(old).status_code, teacher.get(new).status_code) == (404, 200)
    assert "This is the new address. The old one no longer works." not in teacher.get(PAGE).text  # said once, above
    teacher.post(f"{PAGE}/stop")
    assert teacher.get(new).status_code == 404
    assert "Make the address" in teacher.get(PAGE).text


def test_an_address_that_does_not_work_says_so_without_a_page_to_sign_in(teacher: Browser) -> None:
    for path in ("/desk/calendar/x.ics", f"/desk/calendar/t1-{'A' * 43}.ics", "/desk/calendar/é.ics"):
        answer = teacher.get(path)
        assert (answer.status_code, answer.text) == (404, "There is no calendar at this address (any more).\n")


def test_reading_a_calendar_changes_nothing(teacher: Browser, cast: Cast) -> None:
    path = subscribed(teacher)
    with unchanged(cast.database):
        teacher.get(path)
        teacher.client.head(path)


def test_the_page_says_what_calendar_services_see(teacher: Browser) -> None:
    subscribed(teacher)
    page = teacher.get(PAGE).text
    assert "then sees when the talks are, the child's first name, the first letter of its last name" in page
    assert 'href="webcal://tienminuten.example/desk/calendar/' in page


def test_a_teacher_renews_only_their_own(teacher: Browser, cast: Cast) -> None:
    with unchanged(cast.database):
        for path in (f"teachers/{cast.bram}", f"teachers/{cast.noor}", f"groups/{cast.groep4}"):
            for verb in ("renew", "stop"):
                assert teacher.post(f"/desk/school/calendars/{path}/{verb}").status_code == 403
        assert teacher.get("/desk/school/calendars").status_code == 403


def test_an_administrator_gives_out_those_of_groups_and_teachers(teacher: Browser, cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[2])
    book(cast, "de_vries", "daan", cast.bram_slots[5])
    director = Browser(cast.database, Turned(), base_url="https://tienminuten.example")
    director.sign_in()
    director.post(f"/desk/school/calendars/groups/{cast.groep7}/renew")
    (event,) = events(director, address(director, "/desk/school/calendars"))
    assert event["SUMMARY"] == "Daan V. (groep 7)"
    assert event["DESCRIPTION"].splitlines() == ["Herfstgesprekken", "Groep 7", "meester Bram"]
    director.post(f"/desk/school/calendars/groups/{cast.groep7}/stop")
    own = subscribed(teacher)
    assert address(director, "/desk/school/calendars") == own


def test_who_is_no_teacher_of_a_planning_is_told_whom_to_ask(cast: Cast) -> None:
    hire(cast.database, cast.school, "new@regenboog.example", Role.TEACHER)
    browser = Browser(cast.database, Turned())
    browser.sign_in("new@regenboog.example")
    assert "No teacher of this school has the e-mail address new@regenboog.example" in browser.get(PAGE).text
    with unchanged(cast.database):
        assert browser.post(f"{PAGE}/renew").status_code == 404


def test_the_calendar_of_a_colleague_who_left_is_dead(teacher: Browser, cast: Cast) -> None:
    path = subscribed(teacher)
    noor = next(one.id for one in cast.database.read(accounts.staff_list, cast.school) if one.email == NOOR)
    cast.database.work(accounts.set_active, cast.school, OPERATOR, noor, False)
    assert teacher.get(path).status_code == 404


@pytest.mark.parametrize("name", ["A\r\nEND:VEVENT\r\nX", "Şükrü, de; 2e", "=cmd", "x" * 80, "\u2028Jo"])
def test_hostile_names_stay_names(teacher: Browser, cast: Cast, name: str) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[2])

    def rename(session: Session) -> None:
        session.get_one(Student, cast.sanne).first_name = name

    cast.database.work(rename)
    (event,) = events(teacher, subscribed(teacher))
    assert event["SUMMARY"].splitlines() == f"{name} V. (groep 4)".splitlines()


def test_the_addresses_stand_in_no_log(
    teacher: Browser, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    path = subscribed(teacher)
    teacher.get(path)
    teacher.get(path.replace(".ics", "x.ics"))
    told = caplog.text + capsys.readouterr().out
    assert path.partition("-")[2].removesuffix(".ics") not in told
    assert BRAM not in told

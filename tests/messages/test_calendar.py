"""The calendar file, read back by a library that did not write it by hand (P10)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Alarm, Calendar

from messages.calendar import file_name, ics
from messages.text import words
from storage.access.chats import SchoolView
from storage.booking.views import BookingView
from tests.support.cast import NOW

START = datetime(2026, 11, 24, 17, 20, tzinfo=UTC)
SCHOOL = SchoolView(1, "regenboog", "De Regenboog", "Europe/Amsterdam", "nl", "030 123 45 67", "", None, NOW, 0)
BOOKING = BookingView(
    id=7,
    school_id=1,
    family_id=2,
    family_name="de Vries",
    student_id=3,
    first_name="Sanne",
    student_name="Sanne de Vries",
    planning_id=4,
    conference="Herfstgesprekken",
    title="Groep 4",
    teachers=("juf Noor", "meester Bram"),
    room="lokaal 3",
    remarks="Neem iets mee; pen, papier",
    slot_id=5,
    start=START,
    end=START + timedelta(minutes=10),
    revision=0,
    cancelled=False,
)


UID = "booking-7@a428f5a8e0ccdbb8.tienminuten"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def read(booking: BookingView, school: SchoolView = SCHOOL) -> Calendar:
    return Calendar.from_ical(ics(booking, school, words("nl"), now=NOW))


def uid(school: SchoolView, booking: BookingView = BOOKING) -> str:
    (event,) = read(booking, school).walk("VEVENT")
    return str(event["UID"])


def test_a_booking_reads_back_as_one_event() -> None:
    calendar = read(BOOKING)
    (event,) = calendar.events
    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (UID, 0, "CONFIRMED")
    starts, ends, written = event.DTSTART, event.DTEND, event.DTSTAMP
    assert (starts, ends, written) == (START, BOOKING.end, NOW)
    assert (event["SUMMARY"], event["LOCATION"]) == ("Gesprek over Sanne", "lokaal 3, De Regenboog")
    assert str(event["DESCRIPTION"]).splitlines() == [
        "Herfstgesprekken",
        "Groep 4",
        "juf Noor, meester Bram",
        "Neem iets mee; pen, papier",
        "030 123 45 67",
    ]
    (alarm,) = event.walk("VALARM")
    assert isinstance(alarm, Alarm)
    before = alarm.TRIGGER
    assert before == timedelta(hours=-1)


def test_times_are_written_in_utc() -> None:
    lines = ics(BOOKING, SCHOOL, words("nl"), now=NOW).decode().split("\r\n")
    assert "DTSTART:20261124T172000Z" in lines


def test_a_moved_booking_keeps_its_name_and_counts_up() -> None:
    (event,) = read(replace(BOOKING, revision=2)).walk("VEVENT")
    assert (event["UID"], event["SEQUENCE"]) == (UID, 2)


def test_installations_and_schools_never_share_a_uid_and_another_name_changes_none() -> None:
    """What stands in calendars is this very text: whoever makes it otherwise leaves a second copy of every talk."""
    same = (SCHOOL, replace(SCHOOL, slug="boog", name="De Boog"), replace(SCHOOL, created=NOW.astimezone(AMSTERDAM)))
    assert {uid(school) for school in same} == {UID}
    others = (replace(SCHOOL, id=2), replace(SCHOOL, created=NOW + timedelta(microseconds=1)))
    assert len({UID, *map(uid, others)}) == 3


def test_a_talk_that_stood_in_calendars_before_keeps_its_uid_there() -> None:
    school = replace(SCHOOL, plain_uids=7)
    assert (uid(school), uid(school, replace(BOOKING, id=8))) == ("booking-7@regenboog", UID.replace("7@", "8@"))


@pytest.mark.parametrize(
    ("contact", "organizer"),
    [
        ("kantoor@regenboog.example", "mailto:kantoor@regenboog.example"),
        ("kantoor@bücher.example", "mailto:kantoor@xn--bcher-kva.example"),
        ("030 123 45 67", "invalid:nomail"),
        ("bel of mail kantoor@regenboog.example", "invalid:nomail"),
        ("", "invalid:nomail"),
    ],
)
def test_the_school_is_the_organizer_and_no_person_is(contact: str, organizer: str) -> None:
    (event,) = read(BOOKING, replace(SCHOOL, contact=contact)).walk("VEVENT")
    assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == (organizer, "De Regenboog")


def test_the_household_that_is_invited_gets_the_same_file() -> None:
    """Of the other family it is told nothing, not even a name."""
    assert ics(replace(BOOKING, family_name=""), SCHOOL, words("nl"), now=NOW) == ics(
        BOOKING, SCHOOL, words("nl"), now=NOW
    )


@pytest.mark.parametrize(
    ("child", "name"),
    [
        ("Sanne", "gesprek-sanne-24-nov.ics"),
        ("Stéphanie", "gesprek-stephanie-24-nov.ics"),
        ("Jan-Willem d'Arc", "gesprek-jan-willem-d-arc-24-nov.ics"),
        ("Işıl Łucja", "gesprek-isil-lucja-24-nov.ics"),
        ("Арина", "gesprek-арина-24-nov.ics"),
        ("李", "gesprek-李-24-nov.ics"),
        ("😀", "gesprek-24-nov.ics"),
        ("../../etc\\x\r\nA: b", "gesprek-etc-x-a-b-24-nov.ics"),
        ("x" * 80, f"gesprek-{'x' * 40}-24-nov.ics"),
    ],
)
def test_the_files_name_says_the_child_and_the_day_in_safe_letters(child: str, name: str) -> None:
    assert file_name(replace(BOOKING, first_name=child), SCHOOL, words("nl")) == name


def test_the_day_in_a_files_name_is_the_schools() -> None:
    late = replace(BOOKING, start=datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
    assert file_name(late, SCHOOL, words("en")) == "talk-sanne-25-nov.ics"


def test_a_cancelled_booking_takes_itself_out_of_the_calendar() -> None:
    calendar = read(replace(BOOKING, revision=1, cancelled=True))
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"], event.walk("VALARM")) == ("CANCEL", "CANCELLED", [])
    assert (event["SUMMARY"], event["UID"]) == ("Afgezegd: Gesprek over Sanne", UID)


@pytest.mark.parametrize("secret", ["Vries", "vries"])
def test_the_childs_last_name_is_not_in_it(secret: str) -> None:
    assert secret not in ics(BOOKING, SCHOOL, words("nl"), now=NOW).decode()


@pytest.mark.parametrize("name", ["Stéphanie", "Şükrü, de; 2e", "A\r\nEND:VEVENT\r\nX", "x" * 200, 'Jo "ster" \\n'])
def test_hostile_names_stay_names(name: str) -> None:
    (event,) = read(replace(BOOKING, first_name=name)).walk("VEVENT")
    assert str(event["SUMMARY"]).splitlines() == f"Gesprek over {name}".splitlines()

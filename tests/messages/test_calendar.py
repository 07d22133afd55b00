"""The calendar file, read back by a library that did not write it by hand (P10)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Alarm, Calendar

from messages.calendar import ics
from messages.text import words
from storage.access.chats import SchoolView
from storage.booking.views import BookingView
from tests.support.cast import NOW

START = datetime(2026, 11, 24, 17, 20, tzinfo=UTC)
SCHOOL = SchoolView(1, "regenboog", "De Regenboog", "Europe/Amsterdam", "nl", "030 123 45 67", "", None)
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


def read(booking: BookingView) -> Calendar:
    return Calendar.from_ical(ics(booking, SCHOOL, words("nl"), now=NOW))


def test_a_booking_reads_back_as_one_event() -> None:
    calendar = read(BOOKING)
    (event,) = calendar.events
    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("booking-7@regenboog", 0, "CONFIRMED")
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
    assert (event["UID"], event["SEQUENCE"]) == ("booking-7@regenboog", 2)


def test_a_cancelled_booking_takes_itself_out_of_the_calendar() -> None:
    calendar = read(replace(BOOKING, revision=1, cancelled=True))
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"], event.walk("VALARM")) == ("CANCEL", "CANCELLED", [])


@pytest.mark.parametrize("secret", ["Vries", "vries"])
def test_the_childs_last_name_is_not_in_it(secret: str) -> None:
    assert secret not in ics(BOOKING, SCHOOL, words("nl"), now=NOW).decode()


@pytest.mark.parametrize("name", ["Stéphanie", "Şükrü, de; 2e", "A\r\nEND:VEVENT\r\nX", "x" * 200, 'Jo "ster" \\n'])
def test_hostile_names_stay_names(name: str) -> None:
    (event,) = read(replace(BOOKING, first_name=name)).walk("VEVENT")
    assert str(event["SUMMARY"]).splitlines() == f"Gesprek over {name}".splitlines()

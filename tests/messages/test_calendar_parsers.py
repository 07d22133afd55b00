"""Our calendar files as three parsers read them, in Python, JavaScript and C: they agree with us, and find no fault."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from messages.calendar import feed, ics
from messages.text import words
from storage.booking.views import BookingView
from storage.school.feeds import Feed, FeedTalk, Whose
from tests.messages.test_calendar import BOOKING, SCHOOL, START
from tests.support.calendars import PARSERS, ReadCalendar, ReadEvent
from tests.support.cast import NOW

TEN = timedelta(minutes=10)
# Ten minutes at 18:20 on the wall, on both sides of a clock change.
SUMMER, WINTER = datetime(2026, 10, 24, 16, 20, tzinfo=UTC), datetime(2026, 10, 25, 17, 20, tzinfo=UTC)
WINTERS_END, SPRING = datetime(2027, 3, 27, 17, 20, tzinfo=UTC), datetime(2027, 3, 28, 16, 20, tzinfo=UTC)
MOVED = replace(BOOKING, revision=1, start=START + TEN, end=START + 2 * TEN)
CANCELLED = replace(MOVED, revision=2, cancelled=True)


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def read(parser: str, content: bytes) -> ReadCalendar:
    return PARSERS[parser](content)


def event(talk: BookingView, status: str, summary: str) -> ReadEvent:
    uid = "booking-7@a428f5a8e0ccdbb8.tienminuten"
    return ReadEvent(uid, talk.revision, status, talk.start, talk.end, summary, "invalid:nomail")


@pytest.mark.parametrize(
    ("talk", "method", "status", "summary"),
    [
        (BOOKING, "PUBLISH", "CONFIRMED", "Gesprek over Sanne"),
        (MOVED, "PUBLISH", "CONFIRMED", "Gesprek over Sanne"),
        (CANCELLED, "CANCEL", "CANCELLED", "Afgezegd: Gesprek over Sanne"),
    ],
    ids=["booked", "moved", "cancelled"],
)
def test_a_talk_is_read_as_it_stands(parser: str, talk: BookingView, method: str, status: str, summary: str) -> None:
    found = read(parser, ics(talk, SCHOOL, words("nl"), now=NOW))
    assert found == ReadCalendar(method, (event(talk, status, summary),))


@pytest.mark.parametrize("start", [SUMMER, WINTER, WINTERS_END, SPRING])
def test_a_time_is_the_same_moment_on_both_sides_of_the_clock_change(parser: str, start: datetime) -> None:
    talk = replace(BOOKING, start=start, end=start + TEN)
    (found,) = read(parser, ics(talk, SCHOOL, words("nl"), now=NOW)).events
    assert (found.start, found.end) == (start, start + TEN)


def test_hostile_names_of_a_child_and_a_school_are_read_as_names(parser: str) -> None:
    school = replace(SCHOOL, name='De "Regen";boog, \\n: ö😀')
    talk = replace(BOOKING, first_name='Şükrü, "de"; \\n 2e: 李')
    found = read(parser, ics(talk, school, words("nl"), now=NOW))
    assert (found.events[0].summary, found.wrong) == (f"Gesprek over {talk.first_name}", 0)


def test_the_schools_own_address_is_the_organizers(parser: str) -> None:
    school = replace(SCHOOL, contact="kantoor@regenboog.example")
    found = read(parser, ics(BOOKING, school, words("nl"), now=NOW))
    assert [(one.organizer, found.wrong) for one in found.events] == [("mailto:kantoor@regenboog.example", 0)]


def test_libical_would_miss_the_organizer() -> None:
    """So that its check is one that can fail."""
    named = ics(BOOKING, SCHOOL, words("nl"), now=NOW)
    nameless = b"".join(line for line in named.splitlines(keepends=True) if not line.startswith(b"ORGANIZER"))
    assert [PARSERS["c"](content).wrong > 0 for content in (named, nameless)] == [False, True]


def talks(count: int, cancelled: int) -> tuple[FeedTalk, ...]:
    """So many talks of which the first are cancelled, half of them in summer time."""
    one = FeedTalk(1, 0, SUMMER, SUMMER, "Sanne V.", ("groep 4",), "Herfst", "Groep 4", ("juf Noor",), "lokaal 3", NOW)
    return tuple(
        replace(one, booking_id=number, start=start, end=start + TEN, revision=int(gone), cancelled=gone)
        for number in range(count)
        for start, gone in [((SUMMER, WINTER)[number % 2] + number * TEN, number < cancelled)]
    )


@pytest.mark.parametrize("cancelled", [0, 1, 29, 30])
def test_of_thirty_talks_a_feed_shows_each_cancelled_one(parser: str, cancelled: int) -> None:
    shown = Feed(SCHOOL, Whose.TEACHER, "juf Noor", talks(30, cancelled))
    found = read(parser, feed(shown, words("nl")))
    assert (found.method, found.wrong) == ("PUBLISH", 0)
    assert [(one.start, one.end) for one in found.events] == [(talk.start, talk.end) for talk in shown.talks]
    assert [one.status for one in found.events] == ["CANCELLED"] * cancelled + ["CONFIRMED"] * (30 - cancelled)
    assert {one.summary for one in found.events} <= {"Sanne V. (groep 4)", "Afgezegd: Sanne V. (groep 4)"}
    assert sum(one.summary.startswith("Afgezegd: ") for one in found.events) == cancelled
    assert {one.organizer for one in found.events} == {"invalid:nomail"}


def test_a_feed_without_any_talk_is_a_calendar(parser: str) -> None:
    assert read(parser, feed(Feed(SCHOOL, Whose.GROUP, "groep 4", ()), words("nl"))) == ReadCalendar("PUBLISH", ())

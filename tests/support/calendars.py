"""What calendar programs make of our files, by three parsers that nobody of us wrote: in Python, JavaScript and C.

Each is asked for the same plain values. Which moment a time is, each works out by itself.
"""

import ctypes
import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from icalendar import Calendar
from playwright._impl._driver import compute_driver_executable

from tests.support.tools import missing

ICAL_JS = Path(__file__).parents[2] / ".tools" / "parsers" / "node_modules" / "ical.js" / "dist" / "ical.es5.cjs"
LIBICAL = "libical.so.3"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class ReadEvent:
    """An event as a parser understood it. Moments are UTC."""

    uid: str
    sequence: int
    status: str
    start: datetime
    end: datetime
    summary: str
    organizer: str


@dataclass(frozen=True)
class ReadCalendar:
    """`wrong` counts what the parser found against the standard."""

    method: str
    events: tuple[ReadEvent, ...]
    wrong: int = 0


def in_python(content: bytes) -> ReadCalendar:
    """By icalendar."""
    calendar = Calendar.from_ical(content)
    wrong = len(calendar.errors) + sum(len(event.errors) for event in calendar.walk())
    return ReadCalendar(str(calendar["METHOD"]), tuple(_of_icalendar(one) for one in calendar.walk("VEVENT")), wrong)


def _of_icalendar(event: Any) -> ReadEvent:
    return ReadEvent(
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        status=str(event["STATUS"]),
        start=event["DTSTART"].dt.astimezone(UTC),
        end=event["DTEND"].dt.astimezone(UTC),
        summary=str(event["SUMMARY"]),
        organizer=str(event["ORGANIZER"]),
    )


_SCRIPT = """
const ICAL = require(process.argv[1]);
const calendar = new ICAL.Component(ICAL.parse(require("fs").readFileSync(0, "utf8")));
const events = calendar.getAllSubcomponents("vevent").map((found) => {
  const event = new ICAL.Event(found);
  return {
    uid: event.uid, sequence: event.sequence, status: found.getFirstPropertyValue("status"),
    start: event.startDate.toUnixTime(), end: event.endDate.toUnixTime(), summary: event.summary,
    organizer: event.organizer,
  };
});
console.log(JSON.stringify({ method: calendar.getFirstPropertyValue("method"), events }));
"""


def in_javascript(content: bytes) -> ReadCalendar:
    """By ical.js, in the Node that Playwright brings."""
    if not ICAL_JS.exists():
        missing("ical.js")
    node = str(compute_driver_executable()[0])
    done = subprocess.run([node, "-e", _SCRIPT, str(ICAL_JS)], input=content, capture_output=True, check=True)
    read = json.loads(done.stdout)
    return ReadCalendar(
        read["method"],
        tuple(
            ReadEvent(**{**one, "start": _moment(one["start"]), "end": _moment(one["end"])}) for one in read["events"]
        ),
    )


def _moment(seconds: int) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


class _Time(ctypes.Structure):
    """struct icaltimetype."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "daylight")),
        ("zone", ctypes.c_void_p),
    )


_TEXTS = (
    "icalcomponent_get_uid",
    "icalcomponent_get_summary",
    "icalproperty_get_value_as_string",
    "icalproperty_method_to_string",
    "icalproperty_status_to_string",
)
_POINTERS = (
    "icalparser_parse_string",
    "icalcomponent_get_first_component",
    "icalcomponent_get_next_component",
    "icalcomponent_get_first_property",
    "icaltimezone_get_utc_timezone",
)


@cache
def _libical() -> Any:
    """The library; None where there is none."""
    try:
        library = ctypes.CDLL(LIBICAL)
    except OSError:
        return None
    for name in _TEXTS:
        getattr(library, name).restype = ctypes.c_char_p
    for name in _POINTERS:
        getattr(library, name).restype = ctypes.c_void_p
    for name in ("icalcomponent_get_dtstart", "icalcomponent_get_dtend"):
        getattr(library, name).restype = _Time
    library.icaltime_as_timet_with_zone.restype = ctypes.c_long
    library.icaltime_as_timet_with_zone.argtypes = (_Time, ctypes.c_void_p)
    return library


def in_c(content: bytes) -> ReadCalendar:
    """By libical, with its check of what RFC 5546 asks of each method."""
    library = _libical()
    if library is None:
        missing("libical")
    root = ctypes.c_void_p(library.icalparser_parse_string(ctypes.c_char_p(content)))
    assert root.value, "libical reads nothing at all"
    valid = library.icalrestriction_check(root)
    kind = library.icalcomponent_string_to_kind(b"VEVENT")
    events = []
    found = ctypes.c_void_p(library.icalcomponent_get_first_component(root, kind))
    while found.value:
        events.append(_of_libical(library, found))
        found = ctypes.c_void_p(library.icalcomponent_get_next_component(root, kind))
    method = library.icalproperty_method_to_string(library.icalcomponent_get_method(root)).decode()
    wrong = library.icalcomponent_count_errors(root) + (not valid)
    library.icalcomponent_free(root)
    return ReadCalendar(method, tuple(events), wrong)


def _of_libical(library: Any, event: ctypes.c_void_p) -> ReadEvent:
    organizer = library.icalproperty_string_to_kind(b"ORGANIZER")
    by = ctypes.c_void_p(library.icalcomponent_get_first_property(event, organizer))
    utc = ctypes.c_void_p(library.icaltimezone_get_utc_timezone())

    def moment(of: str) -> datetime:
        return _moment(library.icaltime_as_timet_with_zone(getattr(library, f"icalcomponent_get_{of}")(event), utc))

    return ReadEvent(
        uid=library.icalcomponent_get_uid(event).decode(),
        sequence=library.icalcomponent_get_sequence(event),
        status=library.icalproperty_status_to_string(library.icalcomponent_get_status(event)).decode(),
        start=moment("dtstart"),
        end=moment("dtend"),
        summary=library.icalcomponent_get_summary(event).decode(),
        organizer=library.icalproperty_get_value_as_string(by).decode() if by.value else "",
    )


PARSERS = {"python": in_python, "javascript": in_javascript, "c": in_c}

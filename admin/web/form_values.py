"""Days, times and numbers as a form sends them, brought to values. What is wrong is named by its field.

`field` is an English msgid, translated with the sentence. Knows no page.
"""

import re
from datetime import date, datetime, time

from storage.refusals import Invalid, Refused
from storage.timezone import to_utc
from storage.values.dates import read_date

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::00)?")
_NUMBER = re.compile(r"\d{1,6}")


def day(text: str, field: str) -> date:
    """A date as the browser's own field sends it, or typed in any notation. Raises Refused(Invalid)."""
    found = read_date(text.strip())
    if found is None or not 2000 <= found.year <= 2100:
        raise _wrong(text, field, "%(field)s is not a date: %(typed)s")
    return found


def clock(text: str, field: str) -> time:
    """`18:00` or `18.00`. Raises Refused(Invalid)."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise _wrong(text, field, "%(field)s is not a time: %(typed)s")
    return time(int(found[1]), int(found[2]))


def moment(text: str, zone: str, field: str) -> datetime:
    """`2026-11-10T19:00` or `10-11-2026 19:00` on the school's clock, as UTC. Raises Refused(Invalid) (rule 18)."""
    parts = text.strip().replace("T", " ").rsplit(" ", 1)
    if len(parts) != 2:
        raise _wrong(text, field, "%(field)s is not a date and a time: %(typed)s")
    return to_utc(datetime.combine(day(parts[0], field), clock(parts[1], field)), zone)


def number(text: str, field: str) -> int:
    """Digits alone. Raises Refused(Invalid)."""
    if not _NUMBER.fullmatch(text.strip()):
        raise _wrong(text, field, "%(field)s is not a whole number: %(typed)s")
    return int(text)


def number_or_none(text: str, field: str) -> int | None:
    """A whole number, or None where nothing was typed. Raises Refused(Invalid), which names the field."""
    return number(text, field) if text.strip() else None


def moment_or_none(text: str, zone: str, field: str) -> datetime | None:
    """A moment (UTC), or None where nothing was typed. Raises Refused(Invalid), which names the field."""
    return moment(text, zone, field) if text.strip() else None


def known_id(value: int) -> int:
    """An id that a row could have; any other becomes 0, which no row has."""
    return value if 0 < value < 2**31 else 0


def _wrong(text: str, field: str, message: str) -> Refused:
    if not text.strip():
        return Refused(Invalid("%(field)s is missing.", (("field", field),)))
    return Refused(Invalid(message, (("field", field), ("typed", text[:40]))))

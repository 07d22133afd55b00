"""A sheet of plannings, one row for each planning and day, to checked rows (D10, D11).

Times are the school's own wall clock, without a zone: whether they exist there is asked where slots are made.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from storage.importing.columns.recognition import PLANNING_FIELDS, checked, refuse_doubled
from storage.importing.columns.table import Read, table
from storage.importing.files.limits import Unreadable
from storage.importing.files.reading import Sheet
from storage.msgids import N_, pairs
from storage.values.dates import read_date
from storage.values.email_address import email
from storage.values.student_data import DUTCH_PREFIXES
from storage.values.text import BadCell, list_of, needed, tidy, whole_number

LONGEST_TALK = 120  # minutes
_TIME = re.compile(r"(\d{1,2})\s*[:.hu]\s*(\d{2})(?::\d{2})?(?:\s*(?:uur|h))?")
_BETWEEN_PEOPLE = re.compile(r"\s*[;&+]\s*|\s+/\s+|\s+(?:en|and)\s+", re.IGNORECASE)
_FRACTION = re.compile(r"0?[.,]\d+")  # Excel's part of a day, in a cell without a format


class PlanningRow(NamedTuple):
    """One planning on one day. `date`, `start`, `until`, `opens`… are naive local times of the school.

    With `break_after` = 4 and `break_minutes` = 10 there are ten minutes' break after every four talks.
    """

    line: int
    conference: str
    title: str
    teachers: tuple[str, ...]
    email: str
    groups: tuple[str, ...]
    room: str
    remarks: str
    opens: datetime
    opens_early: datetime | None
    closes: datetime
    date: date
    start: time
    until: time
    minutes: int
    break_after: int | None
    break_minutes: int | None


_MISSING = {
    "conference": N_("The conference is missing."),
    "title": N_("The title is missing."),
    "teachers": N_("The teacher is missing."),
    "groups": N_("The groups are missing."),
    "opens": N_("The moment on which sign-up opens is missing."),
    "closes": N_("The moment on which sign-up closes is missing."),
    "date": N_("The date is missing."),
    "from": N_("The time of the first talk is missing."),
    "until": N_("The time on which the last talk ends is missing."),
    "minutes": N_("The length of a talk is missing."),
}


def planning_rows(sheet: Sheet, mapping: Mapping[str, str]) -> Read[PlanningRow]:
    """Checked plannings and the errors of the rows that were refused. `mapping`: header → planning field.

    Raises Unreadable when the mapping itself is wrong or a needed field has no column.
    """
    refuse_doubled(sheet.doubled)
    chosen = checked(sheet.headers, mapping, PLANNING_FIELDS, sheet.doubled)
    absent = [name for name in _MISSING if name not in chosen.values()]
    if absent:
        raise Unreadable(N_("These columns are missing: %(columns)s."), (("columns", ", ".join(absent)),))
    plannings = table(sheet, chosen)
    columns = [plannings.check(name, _check(name), _BLANKS.get(name)) for name in PLANNING_FIELDS]
    rows = [PlanningRow(*values) for values in zip(plannings.lines, *columns, strict=True)]
    for place, row in enumerate(rows):
        if place not in plannings.refused:
            for name, reason in _contradictions(row):
                plannings.refuse(place, name, reason)
    return plannings.read(rows)


def _check(name: str) -> Callable[[str], Any]:
    return needed(_CHECKS[name], _MISSING[name]) if name in _MISSING else _CHECKS[name]


def _contradictions(row: PlanningRow) -> Iterator[tuple[str, str]]:
    if row.until <= row.start:
        yield "until", N_("The last talk ends before the first begins.")
    elif datetime.combine(row.date, row.start) + timedelta(minutes=row.minutes) > datetime.combine(row.date, row.until):
        yield "minutes", N_("Not one talk of this length fits between these times.")
    if row.closes <= row.opens:
        yield "closes", N_("Sign-up closes before it opens.")
    if row.opens_early and row.opens_early > row.opens:
        yield "opens_early", N_("Sign-up for large families opens later than for everyone.")
    if row.break_after and not row.break_minutes:
        yield "break_after", N_("The length of the break is missing.")
    if row.break_minutes and not row.break_after:
        yield "break_minutes", N_("After how many talks the break comes is missing.")


def short_text(text: str) -> str:
    """A text of one line, 120 characters at most. Raises BadCell."""
    return tidy(text, 120)


def remarks(text: str) -> str:
    """A text of several lines, 1000 characters at most. Raises BadCell."""
    return tidy(text, 1000, lines=True)


def names(text: str) -> tuple[str, ...]:
    """Teachers or groups, separated by commas; at least one. Raises BadCell."""
    found = list_of(text, 80)
    if not found:
        raise BadCell(N_("“%(value)s” holds no name."), pairs(value=text))
    return found


def teachers(text: str) -> tuple[str, ...]:
    """The people of a cell: `juf Anna en juf Bea`, `A & B`, `A / B` are two, `Wit, Anna de` is Anna de Wit.

    One name for two people would book each of them twice (rule 10). At least one. Raises BadCell.
    """
    found: list[str] = []
    for part in _BETWEEN_PEOPLE.split(text):
        last, _, first = (tidy(half, 80) for half in part.partition(","))
        given, _, prefix = first.partition(" ")
        turned = prefix.casefold() in DUTCH_PREFIXES and " " not in last
        found += [f"{given} {prefix} {last}"] if turned else names(part) if part.strip(" ,") else []
    if not found:
        raise BadCell(N_("“%(value)s” holds no name."), pairs(value=text))
    return tuple(dict.fromkeys(found))


def day(text: str) -> date:
    """`2026-11-24`, `24-11-2026` or another notation of a day of this century. Raises BadCell."""
    found = read_date(tidy(text, 60))
    if found is None or found.year < 2000:
        raise BadCell(N_("“%(value)s” is not a date, such as 2026-11-24."), pairs(value=text))
    return found


def clock_time(text: str) -> time:
    """`19:00`, `19.00`, `19u30`, or Excel's part of a day. Raises BadCell."""
    found = tidy(text, 30).lower()
    try:
        if match := _TIME.fullmatch(found):
            return time(int(match[1]), int(match[2]))
        if _FRACTION.fullmatch(found):
            minutes = round(float(found.replace(",", ".")) * 24 * 60)
            return time(minutes // 60, minutes % 60)
    except ValueError:
        pass
    raise BadCell(N_("“%(value)s” is not a time, such as 19:00."), pairs(value=text))


def moment(text: str) -> datetime:
    """A day and a time, `2026-11-10 19:00`; a day alone is refused, for which end of it is meant? Raises BadCell."""
    found = tidy(text, 60)
    day_text, _, time_text = found.replace("T", " ").rpartition(" ")
    try:
        return datetime.combine(day(day_text), clock_time(time_text))
    except BadCell:
        raise BadCell(
            N_("“%(value)s” is not a date and a time, such as 2026-11-10 19:00."), pairs(value=text)
        ) from None


def number(text: str) -> int | None:
    """A whole number from 1 to 120; None for ''. Raises BadCell."""
    found = whole_number(tidy(text, 40))
    if not found:
        return None
    if not (found.isascii() and found.isdigit()) or not 1 <= int(found) <= LONGEST_TALK:
        raise BadCell(N_("“%(value)s” is not a whole number from 1 to %(most)s."), pairs(value=text, most=LONGEST_TALK))
    return int(found)


def _moment_or_none(text: str) -> datetime | None:
    return moment(text) if text.strip() else None


_CHECKS: dict[str, Callable[[str], Any]] = {
    "conference": short_text, "title": short_text, "teachers": teachers, "email": email, "groups": names,
    "room": short_text, "remarks": remarks, "opens": moment, "opens_early": _moment_or_none, "closes": moment,
    "date": day, "from": clock_time, "until": clock_time, "minutes": number, "break_after": number,
    "break_minutes": number,
}  # fmt: skip
_BLANKS: dict[str, Any] = {"email": "", "room": "", "remarks": ""}

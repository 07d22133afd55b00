"""A sheet of students to checked rows (rules 26–29): what each field may be, and the sentence when it is not.

Reads no forbidden column, changes nothing, knows no database.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import repeat
from zoneinfo import ZoneInfo

from storage.importing.columns.recognition import STUDENT_FIELDS, checked
from storage.importing.columns.table import Read, Table, table
from storage.importing.files.limits import RowError, Unreadable
from storage.importing.files.reading import Row, Sheet
from storage.importing.students.joining import joined
from storage.importing.students.student_row import StudentRow
from storage.msgids import N_, Values, pairs
from storage.values.email_address import USUAL_EMAIL, emails
from storage.values.group_names import groups
from storage.values.person_names import surname
from storage.values.student_data import (
    DUTCH_PREFIXES,
    NO_FIRST_NAME,
    birth_date,
    day,
    house_number,
    official_names,
    person_name,
    phone,
    postcode,
    split_last_name,
    student_number,
)
from storage.values.text import tidy

_NAMES = ("first_name", "last_name", "call_name")
NO_GROUPS: tuple[str, ...] = ()
_NO_COLUMN = {
    "first_name": N_("No column holds the first name."),
    "last_name": N_("No column holds the last name."),
    "group": N_("No column holds the group."),
}
_COUNTED = re.compile(r"(?:sub)?tota(?:al|len|l)\b|aantal\b|count\b|sum\b", re.IGNORECASE)
_USUAL_NUMBER = re.compile(r"[0-9A-Za-z]{1,32}")
_USUAL_PHONE = re.compile(r"0\d{1,3}-?\d{6,8}", re.ASCII)


def student_rows(sheet: Sheet, mapping: Mapping[str, str], today: date, zone: str) -> Read[StudentRow]:
    """Checked students, the errors of the rows that were refused, and remarks about the rest (rule 26).

    `mapping`: header → student field. `today` is the day of the school's time `zone`: nobody is born after it. Rows of
    one child that say nothing different of it are one. Raises Unreadable when the mapping itself is wrong or a needed
    field (first name, last name, group) has no column.
    """
    chosen = checked(sheet.headers, mapping, STUDENT_FIELDS, sheet.doubled)
    fields = set(chosen.values())
    if fields & {"first_name", "call_name"} == {"call_name"}:
        chosen = {header: "first_name" if to == "call_name" else to for header, to in chosen.items()}
        fields = set(chosen.values())
    for name, reason in _NO_COLUMN.items():
        if name not in fields:
            raise Unreadable(reason)
    own = ZoneInfo(zone)
    sheet, passed = _without_others(sheet, chosen, today, own)
    sheet_table = table(sheet, chosen)
    columns = _columns(sheet_table, today, own)
    # What StudentRow(*values) does, 50,000 times, without its Python frame.
    rows = map(tuple.__new__, repeat(StudentRow), zip(*columns, strict=True))
    read = joined(sheet_table.read(rows))
    remarks = sorted((*sheet.passed, *passed, *read.remarks), key=lambda remark: remark.line)
    return replace(read, fields=read.fields - {"leaves"}, remarks=tuple(remarks))


def _without_others(
    sheet: Sheet, chosen: Mapping[str, str], today: date, zone: ZoneInfo
) -> tuple[Sheet, list[RowError]]:
    """The sheet without rows that are no child of the school: totals, remarks below the list, and who has left it."""
    names = [place for place, header in enumerate(sheet.headers) if chosen.get(header) in _NAMES]
    leaves = [place for place, header in enumerate(sheet.headers) if chosen.get(header) == "leaves"]
    passed: list[RowError] = []
    kept: list[Row] = []
    for row in sheet.rows:
        reason = None
        cells = row.cells
        if leaves and cells[leaves[0]].strip():
            reason = _has_left(cells[leaves[0]], today, zone)
        named = all(cells[place].strip() for place in names if place < len(cells))
        if reason is None and (not named or _COUNTED.match(cells[0])):
            reason = _no_child(cells, names)
        if reason is None:
            kept.append(row)
        else:
            passed.append(RowError(row.line, None, *reason))
    return (replace(sheet, rows=tuple(kept)) if passed else sheet), passed


def _has_left(cell: str, today: date, zone: ZoneInfo) -> tuple[str, Values] | None:
    left = day(cell.strip(), zone)
    if left is None or left > today:
        return None
    return N_("Left the school on %(value)s: passed over."), pairs(value=left)


def _no_child(cells: Sequence[str], names: Sequence[int]) -> tuple[str, Values] | None:
    filled = [cell.strip() for cell in cells if cell.strip()]
    nameless = not any(cells[place].strip() for place in names if place < len(cells))
    if (nameless and len(filled) <= 2) or (len(filled) <= 2 < len(cells) and _COUNTED.match(filled[0])):
        return N_("Passed over, for it is no student: “%(value)s”."), pairs(value=" ".join(filled)[:80])
    if len(filled) == 1 and len(cells) > 2:
        return N_("Passed over, for it is no student: “%(value)s”."), pairs(value=filled[0][:80])
    return None


def _columns(sheet: Table, today: date, zone: ZoneInfo) -> tuple[Sequence[object], ...]:
    """The columns of StudentRow, in its order."""
    call_names = sheet.check("call_name", person_name, "", optional=True)
    first_names, (prefixes, last_names) = _first_names(sheet, call_names), _last_names(sheet)
    _name_somehow(sheet, first_names, prefixes, last_names)
    return (
        sheet.lines,
        first_names,
        prefixes,
        last_names,
        sheet.check("postcode", postcode, "", optional=True),
        sheet.check("house_number", house_number, "", optional=True),
        sheet.check("birth_date", partial(birth_date, today=today, zone=zone), None, optional=True),
        sheet.check("student_number", student_number, "", _USUAL_NUMBER, optional=True),
        sheet.check("group", groups, NO_GROUPS),
        sheet.check("email", _emails, "", USUAL_EMAIL, optional=True),
        sheet.check("phone", phone, "", _USUAL_PHONE, optional=True),
        call_names,
    )


def _first_names(sheet: Table, call_names: list[str]) -> list[str]:
    if "call_name" not in sheet.places:
        return sheet.check("first_name", person_name, "")
    names = sheet.check("first_name", official_names if all(call_names) else person_name, "")
    return [name or call_name for name, call_name in zip(names, call_names, strict=True)]


def _name_somehow(sheet: Table, first_names: list[str], prefixes: list[str], last_names: list[str]) -> None:
    """A child with one name is called by it, whichever column it stands in; without any name it is no child."""
    if "" not in first_names and "" not in last_names:
        return
    for row, (name, last_name) in enumerate(zip(first_names, last_names, strict=True)):
        if row in sheet.refused or (name and last_name):
            continue
        if not name and not last_name:
            sheet.refuse(row, "first_name", NO_FIRST_NAME)
            continue
        if not name:
            first_names[row] = surname(prefixes[row], last_name)
            prefixes[row] = last_names[row] = ""
        reason = N_("One name only: the child comes in as “%(value)s”.")
        sheet.remark(row, "last_name", reason, pairs(value=first_names[row]))


def _last_names(sheet: Table) -> tuple[list[str], list[str]]:
    apart = sheet.check("last_name", split_last_name, ("", ""))
    prefixes, last_names = [found for found, _ in apart], [last for _, last in apart]
    if "prefix" not in sheet.places:
        return prefixes, last_names
    given = sheet.check("prefix", _prefix, "", optional=True)
    for row, found in enumerate(prefixes):
        if found and given[row]:
            given[row], last_names[row] = _with_prefix(given[row], found, last_names[row])
        elif found:
            given[row] = found
    return given, last_names


def _emails(text: str) -> str:
    """Addresses, also on lines of their own in the cell. Raises BadCell, LeftOut."""
    return emails(";".join(text.splitlines()))


def _prefix(text: str) -> str:
    """What stands between the names. Raises BadCell."""
    found = tidy(text, 25)
    return found if any(map(str.isalpha, found)) else ""


def _with_prefix(given: str, found: str, last_name: str) -> tuple[str, str]:
    """A prefix in its own column, and what stood before the last name: the same one, its end, or another."""
    small, end = given.casefold(), found.casefold()
    if small == end or small.endswith(f" {end}"):
        return given, last_name
    if f"{small} {end}" in DUTCH_PREFIXES:
        return f"{given} {found}", last_name
    return given, f"{found} {last_name}"

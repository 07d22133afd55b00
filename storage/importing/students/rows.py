"""A sheet of students to checked rows (rules 26–29): what each field may be, and the sentence when it is not.

Reads no forbidden column, changes nothing, knows no database.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from itertools import repeat

from storage.importing.columns.recognition import STUDENT_FIELDS, checked
from storage.importing.columns.table import Read, Table, table
from storage.importing.files.limits import Unreadable
from storage.importing.files.reading import Sheet
from storage.importing.students.student_row import StudentRow
from storage.msgids import N_
from storage.values.email_address import USUAL_EMAIL, email
from storage.values.student_data import (
    DUTCH_PREFIXES,
    NO_FIRST_NAME,
    NO_GROUP,
    NO_LAST_NAME,
    birth_date,
    groups,
    house_number,
    person_name,
    phone,
    postcode,
    split_last_name,
    student_number,
)
from storage.values.text import needed, tidy

NO_GROUPS: tuple[str, ...] = ()
_NO_COLUMN = {
    "first_name": N_("No column holds the first name."),
    "last_name": N_("No column holds the last name."),
    "group": N_("No column holds the group."),
}
_USUAL_NUMBER = re.compile(r"[0-9A-Za-z]{1,32}")
_USUAL_PHONE = re.compile(r"0\d{1,3}-?\d{6,8}", re.ASCII)


def student_rows(sheet: Sheet, mapping: Mapping[str, str], today: date) -> Read[StudentRow]:
    """Checked students and the errors of the rows that were refused. `mapping`: header → student field.

    `today` is the school's day: nobody is born after it. Raises Unreadable when the mapping itself is wrong
    or a needed field (first name, last name, group) has no column.
    """
    chosen = checked(sheet.headers, mapping, STUDENT_FIELDS, sheet.doubled)
    fields = set(chosen.values())
    if fields & {"first_name", "call_name"} == {"call_name"}:
        chosen = {header: "first_name" if to == "call_name" else to for header, to in chosen.items()}
        fields = set(chosen.values())
    for name, reason in _NO_COLUMN.items():
        if name not in fields:
            raise Unreadable(reason)
    sheet_table = table(sheet, chosen)
    columns = _columns(sheet_table, today)
    # What StudentRow(*values) does, 50,000 times, without its Python frame.
    rows = map(tuple.__new__, repeat(StudentRow), zip(*columns, strict=True))
    return sheet_table.read(rows)


def _columns(sheet: Table, today: date) -> tuple[Sequence[object], ...]:
    """The columns of StudentRow, in its order."""
    prefixes, last_names = _last_names(sheet)
    call_names = sheet.check("call_name", person_name, "")
    return (
        sheet.lines,
        _first_names(sheet, call_names),
        prefixes,
        last_names,
        sheet.check("postcode", postcode, ""),
        sheet.check("house_number", house_number, ""),
        sheet.check("birth_date", partial(birth_date, today=today), None),
        sheet.check("student_number", student_number, "", _USUAL_NUMBER),
        sheet.check("group", needed(groups, NO_GROUP), NO_GROUPS),
        sheet.check("email", email, "", USUAL_EMAIL),
        sheet.check("phone", phone, "", _USUAL_PHONE),
        call_names,
    )


def _first_names(sheet: Table, call_names: list[str]) -> list[str]:
    if "call_name" not in sheet.places:
        return sheet.check("first_name", needed(person_name, NO_FIRST_NAME), "")
    names = sheet.check("first_name", person_name, "")
    names = [name or call_name for name, call_name in zip(names, call_names, strict=True)]
    if "" in names:
        for row, name in enumerate(names):
            if not name and row not in sheet.refused:
                sheet.refuse(row, "first_name", NO_FIRST_NAME)
    return names


def _last_names(sheet: Table) -> tuple[list[str], list[str]]:
    apart = sheet.check("last_name", needed(split_last_name, NO_LAST_NAME), ("", ""))
    prefixes, last_names = [found for found, _ in apart], [last for _, last in apart]
    if "prefix" not in sheet.places:
        return prefixes, last_names
    given = sheet.check("prefix", lambda text: tidy(text, 25), "")
    for row, found in enumerate(prefixes):
        if found and given[row]:
            given[row], last_names[row] = _with_prefix(given[row], found, last_names[row])
        elif found:
            given[row] = found
    return given, last_names


def _with_prefix(given: str, found: str, last_name: str) -> tuple[str, str]:
    """A prefix in its own column, and what stood before the last name: the same one, its end, or another."""
    small, end = given.casefold(), found.casefold()
    if small == end or small.endswith(f" {end}"):
        return given, last_name
    if f"{small} {end}" in DUTCH_PREFIXES:
        return f"{given} {found}", last_name
    return given, f"{found} {last_name}"

"""The talks as a workbook: one sheet with everything, then one for each teacher (D17).

Every text is written as text, so that a name which begins with `=` is a name (rule 28, S9). Dates and times are real
ones, on the school's wall clock. Knows no session.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from messages.text import Words
from storage.booking.exporting import ExportRow
from storage.moments import to_local

Value = str | date | time

LONGEST_CELL = 32_000  # Excel's own limit is 32,767
LONGEST_SHEET_NAME = 31
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class _Column:
    header: str
    width: int  # in characters
    format: str = "@"


def write_workbook(rows: Sequence[ExportRow], words: Words, zone: str) -> bytes:
    """An .xlsx file of these rows, its headers in the language of `words`."""
    book = Workbook(write_only=True)
    names: set[str] = set()
    _write_sheet(book, _sheet_name(words.say("All talks"), names), rows, words, zone)
    teachers = sorted({teacher for row in rows for teacher in row.teachers}, key=str.casefold)
    for teacher in teachers:
        own = [row for row in rows if teacher in row.teachers]
        _write_sheet(book, _sheet_name(teacher, names), own, words, zone)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _columns(words: Words) -> tuple[_Column, ...]:
    return (
        _Column(words.say("Date"), 12, "dd-mm-yyyy"),
        _Column(words.say("From"), 8, "hh:mm"),
        _Column(words.say("Until"), 8, "hh:mm"),
        _Column(words.say("Conference"), 20),
        _Column(words.say("Planning"), 20),
        _Column(words.say("Teachers"), 22),
        _Column(words.say("Room"), 12),
        _Column(words.say("First name"), 14),
        _Column(words.say("Prefix"), 10),
        _Column(words.say("Last name"), 18),
        _Column(words.say("Group"), 12),
        _Column(words.say("Student number"), 14),
        _Column(words.say("Family"), 18),
        _Column(words.say("E-mail"), 28),
        _Column(words.say("Phone"), 16),
    )


def _values(row: ExportRow, words: Words, zone: str) -> tuple[Value, ...]:
    start, end = to_local(row.start, zone), to_local(row.end, zone)
    family = row.family + (f" ({words.say('blocked')})" if row.family_blocked else "")
    return (
        start.date(),
        _minute(start),
        _minute(end),
        row.conference,
        row.planning,
        ", ".join(row.teachers),
        row.room,
        row.first_name,
        row.prefix,
        row.last_name,
        ", ".join(row.groups),
        row.student_number,
        family,
        row.email,
        row.phone,
    )


def _minute(moment: datetime) -> time:
    return moment.time().replace(second=0, microsecond=0)


def _write_sheet(book: Workbook, name: str, rows: Iterable[ExportRow], words: Words, zone: str) -> None:
    columns = _columns(words)
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.append([_header(sheet, column) for column in columns])
    count = 1
    for row in rows:
        values = zip(_values(row, words, zone), columns, strict=True)
        sheet.append([_cell(sheet, value, column.format) for value, column in values])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count}"


def _header(sheet: Any, column: _Column) -> Any:
    cell = _cell(sheet, column.header, "@")
    cell.font = Font(bold=True)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _cell(sheet: Any, value: Value, number_format: str) -> Any:
    """A cell. Text is always text: openpyxl would make a formula of what begins with `=`."""
    cell: Any
    if not isinstance(value, str):
        moment: Any = value  # its types do not know of dates and times without the other
        cell = WriteOnlyCell(sheet, moment)
    else:
        text = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", value)[:LONGEST_CELL]
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"
        if text.startswith(_FORMULA_BEGINS):
            cell.quotePrefix = True  # stays text when somebody edits it in Excel
    cell.number_format = number_format
    return cell


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes: at most 31 characters, none of its forbidden ones, no two alike. Adds it to `taken`."""
    base = _NOT_IN_SHEET_NAMES.sub(" ", wanted).strip().strip("'").strip()[:LONGEST_SHEET_NAME] or "-"
    if base.casefold() == "history":  # Excel keeps this one for itself
        base = "History -"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        ending = f" ({number})"
        name = base[: LONGEST_SHEET_NAME - len(ending)] + ending
    taken.add(name.casefold())
    return name

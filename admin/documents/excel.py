"""Lists as a workbook, a sheet for each (D17).

Every text is written as text, so that a name which begins with `=` is a name (rule 28, G9). Dates and times are real
ones. Knows no session.
"""

import io
import re
from collections.abc import Sequence
from datetime import date, time
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from admin.documents.cell_text import begins_formula, storable
from admin.documents.list_columns import Listing, Value, talks_by_teacher
from messages.text import Words
from storage.lists.talk_list import ExportRow

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_000  # Excel's own limit is 32,767
LONGEST_SHEET_NAME = 31
NARROWEST, WIDEST = 6, 40  # characters
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]")


def write_workbook(rows: Sequence[ExportRow], words: Words, zone: str, teachers: Sequence[str] | None = None) -> bytes:
    """An .xlsx file of all these talks and of each teacher's, its headers in the language of `words`."""
    return write_lists(talks_by_teacher(words.say("All talks"), rows, words, zone, teachers))


def write_lists(lists: Sequence[Listing]) -> bytes:
    """An .xlsx file with a sheet for each list; at least one is needed."""
    book = Workbook(write_only=True)
    names: set[str] = set()
    for one in lists:
        _write_sheet(book, _sheet_name(one.name, names), one)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _write_sheet(book: Workbook, name: str, listing: Listing) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4  # inches
    sheet.print_title_rows = "1:1"
    for number, width in enumerate(_widths(listing), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_header(sheet, header) for header in listing.headers])
    pens = [_Pen(sheet) for _ in listing.headers]
    for row in listing.rows:
        sheet.append([pen.write(value) for pen, value in zip(pens, row, strict=True)])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(listing.headers))}{len(listing.rows) + 1}"


def _widths(listing: Listing) -> list[int]:
    """What each column needs: its longest text, and beside its header the filter's button."""
    columns = zip(listing.headers, *listing.rows, strict=True)
    needed = ((len(header) + 4, *map(_length, values)) for header, *values in columns)
    return [min(max(*lengths, NARROWEST), WIDEST) for lengths in needed]


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value) + 1
    return 12 if isinstance(value, date) else 7


def _header(sheet: Any, text: str) -> Any:
    cell = _Pen(sheet).write(text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(vertical="top")
    return cell


class _Pen:
    """Writes one column, its cells one after another in the same object: styling each costs more than all the rest."""

    def __init__(self, sheet: Any) -> None:
        self._day, self._time = _styled(sheet, "dd-mm-yyyy"), _styled(sheet, "hh:mm")
        self._text, self._quoted = _styled(sheet, "@"), _styled(sheet, "@")
        self._quoted.quotePrefix = True  # stays text when somebody edits it in Excel

    def write(self, value: Value) -> Any:
        """The cell, good until the next is written. Text is text: openpyxl would make formulas of what begins so."""
        if isinstance(value, date | time):
            moment = self._day if isinstance(value, date) else self._time
            moment.value = value
            return moment
        text = storable(value)[:LONGEST_CELL]
        cell = self._quoted if begins_formula(text) else self._text
        cell.value = text
        cell.data_type = "s"
        return cell


def _styled(sheet: Any, number_format: str) -> Any:
    cell = WriteOnlyCell(sheet)
    cell.number_format = number_format
    return cell


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes: at most 31 characters, none of its forbidden ones, no two alike. Adds it to `taken`."""
    base = _cut(_NOT_IN_SHEET_NAMES.sub(" ", wanted), LONGEST_SHEET_NAME) or "-"
    if base.casefold() == "history":  # Excel keeps this one for itself
        base = "History -"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        ending = f" ({number})"
        name = _cut(base, LONGEST_SHEET_NAME - len(ending)) + ending
    taken.add(name.casefold())
    return name


def _cut(text: str, most: int) -> str:
    """At most `most` of what Excel counts, which is UTF-16, without a space or an apostrophe at either end."""
    kept = text.strip(" '").encode("utf-16-le")[: most * 2].decode("utf-16-le", "ignore")
    return kept.strip(" '")

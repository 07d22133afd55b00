"""The program that opens one XLSX, in a process of its own under a memory and a time limit (rule 27).

Run by spreadsheets.py as `python -m storage.importing.files.workbook`: limits (JSON, one line) and the file on
standard input, one JSON object on standard output. Must never be imported by the server: a hostile file may
take this process down, and nothing else.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.styles.numbers import is_datetime
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from storage.importing.files.limits import MEGABYTE, Limits, Unreadable
from storage.importing.files.sandbox import answer_in_sandbox, refused
from storage.msgids import N_, pairs

NOT_A_WORKBOOK = N_("This is not an Excel workbook that can be read. Save it as .xlsx or as CSV.")
TOO_LARGE = N_("This workbook is too large when it is unpacked.")
_MOST_TEXT = 30 * MEGABYTE
_FORBIDDEN_XML = tuple(
    word.encode(encoding) for word in ("<!DOCTYPE", "<!ENTITY") for encoding in ("utf-8", "utf-16-le", "utf-16-be")
)
_ZEROS = re.compile(r"0{2,20}")


def check_archive(data: bytes, limits: Limits) -> None:
    """Refuse a zip that unpacks too large, holds too much, or declares a DTD. Raises Unreadable."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len(members) > limits.members:
            raise Unreadable(
                N_("This workbook holds %(members)s parts; %(most)s is the most."),
                pairs(members=len(members), most=limits.members),
            )
        # A member can never unpack to more than it declares: zipfile stops there and the checksum fails.
        unzipped = sum(member.file_size for member in members)
        if unzipped > limits.unzipped or unzipped > limits.ratio * max(len(data), 1):
            raise Unreadable(TOO_LARGE)
        names = {member.filename for member in members}
        if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
            raise Unreadable(NOT_A_WORKBOOK)
        for member in members:
            if member.file_size > max(limits.ratio * member.compress_size, MEGABYTE):
                raise Unreadable(TOO_LARGE)
            if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                _refuse_declarations(archive, member)


def _refuse_declarations(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    tail = b""
    with archive.open(member) as part:
        while chunk := part.read(256 * 1024):
            seen = tail + chunk
            if any(word in seen for word in _FORBIDDEN_XML):
                raise Unreadable(N_("This workbook declares a document type of its own; that is not allowed."))
            tail = seen[-32:]


def sheets_of(data: bytes, limits: Limits) -> list[tuple[str, list[tuple[int, list[str]]]]]:
    """(title, rows) of each visible sheet with content; of a row that is not empty its line, and its cells as text."""
    if _strict(data):
        return _sheets_of_strict(data, limits)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    found: list[tuple[str, list[tuple[int, list[str]]]]] = []
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            sheet.reset_dimensions()  # what the file says about its size may be a lie
            _keep(found, sheet.title, _rows(sheet, limits))
    return found


def _strict(data: bytes) -> bool:
    """Whether it is a "Strict Open XML" workbook: to openpyxl 3.1 such a file has no sheets at all."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            return b"purl.oclc.org/ooxml/spreadsheetml" in archive.read("xl/workbook.xml")
        except KeyError:
            return False


def _sheets_of_strict(data: bytes, limits: Limits) -> list[tuple[str, list[tuple[int, list[str]]]]]:
    """The same by another reader, which knows values and no formats: zeros that only a format shows are lost."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    found: list[tuple[str, list[tuple[int, list[str]]]]] = []
    for about in book.sheets_metadata:
        if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet:
            rows = book.get_sheet_by_name(about.name).to_python(skip_empty_area=False)
            _keep(found, about.name, _filled(([_text(value, None) for value in row] for row in rows), limits))
    return found


def _keep(
    found: list[tuple[str, list[tuple[int, list[str]]]]], title: str, rows: Iterator[tuple[int, list[str]]]
) -> None:
    if filled := list(rows):
        found.append((title, filled))


def _filled(rows: Iterator[list[str]], limits: Limits) -> Iterator[tuple[int, list[str]]]:
    for line, cells in enumerate(rows, start=1):
        del cells[limits.columns + 1 :]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield line, cells


def _rows(sheet: Any, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    found = written = 0
    nothing: tuple[Any, ...] = ()
    for line, row in enumerate(sheet.iter_rows(max_col=limits.columns + 1), start=1):
        if row is nothing:  # openpyxl fills a gap, of a million rows if need be, with one and the same row
            continue
        cells = [as_text(cell) for cell in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            nothing = row
            continue
        found += 1
        written += sum(map(len, cells))
        if written > _MOST_TEXT:
            raise Unreadable(TOO_LARGE)
        yield line, cells
        if found > limits.rows + 1:  # the reader refuses it; no need to go on
            return


def as_text(cell: Any) -> str:
    """A cell the way a person sees it: dates as 2014-05-03, 1234.0 as 1234, zeros that its format shows."""
    return _text(cell.value, cell.number_format if cell.value is not None else None)


def _text(value: Any, number_format: str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, number_format)
    if isinstance(value, datetime):
        return _moment(value, number_format)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes") if not value.second else value.isoformat("seconds")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return str(value)


def _number(value: int | float, number_format: str | None) -> str:
    if isinstance(value, float):
        if not value.is_integer() or abs(value) >= 1e15:
            return format(value, ".15g")
        value = int(value)
    text = str(value)
    if number_format and _ZEROS.fullmatch(number_format):
        return text.zfill(len(number_format))
    return text


def _moment(value: datetime, number_format: str | None) -> str:
    # Excel counts days in binary fractions: 19:00 comes back as 18:59:59.999.
    value = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    if (value.hour, value.minute, value.second) == (0, 0, 0) and is_datetime(number_format or "") == "date":
        return value.date().isoformat()
    return value.strftime("%Y-%m-%d %H:%M:%S" if value.second else "%Y-%m-%d %H:%M")


def _answer(data: bytes, limits: Limits) -> dict[str, Any]:
    try:
        check_archive(data, limits)
        return {"rows": sheets_of(data, limits)}
    except Unreadable as refusal:
        return refused(refusal)
    except MemoryError:
        return refused(Unreadable(TOO_LARGE))
    except Exception:  # openpyxl answers a broken file with almost any exception
        return refused(Unreadable(NOT_A_WORKBOOK))


if __name__ == "__main__":
    answer_in_sandbox(_answer)

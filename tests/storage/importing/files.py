"""Files as schools upload them, made in memory."""

import io
import os
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

LONG = os.environ.get("TIENMINUTEN_LONG") == "1"


def many(quick: int, long: int) -> int:
    """How many examples: the quick form in each run, the long one with TIENMINUTEN_LONG=1."""
    return long if LONG else quick


def csv_file(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def workbook(rows: Sequence[Sequence[Any]], formats: dict[str, str] | None = None) -> bytes:
    """An XLSX of one sheet; `formats`: cell (as "D4") → number format."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    return saved(book)


def saved(book: Workbook) -> bytes:
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    """The same zip with one member added or replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return made.getvalue()

"""A sheet as bytes, to be kept between the steps of an import: a workbook or EDEXML is opened once, and apart.

What may not be stored is not kept here either: the cells of such columns are left behind, their headers stay (rule 29).
"""

import json

from storage.importing.columns.recognition import forbidden
from storage.importing.files.limits import RowError
from storage.importing.files.reading import Row, Sheet


def pack(sheet: Sheet) -> bytes:
    """A sheet as JSON, without the values of columns that must not be stored (rule 29)."""
    away = {place for place, header in enumerate(sheet.headers) if forbidden(header)}
    rows = [
        [row.line, ["" if place in away else cell for place, cell in enumerate(row.cells)] if away else row.cells]
        for row in sheet.rows
    ]
    passed = [[one.line, one.reason, one.values] for one in sheet.passed]
    around = [sheet.kind, sorted(sheet.doubled), passed, sheet.header_line, sheet.tabs]
    return json.dumps([sheet.headers, rows, *around]).encode()


def unpack(data: bytes) -> Sheet:
    """The sheet that `pack` was given, but for what it left out."""
    headers, rows, kind, doubled, passed, header_line, tabs = json.loads(data)
    return Sheet(
        tuple(headers),
        tuple(Row(line, tuple(cells)) for line, cells in rows),
        "utf-8",
        "",
        kind,
        frozenset(doubled),
        tuple(RowError(line, None, reason, tuple(map(tuple, values))) for line, reason, values in passed),
        header_line,
        tuple((name, line) for name, line in tabs),
    )

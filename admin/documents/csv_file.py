"""A list as CSV, as a Dutch Excel opens it at a double click (D17): semicolons, UTF-8 with its mark, Dutch dates.

A text that a spreadsheet would take for a formula gets an apostrophe before it (rule 28, G9).
"""

import csv
import io
from datetime import date, time

from admin.documents.cell_text import begins_formula, storable
from admin.documents.list_columns import Listing, Value

CSV = "text/csv; charset=utf-8"


def write_csv(listing: Listing) -> bytes:
    """The bytes of the file."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, delimiter=";", lineterminator="\r\n")
    rows.writerow([_text(header) for header in listing.headers])
    rows.writerows([_text(value) for value in row] for row in listing.rows)
    return written.getvalue().encode("utf-8-sig")


def _text(value: Value) -> str:
    if isinstance(value, date):
        return f"{value:%d-%m-%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    text = storable(value)
    return f"'{text}" if begins_formula(text) else text

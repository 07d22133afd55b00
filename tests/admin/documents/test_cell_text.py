"""What a spreadsheet would calculate with is the same in a CSV as in a workbook (rule 28, G9)."""

import csv
import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from admin.documents.csv_file import write_csv
from admin.documents.excel import write_lists
from admin.documents.list_columns import Listing

ROOT = Path(__file__).parents[3]
SIGNS = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize("sign", SIGNS)
def test_both_kinds_of_file_mind_the_same_signs(sign: str) -> None:
    """The wide ones once went into a workbook as if nobody would calculate with them."""
    text = f"{sign}1+1"
    listing = Listing("L", ("Name",), ((text,),))
    cell = load_workbook(io.BytesIO(write_lists([listing])))["L"]["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    [_, [told]] = csv.reader(io.StringIO(write_csv(listing).decode("utf-8-sig"), newline=""), delimiter=";")
    assert told == f"'{text}"


def test_a_name_is_left_as_it_is() -> None:
    listing = Listing("L", ("Name",), (("Sanne = lief",),))
    cell = load_workbook(io.BytesIO(write_lists([listing])))["L"]["A2"]
    assert (cell.value, cell.quotePrefix) == ("Sanne = lief", False)
    assert "\r\nSanne = lief\r\n" in write_csv(listing).decode("utf-8-sig")


def test_the_signs_stand_in_one_file() -> None:
    listed = re.compile(r'"=", "\+"')
    found = [path.name for path in (ROOT / "admin").rglob("*.py") if listed.search(path.read_text(encoding="utf-8"))]
    assert found == ["cell_text.py"]

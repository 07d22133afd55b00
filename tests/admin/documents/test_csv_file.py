"""Lists as CSV, read back as a Dutch Excel would (D17, rule 28, G9)."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.documents import list_columns
from admin.documents.csv_file import write_csv
from admin.documents.list_columns import Listing
from messages.text import words
from tests.admin.documents.test_excel import SANNE, ZONE


def read(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_talk_with_dutch_dates_and_every_letter() -> None:
    yilmaz = replace(SANNE, first_name="Şükrü", last_name="Yılmaz; de jongere", prefix="")
    content = write_csv(list_columns.talks("Alles", [yilmaz], words("nl"), ZONE))
    header, row = read(content)
    assert header[:3] == ["Datum", "Van", "Tot"]
    assert row[:4] == ["24-11-2026", "18:00", "18:10", "Herfstgesprekken"]
    assert row[7:12] == ["Şükrü", "", "Yılmaz; de jongere", "groep 4, plusklas", "007"]
    assert content.endswith(b"\r\n")


@pytest.mark.parametrize("name", ["=1+1", "+31 6", "-2", "@SUM(A1)", "\t=1", "\n=1", "=", '=HYPERLINK("x")'])
def test_a_name_that_looks_like_a_formula_is_a_name(name: str) -> None:
    (_, row) = read(write_csv(Listing("x", ("Naam", "Groep"), ((name, "4"),))))
    assert row == [f"'{name}", "4"]


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_no_text_whatever_begins_a_formula_or_a_row_too_many(rows: list[tuple[str, str]]) -> None:
    found = read(write_csv(Listing("x", ("a", "b"), tuple(rows))))
    assert [len(row) for row in found] == [2] * (len(rows) + 1)
    assert not any(cell[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} for row in found for cell in row if cell)

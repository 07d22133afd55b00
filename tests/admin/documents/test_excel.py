"""The workbook of talks, read back as Excel would (D17, rule 28, G9)."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from openpyxl import load_workbook

from admin.documents.excel import write_workbook
from messages.text import words
from storage.lists.talk_list import ExportRow

ZONE = "Europe/Amsterdam"
SANNE = ExportRow(
    start=datetime(2026, 11, 24, 17, 0, tzinfo=UTC),
    end=datetime(2026, 11, 24, 17, 10, tzinfo=UTC),
    conference="Herfstgesprekken",
    planning="Groep 4",
    teachers=("juf Noor",),
    room="lokaal 3",
    first_name="Sanne",
    prefix="de",
    last_name="Vries",
    groups=("groep 4", "plusklas"),
    student_number="007",
    family="de Vries",
    family_blocked=False,
    email="devries@example.org",
    phone="030 123 45 67",
)


def book(*rows: ExportRow) -> Any:
    return load_workbook(io.BytesIO(write_workbook(rows, words("en"), ZONE)))


def test_everything_on_one_sheet_with_real_dates_and_times() -> None:
    sheet = book(SANNE)["All talks"]
    header, row = sheet.iter_rows(values_only=True)
    assert dict(zip(header, row, strict=True)) == {
        "Date": datetime(2026, 11, 24),
        "From": time(18, 0),
        "Until": time(18, 10),
        "Conference": "Herfstgesprekken",
        "Planning": "Groep 4",
        "Teachers": "juf Noor",
        "Room": "lokaal 3",
        "First name": "Sanne",
        "Prefix": "de",
        "Last name": "Vries",
        "Group": "groep 4, plusklas",
        "Student number": "007",
        "Family": "de Vries",
        "E-mail": "devries@example.org",
        "Phone": "030 123 45 67",
    }
    assert (sheet["A2"].is_date, sheet["A2"].number_format, sheet["B2"].number_format) == (True, "dd-mm-yyyy", "hh:mm")


def test_times_are_those_of_the_schools_clock_in_summer_too() -> None:
    summer = replace(SANNE, start=datetime(2027, 6, 1, 16, 0, tzinfo=UTC), end=datetime(2027, 6, 1, 16, 10, tzinfo=UTC))
    sheet = book(summer)["All talks"]
    assert (sheet["A2"].value.date(), sheet["B2"].value) == (date(2027, 6, 1), time(18, 0))


def test_a_sheet_for_each_teacher_with_their_own_talks() -> None:
    both = replace(SANNE, teachers=("juf Noor", "meester Bram"), first_name="Daan")
    made = book(SANNE, both, replace(SANNE, teachers=()))
    assert made.sheetnames == ["All talks", "juf Noor", "meester Bram"]
    assert [sheet.max_row - 1 for sheet in made] == [3, 2, 1]
    assert made["meester Bram"]["H2"].value == "Daan"


def test_every_sheet_is_ready_to_filter_and_print() -> None:
    for sheet in book(SANNE):
        assert sheet.auto_filter.ref == "A1:O2"
        assert sheet.freeze_panes == "A2"
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
        assert sheet.print_title_rows == "$1:$1"
        assert sheet["A1"].font.bold is True


def test_columns_are_as_wide_as_what_stands_in_them_within_bounds() -> None:
    sheet = book(SANNE, replace(SANNE, family="x" * 100, room=""))["All talks"]
    widths = {sheet[f"{letter}1"].value: sheet.column_dimensions[letter].width for letter in "ABGMN"}
    assert widths == {"Date": 12, "From": 8, "Room": 9, "Family": 40, "E-mail": 20}


def test_talks_stand_in_order_of_time_on_every_sheet() -> None:
    later = replace(SANNE, start=SANNE.start.replace(hour=18), first_name="Emir")
    for sheet in book(later, SANNE):
        assert [row[7].value for row in sheet.iter_rows(min_row=2)] == ["Sanne", "Emir"]


def test_a_teacher_who_is_chosen_has_the_only_other_sheet() -> None:
    both = replace(SANNE, teachers=("juf Noor", "meester Bram"))
    content = write_workbook([both], words("en"), ZONE, ("juf Noor",))
    assert load_workbook(io.BytesIO(content)).sheetnames == ["All talks", "juf Noor"]


@pytest.mark.parametrize("name", ["=1+1", "+31", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=", '=HYPERLINK("x")'])
def test_a_name_that_looks_like_a_formula_is_a_name(name: str) -> None:
    content = write_workbook([replace(SANNE, first_name=name)], words("en"), ZONE)
    cell = load_workbook(io.BytesIO(content))["All talks"]["H2"]
    assert cell.data_type == "s"
    assert cell.value == name.replace("\r", "\n")  # XML knows one line end
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(member).decode() for member in archive.namelist() if "worksheets/" in member]
    assert [sheet.count("<f") for sheet in sheets] == [0, 0]


def test_control_characters_do_not_break_the_file() -> None:
    sheet = book(replace(SANNE, first_name="Sa\x00n\x0bne\ud800", last_name="x" * 40_000))["All talks"]
    assert sheet["H2"].value == "Sa\ufffdn\ufffdne\ufffd"
    assert len(sheet["J2"].value) == 32_000


def test_sheet_names_are_such_that_excel_takes_them() -> None:
    long = "Juf met een naam die langer is dan dertig"
    teachers = (long + " A", long + " B", "a/b:c?[x]*\\", "'quote'", "History", "ALL TALKS", "  ", "😀" * 20)
    names = book(replace(SANNE, teachers=teachers)).sheetnames
    assert len({name.casefold() for name in names}) == len(names) == 9
    assert all(0 < len(name.encode("utf-16-le")) <= 62 and not set(name) & set("[]:*?/\\") for name in names)
    assert names[0] == "All talks"
    assert "history" not in {name.casefold() for name in names}


def test_no_talks_make_one_sheet_with_a_header() -> None:
    made = book()
    assert (made.sheetnames, made["All talks"].max_row) == (["All talks"], 1)


def test_a_blocked_family_is_marked() -> None:
    assert book(replace(SANNE, family_blocked=True))["All talks"]["M2"].value == "de Vries (blocked)"

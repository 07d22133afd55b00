"""XLSX: cells as a person sees them, and bombs that end in a clear refusal (G10)."""

import subprocess
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from storage.importing.files.limits import DESK, MEGABYTE, Limits, Unreadable
from storage.importing.files.reading import Row, read
from storage.importing.files.spreadsheets import TOO_HEAVY, read_workbook
from tests.storage.importing.files import saved, with_member, workbook

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
FINE = [["Voornaam", "Groep"], ["Zoë", "3a"]]


def _sheet(rows: str) -> bytes:
    xml = f"{HEAD}<sheetData>{rows}</sheetData></worksheet>"
    return with_member(workbook(FINE), SHEET, xml.encode())


def _refusal(data: bytes, limits: Limits = DESK) -> str:
    with pytest.raises(Unreadable) as refused:
        read_workbook(data, limits)
    return str(refused.value)


def test_cells_are_text_the_way_a_person_sees_them() -> None:
    row = [
        "007",
        1234.0,
        12.5,
        41762,
        date(2014, 5, 3),
        datetime(2026, 11, 10, 18, 59, 59, 999_000),
        time(19, 30),
        timedelta(hours=26, minutes=5),
        True,
        None,
        7,
        "=1+1",
        datetime(2026, 11, 10),
    ]
    data = workbook([row, ["x"]], {"K1": "00000", "M1": "d-m-yyyy hh:mm"})
    assert read_workbook(data)[0][1][0] == (
        1,
        [
            *("007", "1234", "12.5", "41762", "2014-05-03", "2026-11-10 19:00", "19:30", "26:05", "TRUE", ""),
            *("00007", "", "2026-11-10 00:00"),
        ],
    )


def test_dates_of_a_workbook_that_counts_from_1904_are_the_same_dates() -> None:
    book = Workbook()
    book.epoch = datetime(1904, 1, 1)
    assert book.active is not None
    book.active.append([date(2014, 5, 3)])
    assert read_workbook(saved(book)) == [("Sheet", [(1, ["2014-05-03"])])]


def test_rows_keep_their_lines_and_are_filled_up_to_the_header() -> None:
    data = workbook([[], ["a", None, "c", None], [], ["1"], [None, None], ["1", "2", "3"]])
    sheet = read(data, "x")
    assert sheet.headers == ("a", "#2", "c")
    assert sheet.rows == (Row(4, ("1", "", "")), Row(6, ("1", "2", "3")))


def test_the_visible_sheets_with_content_are_read() -> None:
    book = Workbook()
    hidden, empty, full, later = book.active, *(book.create_sheet(name) for name in "abc")
    assert hidden is not None
    hidden.append(["hidden"])
    hidden.sheet_state = "hidden"
    full.append(["full"])
    later.append(["later"])
    book.active = 1
    assert empty.sheet_state == "visible"
    assert read_workbook(saved(book)) == [("b", [(1, ["full"])]), ("c", [(1, ["later"])])]


def test_a_sheet_that_lies_about_its_size_is_read_as_it_is() -> None:
    xml = (
        f'{HEAD}<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c>'
        '</row><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    data = with_member(workbook(FINE), SHEET, xml.encode())
    assert read_workbook(data) == [("Sheet", [(1, ["a"]), (1048576, ["1"])])]


def test_a_row_too_many_is_refused() -> None:
    rows = [["a"], *([["1"]] * 11)]
    with pytest.raises(Unreadable, match="There are more than 10 rows"):
        read(workbook(rows), "x", limits=replace(DESK, rows=10))


def test_a_cell_in_the_last_column_of_excel_is_refused() -> None:
    with pytest.raises(Unreadable, match="There are more than 300 columns"):
        read(workbook([[*"a" * 301], ["1"]]), "x")


TOO_LARGE = "This workbook is too large when it is unpacked."
NO_WORKBOOK = "This is not an Excel workbook that can be read. Save it as .xlsx or as CSV."
OWN_TYPE = "This workbook declares a document type of its own; that is not allowed."


def test_a_zip_that_unpacks_a_thousandfold_is_refused() -> None:
    assert _refusal(with_member(workbook(FINE), "xl/media/x.xml", b"\0" * (60 * MEGABYTE))) == TOO_LARGE
    assert _refusal(_sheet('<row><c t="n"><v>1</v></c></row>' * 100_000)) == TOO_LARGE


def test_a_zip_of_many_parts_is_refused() -> None:
    data = workbook(FINE)
    with pytest.raises(Unreadable, match=r"This workbook holds \d+ parts; 5 is the most\."):
        read_workbook(data, replace(DESK, members=5))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_that_grow_are_refused(encoding: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l9;</x>'
    assert _refusal(with_member(workbook(FINE), SHEET, xml.encode(encoding))) == OWN_TYPE
    assert _refusal(with_member(workbook(FINE), "xl/sharedStrings.xml", xml.encode(encoding))) == OWN_TYPE


def test_a_workbook_that_eats_memory_ends_in_a_sentence() -> None:
    strings = "".join(f'<c t="inlineStr"><is><t>{number}</t></is></c>' for number in range(200_000))
    greedy = replace(DESK, memory=96 * MEGABYTE, columns=1_000_000, ratio=10_000)
    assert _refusal(_sheet(f"<row>{strings}</row>"), greedy) in (TOO_LARGE, str(Unreadable(TOO_HEAVY)))


def test_a_workbook_that_takes_too_long_is_stopped() -> None:
    cells = "<c><v>1</v></c>" * 280
    slow = replace(DESK, seconds=1, rows=100_000, ratio=10_000)
    assert _refusal(_sheet(f"<row>{cells}</row>" * 10_000), slow) == str(Unreadable(TOO_HEAVY))


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        workbook(FINE)[:-30],
        workbook(FINE)[:400] + b"x" * 50 + workbook(FINE)[450:],
        with_member(workbook(FINE), SHEET, b"<worksheet"),
        with_member(workbook(FINE), "xl/workbook.xml", b""),
    ],
)
def test_a_broken_workbook_is_refused(data: bytes) -> None:
    assert _refusal(data) == NO_WORKBOOK


def test_the_process_apart_starts_where_our_packages_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """It finds them there itself: an installation need not have put them on Python's own path."""
    began: list[dict[str, Any]] = []
    run = subprocess.run

    def seen(*args: Any, **kwargs: Any) -> Any:
        began.append(kwargs)
        return run(*args, **kwargs)

    monkeypatch.setattr(subprocess, "run", seen)
    assert read_workbook(workbook(FINE))
    [kwargs] = began
    assert kwargs["env"]["PYTHONPATH"] == kwargs["cwd"]
    assert (Path(kwargs["cwd"]) / "storage" / "importing" / "files" / "workbook.py").is_file()

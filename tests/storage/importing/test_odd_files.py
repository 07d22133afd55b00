"""Lists as they really come: quoted, ragged, with notes above them, with two kinds of letters."""

import pytest

from storage.importing.columns.recognition import recognise
from storage.importing.files.packing import pack, unpack
from storage.importing.files.reading import Sheet, read
from storage.importing.students.rows import student_rows
from storage.importing.students.student_row import StudentRow
from tests.storage.importing.edexml import edexml
from tests.storage.importing.files import workbook
from tests.storage.importing.lists import TODAY, ZONE

MADE_BY_HAND = (
    '"Stamnr";"Roepnaam";"Achternaam";"Groep";"Geb.datum";"Postcode";"Huisnr"\n'
    '"0042";"Zoë";"Meer, van der";"groep 3";"1-2-2018";"3515 IJ";"9 a"\n'
    '"0043";"Jan-Willem";"d\'Hont";"groep 3";"28-2-2018";"3515ij";"12-2"\n'
)


def rows(sheet: Sheet) -> tuple[StudentRow, ...]:
    found = student_rows(sheet, recognise(sheet.headers, sheet.doubled), TODAY, ZONE)
    assert found.errors == ()
    return found.rows


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nvoornaam;achternaam;groep\nZoë;Bos;4\n",
        "\ufeffvoornaam;achternaam;groep\r\n\r\nZoë;Bos;4\r\n;;\r\n",
        "voornaam\tachternaam\tgroep\rZoë\tBos\t4\r",
        ' voornaam , "achternaam", groep \nZoë,"Bos",4',
        'voornaam;achternaam;groep;;\n"Zoë";Bos;4;;\n',
        "voornaam|achternaam|groep\nZoë |\u00a0Bos| 4 ",
    ],
)
def test_one_child_however_it_was_written_down(text: str) -> None:
    (row,) = rows(read(text.encode(), "lijst.csv"))
    assert (row.first_name, row.last_name, row.groups) == ("Zoë", "Bos", ("4",))


def test_a_name_with_a_line_end_in_its_quotation_marks_is_refused_by_its_line() -> None:
    sheet = read(b'voornaam;achternaam;groep\nKees;Bos;4\n"Jan\nPiet";Bos;4\n', "x")
    errors = student_rows(sheet, recognise(sheet.headers), TODAY, ZONE).errors
    assert [(error.line, error.column) for error in errors] == [(3, "voornaam")]


def test_rows_above_the_header_are_passed_over_and_named() -> None:
    sheet = read("Overzicht leerlingen, 2026-2027\n\nvoornaam;achternaam;groep\nZoë;Bos;4\n".encode(), "x")
    assert (sheet.headers, sheet.header_line) == (("voornaam", "achternaam", "groep"), 3)
    assert [str(one) for one in sheet.passed] == ["Above the header: “Overzicht leerlingen, 2026-2027”."]


@pytest.mark.parametrize(
    "data",
    [
        edexml().encode(),
        workbook([["Naam", "Naam", "BSN", "Groep"], ["a", "b", "123456782", "4"], ["c", "", "", "5", "te veel"]]),
    ],
    ids=["edexml", "workbook"],
)
def test_a_sheet_is_kept_between_steps_without_what_may_not_be_stored(data: bytes) -> None:
    sheet = read(data, "x")
    kept = pack(sheet)
    assert b"123456782" not in kept
    again = unpack(kept)
    assert (again.headers, again.kind, again.doubled) == (sheet.headers, sheet.kind, sheet.doubled)
    assert [row.line for row in again.rows] == [row.line for row in sheet.rows]
    assert [row.cells[0] for row in again.rows] == [row.cells[0] for row in sheet.rows]

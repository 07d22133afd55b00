"""Lists as people make them: things around the list, rows that are no child, cells that hold more than they should."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from storage.importing.columns.recognition import recognise
from storage.importing.columns.table import Read
from storage.importing.files.limits import Unreadable
from storage.importing.files.packing import pack, unpack
from storage.importing.files.reading import Sheet, first_row_is_header, read
from storage.importing.students.rows import student_rows
from storage.importing.students.student_row import StudentRow
from tests.storage.importing.files import saved, workbook
from tests.storage.importing.lists import TODAY, ZONE

HEADER = "Leerlingnummer;Roepnaam;Achternaam;Groep"


def of(sheet: Sheet) -> Read[StudentRow]:
    return student_rows(sheet, recognise(sheet.headers, sheet.doubled), TODAY, ZONE)


def listed(*lines: str) -> Read[StudentRow]:
    return of(read("\r\n".join(lines).encode(), "lijst.csv"))


def told(found: Read[StudentRow]) -> list[tuple[int, str]]:
    return [(remark.line, str(remark)) for remark in found.remarks]


def test_empty_cells_that_a_spreadsheet_left_off_are_empty() -> None:
    found = listed(f"{HEADER};Telefoon", "101;Sem;Vries;5;0612345678", "102;Noor;Jansen;5")
    assert ([row.phone for row in found.rows], found.errors) == (["0612345678", ""], ())


def test_a_title_above_and_a_total_below_are_passed_over_and_named() -> None:
    found = listed(
        "Leerlingenlijst, De Proef;;;", "Schooljaar 2026-2027;;;", ";;;", HEADER, "101;Sem;Vries;5", "Totaal: 1;;;"
    )
    assert [row.first_name for row in found.rows] == ["Sem"]
    assert told(found) == [
        (1, "Above the header: “Leerlingenlijst, De Proef”."),
        (2, "Above the header: “Schooljaar 2026-2027”."),
        (6, "Passed over, for it is no student: “Totaal: 1”."),
    ]


@pytest.mark.parametrize("total", ["Totaal;28", "Aantal leerlingen: 28", ";;28", "Afgedrukt op 1-12-2026", "Totaal 28"])
def test_what_stands_below_a_list_is_no_child(total: str) -> None:
    found = listed("Voornaam;Achternaam;Groep;Postcode", "Sem;Vries;5;1234AB", total)
    assert ([row.first_name for row in found.rows], found.errors) == (["Sem"], ())
    assert [remark.line for remark in found.remarks] == [3]


def test_a_header_that_comes_back_half_way_is_passed_over() -> None:
    found = listed(HEADER, "101;Sem;Vries;5", HEADER, "102;Noor;Jansen;6")
    assert [row.first_name for row in found.rows] == ["Sem", "Noor"]
    assert told(found) == [(3, "The header once more: passed over.")]


def test_without_a_header_no_child_is_lost() -> None:
    sheet = read(b"Sem\tde Vries\t5\nNoor\tJansen\t3\n", "x")
    assert (sheet.headers, sheet.header_line, len(sheet.rows)) == (("#1", "#2", "#3"), 0, 2)
    chosen = {"#1": "first_name", "#2": "last_name", "#3": "group"}
    assert [row.first_name for row in student_rows(sheet, chosen, TODAY, ZONE).rows] == ["Sem", "Noor"]


def test_a_person_may_say_what_the_first_row_is() -> None:
    unknown = read(b"Wie;Hoe;Waar\nSem;Vries;5\n", "x")
    assert unknown.header_line == 1
    as_child = first_row_is_header(unknown, False)
    assert [row.cells[0] for row in as_child.rows] == ["Wie", "Sem"]
    assert [row.line for row in as_child.rows] == [1, 2]
    assert first_row_is_header(as_child, True) == unknown
    assert first_row_is_header(unpack(pack(as_child)), True).headers == unknown.headers


def test_a_row_for_each_guardian_is_one_child_with_both_addresses() -> None:
    found = listed(
        f"{HEADER};E-mail",
        "101;Sem;Vries;5;moeder@ouder.example",
        "101;Sem;Vries;5;vader@ouder.example",
        "102;Noor;Jansen;5;moeder@ouder.example",
    )
    assert [(row.line, row.email) for row in found.rows] == [
        (2, "moeder@ouder.example, vader@ouder.example"),
        (4, "moeder@ouder.example"),
    ]
    assert told(found)[0][1].startswith("Rows of a child that stands in another row too")


def test_a_row_for_each_group_is_one_child_in_both() -> None:
    found = listed("Voornaam;Achternaam;Geboortedatum;Groep", "Sem;Vries;3-5-2016;5a", "Sem;Vries;3-5-2016;Plusklas")
    assert [row.groups for row in found.rows] == [("5a", "Plusklas")]


def test_rows_that_contradict_each_other_stay_apart() -> None:
    found = listed(f"{HEADER};Postcode", "101;Sem;Vries;5;1234AB", "101;Sem;Vries;5;9999ZZ")
    assert len(found.rows) == 2


@pytest.mark.parametrize(
    "text",
    [
        '"Leerlingnummer;Voornaam;Achternaam;Groep"\n"00123;Sem;Vries;5"\n',
        'Leerlingnummer;Voornaam;Achternaam;Groep\n="00123";Sem;Vries;="5"\n',
        'Leerlingnummer,Voornaam,Achternaam,Groep\n"=""00123""",Sem,Vries,5\n',
        "Leerlingen, groep 5\nLeerlingnummer\tVoornaam\tAchternaam\tGroep\n00123\tSem\tVries\t5\n",
    ],
)
def test_a_number_keeps_its_zeros_however_programs_wrap_it(text: str) -> None:
    (row,) = of(read(text.encode(), "x")).rows
    assert (row.student_number, row.first_name, row.groups) == ("00123", "Sem", ("5",))


@pytest.mark.parametrize(
    ("group", "sentence"),
    [
        ("2-jan", "“2-jan” is a date, not a group. Did a spreadsheet make it of 1-2?"),
        ("07-aug", "“07-aug” is a date, not a group. Did a spreadsheet make it of 7-8?"),
        ("8-jul", "“8-jul” is a date, not a group. Did a spreadsheet make it of 7-8?"),
        ("mrt-04", "“mrt-04” is a date, not a group. Did a spreadsheet make it of 3-4?"),
        ("01-02-2026", "“01-02-2026” is a date, not a group. Did a spreadsheet make it of 1-2?"),
        ("2026-02-01", "“2026-02-01” is a date, not a group. Did a spreadsheet make it of 1-2?"),
        ("5,00E+03", "A spreadsheet shortened this group to “5,00E+03”: give the column the format Text."),
    ],
)
def test_what_a_spreadsheet_made_of_a_group_is_refused(group: str, sentence: str) -> None:
    found = listed(HEADER, f"101;Sem;Vries;{group}")
    assert [str(error) for error in found.errors] == [sentence]


@pytest.mark.parametrize("group", ["1-2", "1/2", "5E3", "7-8", "12", "groep 8", "3 mei", "Maartje", "H4-2", "2-3-4"])
def test_a_group_that_looks_a_little_like_a_date_is_one(group: str) -> None:
    found = listed(HEADER, f"101;Sem;Vries;{group}")
    assert [row.groups for row in found.rows] == ([(group,)] if group != "3 mei" else [])


def test_a_class_that_became_a_thousand_comes_in_and_is_named() -> None:
    found = listed(HEADER, "101;Sem;Vries;5000")
    assert found.rows[0].groups == ("5000",)
    assert "5E3" in str(found.remarks[0])


@pytest.mark.parametrize(
    ("cell", "kept", "remarks"),
    [
        ('"moeder@x.example; vader@x.example"', "moeder@x.example, vader@x.example", 0),
        ('"ouder@x.example;"', "ouder@x.example", 0),
        ("Jan Jansen <jan@x.example>", "jan@x.example", 0),
        ("moeder: jan@x.example", "jan@x.example", 0),
        ("jan@x.example (oma)", "jan@x.example", 0),
        ("jan@x.example en eva@x.example", "jan@x.example, eva@x.example", 0),
        ("jan@x.example eva@x.example", "jan@x.example, eva@x.example", 0),
        ("jan jansen@x.example", "", 1),
        ('"jan@x.example; eva@x"', "jan@x.example", 1),
        ("Geheim", "", 0),
        ("-", "", 0),
    ],
)
def test_addresses_as_schools_have_them(cell: str, kept: str, remarks: int) -> None:
    found = listed(f"{HEADER};E-mailadres", f"101;Sem;Vries;5;{cell}")
    assert (found.rows[0].email, len(found.remarks)) == (kept, remarks)


@pytest.mark.parametrize(
    ("cell", "kept", "remarks"),
    [
        ("06-12345678 (oma)", "06-12345678", 0),
        ("06 12345678 moeder", "06 12345678", 0),
        ("06-12345678 / 06-87654321", "06-12345678", 1),
        ("onbekend", "", 0),
        ("6,12E+08", "", 1),
        ("bel school", "", 1),
    ],
)
def test_telephone_numbers_as_schools_have_them(cell: str, kept: str, remarks: int) -> None:
    found = listed(f"{HEADER};Telefoon", f"101;Sem;Vries;5;{cell}")
    assert (found.rows[0].phone, len(found.remarks)) == (kept, remarks)


@pytest.mark.parametrize(
    ("first", "last", "name"), [("Kadek", "", "Kadek"), ("Saw", "-", "Saw"), (".", "Nurhaliza", "Nurhaliza")]
)
def test_a_child_with_one_name_comes_in_by_it(first: str, last: str, name: str) -> None:
    found = listed("Voornaam;Achternaam;Groep;Postcode", f"{first};{last};5;1234AB")
    assert [(row.first_name, row.last_name) for row in found.rows] == [(name, "")]
    assert told(found) == [(2, f"One name only: the child comes in as “{name}”.")]


def test_official_names_that_are_too_long_are_cut_where_there_is_a_call_name() -> None:
    names = " ".join(["Maximiliaan"] * 9)
    found = listed("Voornamen;Roepnaam;Achternaam;Groep", f"{names};Max;Vries;5")
    assert (found.rows[0].call_name, found.errors, len(found.remarks)) == ("Max", (), 1)
    assert found.rows[0].first_name == " ".join(["Maximiliaan"] * 6)


@pytest.mark.parametrize(
    ("cell", "born"),
    [
        ("2016-05-02T22:00:00.000Z", "2016-05-03"),
        ("2016-01-02T23:30:00+00:00", "2016-01-03"),
        ("2016-05-02T12:00:00Z", "2016-05-02"),
        ("2016-05-02+02:00", "2016-05-02"),
        ("2016-05-02Z", "2016-05-02"),
        ("2016-05-02T00:00:00", "2016-05-02"),
    ],
)
def test_a_moment_with_a_zone_is_a_day_of_the_school(cell: str, born: str) -> None:
    assert str(listed(f"{HEADER};Geboortedatum", f"101;Sem;Vries;5;{cell}").rows[0].birth_date) == born


def book(**sheets: list[list[str]]) -> bytes:
    made = Workbook()
    assert made.active is not None
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title.replace("_", " "))
        for row in rows:
            sheet.append(row)
    return saved(made)


def test_a_sheet_for_each_class_is_one_list_and_the_others_are_named() -> None:
    header = ["Voornaam", "Achternaam"]
    data = book(
        toelichting=[["Zo vult u deze lijst in"], ["…"]],
        groep_5a=[header, ["Sem", "Vries"]],
        groep_6a=[list(reversed(header)), ["Jansen", "Noor"], ["", "Totaal 1"]],
    )
    sheet = read(data, "x.xlsx")
    found = of(sheet)
    assert [(row.first_name, row.last_name, row.groups) for row in found.rows] == [
        ("Sem", "Vries", ("groep 5a",)),
        ("Noor", "Jansen", ("groep 6a",)),
    ]
    placed = [sheet.placed(remark) for remark in found.remarks]
    assert [(one.tab, one.line) for one in placed] == [("", 0), ("groep 6a", 3)]
    assert str(placed[0]) == "The sheet “toelichting” was not read: its columns are others."


def test_sheets_with_a_column_for_the_group_keep_it() -> None:
    header = ["Voornaam", "Achternaam", "Groep"]
    found = of(read(book(a=[header, ["Sem", "Vries", "5"]], b=[header, ["Noor", "Jansen", "6"]]), "x"))
    assert [row.groups for row in found.rows] == [("5",), ("6",)]


def test_a_workbook_with_a_password_is_told_so() -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    with pytest.raises(Unreadable, match="has a password"):
        read(locked, "x.xlsx")


def strict(data: bytes) -> bytes:
    """The workbook as Excel's "Strict Open XML Spreadsheet" has it: other names for the same things."""
    made = io.BytesIO()
    names = {
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
            b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            content = old.read(member)
            for usual, other in names.items():
                content = content.replace(usual, other)
            new.writestr(member, content)
    return made.getvalue()


def test_a_strict_workbook_is_read_like_any_other() -> None:
    """openpyxl 3.1 opens such a file as one without sheets."""
    data = workbook([["Voornaam", "Achternaam", "Groep", "Leerlingnummer"], ["Zoë", "Vries", "5", 123]])
    assert of(read(strict(data), "x")).rows == of(read(data, "x")).rows


@pytest.mark.parametrize("cell", ["5a; Plusklas", "5a, Plusklas", "5a;Plusklas;"])
def test_two_groups_in_a_cell_are_two(cell: str) -> None:
    assert listed(HEADER, f'101;Sem;Vries;"{cell}"').rows[0].groups == ("5a", "Plusklas")

"""Cells to checked rows, and a sentence with line and column for each cell that is refused."""

from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.importing.columns.recognition import PLANNING_FIELDS, recognise, recognise_planning
from storage.importing.columns.table import Read
from storage.importing.files.limits import Unreadable
from storage.importing.files.reading import Row, Sheet, read
from storage.importing.plannings.rows import PlanningRow, planning_rows, teachers
from storage.importing.students.rows import student_rows
from storage.importing.students.student_row import StudentRow
from tests.storage.importing.files import csv_file, many, workbook

TODAY, ZONE = date(2026, 11, 22), "Europe/Amsterdam"


def students(*lines: str) -> Read[StudentRow]:
    sheet = read(csv_file(*lines), "x")
    return student_rows(sheet, recognise(sheet.headers), TODAY, ZONE)


def one(header: str, cell: str) -> StudentRow | str:
    """A student whose file has one more column, or the sentence of what was refused or left out."""
    cells = {"Voornaam": "Zoë", "Achternaam": "Vries", "Groep": "3a"} | {header: cell}
    sheet = Sheet(tuple(cells), (Row(2, tuple(cells.values())),), "utf-8", ";", "csv")
    found = student_rows(sheet, recognise(sheet.headers), TODAY, ZONE)
    if told := (*found.errors, *found.remarks):
        assert [(error.line, error.column) for error in told] == [(2, header)]
        return str(told[0])
    return found.rows[0]


def value(header: str, cell: str, field: str) -> object:
    row = one(header, cell)
    return row if isinstance(row, str) else getattr(row, field)


def test_a_whole_row_is_read() -> None:
    found = students(
        "Stamnummer;Roepnaam;Voornamen;Tussenvoegsel;Achternaam;Geboortedatum;Groep;Postcode;Huisnummer;Toevoeging;"
        "E-mail;Telefoon;BSN",
        "00123;Zoë;Zoë Maria;van der;Berg;3-5-2014;3a,Plusklas,3a;1234 ab;12;A;ouder@example.nl;06-12345678;123456782",
    )
    assert found.errors == ()
    assert found.rows == (
        StudentRow(
            line=2,
            first_name="Zoë Maria",
            prefix="van der",
            last_name="Berg",
            postcode="1234AB",
            house_number="12a",
            birth_date=date(2014, 5, 3),
            student_number="00123",
            groups=("3a", "Plusklas"),
            email="ouder@example.nl",
            phone="06-12345678",
            call_name="Zoë",
        ),
    )
    assert isinstance(found.rows[0], StudentRow)


def test_only_first_name_last_name_and_group_are_needed() -> None:
    found = students("Roepnaam;Achternaam;Klas", "Zoë;Vries;3a")
    assert found.rows == (StudentRow(2, "Zoë", "", "Vries", "", "", None, "", ("3a",), "", "", ""),)
    assert found.fields == {"first_name", "last_name", "group"}


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ("Achternaam;Groep", "No column holds the first name."),
        ("Voornaam;Groep", "No column holds the last name."),
        ("Voornaam;Achternaam", "No column holds the group."),
    ],
)
def test_a_needed_field_without_a_column_is_named(headers: str, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        students(headers, "x;y")
    assert str(refused.value) == sentence


def test_each_bad_cell_is_named_with_its_line_and_the_good_rows_stay() -> None:
    found = students(
        "Voornaam;Achternaam;Groep;Postcode;Geboortedatum",
        "Zoë;Vries;3a;1234AB;3-5-2014",
        "3;Vries;3a;nergens;31-2-2014",
        "Jan;Vries;3a;;;te veel",
        "12;Vries;3a",
        "-;.;3a;1234AB;",
        "Klaas;Vries;3a;;",
    )
    assert [row.first_name for row in found.rows] == ["Zoë", "Klaas"]
    assert [(error.line, error.column, str(error)) for error in found.errors] == [
        (3, "Voornaam", "“3” is not a name."),
        (4, None, "This row has 6 cells, the header has 5."),
        (5, "Voornaam", "“12” is not a name."),
        (6, "Voornaam", "The first name is missing."),
    ]


def test_an_optional_cell_that_cannot_be_read_is_left_out_and_named() -> None:
    found = students("Voornaam;Achternaam;Groep;Postcode;Geboortedatum;E-mail", "Zoë;Vries;3a;nergens;31-2-2014;anna@x")
    assert found.errors == ()
    assert found.rows[0][2:10] == ("", "Vries", "", "", None, "", ("3a",), "")
    assert [(remark.line, remark.column, str(remark)) for remark in found.remarks] == [
        (2, "Postcode", "“nergens” is not a postcode."),
        (2, "Geboortedatum", "“31-2-2014” is not a date."),
        (2, "E-mail", "“anna@x” is not one e-mail address."),
    ]


def test_a_call_name_stands_in_for_a_missing_first_name() -> None:
    found = students("Roepnaam;Voornaam;Achternaam;Groep", "Zoë;;Vries;3a", ";Jan;Vries;3a")
    assert [(row.first_name, row.call_name) for row in found.rows] == [("Zoë", "Zoë"), ("Jan", "")]
    assert (found.errors, found.remarks) == ((), ())


@pytest.mark.parametrize(
    ("cell", "prefix", "last_name"),
    [
        ("Vries", "", "Vries"),
        ("de Vries", "de", "Vries"),
        ("Vries, de", "de", "Vries"),
        ("Vries (de)", "de", "Vries"),
        ("van der Berg", "van der", "Berg"),
        ("De Smet", "De", "Smet"),
        ("in 't Veld", "in 't", "Veld"),
        ("’t Hart", "'t", "Hart"),
        ("van de Voort van Zijp", "van de", "Voort van Zijp"),
        ("Smit-de Boer", "", "Smit-de Boer"),
        ("Le Tran", "", "Le Tran"),
        ("le Grand", "le", "Grand"),
        ("  Vries  ", "", "Vries"),
        ("van", "", "van"),
    ],
)
def test_a_prefix_in_the_last_name_column_is_taken_apart(cell: str, prefix: str, last_name: str) -> None:
    row = one("Achternaam", cell)
    assert isinstance(row, StudentRow)
    assert (row.prefix, row.last_name) == (prefix, last_name)


@pytest.mark.parametrize(
    ("given", "cell", "prefix", "last_name"),
    [
        ("de", "Vries", "de", "Vries"),
        ("de", "de Vries", "de", "Vries"),
        ("de", "Vries, de", "de", "Vries"),
        ("van", "der Berg", "van der", "Berg"),
        ("van der", "der Berg", "van der", "Berg"),
        ("el", "van Zijp", "el", "van Zijp"),
        ("", "de Vries", "de", "Vries"),
    ],
)
def test_a_prefix_in_both_columns_counts_once(given: str, cell: str, prefix: str, last_name: str) -> None:
    found = students("Voornaam;Voorvoegsel;Achternaam;Groep", f"Zoë;{given};{cell};3a")
    assert [(row.prefix, row.last_name) for row in found.rows] == [(prefix, last_name)]


@pytest.mark.parametrize(
    ("header", "cell", "field", "expected"),
    [
        ("Postcode", "1234 ab", "postcode", "1234AB"),
        ("Postcode", "1234AB", "postcode", "1234AB"),
        ("Postcode", "2000", "postcode", "2000"),
        ("Postcode", "2000.0", "postcode", "2000"),
        ("Postcode", "04109", "postcode", "04109"),
        ("Postcode", " ", "postcode", ""),
        ("Postcode", "0123AB", "postcode", "“0123AB” is not a postcode."),
        ("Huisnummer", "12 A", "house_number", "12a"),
        ("Huisnummer", "12.0", "house_number", "12"),
        ("Huisnummer", "12-2", "house_number", "12-2"),
        ("Huisnummer", "noord", "house_number", "“noord” is not a house number."),
        ("Leerlingnummer", "000123", "student_number", "000123"),
        ("Leerlingnummer", "1234.0", "student_number", "1234"),
        ("Leerlingnummer", "12-34/a", "student_number", "12-34/a"),
        ("Leerlingnummer", "--", "student_number", ""),
        (
            "Leerlingnummer",
            "1,23457E+11",
            "student_number",
            "A spreadsheet shortened this number to “1,23457E+11”: give the column the format Text.",
        ),
        ("E-mail", " ouder@example.nl ", "email", "ouder@example.nl"),
        ("E-mail", "O'Neil+x@school.example.nl", "email", "O'Neil+x@school.example.nl"),
        ("E-mail", "a@b.nl; c@d.nl", "email", "a@b.nl, c@d.nl"),
        ("E-mail", "a@b", "email", "“a@b” is not one e-mail address."),
        ("E-mail", "a@b..nl", "email", "“a@b..nl” is not one e-mail address."),
        (
            "E-mail",
            "a@b.nl\r\nBcc: x@y.nl",
            "email",
            "a@b.nl, x@y.nl",
        ),
        ("Telefoon", "+31 6 1234 5678", "phone", "+31 6 1234 5678"),
        ("Telefoon", "geen", "phone", ""),
        ("Groep", "3a, 3b ,,3a", "groups", ("3a", "3b")),
        ("Groep", " , ", "groups", "There is no group: the child comes in without one."),
        ("Voornaam", "Anne\u200f-Fleur\u00a0 Maria", "first_name", "Anne-Fleur Maria"),
        ("Voornaam", "Zoe\u0308", "first_name", "Zoë"),
        ("Voornaam", "42", "first_name", "“42” is not a name."),
        ("Voornaam", "Zoë\nMaria", "first_name", "“Zoë Maria” holds a line end or a control character."),
        ("Voornaam", "Zoë\0", "first_name", "“Zoë ” holds a line end or a control character."),
        ("Voornaam", "=cmd()", "first_name", "=cmd()"),
        ("Voornaam", "x" * 80, "first_name", "x" * 80),
        ("Voornaam", "x" * 81, "first_name", f"“{'x' * 60}…” is longer than 80 characters."),
        (
            "Achternaam",
            "Vries, Zoë",
            "last_name",
            "“Vries, Zoë” holds more than a last name: put the first name in a column of its own.",
        ),
    ],
)
def test_a_cell_is_brought_to_one_form_or_named(header: str, cell: str, field: str, expected: object) -> None:
    assert value(header, cell, field) == expected


@pytest.mark.parametrize(
    "cell",
    ["3-5-2014", "03/05/14", "2014-05-03", "3 mei 2014", "3.5.2014", "2014-05-03 00:00:00", "41762", "41762.0"],
)
def test_a_birth_date_is_read_in_any_notation(cell: str) -> None:
    assert value("Geboortedatum", cell, "birth_date") == date(2014, 5, 3)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", None),
        ("22-11-2026", date(2026, 11, 22)),
        ("22-11-2001", date(2001, 11, 22)),
        ("3 mrt. '14", date(2014, 3, 3)),
        ("23-11-2026", "The birth date 2026-11-23 lies in the future."),
        ("21-11-2001", "The birth date 2001-11-21 is more than 25 years ago."),
        ("3-5-98", "The birth date 2098-05-03 lies in the future."),
        ("12/31/2014", "“12/31/2014” is not a date."),
        ("2014-02-30", "“2014-02-30” is not a date."),
        ("onbekend", None),
        ("99999", "The birth date 2173-10-13 lies in the future."),
    ],
)
def test_a_birth_date_is_of_a_child(cell: str, expected: object) -> None:
    assert value("Geboortedatum", cell, "birth_date") == expected


def test_a_workbook_and_a_csv_give_the_same_rows() -> None:
    data = workbook(
        [
            ["Leerlingnummer", "Voornaam", "Achternaam", "Groep", "Geboortedatum"],
            [123, "Zoë", "de Vries", "3a", date(2014, 5, 3)],
        ]
    )
    sheet = read(data, "x")
    assert student_rows(sheet, recognise(sheet.headers), TODAY, ZONE) == students(
        "Leerlingnummer;Voornaam;Achternaam;Groep;Geboortedatum", "123;Zoë;de Vries;3a;3-5-2014"
    )


PLANNING = {
    "conference": "Herfstgesprekken",
    "title": "Groep 3a",
    "teachers": "Juf Anna, Meester Bram",
    "email": "anna@example.nl",
    "groups": "3a,3b",
    "room": "Lokaal 4",
    "remarks": "Neem het rapport mee\nen een pen",
    "opens": "2026-11-10 19:00",
    "opens_early": "10-11-2026 18.30",
    "closes": "2026-11-20 12:00",
    "date": "24-11-2026",
    "from": "14:00",
    "until": "16u30",
    "minutes": "10",
    "break_after": "4",
    "break_minutes": "5",
}


def planning(**changes: str) -> Read[PlanningRow]:
    cells = PLANNING | {name.rstrip("_"): text for name, text in changes.items()}
    sheet = Sheet(tuple(cells), (Row(2, tuple(cells.values())),), "utf-8", ";", "csv")
    return planning_rows(sheet, recognise_planning(sheet.headers))


def test_a_planning_is_read() -> None:
    found = planning()
    assert found.errors == ()
    assert found.fields == set(PLANNING_FIELDS)
    assert found.rows == (
        PlanningRow(
            line=2,
            conference="Herfstgesprekken",
            title="Groep 3a",
            teachers=("Juf Anna", "Meester Bram"),
            email="anna@example.nl",
            groups=("3a", "3b"),
            room="Lokaal 4",
            remarks="Neem het rapport mee\nen een pen",
            opens=datetime(2026, 11, 10, 19),
            opens_early=datetime(2026, 11, 10, 18, 30),
            closes=datetime(2026, 11, 20, 12),
            date=date(2026, 11, 24),
            start=time(14),
            until=time(16, 30),
            minutes=10,
            break_after=4,
            break_minutes=5,
        ),
    )


def test_what_a_planning_may_leave_out() -> None:
    (row,) = planning(email="", room="", remarks="", opens_early="", break_after="", break_minutes="").rows
    assert (row.email, row.room, row.remarks) == ("", "", "")
    assert (row.opens_early, row.break_after, row.break_minutes) == (None, None, None)


@pytest.mark.parametrize(
    ("field", "cell", "sentence"),
    [
        ("title", "", "The title is missing."),
        ("conference", " ", "The conference is missing."),
        ("teachers", ",", "“,” holds no name."),
        ("email", "anna", "“anna” is not one e-mail address."),
        ("date", "31-11-2026", "“31-11-2026” is not a date, such as 2026-11-24."),
        ("date", "24-11-1926", "“24-11-1926” is not a date, such as 2026-11-24."),
        ("from_", "25:00", "“25:00” is not a time, such as 19:00."),
        ("until", "14:00", "The last talk ends before the first begins."),
        ("minutes", "0", "“0” is not a whole number from 1 to 120."),
        ("minutes", "121", "“121” is not a whole number from 1 to 120."),
        ("minutes", "7,5", "“7,5” is not a whole number from 1 to 120."),
        ("until", "14:05", "Not one talk of this length fits between these times."),
        ("opens", "10-11-2026", "“10-11-2026” is not a date and a time, such as 2026-11-10 19:00."),
        ("closes", "2026-11-10 19:00", "Sign-up closes before it opens."),
        ("opens_early", "2026-11-10 19:01", "Sign-up for large families opens later than for everyone."),
        ("break_after", "", "After how many talks the break comes is missing."),
        ("break_minutes", "", "The length of the break is missing."),
        ("break_after", "-1", "“-1” is not a whole number from 1 to 120."),
        ("room", "4\n5", "“4 5” holds a line end or a control character."),
    ],
)
def test_a_planning_that_cannot_be_is_refused(field: str, cell: str, sentence: str) -> None:
    found = planning(**{field: cell})
    assert found.rows == ()
    assert [str(error) for error in found.errors] == [sentence]


@pytest.mark.parametrize("cell", ["14:00", "14.00", "14u00", "14:00:00", "14:00 uur", "0.583333333333333"])
def test_times_are_read_as_people_and_spreadsheets_write_them(cell: str) -> None:
    assert [row.start for row in planning(from_=cell).rows] == [time(14)]


def test_all_missing_columns_of_a_plannings_file_are_named_at_once() -> None:
    sheet = read(csv_file("titel;datum", "x;y"), "x")
    with pytest.raises(Unreadable) as refused:
        planning_rows(sheet, recognise_planning(sheet.headers))
    assert str(refused.value) == (
        "These columns are missing: conference, teachers, groups, opens, closes, from, until, minutes."
    )


_CELL = st.one_of(st.text(max_size=30), st.sampled_from(["", "1", "3-5-2014", "de", "a@b.nl", "1234AB", "41762"]))


@settings(max_examples=many(300, 10_000), deadline=None, derandomize=True)
@given(st.lists(st.lists(_CELL, min_size=2, max_size=12).map(tuple), max_size=4))
def test_any_cells_are_rows_or_errors_and_no_row_is_lost(rows: list[tuple[str, ...]]) -> None:
    headers = (
        *("first_name", "prefix", "last_name", "postcode", "house_number", "birth_date"),
        *("student_number", "group", "email", "phone", "call_name"),
    )
    sheet = Sheet(headers, tuple(Row(line, cells) for line, cells in enumerate(rows, 2)), "utf-8", ";", "csv")
    found = student_rows(sheet, recognise(headers), TODAY, ZONE)
    lines = {row.line for row in found.rows} | {error.line for error in found.errors}
    passed = {remark.line for remark in found.remarks if remark.column is None}
    assert lines | passed == {row.line for row in sheet.rows} | (passed & {0})
    assert {row.line for row in found.rows}.isdisjoint(error.line for error in found.errors)
    assert all(row.first_name and row.first_name.isprintable() for row in found.rows)
    assert all(str(error) for error in found.errors)


@settings(max_examples=many(100, 3_000), deadline=None, derandomize=True)
@given(st.lists(st.tuples(*[_CELL] * len(PLANNING_FIELDS)), max_size=3))
def test_any_cells_of_plannings_are_rows_or_errors(rows: list[tuple[str, ...]]) -> None:
    sheet = Sheet(PLANNING_FIELDS, tuple(Row(line, cells) for line, cells in enumerate(rows, 2)), "utf-8", ";", "csv")
    found = planning_rows(sheet, recognise_planning(PLANNING_FIELDS))
    assert {row.line for row in found.rows} | {error.line for error in found.errors} == {row.line for row in sheet.rows}


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("juf Anna en juf Bea", ("juf Anna", "juf Bea")),
        ("juf Anna & juf Bea", ("juf Anna", "juf Bea")),
        ("juf Anna / juf Bea", ("juf Anna", "juf Bea")),
        ("juf Anna; juf Bea", ("juf Anna", "juf Bea")),
        ("juf Anna, juf Bea en meester Wout", ("juf Anna", "juf Bea", "meester Wout")),
        ("Wit, Anna de", ("Anna de Wit",)),
        ("Wit, Anna de; Berg, Bea van den", ("Anna de Wit", "Bea van den Berg")),
        ("juf Anna (ma/di)", ("juf Anna (ma/di)",)),
        ("meester Enno", ("meester Enno",)),
        ("juf Anna en juf Anna", ("juf Anna",)),
    ],
)
def test_people_in_one_cell_are_told_apart(cell: str, people: tuple[str, ...]) -> None:
    assert teachers(cell) == people

"""From bytes to a sheet: separators, quotation marks, headers, limits, and any bytes at all (G11)."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.importing.files.limits import COMMAND_LINE, DESK, Unreadable
from storage.importing.files.reading import Row, Sheet, read
from tests.storage.importing.files import csv_file, many, workbook


def test_a_sheet_has_headers_and_rows_with_their_lines() -> None:
    assert read(csv_file("Voornaam;Groep", "Zoë;3a", "Jan;4b"), "x.csv") == Sheet(
        headers=("Voornaam", "Groep"),
        rows=(Row(2, ("Zoë", "3a")), Row(3, ("Jan", "4b"))),
        encoding="utf-8",
        separator=";",
        kind="csv",
    )


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_counted_in_the_header(separator: str) -> None:
    data = csv_file(f"a{separator}b{separator}c", f'1{separator}"x;y,z|"{separator}3')
    sheet = read(data, "x")
    assert (sheet.separator, sheet.rows) == (separator, (Row(2, ("1", "x;y,z|", "3")),))


def test_a_separator_inside_quotation_marks_does_not_count() -> None:
    assert read(csv_file('"a, b, c";"d, e"', "1;2"), "x").headers == ("a, b, c", "d, e")


def test_excels_own_first_line_names_the_separator() -> None:
    sheet = read(csv_file("sep=|", "a;x|b", "1|2"), "x")
    assert (sheet.headers, sheet.rows) == (("a;x", "b"), (Row(3, ("1", "2")),))


def test_a_list_of_one_column_needs_no_separator() -> None:
    assert read(csv_file("Groep", "3a"), "x").rows == (Row(2, ("3a",)),)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_quoted_line_ends_stay_in_the_cell_and_lines_are_counted_on(end: str) -> None:
    data = end.join(["a;b", '"1', '2";x', "", ";", "3;4"]).encode()
    assert read(data, "x").rows == (Row(2, (f"1{end}2", "x")), Row(6, ("3", "4")))


def test_empty_rows_and_spaces_are_passed_over() -> None:
    assert read(csv_file("", " ; ", "a;b", ";;;", '" ";', "1;2;;"), "x").rows == (Row(6, ("1", "2")),)


def test_a_short_row_is_filled_up_and_a_long_one_left_for_the_checks_to_name() -> None:
    assert read(csv_file("a;b", "1", "1;2;3"), "x").rows == (Row(2, ("1", "")), Row(3, ("1", "2", "3")))


def test_a_column_without_header_is_called_by_its_place_and_an_empty_tail_is_none() -> None:
    assert read(csv_file("a;;c;;", "1;2;3;;"), "x").headers == ("a", "#2", "c")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "list.csv is empty."),
        (b" \r\n ", "list.csv is empty."),
        (b"\xef\xbb\xbf", "There is no header: the first row names the columns."),
        (b";;\r\n;;", "There is no header: the first row names the columns."),
        (b"a;b\r\n;\r\n", "There is no row under the header."),
        (
            b'a;b\n1;2\n"3;4\n5;6',
            "Line 3 cannot be read: a quotation mark is left open or stands in the wrong place.",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is a workbook of an old Excel (.xls). Save it as .xlsx or as CSV."),
        (b"a\x01b;c\n1;2", "The first row does not name columns: this does not look like a list."),
        (b"%PDF-1.7", "This is a PDF. Export the list as CSV or as .xlsx."),
        (b"PK\x05\x06", "This is a zip file, not a list. Unpack it first."),
        (b"<html><table>", "This is a web page. Export the list as CSV, as .xlsx or as EDEXML."),
        (b"\x89PNG\r\n\x1a\n1234", "This is a picture, not a list."),
        (b"PK\x03\x04 no zip", "This is not an Excel workbook that can be read. Save it as .xlsx or as CSV."),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(data, "list.csv")
    assert str(refused.value) == sentence


def test_equal_headers_are_told_apart_by_a_number_and_named() -> None:
    sheet = read(b"Groep;naam;GROEP;Naam;naam (1);x\n1;2;3;4;5;6", "list.csv")
    assert sheet.headers == ("Groep (1)", "naam (2)", "GROEP (2)", "Naam (3)", "naam (1)", "x")
    assert sheet.doubled == {"Groep (1)", "naam (2)", "GROEP (2)", "Naam (3)"}
    assert read(workbook([["a", "a", "b"], [1, 2, 3]]), "list.xlsx").doubled == {"a (1)", "a (2)"}


def test_a_separator_may_be_chosen_by_hand() -> None:
    data = b"Naam, voornaam, prefix;Groep\nBos, Kees, ;4"
    assert read(data, "x").headers == ("Naam", "voornaam", "prefix;Groep")
    assert read(data, "x", separator=";").headers == ("Naam, voornaam, prefix", "Groep")
    assert read(data, "x", separator="").headers == ("Naam", "voornaam", "prefix;Groep")


def test_the_content_decides_and_not_the_name() -> None:
    assert read(workbook([["a", "b"], [1, 2]]), "list.csv").kind == "xlsx"
    assert read(b"a;b\n1;2", "list.xlsx").kind == "csv"


def test_a_desk_takes_5000_rows_and_the_command_line_50000() -> None:
    rows = ["a;b", *["1;2"] * 5000]
    assert len(read(csv_file(*rows), "x").rows) == 5000
    with pytest.raises(Unreadable, match="There are more than 5000 rows"):
        read(csv_file(*rows, "1;2"), "x")
    assert len(read(csv_file(*rows, "1;2"), "x", limits=COMMAND_LINE).rows) == 5001
    with pytest.raises(Unreadable, match="There are more than 50000 rows"):
        read(csv_file("a;b", *["1;2"] * 50_001), "x", limits=COMMAND_LINE)


def test_size_comes_before_content() -> None:
    with pytest.raises(Unreadable, match=r"list\.csv is larger than 5 MB\."):
        read(b"\0" * (DESK.upload + 1), "list.csv")


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(Unreadable, match="There are more than 3 columns"):
        read(b"a;b;c;d\n1;2;3;4", "x", limits=replace(DESK, columns=3))


_PIECES = st.sampled_from(
    [
        *(b"a", b";", b",", b"\t", b"|", b'"', b"\r", b"\n", b"\0", b" ", b"sep=", b"=1+1", b"a;b\n1;2\n"),
        *(b"\xff\xfe", b"\xef\xbb\xbf", b"\xe9", b"\x81", b"\xc3\xab", b"Voornaam", b"PK\x03\x04"),
    ]
)


@settings(max_examples=many(300, 10_000), deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    data=st.one_of(st.binary(max_size=400), st.lists(_PIECES, max_size=40).map(b"".join)),
    encoding=st.sampled_from([None, None, None, "utf-8", "utf-16", "cp1252", "cp850"]),
)
def test_any_bytes_are_a_sheet_or_a_refusal_with_a_reason(data: bytes, encoding: str | None) -> None:
    try:
        sheet = read(data, "any", encoding=encoding)
    except Unreadable as refused:
        sentence = str(refused)
        assert sentence.endswith(".") and "%(" not in sentence  # noqa: PT018
        return
    assert len(set(sheet.headers)) == len(sheet.headers) > 0
    assert all(any(cell.strip() for cell in row.cells) for row in sheet.rows)
    lines = [row.line for row in sheet.rows]
    assert lines == sorted(set(lines))

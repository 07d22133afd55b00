"""EDEXML 2.1: pupils with their groups, nothing that may not be stored, and no file that harms (rules 27, 29)."""

from dataclasses import replace
from datetime import date

import pytest

from storage.importing.columns.recognition import FORBIDDEN, recognise
from storage.importing.columns.table import Read
from storage.importing.files.limits import COMMAND_LINE, DESK, Unreadable
from storage.importing.files.reading import read
from storage.importing.files.spreadsheets import TOO_HEAVY_XML, read_pupils
from storage.importing.students.rows import student_rows
from storage.importing.students.student_row import StudentRow
from tests.storage.importing.edexml import GROUPS, OLIVIER, SANNE, edexml
from tests.storage.importing.lists import TODAY, ZONE

HEADERS = (
    *("roepnaam", "voornamen", "voorvoegsel", "achternaam", "groep", "samengestelde groepen", "geboortedatum"),
    *("postcode", "e-mailadres leerling", "sleutel in de administratie"),
    *("geslacht", "land", "bsn", "fotourl", "onderwijsnummer"),
)


def refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read(data, "edex.xml")
    return str(refused.value)


def test_a_pupil_is_read_with_its_groups_by_name() -> None:
    sheet = read(edexml().encode(), "edex.xml")
    assert (sheet.kind, sheet.headers) == ("edexml", HEADERS)
    assert sheet.rows[0].cells == (
        *("Sanne", "Susanna Maria", "de", "Vries", "groep 4", "plusgroep,koor", "2017-05-03"),
        *("3511AB", "ouders.sanne@example.org", "900001", "", "", "", "", ""),
    )
    assert sheet.rows[1].cells[:7] == ("Olivier", "", "", "Çelik & Zonen", "groep 7 de uilen", "", "2014-02-01")


def test_what_may_not_be_stored_never_leaves_the_program_that_reads_it() -> None:
    told = repr(read_pupils(edexml().encode()))
    assert [word for word in ("123456782", "100200300", "fotos.example", "ketenid", "noor@") if word in told] == []


def test_it_imports_without_a_column_chosen_by_hand() -> None:
    sheet = read(edexml().encode(), "edex.xml")
    mapping = recognise(sheet.headers, sheet.doubled)
    assert mapping == {
        "roepnaam": "call_name",
        "voornamen": "first_name",
        "voorvoegsel": "prefix",
        "achternaam": "last_name",
        "groep": "group",
        "samengestelde groepen": "group",
        "geboortedatum": "birth_date",
        "postcode": "postcode",
        **dict.fromkeys(("geslacht", "land", "bsn", "fotourl", "onderwijsnummer"), FORBIDDEN),
    }
    rows = student_rows(sheet, mapping, TODAY, ZONE)
    assert rows.errors == ()
    assert [(row.first_name, row.call_name, row.prefix, row.last_name, row.groups) for row in rows.rows] == [
        ("Susanna Maria", "Sanne", "de", "Vries", ("groep 4", "plusgroep", "koor")),
        ("Olivier", "Olivier", "", "Çelik & Zonen", ("groep 7 de uilen",)),
    ]


def read_so(text: str) -> Read[StudentRow]:
    sheet = read(text.encode(), "edex.xml")
    return student_rows(sheet, recognise(sheet.headers, sheet.doubled), TODAY, ZONE)


PUPIL = '    <leerling key="900003">\n{}\n    </leerling>'


@pytest.mark.parametrize(
    ("data", "name", "groups"),
    [
        ("<achternaam>Bos</achternaam><jaargroep>5</jaargroep>", "Bos", ("5",)),
        ("<roepnaam>Kadek</roepnaam><groep key='G4'/>", "Kadek", ("groep 4",)),
        (
            "<roepnaam>Bo</roepnaam><samengestelde_groepen><samengestelde_groep key='S2'/></samengestelde_groepen>",
            "Bo",
            ("koor",),
        ),
        ("<roepnaam>Bo</roepnaam><achternaam>Smit</achternaam>", "Bo", ()),
    ],
)
def test_the_least_that_a_pupil_may_have_is_enough(data: str, name: str, groups: tuple[str, ...]) -> None:
    found = read_so(edexml(SANNE, PUPIL.format(data)))
    assert found.errors == ()
    assert (found.rows[1].first_name, found.rows[1].groups) == (name, groups)


def test_a_birth_date_may_carry_a_zone_and_a_group_a_long_name() -> None:
    long = "De onderbouwgroep van de locatie aan de overkant van de Maas"
    listed = GROUPS.replace("<naam>groep 4</naam>", f"<naam>{long}</naam>")
    zoned = SANNE.replace("2017-05-03</geboortedatum>", "2017-05-03+02:00</geboortedatum>")
    (row, *_) = read_so(edexml(zoned, groups=listed)).rows
    assert (row.birth_date, row.groups[0]) == (date(2017, 5, 3), long)


def test_who_has_left_is_passed_over_and_who_will_leave_is_not() -> None:
    left = OLIVIER.replace("<groep", "<uitstroomdatum>2026-10-01</uitstroomdatum><groep")
    later = SANNE.replace("<groep", "<uitstroomdatum>2027-07-31</uitstroomdatum><groep", 1)
    found = read_so(edexml(later, left))
    assert [row.first_name for row in found.rows] == ["Susanna Maria"]
    assert [str(remark) for remark in found.remarks] == ["Left the school on 2026-10-01: passed over."]


def test_two_groups_of_one_name_are_told_apart_by_what_else_is_said_of_them() -> None:
    north, south = ('<groep key="{0}"><naam>5a</naam><omschrijving>{1}</omschrijving></groep>',) * 2
    listed = f"  <groepen>{north.format('A1', 'Noord')}{south.format('B1', 'Zuid')}</groepen>"
    data = "<roepnaam>Bo</roepnaam><achternaam>Bos</achternaam><groep key='{}'/>"
    pupils = [PUPIL.format(data.format(key)) for key in ("A1", "B1")]
    found = read_so(edexml(*pupils, groups=listed))
    assert [row.groups for row in found.rows] == [("5a (Noord)",), ("5a (Zuid)",)]


def test_composed_groups_are_the_group_where_there_is_no_other() -> None:
    sheet = read(edexml(SANNE.replace('<groep key="G4"/>', "")).encode(), "edex.xml")
    assert recognise(sheet.headers)["samengestelde groepen"] == "group"


def test_a_pupil_of_a_group_that_is_not_listed_is_of_its_year_group() -> None:
    assert read_so(edexml(SANNE, OLIVIER.replace('"G7"', '"G9"'))).rows[1].groups == ("7",)


def test_groups_may_be_listed_after_the_pupils_and_stand_in_a_namespace() -> None:
    plain = edexml(groups="").replace("</EDEX>", f"{GROUPS}\n</EDEX>")
    uwlr = plain.replace("<EDEX>", '<le:EDEX xmlns:le="http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens">')
    for tag in ("EDEX", "leerlingen", "leerling", "groep", "groepen", "achternaam", "roepnaam", "naam"):
        uwlr = uwlr.replace(f"</{tag}>", f"</le:{tag}>").replace(f"<{tag}>", f"<le:{tag}>")
        uwlr = uwlr.replace(f"<{tag} key", f"<le:{tag} key")
    for text in (plain, uwlr):
        sheet = read(text.encode(), "edex.xml")
        assert [row.cells[sheet.headers.index("groep")] for row in sheet.rows] == ["groep 4", "groep 7 de uilen"]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "utf-8-sig"])
def test_the_letters_are_those_that_the_file_declares(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = edexml(head=f'<?xml version="1.0" encoding="{declared}"?>')
    assert "Çelik & Zonen" in read(text.encode(encoding), "edex.xml").rows[1].cells


def test_a_file_with_a_document_type_or_entities_is_refused() -> None:
    bomb = '<!DOCTYPE EDEX [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = '<!DOCTYPE EDEX [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    for declared in (bomb, outside, '<!DOCTYPE EDEX SYSTEM "http://example.org/edex.dtd">'):
        data = edexml().replace("<EDEX>", f"{declared}<EDEX>").replace("Olivier", "&b;").encode()
        assert refusal(data) == "This XML file declares a document type of its own; that is not allowed."


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<html><table>", "This is a web page. Export the list as CSV, as .xlsx or as EDEXML."),
        (
            b"<EDEX><leerlingen></leerlingen></EDEX>",
            "This XML holds no students that can be read. Export the list as EDEXML, as CSV or as .xlsx.",
        ),
        (b"<EDEX>\n<leerlingen>\n<leerling key='1'>", "This XML file is broken: line 3 cannot be read."),
        (
            b"<a>" * 2000,
            "This XML holds no students that can be read. Export the list as EDEXML, as CSV or as .xlsx.",
        ),
        (
            b'<?xml version="1.0" encoding="klingon"?><EDEX/>',
            "This XML holds no students that can be read. Export the list as EDEXML, as CSV or as .xlsx.",
        ),
    ],
)
def test_what_is_no_edexml_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    assert refusal(data) == sentence


def test_a_desk_takes_5000_pupils() -> None:
    def pupil(number: int) -> str:
        return f'<leerling key="{number}"><achternaam>Bos</achternaam><groep key="G4"/></leerling>'

    pupils = [pupil(number) for number in range(5001)]
    assert len(read(edexml(*pupils[1:]).encode(), "x").rows) == 5000
    assert refusal(edexml(*pupils).encode()) == "There are more than 5000 rows."
    assert len(read(edexml(*pupils).encode(), "x", limits=COMMAND_LINE).rows) == 5001


def test_a_file_that_takes_too_much_is_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        read_pupils(edexml(*[SANNE] * 5000).encode(), replace(DESK, memory=1_000_000))
    assert str(refused.value) == TOO_HEAVY_XML

"""`import students` by the operator: what a school chose at its desk counts, and every kind of file is read."""

import json
from pathlib import Path

import pytest

from storage.access.chats import school_by_slug
from storage.database.engine import Database
from storage.families import students
from storage.importing.columns import remembered
from tests.storage.importing.edexml import edexml
from tests.support.commands import Operator

ODD = ("Hoe heet je;Achternaam;In welke klas;Postcode", "Sanne;de Vries;groep 4;3511 AB")


@pytest.fixture
def operator(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Operator:
    made = Operator(sqlite, tmp_path, monkeypatch, capsys)
    assert made.run("school", "add", "regenboog", "--name", "De Regenboog").status == 0
    return made


def school_id(database: Database) -> int:
    school = database.read(school_by_slug, "regenboog")
    assert school is not None
    return school.id


def listed(database: Database) -> list[tuple[str, str, str]]:
    found = database.read(students.students, school_id(database))
    return [(line.name, line.groups, line.postcode) for line in found.lines]


def test_columns_that_were_chosen_at_the_desk_are_known(operator: Operator, sqlite: Database) -> None:
    chosen = {"hoe heet je": "first_name", "In welke klas": "group", "Postcode": ""}
    sqlite.work(remembered.remember, school_id(sqlite), chosen)
    assert operator.run("import", "students", "regenboog", operator.file("odd.csv", *ODD)).status == 0
    assert listed(sqlite) == [("Vries, Sanne de", "groep 4", "")]


def test_what_is_said_with_the_command_overrules_what_was_chosen_at_the_desk(
    operator: Operator, sqlite: Database
) -> None:
    chosen = {"hoe heet je": "last_name", "In welke klas": "group", "Postcode": ""}
    sqlite.work(remembered.remember, school_id(sqlite), chosen)
    words = ("import", "students", "regenboog", operator.file("odd.csv", *ODD))
    more = ("--column", "Hoe heet je=first_name", "--column", "Achternaam=last_name", "--column", "Postcode=postcode")
    assert operator.run(*words, *more).status == 0
    assert listed(sqlite) == [("Vries, Sanne de", "groep 4", "3511AB")]


def test_edexml_is_imported_as_it_is(operator: Operator, sqlite: Database) -> None:
    file = operator.file("edex.xml", *edexml().splitlines())
    done = operator.run("import", "students", "regenboog", file, "--json")
    assert (done.status, json.loads(done.out)["new"]) == (0, 2)
    assert listed(sqlite) == [
        ("Çelik & Zonen, Olivier", "groep 7 de uilen", "3515IJ"),
        ("Vries, Sanne de", "groep 4, koor, plusgroep", "3511AB"),
    ]


def test_wrong_rows_are_left_out_where_one_asks_for_it(operator: Operator, sqlite: Database) -> None:
    file = operator.file(
        "odd.csv", "Voornaam;Achternaam;Groep;Telefoon;Klasmentor", "12;Bos;4;;x", "Bo;Bos;4;bel maar;x"
    )
    refused = operator.run("import", "students", "regenboog", file)
    assert (refused.status, listed(sqlite)) == (1, [])
    done = operator.run("import", "students", "regenboog", file, "--without-wrong-rows")
    assert (done.status, listed(sqlite)) == (0, [("Bos, Bo", "4", "")])
    assert done.err.splitlines() == ["line 2: Voornaam: “12” is not a name."]
    assert done.out.splitlines()[1:] == [
        "Columns that were not read: Klasmentor.",
        "line 3: Telefoon: “bel maar” is not one phone number.",
    ]


def test_columns_with_one_name_are_left_out_and_named(operator: Operator, sqlite: Database) -> None:
    file = operator.file("twice.csv", "Voornaam;Achternaam;Groep;Postcode;Postcode", "Sanne;Bos;groep 4;3511AB;1000AA")
    done = operator.run("import", "students", "regenboog", file)
    assert (done.status, done.out.splitlines()[-1]) == (
        0,
        "Not read, because more than one column has this name: Postcode.",
    )
    assert listed(sqlite) == [("Bos, Sanne", "groep 4", "")]
    wanted = operator.run("import", "students", "regenboog", file, "--column", "Postcode=postcode")
    assert (wanted.status, wanted.err) == (
        1,
        "Two columns are called “Postcode”: give one of them another name in the file, or import neither.\n",
    )

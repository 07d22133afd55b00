"""The operator's commands by the words of the product, on both databases: exit statuses, counts, sentences."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from storage.database.engine import Database
from storage.staff import sessions
from tests.support.browser import everything, unchanged
from tests.support.commands import Done, Operator

STUDENTS = (
    "Leerlingnummer;Roepnaam;Voorvoegsel;Achternaam;Postcode;Huisnummer;Geboortedatum;Groep;E-mail",
    "1001;Sanne;de;Vries;3511 AB;12;03-05-2017;groep 4;devries@example.org",
    "1002;Daan;de;Vries;3511 AB;12;11-02-2014;groep 7;devries@example.org",
    "1003;Emir;;Yılmaz;3512 CD;3;30-08-2017;groep 4;yilmaz@example.org",
)
WHEN = "2030-11-10 19:00;2030-11-22 12:00;2030-11-26;18:00;20:00;10"
PLANNINGS = (
    "ronde;titel;leerkrachten;email;groepen;lokaal;opent;sluit;datum;van;tot;minuten",
    f"Herfst;Groep 4;juf Noor;noor@regenboog.example;groep 4;3;{WHEN}",
    f"Herfst;Groep 7;meester Bram;bram@regenboog.example;groep 7;7;{WHEN}",
)


@pytest.fixture
def operator(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Operator:
    return Operator(database, tmp_path, monkeypatch, capsys)


@pytest.fixture
def school(operator: Operator) -> Operator:
    """De Regenboog, with its students imported."""
    assert operator.run("school", "add", "regenboog", "--name", "De Regenboog").status == 0
    file = operator.file("students.csv", *STUDENTS)
    assert operator.run("import", "students", "regenboog", file).status == 0
    return operator


def counts(done: Done) -> dict[str, object]:
    made = json.loads(done.out)
    return {name: made[name] for name in ("read", "new", "changed", "unchanged", "refused", "errors")}


def test_from_an_empty_database_to_a_published_conference(operator: Operator, database: Database) -> None:
    assert operator.run("upgrade").out == "The database was up to date already.\n"
    added = operator.run("school", "add", "regenboog", "--name", "De Regenboog")
    assert added.out == (
        "De Regenboog is there: parents at http://127.0.0.1:8000/regenboog, staff at http://127.0.0.1:8000/desk\n"
    )
    staff = ("staff", "add", "regenboog", "Directie@regenboog.example", "--role", "administrator")
    assert operator.run(*staff, typed="vier gele laarzen\n").status == 0
    assert [one.school_name for one in database.read(sessions.accounts, "directie@regenboog.example")] == [
        "De Regenboog"
    ]
    students = operator.file("students.csv", *STUDENTS)
    assert operator.run("import", "students", "regenboog", students).status == 0
    assert operator.run("families", "make", "regenboog").status == 0
    assert operator.run("families", "secret", "regenboog", "postcode", "--hint", "Uw postcode (1234AB)").status == 0
    assert operator.run("import", "plannings", "regenboog", operator.file("plannings.csv", *PLANNINGS)).status == 0
    published = operator.run("publish", "regenboog", "--conference", "Herfst")
    assert (published.status, published.out.splitlines()[0]) == (0, "2 plannings are published.")
    exported = operator.run("export", "regenboog", "talks.xlsx")
    assert (exported.status, exported.out) == (0, "talks.xlsx: 0 talks.\n")
    assert load_workbook("talks.xlsx").sheetnames != []
    assert stat.S_IMODE(os.stat("talks.xlsx").st_mode) == 0o600


def test_the_counts_of_an_import_are_one_json_object(operator: Operator) -> None:
    operator.run("school", "add", "regenboog", "--name", "De Regenboog")
    file = operator.file("students.csv", *STUDENTS)
    first = operator.run("import", "students", "regenboog", file, "--json")
    assert counts(first) == {"read": 3, "new": 3, "changed": 0, "unchanged": 0, "refused": 0, "errors": []}
    again = operator.run("import", "students", "regenboog", file, "--json")
    assert counts(again) == {"read": 3, "new": 0, "changed": 0, "unchanged": 3, "refused": 0, "errors": []}


def test_one_bad_row_and_nothing_is_imported(school: Operator, database: Database) -> None:
    file = school.file("bad.csv", *STUDENTS, "1004;12;;Smit;3514 GH;21;01-11-2014;groep 7;", "")
    with unchanged(database):
        done = school.run("import", "students", "regenboog", file, "--json")
    assert done.status == 1
    assert [error["line"] for error in json.loads(done.out)["errors"]] == [5]
    assert done.err.splitlines()[-1] == "Nothing was changed."


def test_a_dry_run_counts_and_changes_nothing(operator: Operator, database: Database) -> None:
    operator.run("school", "add", "regenboog", "--name", "De Regenboog")
    with unchanged(database):
        done = operator.run("import", "students", "regenboog", operator.file("s.csv", *STUDENTS), "--dry-run", "--json")
    assert (done.status, counts(done)["new"]) == (0, 3)


def test_a_column_is_named_by_hand(operator: Operator) -> None:
    operator.run("school", "add", "regenboog", "--name", "De Regenboog")
    file = operator.file("odd.csv", "Hoe heet je;Achternaam;In welke klas", "Sanne;de Vries;groep 4")
    import_ = ("import", "students", "regenboog", file, "--json")
    assert operator.run(*import_).status == 1
    by_hand = operator.run(*import_, "--column", "Hoe heet je=first_name", "--column", "In welke klas=group")
    assert (by_hand.status, counts(by_hand)["new"]) == (0, 1)


def test_families_are_made_once(school: Operator, database: Database) -> None:
    with unchanged(database):
        assert counts(school.run("families", "make", "regenboog", "--dry-run", "--json"))["new"] == 2
    assert counts(school.run("families", "make", "regenboog", "--json"))["new"] == 2
    again = counts(school.run("families", "make", "regenboog", "--json"))
    assert (again["new"], again["unchanged"]) == (0, 3)


def test_a_secret_that_some_lack_is_refused_with_their_names(school: Operator, database: Database) -> None:
    school.run(
        "import", "students", "regenboog", school.file("one.csv", STUDENTS[0], "1009;Fleur;;Bos;3515 AA;1;;groep 4;")
    )
    school.run("families", "make", "regenboog")
    with unchanged(database):
        done = school.run("families", "secret", "regenboog", "birth_date")
    assert (done.status, "Bos" in done.err) == (1, True)


def test_plannings_are_imported_once(school: Operator) -> None:
    file = school.file("plannings.csv", *PLANNINGS)
    first = school.run("import", "plannings", "regenboog", file, "--json")
    assert counts(first) == {"read": 2, "new": 2, "changed": 0, "unchanged": 0, "refused": 0, "errors": []}
    assert counts(school.run("import", "plannings", "regenboog", file, "--json"))["unchanged"] == 2


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("school", "add", "regenboog", "--name", "Again"), "There is a school “regenboog” already."),
        (("school", "add", "desk", "--name", "x"), "“desk” is an address of our own; choose another."),
        (("school", "add", "a_b", "--name", "x"),
         "“a_b” cannot be a school's address: 1 to 40 small letters, digits and hyphens."),
        (("school", "add", "Hoofdletter", "--name", "x"),
         "“Hoofdletter” cannot be a school's address: 1 to 40 small letters, digits and hyphens."),
        (("school", "add", "nameless", "--name", " "), "A school needs a name."),
        (("school", "add", "mars", "--name", "x", "--timezone", "Mars/Olympus"),
         "There is no time zone “Mars/Olympus”."),
        (("import", "students", "nowhere", "students.csv"), "There is no school “nowhere”."),
        (("import", "students", "regenboog", "no.csv"), "no.csv: No such file or directory."),
        (("publish", "regenboog", "--conference", "Lente"), "There is no conference “Lente”."),
        (("staff", "add", "regenboog", "not-an-address", "--role", "teacher"),
         "“not-an-address” is not one e-mail address."),
        (("staff", "add", "regenboog", "x@example.org", "--role", "teacher"),
         "The password is too short: at least 8 characters."),
        (("run", "bot"), "TELEGRAM_BOT_TOKEN is not set: there is no bot to run."),
        (("restore", "students.csv"), "students.csv is not a backup of Tienminuten, or is damaged."),
        (("restore", "no.backup"), "no.backup: No such file or directory."),
        (("export", "regenboog", "no/such/place.xlsx"), "no/such/place.xlsx: No such file or directory."),
    ],
)  # fmt: skip
def test_a_refusal_is_a_sentence_and_nothing_changes(
    school: Operator, database: Database, words: tuple[str, ...], reason: str
) -> None:
    with unchanged(database):
        done = school.run(*words, typed="short\n")
    assert (done.status, done.out, done.err) == (1, "", f"{reason}\n")


@pytest.mark.parametrize(
    "words",
    [
        (), ("dance",), ("school",), ("school", "add"), ("school", "add", "slug"), ("staff", "add", "x", "y"),
        ("staff", "add", "x", "y@z.nl", "--role", "king"), ("import", "students", "x"), ("import", "teachers", "x"),
        ("import", "students", "x", "y", "--column", "Header"),
        ("import", "students", "x", "y", "--column", "A=shoe_size"),
        ("families", "secret", "x", "shoe_size"), ("run", "circles"), ("run", "--port", "x"),
        ("run", "--port", "70000"),
        ("backup",), ("upgrade", "now"), ("school", "add", "x", "--name", "x", "--language", "tlh"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_status_two(
    words: tuple[str, ...], sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    done = Operator(sqlite, tmp_path, monkeypatch, capsys).run(*words)
    assert (done.status, done.out, done.err.startswith("usage: tienminuten")) == (2, "", True)


@pytest.mark.parametrize(
    ("setting", "value", "beginning"),
    [
        ("DATABASE_URL", "nonsense", "DATABASE_URL is not a database address."),
        ("DATABASE_URL", "mysql://host/name", "DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://"),
        ("DATABASE_URL", "postgresql+psycopg://user@127.0.0.1:1/none", "The database did not do it: connection failed"),
        ("SECRET_KEY", "", "SECRET_KEY is missing or shorter than 32 characters"),
        ("BASE_URL", "school.example", "BASE_URL must begin with http:// or https://"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL must be one of DEBUG"),
    ],
)
def test_a_wrong_setting_is_a_sentence(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    setting: str, value: str, beginning: str,
) -> None:  # fmt: skip
    operator = Operator(sqlite, tmp_path, monkeypatch, capsys)
    operator.set(**{setting: value})
    done = operator.run("import", "students", "regenboog", operator.file("s.csv", *STUDENTS))
    assert (done.status, done.err[: len(beginning)]) == (1, beginning)


def test_a_database_without_our_tables_is_told_to_be_upgraded(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    operator = Operator(sqlite, tmp_path, monkeypatch, capsys)
    operator.set(DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}")
    for words in (("publish", "x"), ("run",), ("backup", "x")):
        done = operator.run(*words)
        assert (done.status, done.err) == (1, "The database is not up to date. Run: tienminuten upgrade\n")
    assert operator.run("upgrade").out == "The database is up to date now.\n"
    assert operator.run("school", "add", "regenboog", "--name", "De Regenboog").status == 0


def test_a_backup_is_restored_and_what_stood_there_is_kept(school: Operator, database: Database) -> None:
    before = everything(database)
    assert school.run("backup", "night.backup").status == 0
    school.run("school", "add", "later", "--name", "Later")
    restored = school.run("restore", "night.backup")
    assert restored.status == 0
    assert everything(database) == before
    kept = restored.out.splitlines()[-1].rpartition(" ")[2]
    assert school.run("restore", kept).status == 0
    assert everything(database) != before


def test_the_installed_script_asks_nothing_of_the_chat_libraries(tmp_path: Path) -> None:
    """Each command is a process: what takes seconds to import is left to `run` and `demo`."""
    code = "import sys; from admin.commands import main; s = main(['upgrade']); print(s, 'aiogram' in sys.modules, "
    code += "'telegram' in sys.modules, 'uvicorn' in sys.modules)"
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{tmp_path / 'school.db'}"}
    path = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={**environment, "PYTHONPATH": path}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("The database is up to date now.\n0 False False False\n", "")


def test_help_and_a_mistyped_word_load_no_database(tmp_path: Path) -> None:
    code = "import sys; from admin.commands import main; print(main(['--help']), main(['import', 'pupils']), "
    code += "[name for name in ('sqlalchemy', 'babel', 'openpyxl') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "0 2 []"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("import", "students", "nobody", "students.csv"), "There is no school “nobody”."),
        (("import", "students", "regenboog", "absent.csv"), "absent.csv: No such file or directory."),
        (("import", "plannings", "regenboog", "."), ".: Is a directory."),
        (("families", "make", "nobody"), "There is no school “nobody”."),
    ],
)
def test_a_refusal_too_is_one_json_object(school: Operator, words: tuple[str, ...], reason: str) -> None:
    """A script reads one shape, whatever went wrong."""
    done = school.run(*words, "--json")
    assert done.status == 1
    assert counts(done) == {
        "read": 0, "new": 0, "changed": 0, "unchanged": 0, "refused": 0, "errors": [{"line": 0, "reason": reason}]
    }  # fmt: skip
    assert done.err.splitlines()[0] == reason

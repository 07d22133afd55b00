"""(c) The import of 50,000 students, beside `csv` and one `executemany`.

Ours does what `tienminuten import students` does with the same bytes: decodes, finds the separator and the columns,
checks every cell, looks for doubles, compares with what is stored, writes students, groups and the audit row in one
transaction. The other reads the known encoding and separator with `csv.DictReader` and inserts the same columns of the
same table, unchecked, in one transaction; the three columns that ours works out are constants there.
"""

import csv
import gc
import io
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from storage import tables
from storage.database.engine import Database
from storage.importing.columns.recognition import recognise
from storage.importing.files.garbage_collection import collection_paused
from storage.importing.files.limits import COMMAND_LINE
from storage.importing.files.reading import read
from storage.importing.students import applying
from storage.importing.students.rows import student_rows
from storage.migrations import upgrading
from tests.bench.bookings import NOW
from tests.bench.measuring import Pair, Speed
from tests.support.cast import OPERATOR

WANTED = 0.40
STUDENTS = 50_000
_HEADER = "roepnaam;tussenvoegsel;achternaam;postcode;huisnummer;geboortedatum;leerlingnummer;groep;e-mail;telefoon"
_INSERT = (
    "INSERT INTO student (school_id, first_name, prefix, last_name, postcode, house_number, birth_date, "
    'student_number, email, phone, call_name, name_key, call_key, "left") '
    "VALUES (1, :roepnaam, :tussenvoegsel, :achternaam, :postcode, :huisnummer, :geboortedatum, "
    ":leerlingnummer, :e_mail, :telefoon, '', 'kind', '', NULL)"
)


def file(students: int = STUDENTS) -> bytes:
    """A list as a school's system exports it: every student another number and address of mail, names that repeat."""
    chance = random.Random(7)
    firsts = ["Daan", "Sanne", "Emir", "Noor", "Zoë", "Jan-Willem", "Fatima", "Lotte", "Sem", "Anaïs"]
    lasts = ["Jansen", "de Vries", "Bakker", "van den Berg", "Yılmaz", "El Amrani", "Smit", "Kowalski", "Ng", "Peeters"]
    rows = [_HEADER]
    for number in range(1, students + 1):
        first, last = chance.choice(firsts), chance.choice(lasts)
        born = date(2012, 1, 1) + timedelta(days=chance.randrange(3000))
        rows.append(
            f"{first};;{last}{number % 997};{1000 + number % 8000} AB;{number % 150 + 1};{born:%d-%m-%Y};"
            f"{100000 + number};groep {number % 240};ouder{number}@school.example;0612{number:06}"
        )
    return ("\r\n".join(rows) + "\r\n").encode()


@contextmanager
def _empty(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}")
    try:
        upgrading.upgrade(database)
        database.work(_school)
        yield database
    finally:
        database.close()


def _school(session: Session) -> None:
    session.add(tables.School(id=1, slug="bench", name="Bench", created=NOW))


def _ours(database: Database, data: bytes) -> None:
    sheet = read(data, "leerlingen.csv", limits=COMMAND_LINE)
    checked = student_rows(sheet, recognise(sheet.headers), NOW.date(), "Europe/Amsterdam")
    told = database.work(applying.apply, 1, OPERATOR, checked, b"pepper")
    assert told.counts() == {"read": STUDENTS, "new": STUDENTS, "changed": 0, "unchanged": 0, "refused": 0}


def _plain(path: Path, data: bytes) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    header, _, rest = data.decode().replace("e-mail", "e_mail", 1).partition("\r\n")
    rows = csv.DictReader(io.StringIO(rest, newline=""), fieldnames=header.split(";"), delimiter=";")
    with connection:
        connection.executemany(_INSERT, rows)
    connection.close()


def _timed(do: Any, *given: Any) -> Speed:
    """Both without Python's garbage collection, as the command runs."""
    gc.collect()
    with collection_paused():
        began = time.perf_counter()
        do(*given)
        return Speed(STUDENTS / (time.perf_counter() - began))


def measure(folder: Path) -> list[Pair]:
    """One run: ours into an empty school, then the other into another."""
    data = file()
    with _empty(folder / "import.db") as database:
        mine = _timed(_ours, database, data)
    with _empty(folder / "plain.db") as database:
        database.close()
        other = _timed(_plain, folder / "plain.db", data)
    return [Pair("(c) import of 50,000 students / csv and executemany", mine, other, WANTED)]

"""De Linde: a primary school of eight groups that begins with nothing but an administrator and its own student list."""

import csv
import io
from collections.abc import Sequence

from sqlmodel import Session

from storage import tables
from storage.database.engine import Database
from tests.support.cast import NOW, Cast

SCHOOL = "De Linde"
GROUPS = tuple(f"groep {number}" for number in range(1, 9))
TEACHERS = ("juf Noor", "juf Fleur", "meester Sem", "juf Roos", "meester Bram", "juf Iris", "juf Tess", "meester Jan")
HEADER = "Leerlingnummer;Roepnaam;Voorvoegsel;Achternaam;Geboortedatum;Postcode;Huisnummer;Groep;E-mail ouder"
FAMILIES: Sequence[tuple[str, str, str, str, Sequence[tuple[str, int]]]] = (  # prefix, name, postcode, house, children
    ("van den", "Berg", "3511 AB", "12", (("Zoë", 2), ("Daniël", 5), ("Mees", 8))),
    ("", "Yılmaz", "3511 CD", "3", (("Emir", 4), ("Elif", 4))),
    ("de", "Boer", "3511 CD", "40", (("Lieke", 1), ("Thijs", 3))),
    ("", "Çelik", "3512 EF", "7", (("Ayşe", 6),)),
    ("", "Jansen", "3512 EF", "9", (("Lotte", 3),)),
    ("", "Smit", "3512 GH", "21", (("Stéphanie", 7), ("Björn", 2))),
    ("", "Visser", "3513 AA", "5", (("Saar", 1), ("Finn", 6))),
    ("de", "Groot", "3513 AA", "16", (("Noa", 5),)),
    ("", "Kowalski", "3513 BB", "2", (("Jan", 8), ("Zofia", 3))),
    ("", "Mulder", "3513 BB", "33", (("Tijn", 7),)),
    ("van", "Dijk", "3514 CC", "18", (("Evi", 1), ("Luuk", 4))),
    ("", "Haddad", "3514 CC", "25", (("Amira", 2),)),
    ("", "Bos", "3514 DD", "8", (("Fenna", 6), ("Jesse", 8))),
    ("", "Peters", "3514 DD", "11", (("Mila", 5),)),
    ("", "Vos", "3515 EE", "1", (("Julia", 7), ("Sam", 1))),
    ("", "Dekker", "3515 EE", "14", (("Nora", 8),)),
    ("", "Willems", "3515 FF", "6", (("Bram", 2), ("Vera", 5))),
    ("", "Bakır", "3515 FF", "19", (("Deniz", 3),)),
    ("", "Kuiper", "3516 GG", "4", (("Olivia", 4), ("Max", 7))),
    ("", "Maas", "3516 GG", "22", (("Hugo", 6),)),
)


def students() -> bytes:
    """The school's list, as its old Excel writes it: semicolons, its own headers, and letters of Windows."""
    return _file(_rows())


def with_one_more(name: str, group: str) -> bytes:
    """The list of some weeks later: one child more."""
    return _file([*_rows(), ("04999", name, "", "Prins", "3-9-2021", "3516HH", "30", group, "prins@ouders.example")])


def _file(rows: Sequence[Sequence[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows([HEADER.split(";"), *rows])
    return written.getvalue().encode("cp1252")


def _rows() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for number, (prefix, last, postcode, house, children) in enumerate(FAMILIES):
        for place, (first, group) in enumerate(children):
            address = f"ouders{number}@ouders.example" if number % 5 else ""
            born = f"{1 + (number * 7 + place * 3) % 28}-{1 + number % 12}-{2022 - group}"
            number_ = f"04{number:02}{place}"
            plain = last.replace("ı", "i"), first.replace("ş", "s")  # Windows' letters have no Turkish ones
            rows.append((number_, plain[1], prefix, plain[0], born, postcode, house, GROUPS[group - 1], address))
    return rows


def found(database: Database) -> Cast:
    """The school as the operator makes it; as a cast, so that the desk's fixtures take it."""

    def make(session: Session) -> int:
        row = tables.School(slug="linde", name=SCHOOL, created=NOW)
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id

    return Cast(database, school=database.work(make))

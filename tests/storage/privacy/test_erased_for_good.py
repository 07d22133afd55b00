"""G17 and rule 33 in full: nothing of an erased child is found in any table, notice, export or file, nor after a
restore; and its number is never somebody else's."""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from storage.database.engine import Database
from storage.privacy import backup, erasure_requests, leftover_files, retention
from storage.school_year.leaving import leave
from storage.tables import Chat, Erasure, Family, School, Student
from storage.words import Erased, SignInStep
from tests.support.browser import everything
from tests.support.cast import DESK, NOW, PEPPER, Cast, settle
from tests.support.notices import book, link_chat

# What is known of Zoë, in no other row of the cast.
SECRETS = ("Zoëlla", "zoella", "Quispel", "9876ZX", "2015-12-24", "77001122", "quispel@example.org", "0655501234")


@pytest.fixture
def zoella(cast: Cast) -> int:
    """A child with everything that the school can know of it, a talk, a chat, and a sign-in half done."""

    def enter(session: Session) -> int:
        child = session.get_one(Student, cast.stephanie)
        child.first_name, child.last_name, child.name_key = "Zoëlla", "Quispel", "zoella"
        child.postcode, child.house_number, child.birth_date = "9876ZX", "5", date(2015, 12, 24)
        child.student_number, child.email, child.phone = "77001122", "quispel@example.org", "0655501234"
        session.get_one(Family, cast.smit).name = "Quispel"
        session.get_one(Family, cast.smit).email = "quispel@example.org"
        return cast.stephanie

    student_id = cast.database.work(enter)
    chat = link_chat(cast, cast.smit)
    book(cast, "smit", "stephanie", cast.bram_slots[0], by_staff=False)

    def type_it(session: Session) -> None:
        row = session.get_one(Chat, chat)
        row.school_id, row.step, row.first_name = cast.school, SignInStep.SECRET, "zoella"
        session.add(
            Chat(
                kind=row.kind,
                address="77",
                step=SignInStep.SECRET,
                school_id=cast.school,
                first_name="zoella",
                seen=NOW,
            )
        )

    cast.database.work(type_it)
    return student_id


def erase(cast: Cast, student_id: int) -> None:
    cast.database.work(erasure_requests.erase_student, cast.school, DESK, student_id, "Zoëlla", PEPPER)
    cast.database.scrub()


def hits(database: Database) -> list[str]:
    """Which of the secrets stand anywhere in the tables."""
    found = json.dumps(everything(database), default=str, ensure_ascii=False)
    return [secret for secret in SECRETS if secret in found]


def in_files(folder: Path) -> list[tuple[str, str]]:
    """Which stand in a file of this folder, byte for byte."""
    contents = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [(name, secret) for name, held in contents.items() for secret in SECRETS if secret.encode() in held]


def test_everything_is_there_before(cast: Cast, zoella: int) -> None:
    assert hits(cast.database) == list(SECRETS)


def test_nothing_is_left_in_any_table(cast: Cast, zoella: int) -> None:
    erase(cast, zoella)
    assert hits(cast.database) == []


def test_nothing_is_left_in_the_files_of_sqlite(sqlite: Database, tmp_path: Path) -> None:
    cast = settle(sqlite)

    def enter(session: Session) -> None:
        for name in ("first_name", "last_name", "email", "phone"):
            value = {"first_name": "Zoëlla", "last_name": "Quispel", "email": "quispel@example.org"}
            setattr(session.get_one(Student, cast.stephanie), name, value.get(name, "0655501234"))

    sqlite.work(enter)
    sqlite.scrub()
    assert in_files(tmp_path) != []
    sqlite.work(erasure_requests.erase_student, cast.school, DESK, cast.stephanie, "Zoella", PEPPER)
    sqlite.scrub()
    assert in_files(tmp_path) == []


def test_after_a_restore_of_a_backup_from_before_it_is_still_erased(cast: Cast, zoella: int, tmp_path: Path) -> None:
    backup.backup(cast.database, tmp_path / "before", NOW)
    erase(cast, zoella)
    backup.restore(cast.database, tmp_path / "before")
    assert hits(cast.database) == []
    rows = select(col(Erasure.what), col(Erasure.row_id))
    assert set(map(tuple, cast.database.read(lambda session: session.execute(rows).all()))) == {
        (Erased.STUDENT, zoella),
        (Erased.FAMILY, cast.smit),
    }


def test_a_backup_that_knows_of_the_erasure_erases_in_an_empty_database(
    cast: Cast, zoella: int, tmp_path: Path
) -> None:
    """As when the file was made between writing down and taking away: the erasure in it counts."""
    cast.database.work(
        lambda session: session.add(Erasure(school_id=cast.school, what=Erased.STUDENT, row_id=zoella, at=NOW))
    )
    backup.backup(cast.database, tmp_path / "knowing", NOW)
    backup.restore(cast.database, tmp_path / "knowing")
    there = cast.database.read(lambda session: session.get(Student, zoella))
    assert there is None


def test_a_number_is_never_given_out_again_after_a_restore(cast: Cast, tmp_path: Path) -> None:
    backup.backup(cast.database, tmp_path / "before", NOW)
    later = cast.database.work(_new_child, cast.school)
    backup.restore(cast.database, tmp_path / "before")
    assert cast.database.work(_new_child, cast.school) == later + 1


def test_nor_in_another_database_when_the_highest_were_gone_at_the_backup(cast: Cast, tmp_path: Path) -> None:
    later = cast.database.work(_new_child, cast.school)
    cast.database.work(lambda session: session.delete(session.get_one(Student, later)))
    backup.backup(cast.database, tmp_path / "after", NOW)
    cast.database.work(_forget_numbers)
    backup.restore(cast.database, tmp_path / "after")
    assert cast.database.work(_new_child, cast.school) == later + 1


def _forget_numbers(session: Session) -> None:
    """As a new database has them."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DELETE FROM sqlite_sequence")
    else:
        connection.exec_driver_sql("ALTER SEQUENCE student_id_seq RESTART")


def _new_child(session: Session, school_id: int) -> int:
    child = Student(school_id=school_id, first_name="Nieuw", last_name="Kind", name_key="nieuw")
    session.add(child)
    session.flush()
    return child.id or 0


def test_erasures_of_another_installation_erase_nobody_here(cast: Cast, tmp_path: Path) -> None:
    backup.backup(cast.database, tmp_path / "ours", NOW)

    def become_another(session: Session) -> None:
        session.get_one(School, cast.school).created = NOW - timedelta(days=900)
        session.add(Erasure(school_id=cast.school, what=Erased.STUDENT, row_id=cast.sanne, at=NOW))

    cast.database.work(become_another)
    backup.restore(cast.database, tmp_path / "ours")
    assert cast.database.read(lambda session: session.get(Student, cast.sanne)) is not None


def test_leavers_are_erased_by_the_clock_as_well(cast: Cast, zoella: int) -> None:
    cast.database.work(leave, cast.school, DESK, [zoella])
    later = NOW + timedelta(days=61)
    assert cast.database.work(retention.clear, cast.school, later, PEPPER) == (0, 1)
    assert hits(cast.database) == []
    assert cast.database.work(retention.clear, cast.school, later, PEPPER) == (0, 0)


def test_uploads_and_old_copies_go(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    old = NOW.timestamp() - 3601
    for name, age in (("1-a.json", old), ("1-a.data", old), ("2-b.json", NOW.timestamp())):
        (uploads / name).write_text("Quispel")
        os.utime(uploads / name, (age, age))
    for name, days in (("before-restore-1.backup", 31), ("before-restore-2.backup", 1), ("mine.backup", 400)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (NOW.timestamp() - days * 86400,) * 2)
    assert leftover_files.sweep(tmp_path, NOW) == 3
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "2-b.json",
        "before-restore-2.backup",
        "mine.backup",
    ]
    assert leftover_files.throw_uploads(tmp_path, 1) == 0
    assert leftover_files.throw_uploads(tmp_path, 2) == 1

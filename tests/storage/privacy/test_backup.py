"""Backup and restore (O3, B8 in its quick form), on both databases and from one to the other."""

import contextlib
import json
import stat
import zipfile
from pathlib import Path

import pytest

from storage import schools
from storage.booking import booking
from storage.database.engine import Database
from storage.privacy import backup
from storage.privacy.backup import NoBackup
from tests.support.browser import everything
from tests.support.cast import NOW, Cast, parent, settle
from tests.support.databases import PostgresDatabases, SqliteDatabases


@pytest.fixture
def file(tmp_path: Path, cast: Cast) -> Path:
    """A backup of the cast, with a booking and its notices."""
    what = {"family_id": cast.de_vries, "student_id": cast.sanne, "slot_id": cast.noor_slots[0]}
    cast.database.work(booking.book, cast.school, parent(cast.de_vries), **what)
    path = tmp_path / "copies" / "night.backup"
    rows = backup.backup(cast.database, path, NOW)
    assert (rows["booking"], rows["school"]) == (1, 2)
    return path


def test_what_changed_since_is_as_it_was(cast: Cast, file: Path) -> None:
    before = everything(cast.database)
    cast.database.work(schools.add, slug="later", name="Later", timezone="UTC", language="nl", now=NOW)
    what = {"family_id": cast.de_vries, "student_id": cast.daan, "slot_id": cast.bram_slots[5]}
    cast.database.work(booking.book, cast.school, parent(cast.de_vries), **what)
    backup.restore(cast.database, file)
    assert everything(cast.database) == before


def test_the_numbers_go_on_after_a_restore(cast: Cast, file: Path) -> None:
    backup.restore(cast.database, file)
    school = cast.database.work(schools.add, slug="later", name="Later", timezone="UTC", language="nl", now=NOW)
    assert school.id == max(cast.school, cast.horizon) + 1


def test_from_sqlite_to_postgresql_and_back(
    sqlite_databases: SqliteDatabases, postgres_databases: PostgresDatabases, tmp_path: Path
) -> None:
    (tmp_path / "second").mkdir()
    with (
        sqlite_databases.fresh(tmp_path) as one,
        postgres_databases.fresh(tmp_path) as two,
        sqlite_databases.fresh(tmp_path / "second") as three,
    ):
        settle(one)
        backup.backup(one, tmp_path / "one", NOW)
        backup.restore(two, tmp_path / "one")
        backup.backup(two, tmp_path / "two", NOW)
        backup.restore(three, tmp_path / "two")
        assert everything(one) == everything(two) == everything(three)


def test_a_backup_is_for_its_owner_alone(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["night.backup"]


def test_a_backup_with_fewer_rows_than_it_counts_changes_nothing(cast: Cast, file: Path) -> None:
    before = everything(cast.database)
    _change(file, "student.jsonl", lambda lines: lines.partition(b"\n")[2])
    with pytest.raises(NoBackup, match="student has 6 of 7 rows"):
        backup.restore(cast.database, file)
    assert everything(cast.database) == before


def test_a_line_that_is_cut_off_changes_nothing(cast: Cast, file: Path) -> None:
    before = everything(cast.database)
    _change(file, "student.jsonl", lambda lines: lines[:-9])
    with pytest.raises(NoBackup, match="student cannot be read"):
        backup.restore(cast.database, file)
    assert everything(cast.database) == before


def test_rows_that_point_nowhere_change_nothing(cast: Cast, file: Path) -> None:
    before = everything(cast.database)
    _change(file, "family_student.jsonl", lambda lines: lines.replace(b"[", b"[99", 1))
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        backup.restore(cast.database, file)
    assert everything(cast.database) == before


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"PK\x03\x04 and no more", b'{"format": "tienminuten backup 1"}'], ids=repr
)
def test_another_file_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(NoBackup, match="other is not a backup"):
        backup.check(tmp_path / "other")


def test_a_backup_of_another_schema_is_refused_and_says_what_to_do(tmp_path: Path, file: Path) -> None:
    _change(file, "head.json", lambda head: json.dumps({**json.loads(head), "revision": "9999"}).encode())
    with pytest.raises(NoBackup, match="schema 9999"):
        backup.check(file)


def test_wherever_a_backup_is_damaged_it_is_refused_or_restored_whole(cast: Cast, file: Path) -> None:
    whole, before = file.read_bytes(), everything(cast.database)
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        file.write_bytes(damaged)
        with contextlib.suppress(NoBackup):
            backup.check(file)
            backup.restore(cast.database, file)
    assert everything(cast.database) == before


@pytest.mark.parametrize("content", [b"SQLite format 3\0 and more", b"PK\x03\x04"])
def test_a_backup_writes_over_no_other_file(cast: Cast, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "school.db"
    other.write_bytes(content)
    with pytest.raises(NoBackup):
        backup.backup(cast.database, other, NOW)
    assert other.read_bytes() == content


def test_a_backup_writes_over_an_older_one_and_an_empty_file(cast: Cast, file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for place in (file, tmp_path / "empty"):
        rows = backup.backup(cast.database, place, NOW)
        assert backup.check(place) == rows


def test_an_empty_database_is_known(sqlite: Database) -> None:
    assert backup.empty(sqlite)
    settle(sqlite)
    assert not backup.empty(sqlite)


def _change(file: Path, name: str, change: object) -> None:
    with zipfile.ZipFile(file) as archive:
        contents = {one: archive.read(one) for one in archive.namelist()}
    contents[name] = change(contents[name])  # type: ignore[operator]
    with zipfile.ZipFile(file, "w") as archive:
        for one, content in contents.items():
            archive.writestr(one, content)

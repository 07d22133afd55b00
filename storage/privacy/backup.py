"""Backup and restore of a whole database (O3): one zip, a file of JSON lines for each table, whatever
the database.

A backup is one consistent picture, taken while others write. A restore is one transaction: all of it stands, its rows
counted, or nothing changed. Also the way from SQLite to PostgreSQL. A backup holds everything a school knows: it is
readable for its owner alone. Whoever was erased before the backup or after it stays erased, and an id that either
database ever gave out is never given out again (rule 33).
"""

import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, Table, delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as insert_new  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session

from storage.audit.seal import unsealed
from storage.column_types import UtcDateTime
from storage.database.engine import Database
from storage.migrations import upgrading
from storage.privacy.erasure import erase_again, forget_all_typed
from storage.tables import Erasure, metadata

FORMAT = "tienminuten backup 1"
_HEAD = "head.json"
_TOGETHER = 1_000
# All that a zip raises, depending on which byte of it is wrong.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, OSError, NotImplementedError, RuntimeError
)  # fmt: skip


class NoBackup(Exception):
    """A file that cannot be restored, or may not be written over; the message is for the operator."""


def backup(database: Database, file: Path, now: datetime) -> dict[str, int]:
    """Write everything to `file`, which is replaced when the backup is complete. Rows per table.

    Raises NoBackup where something else stands there: a slip of the keyboard must not cost a database.
    """
    _demand_replaceable(file)
    unfinished = file.with_name(f".{file.name}.unfinished")
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            counts, numbers = _write_tables(database, archive)
            head = {
                "format": FORMAT,
                "revision": _revision(),
                "made": now.isoformat(),
                "rows": counts,
                "numbers": numbers,
            }
            archive.writestr(_HEAD, json.dumps(head))
        with unfinished.open("rb+") as written:
            os.fsync(written.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


def check(file: Path) -> dict[str, int]:
    """The rows per table of a backup that can be restored here. Raises NoBackup, and OSError for no such file."""
    return {str(name): int(count) for name, count in _head(file)["rows"].items()}


def _head(file: Path) -> dict[str, Any]:
    with file.open("rb") as raw:
        try:
            with zipfile.ZipFile(raw) as archive:
                head = json.loads(archive.read(_HEAD))
                broken = archive.testzip()
        except _UNREADABLE as error:
            raise NoBackup(f"{file} is not a backup of Tienminuten, or is damaged.") from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise NoBackup(f"{file} is not a backup of Tienminuten, or of a newer one.")
    if broken is not None:
        raise NoBackup(f"{file} is damaged.")
    if head["revision"] != _revision():
        raise NoBackup(
            f"{file} was made with schema {head['revision']}, this version has {_revision()}. Restore it with the "
            "version that made it, then run: tienminuten upgrade"
        )
    return head


def empty(database: Database) -> bool:
    """Whether there is no school in it yet."""
    return database.read(_no_school)


def restore(database: Database, file: Path) -> dict[str, int]:
    """Put the backup in the place of everything, in one transaction. Raises NoBackup; then nothing was changed."""
    head = _head(file)
    counts = {str(name): int(count) for name, count in head["rows"].items()}
    numbers = {str(name): int(number) for name, number in head.get("numbers", {}).items()}
    database.work(_replace, file, counts, numbers)
    database.scrub()
    return counts


def _demand_replaceable(file: Path) -> None:
    if not file.exists() or (file.is_file() and not file.stat().st_size):
        return
    try:
        with zipfile.ZipFile(file) as archive:
            archive.getinfo(_HEAD)
    except (zipfile.BadZipFile, KeyError) as error:
        raise NoBackup(f"{file} is there already and is not a backup; it stays as it is.") from error


def _no_school(session: Session) -> bool:
    return not session.execute(select(func.count()).select_from(metadata.tables["school"])).scalar_one()


def _revision() -> str:
    return upgrading.revisions()[-1]


def _write_tables(database: Database, archive: zipfile.ZipFile) -> tuple[dict[str, int], dict[str, int]]:
    """Rows per table, and the last number that each gave out."""
    counts = {}
    with database.engine.connect() as connection:
        if not database.is_sqlite:  # SQLite's reading transaction is one picture already
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            for table in metadata.sorted_tables:
                with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as lines:
                    counts[table.name] = 0
                    chosen = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_TOGETHER)
                    for row in connection.execute(chosen):
                        lines.write(json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n")
                        counts[table.name] += 1
            numbers = _given_out(connection)
    return counts, numbers


def _replace(session: Session, file: Path, counts: dict[str, int], numbers: dict[str, int]) -> None:
    connection = session.connection()
    erased, schools = _erased(connection), _schools(connection)
    before = _given_out(connection)
    with unsealed(connection):
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    with zipfile.ZipFile(file) as archive:
        for table in metadata.sorted_tables:
            rows = _rows(archive, table, file)
            while some := list(islice(rows, _TOGETHER)):
                connection.execute(insert(table), some)
            found = connection.execute(select(func.count()).select_from(table)).scalar_one()
            if found != counts.get(table.name, 0):
                raise NoBackup(f"{file} is damaged: {table.name} has {found} of {counts.get(table.name, 0)} rows.")
            _count_on(connection, table, max(before.get(table.name, 0), numbers.get(table.name, 0)))
    # Only of schools that are the same ones: another installation's numbers mean other people.
    same = schools & _schools(connection)
    if again := [row for row in erased if row["school_id"] in {school_id for school_id, _ in same}]:
        connection.execute(insert_new(Erasure).on_conflict_do_nothing(), again)
    if erase_again(session):
        forget_all_typed(session)


def _erased(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(metadata.tables["erasure"])).mappings()]


def _schools(connection: Connection) -> set[tuple[int, datetime]]:
    """What tells a school from one of another installation that has its number."""
    school = metadata.tables["school"]
    return {(id_, created) for id_, created in connection.execute(select(school.c.id, school.c.created))}


def _rows(archive: zipfile.ZipFile, table: Table, file: Path) -> Iterator[dict[str, Any]]:
    kinds = [(column.name, column.type) for column in table.columns]
    with archive.open(f"{table.name}.jsonl") as lines:
        for line in lines:
            try:
                values = json.loads(line)
                yield {name: _typed(kind, value) for (name, kind), value in zip(kinds, values, strict=True)}
            except (ValueError, TypeError) as error:
                raise NoBackup(f"{file} is damaged: {table.name} cannot be read.") from error


def _typed(kind: object, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _given_out(connection: Connection) -> dict[str, int]:
    """Table → the last number that was given out as an id, also of a row that is gone."""
    if connection.dialect.name == "sqlite":
        return {name: int(number) for name, number in connection.execute(text("SELECT name, seq FROM sqlite_sequence"))}
    found = {}
    for table in metadata.sorted_tables:
        if sequence := _sequence(connection, table):
            called = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
            found[table.name] = int(connection.execute(called).scalar_one())
    return found


def _count_on(connection: Connection, table: Table, given_out: int) -> None:
    """Numbers go on after the highest that was restored or was ever given out: an old one never means another row."""
    if connection.dialect.name == "sqlite":
        if "id" in table.columns and given_out:
            own = {"name": table.name, "number": given_out}
            connection.execute(text("UPDATE sqlite_sequence SET seq = max(seq, :number) WHERE name = :name"), own)
            connection.execute(
                text(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT :name, :number "
                    "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :name)"
                ),
                own,
            )
        return
    if sequence := _sequence(connection, table):
        highest = max(connection.execute(select(func.max(table.c.id))).scalar() or 0, given_out)
        values = {"sequence": sequence, "value": highest or 1, "used": highest > 0}
        connection.execute(text("SELECT setval(:sequence, :value, :used)"), values)


def _sequence(connection: Connection, table: Table) -> str | None:
    """PostgreSQL's own sequence of a table's ids, by its quoted name."""
    if "id" not in table.columns:
        return None
    found = text("SELECT pg_get_serial_sequence(:name, 'id')")
    name: str | None = connection.execute(found, {"name": table.name}).scalar()
    return name

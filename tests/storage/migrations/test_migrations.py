"""B9: every revision goes up and down over a full school and loses nothing; tables equal migrations."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Boolean, Column, Connection, insert, inspect, text
from sqlmodel import Session, SQLModel, select

from storage import tables
from storage.database.engine import Database, Unusable
from storage.migrations import upgrading
from storage.migrations.upgrading import WentWrong
from storage.words import Act, Actor, ChatKind, NoticeKind, NoticeState, Recipient, SecretKind, SignInStep, SlotState
from tests.support.cast import NOW, Cast, settle

ROWS = 10_000 if os.environ.get("TIENMINUTEN_LONG") else 500


@pytest.fixture
def full(database: Database) -> Database:
    """A school with many rows in every table that grows."""
    database.work(_fill, settle(database))
    return database


def _fill(session: Session, cast: Cast) -> None:
    here = {"school_id": cast.school}
    many = range(ROWS)
    _add(session, tables.Family, ({**here, "id": 1000 + n, "name": f"f {n}"} for n in many))
    _add(
        session,
        tables.Student,
        ({**here, "id": 1000 + n, "first_name": "K", "last_name": "L", "name_key": "k"} for n in many),
    )
    pairs = [{**here, "student_id": 1000 + n} for n in many]
    _add(session, tables.FamilyStudent, ({**pair, "family_id": pair["student_id"]} for pair in pairs))
    _add(session, tables.StudentGroup, ({**pair, "group_id": cast.groep4} for pair in pairs))
    kept = {"kind": SecretKind.POSTCODE}
    _add(
        session,
        tables.Credential,
        ({**pair, **kept, "family_id": pair["student_id"], "value": f"{pair['student_id']:064}"} for pair in pairs),
    )
    chat = {"kind": ChatKind.WEB, "step": SignInStep.NONE, "seen": NOW, "school_id": cast.school}
    _add(session, tables.Chat, ({**chat, "id": 1000 + n, "address": f"web {n}"} for n in many))
    _add(session, tables.Link, ({**here, "family_id": 1000 + n, "chat_id": 1000 + n, "since": NOW} for n in many))
    length = timedelta(minutes=10)
    slot = {**here, "planning_id": cast.bram_planning, "state": SlotState.OPEN}
    starts = [NOW + timedelta(days=30) + length * n for n in many]
    slots = ({**slot, "id": 1000 + n, "start": start, "end": start + length} for n, start in enumerate(starts))
    _add(session, tables.Slot, slots)
    booking = {**here, "planning_id": cast.bram_planning, "made": NOW}
    _add(
        session,
        tables.Booking,
        ({**booking, "id": 1000 + n, "slot_id": 1000 + n, "family_id": 1000 + n, "student_id": 1000 + n} for n in many),
    )
    card = {**here, "message_id": 7}
    _add(session, tables.Card, ({**card, "booking_id": 1000 + n, "chat_id": 1000 + n} for n in many))
    notice = {
        **here, "kind": NoticeKind.CARD, "moment": "0", "recipient": Recipient.CHAT, "due": NOW,
        "state": NoticeState.WAITING,
    }  # fmt: skip
    _add(session, tables.Notice, ({**notice, "subject": 1000 + n, "recipient_id": 1000 + n} for n in many))
    audit = {**here, "at": NOW, "actor": Actor.FAMILY, "act": Act.BOOKED, "detail": {}}
    _add(session, tables.Audit, ({**audit, "subject": 1000 + n} for n in many))


def _add(session: Session, table: type[SQLModel], rows: Iterator[dict[str, Any]]) -> None:
    """With the defaults of the table for what is not given."""
    filled = [table(**row) for row in rows]
    names = [column.name for column in tables.metadata.tables[str(table.__tablename__)].columns]
    values = [{name: getattr(row, name) for name in names if getattr(row, name) is not None} for row in filled]
    session.execute(insert(table), values)


def _counts(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}


def _keys(database: Database) -> set[tuple[Any, ...]]:
    """Every foreign key as it stands in the database."""
    with database.engine.connect() as connection:
        seen = inspect(connection)
        return {
            (
                table,
                tuple(key["constrained_columns"]),
                key["referred_table"],
                tuple(key["referred_columns"]),
                (key["options"].get("ondelete") or "NO ACTION").upper(),
            )
            for table in seen.get_table_names()
            for key in seen.get_foreign_keys(table)
        }


def _differences(database: Database) -> list[Any]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, tables.metadata))


def test_the_tables_are_those_of_the_migrations(database: Database) -> None:
    assert _differences(database) == []
    declared = {
        (
            table.name,
            tuple(column.name for column in key.columns),
            key.referred_table.name,
            tuple(element.column.name for element in key.elements),
            key.ondelete or "NO ACTION",
        )
        for table in tables.metadata.tables.values()
        for key in table.foreign_key_constraints
    }
    assert _keys(database) == declared


def test_a_difference_would_be_seen(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE family ADD COLUMN astray INTEGER"))
    assert len(_differences(database)) == 1


def test_every_revision_goes_down_and_up_over_many_rows(full: Database) -> None:
    """Each step down and up again loses no row of a table that stands on both sides, and no key."""
    counts, keys = _counts(full), _keys(full)
    assert min(counts[name] for name in ("booking", "student", "notice", "audit", "link")) >= ROWS
    revisions = upgrading.revisions()
    for below in reversed(revisions[:-1]):
        upgrading.downgrade(full, below)
        upgrading.upgrade(full)
        assert (_counts(full), _keys(full), _differences(full)) == (counts, keys, [])
    upgrading.upgrade(full)
    assert _counts(full) == counts


def test_what_was_booked_before_uids_were_unique_keeps_the_one_that_calendars_hold(full: Database) -> None:
    """Revision 0005: all of the school's bookings so far; of a school without any, or a new one, none."""
    revisions = upgrading.revisions()
    upgrading.downgrade(full, revisions[revisions.index("0005") - 1])
    upgrading.upgrade(full)
    kept = full.read(lambda session: dict(session.exec(select(tables.School.slug, tables.School.plain_uids)).all()))
    assert kept == {"regenboog": 999 + ROWS, "horizon": 0}


def test_all_the_way_down_leaves_nothing_and_up_again_everything(full: Database) -> None:
    keys = _keys(full)
    upgrading.downgrade(full, "base")
    assert _counts(full) == {}
    for revision in upgrading.revisions():
        upgrading.upgrade(full, revision)
    assert (set(_counts(full).values()), _keys(full), _differences(full)) == ({0}, keys, [])
    assert upgrading.is_current(full)
    settle(full)


def test_a_database_that_is_not_up_to_date_says_what_to_do(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new.db")
    with pytest.raises(Unusable, match="Run: tienminuten upgrade"):
        upgrading.demand_current(database)
    upgrading.upgrade(database)
    upgrading.demand_current(database)
    database.close()


def test_upgrading_twice_changes_nothing(full: Database) -> None:
    counts = _counts(full)
    upgrading.upgrade(full)
    assert _counts(full) == counts


def _rebuild(connection: Connection) -> None:
    """What a batch migration does on SQLite: a new table, rows over, the old dropped, the new renamed."""
    operations = Operations(MigrationContext.configure(connection))
    with operations.batch_alter_table("family", recreate="always") as batch:
        batch.add_column(Column("new", Boolean(), nullable=True))


def test_a_rebuilt_table_keeps_its_children(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 30: with foreign keys on, the children of a dropped table are deleted by cascade."""
    sqlite.work(_fill, settle(sqlite))
    counts, keys = _counts(sqlite), _keys(sqlite)
    _step(monkeypatch, _rebuild)
    upgrading.upgrade(sqlite)
    assert (_counts(sqlite), _keys(sqlite)) == (counts, keys)
    assert sqlite.read(lambda session: session.execute(text("PRAGMA foreign_keys")).scalar()) == 1


def test_without_that_care_the_children_would_be_gone(sqlite: Database) -> None:
    """The harness can fail: the same migration, with foreign keys on as usual."""
    sqlite.work(_fill, settle(sqlite))
    before = _counts(sqlite)["family_student"]
    with sqlite.engine.execution_options(writer=True).begin() as connection:
        connection.execute(text("DELETE FROM card"))
        connection.execute(text("DELETE FROM booking"))
        _rebuild(connection)
    assert (before >= ROWS, _counts(sqlite)["family_student"]) == (True, 0)


def test_a_migration_that_loses_rows_changes_nothing(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(sqlite)
    counts = _counts(sqlite)
    _step(monkeypatch, lambda connection: connection.execute(text("DELETE FROM card WHERE 1 = 1")))
    upgrading.upgrade(sqlite)  # there was no card: nothing is lost
    _step(monkeypatch, lambda connection: connection.execute(text("DELETE FROM planning_teacher")))
    with pytest.raises(WentWrong, match=r"\['planning_teacher'\]"):
        upgrading.upgrade(sqlite)
    assert _counts(sqlite) == counts


def test_a_migration_that_breaks_keys_changes_nothing(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(sqlite)
    counts = _counts(sqlite)
    _step(
        monkeypatch,
        lambda connection: connection.execute(text("UPDATE family_student SET family_id = family_id + 404")),
    )
    with pytest.raises(WentWrong, match="family_student"):
        upgrading.upgrade(sqlite)
    assert _counts(sqlite) == counts
    broken = sqlite.read(lambda session: session.execute(text("PRAGMA foreign_key_check")).all())
    assert broken == []


def test_a_migration_that_fails_half_way_changes_nothing(full: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        connection.execute(text("UPDATE school SET name = 'half'"))
        raise ValueError("half way")

    counts = _counts(full)
    _step(monkeypatch, half)
    with pytest.raises(ValueError, match="half way"):
        upgrading.upgrade(full)
    assert _counts(full) == counts
    names = full.read(lambda session: list(session.execute(text("SELECT name FROM school ORDER BY name")).scalars()))
    assert names == ["De Horizon", "De Regenboog"]


def _step(monkeypatch: pytest.MonkeyPatch, do: Callable[[Connection], object]) -> None:
    """The next upgrade does this to the open connection, in the place of Alembic's revisions."""
    instead = SimpleNamespace(upgrade=lambda config, _revision: do(config.attributes["connection"]))
    monkeypatch.setattr(upgrading, "command", instead)


def test_ids_are_never_given_out_twice(database: Database) -> None:
    """A button stays tappable for ever: what it names must not become something else."""
    cast = settle(database)
    last = max(cast.horizon_slots)
    row: dict[str, Any] = {"school_id": cast.horizon, "planning_id": cast.horizon_planning, "state": SlotState.OPEN}

    def instead(session: Session) -> int:
        session.execute(text("DELETE FROM slot WHERE id = :last"), {"last": last})
        slot = tables.Slot(**row, start=NOW, end=NOW + timedelta(minutes=10))
        session.add(slot)
        session.flush()
        return int(slot.id or 0)

    assert database.work(instead) > last

"""(b) Durable bookings a second with 64 parents at once: ours beside bare statements, on SQLite and on PostgreSQL.

Every contestant books the same talks in the same migrated schema and answers only when the commit stands. The bare
ones do the least that keeps a booking right: they read the slot, look for another talk of the family, insert the
booking, the audit row and the teacher's notice; they check no window, group, policy, walking time or teacher.
"""

import asyncio
import json
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, event
from sqlmodel import Session

from storage import tables
from storage.booking.booking import book
from storage.database.engine import Database
from storage.migrations import upgrading
from storage.words import PlanningState
from tests.bench.measuring import Pair, drive
from tests.support.cast import parent
from tests.support.databases import PostgresDatabases

PARENTS = 64
FAMILIES = 640
GROUP = 32  # families to a group, each of which has a planning of its own an evening
EVENINGS = 3
NOW = datetime(2026, 11, 10, 18, 0, tzinfo=UTC)
Job = tuple[int, int, int]  # family, student, slot

BARE = {
    "slot": "SELECT start, planning_id FROM slot WHERE school_id = 1 AND id = ?",
    "other": "SELECT s.id FROM booking b JOIN slot s ON s.id = b.slot_id "
    "WHERE b.school_id = 1 AND b.family_id = ? AND b.cancelled IS NULL AND s.start = ?",
    "book": "INSERT INTO booking (school_id, slot_id, planning_id, family_id, student_id, one_of, revision, made) "
    "VALUES (1, ?, ?, ?, ?, 0, 0, ?) ON CONFLICT DO NOTHING RETURNING id",
    "audit": "INSERT INTO audit (school_id, at, actor, actor_id, act, subject, planning_id, detail) "
    "VALUES (1, ?, 'family', ?, 'booked', ?, ?, ?)",
    "notice": "INSERT INTO notice (school_id, kind, subject, moment, recipient, recipient_id, due, state, attempts, "
    "trouble) VALUES (1, 'teacher_booking', ?, '0', 'teacher', 1, ?, 'waiting', 0, '') ON CONFLICT DO NOTHING",
}


def settle(database: Database) -> list[Job]:
    """One school, FAMILIES families of one child in groups of GROUP, EVENINGS evenings with a slot for each family.

    Returns every booking, evening after evening.
    """
    upgrading.upgrade(database)
    return database.work(_settle)


def _settle(session: Session) -> list[Job]:
    session.add(tables.School(id=1, slug="bench", name="Bench", created=NOW))
    session.flush()
    session.add_all([tables.Group(id=n, school_id=1, name=f"groep {n}") for n in range(1, FAMILIES // GROUP + 1)])
    session.flush()
    session.add(tables.Conference(id=1, school_id=1, name="Herfst"))
    people = range(1, FAMILIES + 1)
    session.add_all([tables.Family(id=n, school_id=1, name=f"Familie {n}") for n in people])
    session.add_all(
        [tables.Student(id=n, school_id=1, first_name="Kind", last_name=str(n), name_key="kind") for n in people]
    )
    session.flush()
    session.add_all([tables.FamilyStudent(school_id=1, family_id=n, student_id=n) for n in people])
    session.add_all([tables.StudentGroup(school_id=1, student_id=n, group_id=(n - 1) // GROUP + 1) for n in people])
    plannings = range(EVENINGS * FAMILIES // GROUP)
    return [job for number in plannings for job in _planning(session, number + 1)]


def planning_of(slot: int) -> int:
    return (slot - 1) // GROUP + 1


def _planning(session: Session, number: int) -> list[Job]:
    """Of one group, one evening: `number` counts the groups of the first evening, then those of the second."""
    evening, group = divmod(number - 1, FAMILIES // GROUP)
    planning = tables.Planning(
        id=number, school_id=1, conference_id=1, title=f"Avond {evening + 1}.{group + 1}", mail_each_booking=True,
        opens=NOW - timedelta(days=1), closes=NOW + timedelta(days=5), state=PlanningState.PUBLISHED,
    )  # fmt: skip
    session.add(planning)
    session.flush()
    session.add(tables.PlanningGroup(school_id=1, planning_id=number, group_id=group + 1))
    name = f"juf {number}"
    session.add(tables.Teacher(id=number, school_id=1, name=name, name_key=name, email="juf@school.example"))
    session.flush()
    session.add(tables.PlanningTeacher(school_id=1, planning_id=number, teacher_id=number))
    first = NOW + timedelta(days=6 + (evening + 1) * 7)
    ids = range((number - 1) * GROUP + 1, number * GROUP + 1)
    for place, slot in enumerate(ids):
        start = first + timedelta(minutes=10 * place)
        session.add(
            tables.Slot(id=slot, school_id=1, planning_id=number, start=start, end=start + timedelta(minutes=10))
        )
    session.flush()
    families = range(group * GROUP + 1, group * GROUP + GROUP + 1)
    return [(family, family, slot) for family, slot in zip(families, ids, strict=True)]


def ours(database: Database) -> Callable[[Job], Any]:
    async def submit(job: Job) -> None:
        family, student, slot = job
        await database.work_async(book, 1, parent(family), family_id=family, student_id=student, slot_id=slot)

    return submit


class BareGrouped:
    """A thread over `sqlite3` alone that groups what waits, as our writer does."""

    def __init__(self, path: Path) -> None:
        self._waiting: queue.SimpleQueue[tuple[Job, Future[None]] | None] = queue.SimpleQueue()
        self._path = path
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    async def submit(self, job: Job) -> None:
        future: Future[None] = Future()
        self._waiting.put((job, future))
        await asyncio.wrap_future(future)

    def stop(self) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        connection = sqlite3.connect(self._path)
        _as_ours(connection, None)
        while (first := self._waiting.get()) is not None:
            batch = [first]
            while len(batch) < PARENTS and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())  # type: ignore[arg-type]
            connection.execute("BEGIN IMMEDIATE")
            for job, _ in batch:
                connection.execute("SAVEPOINT one")
                _bare_booking(connection.execute, job, "?", NOW.replace(tzinfo=None).isoformat(" "))
                connection.execute("RELEASE one")
            connection.execute("COMMIT")
            for _, future in batch:
                future.set_result(None)
        connection.close()


def _bare_booking(execute: Any, job: Job, mark: str, now: Any) -> None:
    family, student, slot = job
    sql = BARE if mark == "?" else {name: text.replace("?", mark) for name, text in BARE.items()}
    start, planning = execute(sql["slot"], (slot,)).fetchone()
    if execute(sql["other"], (family, start)).fetchone():
        raise AssertionError("the family is elsewhere")
    booking = execute(sql["book"], (slot, planning, family, student, now)).fetchone()[0]
    execute(sql["audit"], (now, family, booking, planning, json.dumps({"slot": slot})))
    execute(sql["notice"], (booking, now))


_PG_BARE = {name: text.replace("?", "%s") for name, text in BARE.items()}


class BarePostgres:
    """Six plain statements over psycopg in a transaction, on as many connections as ours has: the family's row is
    locked first, for without that two of its taps would both look before either wrote."""

    def __init__(self, uri: str, threads: int) -> None:
        self._uri = uri
        self._threads = ThreadPoolExecutor(threads)
        self._local = threading.local()

    async def submit(self, job: Job) -> None:
        await asyncio.wrap_future(self._threads.submit(self._book, job))

    def _book(self, job: Job) -> None:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = psycopg.connect(self._uri)
        family, student, slot = job
        with connection.transaction():
            execute: Any = connection.execute
            execute("SELECT id FROM family WHERE school_id = 1 AND id = %s FOR UPDATE", (family,)).fetchone()
            start, planning = execute(_PG_BARE["slot"], (slot,)).fetchone()
            if execute(_PG_BARE["other"], (family, start)).fetchone():
                raise AssertionError("the family is elsewhere")
            booking = execute(_PG_BARE["book"], (slot, planning, family, student, NOW)).fetchone()[0]
            execute(_PG_BARE["audit"], (NOW, family, booking, planning, json.dumps({"slot": slot})))
            execute(_PG_BARE["notice"], (booking, NOW))

    def stop(self) -> None:
        self._threads.shutdown()


@contextmanager
def sqlite_database(folder: Path, name: str) -> Iterator[tuple[Database, list[Job]]]:
    database = Database(f"sqlite:///{folder / name}")
    try:
        yield database, settle(database)
    finally:
        database.close()


def _as_ours(raw: Any, _record: Any) -> None:
    raw.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        raw.execute(f"PRAGMA {pragma}")


class OneCommitEach:
    """The same action as most programs run it: a thread, a connection and a commit for each parent."""

    def __init__(self, database: Database) -> None:
        self._engine = create_engine(database.engine.url, pool_size=PARENTS, connect_args={"timeout": 60})
        event.listen(self._engine, "connect", _as_ours)
        event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        self._threads = ThreadPoolExecutor(PARENTS)

    async def submit(self, job: Job) -> None:
        await asyncio.wrap_future(self._threads.submit(self._book, job))

    def _book(self, job: Job) -> None:
        family, student, slot = job
        with Session(self._engine) as session, session.begin():
            book(session, 1, parent(family), family_id=family, student_id=student, slot_id=slot)

    def stop(self) -> None:
        self._threads.shutdown()
        self._engine.dispose()


def on_sqlite(folder: Path) -> list[Pair]:
    """Ours, which groups what waits, beside the same action with one commit each, and beside grouped bare statements.

    The second is timed over an eighth of the bookings: it is that slow.
    """
    with sqlite_database(folder, "grouped.db") as (database, jobs):
        grouped = drive(ours(database), jobs, PARENTS)
    with sqlite_database(folder, "each.db") as (database, jobs):
        each = OneCommitEach(database)
        alone = drive(each.submit, jobs[: len(jobs) // 8], PARENTS)
        each.stop()
    with sqlite_database(folder, "bare.db") as (database, jobs):
        database.close()
        bare = BareGrouped(folder / "bare.db")
        statements = drive(bare.submit, jobs, PARENTS)
        bare.stop()
    return [
        Pair("(b) SQLite, 64 parents: grouped / one commit each", grouped, alone, 8.0),
        Pair("(b) SQLite, 64 parents: grouped / bare sqlite3 grouped", grouped, statements, 0.15),
    ]


def on_postgresql(folder: Path) -> list[Pair]:
    """Ours beside six plain statements, on one server with the durability of its defaults."""
    databases = PostgresDatabases(durable=True)
    with databases.fresh(folder) as database:
        mine = drive(ours(database), _settled(database), PARENTS)
    with databases.fresh(folder) as database:
        jobs = _settled(database)
        bare = BarePostgres(database.url.replace("+psycopg", ""), threads=database.threads)
        plain = drive(bare.submit, jobs, PARENTS)
        bare.stop()
    databases.stop()
    return [Pair("(b) PostgreSQL, 64 parents: ours / six statements", mine, plain, 1.0)]


def _settled(database: Database) -> list[Job]:
    """With the statistics that a server gathers by itself before long: both contestants plan by them."""
    jobs = settle(database)
    database.work(lambda session: session.connection().exec_driver_sql("ANALYZE"))
    return jobs

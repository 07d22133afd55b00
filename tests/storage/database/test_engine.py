"""The one way to the database: an answer stands on disk, and one caller's trouble is nobody else's (B2, B7)."""

import asyncio
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col

from storage import tables
from storage.booking.booking import book
from storage.database.engine import Database, Unusable
from storage.database.writer import Piece, Undone, Writer
from storage.refusals import Refused, Taken
from storage.tables import Booking, Group, Notice, School
from storage.words import NoticeKind, SlotState
from tests.storage.database.killed import WRITERS
from tests.support.cast import NOW, Cast, parent, settle

T = TypeVar("T")

LONG = bool(os.environ.get("TIENMINUTEN_LONG"))
PATIENCE = 30  # seconds, of tests that wait for a thread or process; none of them takes so long


def add_school(session: Session, slug: str) -> int:
    school = School(slug=slug, name=slug, created=NOW)
    session.add(school)
    session.flush()
    return int(school.id or 0)


def slugs(session: Session) -> list[str]:
    return list(session.execute(select(col(School.slug)).order_by(col(School.slug))).scalars())


@contextmanager
def all_together(database: Database) -> Iterator[list[Future[Any]]]:
    """Everything put inside becomes one batch: the writer is held at a first piece until the end."""
    reached, gate = threading.Event(), threading.Event()

    def hold(_session: Session) -> None:
        reached.set()
        gate.wait(PATIENCE)

    held = put(database, hold)
    assert reached.wait(PATIENCE)
    futures: list[Future[Any]] = []
    try:
        yield futures
    finally:
        gate.set()
        held.result(PATIENCE)


def put(database: Database, do: Callable[..., T], *args: object) -> Future[T]:
    answer: Future[T] = Future()
    assert isinstance(database._writer, Writer)
    database._writer.put(Piece(do, args, {}, answer))
    return answer


def outcomes(futures: list[Future[Any]]) -> list[object]:
    """Results, or the names of errors."""
    return [
        type(error).__name__ if (error := future.exception(PATIENCE)) is not None else future.result()
        for future in futures
    ]


def test_what_work_returns_is_there_for_readers(database: Database) -> None:
    school = database.work(add_school, "regenboog")
    assert database.read(lambda session: session.get_one(School, school).slug) == "regenboog"


def test_an_error_rolls_everything_of_its_work_back(database: Database) -> None:
    def half(session: Session) -> None:
        add_school(session, "half")
        raise Refused(Taken())

    with pytest.raises(Refused) as caught:
        database.work(half)
    assert caught.value.refusal == Taken()
    assert database.read(slugs) == []


def test_an_error_that_is_caught_inside_undoes_only_its_own_part(database: Database) -> None:
    def nested(session: Session) -> None:
        add_school(session, "kept")
        with pytest.raises(IntegrityError), session.begin_nested():
            add_school(session, "kept")
        add_school(session, "also kept")

    database.work(nested)
    assert database.read(slugs) == ["also kept", "kept"]


def test_an_error_while_handling_an_error_comes_out_with_both(database: Database) -> None:
    def stumbling(session: Session) -> None:
        add_school(session, "gone")
        try:
            raise KeyError("first")
        except KeyError:
            raise ValueError("second") from None

    with pytest.raises(ValueError, match="second") as caught:
        database.work(stumbling)
    assert isinstance(caught.value.__context__, KeyError)
    assert database.read(slugs) == []


def test_what_a_reader_writes_is_thrown_away(database: Database) -> None:
    assert database.read(add_school, "never") > 0
    assert database.read(slugs) == []


def test_a_reader_sees_one_picture_while_others_write(database: Database) -> None:
    def twice(session: Session) -> tuple[list[str], list[str]]:
        before = slugs(session)
        database.work(add_school, "meanwhile")
        return before, slugs(session)

    assert database.read(twice) == ([], [])
    assert database.read(slugs) == ["meanwhile"]


def test_an_event_loop_works_and_reads_without_waiting_for_each_other(database: Database) -> None:
    async def many() -> list[int]:
        made = await asyncio.gather(*(database.work_async(add_school, f"school {number}") for number in range(20)))
        counts = await asyncio.gather(*(database.read_async(lambda session: len(slugs(session))) for _ in range(5)))
        assert counts == [20] * 5
        return made

    assert len(set(asyncio.run(many()))) == 20


def test_an_event_loop_gets_the_error_of_its_own_work(database: Database) -> None:
    async def two() -> list[object]:
        works = (database.work_async(add_school, "one"), database.work_async(add_school, "one"))
        return [*await asyncio.gather(*works, return_exceptions=True)]

    assert sorted(type(outcome).__name__ for outcome in asyncio.run(two())) == ["IntegrityError", "int"]
    assert database.read(slugs) == ["one"]


def test_nobody_is_answered_before_the_commit_stands(sqlite: Database) -> None:
    """At the very moment of the commit no answer was given, and no reader sees anything yet."""
    seen: list[tuple[list[bool], list[str]]] = []
    with all_together(sqlite) as futures:
        futures += [put(sqlite, add_school, f"school {number}") for number in range(3)]

        @event.listens_for(sqlite.engine, "commit")
        def _committing(_connection: object) -> None:
            seen.append(([future.done() for future in futures], sqlite.read(slugs)))

    assert all(isinstance(outcome, int) for outcome in outcomes(futures))
    assert seen[-1] == ([False] * 3, [])
    assert sqlite.read(slugs) == ["school 0", "school 1", "school 2"]


def test_what_waits_together_is_committed_once(sqlite: Database) -> None:
    commits: list[object] = []
    with all_together(sqlite) as futures:
        futures += [put(sqlite, add_school, f"school {number}") for number in range(40)]
        event.listen(sqlite.engine, "commit", commits.append)
    assert len(set(outcomes(futures))) == 40
    assert len(commits) == 2  # of the piece that held the door, and of all forty


def test_one_that_fails_does_not_disturb_the_others_of_its_batch(sqlite: Database) -> None:
    def failing(session: Session) -> None:
        add_school(session, "gone")
        raise ValueError("mine alone")

    with all_together(sqlite) as futures:
        futures += [put(sqlite, add_school, "before"), put(sqlite, failing), put(sqlite, add_school, "after")]
        futures += [put(sqlite, add_school, "after")]
    first, second, third, fourth = outcomes(futures)
    assert (second, fourth) == ("ValueError", "IntegrityError")
    assert first != third
    assert sqlite.read(slugs) == ["after", "before"]


def test_even_what_ends_a_thread_elsewhere_does_not_end_the_writer(sqlite: Database) -> None:
    def ending(_session: Session) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        sqlite.work(ending)
    assert sqlite.work(add_school, "next") > 0


def test_a_commit_that_fails_is_everybody_s_failure(sqlite: Database) -> None:
    """A key that is only checked at the commit: the piece itself went well."""

    def bad_key(session: Session) -> str:
        session.execute(text("PRAGMA defer_foreign_keys=ON"))
        session.execute(insert(Group).values(school_id=404, name="groep 4"))
        return "went well, it seems"

    with all_together(sqlite) as futures:
        futures += [put(sqlite, add_school, "before"), put(sqlite, bad_key), put(sqlite, add_school, "after")]
    assert outcomes(futures) == ["IntegrityError"] * 3
    assert sqlite.read(slugs) == []
    assert sqlite.work(add_school, "next") > 0


def test_a_commit_that_raises_is_everybody_s_failure(sqlite: Database) -> None:
    commits = itertools.count(1)

    def second_breaks(_connection: object) -> None:
        if next(commits) == 2:
            raise OSError("no space left on device")

    with all_together(sqlite) as futures:
        futures += [put(sqlite, add_school, "one"), put(sqlite, add_school, "two")]
        event.listen(sqlite.engine, "commit", second_breaks)
    assert outcomes(futures) == ["OSError", "OSError"]
    assert sqlite.read(slugs) == []
    assert sqlite.work(add_school, "next") > 0


def test_closing_finishes_what_waits(tmp_path: Path, sqlite: Database) -> None:
    with all_together(sqlite) as futures:
        futures += [put(sqlite, add_school, f"school {number:03}") for number in range(150)]
        closing = threading.Thread(target=sqlite.close)
        closing.start()
    closing.join(PATIENCE)
    assert not closing.is_alive()
    assert [future.done() for future in futures] == [True] * 150
    again = Database(sqlite.url)
    assert again.read(slugs) == [f"school {number:03}" for number in range(150)]
    again.close()


def test_after_closing_work_is_refused_and_nobody_waits_for_ever(sqlite: Database) -> None:
    sqlite.close()
    with pytest.raises(RuntimeError, match="closed"):
        sqlite.work(add_school, "late")


def test_work_inside_of_work_is_refused_instead_of_waiting_for_itself(sqlite: Database) -> None:
    with pytest.raises(RuntimeError, match="inside"):
        sqlite.work(lambda session: sqlite.work(add_school, "inner"))
    assert sqlite.work(add_school, "next") > 0


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "DATABASE_URL is not a database address."),
        ("nonsense", "DATABASE_URL is not a database address."),
        ("postgresql+psycopg://u:p@host:port/x", "DATABASE_URL is not a database address."),
        ("sqlite:///", "DATABASE_URL must name a file: sqlite:///path/to/file.db"),
        ("sqlite://", "DATABASE_URL must name a file: sqlite:///path/to/file.db"),
        ("sqlite:///:memory:", "DATABASE_URL must name a file: sqlite:///path/to/file.db"),
        ("mysql://host/x", "DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://"),
        ("sqlite+aiosqlite:///x.db", "DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://"),
        ("postgresql://host/x", "DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://"),
    ],
)
def test_a_wrong_address_gets_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(Unusable) as caught:
        Database(url)
    assert str(caught.value) == sentence


def test_a_place_where_no_file_can_be_gets_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    with pytest.raises(Unusable, match=r"^The folder of the database cannot be made: File exists\.$"):
        Database(f"sqlite:///{file}/school.db")
    with pytest.raises(Unusable, match=r"^DATABASE_URL names a folder; it must name a file"):
        Database(f"sqlite:///{tmp_path}")


def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/deep/school.db")
    assert database.read(lambda session: session.execute(text("SELECT 1")).scalar()) == 1
    database.close()


def test_an_error_of_the_database_tells_no_personal_data(database: Database) -> None:
    database.work(add_school, "stephanie-3511ab")
    with pytest.raises(IntegrityError) as caught:
        database.work(add_school, "stephanie-3511ab")
    assert "parameters hidden" in str(caught.value)
    if database.is_sqlite:
        assert "3511ab" not in str(caught.value)


def _fill_up(database: Database, pages: int) -> None:
    """From now on the file may have so many pages: as a full disk, but for this file alone."""
    database.engine.dispose()

    @event.listens_for(database.engine, "connect")
    def _limited(raw: Any, _record: object) -> None:
        raw.execute(f"PRAGMA max_page_count={pages}")


def _pages(database: Database) -> int:
    return database.read(lambda session: int(session.execute(text("PRAGMA page_count")).scalar_one()))


def test_on_a_full_disk_all_of_a_batch_is_refused_and_nothing_half_written(sqlite: Database) -> None:
    """B7. SQLite may undo the whole transaction: who was done before must not believe that it was kept."""

    def large(session: Session) -> None:
        add_school(session, "large")
        session.execute(text("CREATE TABLE heap (bytes BLOB)"))
        session.execute(text("INSERT INTO heap VALUES (zeroblob(4000000))"))

    sqlite.work(add_school, "first")
    _fill_up(sqlite, _pages(sqlite) + 20)
    with all_together(sqlite) as futures:
        futures += [put(sqlite, add_school, "before"), put(sqlite, large), put(sqlite, add_school, "after")]
    assert {type(future.exception(PATIENCE)) for future in futures} == {Undone}
    assert sqlite.read(slugs) == ["first"]


def test_after_a_full_disk_booking_goes_on(sqlite: Database) -> None:
    """B7: bookings until nothing more fits; each is whole or not there; then there is room again."""
    cast = settle(sqlite)
    _fill_up(sqlite, _pages(sqlite) + 8)

    def until_it_is_full() -> int:
        for number in range(100_000):
            try:
                sqlite.work(add_school, f"{number:040}")
            except (OperationalError, Undone):
                return number
        raise AssertionError("never full")

    made = until_it_is_full()
    acting = parent(cast.de_vries)
    sanne = {"family_id": cast.de_vries, "student_id": cast.sanne, "slot_id": cast.noor_slots[0]}
    daan = {"family_id": cast.de_vries, "student_id": cast.daan, "slot_id": cast.bram_slots[5]}
    written = _rows(sqlite)
    try:
        sqlite.work(book, cast.school, acting, **sanne)
    except (OperationalError, Undone):
        assert _rows(sqlite) == written
    assert sqlite.read(lambda session: len(slugs(session))) == made + 2
    _fill_up(sqlite, 1_000_000)
    sqlite.work(book, cast.school, acting, **sanne)
    sqlite.work(book, cast.school, acting, **daan)
    assert _rows(sqlite)[:2] == (2, 2)
    assert sqlite.read(lambda session: session.execute(text("PRAGMA integrity_check")).scalar()) == "ok"


def _rows(database: Database) -> tuple[int, int, int]:
    def count(session: Session) -> tuple[int, int, int]:
        held, told, sent = (
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (Booking, tables.Audit, Notice)
        )
        return held, told, sent

    return database.read(count)


def _enlarge(session: Session, cast: Cast, families: int, slots: int) -> None:
    """More families with a child each in groep 4, and evenings enough; Noor gets a mail at each booking."""
    session.execute(text("UPDATE conference SET policy = 'each'"))
    for number in range(families):
        family = tables.Family(school_id=cast.school, name=f"family {number}")
        student = tables.Student(
            school_id=cast.school, first_name="Kind", last_name=str(number), name_key=f"kind{number}"
        )
        session.add_all([family, student])
        session.flush()
        session.add(tables.FamilyStudent(school_id=cast.school, family_id=family.id or 0, student_id=student.id or 0))
        session.add(tables.StudentGroup(school_id=cast.school, student_id=student.id or 0, group_id=cast.groep4))
    session.execute(
        text("DELETE FROM slot WHERE planning_id <> :noor AND school_id = :school"),
        {"noor": cast.noor_planning, "school": cast.school},
    )
    first = session.execute(select(func.max(col(tables.Slot.end)))).scalar_one()
    length = timedelta(minutes=10)
    session.execute(
        insert(tables.Slot),
        [
            {
                "school_id": cast.school,
                "planning_id": cast.noor_planning,
                "start": first + length * number,
                "end": first + length * (number + 1),
                "state": SlotState.OPEN,
            }
            for number in range(slots)
        ],
    )


class Nursery:
    """Processes that book until they are killed; `heard` is what they were answered."""

    def __init__(self, database: Database, school: int) -> None:
        command = [sys.executable, "-m", "tests.storage.database.killed", database.engine.url.render_as_string(False)]
        self._process = subprocess.Popen(
            [*command, str(school)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.heard: list[tuple[str, int]] = []
        assert self._line() == ["ready"]

    def kill_after(self, seed: int, answers: int) -> None:
        """Start one, kill it when it had so many answers, and hear what it said until its death."""
        print(seed, file=self._process.stdin, flush=True)
        child = 0
        while (line := self._line()) != ["gone"]:
            word, number = line[0], int(line[1])
            if word == "child":
                child = number
                continue
            self.heard.append((word, number))
            answers -= 1
            if answers == 0 and child:
                os.kill(child, signal.SIGKILL)

    def close(self) -> None:
        _, errors = self._process.communicate(timeout=PATIENCE)
        assert errors == ""

    def _line(self) -> list[str]:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = self._process.stdout.readline()
        assert line, self._process.stderr.read()
        return line.split()


def test_whoever_is_killed_in_mid_booking_loses_no_answered_booking(database: Database) -> None:
    """B2: nothing acknowledged lost, nothing double, a notice for each booking, the file sound."""
    cast = settle(database)
    families, slots, kills = (500, 1200, 300) if LONG else (60, 150, 6)
    database.work(_enlarge, cast, families, slots)
    chance = random.Random(2)
    nursery = Nursery(database, cast.school)
    for seed in range(kills):
        nursery.kill_after(seed, chance.randint(1, 60))
    nursery.close()

    def found(session: Session) -> tuple[list[tuple[Any, ...]], list[tuple[int, str]]]:
        rows = session.execute(select(col(Booking.id), col(Booking.slot_id), col(Booking.cancelled)))
        notices = session.execute(
            select(col(Notice.subject), col(Notice.moment)).where(col(Notice.kind) == NoticeKind.TEACHER_BOOKING)
        )
        return [tuple(row) for row in rows], [tuple(row) for row in notices]

    rows, notices = database.read(found)
    made, cancelled = {id_ for id_, _, _ in rows}, {id_ for id_, _, at in rows if at is not None}
    answered = {word: {number for said, number in nursery.heard if said == word} for word in ("booked", "cancelled")}
    assert (answered["booked"] - made, answered["cancelled"] - cancelled) == (set(), set())
    assert len(made - answered["booked"]) <= kills * WRITERS
    assert len(cancelled - answered["cancelled"]) <= kills * WRITERS
    live = [slot for _, slot, at in rows if at is None]
    assert len(live) == len(set(live)) > 0
    assert sorted(notices) == sorted([(id_, "0") for id_ in made] + [(id_, "1") for id_ in cancelled])
    if database.is_sqlite:
        assert database.read(lambda session: session.execute(text("PRAGMA integrity_check")).scalar()) == "ok"
        assert database.read(lambda session: session.execute(text("PRAGMA foreign_key_check")).all()) == []

"""The only place that opens a session, commits or rolls back.

SQLite has one writer, see `storage.database.writer`. PostgreSQL has many: threads of a small pool, each with its own
transaction. Readers have connections of their own on both. Nobody is answered before the commit stands.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from storage.database.session import Borrowed
from storage.database.writer import Piece, Writer

P = ParamSpec("P")
T = TypeVar("T")

LOCK_WAIT_SECONDS = 30
ONE_PICTURE = "REPEATABLE READ"  # SQLite's readers have that by themselves


class Unusable(Exception):
    """The database cannot be used as asked; the message is for the operator."""


class Database:
    """One database, by its URL: `sqlite:///path/to/file` or `postgresql+psycopg://…`.

    `work` and `read` take a function of `(session, …)` and run it in a transaction: kept on return, rolled back on any
    exception, which is raised to the caller. Both block; the `_async` pair is for an event loop.
    """

    def __init__(self, url: str, *, threads: int = 8) -> None:
        self.url = url
        self.threads = threads
        self.engine = _engine(url, threads)
        self._reading = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level=ONE_PICTURE)
        self._readers = ThreadPoolExecutor(threads, thread_name_prefix="reader")
        self._writer: Writer | ThreadPoolExecutor
        if self.is_sqlite:
            self._writer = Writer(self.engine)
        else:
            self._writer = ThreadPoolExecutor(threads, thread_name_prefix="writer")

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def work(self, do: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a writing function; returns when its result is on disk."""
        if isinstance(self._writer, Writer):
            answer: Future[T] = Future()
            self._writer.put(Piece(do, args, kwargs, answer))
            return answer.result()
        return self._write(do, args, kwargs)

    async def work_async(self, do: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if isinstance(self._writer, Writer):
            answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            self._writer.put(Piece(do, args, kwargs, answer))
            return await answer
        return await asyncio.wrap_future(self._writer.submit(self._write, do, args, kwargs))

    def read(self, do: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a reading function on one consistent picture; what it writes is thrown away."""
        with Session(self._reading) as session:
            return do(session, *args, **kwargs)

    async def read_async(self, do: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.wrap_future(self._readers.submit(self.read, do, *args, **kwargs))

    def scrub(self) -> None:
        """What was deleted is out of SQLite's write-ahead log too; where somebody reads just now, the next time.

        The pages themselves are overwritten at once (`secure_delete`). PostgreSQL vacuums by itself.
        """
        if self.is_sqlite:
            self._alone("PRAGMA wal_checkpoint(TRUNCATE)", wait=0.5)

    def vacuum(self) -> None:
        """Write a SQLite file afresh, without free pages or what stands between rows; the log is emptied after it.

        Who writes meanwhile waits, who reads does not. Raises sqlite3.OperationalError where the disk is too full.
        """
        if self.is_sqlite:
            self._alone("VACUUM", wait=LOCK_WAIT_SECONDS)
            self.scrub()

    def _alone(self, statement: str, *, wait: float) -> None:
        """A statement outside of any transaction, which waits so many seconds for others."""
        raw = self.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute(f"PRAGMA busy_timeout={int(wait * 1000)}")
            cursor.execute(statement)
            cursor.fetchall()
            cursor.execute(f"PRAGMA busy_timeout={LOCK_WAIT_SECONDS * 1000}")
        finally:
            raw.close()

    def close(self) -> None:
        """Finish what waits, then let go of every connection."""
        if isinstance(self._writer, Writer):
            self._writer.stop()
        else:
            self._writer.shutdown()
        self._readers.shutdown()
        self.engine.dispose()

    def _write(self, do: Callable[..., T], args: Any, kwargs: Any) -> T:
        with self.engine.begin() as connection, Borrowed(connection) as session:
            result = do(session, *args, **kwargs)
            session.keep()
        return result


def _engine(url: str, threads: int) -> Engine:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Unusable("DATABASE_URL is not a database address.") from error
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        _make_folder(parsed.database)
        engine = create_engine(parsed, pool_size=threads + 2, max_overflow=threads, hide_parameters=True)
        _teach_sqlite(engine)
        return engine
    if parsed.drivername != "postgresql+psycopg":
        raise Unusable("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
    return create_engine(parsed, pool_size=threads + 2, max_overflow=threads, hide_parameters=True)


def _make_folder(file: str | None) -> None:
    if not file or file == ":memory:":
        raise Unusable("DATABASE_URL must name a file: sqlite:///path/to/file.db")
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"The folder of the database cannot be made: {error.strerror}.") from error
    if Path(file).is_dir():
        raise Unusable("DATABASE_URL names a folder; it must name a file: sqlite:///path/to/file.db")


def _teach_sqlite(engine: Engine) -> None:
    """WAL, durable commits, foreign keys; writers that take their lock first (rule 9)."""

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the driver would begin transactions by itself, and too late
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # erased is erased: overwritten with zeros, not only marked as free (rule 33)
            f"busy_timeout={LOCK_WAIT_SECONDS * 1000}",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writer", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

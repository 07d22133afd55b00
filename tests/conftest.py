"""What every test may ask for: a fresh database of each kind, and the cast of people in it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.db import Database
from tests.cast import Cast, settle
from tests.databases import PostgresDatabases, SqliteDatabases


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    databases = PostgresDatabases()
    yield databases
    databases.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty database: the test runs once on SQLite and once on PostgreSQL."""
    databases = request.getfixturevalue(f"{request.param.replace('postgresql', 'postgres')}_databases")
    with databases.fresh(tmp_path) as fresh:
        yield fresh


@pytest.fixture
def sqlite(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty SQLite database, for tests in which the kind of database plays no part."""
    with sqlite_databases.fresh(tmp_path) as fresh:
        yield fresh


@pytest.fixture
def cast(database: Database) -> Cast:
    """The school De Regenboog and its neighbour De Horizon, see tests/cast.py."""
    return settle(database)


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("TIENMINUTEN_LONG"):
        config.option.maxfail = 1

"""The desk's database, and the two schools of the walk, settled once for each worker and put back before every test.

What a page asks of the database is held on both kinds by the tests of storage; the pages themselves meet PostgreSQL in
the long run.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database.engine import Database
from tests.admin.walks.route_table import Ground, Walked
from tests.support.databases import SqliteDatabases, with_cast

KINDS = ["sqlite", "postgres"] if os.environ.get("TIENMINUTEN_LONG") else ["sqlite"]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """As everywhere, but on SQLite alone in the quick run."""
    with request.getfixturevalue(f"{request.param}_databases").fresh(tmp_path, settled=with_cast(request)) as fresh:
        yield fresh


@pytest.fixture(scope="session")
def walked(sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    folder = tmp_path_factory.mktemp("walked")
    with sqlite_databases.fresh(folder) as database:
        yield Walked(database, folder)


@pytest.fixture
def two(walked: Walked) -> tuple[Ground, Ground]:
    """De Regenboog and De Horizon, an administrator of each at their desk."""
    return walked.again()


@pytest.fixture
def ground(two: tuple[Ground, Ground]) -> Ground:
    """De Regenboog."""
    return two[0]

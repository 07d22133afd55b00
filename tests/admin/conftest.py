"""The two schools of the walk: settled once for each worker, and put back as they were before every test."""

from collections.abc import Iterator

import pytest

from tests.admin.walking import Ground, Walked
from tests.databases import SqliteDatabases


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

"""What every test may ask for: a fresh database of each kind, the cast of people in it, a browser; and what the last
lines of a run say of the tests that could not run."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from storage.database.engine import Database
from storage.importing.files import spreadsheets
from tests.support import once, tools
from tests.support.cast import Cast, settle
from tests.support.databases import NoServer, PostgresDatabases, SqliteDatabases, with_cast


@pytest.fixture(scope="session", autouse=True)
def _once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        once.share(patch)
        # Its name alone: where nothing is measured, that process gets an environment of nothing, as ever.
        patch.setattr(spreadsheets, "_KEPT", (*spreadsheets._KEPT, "COVERAGE_PROCESS_CONFIG"))
        yield


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    try:
        databases = PostgresDatabases()
    except NoServer as error:
        tools.missing(f"{tools.POSTGRESQL}: {error}")
    yield databases
    databases.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database, empty but for the cast of who asks for it: the test runs once on SQLite and once on
    PostgreSQL."""
    databases = request.getfixturevalue(f"{request.param.replace('postgresql', 'postgres')}_databases")
    with databases.fresh(tmp_path, settled=with_cast(request)) as fresh:
        yield fresh


@pytest.fixture
def sqlite(request: pytest.FixtureRequest, sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Database]:
    """The same on SQLite alone, for tests in which the kind of database plays no part."""
    with sqlite_databases.fresh(tmp_path, settled=with_cast(request)) as fresh:
        yield fresh


@pytest.fixture
def cast(database: Database) -> Cast:
    """The school De Regenboog and its neighbour De Horizon, see tests/support/cast.py."""
    return settle(database)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    return tools.chromium() or tools.missing(tools.CHROMIUM)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Strictly, nothing is left out."""
    report = yield
    if tools.STRICT and report.skipped:
        report.outcome, report.longrepr = "failed", f"Not run, and TIENMINUTEN_TESTS_STRICT is set: {_reason(report)}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [(report.nodeid, _reason(report)) for report in terminalreporter.stats.get("skipped", [])]
    for heading, lines in tools.not_run(skipped):
        terminalreporter.section(heading, yellow=True)
        for line in lines:
            terminalreporter.line(line)


def _reason(report: pytest.TestReport) -> str:
    told = report.longrepr
    return str(told[2]).removeprefix("Skipped: ") if isinstance(told, tuple) else str(told)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stories go first: they are the longest, and one that begins last would run on alone."""
    items.sort(key=lambda item: "stories" not in item.path.parts)


def pytest_configure(config: pytest.Config) -> None:
    tools.work_in_memory()
    if os.environ.get("TIENMINUTEN_LONG"):
        config.option.maxfail = 1

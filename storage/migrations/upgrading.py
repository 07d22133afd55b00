"""Bringing a database up to date, and back (O3).

On SQLite the foreign keys are off while tables are rebuilt, else a rebuilt table's children would be deleted by
cascade; afterwards the rows are counted and the keys checked, and a difference undoes everything (rule 30).
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from storage.database.engine import Database, Unusable


class WentWrong(Exception):
    """An upgrade that would have lost rows or broken keys; nothing was changed."""


def upgrade(database: Database, revision: str = "head") -> None:
    """To `revision` from wherever it is. Raises WentWrong; the database then stands as before."""
    _migrate(database, revision, command.upgrade)


def downgrade(database: Database, revision: str) -> None:
    """Take the database back to a revision; what later ones added is lost."""
    _migrate(database, revision, command.downgrade)


def revisions() -> list[str]:
    """Every revision, oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def is_current(database: Database) -> bool:
    """Whether the schema is the one that this code expects."""
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == revisions()[-1]


def demand_current(database: Database) -> None:
    """Raises Unusable with what to do, where the schema is not up to date."""
    if not is_current(database):
        raise Unusable("The database is not up to date. Run: tienminuten upgrade")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _migrate(database: Database, revision: str, step: object) -> None:
    config = _config()
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(7010)"))  # two processes may start at once
            _run(config, connection, revision, step)
        return
    engine = create_engine(database.engine.url)  # without the listeners that switch foreign keys on
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.connection.driver_connection.isolation_level = None  # type: ignore[union-attr]
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                before = _rows(connection)
                _run(config, connection, revision, step)
                _check(connection, before)
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
    finally:
        engine.dispose()


def _run(config: Config, connection: Connection, revision: str, step: object) -> None:
    config.attributes["connection"] = connection
    step(config, revision)  # type: ignore[operator]


def _rows(connection: Connection) -> dict[str, int]:
    tables = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    return {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one() for name in tables}


def _check(connection: Connection, before: dict[str, int]) -> None:
    after = _rows(connection)
    lost = [name for name, count in before.items() if name in after and after[name] != count]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if lost or broken:
        raise WentWrong(f"Rows would be lost: {lost}; keys broken in: {sorted({row[0] for row in broken})}")

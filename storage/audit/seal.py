"""The audit trail is sealed by triggers (G18); putting a whole backup back is the one time that it is opened.

Nothing else may use this: who did what is never edited.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

_TRIGGERS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")


@contextmanager
def unsealed(connection: Connection) -> Iterator[None]:
    """Within this transaction, and sealed again as it was; a rollback seals it as well."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        yield
        connection.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))
        return
    triggers = connection.execute(_TRIGGERS).all()
    for name, _ in triggers:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, made_by in triggers:
        connection.exec_driver_sql(made_by)

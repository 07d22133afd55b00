"""Counting what is asked of a database: by its own events, never by the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from storage.database.engine import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The texts of all statements that are executed inside, in order."""
    texts: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        texts.append(statement)

    event.listen(database.engine, "before_cursor_execute", keep)
    try:
        yield texts
    finally:
        event.remove(database.engine, "before_cursor_execute", keep)

"""Core statements compiled once, for the hot path: sign-up opens for a whole school at the same minute.

A `Prepared` is a Core statement whose SQL text, parameter order and type conversions are worked out at its first use on
a database and kept. Executing it then costs what the driver costs: a sixth of what Core's own execution adds
(`make bench`). It knows no expanding IN and no ORM; use plain Core for those.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.sql.base import Executable
from sqlmodel import Session

_Convert = Callable[[Any], Any] | None


class Prepared:
    """One statement. Parameters are given by name, all of them, each time; `columns` are those of a bare INSERT."""

    def __init__(self, statement: Executable, columns: Sequence[str] = ()) -> None:
        self._statement = statement
        self._columns = columns
        self._texts: dict[str, _Text] = {}

    def rows(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        """Every row, its values converted as Core would."""
        text, cursor = self._run(session, values)
        rows = cursor.fetchall()
        cursor.close()
        return [text.read(row) for row in rows] if rows else []

    def first(self, session: Session, **values: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        text, cursor = self._run(session, values)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else text.read(row)

    def run(self, session: Session, **values: Any) -> int:
        """How many rows were changed. Driver errors pass through as they are (see `storage.prepared.is_conflict`)."""
        _, cursor = self._run(session, values)
        changed: int = cursor.rowcount
        cursor.close()
        return changed

    def _run(self, session: Session, values: dict[str, Any]) -> tuple["_Text", Any]:
        connection = session.connection()
        text = self._texts.get(connection.dialect.name)
        if text is None:
            text = self._texts[connection.dialect.name] = _Text(self._statement, self._columns, connection.dialect)
        cursor = connection.connection.cursor()
        cursor.execute(text.sql, text.parameters(values))
        return text, cursor


class _Text:
    """What a statement is on one kind of database."""

    def __init__(self, statement: Executable, columns: Sequence[str], dialect: Dialect) -> None:
        compiled: Any = statement.compile(  # type: ignore[attr-defined]
            dialect=dialect, column_keys=list(columns) or None
        )
        self.sql: str = str(compiled)
        self._order: list[str] | None = compiled.positiontup
        self._constant: dict[str, Any] = {}
        self._given: list[tuple[str, _Convert]] = []
        for bind, name in compiled.bind_names.items():
            convert = compiled._bind_processors.get(name)
            if bind.required:
                self._given.append((name, convert))
            else:
                self._constant[name] = convert(bind.effective_value) if convert else bind.effective_value
        self._results: list[_Convert] = [
            column.type._cached_result_processor(dialect, None) for column in compiled._result_columns
        ]

    def parameters(self, values: dict[str, Any]) -> Any:
        filled = dict(self._constant)
        for name, convert in self._given:
            value = values[name]
            filled[name] = convert(value) if convert is not None else value
        return filled if self._order is None else [filled[name] for name in self._order]

    def read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            value if convert is None or value is None else convert(value)
            for convert, value in zip(self._results, row, strict=True)
        )


def is_conflict(error: Exception) -> bool:
    """Whether a driver's error says that a unique constraint stood in the way."""
    return getattr(error, "sqlstate", None) == "23505" or "UNIQUE constraint failed" in str(error)

"""Core statements compiled once, for the hot path: sign-up opens for a whole school at the same minute.

A `Prepared` is a Core statement whose SQL text, parameter order and type conversions are worked out at its first use on
a database and kept. Executing it then costs what the driver costs: a sixth of what Core's own execution adds
(`make bench`). It knows no expanding IN and no ORM: use plain Core for those, or `one_of` for a few ids.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql.base import Executable
from sqlmodel import Session

_Convert = Callable[[Any], Any] | None
_AT_ONCE = 8  # ids in one asking: more than most families have plannings


class Prepared:
    """One statement. Parameters are given by name, all of them, each time; `columns` are those of a bare INSERT."""

    def __init__(self, statement: Executable, columns: Sequence[str] = ()) -> None:
        self._statement = statement
        self._columns = columns
        self._texts: dict[str, _Text] = {}

    def rows(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        """Every row, its values converted as Core would."""
        return self.ask(session, **values).rows()

    def first(self, session: Session, **values: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        return self.ask(session, **values).first()

    def run(self, session: Session, **values: Any) -> int:
        """How many rows were changed. Driver errors pass through as they are (see `is_conflict`)."""
        return self.ask(session, **values).changed()

    def ask(self, session: Session, **values: Any) -> "Executed":
        """Execute it; what came of it is to be read before this statement is asked again on this session.

        Inside of `together` it can be read only after the end.
        """
        connection = session.connection()
        text = self._texts.get(connection.dialect.name)
        if text is None:
            text = self._texts[connection.dialect.name] = _Text(self._statement, self._columns, connection.dialect)
        cursor = _cursor(connection.connection, self)
        cursor.execute(text.sql, text.parameters(values))
        return Executed(text, cursor)


def _cursor(pooled: PoolProxiedConnection, of: Prepared) -> Any:
    """The statement's own cursor on this connection: psycopg then works the types of its columns out once."""
    kept: dict[Prepared, Any] = pooled.info.setdefault("prepared", {})
    cursor = kept.get(of)
    if cursor is None:
        cursor = kept[of] = pooled.driver_connection.cursor()  # type: ignore[union-attr]
    return cursor


class Executed:
    """A statement that was executed, or is on its way. Read to the end: SQLite holds on to one that is not."""

    __slots__ = ("_cursor", "_text")

    def __init__(self, text: "_Text", cursor: Any) -> None:
        self._text, self._cursor = text, cursor

    def rows(self) -> list[tuple[Any, ...]]:
        return self._text.read(self._cursor.fetchall())

    def first(self) -> tuple[Any, ...] | None:
        rows = self.rows()
        return rows[0] if rows else None

    def changed(self) -> int:
        return int(self._cursor.rowcount)


def one_of(column: Mapped[int]) -> ColumnElement[bool]:
    """The column is one of the ids of an asking (`askings`): an IN whose length never changes."""
    return column.in_([bindparam(name, type_=Integer) for name in _names()])


def askings(ids: Iterable[int]) -> Iterator[dict[str, int]]:
    """The parameters of each asking that a statement with `one_of` takes for these ids. None for no ids."""
    left = sorted(set(ids))
    while left:
        now, left = left[:_AT_ONCE], left[_AT_ONCE:]
        yield dict(zip(_names(), now + now[-1:] * (_AT_ONCE - len(now)), strict=True))


def _names() -> list[str]:
    return [f"one_of_{place}" for place in range(_AT_ONCE)]


def together(session: Session) -> AbstractContextManager[object]:
    """What is asked inside goes to PostgreSQL in one breath: one wait instead of one each.

    They are executed one after another, and each sees what stands when its turn comes, as if it were sent alone. On
    SQLite nothing waits, and nothing changes.
    """
    raw: Any = session.connection().connection.driver_connection
    breath: Callable[[], AbstractContextManager[object]] = getattr(raw, "pipeline", nullcontext)
    return breath()


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
        converters = [column.type._cached_result_processor(dialect, None) for column in compiled._result_columns]
        self._results = [(place, convert) for place, convert in enumerate(converters) if convert]

    def parameters(self, values: dict[str, Any]) -> Any:
        filled = dict(self._constant)
        for name, convert in self._given:
            value = values[name]
            filled[name] = convert(value) if convert is not None else value
        return filled if self._order is None else [filled[name] for name in self._order]

    def read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return [self._converted(row) for row in rows] if self._results else rows

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, convert in self._results:
            if values[place] is not None:
                values[place] = convert(values[place])
        return tuple(values)


def is_conflict(error: Exception) -> bool:
    """Whether a driver's error says that a unique constraint stood in the way."""
    return getattr(error, "sqlstate", None) == "23505" or "UNIQUE constraint failed" in str(error)

"""Many rows into a table at once, through the driver itself, inside the transaction that is going on.

SQLite's own executemany and PostgreSQL's COPY take plain tuples one at a time; building rows of dictionaries for 50,000
students took longer than storing them. Checks nothing: what comes here has been checked.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

_LAST_ID = text(
    "SELECT max(coalesce((SELECT max(id) FROM student), 0),"
    " coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'student'), 0))"
)
_NEXT_IDS = text("SELECT nextval(pg_get_serial_sequence('student', 'id')) FROM generate_series(1, :count)")


class DateForm(dict[date | None, Any]):
    """A date as the driver wants it, each worked out once: SQLite keeps text."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._as_text = connection.dialect.name == "sqlite"

    def __missing__(self, day: date | None) -> Any:
        self[day] = day.isoformat() if day and self._as_text else day
        return self[day]


def take_ids(connection: Connection, count: int) -> Sequence[int]:
    """Ids for new students, none that was ever given out. SQLite has one writer, so the next numbers are ours."""
    if connection.dialect.name == "sqlite":
        last: int = connection.execute(_LAST_ID).scalar_one()
        return range(last + 1, last + count + 1)
    return connection.execute(_NEXT_IDS, {"count": count}).scalars().all()


def insert_rows(connection: Connection, table: Any, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert tuples in the order of `columns`. On SQLite a date must be text already, see DateForm."""
    name = table.__table__.name
    named = ", ".join(f'"{column}"' for column in columns)  # "left" is a word of SQL
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {name} ({named}) VALUES ({places})", rows)  # noqa: S608
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {name} ({named}) FROM STDIN") as target:
        for row in rows:
            target.write_row(row)

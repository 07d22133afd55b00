"""One leader among all processes of a database: only it ticks (rule 19, N7).

PostgreSQL: an advisory lock on a connection of its own, free the moment that the process or the connection dies.
SQLite: a lock on a file beside the database, free when the process dies.
"""

import asyncio
import contextlib
import fcntl
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage.database.engine import Database

_NUMBER = 10_10_10  # the advisory lock's; any, as long as it is always the same


class Leader(Protocol):
    async def leads(self) -> bool:
        """Whether this process may tick now; it tries to take over where nobody does."""

    async def step_down(self) -> None: ...


def leader(database: Database) -> Leader:
    """The leadership of a database."""
    if database.is_sqlite:
        path = database.engine.url.database
        assert path is not None
        return _ByFile(Path(f"{path}.leader"))
    return _ByDatabase(database)


class _ByFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: int | None = None

    async def leads(self) -> bool:
        if self._held is None:
            self._held = self._take()
        return self._held is not None

    async def step_down(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _take(self) -> int | None:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return None
        return file


class _ByDatabase:
    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._connection: Connection | None = None
        self._one = asyncio.Lock()

    async def leads(self) -> bool:
        async with self._one:
            return await asyncio.to_thread(self._hold_or_take)

    async def step_down(self) -> None:
        async with self._one:
            await asyncio.to_thread(self._hand_over)

    def _hold_or_take(self) -> bool:
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
            return self._take()
        except DBAPIError:
            self._let_go()
            return False

    def _take(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # never back into the pool: closing it is what frees the lock
        if connection.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": _NUMBER}).scalar():
            self._connection = connection
            return True
        connection.close()
        return False

    def _hand_over(self) -> None:
        """Unlock before closing: a closed connection's lock lives on for a moment."""
        if self._connection is not None:
            with contextlib.suppress(DBAPIError):
                self._connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": _NUMBER})
        self._let_go()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

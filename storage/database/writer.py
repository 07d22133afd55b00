"""The one writer of a SQLite file: a thread that commits for everybody.

It takes all that waits, runs each piece under a savepoint, commits once, and only then answers. No timer lingers for
more: whoever comes alone is served alone.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine

from storage.database.session import Borrowed

MOST_TOGETHER = 64  # pieces of work in one commit; more only lengthens the wait of the first


class Undone(Exception):
    """The database threw the whole transaction away (a full disk, a failing one): nothing of it is kept."""


class Writer:
    """Puts pieces of work into a queue, and does them in a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._door = threading.Lock()  # nothing is put behind the sign to stop: nobody would answer it
        self._stopped = False

    def put(self, piece: "Piece") -> None:
        """Raises RuntimeError when stopped, and inside of a piece of work: that would wait for itself."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("work() inside of work()")
        with self._door:
            if self._stopped:
                raise RuntimeError("this database was closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()
            self._waiting.put(piece)

    def stop(self) -> None:
        """Finish what waits."""
        with self._door:
            self._stopped = True
            self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            pieces, last = self._gather(first)
            self._commit(pieces)
            if last:
                break

    def _gather(self, first: "Piece") -> tuple[list["Piece"], bool]:
        pieces = [first]
        while len(pieces) < MOST_TOGETHER:
            try:
                piece = self._waiting.get_nowait()
            except queue.Empty:
                return pieces, False
            if piece is None:
                return pieces, True
            pieces.append(piece)
        return pieces, False

    def _commit(self, pieces: list["Piece"]) -> None:
        """All of them in one transaction. A failed commit (a full disk) is every piece's failure."""
        try:
            with self._engine.connect().execution_options(writer=True) as connection, connection.begin():
                for piece in pieces:
                    piece.run(connection)
                    # Everything is undone: going on would commit half a batch.
                    if piece.error is not None and not _in_transaction(connection):
                        raise Undone(str(piece.error.__context__ or piece.error)) from piece.error
        except BaseException as error:  # whatever it was, everybody gets an answer and the writer lives
            for piece in pieces:
                piece.error = error if isinstance(error, Undone) else piece.error or error
        _answer(pieces)


class Piece:
    """One caller's work, its outcome held back until the commit."""

    __slots__ = ("answer", "args", "do", "error", "kwargs", "result")

    def __init__(
        self, do: Callable[..., Any], args: Any, kwargs: Any, answer: "Future[Any] | asyncio.Future[Any]"
    ) -> None:
        self.do, self.args, self.kwargs, self.answer = do, args, kwargs, answer
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, connection: Connection) -> None:
        """Under a savepoint, given to the driver as it is: SQLAlchemy's own would cost as much as the statements."""
        raw: Any = connection.connection.driver_connection
        raw.execute("SAVEPOINT piece")
        try:
            with Borrowed(connection, join_transaction_mode="create_savepoint") as session:
                self.result = self.do(session, *self.args, **self.kwargs)
                session.keep()
        except BaseException as error:
            self.error = error
            if not raw.in_transaction:  # SQLite undoes everything by itself on some errors
                return
            raw.execute("ROLLBACK TO piece")
        raw.execute("RELEASE piece")

    def settle(self) -> None:
        """Answer; whoever was cancelled while waiting is not told, and what was done stays done."""
        if self.answer.done():
            return
        if self.error is None:
            self.answer.set_result(self.result)
        else:
            self.answer.set_exception(self.error)


def _answer(pieces: list[Piece]) -> None:
    """Threads at once; an event loop with one call for all that wait in it: waking it costs more than telling."""
    loops: dict[asyncio.AbstractEventLoop, list[Piece]] = {}
    for piece in pieces:
        if isinstance(piece.answer, Future):
            piece.settle()
        else:
            loops.setdefault(piece.answer.get_loop(), []).append(piece)
    for loop, waiting in loops.items():
        with suppress(RuntimeError):  # a loop that was closed meanwhile has nobody left to tell
            loop.call_soon_threadsafe(_settle_all, waiting)


def _settle_all(pieces: list[Piece]) -> None:
    for piece in pieces:
        piece.settle()


def _in_transaction(connection: Connection) -> bool:
    return bool(getattr(connection.connection.driver_connection, "in_transaction", False))

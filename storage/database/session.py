"""A session on a connection that somebody else commits.

The hot path asks for the connection alone: it gets that at once, and the ORM's own transaction, dearer than all the
statements of a booking, is begun only when the ORM is used.
"""

from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session


class Borrowed(Session):
    """Lives as long as one piece of work. `keep` writes out what the ORM still holds back; it commits nothing."""

    def __init__(self, connection: Connection, **options: Any) -> None:
        super().__init__(connection, **options)
        self._lent = connection

    def connection(self, bind_arguments: Any = None, execution_options: Any = None) -> Connection:  # noqa: ARG002
        """The connection it was made with; by way of the ORM's transaction once there is one (it may be nested)."""
        return super().connection() if self.in_transaction() else self._lent

    def keep(self) -> None:
        """Before the commit of whoever lent the connection."""
        if self.in_transaction():
            self.commit()

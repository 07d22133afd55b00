"""How far somebody has read the audit trail: each row is looked at once, whoever leads by then."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.tables import TrailRead
from storage.words import TrailReader


def read_until(session: Session, reader: TrailReader) -> int | None:
    """The last row that this reader has looked at, or None before its first look."""
    return session.execute(select(col(TrailRead.audit_id)).where(col(TrailRead.reader) == reader)).scalar()


def note_read(session: Session, reader: TrailReader, audit_id: int) -> None:
    """It has looked at this row and all before."""
    row = insert(TrailRead).values(reader=reader, audit_id=audit_id)
    session.execute(row.on_conflict_do_update(index_elements=["reader"], set_={"audit_id": row.excluded.audit_id}))

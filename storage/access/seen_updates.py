"""Telegram updates that had their effect (rule 17): a redelivered one has none.

The row is written in the transaction of the effect, so that neither can stand without the other.
"""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as insert_new  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.tables import UpdateSeen

_SEEN = insert_new(UpdateSeen).on_conflict_do_nothing().returning(col(UpdateSeen.update_id))


def first_time(session: Session, bot_id: int, update_id: int, now: datetime) -> bool:
    """Whether this update comes for the first time; it is written down as seen."""
    row = {"bot_id": bot_id, "update_id": update_id, "at": now}
    return session.connection().execute(_SEEN, row).first() is not None

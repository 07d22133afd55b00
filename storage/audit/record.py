"""The audit trail: who did what, when (D27). Rows are only ever added.

Details hold ids, counts and words, never names, dates of birth or addresses: the trail outlives what it tells of.
"""

from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from storage.database.prepared import Prepared
from storage.tables import Audit
from storage.words import Act, Acting

_COLUMNS = ("school_id", "at", "actor", "actor_id", "act", "subject", "planning_id", "detail")
_RECORD = Prepared(insert(Audit), _COLUMNS)


def record(
    session: Session,
    school_id: int,
    acting: Acting,
    act: Act,
    subject: int | None,
    *,
    planning_id: int | None = None,
    **detail: Any,
) -> None:
    """Write down one act, in the transaction of what was done."""
    _RECORD.ask(
        session,
        school_id=school_id,
        at=acting.now,
        actor=acting.by.actor,
        actor_id=acting.by.id,
        act=act,
        subject=subject,
        planning_id=planning_id,
        detail=detail,
    )

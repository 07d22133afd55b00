"""The audit trail: who did what, when (D27). Rows are only ever added.

Details hold ids, counts and words, never names, dates of birth or addresses: the trail outlives what it tells of.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from storage.database.prepared import Prepared
from storage.tables import Audit
from storage.words import Act, By

_COLUMNS = ("school_id", "at", "actor", "actor_id", "act", "subject", "planning_id", "detail")
_RECORD = Prepared(insert(Audit), _COLUMNS)


def record(
    session: Session,
    school_id: int,
    by: By,
    act: Act,
    subject: int | None,
    now: datetime,
    *,
    planning_id: int | None = None,
    **detail: Any,
) -> None:
    """Write down one act, in the transaction of what was done."""
    _RECORD.ask(
        session,
        school_id=school_id,
        at=now,
        actor=by.actor,
        actor_id=by.id,
        act=act,
        subject=subject,
        planning_id=planning_id,
        detail=detail,
    )

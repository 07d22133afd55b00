"""Families locked for one change, so that nobody books, merges or signs in with them meanwhile."""

from sqlalchemy import select
from sqlmodel import Session, col

from storage.refusals import NotFound, Refused
from storage.tables import Family


def lock(session: Session, school_id: int, *family_ids: int | None) -> None:
    """The families' rows, in order, so that nobody books for them meanwhile. Raises Refused(NotFound)."""
    wanted = {id_ for id_ in family_ids if id_ is not None}
    rows = select(col(Family.id)).where(col(Family.school_id) == school_id, col(Family.id).in_(wanted))
    found = session.execute(rows.order_by(col(Family.id)).with_for_update()).all()
    if len(found) != len(wanted):
        raise Refused(NotFound("family"))

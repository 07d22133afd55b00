"""Shutting a family out and letting it in again (D18, rule 7).

Only sets the mark: every tap asks for it afresh, so a blocked family is out at once. Its bookings stay, and a child's
other family is untouched.
"""

from sqlalchemy import update
from sqlmodel import Session, col

from storage.audit.record import record
from storage.refusals import NotFound, Refused
from storage.tables import Family
from storage.words import Act, Acting


def block(session: Session, school_id: int, acting: Acting, family_id: int) -> None:
    """No access from now on. Twice is once. Raises Refused(NotFound)."""
    _mark(session, school_id, acting, family_id, True)


def admit(session: Session, school_id: int, acting: Acting, family_id: int) -> None:
    """Let it in again: its chats are linked still. Twice is once. Raises Refused(NotFound)."""
    _mark(session, school_id, acting, family_id, False)


def _mark(session: Session, school_id: int, acting: Acting, family_id: int, blocked: bool) -> None:
    own = col(Family.school_id) == school_id, col(Family.id) == family_id
    changed = update(Family).where(*own, col(Family.blocked).is_(not blocked)).values(blocked=blocked)
    if session.execute(changed.returning(col(Family.id))).all():
        act = Act.FAMILY_BLOCKED if blocked else Act.FAMILY_ADMITTED
        record(session, school_id, acting, act, family_id)
    elif session.get(Family, family_id) is None or session.get_one(Family, family_id).school_id != school_id:
        raise Refused(NotFound("family"))

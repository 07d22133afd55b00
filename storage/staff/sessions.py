"""Who is signed in at the desk: rows, so that a session can be revoked at once (G8).

Only the SHA-256 of a session's token is kept. When somebody was last seen is not written here, for reading a page
must change nothing (G7): the edge carries that moment, signed, in the cookie.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from storage.access.chats import SchoolView
from storage.audit.record import record
from storage.database.joins import same
from storage.privacy.retention_table import SESSIONS
from storage.refusals import NotFound, Refused
from storage.schools import school
from storage.staff.accounts import StaffView, end_sessions, own_teacher, view
from storage.tables import DeskSession, School, Staff
from storage.words import Act, Acting, Actor, By


@dataclass(frozen=True, slots=True)
class Account:
    """One of the accounts that an e-mail address has, one for each school; `password` is its hash."""

    school_id: int
    school_name: str
    staff_id: int
    password: str
    second_factor: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """One sign-in of a person that still stands; `here` is the one that asks."""

    began: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class SignedInStaff:
    """Who stands behind a session's token."""

    school: SchoolView
    staff: StaffView
    csrf: str


def accounts(session: Session, email: str) -> tuple[Account, ...]:
    """The active accounts of an address, by the schools' names; who was only invited has none yet."""
    rows = session.execute(
        select(Staff, School)
        .join(School, col(School.id) == col(Staff.school_id))
        .where(col(Staff.email) == email.strip().lower(), col(Staff.active).is_(True), col(Staff.password) != "")
        .order_by(col(School.name), col(School.id))
    )
    return tuple(
        Account(one.school_id, where.name, int(one.id or 0), one.password, bool(one.totp)) for one, where in rows
    )


def begin(session: Session, school_id: int, staff_id: int, now: datetime) -> str:
    """Sign in: the token of a new session. Sessions that are over are cleared away. Raises Refused(NotFound)."""
    session.execute(delete(DeskSession).where(col(DeskSession.began) < SESSIONS.over(now)))
    staff = select(Staff).where(
        col(Staff.school_id) == school_id, col(Staff.id) == staff_id, col(Staff.active).is_(True)
    )
    if session.execute(staff).first() is None:
        raise Refused(NotFound("staff"))
    token = secrets.token_urlsafe(32)
    session.add(
        DeskSession(id=_kept(token), school_id=school_id, staff_id=staff_id, csrf=secrets.token_urlsafe(32), began=now)
    )
    record(session, school_id, Acting(By(Actor.STAFF, staff_id), now), Act.SIGNED_IN, staff_id)
    return token


def look(session: Session, token: str, now: datetime) -> SignedInStaff | None:
    """Who this token is, or None: unknown, ended, older than 12 hours, or of somebody who was disabled."""
    found = session.execute(
        select(DeskSession, Staff, own_teacher())
        .join(Staff, same(Staff.id, DeskSession.staff_id))
        .where(
            col(DeskSession.id) == _kept(token),
            col(DeskSession.began) > SESSIONS.over(now),
            col(Staff.active).is_(True),
        )
    ).first()
    if found is None:
        return None
    row, staff, teacher_id = found
    return SignedInStaff(school(session, row.school_id), view(staff, teacher_id), row.csrf)


def end(session: Session, token: str) -> None:
    """Sign out."""
    session.execute(delete(DeskSession).where(col(DeskSession.id) == _kept(token)))


def opened(session: Session, school_id: int, staff_id: int, token: str, now: datetime) -> tuple[Opened, ...]:
    """Everywhere that somebody is signed in, the newest first; `token` is of the session that asks."""
    rows = session.execute(
        select(col(DeskSession.id), col(DeskSession.began))
        .where(col(DeskSession.school_id) == school_id, col(DeskSession.staff_id) == staff_id)
        .where(col(DeskSession.began) > SESSIONS.over(now))
        .order_by(col(DeskSession.began).desc(), col(DeskSession.id))
    )
    return tuple(Opened(began, id_ == _kept(token)) for id_, began in rows)


def end_everywhere(session: Session, school_id: int, acting: Acting, staff_id: int) -> int:
    """Every session of this person ends, also the one that asks: a stolen cookie is that very session."""
    ended = end_sessions(session, school_id, staff_id)
    record(session, school_id, acting, Act.SIGNED_OUT_EVERYWHERE, staff_id, sessions=ended)
    return ended


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

"""The people who work at the desk (D1): administrators, and teachers who see their own plannings.

A teacher's account belongs to the teacher of the school with the same e-mail address, unless a row says otherwise.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from storage import auditing
from storage.tables import DeskSession, Staff, Teacher
from storage.words import Act, By, Invalid, NotFound, Refused, Role

LONGEST_NAME, LONGEST_EMAIL = 120, 254
_EMAIL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


@dataclass(frozen=True, slots=True)
class StaffView:
    id: int
    email: str
    name: str
    role: Role
    teacher_id: int | None
    language: str  # "" where it was never chosen
    active: bool

    @property
    def administrator(self) -> bool:
        return self.role is Role.ADMINISTRATOR


def email_address(text: str) -> str:
    """In small letters, checked by its form. Raises Refused(Invalid)."""
    email = text.strip().lower()
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email) or ".." in email:
        raise Refused(Invalid("“%(email)s” is not an e-mail address.", (("email", email[:80]),)))
    return email


def add_staff(
    session: Session, school_id: int, *, email: str, name: str, role: Role, password: str, by: By, now: datetime
) -> StaffView:
    """A new account; `password` is what `passwords.hashed` gave. Raises Refused(Invalid)."""
    email, name = email_address(email), " ".join(name.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(Invalid("The name is too long: at most %(most)s characters.", (("most", str(LONGEST_NAME)),)))
    known = select(col(Staff.id)).where(col(Staff.school_id) == school_id, col(Staff.email) == email)
    if session.execute(known).first():
        raise Refused(Invalid("%(email)s has an account already.", (("email", email),)))
    row = Staff(school_id=school_id, email=email, name=name, role=role, password=password)
    session.add(row)
    session.flush()
    auditing.record(session, school_id, by, Act.STAFF_ADDED, row.id, now, role=str(role))
    return staff_member(session, school_id, int(row.id or 0))


def set_active(session: Session, school_id: int, staff_id: int, active: bool, *, by: By, now: datetime) -> StaffView:
    """Let an account in, or no longer: it is out at its next request (S8).

    Raises Refused: NotFound; Invalid for one's own account and for the last administrator.
    """
    row = _row(session, school_id, staff_id)
    if not active and by.staff and by.id == staff_id:
        raise Refused(Invalid("You cannot disable your own account."))
    if not active and row.role is Role.ADMINISTRATOR and _others_in_charge(session, school_id, staff_id) == 0:
        raise Refused(Invalid("This is the last administrator: there must be one."))
    if row.active != active:
        row.active = active
        session.flush()
        if not active:
            _end_sessions(session, school_id, staff_id)
        act = Act.STAFF_ADMITTED if active else Act.STAFF_DISABLED
        auditing.record(session, school_id, by, act, staff_id, now)
    return staff_member(session, school_id, staff_id)


def set_password(session: Session, school_id: int, staff_id: int, password: str, *, by: By, now: datetime) -> None:
    """A new password, as `passwords.hashed` gave it; whoever is signed in with the old one is out."""
    row = _row(session, school_id, staff_id)
    row.password = password
    _end_sessions(session, school_id, staff_id)
    auditing.record(session, school_id, by, Act.PASSWORD_CHANGED, staff_id, now)


def password_of(session: Session, school_id: int, staff_id: int) -> str:
    """The hash that `passwords.matches` compares with. Raises Refused(NotFound)."""
    return _row(session, school_id, staff_id).password


def choose_language(session: Session, school_id: int, staff_id: int, language: str) -> None:
    _row(session, school_id, staff_id).language = language


def staff_member(session: Session, school_id: int, staff_id: int) -> StaffView:
    """Raises Refused(NotFound)."""
    found = _views(session, school_id, col(Staff.id) == staff_id)
    if not found:
        raise Refused(NotFound("staff"))
    return found[0]


def staff_list(session: Session, school_id: int) -> tuple[StaffView, ...]:
    """Everybody of the school, by name and address."""
    return _views(session, school_id, col(Staff.school_id) == school_id)


def own_teacher() -> ColumnElement[int | None]:
    """As a column beside Staff: the teacher of this account; of several with one address, none."""
    same = (
        select(func.min(col(Teacher.id)))
        .where(
            col(Teacher.school_id) == col(Staff.school_id),
            func.lower(col(Teacher.email)) == col(Staff.email),
        )
        .having(func.count() == 1)
        .correlate(Staff)
        .scalar_subquery()
    )
    return func.coalesce(col(Staff.teacher_id), same)


def view(row: Staff, teacher_id: int | None) -> StaffView:
    assert row.id is not None
    return StaffView(row.id, row.email, row.name, row.role, teacher_id, row.language, row.active)


def _views(session: Session, school_id: int, which: ColumnElement[bool]) -> tuple[StaffView, ...]:
    rows = session.execute(
        select(Staff, own_teacher())
        .where(col(Staff.school_id) == school_id, which)
        .order_by(col(Staff.name), col(Staff.email))
    )
    return tuple(view(row, teacher) for row, teacher in rows)


def _row(session: Session, school_id: int, staff_id: int) -> Staff:
    found: Staff | None = session.execute(
        select(Staff).where(col(Staff.school_id) == school_id, col(Staff.id) == staff_id)
    ).scalar_one_or_none()
    if found is None:
        raise Refused(NotFound("staff"))
    return found


def _others_in_charge(session: Session, school_id: int, staff_id: int) -> int:
    others: int = session.execute(
        select(func.count())
        .select_from(Staff)
        .where(
            col(Staff.school_id) == school_id,
            col(Staff.role) == Role.ADMINISTRATOR,
            col(Staff.active).is_(True),
            col(Staff.id) != staff_id,
        )
    ).scalar_one()
    return others


def _end_sessions(session: Session, school_id: int, staff_id: int) -> None:
    for row in session.execute(
        select(DeskSession).where(col(DeskSession.school_id) == school_id, col(DeskSession.staff_id) == staff_id)
    ).scalars():
        session.delete(row)

"""The people who work at the desk (D1): administrators, and teachers who see their own plannings.

A teacher's account belongs to the teacher of the school with the same e-mail address, unless a row says otherwise.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlmodel import Session, col

from storage.audit.record import record
from storage.refusals import Invalid, NotFound, Refused
from storage.tables import DeskSession, School, Staff, Teacher
from storage.values.email_address import typed_email
from storage.words import Act, Acting, Actor, Role

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class StaffView:
    id: int
    email: str
    name: str
    role: Role
    teacher_id: int | None
    language: str  # "" where it was never chosen
    active: bool
    invited: bool  # has not chosen a password yet
    link_until: datetime | None  # until when the mailed link works, where there is one
    second_factor: bool

    @property
    def administrator(self) -> bool:
        return self.role is Role.ADMINISTRATOR


def email_address(text: str) -> str:
    """In small letters. Raises Refused(Invalid) for none, and for what is no address."""
    email = typed_email(text).lower()
    if not email:
        raise Refused(Invalid("Type an e-mail address."))
    return email


def add_staff(
    session: Session, school_id: int, acting: Acting, *, email: str, name: str, role: Role, password: str
) -> StaffView:
    """A new account; `password` is what `passwords.hashed` gave. Raises Refused(Invalid)."""
    email, name = email_address(email), full_name(name)
    known = select(col(Staff.id)).where(col(Staff.school_id) == school_id, col(Staff.email) == email)
    if session.execute(known).first():
        raise Refused(Invalid("%(email)s has an account already.", (("email", email),)))
    row = Staff(school_id=school_id, email=email, name=name, role=role, password=password)
    session.add(row)
    session.flush()
    record(session, school_id, acting, Act.STAFF_ADDED, row.id, role=str(role))
    return staff_member(session, school_id, int(row.id or 0))


def change(session: Session, school_id: int, acting: Acting, staff_id: int, *, name: str, role: Role) -> StaffView:
    """Another name or role; what the role allows holds from the next request on.

    Raises Refused: NotFound; Invalid for one's own role, for the last administrator's and for a name that is none.
    """
    row, name = _locked(session, school_id, staff_id), full_name(name)
    if role is not row.role:
        if acting.by.id == staff_id and acting.by.actor is Actor.STAFF:
            raise Refused(Invalid("You cannot change your own role."))
        _keep_somebody_in_charge(session, row)
    changed = [field for field, value in (("name", name), ("role", role)) if getattr(row, field) != value]
    if changed:
        row.name, row.role = name, role
        session.flush()
        record(session, school_id, acting, Act.STAFF_CHANGED, staff_id, fields=changed, role=str(role))
    return staff_member(session, school_id, staff_id)


def set_active(session: Session, school_id: int, acting: Acting, staff_id: int, active: bool) -> StaffView:
    """Let an account in, or no longer: it is out at its next request (G8), and so is its calendar.

    Raises Refused: NotFound; Invalid for one's own account and for the last administrator.
    """
    row = _locked(session, school_id, staff_id)
    if not active and acting.by.staff and acting.by.id == staff_id:
        raise Refused(Invalid("You cannot disable your own account."))
    if not active:
        _keep_somebody_in_charge(session, row)
    if row.active != active:
        row.active = active
        if not active:
            row.link, row.link_until = "", None
            session.flush()
            end_sessions(session, school_id, staff_id)
            _stop_calendar(session, row)
        act = Act.STAFF_ADMITTED if active else Act.STAFF_DISABLED
        record(session, school_id, acting, act, staff_id)
    return staff_member(session, school_id, staff_id)


def set_password(session: Session, school_id: int, acting: Acting, staff_id: int, password: str) -> None:
    """A new password, as `passwords.hashed` gave it; whoever is signed in with the old one is out.

    A mailed link that still lay somewhere opens nothing any more. Raises Refused(NotFound).
    """
    row = member(session, school_id, staff_id)
    row.password, row.link, row.link_until = password, "", None
    session.flush()
    end_sessions(session, school_id, staff_id)
    record(session, school_id, acting, Act.PASSWORD_CHANGED, staff_id)


def password_of(session: Session, school_id: int, staff_id: int) -> str:
    """The hash that `passwords.matches` compares with. Raises Refused(NotFound)."""
    return member(session, school_id, staff_id).password


def choose_language(session: Session, school_id: int, staff_id: int, language: str) -> None:
    """Set in which language somebody reads the desk. Raises Refused(NotFound)."""
    member(session, school_id, staff_id).language = language


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
    """An account as the desk shows it; the row must have its id."""
    assert row.id is not None
    return StaffView(
        row.id,
        row.email,
        row.name,
        row.role,
        teacher_id,
        row.language,
        row.active,
        invited=not row.password,
        link_until=row.link_until,
        second_factor=bool(row.totp),
    )


def _views(session: Session, school_id: int, which: ColumnElement[bool]) -> tuple[StaffView, ...]:
    rows = session.execute(
        select(Staff, own_teacher())
        .where(col(Staff.school_id) == school_id, which)
        .order_by(col(Staff.name), col(Staff.email))
    )
    return tuple(view(row, teacher) for row, teacher in rows)


def member(session: Session, school_id: int, staff_id: int) -> Staff:
    """The row itself, for actions of this folder. Raises Refused(NotFound)."""
    found: Staff | None = session.execute(
        select(Staff).where(col(Staff.school_id) == school_id, col(Staff.id) == staff_id)
    ).scalar_one_or_none()
    if found is None:
        raise Refused(NotFound("staff"))
    return found


def full_name(name: str) -> str:
    """In single spaces. Raises Refused(Invalid)."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(Invalid("The name is too long: at most %(most)s characters.", (("most", str(LONGEST_NAME)),)))
    return name


def end_sessions(session: Session, school_id: int, staff_id: int) -> int:
    """Whoever is signed in as this person is out; how many sessions there were."""
    ended = delete(DeskSession).where(col(DeskSession.school_id) == school_id, col(DeskSession.staff_id) == staff_id)
    return int(session.execute(ended).rowcount)  # type: ignore[attr-defined]


def _locked(session: Session, school_id: int, staff_id: int) -> Staff:
    """As `member`; two administrators cannot put each other out at the same moment."""
    session.execute(select(col(School.id)).where(col(School.id) == school_id).with_for_update())
    return member(session, school_id, staff_id)


def _keep_somebody_in_charge(session: Session, row: Staff) -> None:
    """Raises Refused(Invalid) where nobody else could take over: invited is not enough."""
    others = (
        select(func.count())
        .select_from(Staff)
        .where(
            col(Staff.school_id) == row.school_id,
            col(Staff.role) == Role.ADMINISTRATOR,
            col(Staff.active).is_(True),
            col(Staff.password) != "",
            col(Staff.id) != row.id,
        )
    )
    if row.role is Role.ADMINISTRATOR and not session.execute(others).scalar_one():
        raise Refused(Invalid("This is the last administrator: there must be one."))


def _stop_calendar(session: Session, row: Staff) -> None:
    """Its secret address shows children's names to whoever knows it."""
    teacher = session.execute(select(own_teacher()).where(col(Staff.id) == row.id)).scalar()
    if teacher is not None:
        stopped = update(Teacher).where(col(Teacher.school_id) == row.school_id, col(Teacher.id) == teacher)
        session.execute(stopped.values(feed="").execution_options(synchronize_session=False))

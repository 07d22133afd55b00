"""Inviting people to the desk: one, or every teacher of the plannings in one go (D1).

Who is invited has an account without a password; the mailed link is how they choose one. Nobody is invited twice.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, distinct, func, select
from sqlmodel import Session, col

from storage.audit.record import record
from storage.refusals import Invalid, NotFound, Refused
from storage.staff import password_links
from storage.staff.accounts import StaffView, email_address, full_name, member, staff_member
from storage.tables import Notice, PlanningTeacher, Staff, Teacher
from storage.words import Act, Acting, NoticeKind, NoticeState, Role

MOST = 300  # in one go
_ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
_BETWEEN = " \t,;:<>\"'()"


@dataclass(frozen=True, slots=True)
class Invitee:
    email: str
    name: str = ""
    role: Role = Role.TEACHER


@dataclass(frozen=True, slots=True)
class Uninvited:
    """A teacher of the plannings with a mail address and no account."""

    teacher_id: int
    name: str
    email: str
    plannings: int


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a pasted list says: the people in it, and the lines in which no address could be read."""

    people: tuple[Invitee, ...]
    wrong: tuple[str, ...]


def uninvited(session: Session, school_id: int) -> tuple[Uninvited, ...]:
    """By name; of teachers who share an address, the first."""
    email = func.lower(col(Teacher.email))
    accounts = select(col(Staff.email)).where(col(Staff.school_id) == school_id)
    rows = session.execute(
        select(col(Teacher.id), col(Teacher.name), email, func.count(distinct(col(PlanningTeacher.planning_id))))
        .join(PlanningTeacher, col(PlanningTeacher.teacher_id) == col(Teacher.id))
        .where(col(Teacher.school_id) == school_id, col(Teacher.email) != "", email.not_in(accounts))
        .group_by(col(Teacher.id), col(Teacher.name), email)
        .order_by(col(Teacher.name), col(Teacher.id))
    )
    first: dict[str, Uninvited] = {}
    for id_, name, address, many in rows:
        first.setdefault(address, Uninvited(id_, name, address, many))
    return tuple(first.values())


def read_list(text: str) -> Pasted:
    """Addresses as they are pasted: one on a line, `Noor de Wit <noor@…>`, columns of a sheet, commas between."""
    people: dict[str, Invitee] = {}
    wrong: list[str] = []
    for line in filter(None, map(str.strip, text.replace("mailto:", "").splitlines())):
        found = list(_ADDRESS.finditer(line))
        names = [line[before:after].strip(_BETWEEN) for before, after in _gaps(found, len(line))]
        if len(found) == 1 and not names[0]:
            names[0] = names[1]
        for address, name in zip(found, names, strict=False):
            try:
                email = email_address(address[0].strip("."))
                people.setdefault(email, Invitee(email, full_name(name)))
            except Refused:
                wrong.append(address[0])
        if not found:
            wrong.append(line)
    return Pasted(tuple(people.values()), tuple(wrong))


def invite(session: Session, school_id: int, acting: Acting, people: Sequence[Invitee]) -> tuple[StaffView, ...]:
    """An account and a mail for each of them; who has an account already is left alone. Returns the new ones.

    A name that is not given is that of the teacher with the address. Raises Refused(Invalid): too many, an address.
    """
    if len(people) > MOST:
        raise Refused(Invalid("At most %(most)s people in one go.", (("most", str(MOST)),)))
    wanted = {email_address(one.email): one for one in people}
    known = select(col(Staff.email)).where(col(Staff.school_id) == school_id, col(Staff.email).in_(wanted))
    for email in session.execute(known).scalars().all():
        del wanted[email]
    names = _names(session, school_id, wanted)
    rows = [
        Staff(
            school_id=school_id,
            email=email,
            name=full_name(one.name) or names.get(email, ""),
            role=one.role,
            password="",
        )
        for email, one in wanted.items()
    ]
    session.add_all(rows)
    session.flush()
    for row in rows:
        password_links.send(session, row, password_links.INVITED, acting.now)
        record(session, school_id, acting, Act.STAFF_INVITED, row.id, role=str(row.role))
    return tuple(staff_member(session, school_id, int(row.id or 0)) for row in rows)


def invite_teachers(
    session: Session, school_id: int, acting: Acting, teacher_ids: Collection[int]
) -> tuple[StaffView, ...]:
    """An account and a mail for these teachers of the school; as `invite`. Raises Refused(NotFound) for a stranger."""
    asked = select(col(Teacher.id), col(Teacher.email), col(Teacher.name)).where(
        col(Teacher.school_id) == school_id, col(Teacher.id).in_(teacher_ids), col(Teacher.email) != ""
    )
    rows = session.execute(asked.order_by(col(Teacher.name))).all()
    if len(rows) != len(set(teacher_ids)):
        raise Refused(NotFound("teacher"))
    people = [Invitee(row.email, row.name) for row in rows]
    return invite(session, school_id, acting, people)


def undelivered(session: Session, school_id: int) -> dict[int, str]:
    """For whom the last mail with a link could never be delivered, and why, in the words of the notice."""
    last = (
        select(func.max(col(Notice.id)))
        .where(col(Notice.school_id) == school_id, col(Notice.kind) == NoticeKind.STAFF_LINK)
        .group_by(col(Notice.subject))
    )
    rows = session.execute(
        select(col(Notice.subject), col(Notice.trouble)).where(
            col(Notice.school_id) == school_id, col(Notice.id).in_(last), col(Notice.state) == NoticeState.FAILED
        )
    )
    return {row[0]: row[1] for row in rows}


def invite_again(session: Session, school_id: int, acting: Acting, staff_id: int) -> StaffView:
    """Another mail, and seven days from now on. Raises Refused: NotFound; Invalid for who has a password."""
    row = _invited(session, school_id, staff_id)
    password_links.send(session, row, password_links.INVITED, acting.now)
    record(session, school_id, acting, Act.STAFF_INVITED, staff_id, again=True)
    return staff_member(session, school_id, staff_id)


def take_back(session: Session, school_id: int, acting: Acting, staff_id: int) -> str:
    """The account that was never used is gone, and its link opens nothing; the address. Raises as `invite_again`."""
    row = _invited(session, school_id, staff_id)
    email = row.email
    session.execute(delete(Staff).where(col(Staff.school_id) == school_id, col(Staff.id) == staff_id))
    session.expunge(row)
    record(session, school_id, acting, Act.INVITATION_WITHDRAWN, staff_id)
    return email


def _invited(session: Session, school_id: int, staff_id: int) -> Staff:
    row = member(session, school_id, staff_id)
    if row.password or not row.active:
        raise Refused(Invalid("%(email)s has an account already.", (("email", row.email),)))
    return row


def _names(session: Session, school_id: int, emails: Collection[str]) -> dict[str, str]:
    email = func.lower(col(Teacher.email))
    rows = session.execute(
        select(email, col(Teacher.name))
        .where(col(Teacher.school_id) == school_id, email.in_(list(emails)))
        .order_by(col(Teacher.id).desc())
    )
    return {row[0]: row[1] for row in rows}


def _gaps(found: list[re.Match[str]], length: int) -> list[tuple[int, int]]:
    """The places before each address, and after the last."""
    ends = [0, *(one.end() for one in found)]
    starts = [*(one.start() for one in found), length]
    return list(zip(ends, starts, strict=True))

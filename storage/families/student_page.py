"""Everything that the desk shows of one child: data, groups, families, what would let it in, talks had and to come.

Only reads; a fixed number of queries, whatever there is to tell. Holds a child's data, so nothing of it is ever logged.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import Session, col

from storage.access.credentials import CHOICES
from storage.booking import reading
from storage.families.students import groups_of
from storage.refusals import NotFound, Refused
from storage.tables import (
    Booking,
    Chat,
    Conference,
    Credential,
    Family,
    FamilyStudent,
    Link,
    Planning,
    PlanningGroup,
    School,
    Slot,
    Student,
    StudentGroup,
)
from storage.values.person_names import full
from storage.words import ChatKind, SecretKind


@dataclass(frozen=True, slots=True)
class HomeView:
    """A family of the child. `kinds`: what lets the family in with this child. `chats`: linked ones, by kind."""

    id: int
    name: str
    email: str
    blocked: bool
    kinds: tuple[SecretKind, ...]
    chats: tuple[ChatKind, ...]


@dataclass(frozen=True, slots=True)
class TalkView:
    """A talk of the child. `held`: not cancelled. Moments are UTC."""

    booking_id: int
    planning_id: int
    slot_id: int
    conference: str
    title: str
    teachers: tuple[str, ...]
    room: str
    family: str
    start: datetime
    end: datetime
    held: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A planning of the child's groups with times to come, in which it has no talk."""

    planning_id: int
    title: str
    conference: str


@dataclass(frozen=True, slots=True)
class StudentDetails:
    """One student, all that is stored. `data`: per kind of secret, whether the school knows the datum."""

    id: int
    name: str
    first_name: str
    prefix: str
    last_name: str
    call_name: str
    postcode: str
    house_number: str
    birth_date: date | None
    student_number: str
    email: str
    phone: str
    left: datetime | None
    group_ids: frozenset[int]
    groups: str
    families: tuple[HomeView, ...]
    data: tuple[tuple[SecretKind, bool], ...]
    chosen: SecretKind | None
    ahead: tuple[TalkView, ...]
    past: tuple[TalkView, ...]
    waiting: tuple[Waiting, ...]


def about(session: Session, school_id: int, student_id: int, now: datetime) -> StudentDetails:
    """Raises Refused(NotFound)."""
    row = session.scalar(select(Student).where(col(Student.school_id) == school_id, col(Student.id) == student_id))
    school = session.get(School, school_id)
    if row is None or school is None:
        raise Refused(NotFound("student"))
    own = select(col(StudentGroup.group_id)).where(
        col(StudentGroup.school_id) == school_id, col(StudentGroup.student_id) == student_id
    )
    families = _families(session, school_id, student_id)
    talks = _talks(session, school_id, student_id)
    ahead = tuple(talk for talk in talks if talk.end > now and talk.held)
    return StudentDetails(
        id=student_id,
        name=full(row.first_name, row.prefix, row.last_name, row.call_name),
        first_name=row.first_name,
        prefix=row.prefix,
        last_name=row.last_name,
        call_name=row.call_name,
        postcode=row.postcode,
        house_number=row.house_number,
        birth_date=row.birth_date,
        student_number=row.student_number,
        email=row.email,
        phone=row.phone,
        left=row.left,
        group_ids=frozenset(session.scalars(own)),
        groups=groups_of(session, school_id, [student_id]).get(student_id, ""),
        families=families,
        data=tuple((kind, _known(row, kind)) for kind in CHOICES),
        chosen=school.secret_kind,
        ahead=ahead,
        past=tuple(talk for talk in reversed(talks) if talk not in ahead),
        waiting=_waiting(session, school_id, student_id, now) if row.left is None else (),
    )


def _known(row: Student, kind: SecretKind) -> bool:
    match kind:
        case SecretKind.POSTCODE:
            return bool(row.postcode)
        case SecretKind.POSTCODE_HOUSE_NUMBER:
            return bool(row.postcode and row.house_number)
        case SecretKind.BIRTH_DATE:
            return row.birth_date is not None
        case _:
            return bool(row.student_number)


def _families(session: Session, school_id: int, student_id: int) -> tuple[HomeView, ...]:
    joined = (
        select(Family)
        .join(FamilyStudent, col(FamilyStudent.family_id) == col(Family.id))
        .where(col(FamilyStudent.school_id) == school_id, col(FamilyStudent.student_id) == student_id)
        .order_by(col(Family.id))
    )
    rows = list(session.scalars(joined))
    ids = [row.id for row in rows]
    opening = select(col(Credential.family_id), col(Credential.kind)).where(
        col(Credential.school_id) == school_id, col(Credential.student_id) == student_id
    )
    linked = (
        select(col(Link.family_id), col(Chat.kind))
        .join(Chat, col(Chat.id) == col(Link.chat_id))
        .where(col(Link.school_id) == school_id, col(Link.family_id).in_(ids))
        .order_by(col(Link.id))
    )
    kinds, chats = session.execute(opening).all(), session.execute(linked).all()
    return tuple(
        HomeView(
            id=row.id or 0,
            name=row.name,
            email=row.email,
            blocked=row.blocked,
            kinds=tuple(sorted({kind for id_, kind in kinds if id_ == row.id}, key=list(SecretKind).index)),
            chats=tuple(kind for id_, kind in chats if id_ == row.id),
        )
        for row in rows
    )


def _talks(session: Session, school_id: int, student_id: int) -> tuple[TalkView, ...]:
    """By time, cancelled ones too."""
    return tuple(
        TalkView(
            booking_id=row.id,
            planning_id=row.planning_id,
            slot_id=row.slot_id,
            conference=row.conference,
            title=row.title,
            teachers=row.teachers,
            room=row.room,
            family=row.family_name,
            start=row.start,
            end=row.end,
            held=row.cancelled is None,
        )
        for row in reading.rows(session, school_id, col(Booking.student_id) == student_id)
    )


def _waiting(session: Session, school_id: int, student_id: int, now: datetime) -> tuple[Waiting, ...]:
    here = col(Planning.school_id) == school_id
    of_its_groups = exists().where(
        col(PlanningGroup.school_id) == school_id,
        col(StudentGroup.school_id) == school_id,
        col(PlanningGroup.planning_id) == col(Planning.id),
        col(StudentGroup.group_id) == col(PlanningGroup.group_id),
        col(StudentGroup.student_id) == student_id,
    )
    held = exists().where(
        col(Booking.school_id) == school_id,
        col(Booking.planning_id) == col(Planning.id),
        col(Booking.student_id) == student_id,
        col(Booking.cancelled).is_(None),
    )
    to_come = exists().where(
        col(Slot.school_id) == school_id, col(Slot.planning_id) == col(Planning.id), col(Slot.start) > now
    )
    found = (
        select(col(Planning.id), col(Planning.title), col(Conference.name))
        .join(Conference, col(Conference.id) == col(Planning.conference_id))
        .where(here, of_its_groups, ~held, to_come)
        .order_by(col(Conference.id), col(Planning.id))
    )
    rows: Any = session.execute(found)
    return tuple(Waiting(*row) for row in rows)

"""Whom a notice reaches and where: a family's chats, its mail addresses, teachers' and staff's. Only reads.

Separate households never share an address (rule 23): a child that has another family too lends its address to none.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.tables import Chat, Family, FamilyStudent, Link, Staff, Student, Teacher
from storage.words import ChatKind


@dataclass(frozen=True, slots=True)
class ChatView:
    id: int
    kind: ChatKind
    address: str
    language: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class FamilyState:
    name: str
    blocked: bool


_CHAT = (col(Chat.id), col(Chat.kind), col(Chat.address), col(Chat.language), col(Chat.reachable))


def linked_chat(session: Session, school_id: int, family_id: int, chat_id: int) -> ChatView | None:
    """The chat, if it still speaks for this family and the family is not blocked (rules 6, 7)."""
    row = session.execute(
        select(*_CHAT)
        .join(Link, col(Link.chat_id) == col(Chat.id))
        .join(Family, and_(col(Family.school_id) == col(Link.school_id), col(Family.id) == col(Link.family_id)))
        .where(col(Chat.id) == chat_id, col(Link.school_id) == school_id, col(Link.family_id) == family_id)
        .where(col(Family.blocked).is_(False))
    ).first()
    return None if row is None else ChatView(*row)


def pushable_chats(session: Session, school_id: int, family_id: int) -> tuple[int, ...]:
    """The family's chats that a message can be sent to: in Telegram, and not known as unreachable."""
    rows = session.execute(
        select(col(Chat.id))
        .join(Link, col(Link.chat_id) == col(Chat.id))
        .where(col(Link.school_id) == school_id, col(Link.family_id) == family_id)
        .where(col(Chat.kind) == ChatKind.TELEGRAM, col(Chat.reachable).is_(True))
        .order_by(col(Chat.id))
    )
    return tuple(rows.scalars())


def family_addresses(session: Session, school_id: int, family_id: int) -> tuple[str, ...]:
    """Its own address, else those of its children who have no other family; none for a blocked family."""
    family = session.execute(
        select(col(Family.email), col(Family.blocked)).where(
            col(Family.school_id) == school_id, col(Family.id) == family_id
        )
    ).one_or_none()
    if family is None or family.blocked:
        return ()
    if family.email:
        return (family.email,)
    return _children_addresses(session, school_id, family_id)


def _children_addresses(session: Session, school_id: int, family_id: int) -> tuple[str, ...]:
    other = aliased(FamilyStudent)
    elsewhere = select(col(other.student_id)).where(
        col(other.school_id) == school_id,
        col(other.student_id) == col(Student.id),
        col(other.family_id) != family_id,
    )
    sibling = aliased(Student)
    present = (  # a family of which everybody has left is still told of the talk that this cancelled
        select(col(sibling.id))
        .join(other, and_(col(other.school_id) == col(sibling.school_id), col(other.student_id) == col(sibling.id)))
        .where(col(other.school_id) == school_id, col(other.family_id) == family_id, col(sibling.left).is_(None))
    )
    rows = session.execute(
        select(col(Student.email))
        .join(
            FamilyStudent,
            and_(
                col(FamilyStudent.school_id) == col(Student.school_id),
                col(FamilyStudent.student_id) == col(Student.id),
            ),
        )
        .where(col(Student.school_id) == school_id, col(FamilyStudent.family_id) == family_id)
        .where(col(Student.email) != "", or_(col(Student.left).is_(None), ~present.exists()), ~elsewhere.exists())
        .order_by(col(Student.id))
    ).scalars()
    known: dict[str, str] = {}
    for address in rows:
        known.setdefault(address.lower(), address)
    return tuple(known.values())


def family_state(session: Session, school_id: int, family_id: int) -> FamilyState | None:
    """None where there is no such family any more."""
    found = session.execute(
        select(col(Family.name), col(Family.blocked)).where(
            col(Family.school_id) == school_id, col(Family.id) == family_id
        )
    ).one_or_none()
    return None if found is None else FamilyState(*found)


def teacher_address(session: Session, school_id: int, teacher_id: int) -> tuple[str, ...]:
    return _one(session, select(col(Teacher.email)).where(_own(Teacher, school_id, teacher_id)))


def staff_address(session: Session, school_id: int, staff_id: int) -> tuple[str, ...]:
    """None for somebody whose account was closed."""
    return _one(session, select(col(Staff.email)).where(_own(Staff, school_id, staff_id), col(Staff.active).is_(True)))


def _own(table: type[Teacher] | type[Staff], school_id: int, row_id: int) -> ColumnElement[bool]:
    return and_(col(table.school_id) == school_id, col(table.id) == row_id)


def _one(session: Session, statement: Select[str]) -> tuple[str, ...]:
    found = session.execute(statement).scalar()
    return (found,) if found else ()

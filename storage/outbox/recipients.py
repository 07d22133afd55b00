"""Whom a notice reaches and where: a family's chats, its mail addresses, teachers' and staff's. Only reads.

Separate households never share an address (rule 23): a child that has another family too lends its address to none.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.database.joins import same
from storage.tables import Chat, Family, FamilyStudent, Link, Staff, Student, Teacher
from storage.values.email_address import each
from storage.words import ChatKind, Role, SignInStep


@dataclass(frozen=True, slots=True)
class ChatView:
    """`screen` is Telegram's message that shows the last screen; `unseen` are the notices on top of it."""

    id: int
    kind: ChatKind
    address: str
    language: str
    reachable: bool
    step: SignInStep = SignInStep.NONE
    screen: int | None = None
    unseen: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FamilyState:
    name: str
    blocked: bool


_CHAT = (
    col(Chat.id),
    col(Chat.kind),
    col(Chat.address),
    col(Chat.language),
    col(Chat.reachable),
    col(Chat.step),
    col(Chat.screen),
    col(Chat.unseen),
)

_PUSHABLE = (col(Chat.kind) == ChatKind.TELEGRAM, col(Chat.reachable).is_(True))
_CHILD = same(FamilyStudent.student_id, Student.id)
_OTHER = aliased(FamilyStudent)
_SIBLING = aliased(Student)
_PRESENT = (
    select(col(_SIBLING.id))
    .join(_OTHER, col(_OTHER.student_id) == col(_SIBLING.id))
    .where(col(_OTHER.family_id) == col(FamilyStudent.family_id), col(_SIBLING.left).is_(None))
)
# A child whose address may stand for its family's: of no other family (rule 23), and at school; or of a family of which
# everybody left, for it is still told of the talk that this cancelled. Not by school too: a student's rows are all of
# one school, and SQLite would take the wrong index.
_LENDS = (
    col(Student.email) != "",
    or_(col(Student.left).is_(None), ~_PRESENT.correlate(FamilyStudent).exists()),
    ~select(col(_OTHER.student_id))
    .where(
        col(_OTHER.student_id) == col(FamilyStudent.student_id),
        col(_OTHER.family_id) != col(FamilyStudent.family_id),
    )
    .exists(),
)

# The same answers for many families in one query: conditions on a row of Family.
HAS_CHAT: ColumnElement[bool] = (
    select(col(Link.id))
    .join(Chat, col(Chat.id) == col(Link.chat_id))
    .where(same(Link.family_id, Family.id), *_PUSHABLE)
    .correlate(Family)
    .exists()
)
HAS_ADDRESS: ColumnElement[bool] = and_(
    col(Family.blocked).is_(False),
    or_(
        col(Family.email) != "",
        select(col(Student.id))
        .join(FamilyStudent, _CHILD)
        .where(same(FamilyStudent.family_id, Family.id), *_LENDS)
        .correlate(Family)
        .exists(),
    ),
)


def linked_chat(session: Session, school_id: int, family_id: int, chat_id: int) -> ChatView | None:
    """The chat, if it still speaks for this family and the family is not blocked (rules 6, 7)."""
    row = session.execute(
        select(*_CHAT)
        .join(Link, col(Link.chat_id) == col(Chat.id))
        .join(Family, same(Family.id, Link.family_id))
        .where(col(Chat.id) == chat_id, col(Link.school_id) == school_id, col(Link.family_id) == family_id)
        .where(col(Family.blocked).is_(False))
    ).first()
    return None if row is None else _chat_view(row)


def chat_view(session: Session, chat_id: int) -> ChatView | None:
    """One chat, whoever it speaks for."""
    row = session.execute(select(*_CHAT).where(col(Chat.id) == chat_id)).first()
    return None if row is None else _chat_view(row)


def pushable_chats(session: Session, school_id: int, family_id: int) -> tuple[int, ...]:
    """The family's chats that a message can be sent to: in Telegram, and not known as unreachable."""
    rows = session.execute(
        select(col(Chat.id))
        .join(Link, col(Link.chat_id) == col(Chat.id))
        .where(col(Link.school_id) == school_id, col(Link.family_id) == family_id, *_PUSHABLE)
        .order_by(col(Chat.id))
    )
    return tuple(rows.scalars())


def chats_of(session: Session, school_id: int, family_ids: Collection[int]) -> dict[int, list[int]]:
    """family → its chats that a message can be sent to, for many families in one query."""
    rows = session.execute(
        select(col(Link.family_id), col(Chat.id))
        .join(Chat, col(Chat.id) == col(Link.chat_id))
        .where(col(Link.school_id) == school_id, col(Link.family_id).in_(family_ids), *_PUSHABLE)
        .order_by(col(Chat.id))
    )
    chats: dict[int, list[int]] = {}
    for family_id, chat_id in rows:
        if chat_id is not None:
            chats.setdefault(family_id, []).append(chat_id)
    return chats


def family_addresses(session: Session, school_id: int, family_id: int) -> tuple[str, ...]:
    """Its own addresses, else those of its children who have no other family; none for a blocked family."""
    family = session.execute(
        select(col(Family.email), col(Family.blocked)).where(
            col(Family.school_id) == school_id, col(Family.id) == family_id
        )
    ).one_or_none()
    if family is None or family.blocked:
        return ()
    if family.email:
        return each(family.email)
    rows = session.execute(
        select(col(Student.email))
        .join(FamilyStudent, _CHILD)
        .where(col(FamilyStudent.school_id) == school_id, col(FamilyStudent.family_id) == family_id, *_LENDS)
        .order_by(col(Student.id))
    ).scalars()
    known: dict[str, str] = {}
    for address in chain.from_iterable(map(each, rows)):
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
    """The teacher's mail address, or none."""
    return _one(session, select(col(Teacher.email)).where(_own(Teacher, school_id, teacher_id)))


def staff_address(session: Session, school_id: int, staff_id: int) -> tuple[str, ...]:
    """None for somebody whose account was closed."""
    return _one(session, select(col(Staff.email)).where(_own(Staff, school_id, staff_id), col(Staff.active).is_(True)))


def administrators(session: Session, school_id: int) -> tuple[int, ...]:
    """The ids of the school's administrators whose accounts are open."""
    rows = session.execute(
        select(col(Staff.id)).where(
            col(Staff.school_id) == school_id, col(Staff.role) == Role.ADMINISTRATOR, col(Staff.active)
        )
    ).scalars()
    return tuple(sorted(one for one in rows if one is not None))


def _chat_view(row: Any) -> ChatView:
    id_, kind, address, language, reachable, step, screen, unseen = row
    return ChatView(id_, kind, address, language, reachable, step, screen, tuple(unseen))


def _own(table: type[Teacher] | type[Staff], school_id: int, row_id: int) -> ColumnElement[bool]:
    return and_(col(table.school_id) == school_id, col(table.id) == row_id)


def _one(session: Session, statement: Select[str]) -> tuple[str, ...]:
    found = session.execute(statement).scalar()
    return (found,) if found else ()

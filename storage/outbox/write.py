"""Writing a notice down, in the transaction of what it tells (M1). The unique key says each thing once (rule 20)."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    false,
    literal,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.column_types import UtcDateTime, Word
from storage.database.joins import same
from storage.database.prepared import Prepared
from storage.outbox.recipients import HAS_ADDRESS
from storage.tables import Card, Chat, Family, FamilyStudent, Link, Notice, Planning, PlanningTeacher, Teacher
from storage.words import Acting, ChatKind, NoticeKind, NoticeState, Recipient

_COLUMNS = (
    "school_id",
    "kind",
    "subject",
    "moment",
    "recipient",
    "recipient_id",
    "due",
    "state",
    "attempts",
    "trouble",
)
_NEW = insert(Notice).on_conflict_do_nothing()
_TELL = Prepared(_NEW, _COLUMNS)


def enqueue(
    session: Session,
    school_id: int,
    kind: NoticeKind,
    subject: int,
    moment: str,
    recipient: Recipient,
    recipient_id: int,
    due: datetime,
) -> None:
    """One notice; nothing where the same one was written before."""
    values = (school_id, kind, subject, moment, recipient, recipient_id, due, NoticeState.WAITING, 0, "")
    _TELL.ask(session, **dict(zip(_COLUMNS, values, strict=True)))


def _notice(kind: NoticeKind, recipient: Recipient, recipient_id: Any, *where: Any) -> Select[Any]:
    return select(
        bindparam("school", type_=Integer),
        literal(kind, Word(NoticeKind)),
        bindparam("booking", type_=Integer),
        bindparam("moment", type_=String),
        literal(recipient, Word(Recipient)),
        recipient_id,
        bindparam("due", type_=UtcDateTime()),
        literal(NoticeState.WAITING, Word(NoticeState)),
        literal(0),
        literal(""),
    ).where(*where)


# The households that hear of a booking: the one that holds it and, under *together*, the child's others (rule 12).
_HOUSEHOLDS = union(
    select(bindparam("family", type_=Integer)),
    select(col(FamilyStudent.family_id)).where(
        bindparam("together", type_=Boolean),
        col(FamilyStudent.school_id) == bindparam("school"),
        col(FamilyStudent.student_id) == bindparam("student"),
    ),
)
_PUSHABLE = and_(col(Chat.kind) == ChatKind.TELEGRAM, col(Chat.reachable) == true())
_FILES = _notice(
    NoticeKind.CARD,
    Recipient.CHAT,
    col(Chat.id),
    col(Card.school_id) == bindparam("school"),
    col(Card.booking_id) == bindparam("booking"),
    col(Chat.id) == col(Card.chat_id),
    _PUSHABLE,
)
_TEACHERS = _notice(
    NoticeKind.TEACHER_BOOKING,
    Recipient.TEACHER,
    col(Teacher.id),
    col(Planning.school_id) == bindparam("school"),
    col(Planning.id) == bindparam("planning"),
    col(Planning.mail_each_booking) == true(),
    same(PlanningTeacher.planning_id, Planning.id),
    same(Teacher.id, PlanningTeacher.teacher_id),
    col(Teacher.email) != "",
)
_OTHER_CHATS = _notice(
    NoticeKind.CHANGED,
    Recipient.CHAT,
    col(Chat.id),
    col(Link.school_id) == bindparam("school"),
    col(Link.family_id).in_(_HOUSEHOLDS),
    same(Family.id, Link.family_id),
    col(Family.blocked) == false(),
    col(Chat.id) == col(Link.chat_id),
    col(Chat.reachable) == true(),
    col(Chat.id) != bindparam("chat", type_=Integer),
).distinct()
_ITS_CHATS = select(col(Link.id)).where(same(Link.family_id, Family.id), col(Chat.id) == col(Link.chat_id), _PUSHABLE)
_BY_MAIL = _notice(
    NoticeKind.CHANGED,
    Recipient.FAMILY,
    col(Family.id),
    col(Family.school_id) == bindparam("school"),
    col(Family.id).in_(_HOUSEHOLDS),
    col(Family.blocked) == false(),
    ~_ITS_CHATS.correlate(Family).exists(),
    or_(bindparam("by_staff", type_=Boolean), HAS_ADDRESS),
)
_OF_BOOKING = Prepared(_NEW.from_select(_COLUMNS, union_all(_FILES, _TEACHERS, _OTHER_CHATS, _BY_MAIL)))


def enqueue_of_booking(
    session: Session,
    school_id: int,
    acting: Acting,
    booking_id: int,
    *,
    revision: int,
    family_id: int,
    student_id: int,
    together: bool,
    planning_id: int,
) -> None:
    """What a booking, a move or a cancelling makes to be said, in one statement (rules 15, 35).

    A message to every chat of each household that hears of it but the one that did it, or a mail where a household has
    no chat that can be written to: when the school did it, also where no address is known, so that the desk sees whom
    nothing reached. A new calendar file to the chats that have one; a mail to the teachers who asked for it (T2).
    """
    _OF_BOOKING.ask(
        session,
        school=school_id,
        booking=booking_id,
        moment=str(revision),
        family=family_id,
        student=student_id,
        together=together,
        planning=planning_id,
        chat=acting.by.chat,
        by_staff=acting.by.staff,
        due=acting.now,
    )

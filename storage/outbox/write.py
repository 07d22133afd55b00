"""Writing a notice down, in the transaction of what it tells (M1). The unique key says each thing once (rule 20)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, String, and_, bindparam, literal, select, true, union_all
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.column_types import UtcDateTime, Word
from storage.database.joins import same
from storage.database.prepared import Prepared
from storage.tables import Chat, Family, Link, Notice, Planning, PlanningTeacher, Teacher
from storage.words import ChatKind, NoticeKind, NoticeState, Recipient

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


_CHATS = and_(
    col(Link.school_id) == bindparam("school"),
    col(Link.family_id) == bindparam("family"),
    col(Chat.id) == col(Link.chat_id),
    col(Chat.kind) == ChatKind.TELEGRAM,
    col(Chat.reachable) == true(),
)
_CARDS = _notice(NoticeKind.CARD, Recipient.CHAT, col(Chat.id), _CHATS)
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
_CHANGES = _notice(NoticeKind.CHANGED, Recipient.CHAT, col(Chat.id), _CHATS)
_CHANGE_BY_MAIL = _notice(
    NoticeKind.CHANGED,
    Recipient.FAMILY,
    col(Family.id),
    col(Family.school_id) == bindparam("school"),
    col(Family.id) == bindparam("family"),
    ~select(col(Link.id)).where(_CHATS).correlate(None).exists(),
)
_BY_FAMILY = Prepared(_NEW.from_select(_COLUMNS, union_all(_CARDS, _TEACHERS)))
_BY_STAFF = Prepared(_NEW.from_select(_COLUMNS, union_all(_CARDS, _TEACHERS, _CHANGES, _CHANGE_BY_MAIL)))


def enqueue_of_booking(
    session: Session,
    school_id: int,
    booking_id: int,
    *,
    revision: int,
    family_id: int,
    planning_id: int,
    by_staff: bool,
    now: datetime,
) -> None:
    """What a booking, a move or a cancelling makes to be said, in one statement.

    Its card to each of the family's chats, a mail to the teachers who asked for it (T2), and when the school did it,
    a message to those chats or, where there is none, a mail to the family (rule 15).
    """
    (_BY_STAFF if by_staff else _BY_FAMILY).ask(
        session,
        school=school_id,
        booking=booking_id,
        moment=str(revision),
        family=family_id,
        planning=planning_id,
        due=now,
    )

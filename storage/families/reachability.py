"""Who can be told anything, and how (M3): one meaning for every list and count, taken from what the sender itself asks.

`storage.outbox.recipients` says where a notice goes; this says it of many families at once, and never anything else.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.database.joins import same
from storage.outbox.recipients import HAS_ADDRESS, HAS_CHAT
from storage.tables import Booking, Chat, Family, FamilyStudent, Link, Notice, Staff, Student, Teacher
from storage.words import ChatKind, NoticeKind, NoticeState, Recipient


class Channel(StrEnum):
    """How a family learns what happens: the first of these that holds."""

    TELEGRAM = "telegram"  # a message in its chat
    MAIL = "mail"
    PAGE = "page"  # only by opening the chat page in its browser
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reach:
    """How the families of a school are reached: how many in each way, by the first way that holds."""

    telegram: int
    mail: int
    page: int
    none: int

    @property
    def families(self) -> int:
        return self.telegram + self.mail + self.page + self.none


@dataclass(frozen=True, slots=True)
class Unsent:
    """A notice that never arrived: to whom (`family_id` and its name, else a teacher's or colleague's), when, why."""

    kind: NoticeKind
    recipient: Recipient
    family_id: int | None
    name: str
    at: datetime
    trouble: str


_LATER = aliased(Notice)
_ON_PAGE = exists().where(
    same(Link.family_id, Family.id),
    col(Chat.id) == col(Link.chat_id),
    col(Chat.kind) == ChatKind.WEB,
)
# Let in, with a child who is at school: the families of whom it matters.
COUNTED: ColumnElement[bool] = and_(
    col(Family.blocked).is_(False),
    exists().where(
        same(FamilyStudent.family_id, Family.id),
        col(Student.id) == col(FamilyStudent.student_id),
        col(Student.left).is_(None),
    ),
)
# Neither a chat that a message can be sent to nor a mail address.
UNREACHABLE: ColumnElement[bool] = and_(COUNTED, ~HAS_CHAT, ~HAS_ADDRESS)
_WAY = case((HAS_CHAT, Channel.TELEGRAM), (HAS_ADDRESS, Channel.MAIL), (_ON_PAGE, Channel.PAGE), else_=Channel.NONE)
WAYS: dict[Channel, ColumnElement[bool]] = {
    Channel.TELEGRAM: and_(COUNTED, HAS_CHAT),
    Channel.MAIL: and_(COUNTED, ~HAS_CHAT, HAS_ADDRESS),
    Channel.PAGE: and_(UNREACHABLE, _ON_PAGE),
    Channel.NONE: and_(UNREACHABLE, ~_ON_PAGE),
}
# Its last mail never arrived: nothing was sent to it since.
FAILED: ColumnElement[bool] = exists().where(
    same(Notice.recipient_id, Family.id),
    col(Notice.recipient) == Recipient.FAMILY,
    col(Notice.state) == NoticeState.FAILED,
    ~exists().where(
        same(_LATER.recipient_id, Notice.recipient_id),
        col(_LATER.recipient) == Recipient.FAMILY,
        col(_LATER.state) == NoticeState.SENT,
        col(_LATER.settled) > col(Notice.settled),
    ),
)
_BLOCKED_BOT = exists().where(
    same(Link.family_id, Family.id),
    col(Chat.id) == col(Link.chat_id),
    col(Chat.kind) == ChatKind.TELEGRAM,
    col(Chat.reachable).is_(False),
)
TROUBLED: ColumnElement[bool] = or_(FAILED, _BLOCKED_BOT)


def reach(session: Session, school_id: int) -> Reach:
    """Of a school. One query."""
    counted = select(_WAY.label("way"), func.count()).where(col(Family.school_id) == school_id, COUNTED)
    rows: Any = session.execute(counted.group_by("way"))
    found = {str(way): number for way, number in rows}
    return Reach(**{way.value: found.get(way.value, 0) for way in Channel})


def channels(session: Session, school_id: int, family_ids: Collection[int]) -> dict[int, Channel]:
    """How each of these is reached. One query."""
    asked = select(col(Family.id), _WAY).where(col(Family.school_id) == school_id, col(Family.id).in_(family_ids))
    rows: Any = session.execute(asked)
    return {id_: Channel(way) for id_, way in rows}


def unsent(session: Session, school_id: int, most: int = 50) -> tuple[Unsent, ...]:
    """The last that could not be delivered, newest first. One query."""
    of_booking = col(Notice.kind).in_((NoticeKind.CARD, NoticeKind.CHANGED, NoticeKind.TEACHER_BOOKING))
    to_chat = col(Notice.recipient) == Recipient.CHAT
    family_id = case(
        (col(Notice.recipient) == Recipient.FAMILY, col(Notice.recipient_id)),
        (and_(to_chat, of_booking), col(Booking.family_id)),
        (to_chat, col(Notice.subject)),
    )
    own = col(Notice.school_id)
    rows = session.execute(
        select(
            col(Notice.kind),
            col(Notice.recipient),
            col(Family.id),
            func.coalesce(col(Family.name), col(Teacher.name), col(Staff.name), ""),
            col(Notice.settled),
            col(Notice.trouble),
        )
        .outerjoin(Booking, and_(col(Booking.school_id) == own, to_chat, of_booking, _is(Booking, Notice.subject)))
        .outerjoin(Family, and_(col(Family.school_id) == own, col(Family.id) == family_id))
        .outerjoin(
            Teacher, and_(col(Teacher.school_id) == own, _to(Recipient.TEACHER), _is(Teacher, Notice.recipient_id))
        )
        .outerjoin(Staff, and_(col(Staff.school_id) == own, _to(Recipient.STAFF), _is(Staff, Notice.recipient_id)))
        .where(own == school_id, col(Notice.state) == NoticeState.FAILED)
        .order_by(col(Notice.settled).desc(), col(Notice.id).desc())
        .limit(most)
    )
    return tuple(Unsent(*row) for row in rows)


def lost(session: Session, school_id: int, most: int = 50) -> tuple[tuple[int, str, Channel], ...]:
    """Families with a chat that cannot be written to any more (the bot was blocked), and how they are reached now."""
    rows: Any = session.execute(
        select(col(Family.id), col(Family.name), _WAY)
        .where(col(Family.school_id) == school_id, COUNTED, _BLOCKED_BOT)
        .order_by(func.lower(col(Family.name)), col(Family.id))
        .limit(most)
    )
    return tuple((id_, name, Channel(way)) for id_, name, way in rows)


def _to(recipient: Recipient) -> ColumnElement[bool]:
    return col(Notice.recipient) == recipient


def _is(table: type[Booking] | type[Teacher] | type[Staff], key: int) -> ColumnElement[bool]:
    return col(table.id) == col(key)

"""All that is known of one family, for a parent who asks (right of access, D28). Only reads.

Of a child who has another family too the address and the numbers to reach it stay out: they may be the other
household's (rule 23). What a family signs in with is not known to anybody: kinds alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from storage.audit import trail
from storage.audit.record import record
from storage.audit.trail import Deed, TrailFilter
from storage.booking import reading
from storage.families.students import groups_of
from storage.outbox.recipients import family_addresses
from storage.refusals import NotFound, Refused
from storage.tables import (
    Booking,
    Chat,
    Credential,
    Family,
    FamilyStudent,
    Letter,
    Link,
    Notice,
    Student,
)
from storage.values.person_names import full
from storage.words import Act, Acting, ChatKind, NoticeKind, NoticeState, Recipient, SecretKind

_OF_BOOKING = (NoticeKind.CARD, NoticeKind.CHANGED)
_OF_FAMILY = (
    NoticeKind.REMINDER,
    NoticeKind.LINKED,
    NoticeKind.INVITATION,
    NoticeKind.SIGN_UP_OPENED,
    NoticeKind.SIGN_UP_CLOSING,
)


@dataclass(frozen=True, slots=True)
class KnownChild:
    """`shared`: it has another family too, so its address and contact data are left out here."""

    name: str
    first_name: str
    prefix: str
    last_name: str
    call_name: str
    birth_date: date | None
    student_number: str
    postcode: str
    house_number: str
    email: str
    phone: str
    groups: str
    left: datetime | None
    shared: bool
    signs_in_with: tuple[SecretKind, ...]


@dataclass(frozen=True, slots=True)
class KnownChat:
    kind: ChatKind
    language: str
    since: datetime


@dataclass(frozen=True, slots=True)
class KnownLetter:
    made: datetime
    until: datetime
    used: datetime | None


@dataclass(frozen=True, slots=True)
class KnownTalk:
    child: str
    conference: str
    planning: str
    teachers: tuple[str, ...]
    room: str
    group: str
    start: datetime
    end: datetime
    made: datetime
    cancelled: datetime | None


@dataclass(frozen=True, slots=True)
class KnownNotice:
    """`by_mail`: else into a chat. `at`: when it was sent or dropped, or is to be sent."""

    kind: NoticeKind
    by_mail: bool
    state: NoticeState
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """Everything, each part in order of time."""

    name: str
    mail: tuple[str, ...]
    blocked: bool
    by_hand: bool
    children: tuple[KnownChild, ...]
    chats: tuple[KnownChat, ...]
    letters: tuple[KnownLetter, ...]
    talks: tuple[KnownTalk, ...]
    notices: tuple[KnownNotice, ...]
    deeds: tuple[Deed, ...]


def known(session: Session, school_id: int, family_id: int, zone: str) -> Known:
    """Raises Refused(NotFound)."""
    family = session.scalar(select(Family).where(col(Family.school_id) == school_id, col(Family.id) == family_id))
    if family is None:
        raise Refused(NotFound("family"))
    children = _children(session, school_id, family_id)
    return Known(
        name=family.name,
        mail=family_addresses(session, school_id, family_id) or ((family.email,) if family.email else ()),
        blocked=family.blocked,
        by_hand=family.by_hand,
        children=tuple(children.values()),
        chats=_chats(session, school_id, family_id),
        letters=_letters(session, school_id, family_id),
        talks=_talks(session, school_id, family_id, {id_: child.groups for id_, child in children.items()}),
        notices=_notices(session, school_id, family_id),
        deeds=_deeds(session, school_id, family_id, list(children), zone),
    )


def take(session: Session, school_id: int, acting: Acting, family_id: int, zone: str) -> Known:
    """The same, and that somebody made a file of it is written down."""
    found = known(session, school_id, family_id, zone)
    record(session, school_id, acting, Act.EXPORTED, None, what="family", family=family_id)
    return found


def _children(session: Session, school_id: int, family_id: int) -> dict[int, KnownChild]:
    own = select(col(FamilyStudent.student_id)).where(
        col(FamilyStudent.school_id) == school_id, col(FamilyStudent.family_id) == family_id
    )
    elsewhere = select(col(FamilyStudent.student_id)).where(
        col(FamilyStudent.school_id) == school_id,
        col(FamilyStudent.family_id) != family_id,
        col(FamilyStudent.student_id).in_(own),
    )
    shared = set(session.scalars(elsewhere))
    rows = session.scalars(
        select(Student).where(col(Student.school_id) == school_id, col(Student.id).in_(own)).order_by(col(Student.id))
    ).all()
    groups = groups_of(session, school_id, [int(row.id or 0) for row in rows])
    kinds = _kinds(session, school_id, family_id)
    return {int(row.id or 0): _child(row, groups, kinds, row.id in shared) for row in rows}


def _child(
    row: Student, groups: Mapping[int, str], kinds: Mapping[int, tuple[SecretKind, ...]], shared: bool
) -> KnownChild:
    id_ = int(row.id or 0)
    return KnownChild(
        name=full(row.first_name, row.prefix, row.last_name, row.call_name),
        first_name=row.first_name,
        prefix=row.prefix,
        last_name=row.last_name,
        call_name=row.call_name,
        birth_date=row.birth_date,
        student_number=row.student_number,
        postcode="" if shared else row.postcode,
        house_number="" if shared else row.house_number,
        email="" if shared else row.email,
        phone="" if shared else row.phone,
        groups=groups.get(id_, ""),
        left=row.left,
        shared=shared,
        signs_in_with=kinds.get(id_, ()),
    )


def _kinds(session: Session, school_id: int, family_id: int) -> dict[int, tuple[SecretKind, ...]]:
    rows = session.execute(
        select(col(Credential.student_id), col(Credential.kind))
        .where(col(Credential.school_id) == school_id, col(Credential.family_id) == family_id)
        .distinct()
    )
    found: dict[int, tuple[SecretKind, ...]] = {}
    for student_id, kind in sorted(map(tuple, rows)):
        found[student_id] = (*found.get(student_id, ()), kind)
    return found


def _chats(session: Session, school_id: int, family_id: int) -> tuple[KnownChat, ...]:
    rows = session.execute(
        select(col(Chat.kind), col(Chat.language), col(Link.since))
        .join(Link, col(Link.chat_id) == col(Chat.id))
        .where(col(Link.school_id) == school_id, col(Link.family_id) == family_id)
        .order_by(col(Link.since), col(Link.id))
    )
    return tuple(KnownChat(*row) for row in rows)


def _letters(session: Session, school_id: int, family_id: int) -> tuple[KnownLetter, ...]:
    rows = session.execute(
        select(col(Letter.made), col(Letter.until), col(Letter.used))
        .where(col(Letter.school_id) == school_id, col(Letter.family_id) == family_id)
        .order_by(col(Letter.made), col(Letter.id))
    )
    return tuple(KnownLetter(*row) for row in rows)


def _talks(session: Session, school_id: int, family_id: int, groups: Mapping[int, str]) -> tuple[KnownTalk, ...]:
    return tuple(
        KnownTalk(
            child=row.student,
            conference=row.conference,
            planning=row.title,
            teachers=row.teachers,
            room=row.room,
            group=groups.get(row.student_id, "") if row.group_name is None else row.group_name,
            start=row.start,
            end=row.end,
            made=row.made,
            cancelled=row.cancelled,
        )
        for row in reading.rows(session, school_id, col(Booking.family_id) == family_id)
    )


def _notices(session: Session, school_id: int, family_id: int) -> tuple[KnownNotice, ...]:
    bookings = select(col(Booking.id)).where(col(Booking.school_id) == school_id, col(Booking.family_id) == family_id)
    told: Any = or_(
        and_(col(Notice.kind).in_(_OF_BOOKING), col(Notice.subject).in_(bookings)),
        and_(col(Notice.kind).in_(_OF_FAMILY), col(Notice.subject) == family_id),
        and_(col(Notice.recipient) == Recipient.FAMILY, col(Notice.recipient_id) == family_id),
    )
    rows = session.scalars(
        select(Notice)
        .where(col(Notice.school_id) == school_id, told, col(Notice.recipient) != Recipient.STAFF)
        .order_by(col(Notice.due), col(Notice.id))
    )
    return tuple(
        KnownNotice(row.kind, row.recipient is Recipient.FAMILY, row.state, row.settled or row.due) for row in rows
    )


def _deeds(session: Session, school_id: int, family_id: int, children: list[int], zone: str) -> tuple[Deed, ...]:
    """What was done to the family, and to the data of its children; not what another family of theirs did."""
    found = list(trail.all_deeds(session, school_id, zone, TrailFilter(family_id=family_id)))
    for student_id in children:
        own = TrailFilter(student_id=student_id, acts=frozenset(trail.OF_STUDENT))
        found += trail.all_deeds(session, school_id, zone, own)
    return tuple(sorted(found, key=lambda deed: (deed.at, deed.id)))

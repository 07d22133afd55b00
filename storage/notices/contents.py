"""What a notice has to tell at the moment that it is sent: the present state, or that it is true no more (rule 19).

Only reads. A notice whose booking changed since is left to the later notice of that change, so nobody is told twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.access.chats import SchoolView, linked_families
from storage.access.links import linked
from storage.booking.reading import booking as talk
from storage.booking.reading import households
from storage.booking.views import BookingView
from storage.notices.digests import NOTHING, Digest, digest
from storage.notices.invitations import Invitation, conference_of, invitation
from storage.notices.reminders import reminded_day
from storage.notices.talks import coming_talks, family_talks
from storage.outbox.queue import Claimed
from storage.outbox.recipients import (
    ChatView,
    family_addresses,
    family_state,
    linked_chat,
    staff_address,
    teacher_address,
)
from storage.schools import school as school_view
from storage.staff.password_links import PasswordLink, password_link
from storage.tables import Audit, Card, Notice
from storage.timezone import local_day
from storage.words import Act, Actor, ChatKind, NoticeKind, NoticeState, Recipient

GONE = "what it tells of is gone"
LATER = "a later notice tells it"
BEGUN = "the talk has begun"
LOGGED_OUT = "the chat is not linked any more"
UNREACHABLE = "the chat cannot be reached"
BLOCKED = "the family is blocked"
TOO_LATE = "its day is over"
NOTHING_LEFT = "nothing is left to book"


class Doer(StrEnum):
    """Who changed a talk, as the family sees it that is told."""

    SCHOOL = "school"
    FAMILY = "family"  # this very one, in another chat
    OTHER = "other"  # the child's other family, which invites this one (rule 12)


@dataclass(frozen=True, slots=True)
class NoticeContents:
    """Everything that the words of a notice need. Exactly one of `chat` and `addresses` says where it goes.

    `act` is what became of the first of `talks`, and `doer` who did it; `from_start` where that was moved from; `card`
    the message in the chat that holds its file already; `other_chat` the chat that came in.
    """

    school: SchoolView
    chat: ChatView | None = None
    addresses: tuple[str, ...] = ()
    family_id: int | None = None
    family_name: str = ""
    talks: tuple[BookingView, ...] = ()
    act: Act = Act.BOOKED
    doer: Doer = Doer.SCHOOL
    from_start: datetime | None = None
    card: int | None = None
    other_chat: int = 0
    digest: Digest | None = None
    password_link: PasswordLink | None = None
    invitation: Invitation | None = None


@dataclass(frozen=True, slots=True)
class Untrue:
    """Not to be sent: why."""

    why: str


@dataclass(frozen=True, slots=True)
class ByMail:
    """Not to be sent into this chat; a mail to the family takes its place."""

    family_id: int
    why: str


Present = NoticeContents | Untrue | ByMail


def contents(session: Session, notice: Claimed, now: datetime, pepper: bytes) -> Present:
    """What this notice tells now, to whom. A mail without an address is NoticeContents with none.

    `pepper` keys the links that stand in no table.
    """
    if notice.kind is NoticeKind.STAFF_LINK:
        return _staff_link(session, notice, now, pepper)
    return _BY_KIND[notice.kind](session, notice, now)


def _card(session: Session, notice: Claimed, now: datetime) -> Present:
    booking = _current(session, notice, now)
    if isinstance(booking, Untrue):
        return booking
    card = _message(session, booking.id, notice)
    if booking.cancelled and card is None:
        return Untrue(GONE)
    act = Act.CANCELLED if booking.cancelled else Act.BOOKED
    return _to_household(session, notice, booking, talks=(booking,), act=act, card=card)


def _changed(session: Session, notice: Claimed, now: datetime) -> Present:
    booking = _current(session, notice, now)
    if isinstance(booking, Untrue):
        return booking
    turn = _last_turn(session, booking)
    told = _to_household(session, notice, booking, talks=(booking,), act=turn.act, from_start=turn.from_start)
    if not isinstance(told, NoticeContents) or turn.by_staff:
        return told
    return replace(told, doer=Doer.FAMILY if turn.family_id == told.family_id else Doer.OTHER)


def _reminder(session: Session, notice: Claimed, now: datetime) -> Present:
    if _later_reminder(session, notice):
        return Untrue(LATER)
    school = school_view(session, notice.school_id)
    begin, end = reminded_day(notice.moment, school.timezone)
    talks = family_talks(session, notice.school_id, notice.subject, max(begin, now), end)
    upcoming = tuple(one for one in talks if one.start > now)
    if not upcoming:
        return Untrue(BEGUN if talks or now >= begin else GONE)
    return _to_family(session, notice, notice.subject, talks=upcoming)


def _planning_changed(session: Session, notice: Claimed, now: datetime) -> Present:
    """All of a family's coming talks in one planning, as they are now: a part for each child (M2)."""
    for family_id in _families(session, notice):
        talks = coming_talks(session, notice.school_id, notice.subject, family_id, now)
        if talks:
            return _to_family(session, notice, family_id, talks=talks)
    return Untrue(GONE)


def _families(session: Session, notice: Claimed) -> tuple[int, ...]:
    """The one that is mailed, or those of the school that the chat speaks for."""
    if notice.recipient is Recipient.FAMILY:
        return (notice.recipient_id,)
    linked_to = linked_families(session, notice.recipient_id)
    return tuple(family.id for school, family in linked_to if school.id == notice.school_id)


def _invitation(session: Session, notice: Claimed, now: datetime) -> Present:
    """To a family; a test of it to somebody of the school."""
    found = invitation(session, notice.school_id, conference_of(notice.moment), notice.subject, now)
    if found is None:
        return Untrue(NOTHING_LEFT)
    if notice.recipient is Recipient.STAFF:
        addresses = staff_address(session, notice.school_id, notice.recipient_id)
        return NoticeContents(school_view(session, notice.school_id), addresses=addresses, invitation=found)
    told = _to_family(session, notice, notice.subject)
    return replace(told, invitation=found) if isinstance(told, NoticeContents) else told


def _sign_up(session: Session, notice: Claimed, now: datetime) -> Present:
    """That it opened or will close, of what this family has not booked and can (rule 31)."""
    conference_id = conference_of(notice.moment)
    found = invitation(session, notice.school_id, conference_id, notice.subject, now, open_only=True)
    if found is None:
        return Untrue(NOTHING_LEFT)
    told = _to_family(session, notice, notice.subject)
    return replace(told, invitation=found) if isinstance(told, NoticeContents) else told


def _linked(session: Session, notice: Claimed, _now: datetime) -> Present:
    """The chat that came in is named by the moment: `chat 12 …`."""
    other = int(notice.moment.split(" ")[1])
    if not linked(session, notice.school_id, notice.subject, other):
        return Untrue(GONE)
    told = _to_family(session, notice, notice.subject)
    return replace(told, other_chat=other) if isinstance(told, NoticeContents) else told


def _teacher_booking(session: Session, notice: Claimed, now: datetime) -> Present:
    booking = _current(session, notice, now)
    if isinstance(booking, Untrue):
        return booking
    turn = _last_turn(session, booking)
    act, from_start = turn.act, turn.from_start
    earlier = _earlier_states(session, notice)
    if earlier and NoticeState.SENT not in earlier:
        if booking.cancelled:
            return Untrue(GONE)  # the teacher never heard of it
        act, from_start = Act.BOOKED, None
    addresses = teacher_address(session, notice.school_id, notice.recipient_id)
    school = school_view(session, notice.school_id)
    return NoticeContents(school, addresses=addresses, talks=(booking,), act=act, from_start=from_start)


def _digest(session: Session, notice: Claimed, now: datetime) -> Present:
    school = school_view(session, notice.school_id)
    day = date.fromisoformat(notice.moment)
    if local_day(now, school.timezone) != day:
        return Untrue(TOO_LATE)  # what it had to tell, the next one tells
    said = digest(session, notice.school_id, notice.subject, day, school.timezone, now)
    if said.empty:
        return Untrue(NOTHING)
    return NoticeContents(
        school, addresses=teacher_address(session, notice.school_id, notice.recipient_id), digest=said
    )


def _alarm(session: Session, notice: Claimed, _now: datetime) -> Present:
    school, addresses = _to_staff(session, notice)
    return NoticeContents(school, addresses=addresses)


def _stranger(session: Session, notice: Claimed, _now: datetime) -> Present:
    """To the administrators: `subject` is the family that said so."""
    family = family_state(session, notice.school_id, notice.subject)
    if family is None:
        return Untrue(GONE)
    school, addresses = _to_staff(session, notice)
    return NoticeContents(school, addresses=addresses, family_id=notice.subject, family_name=family.name)


def _to_staff(session: Session, notice: Claimed) -> tuple[SchoolView, tuple[str, ...]]:
    return school_view(session, notice.school_id), staff_address(session, notice.school_id, notice.recipient_id)


def _staff_link(session: Session, notice: Claimed, now: datetime, pepper: bytes) -> Present:
    opened = password_link(session, notice.school_id, notice.subject, pepper, now)
    if opened is None:
        return Untrue(GONE)
    if _later_link(session, notice):
        return Untrue(LATER)  # it is the same link
    return NoticeContents(opened.school, addresses=(opened.email,), password_link=opened)


_BY_KIND: dict[NoticeKind, Callable[[Session, Claimed, datetime], Present]] = {
    NoticeKind.CARD: _card,
    NoticeKind.CHANGED: _changed,
    NoticeKind.PLANNING_CHANGED: _planning_changed,
    NoticeKind.REMINDER: _reminder,
    NoticeKind.LINKED: _linked,
    NoticeKind.INVITATION: _invitation,
    NoticeKind.SIGN_UP_OPENED: _sign_up,
    NoticeKind.SIGN_UP_CLOSING: _sign_up,
    NoticeKind.TEACHER_BOOKING: _teacher_booking,
    NoticeKind.DIGEST: _digest,
    NoticeKind.ALARM: _alarm,
    NoticeKind.STRANGER: _stranger,
}


def _to_household(session: Session, notice: Claimed, booking: BookingView, **told: Any) -> Present:
    """To the household that this notice is for: that of its mail, or the first that its chat speaks for (rule 12)."""
    if notice.recipient is Recipient.FAMILY:
        return _to_family(session, notice, notice.recipient_id, **told)
    found: Present = Untrue(LOGGED_OUT)
    for family_id in households(session, notice.school_id, booking.id):
        found = _to_family(session, notice, family_id, **told)
        if isinstance(found, NoticeContents):
            break
    return found


def _to_family(
    session: Session,
    notice: Claimed,
    family_id: int,
    *,
    talks: tuple[BookingView, ...] = (),
    act: Act = Act.BOOKED,
    from_start: datetime | None = None,
    card: int | None = None,
) -> Present:
    """Into the chat that it is for, or by mail (M3, rules 6, 7)."""
    family = family_state(session, notice.school_id, family_id)
    if family is None:
        return Untrue(GONE)
    if family.blocked:
        return Untrue(BLOCKED)
    chat, addresses = None, ()  # type: tuple[ChatView | None, tuple[str, ...]]
    if notice.recipient is Recipient.CHAT:
        chat = linked_chat(session, notice.school_id, family_id, notice.recipient_id)
        if chat is None:
            return Untrue(LOGGED_OUT)
        if chat.kind is ChatKind.TELEGRAM and not chat.reachable:
            return Untrue(UNREACHABLE) if notice.kind is NoticeKind.CARD else ByMail(family_id, UNREACHABLE)
    else:
        addresses = family_addresses(session, notice.school_id, family_id)
    school = school_view(session, notice.school_id)
    return NoticeContents(
        school, chat, addresses, family_id, family.name, talks=talks, act=act, from_start=from_start, card=card
    )


def _current(session: Session, notice: Claimed, now: datetime) -> BookingView | Untrue:
    """The booking, when this notice is the last word on it and it is not too late for words."""
    booking = talk(session, notice.school_id, notice.subject)
    if booking is None:
        return Untrue(GONE)
    # A card shown anew, because its planning changed, carries that moment behind the revision.
    if notice.moment.partition("+")[0] != str(booking.revision):
        return Untrue(LATER)
    if booking.start <= now:
        return Untrue(BEGUN)
    return booking


@dataclass(frozen=True, slots=True)
class _Turn:
    """What became of a booking last: `from_start` where it was moved from, `family_id` the family that did it."""

    act: Act
    from_start: datetime | None = None
    by_staff: bool = True
    family_id: int | None = None


def _last_turn(session: Session, booking: BookingView) -> _Turn:
    """By the audit trail; where that says nothing, it was booked by the school."""
    asked = (
        select(col(Audit.act), col(Audit.actor), col(Audit.actor_id), col(Audit.detail))
        .where(col(Audit.school_id) == booking.school_id, col(Audit.subject) == booking.id)
        .where(col(Audit.act).in_((Act.BOOKED, Act.MOVED, Act.CANCELLED)))
        .order_by(col(Audit.id).desc())
        .limit(1)
    )
    row = session.execute(asked).first()
    if row is None:
        return _Turn(Act.CANCELLED if booking.cancelled else Act.BOOKED)
    from_start = datetime.fromisoformat(row.detail["from_start"]) if row.act is Act.MOVED else None
    by_family = row.actor is Actor.FAMILY
    return _Turn(row.act, from_start, not by_family, row.actor_id if by_family else None)


def _message(session: Session, booking_id: int, notice: Claimed) -> int | None:
    asked = select(col(Card.message_id)).where(
        col(Card.school_id) == notice.school_id,
        col(Card.booking_id) == booking_id,
        col(Card.chat_id) == notice.recipient_id,
    )
    return session.execute(asked).scalar()


def _later_reminder(session: Session, notice: Claimed) -> bool:
    day = notice.moment[:10]
    asked = select(func.max(col(Notice.moment))).where(
        col(Notice.school_id) == notice.school_id,
        col(Notice.kind) == notice.kind,
        col(Notice.subject) == notice.subject,
        col(Notice.moment).startswith(day),
    )
    return (session.execute(asked).scalar() or "") > notice.moment


def _later_link(session: Session, notice: Claimed) -> bool:
    asked = select(func.max(col(Notice.moment))).where(
        col(Notice.school_id) == notice.school_id,
        col(Notice.kind) == notice.kind,
        col(Notice.subject) == notice.subject,
    )
    return (session.execute(asked).scalar() or "") > notice.moment


def _earlier_states(session: Session, notice: Claimed) -> set[NoticeState]:
    asked = select(col(Notice.state)).where(
        col(Notice.school_id) == notice.school_id,
        col(Notice.kind) == notice.kind,
        col(Notice.subject) == notice.subject,
        col(Notice.recipient_id) == notice.recipient_id,
        col(Notice.id) < notice.id,
    )
    return set(session.execute(asked).scalars())

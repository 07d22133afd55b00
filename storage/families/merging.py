"""Two families that become one (D7): what would happen, and then that.

A wrong merge is a leak (rule 8), so the desk is shown first whose children, chats and talks come together, and which of
those talks nobody could both come to (rule 10). Staff may do it all the same; what cannot be is refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from storage.access.credentials import renew
from storage.access.locking import lock
from storage.audit.record import record
from storage.booking.reading import bookings
from storage.booking.views import BookingView
from storage.families.families import mark, set_values, take_over_bookings
from storage.refusals import Booked, Invalid, NotFound, Refused
from storage.tables import (
    Booking,
    Chat,
    Conference,
    Credential,
    Family,
    FamilyStudent,
    Letter,
    Link,
    Planning,
    Student,
)
from storage.values.person_names import full
from storage.values.talk_span import TalkSpan, overlap
from storage.words import Act, Acting, SecretKind


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. `talks` are those that are not over."""

    id: int
    name: str
    email: str
    blocked: bool
    children: tuple[str, ...]
    chats: int
    talks: tuple[BookingView, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """Two talks that one family cannot both come to. `double`: of one child in one planning, which is refused."""

    one: BookingView
    other: BookingView
    double: bool


@dataclass(frozen=True, slots=True)
class Merging:
    """What a merge would bring together; `possible` is False where `merge` would refuse."""

    into: Side
    other: Side
    clashes: tuple[Clash, ...]

    @property
    def possible(self) -> bool:
        return not (self.into.blocked or self.other.blocked or any(clash.double for clash in self.clashes))


def merging(session: Session, school_id: int, into: int, other: int, now: datetime) -> Merging:
    """What `merge` would do now. Raises Refused: NotFound; Invalid where it is one family."""
    if into == other:
        raise Refused(Invalid("This is one family already."))
    one, two = _side(session, school_id, into, now), _side(session, school_id, other, now)
    walking = _walking(session, school_id)
    pairs = ((ours, theirs) for ours in one.talks for theirs in two.talks)
    clashes = tuple(clash for pair in pairs if (clash := _clash(*pair, walking)) is not None)
    return Merging(one, two, clashes)


def merge(session: Session, school_id: int, acting: Acting, into: int, other: int, pepper: bytes) -> None:
    """Make two families one: children, chats, bookings and codes of `other` go to `into`, and `other` is gone.

    Raises Refused: NotFound; Invalid where one of them is blocked, for its chats would come in; Booked where both
    hold a talk of one child in one planning.
    """
    if into == other:
        raise Refused(Invalid("This is one family already."))
    lock(session, school_id, into, other)
    blocked = select(col(Family.name)).where(
        col(Family.school_id) == school_id, col(Family.id).in_([into, other]), col(Family.blocked).is_(True)
    )
    if (name := session.scalar(blocked.order_by(col(Family.id)).limit(1))) is not None:
        raise Refused(
            Invalid("The family %(name)s is blocked: let it in before it becomes part of another.", (("name", name),))
        )
    _refuse_double_bookings(session, school_id, into, other)
    take_over_bookings(session, school_id, other, into)
    _take_over(session, school_id, other, into)
    session.execute(delete(Family).where(col(Family.school_id) == school_id, col(Family.id) == other))
    mark(session, school_id, into)
    renew(session, school_id, pepper, frozenset([into]))
    record(session, school_id, acting, Act.FAMILY_CHANGED, into, change="merged", other=other)


def _side(session: Session, school_id: int, family_id: int, now: datetime) -> Side:
    own = col(Family.school_id) == school_id, col(Family.id) == family_id
    found = session.execute(select(col(Family.name), col(Family.email), col(Family.blocked)).where(*own)).one_or_none()
    if found is None:
        raise Refused(NotFound("family"))
    children = session.scalars(
        select(Student)
        .join(FamilyStudent, col(FamilyStudent.student_id) == col(Student.id))
        .where(col(FamilyStudent.school_id) == school_id, col(FamilyStudent.family_id) == family_id)
        .order_by(col(Student.birth_date), col(Student.id))
    )
    names = tuple(full(one.first_name, one.prefix, one.last_name, one.call_name) for one in children)
    chats = select(func.count()).where(col(Link.school_id) == school_id, col(Link.family_id) == family_id)
    talks = tuple(talk for talk in bookings(session, school_id, family_id=family_id) if talk.end > now)
    name, email, blocked = found
    return Side(family_id, name, email, blocked, names, session.scalar(chats) or 0, talks)


def _walking(session: Session, school_id: int) -> dict[int, timedelta]:
    rows: Any = session.execute(
        select(col(Planning.id), col(Conference.walking_minutes))
        .join(Conference, col(Conference.id) == col(Planning.conference_id))
        .where(col(Planning.school_id) == school_id)
    )
    return {id_: timedelta(minutes=minutes) for id_, minutes in rows}


def _clash(one: BookingView, other: BookingView, walking: dict[int, timedelta]) -> Clash | None:
    double = (one.planning_id, one.student_id) == (other.planning_id, other.student_id)
    apart = max(walking[one.planning_id], walking[other.planning_id])
    clashes = double or overlap(_span(one), _span(other), apart)
    return Clash(one, other, double) if clashes else None


def _span(talk: BookingView) -> TalkSpan:
    return TalkSpan(talk.start, talk.end, talk.planning_id)


def _refuse_double_bookings(session: Session, school_id: int, into: int, other: int) -> None:
    """Both families hold a talk of one child in one planning (policy *each*): one of them must go first."""
    held = select(col(Booking.planning_id), col(Booking.student_id)).where(
        col(Booking.school_id) == school_id, col(Booking.cancelled).is_(None)
    )
    ours = {tuple(row) for row in session.execute(held.where(col(Booking.family_id) == into))}
    theirs = {tuple(row) for row in session.execute(held.where(col(Booking.family_id) == other))}
    if ours & theirs:
        raise Refused(Booked(len(ours & theirs)))


def _take_over(session: Session, school_id: int, out: int, to: int) -> None:
    """Children, chats, letters, codes, and the mail address where the other has none."""
    session.expire_all()
    for table, same in ((FamilyStudent, col(FamilyStudent.student_id)), (Link, col(Link.chat_id))):
        school, family = col(table.school_id) == school_id, col(table.family_id)
        there = set(session.scalars(select(same).where(school, family == to)))
        session.execute(update(table).where(school, family == out, same.not_in(there)).values(family_id=to))
    turned = update(Chat).where(col(Chat.school_id) == school_id, col(Chat.family_id) == out)
    session.execute(turned.values(family_id=to))
    letters = update(Letter).where(col(Letter.school_id) == school_id, col(Letter.family_id) == out)
    session.execute(letters.values(family_id=to))
    codes = update(Credential).where(
        col(Credential.school_id) == school_id,
        col(Credential.family_id) == out,
        col(Credential.kind) == SecretKind.CODE,
    )
    session.execute(codes.values(family_id=to))
    addresses = select(col(Family.id), col(Family.email)).where(
        col(Family.school_id) == school_id, col(Family.id).in_([out, to])
    )
    rows: Any = session.execute(addresses)
    emails = {id_: email for id_, email in rows}  # noqa: C416
    if not emails[to]:
        set_values(session, school_id, to, email=emails[out])
    session.expire_all()

"""Clearing away what has been kept long enough (D28), by the periods of `retention_table`. By the clock, once a day.

Asks the database what is over; doing it twice changes nothing. Each school sets its own days, 0 is: until somebody
erases it by hand. What the next run would do can be asked beforehand.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import delete, exists, func, select, update
from sqlmodel import Session, col

from storage.audit.record import record
from storage.privacy.erasure import forget_bookings, forget_chats
from storage.privacy.erasure_requests import erase_leavers
from storage.privacy.retention_table import CHATS, GUESSES, LETTERS, SESSIONS, STAFF_LINKS, TYPED, UPDATES
from storage.refusals import Invalid, NotFound, Refused
from storage.school_year.leaving import let_go
from storage.tables import (
    Audit,
    Booking,
    Chat,
    Conference,
    DeskSession,
    Guess,
    Letter,
    Link,
    Planning,
    School,
    Slot,
    Staff,
    Student,
    UpdateSeen,
)
from storage.timezone import local_day, wall_moment
from storage.words import Act, Acting, Actor, By

CALM = time(4, 30)  # on the school's wall: nobody is there, and never between two and three (rule 18)
LONGEST_KEPT = 3_650  # days
SHORTEST_KEPT = 7


@dataclass(frozen=True, slots=True)
class Kept:
    """The days that a school keeps things, and what the next run would take away."""

    bookings_kept: int
    leavers_kept: int
    bookings: int
    conferences: tuple[str, ...]
    leavers: int
    next_run: datetime
    last_run: datetime | None  # the last that took something away


def kept(session: Session, school_id: int, now: datetime) -> Kept:
    """As it stands now. Raises Refused(NotFound)."""
    school = _school(session, school_id)
    over = _over(session, school, now)
    bookings = select(func.count()).select_from(Booking).join(Planning, col(Planning.id) == col(Booking.planning_id))
    last = select(func.max(col(Audit.at))).where(col(Audit.school_id) == school_id, col(Audit.act) == Act.FORGOTTEN)
    return Kept(
        bookings_kept=school.bookings_kept,
        leavers_kept=school.leavers_kept,
        bookings=session.scalar(bookings.where(col(Planning.conference_id).in_(over))) or 0,
        conferences=tuple(over.values()),
        leavers=len(_leavers(session, school, now)),
        next_run=next_run(now, school.timezone),
        last_run=session.scalar(last),
    )


def set_days(session: Session, school_id: int, acting: Acting, *, bookings_kept: int, leavers_kept: int) -> None:
    """0 is: until somebody erases it. Raises Refused: NotFound; Invalid outside of the bounds."""
    for days in (bookings_kept, leavers_kept):
        if days and not SHORTEST_KEPT <= days <= LONGEST_KEPT:
            values = (("least", str(SHORTEST_KEPT)), ("most", str(LONGEST_KEPT)))
            raise Refused(Invalid("Choose 0, or %(least)s to %(most)s days.", values))
    school = _school(session, school_id)
    wanted = {"bookings_kept": bookings_kept, "leavers_kept": leavers_kept}
    changed = [name for name, days in wanted.items() if getattr(school, name) != days]
    if changed:
        school.bookings_kept, school.leavers_kept = bookings_kept, leavers_kept
        session.flush()
        record(session, school_id, acting, Act.SCHOOL_CHANGED, school_id, fields=changed)


def next_run(now: datetime, zone: str) -> datetime:
    """The next moment at which the clock clears away."""
    today = local_day(now, zone)
    at = wall_moment(today, CALM, zone)
    return at if at > now else wall_moment(today + timedelta(days=1), CALM, zone)


def due(session: Session, before: datetime, now: datetime) -> tuple[int, ...]:
    """The schools whose calm moment came after `before`, and not after `now`."""
    rows = session.execute(select(col(School.id), col(School.timezone)).order_by(col(School.id)))
    return tuple(int(id_ or 0) for id_, zone in rows if next_run(before, zone) <= now)


def clear(session: Session, school_id: int, now: datetime, pepper: bytes) -> tuple[int, int]:
    """Take away what this school has kept long enough: (bookings, leavers)."""
    school = _school(session, school_id)
    bookings = 0
    for conference_id in _over(session, school, now):
        own = select(col(Planning.id)).where(
            col(Planning.school_id) == school_id, col(Planning.conference_id) == conference_id
        )
        bookings += forget_bookings(session, school_id, [col(Booking.planning_id).in_(own)])
    leavers = _leavers(session, school, now)
    families = erase_leavers(session, school_id, leavers, now, pepper)[1] if leavers else 0
    if bookings or leavers:
        counts = {"bookings": bookings, "students": len(leavers), "families": families}
        record(session, school_id, Acting(By(Actor.CLOCK), now), Act.FORGOTTEN, None, **counts)
    return bookings, len(leavers)


def clear_common(session: Session, now: datetime) -> None:
    """What belongs to no school, or is over whatever a school says: sessions, guesses, letters, links, lost chats."""
    session.execute(delete(DeskSession).where(col(DeskSession.began) <= SESSIONS.over(now)))
    session.execute(delete(Guess).where(col(Guess.at) <= GUESSES.over(now)))
    session.execute(delete(UpdateSeen).where(col(UpdateSeen.at) <= UPDATES.over(now)))
    session.execute(delete(Letter).where(col(Letter.until) <= LETTERS.over(now)))
    let_go(session, now)
    over = update(Staff).where(col(Staff.link) != "", col(Staff.link_until) <= STAFF_LINKS.over(now))
    session.execute(over.values(link="", link_until=None))
    typed = update(Chat).where(
        col(Chat.seen) <= TYPED.over(now), (col(Chat.first_name) != "") | (col(Chat.secret) != "")
    )
    session.execute(typed.values(first_name="", secret=""))
    unlinked = ~exists().where(col(Link.chat_id) == col(Chat.id))
    lost = select(col(Chat.id)).where(col(Chat.seen) <= CHATS.over(now), unlinked)
    forget_chats(session, [int(id_ or 0) for id_ in session.scalars(lost)])


def _over(session: Session, school: School, now: datetime) -> dict[int, str]:
    """Conferences whose last talk was so many days ago and that have bookings still: id → name."""
    if not school.bookings_kept:
        return {}
    last = func.max(col(Slot.end))
    booked = exists().where(col(Booking.planning_id) == col(Planning.id))
    rows = session.execute(
        select(col(Conference.id), col(Conference.name))
        .join(Planning, col(Planning.conference_id) == col(Conference.id))
        .join(Slot, col(Slot.planning_id) == col(Planning.id))
        .where(col(Conference.school_id) == school.id)
        .group_by(col(Conference.id), col(Conference.name))
        .having(last <= now - timedelta(days=school.bookings_kept))
        .order_by(col(Conference.id))
    ).all()
    having = select(col(Planning.conference_id)).where(col(Planning.school_id) == school.id, booked)
    with_bookings = set(session.scalars(having))
    return {int(id_ or 0): name for id_, name in rows if id_ in with_bookings}


def _leavers(session: Session, school: School, now: datetime) -> list[int]:
    if not school.leavers_kept:
        return []
    rows = session.scalars(
        select(col(Student.id))
        .where(col(Student.school_id) == school.id, col(Student.left) <= now - timedelta(days=school.leavers_kept))
        .order_by(col(Student.id))
    )
    return [int(id_ or 0) for id_ in rows]


def _school(session: Session, school_id: int) -> School:
    school = session.get(School, school_id)
    if school is None:
        raise Refused(NotFound("school"))
    return school

"""The teacher's day (T1): what was booked, moved and cancelled since the last digest, and today's and tomorrow's list.

One a day for each address of a school at 07:00 on its wall, over all plannings of the teachers who share the address,
and only when there is something to say. A digest covers whole stretches from one 07:00 to the next, so that nothing is
told twice or left out however late it is sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from storage.booking.views import BookingView
from storage.database.joins import same
from storage.notices.talks import planning_talks
from storage.outbox.write import enqueue
from storage.tables import Audit, Notice, Planning, PlanningTeacher, School, Student, Teacher
from storage.timezone import day_bounds, local_day, wall_moment
from storage.values.person_names import full
from storage.words import Act, NoticeKind, NoticeState, Recipient

DIGEST_AT = time(7, 0)
NOTHING = "nothing to say"
_NEWS = (Act.BOOKED, Act.MOVED, Act.CANCELLED)


@dataclass(frozen=True, slots=True)
class News:
    """What became of one booking, all its turns since the last digest taken together."""

    act: Act
    planning: str
    student_name: str  # empty where the student is no longer known
    start: datetime
    from_start: datetime | None = None  # where it was moved from


@dataclass(frozen=True, slots=True)
class Digest:
    date: date
    news: tuple[News, ...]
    today: tuple[BookingView, ...]
    tomorrow: tuple[BookingView, ...]

    @property
    def empty(self) -> bool:
        return not (self.news or self.today or self.tomorrow)


def plan_digests(session: Session, now: datetime) -> int:
    """Write down each digest that is due and was not written before. Returns how many have something to say."""
    written = 0
    for school_id, zone in session.execute(select(col(School.id), col(School.timezone))).all():
        today = local_day(now, zone)
        if now < wall_moment(today, DIGEST_AT, zone):
            continue
        told = _told(session, school_id, today)
        for teacher_id in _first_of_each_address(session, school_id):
            if teacher_id not in told:
                written += _plan(session, school_id, teacher_id, today, zone, now)
    return written


def digest(session: Session, school_id: int, teacher_id: int, day: date, zone: str, now: datetime) -> Digest:
    """The digest of a local day for the address of this teacher; of today's talks only those not yet over."""
    plannings = _plannings(session, school_id, teacher_id)
    since = _covered_until(session, school_id, teacher_id, day, zone)
    news = _news(session, school_id, plannings, since, wall_moment(day, DIGEST_AT, zone))
    begin, midnight = day_bounds(day, zone)
    _, end = day_bounds(day + timedelta(days=1), zone)
    return Digest(
        date=day,
        news=news,
        today=tuple(one for one in planning_talks(session, school_id, plannings, begin, midnight) if one.end > now),
        tomorrow=planning_talks(session, school_id, plannings, midnight, end),
    )


def _plan(session: Session, school_id: int, teacher_id: int, day: date, zone: str, now: datetime) -> int:
    """An empty digest is written down too, as dropped: that day's question has been asked."""
    key = (school_id, NoticeKind.DIGEST, teacher_id, f"{day}", Recipient.TEACHER, teacher_id)
    enqueue(session, *key, now)
    if not digest(session, school_id, teacher_id, day, zone, now).empty:
        return 1
    session.execute(
        update(Notice)
        .where(
            col(Notice.school_id) == school_id,
            col(Notice.kind) == NoticeKind.DIGEST,
            col(Notice.subject) == teacher_id,
            col(Notice.moment) == f"{day}",
            col(Notice.state) == NoticeState.WAITING,
        )
        .values(state=NoticeState.DROPPED, settled=now, trouble=NOTHING)
        .execution_options(synchronize_session=False)
    )
    return 0


def _told(session: Session, school_id: int, day: date) -> set[int]:
    asked = select(col(Notice.subject)).where(
        col(Notice.school_id) == school_id, col(Notice.kind) == NoticeKind.DIGEST, col(Notice.moment) == f"{day}"
    )
    return set(session.execute(asked).scalars())


def _first_of_each_address(session: Session, school_id: int) -> tuple[int, ...]:
    """One teacher for each mail address: the one who was there first stands for all who share it."""
    rows = session.execute(
        select(col(Teacher.id), col(Teacher.email))
        .where(col(Teacher.school_id) == school_id, col(Teacher.email) != "")
        .order_by(col(Teacher.id))
    )
    first: dict[str, int] = {}
    for teacher_id, email in rows:
        first.setdefault(email.lower(), teacher_id)
    return tuple(first.values())


def _plannings(session: Session, school_id: int, teacher_id: int) -> Mapping[int, str]:
    """Every planning of everybody who shares the teacher's address: id → title."""
    teachers = session.execute(
        select(col(Teacher.id), col(Teacher.email)).where(col(Teacher.school_id) == school_id)
    ).all()
    address = next((row.email.lower() for row in teachers if row.id == teacher_id), "")
    sharing = [row.id for row in teachers if row.email.lower() == address] if address else [teacher_id]
    rows = session.execute(
        select(col(Planning.id), col(Planning.title))
        .join(PlanningTeacher, same(PlanningTeacher.planning_id, Planning.id))
        .where(col(Planning.school_id) == school_id, col(PlanningTeacher.teacher_id).in_(sharing))
    )
    return {row.id: row.title for row in rows}


def _covered_until(session: Session, school_id: int, teacher_id: int, day: date, zone: str) -> datetime | None:
    """07:00 of the last earlier day whose digest was sent, or had nothing to say; None where there is none."""
    asked = (
        select(col(Notice.moment))
        .where(
            col(Notice.school_id) == school_id,
            col(Notice.kind) == NoticeKind.DIGEST,
            col(Notice.subject) == teacher_id,
            col(Notice.moment) < f"{day}",
            or_(col(Notice.state) == NoticeState.SENT, col(Notice.trouble) == NOTHING),
        )
        .order_by(col(Notice.moment).desc())
        .limit(1)
    )
    last = session.execute(asked).scalar()
    return None if last is None else wall_moment(date.fromisoformat(last), DIGEST_AT, zone)


def _news(
    session: Session, school_id: int, plannings: Mapping[int, str], since: datetime | None, until: datetime
) -> tuple[News, ...]:
    asked = (
        select(col(Audit.subject), col(Audit.act), col(Audit.planning_id), col(Audit.detail))
        .where(col(Audit.school_id) == school_id, col(Audit.act).in_(_NEWS), col(Audit.at) < until)
        .where(col(Audit.planning_id).in_(plannings))
        .order_by(col(Audit.id))
    )
    if since is not None:
        asked = asked.where(col(Audit.at) >= since)
    turns: dict[int, list[tuple[Act, int, dict[str, Any]]]] = defaultdict(list)
    for subject, act, planning_id, detail in session.execute(asked):
        turns[subject].append((act, planning_id, detail))
    names = _names(session, school_id, (detail["student"] for kept in turns.values() for *_, detail in kept))
    told = (_together(kept, plannings, names) for kept in turns.values())
    return tuple(sorted((one for one in told if one), key=lambda one: (_NEWS.index(one.act), one.start)))


def _together(
    turns: list[tuple[Act, int, dict[str, Any]]], plannings: Mapping[int, str], names: Mapping[int, str]
) -> News | None:
    """All that befell one booking as one piece of news; None where it came to nothing."""
    (first, _, began), (last, planning_id, ended) = turns[0], turns[-1]
    start = datetime.fromisoformat(ended["start"])
    before = _before(first, began)
    who = plannings[planning_id], names.get(ended["student"], "")
    if last is Act.CANCELLED:
        return None if before is None else News(Act.CANCELLED, *who, before)
    if before is None:
        return News(Act.BOOKED, *who, start)
    return None if before == start else News(Act.MOVED, *who, start, before)


def _before(act: Act, detail: dict[str, Any]) -> datetime | None:
    """When the talk was before its first turn; None: there was none yet."""
    if act is Act.BOOKED:
        return None
    return datetime.fromisoformat(detail["from_start"] if act is Act.MOVED else detail["start"])


def _names(session: Session, school_id: int, students: Iterable[int]) -> dict[int, str]:
    name = (col(Student.first_name), col(Student.prefix), col(Student.last_name), col(Student.call_name))
    rows = session.execute(
        select(col(Student.id), *name).where(col(Student.school_id) == school_id, col(Student.id).in_(set(students)))
    )
    return {row[0]: full(*row[1:]) for row in rows}

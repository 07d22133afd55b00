"""Telling families by the clock that sign-up opened and that it will close (M6), as each conference chose.

Who is told is asked of the database at each tick, and of the family's own overview again when the message goes out
(rules 19, 31): who has not booked, once for each moment. A family's moments are its own: its opening (a large family's
is earlier; of a planning that is published later, that), and 18:00 on the wall so many days before a planning closes.
Nobody is woken: what falls in the night is said in the morning, if it is true then.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, exists, func, or_, select
from sqlmodel import Session, col

from storage.booking import rules
from storage.database.joins import same
from storage.notices.unbooked import INVITING, moment_of
from storage.outbox.recipients import HAS_ADDRESS, HAS_CHAT, chats_of
from storage.outbox.write import enqueue
from storage.tables import (
    Audit,
    Booking,
    Conference,
    Family,
    FamilyStudent,
    Notice,
    Planning,
    PlanningGroup,
    School,
    Student,
    StudentGroup,
)
from storage.timezone import day_bounds, local_day, to_local, wall_moment
from storage.words import Act, NoticeKind, PlanningState, Policy, Recipient

REMIND_AT = time(18, 0)
AWAKE = time(8, 0), time(21, 0)  # on the school's wall; the second is exclusive

_NEVER, _FOR_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Due = tuple[datetime, NoticeKind]  # a moment that has come, and what is said of it


@dataclass(frozen=True, slots=True)
class _Window:
    """Sign-up in one planning. `published`: when parents first could see it, where the trail knows."""

    planning_id: int
    opens: datetime
    opens_early: datetime | None
    closes: datetime
    published: datetime | None


@dataclass(frozen=True, slots=True)
class _Round:
    """A conference that tells something, with its plannings in which sign-up may be open."""

    school_id: int
    zone: str
    conference_id: int
    policy: Policy
    large_family: int
    tells_opening: bool
    remind_days: tuple[int, ...]
    windows: tuple[_Window, ...]

    def newest(self, window: _Window, now: datetime, *, large: bool) -> Due | None:
        """The last moment that has come for such a family in this planning."""
        opened = rules.opening(window.opens, window.opens_early, large=large)
        opened = max(opened, window.published or opened)
        if opened > now:
            return None
        passed: list[Due] = [(opened, NoticeKind.SIGN_UP_OPENED)] if self.tells_opening else []
        for days in self.remind_days:
            at = reminding_moment(window.closes, days, self.zone)
            if opened < at <= now:
                passed.append((at, NoticeKind.SIGN_UP_CLOSING))
        return max(passed, default=None)


def plan_sign_up(session: Session, now: datetime) -> None:
    """Write down what families must hear of sign-up now and did not hear before."""
    for one in _rounds(session, now):
        if AWAKE[0] <= to_local(now, one.zone).time() < AWAKE[1]:
            _tell(session, one, now)


def reminding_moment(closes: datetime, days: int, zone: str) -> datetime:
    """18:00 on the wall so many days before sign-up closes (rule 18)."""
    return wall_moment(local_day(closes, zone) - timedelta(days=days), REMIND_AT, zone)


def _tell(session: Session, one: _Round, now: datetime) -> None:
    """A family that was told since its last moment came, or let its talk go since, has nothing new to hear."""
    newest = {
        (window.planning_id, large): due
        for window in one.windows
        for large in (False, True)
        if (due := one.newest(window, now, large=large)) is not None
    }
    if not newest:
        return
    # An invitation by hand waits or is waited for, so that nobody is told twice.
    session.execute(select(col(Conference.id)).where(*_itself(one)).with_for_update(key_share=True))
    since = max(at for at, _ in newest.values())
    rows = session.execute(_untold(one, {id_ for id_, _ in newest}, since)).all()
    if not rows:
        return
    large, busy = _large(session, one), _busy_until(session, one)
    last: dict[int, Due] = {}
    for family_id, student_id, planning_id in rows:
        due = newest.get((planning_id, family_id in large))
        until = busy.get((student_id, family_id if one.policy is Policy.EACH else 0), _NEVER)
        if due is not None and until < due[0]:
            last[family_id] = max(due, last.get(family_id, due))
    heard = _heard(session, one, last)
    new = {id_: kind for id_, (at, kind) in sorted(last.items()) if id_ not in heard or heard[id_] < at}
    _write(session, one, new, now)


def _write(session: Session, one: _Round, new: dict[int, NoticeKind], now: datetime) -> None:
    """To each of a family's chats, else by mail."""
    moment = moment_of(one.conference_id, now, one.zone)
    chats = chats_of(session, one.school_id, list(new))
    for family_id, kind in new.items():
        to = [(Recipient.CHAT, chat) for chat in chats.get(family_id, ())] or [(Recipient.FAMILY, family_id)]
        for recipient, recipient_id in to:
            enqueue(session, one.school_id, kind, family_id, moment, recipient, recipient_id, now)


def _rounds(session: Session, now: datetime) -> Iterator[_Round]:
    rows = session.execute(
        select(Conference, col(School.timezone), col(Planning.id), col(Planning.opens), col(Planning.opens_early))
        .add_columns(col(Planning.closes))
        .join(Planning, same(Planning.conference_id, Conference.id))
        .join(School, col(School.id) == col(Conference.school_id))
        .where(or_(col(Conference.tells_opening).is_(True), col(Conference.remind_days) != ()))
        .where(col(Planning.state) == PlanningState.PUBLISHED, col(Planning.closes) > now)
        .where(or_(col(Planning.opens) <= now, col(Planning.opens_early) <= now))
        .order_by(col(Conference.id), col(Planning.id))
    ).all()
    for conference, of_it in groupby(rows, key=lambda row: row[0]):
        plannings = list(of_it)
        shown = _published(session, conference.school_id, [row[2] for row in plannings])
        yield _Round(
            school_id=conference.school_id,
            zone=plannings[0][1],
            conference_id=conference.id,
            policy=conference.policy,
            large_family=conference.large_family,
            tells_opening=conference.tells_opening,
            remind_days=conference.remind_days,
            windows=tuple(
                _Window(planning_id, opens, early, closes, shown.get(planning_id))
                for _, _, planning_id, opens, early, closes in plannings
            ),
        )


def _published(session: Session, school_id: int, plannings: Collection[int]) -> dict[int, datetime]:
    """When each was first published, by the trail."""
    rows = session.execute(
        select(col(Audit.subject), func.min(col(Audit.at)))
        .where(col(Audit.school_id) == school_id, col(Audit.subject).in_(plannings), col(Audit.act) == Act.PUBLISHED)
        .group_by(col(Audit.subject))
    )
    return {subject: at for subject, at in rows if subject is not None}


def _itself(one: _Round) -> tuple[ColumnElement[bool], ...]:
    return col(Conference.school_id) == one.school_id, col(Conference.id) == one.conference_id


def _plannings(one: _Round) -> Select[Any]:
    """All of the conference's, drafts too."""
    return select(col(Planning.id)).where(
        col(Planning.school_id) == one.school_id, col(Planning.conference_id) == one.conference_id
    )


def _children(one: _Round, *columns: Any) -> Select[*tuple[Any, ...]]:
    """`columns` for each child of each family in each planning that its group takes part in."""
    sought: Select[*tuple[Any, ...]] = select(*columns)
    return (
        sought.select_from(PlanningGroup)
        .join(StudentGroup, same(StudentGroup.group_id, PlanningGroup.group_id))
        .join(Student, same(Student.id, StudentGroup.student_id))
        .join(FamilyStudent, same(FamilyStudent.student_id, Student.id))
        .join(Family, same(Family.id, FamilyStudent.family_id))
        .where(col(PlanningGroup.school_id) == one.school_id)
        .where(col(Student.left).is_(None), col(Family.blocked).is_(False))
    )


def _large(session: Session, one: _Round) -> frozenset[int]:
    """The families that may book early: by their children in all groups of the conference (rule 14)."""
    if all(window.opens_early is None for window in one.windows):
        return frozenset()
    sought = (
        _children(one, col(Family.id))
        .where(col(PlanningGroup.planning_id).in_(_plannings(one)))
        .group_by(col(Family.id))
        .having(func.count(distinct(col(Student.id))) >= one.large_family)
    )
    return frozenset(session.execute(sought).scalars())


def _untold(one: _Round, plannings: Collection[int], since: datetime) -> Select[*tuple[Any, ...]]:
    """(family, child, planning) of all who may book, can be reached and were not told since the newest moment of all.

    At a tick in which nothing new happened these are very few.
    """
    morning, _ = day_bounds(local_day(since, one.zone), one.zone)
    told = exists().where(
        *_told(one),
        col(Notice.subject) == col(Family.id),
        or_(col(Notice.due) >= since, and_(col(Notice.kind) == NoticeKind.INVITATION, col(Notice.due) >= morning)),
    )
    sought = _children(one, col(Family.id), col(Student.id), col(PlanningGroup.planning_id))
    return sought.where(col(PlanningGroup.planning_id).in_(sorted(plannings)), ~told, or_(HAS_CHAT, HAS_ADDRESS))


def _busy_until(session: Session, one: _Round) -> dict[tuple[int, int], datetime]:
    """Until when a child has, or had, a talk in the conference: (child, family) → when it was cancelled.

    Under *together* the family is 0 (rule 12); what stands has no end.
    """
    rows = session.execute(
        select(col(Booking.student_id), col(Booking.family_id), col(Booking.cancelled)).where(
            col(Booking.school_id) == one.school_id, col(Booking.planning_id).in_(_plannings(one))
        )
    )
    until: dict[tuple[int, int], datetime] = {}
    for student_id, family_id, cancelled in rows:
        key = student_id, family_id if one.policy is Policy.EACH else 0
        until[key] = max(until.get(key, _NEVER), cancelled or _FOR_EVER)
    return until


def _heard(session: Session, one: _Round, families: Collection[int]) -> dict[int, datetime]:
    """Until when each family knows: when it was last told; after an invitation by hand, the whole of that day."""
    rows = session.execute(
        select(col(Notice.subject), col(Notice.kind), col(Notice.moment), col(Notice.due)).where(
            *_told(one), col(Notice.subject).in_(families)
        )
    )
    heard: dict[int, datetime] = {}
    for family_id, kind, moment, due in rows:
        if kind is NoticeKind.INVITATION:
            due = day_bounds(date.fromisoformat(moment.partition(" ")[2]), one.zone)[1]
        heard[family_id] = max(due, heard.get(family_id, due))
    return heard


def _told(one: _Round) -> tuple[ColumnElement[bool], ...]:
    """Notices to families of this conference, but for tests of them to the desk."""
    return (
        col(Notice.school_id) == one.school_id,
        col(Notice.kind).in_(INVITING),
        col(Notice.recipient) != Recipient.STAFF,
        col(Notice.moment).startswith(f"{one.conference_id} "),
    )

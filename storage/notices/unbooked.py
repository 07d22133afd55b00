"""Who has not booked (rule 31): worked out when it is asked, per child without a talk in the conference.

A query in a number of statements that does not grow with the school. Holds names: for the desk alone.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session, col

from storage.families.reachability import Channel, channels
from storage.refusals import NotFound, Refused
from storage.tables import (
    Booking,
    Conference,
    Family,
    FamilyStudent,
    Group,
    Notice,
    Planning,
    PlanningGroup,
    School,
    Student,
    StudentGroup,
)
from storage.timezone import local_day
from storage.values.person_names import called
from storage.words import NoticeKind, PlanningState, Policy, Recipient

# What tells a family of a conference that it has something to book. Their moments are those of `moment_of`.
INVITING = (NoticeKind.INVITATION, NoticeKind.SIGN_UP_OPENED, NoticeKind.SIGN_UP_CLOSING)
_SENT_WAYS = (Channel.TELEGRAM, Channel.MAIL)


@dataclass(frozen=True, slots=True)
class OpenConference:
    """A conference that parents can be invited to: published, not closed. `groups` are those of its plannings."""

    id: int
    name: str
    text: str
    opens: datetime
    closes: datetime
    groups: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Unbooked:
    """A family with something to book: the names of the children, how it is reached, and whether it was told today."""

    family_id: int
    name: str
    children: tuple[str, ...]
    way: Channel
    told: bool = False

    @property
    def reached(self) -> bool:
        return self.way in _SENT_WAYS


def open_conferences(session: Session, school_id: int, now: datetime) -> tuple[OpenConference, ...]:
    """What can be signed up for now or soon, what closes first at the top."""
    rows: Any = session.execute(
        select(col(Conference.id), col(Conference.name), col(Conference.invitation), col(Planning.opens))
        .add_columns(col(Planning.closes), col(Group.id), col(Group.name))
        .join(Planning, col(Planning.conference_id) == col(Conference.id))
        .outerjoin(PlanningGroup, col(PlanningGroup.planning_id) == col(Planning.id))
        .outerjoin(Group, col(Group.id) == col(PlanningGroup.group_id))
        .where(col(Conference.school_id) == school_id, *_open(now))
        .order_by(col(Group.name))
    ).all()
    of_round: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        of_round[row[0]].append(row)
    found = [
        OpenConference(
            id=id_,
            name=own[0][1],
            text=own[0][2],
            opens=min(row[3] for row in own),
            closes=max(row[4] for row in own),
            groups=tuple({row[5]: row[6] for row in own if row[5] is not None}.items()),
        )
        for id_, own in of_round.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.closes, one.id)))


def unbooked(
    session: Session, school_id: int, conference_id: int, now: datetime, groups: Collection[int] = ()
) -> tuple[Unbooked, ...]:
    """Families with a child that may book in this conference and has not, by name; of `groups` alone where given.

    Blocked families and children who left are not among them. Raises Refused(NotFound).
    """
    policy, zone = policy_and_zone(session, school_id, conference_id)
    children: dict[tuple[int, str], dict[int, str]] = defaultdict(dict)
    booked = _booked(session, school_id, conference_id, policy)
    for family_id, name, student_id, first, call in session.execute(_pairs(school_id, conference_id, now, groups)):
        if (student_id, family_id if policy is Policy.EACH else 0) not in booked:
            children[family_id, name][student_id] = called(first, call)
    reached = channels(session, school_id, [family_id for family_id, _ in children])
    told = _told(session, school_id, moment_of(conference_id, now, zone))
    return tuple(
        Unbooked(family_id, name, tuple(sorted(own.values())), reached.get(family_id, Channel.NONE), family_id in told)
        for (family_id, name), own in sorted(children.items(), key=lambda one: (one[0][1].casefold(), one[0][0]))
    )


def moment_of(conference_id: int, now: datetime, zone: str) -> str:
    """What makes a message to a family new: its conference and the local day."""
    return f"{conference_id} {local_day(now, zone)}"


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Planning.state) == PlanningState.PUBLISHED, col(Planning.closes) > now


def policy_and_zone(session: Session, school_id: int, conference_id: int) -> tuple[Policy, str]:
    """Its policy, and the school's zone. Raises Refused(NotFound)."""
    found: Any = session.execute(
        select(col(Conference.policy), col(School.timezone))
        .join(School, col(School.id) == col(Conference.school_id))
        .where(col(Conference.school_id) == school_id, col(Conference.id) == conference_id)
    ).one_or_none()
    if found is None:
        raise Refused(NotFound("conference"))
    return found[0], found[1]


def _pairs(school_id: int, conference_id: int, now: datetime, groups: Collection[int]) -> Select[*tuple[Any, ...]]:
    """(family, its name, child, its first and call name) of every child that may book, booked or not."""
    columns: tuple[Any, ...] = (
        col(Family.id),
        col(Family.name),
        col(Student.id),
        col(Student.first_name),
        col(Student.call_name),
    )
    sought: Select[*tuple[Any, ...]] = select(*columns)
    sought = (
        sought.distinct()
        .select_from(Planning)
        .join(PlanningGroup, col(PlanningGroup.planning_id) == col(Planning.id))
        .join(StudentGroup, col(StudentGroup.group_id) == col(PlanningGroup.group_id))
        .join(Student, col(Student.id) == col(StudentGroup.student_id))
        .join(FamilyStudent, col(FamilyStudent.student_id) == col(Student.id))
        .join(Family, col(Family.id) == col(FamilyStudent.family_id))
        .where(col(Planning.school_id) == school_id, col(Planning.conference_id) == conference_id, *_open(now))
        .where(col(Student.left).is_(None), col(Family.blocked).is_(False))
    )
    return sought.where(col(StudentGroup.group_id).in_(sorted(groups))) if groups else sought


def _booked(session: Session, school_id: int, conference_id: int, policy: Policy) -> frozenset[tuple[int, int]]:
    """(child, family) of every talk that stands in the conference; under *together* the family is 0 (rule 12)."""
    rows = session.execute(
        select(col(Booking.student_id), col(Booking.family_id))
        .join(Planning, col(Planning.id) == col(Booking.planning_id))
        .where(col(Booking.school_id) == school_id, col(Booking.cancelled).is_(None))
        .where(col(Planning.conference_id) == conference_id)
    )
    return frozenset((student, family if policy is Policy.EACH else 0) for student, family in rows)


def _told(session: Session, school_id: int, moment: str) -> frozenset[int]:
    """The families that have had, or will get, this message: by hand or by the clock."""
    rows = session.execute(
        select(col(Notice.subject)).where(
            col(Notice.school_id) == school_id,
            col(Notice.kind).in_(INVITING),
            col(Notice.moment) == moment,
            col(Notice.recipient) != Recipient.STAFF,
        )
    )
    return frozenset(rows.scalars())

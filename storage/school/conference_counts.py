"""One conference in counts: its plannings, who takes part, who has booked, and its teachers. Only reads.

Everything is counted within one school by the database itself: no row of a child or a family comes out of here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, case, distinct, exists, func, or_, select
from sqlmodel import Session, col

from storage.school.progress_views import ConferenceCounts, PlanningCounts
from storage.tables import (
    Booking,
    Family,
    FamilyStudent,
    Planning,
    PlanningGroup,
    PlanningTeacher,
    Slot,
    Staff,
    Student,
    StudentGroup,
    Teacher,
)
from storage.words import PlanningState, Policy, SlotState

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ConferenceDates:
    """A conference and when it is."""

    id: int
    name: str
    policy: Policy
    opens: datetime | None
    closes: datetime | None
    first: datetime | None
    last: datetime | None

    def over(self, now: datetime) -> bool:
        """Its last talk is behind us; one without times, when sign-up closed. One without plannings is to come."""
        end = self.last or self.closes
        return end is not None and end <= now

    def order(self) -> tuple[datetime, int]:
        return self.first or self.opens or _NEVER, self.id


def conference_counts(session: Session, school_id: int, span: ConferenceDates, now: datetime) -> ConferenceCounts:
    """The conference of this span, as it stands now. Five statements."""
    families, booked = session.execute(_taking_part(school_id, span.id)).one()
    teachers: Any = session.execute(_teachers(school_id, span.id)).one()
    return ConferenceCounts(
        id=span.id,
        name=span.name,
        opens=span.opens,
        closes=span.closes,
        first=span.first,
        last=span.last,
        tables=_tables(session, school_id, span, now),
        families=families,
        families_booked=booked,
        teachers=teachers[0],
        teachers_without_mail=teachers[1],
        teachers_at_desk=teachers[2],
    )


def _tables(session: Session, school_id: int, span: ConferenceDates, now: datetime) -> tuple[PlanningCounts, ...]:
    rows = session.execute(
        select(col(Planning.id), col(Planning.title), col(Planning.state))
        .where(col(Planning.school_id) == school_id, col(Planning.conference_id) == span.id)
        .order_by(col(Planning.title), col(Planning.id))
    ).all()
    ids: Sequence[int] = [id_ for id_, _, _ in rows if id_ is not None]
    times: dict[int, int] = dict(session.execute(_times(school_id, ids, now)).all())
    children: dict[int, tuple[int, int, int]] = {
        row[0]: row[1:] for row in session.execute(_children(school_id, ids, span.policy))
    }
    return tuple(
        PlanningCounts(id_, title, state, *children.get(id_, (0, 0, 0)), times.get(id_, 0))
        for id_, title, state in rows
        if id_ is not None
    )


def _times(school_id: int, ids: Sequence[int], now: datetime) -> Select[int, int]:
    """planning → times that are booked, or free and to come."""
    usable = or_(col(Booking.id).is_not(None), and_(col(Slot.start) > now, col(Slot.state) == SlotState.OPEN))
    return (
        select(col(Slot.planning_id), func.count())
        .outerjoin(Booking, (col(Booking.slot_id) == col(Slot.id)) & col(Booking.cancelled).is_(None))
        .where(col(Slot.school_id) == school_id, col(Slot.planning_id).in_(ids), usable)
        .group_by(col(Slot.planning_id))
    )


def _children(school_id: int, ids: Sequence[int], policy: Policy) -> Select[*tuple[Any, ...]]:
    """planning → (children, talks that are wanted, children with a talk). A child in two of its groups counts once."""
    families = func.count(distinct(col(FamilyStudent.family_id)))
    child = (
        select(
            col(PlanningGroup.planning_id),
            (case((families > 1, families), else_=1) if policy is Policy.EACH else func.min(1)).label("talks"),
            func.count(distinct(col(Booking.student_id))).label("booked"),
        )
        .join(StudentGroup, col(StudentGroup.group_id) == col(PlanningGroup.group_id))
        .join(Student, col(Student.id) == col(StudentGroup.student_id))
        .outerjoin(
            Booking,
            (col(Booking.planning_id) == col(PlanningGroup.planning_id))
            & (col(Booking.student_id) == col(Student.id))
            & col(Booking.cancelled).is_(None),
        )
    )
    if policy is Policy.EACH:
        child = child.outerjoin(FamilyStudent, col(FamilyStudent.student_id) == col(Student.id))
    within = (
        child.where(
            col(PlanningGroup.school_id) == school_id,
            col(PlanningGroup.planning_id).in_(ids),
            col(Student.left).is_(None),
        )
        .group_by(col(PlanningGroup.planning_id), col(Student.id))
        .subquery()
    )
    columns = (within.c.planning_id, func.count(), func.sum(within.c.talks), func.sum(within.c.booked))
    return select(*columns).group_by(within.c.planning_id)


def _taking_part(school_id: int, conference_id: int) -> Select[int, int]:
    """Families that are let in and have a child in a published planning; and how many of them have booked one."""
    of_it = (
        col(Planning.school_id) == school_id,
        col(Planning.conference_id) == conference_id,
        col(Planning.state) == PlanningState.PUBLISHED,
    )
    members = (
        select(col(FamilyStudent.family_id))
        .join(Student, col(Student.id) == col(FamilyStudent.student_id))
        .join(StudentGroup, col(StudentGroup.student_id) == col(Student.id))
        .join(PlanningGroup, col(PlanningGroup.group_id) == col(StudentGroup.group_id))
        .join(Planning, col(Planning.id) == col(PlanningGroup.planning_id))
        .where(*of_it, col(Student.left).is_(None))
    )
    holders = (
        select(col(Booking.family_id))
        .join(Planning, col(Planning.id) == col(Booking.planning_id))
        .where(*of_it, col(Booking.cancelled).is_(None))
    )
    let_in = (
        select(func.count())
        .select_from(Family)
        .where(col(Family.school_id) == school_id, col(Family.blocked).is_(False), col(Family.id).in_(members))
    )
    return select(let_in.scalar_subquery(), let_in.where(col(Family.id).in_(holders)).scalar_subquery())


def _teachers(school_id: int, conference_id: int) -> Select[*tuple[Any, ...]]:
    """(teachers of the conference, without a mail address, with an account at the desk)."""
    account = exists().where(
        col(Staff.school_id) == col(Teacher.school_id),
        or_(col(Staff.teacher_id) == col(Teacher.id), col(Staff.email) == func.lower(col(Teacher.email))),
        col(Staff.active).is_(True),
    )
    seated = (
        select(col(PlanningTeacher.teacher_id))
        .join(Planning, col(Planning.id) == col(PlanningTeacher.planning_id))
        .where(col(Planning.school_id) == school_id, col(Planning.conference_id) == conference_id)
    )
    return select(func.count(), func.count().filter(col(Teacher.email) == ""), func.count().filter(account)).where(
        col(Teacher.school_id) == school_id, col(Teacher.id).in_(seated)
    )

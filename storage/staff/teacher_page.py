"""What a teacher's first page shows: own plannings and the talks of a day. Queries within one teacher's plannings."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.booking import reading
from storage.booking.reading import LIVE
from storage.tables import Booking, Conference, Planning, PlanningTeacher, Slot
from storage.words import PlanningState, SlotState


@dataclass(frozen=True, slots=True)
class OwnPlanning:
    id: int
    conference: str
    title: str
    state: PlanningState
    first: datetime | None  # the start of the first slot
    slots: int  # without breaks
    booked: int

    @property
    def published(self) -> bool:
        return self.state is PlanningState.PUBLISHED


@dataclass(frozen=True, slots=True)
class TeacherTalk:
    planning_id: int
    start: datetime
    end: datetime
    student: str
    room: str


def own_plannings(session: Session, school_id: int, teacher_id: int) -> tuple[OwnPlanning, ...]:
    """By the moment of the first talk; those without slots last."""
    booked = (
        select(func.count())
        .where(col(Booking.planning_id) == col(Planning.id), col(Booking.cancelled).is_(None))
        .correlate(Planning)
        .scalar_subquery()
    )
    first = func.min(col(Slot.start))
    rows = session.execute(
        select(
            col(Planning.id),
            col(Conference.name),
            col(Planning.title),
            col(Planning.state),
            first,
            func.count(col(Slot.id)),
            booked,
        )
        .join(Conference, col(Conference.id) == col(Planning.conference_id))
        .join(PlanningTeacher, col(PlanningTeacher.planning_id) == col(Planning.id))
        .outerjoin(Slot, (col(Slot.planning_id) == col(Planning.id)) & (col(Slot.state) == SlotState.OPEN))
        .where(col(Planning.school_id) == school_id, col(PlanningTeacher.teacher_id) == teacher_id)
        .group_by(col(Planning.id), col(Conference.name), col(Planning.title), col(Planning.state))
        .order_by(first.is_(None), first, col(Planning.title))
    )
    return tuple(OwnPlanning(*row) for row in rows)


def talks_between(
    session: Session, school_id: int, teacher_id: int, begin: datetime, end: datetime
) -> tuple[TeacherTalk, ...]:
    """The booked talks of a teacher that start in [begin, end), in order."""
    own = select(col(PlanningTeacher.planning_id)).where(
        col(PlanningTeacher.school_id) == school_id, col(PlanningTeacher.teacher_id) == teacher_id
    )
    within = col(Booking.planning_id).in_(own), col(Slot.start) >= begin, col(Slot.start) < end
    return tuple(
        TeacherTalk(row.planning_id, row.start, row.end, row.student, row.room)
        for row in reading.rows(session, school_id, LIVE, *within)
    )

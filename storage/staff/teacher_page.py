"""What a teacher's first page shows: own plannings and the talks of a day. Queries within one teacher's plannings."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.tables import Booking, Conference, Planning, PlanningTeacher, Slot, Student
from storage.values.person_names import full
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
    rows = session.execute(
        select(Slot, Student, col(Planning.id), col(Planning.room))
        .select_from(Booking)
        .join(Slot, col(Slot.id) == col(Booking.slot_id))
        .join(Student, col(Student.id) == col(Booking.student_id))
        .join(Planning, col(Planning.id) == col(Booking.planning_id))
        .join(PlanningTeacher, col(PlanningTeacher.planning_id) == col(Planning.id))
        .where(
            col(Booking.school_id) == school_id,
            col(Booking.cancelled).is_(None),
            col(PlanningTeacher.teacher_id) == teacher_id,
            col(Slot.start) >= begin,
            col(Slot.start) < end,
        )
        .order_by(col(Slot.start), col(Slot.id))
    )
    return tuple(
        TeacherTalk(planning, slot.start, slot.end, _full_name(student), room) for slot, student, planning, room in rows
    )


def _full_name(student: Student) -> str:
    return full(student.first_name, student.prefix, student.last_name, student.call_name)

"""All that a booking depends on, read with the locks taken first.

The hot path: Core statements built once. On SQLite the writer's lock is held already (BEGIN IMMEDIATE). On PostgreSQL
the family's row is locked, so that two of its taps queue up, and every slot of this slot's teachers at that time, in
sorted order, so that two families cannot take two plannings of one teacher at once (rules 9, 10).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, distinct, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.booking.rules import Span
from storage.tables import (
    Booking,
    Conference,
    Family,
    FamilyStudent,
    Planning,
    PlanningGroup,
    PlanningTeacher,
    Slot,
    Student,
    StudentGroup,
    Teacher,
)
from storage.words import PlanningState, Policy, SlotState

SEPARATOR = "\x1f"  # between teachers' names in one column


@dataclass(frozen=True, slots=True)
class Situation:
    """One slot, one child, one family. `teachers` are names with SEPARATOR between, None without any."""

    start: datetime
    end: datetime
    slot_state: SlotState
    planning_id: int
    title: str
    room: str
    remarks: str
    opens: datetime
    opens_early: datetime | None
    closes: datetime
    planning_state: PlanningState
    conference_id: int
    conference: str
    policy: Policy
    walking_minutes: int
    large_family: int
    family_name: str
    blocked: bool
    first_name: str
    prefix: str
    last_name: str
    left: bool
    in_group: bool
    teachers: str | None

    @property
    def span(self) -> Span:
        return Span(self.start, self.end, self.planning_id)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another live booking: of the family (any time), or of one of the teachers in another planning at this time."""

    span: Span
    booking_id: int
    slot_id: int
    student_id: int
    revision: int
    of_family: bool


_school = bindparam("school", type_=Integer)
_family = bindparam("family", type_=Integer)
_student = bindparam("student", type_=Integer)
_slot = bindparam("slot", type_=Integer)
_booking = bindparam("booking", type_=Integer)
_other_slot = aliased(Slot, name="other_slot")
_other_teacher = aliased(PlanningTeacher, name="other_teacher")


def _here(table: Any, *ids: Any) -> Any:
    """A table's row of this school, by the composite key that every foreign key has."""
    return and_(col(table.school_id) == _school, *ids)


_SLOTS_OF_THE_TEACHERS = (
    select(col(_other_slot.id))
    .join(Slot, _here(Slot, col(Slot.id) == _slot))
    .join(PlanningTeacher, _here(PlanningTeacher, col(PlanningTeacher.planning_id) == col(Slot.planning_id)))
    .join(_other_teacher, _here(_other_teacher, col(_other_teacher.teacher_id) == col(PlanningTeacher.teacher_id)))
    .where(
        _here(_other_slot, col(_other_slot.planning_id) == col(_other_teacher.planning_id)),
        col(_other_slot.start) < col(Slot.end),
        col(_other_slot.end) > col(Slot.start),
    )
)
_LOCK = (
    select(col(Slot.id))
    .join(Family, _here(Family, col(Family.id) == _family))
    .where(_here(Slot), or_(col(Slot.id) == _slot, col(Slot.id).in_(_SLOTS_OF_THE_TEACHERS)))
    .order_by(col(Slot.id))
    .with_for_update(key_share=True)
)
_IN_GROUP = exists().where(
    _here(StudentGroup, col(StudentGroup.student_id) == _student),
    _here(PlanningGroup, col(PlanningGroup.planning_id) == col(Slot.planning_id)),
    col(StudentGroup.group_id) == col(PlanningGroup.group_id),
)
_TEACHERS = (
    select(func.aggregate_strings(col(Teacher.name), SEPARATOR))
    .join(PlanningTeacher, _here(PlanningTeacher, col(PlanningTeacher.teacher_id) == col(Teacher.id)))
    .where(_here(Teacher), col(PlanningTeacher.planning_id) == col(Slot.planning_id))
    .scalar_subquery()
)
_SITUATION = (
    select(
        col(Slot.start),
        col(Slot.end),
        col(Slot.state),
        col(Planning.id),
        col(Planning.title),
        col(Planning.room),
        col(Planning.remarks),
        col(Planning.opens),
        col(Planning.opens_early),
        col(Planning.closes),
        col(Planning.state),
        col(Conference.id),
        col(Conference.name),
        col(Conference.policy),
        col(Conference.walking_minutes),
        col(Conference.large_family),
        col(Family.name),
        col(Family.blocked),
        col(Student.first_name),
        col(Student.prefix),
        col(Student.last_name),
        col(Student.left),
        _IN_GROUP,
        _TEACHERS,
    )
    .select_from(Slot)
    .join(Planning, _here(Planning, col(Planning.id) == col(Slot.planning_id)))
    .join(Conference, _here(Conference, col(Conference.id) == col(Planning.conference_id)))
    .join(Family, _here(Family, col(Family.id) == _family))
    .join(FamilyStudent, _here(FamilyStudent, col(FamilyStudent.family_id) == _family))
    .join(Student, _here(Student, col(Student.id) == col(FamilyStudent.student_id)))
    .where(_here(Slot, col(Slot.id) == _slot), col(Student.id) == _student)
)
_OTHER = (col(Booking.id), col(Booking.slot_id), col(Booking.student_id), col(Booking.revision))
_OF_FAMILY = (
    select(col(Slot.start), col(Slot.end), col(Slot.planning_id), *_OTHER, literal(True))
    .join(Booking, _here(Booking, col(Booking.slot_id) == col(Slot.id)))
    .where(
        _here(Slot),
        col(Booking.family_id) == _family,
        col(Booking.cancelled).is_(None),
        col(Booking.id) != _booking,
    )
)
_OF_TEACHERS = (
    select(col(_other_slot.start), col(_other_slot.end), col(_other_slot.planning_id), *_OTHER, literal(False))
    .join(Booking, _here(Booking, col(Booking.slot_id) == col(_other_slot.id)))
    .where(
        col(_other_slot.id).in_(_SLOTS_OF_THE_TEACHERS),
        col(_other_slot.id) != _slot,
        col(Booking.cancelled).is_(None),
        col(Booking.id) != _booking,
    )
)
_CONFLICTS = union_all(_OF_FAMILY, _OF_TEACHERS)
_LARGE = (
    select(func.count(distinct(col(FamilyStudent.student_id))))
    .join(StudentGroup, _here(StudentGroup, col(StudentGroup.student_id) == col(FamilyStudent.student_id)))
    .join(PlanningGroup, _here(PlanningGroup, col(PlanningGroup.group_id) == col(StudentGroup.group_id)))
    .join(Planning, _here(Planning, col(Planning.id) == col(PlanningGroup.planning_id)))
    .where(
        _here(FamilyStudent, col(FamilyStudent.family_id) == _family),
        col(Planning.conference_id) == bindparam("conference", type_=Integer),
    )
)


def lock(session: Session, school_id: int, family_id: int, slot_id: int) -> None:
    """Queue up behind whoever books for this family or these teachers at this time."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK, {"school": school_id, "family": family_id, "slot": slot_id})


def situation(session: Session, school_id: int, family_id: int, student_id: int, slot_id: int) -> Situation | None:
    """None where the slot, the family or its child is not in this school (rule 6)."""
    values = {"school": school_id, "family": family_id, "student": student_id, "slot": slot_id}
    row: Any = session.connection().execute(_SITUATION, values).first()
    return None if row is None else Situation(*row)


def conflicts(session: Session, school_id: int, family_id: int, slot_id: int, booking_id: int = 0) -> list[Conflict]:
    """What may stand in the way; `booking_id` is the one that is being moved."""
    values = {"school": school_id, "family": family_id, "slot": slot_id, "booking": booking_id}
    rows: Any = session.connection().execute(_CONFLICTS, values)
    return [Conflict(Span(start, end, planning), *others) for start, end, planning, *others in rows]


def children_taking_part(session: Session, school_id: int, family_id: int, conference_id: int) -> int:
    """How many children of the family are in groups of this conference (rule 14)."""
    values = {"school": school_id, "family": family_id, "conference": conference_id}
    return int(session.connection().execute(_LARGE, values).scalar_one())

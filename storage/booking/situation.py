"""All that a booking depends on, read with the locks taken first.

The hot path: statements compiled once. On SQLite the writer's lock is held already (BEGIN IMMEDIATE). On PostgreSQL
locks are taken in one order: the family's row, so that two of its taps queue up; the slot's row, so that it does not
become a break meanwhile; and, where a teacher could be in two places, the teachers' rows (rules 9, 10, 13).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, distinct, exists, func, literal, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.booking.teachers import teachers_of
from storage.booking.within import FAMILY, SCHOOL, here
from storage.column_types import UtcDateTime
from storage.database.prepared import Prepared, together
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
from storage.values.talk_span import TalkSpan
from storage.words import PlanningState, Policy, SlotState


@dataclass(frozen=True, slots=True)
class Situation:
    """One slot, one child, one family. `teachers` is read with `storage.booking.teachers.names`."""

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
    call_name: str
    left: datetime | None
    in_group: bool
    teachers_elsewhere: bool  # one of them has another planning too
    teachers: str | None

    @property
    def span(self) -> TalkSpan:
        return TalkSpan(self.start, self.end, self.planning_id)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another live booking: of the family (any time), or of one of the teachers in another planning at this time."""

    span: TalkSpan
    booking_id: int
    slot_id: int
    student_id: int
    revision: int
    of_family: bool


LONGEST_TALK = timedelta(days=1)  # and far more than any: planning.grid allows some hours

_student = bindparam("student", type_=Integer)
_slot = bindparam("slot", type_=Integer)
_booking = bindparam("booking", type_=Integer)
_other_slot = aliased(Slot, name="other_slot")
_other_teacher = aliased(PlanningTeacher, name="other_teacher")

_ELSEWHERE = (
    here(PlanningTeacher, col(PlanningTeacher.planning_id) == col(Slot.planning_id)),
    here(_other_teacher, col(_other_teacher.teacher_id) == col(PlanningTeacher.teacher_id)),
    col(_other_teacher.planning_id) != col(Slot.planning_id),
)
_MEANWHILE = (
    *_ELSEWHERE,
    here(_other_slot, col(_other_slot.planning_id) == col(_other_teacher.planning_id)),
    col(_other_slot.start) > bindparam("since", type_=UtcDateTime()),  # bounds both sides, or all slots are read
    col(_other_slot.start) < col(Slot.end),
    col(_other_slot.end) > col(Slot.start),
)
_IN_GROUP = exists().where(
    here(StudentGroup, col(StudentGroup.student_id) == _student),
    here(PlanningGroup, col(PlanningGroup.planning_id) == col(Slot.planning_id)),
    col(StudentGroup.group_id) == col(PlanningGroup.group_id),
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
        col(Student.call_name),
        col(Student.left),
        _IN_GROUP,
        exists().where(*_ELSEWHERE),
        teachers_of(SCHOOL, col(Slot.planning_id)),
    )
    .select_from(Slot)
    .join(Planning, here(Planning, col(Planning.id) == col(Slot.planning_id)))
    .join(Conference, here(Conference, col(Conference.id) == col(Planning.conference_id)))
    .join(Family, here(Family, col(Family.id) == FAMILY))
    .join(FamilyStudent, here(FamilyStudent, col(FamilyStudent.family_id) == FAMILY))
    .join(Student, here(Student, col(Student.id) == col(FamilyStudent.student_id)))
    .where(here(Slot, col(Slot.id) == _slot), col(Student.id) == _student)
    .with_for_update(of=[Family, Slot], key_share=True)  # SQLite says nothing here: its writer holds the lock
)
_LOCK_TEACHERS = (
    select(col(Teacher.id))
    .join(PlanningTeacher, here(PlanningTeacher, col(PlanningTeacher.teacher_id) == col(Teacher.id)))
    .where(here(Teacher), col(PlanningTeacher.planning_id) == bindparam("planning", type_=Integer))
    .order_by(col(Teacher.id))
    .with_for_update(of=Teacher, key_share=True)
)
_OTHER = (col(Booking.id), col(Booking.slot_id), col(Booking.student_id), col(Booking.revision))
_OF_FAMILY = (
    select(col(Slot.start), col(Slot.end), col(Slot.planning_id), *_OTHER, literal(True))
    .join(Booking, here(Booking, col(Booking.slot_id) == col(Slot.id)))
    .where(
        here(Slot),
        col(Booking.family_id) == FAMILY,
        col(Booking.cancelled).is_(None),
        col(Booking.id) != _booking,
    )
)
_OF_TEACHERS = (
    select(col(_other_slot.start), col(_other_slot.end), col(_other_slot.planning_id), *_OTHER, literal(False))
    .join(Booking, here(Booking, col(Booking.slot_id) == col(_other_slot.id)))
    .join(Slot, here(Slot, col(Slot.id) == _slot))
    .where(col(Booking.cancelled).is_(None), *_MEANWHILE)
)
_LARGE = (
    select(func.count(distinct(col(FamilyStudent.student_id))))
    .join(Student, here(Student, col(Student.id) == col(FamilyStudent.student_id)))
    .join(StudentGroup, here(StudentGroup, col(StudentGroup.student_id) == col(FamilyStudent.student_id)))
    .join(PlanningGroup, here(PlanningGroup, col(PlanningGroup.group_id) == col(StudentGroup.group_id)))
    .join(Planning, here(Planning, col(Planning.id) == col(PlanningGroup.planning_id)))
    .where(
        here(FamilyStudent, col(FamilyStudent.family_id) == FAMILY),
        col(Student.left).is_(None),
        col(Planning.conference_id) == bindparam("conference", type_=Integer),
    )
)


_SITUATION_NOW = Prepared(_SITUATION)
_FAMILY_NOW = Prepared(_OF_FAMILY)
_TEACHERS_NOW = Prepared(_OF_TEACHERS)
_TEACHERS_LOCKED = Prepared(_LOCK_TEACHERS)
_LARGE_NOW = Prepared(_LARGE)


def situation(session: Session, school_id: int, family_id: int, student_id: int, slot_id: int) -> Situation | None:
    """The facts, with family and slot locked. None where one of them is not in this school (rule 6)."""
    row = _SITUATION_NOW.first(session, school=school_id, family=family_id, student=student_id, slot=slot_id)
    return None if row is None else Situation(*row)


def situation_with_conflicts(
    session: Session, school_id: int, family_id: int, student_id: int, slot_id: int, booking_id: int = 0
) -> tuple[Situation, list[Conflict]] | None:
    """The same, and what may stand in the way; `booking_id` is the one that is being moved.

    The family's bookings are read by a statement of their own, behind the one that locks: it sees what was committed
    while that one waited. Where a teacher has another planning too, the teachers are locked first: two families could
    else take one slot of each at once.
    """
    with together(session):
        facts_asked = _SITUATION_NOW.ask(session, school=school_id, family=family_id, student=student_id, slot=slot_id)
        family_asked = _FAMILY_NOW.ask(session, school=school_id, family=family_id, booking=booking_id)
    row, rows = facts_asked.first(), family_asked.rows()
    if row is None:
        return None
    facts = Situation(*row)
    if facts.teachers_elsewhere:
        _TEACHERS_LOCKED.rows(session, school=school_id, planning=facts.planning_id)
        rows += _TEACHERS_NOW.rows(session, school=school_id, slot=slot_id, since=facts.start - LONGEST_TALK)
    return facts, [Conflict(TalkSpan(start, end, planning), *others) for start, end, planning, *others in rows]


def children_taking_part(session: Session, school_id: int, family_id: int, conference_id: int) -> int:
    """How many children of the family are in groups of this conference (rule 14)."""
    counted = _LARGE_NOW.first(session, school=school_id, family=family_id, conference=conference_id)
    return 0 if counted is None else int(counted[0])

"""Which children staff may book in a planning, for a parent who phones (D14).

Holds names and families: never for a parent's screen.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from storage.tables import (
    Booking,
    Family,
    FamilyStudent,
    Group,
    PlanningGroup,
    Student,
    StudentGroup,
)
from storage.values.person_names import full


@dataclass(frozen=True, slots=True)
class Candidate:
    """A child that staff may book here, once per family it is in; `family_id` None: in no family yet."""

    student_id: int
    student: str
    groups: tuple[str, ...]
    family_id: int | None
    family: str
    booking_id: int | None  # this family's own for the child
    elsewhere: bool  # the child's other family has booked


def candidates(session: Session, school_id: int, planning_id: int) -> tuple[Candidate, ...]:
    """The children of the planning's groups, by last name, each once per family; leavers not."""
    grouped: dict[int, list[str]] = defaultdict(list)
    for student_id, name in session.execute(_candidate_groups(school_id, planning_id)):
        grouped[student_id].append(name)
    live = select(col(Booking.student_id), col(Booking.family_id), col(Booking.id)).where(
        col(Booking.school_id) == school_id, col(Booking.planning_id) == planning_id, col(Booking.cancelled).is_(None)
    )
    booked = {(student, family): id_ for student, family, id_ in session.execute(live)}
    booked_students = {student for student, _ in booked}
    return tuple(
        Candidate(
            student_id=row.id,
            student=full(row.first_name, row.prefix, row.last_name, row.call_name),
            groups=tuple(grouped[row.id]),
            family_id=row.family_id,
            family=row.family or "",
            booking_id=booked.get((row.id, row.family_id)),
            elsewhere=row.id in booked_students and (row.id, row.family_id) not in booked,
        )
        for row in session.execute(_candidate_rows(school_id, list(grouped)))
    )


def _candidate_groups(school_id: int, planning_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(col(StudentGroup.student_id), col(Group.name))
        .join(PlanningGroup, col(PlanningGroup.group_id) == col(StudentGroup.group_id))
        .join(Group, col(Group.id) == col(StudentGroup.group_id))
        .where(col(PlanningGroup.school_id) == school_id, col(PlanningGroup.planning_id) == planning_id)
        .order_by(col(Group.name))
    )


def _candidate_rows(school_id: int, student_ids: list[int]) -> Select[*tuple[Any, ...]]:
    from_family = (col(FamilyStudent.student_id) == col(Student.id)) & (col(FamilyStudent.school_id) == school_id)
    return (
        select(
            col(Student.id),
            col(Student.first_name),
            col(Student.prefix),
            col(Student.last_name),
            col(Student.call_name),
            col(Family.id).label("family_id"),
            col(Family.name).label("family"),
        )
        .outerjoin(FamilyStudent, from_family)
        .outerjoin(Family, col(Family.id) == col(FamilyStudent.family_id))
        .where(col(Student.school_id) == school_id, col(Student.id).in_(student_ids), col(Student.left).is_(None))
        .order_by(col(Student.last_name), col(Student.first_name), col(Student.id), col(Family.name))
    )

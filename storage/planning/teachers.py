"""The teachers that plannings name. One row per person and school, found again by the name as it is normalised.

Taking a teacher off a planning leaves the row: an account at the desk and other plannings may point at it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from storage.planning.validation import text_of
from storage.refusals import Invalid, Refused
from storage.tables import PlanningTeacher, Teacher
from storage.values.email_address import typed_email
from storage.values.normalise import name as name_key


@dataclass(frozen=True, slots=True)
class TeacherLine:
    """A teacher as typed: `email` None leaves the known address alone, '' takes it away."""

    name: str
    email: str | None = None


def put(session: Session, school_id: int, lines: Iterable[TeacherLine]) -> tuple[int, ...]:
    """The ids of these teachers, in this order, made where they are new. Raises Refused(Invalid)."""
    wanted: dict[str, TeacherLine] = {}
    for line in lines:
        name = text_of(line.name, "A teacher's name", 120)
        key = name_key(name)
        if not key:
            raise Refused(Invalid("A teacher's name must hold letters: %(name)s", (("name", name[:40]),)))
        email = None if line.email is None else typed_email(line.email)
        wanted.setdefault(key, TeacherLine(name, email))
    sought = select(Teacher).where(col(Teacher.school_id) == school_id, col(Teacher.name_key).in_(wanted))
    known = {row.name_key: row for row in session.scalars(sought)}
    for key, line in wanted.items():
        if key not in known:
            known[key] = Teacher(school_id=school_id, name=line.name, name_key=key)
            session.add(known[key])
        if line.email is not None:
            known[key].email = line.email
    session.flush()
    return tuple(row.id for row in (known[key] for key in wanted) if row.id is not None)


def seat(session: Session, school_id: int, planning_id: int, teacher_ids: Iterable[int]) -> None:
    """Exactly these teachers sit at this planning. The ids are the school's own, from `put`."""
    rows = [{"school_id": school_id, "planning_id": planning_id, "teacher_id": id_} for id_ in teacher_ids]
    session.execute(
        delete(PlanningTeacher).where(
            col(PlanningTeacher.school_id) == school_id, col(PlanningTeacher.planning_id) == planning_id
        )
    )
    if rows:
        session.execute(insert(PlanningTeacher), rows)


def all_teachers(session: Session, school_id: int) -> tuple[TeacherLine, ...]:
    """Every teacher of the school by name, to choose from."""
    sought = select(col(Teacher.name), col(Teacher.email)).where(col(Teacher.school_id) == school_id)
    return tuple(TeacherLine(name, email) for name, email in session.execute(sought.order_by(col(Teacher.name))))

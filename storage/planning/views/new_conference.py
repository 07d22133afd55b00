"""The groups of a school as they come into a new conference: how many children, and who talked with them last time.

A query in a number of statements that does not grow with the school. What it proposes is typed anew by nobody, and
changes nothing until it is sent.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.tables import (
    FamilyStudent,
    Group,
    Planning,
    PlanningGroup,
    PlanningTeacher,
    School,
    Slot,
    Student,
    StudentGroup,
    Teacher,
)
from storage.timezone import to_local


@dataclass(frozen=True, slots=True)
class GroupProposal:
    """A group. `talks` counts one for each family of a child (rule 12, policy *each*); `children` each child once.

    `teachers` (with their addresses), `room` and `title` are of its latest planning; `conferences` those that it has
    a planning in already.
    """

    group_id: int
    group: str
    children: int
    talks: int
    title: str
    teachers: tuple[tuple[str, str], ...]
    room: str
    conferences: frozenset[int]


@dataclass(frozen=True, slots=True)
class Habit:
    """How the school's latest evening went, as wall times: what the next one is proposed to be."""

    minutes: int = 10
    start: time = time(18)
    until: time = time(20)


def proposals(session: Session, school_id: int) -> tuple[GroupProposal, ...]:
    """Every group of the school, by name."""
    sizes, talks = _children(session, school_id)
    latest, planned = _latest(session, school_id)
    teachers = _teachers(session, school_id, [row.id for row in latest.values()])
    groups = session.execute(select(col(Group.id), col(Group.name)).where(col(Group.school_id) == school_id)).all()
    return tuple(
        GroupProposal(
            group_id=id_,
            group=name,
            children=sizes[id_],
            talks=talks[id_],
            title=latest[id_].title if id_ in latest else name[:1].upper() + name[1:],
            teachers=tuple(teachers[latest[id_].id]) if id_ in latest else (),
            room=latest[id_].room if id_ in latest else "",
            conferences=frozenset(planned[id_]),
        )
        for id_, name in sorted(groups, key=lambda row: _in_order(row.name))
    )


def _in_order(name: str) -> list[tuple[int, str]]:
    """Groep 9 stands before groep 10."""
    return [
        (int(part), "") if part.isdigit() else (0, part) for part in re.findall(r"[0-9]{1,9}|[^0-9]+", name.lower())
    ]


def habit(session: Session, school_id: int) -> Habit:
    """The first evening of the school's latest planning with times; the usual where there is none."""
    within = (col(Slot.school_id) == school_id,)
    latest = session.execute(select(func.max(col(Slot.planning_id))).where(*within)).scalar()
    if latest is None:
        return Habit()
    zone = session.execute(select(col(School.timezone)).where(col(School.id) == school_id)).scalar_one()
    sought = select(col(Slot.start), col(Slot.end)).where(*within, col(Slot.planning_id) == latest)
    spans = [(to_local(row.start, zone), to_local(row.end, zone)) for row in session.execute(sought)]
    first, ends = min(spans)
    of_day = [end for start, end in spans if start.date() == first.date()]
    until = max(of_day)
    if until.date() != first.date():
        return Habit()
    return Habit(int((ends - first).total_seconds() // 60), first.time(), until.time())


def _children(session: Session, school_id: int) -> tuple[Counter[int], Counter[int]]:
    """Children by group, and talks where each family has its own."""
    families = func.count(func.distinct(col(FamilyStudent.family_id)))
    sought = (
        select(col(StudentGroup.group_id), col(Student.id), families)
        .join(Student, col(Student.id) == col(StudentGroup.student_id))
        .outerjoin(FamilyStudent, col(FamilyStudent.student_id) == col(Student.id))
        .where(col(StudentGroup.school_id) == school_id, col(Student.left).is_(None))
        .group_by(col(StudentGroup.group_id), col(Student.id))
    )
    sizes: Counter[int] = Counter()
    talks: Counter[int] = Counter()
    for group_id, _, number in session.execute(sought):
        sizes[group_id] += 1
        talks[group_id] += max(1, number)
    return sizes, talks


def _latest(session: Session, school_id: int) -> tuple[dict[int, Any], dict[int, set[int]]]:
    """Each group's latest planning, and the conferences that it has one in."""
    sought = (
        select(
            col(PlanningGroup.group_id),
            col(Planning.id),
            col(Planning.title),
            col(Planning.room),
            col(Planning.conference_id),
        )
        .join(Planning, col(Planning.id) == col(PlanningGroup.planning_id))
        .where(col(PlanningGroup.school_id) == school_id)
        .order_by(col(Planning.id))
    )
    latest: dict[int, Any] = {}
    planned: dict[int, set[int]] = defaultdict(set)
    for row in session.execute(sought):
        latest[row.group_id] = row
        planned[row.group_id].add(row.conference_id)
    return latest, planned


def _teachers(session: Session, school_id: int, ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    sought = (
        select(col(PlanningTeacher.planning_id), col(Teacher.name), col(Teacher.email))
        .join(Teacher, col(Teacher.id) == col(PlanningTeacher.teacher_id))
        .where(col(PlanningTeacher.school_id) == school_id, col(PlanningTeacher.planning_id).in_(ids))
        .order_by(col(Teacher.name))
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in session.execute(sought):
        found[row.planning_id].append((row.name, row.email))
    return found

"""A group's children and their parents, as a list to take along ("ouderoverzicht", D17).

Parents of a blocked family are not on it (D18); a child who has left is not either. A child that has two families lends
its telephone and address to neither: each shows its own (rule 23). For the desk, and for teachers of the group.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import Session, col

from storage.database.joins import same
from storage.families.shared_children import shared_children
from storage.tables import Family, FamilyStudent, Group, PlanningGroup, PlanningTeacher, Slot, Student, StudentGroup
from storage.values import person_names
from storage.values.email_address import each

OWN_FOR = timedelta(days=60)  # after the last talk of their planning a group's list is a teacher's no more


@dataclass(frozen=True, slots=True)
class GroupChoice:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Parents:
    """One family of a child. `siblings` are (first name, groups) of its other children at school."""

    family: str
    siblings: tuple[tuple[str, tuple[str, ...]], ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChildOnList:
    """`name` as a list is sorted, `other_groups` besides this one."""

    name: str
    other_groups: tuple[str, ...]
    families: tuple[Parents, ...]


@dataclass(frozen=True, slots=True)
class GroupList:
    group: str
    children: tuple[ChildOnList, ...]


def groups_of(session: Session, school_id: int, now: datetime, *, own: int | None = None) -> tuple[GroupChoice, ...]:
    """Groups that have children, by name; of a teacher those of plannings that are to come or ended shortly ago."""
    pupils = (
        select(col(StudentGroup.group_id))
        .join(Student, col(Student.id) == col(StudentGroup.student_id))
        .where(col(StudentGroup.school_id) == school_id, col(Student.left).is_(None))
    )
    sought = select(col(Group.id), col(Group.name)).where(col(Group.school_id) == school_id, col(Group.id).in_(pupils))
    if own is not None:
        sought = sought.where(col(Group.id).in_(_taught(school_id, own, now)))
    rows = session.execute(sought.order_by(col(Group.name)))
    return tuple(GroupChoice(id_, name) for id_, name in rows if id_ is not None)


def lists(session: Session, school_id: int, groups: Iterable[GroupChoice]) -> tuple[GroupList, ...]:
    """A list for each group, in a few statements however many there are."""
    chosen = tuple(groups)
    members = defaultdict(list)
    for row in session.execute(_members(school_id, [group.id for group in chosen])):
        members[row.group_id].append(row)
    for rows in members.values():
        rows.sort(key=lambda row: (person_names.key(row.last_name), person_names.key(_called(row)), row.id))
    families = _families(session, school_id, [row.id for rows in members.values() for row in rows])
    in_groups, shared = _groups_of_students(session, school_id), shared_children(session, school_id)
    return tuple(
        GroupList(group.name, tuple(_child(row, group.name, families, in_groups, shared) for row in members[group.id]))
        for group in chosen
    )


def _child(
    row: Any,
    group: str,
    families: dict[int, dict[int, list[Any]]],
    in_groups: dict[int, list[str]],
    shared: frozenset[int],
) -> ChildOnList:
    of_child = families.get(row.id, {})
    shown = tuple(_parents(row.id, rows, in_groups, shared) for rows in of_child.values() if not rows[0].blocked)
    others = tuple(name for name in in_groups[row.id] if name != group)
    return ChildOnList(
        person_names.sorted_form(row.first_name, row.prefix, row.last_name, row.call_name), others, shown
    )


def _parents(student_id: int, children: list[Any], in_groups: dict[int, list[str]], shared: frozenset[int]) -> Parents:
    """One family, by the rows of all its children."""
    lending = [child for child in children if child.student_id not in shared]
    first = children[0]
    emails = (
        (first.family_email,)
        if first.family_email
        else _once(address for child in lending for address in each(child.email))
    )
    siblings = tuple(
        (_called(child), tuple(in_groups[child.student_id])) for child in children if child.student_id != student_id
    )
    return Parents(first.family, siblings, emails, _once(child.phone for child in lending))


def _called(child: Any) -> str:
    return person_names.called(child.first_name, child.call_name)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text that says something, once, whatever its case."""
    known: dict[str, str] = {}
    for text in texts:
        if text:
            known.setdefault(text.casefold(), text)
    return tuple(known.values())


def _members(school_id: int, group_ids: list[int]) -> Select[*tuple[Any, ...]]:
    columns: tuple[Any, ...] = (
        col(StudentGroup.group_id),
        col(Student.id),
        col(Student.first_name),
        col(Student.call_name),
        col(Student.prefix),
        col(Student.last_name),
    )
    sought: Select[*tuple[Any, ...]] = select(*columns)
    return (
        sought.join(Student, col(Student.id) == col(StudentGroup.student_id))
        .where(col(StudentGroup.school_id) == school_id, col(StudentGroup.group_id).in_(group_ids))
        .where(col(Student.left).is_(None))
    )


def _families(session: Session, school_id: int, student_ids: list[int]) -> dict[int, dict[int, list[Any]]]:
    """student → family → the rows of all that family's children who are at school, of families with one of these."""
    # Not by school too: these ids are all of one school, and SQLite would walk its whole key for each.
    concerned = select(col(FamilyStudent.family_id)).where(col(FamilyStudent.student_id).in_(student_ids)).distinct()
    family_ids = session.execute(concerned).scalars().all()
    columns: tuple[Any, ...] = (
        col(Family.id).label("family_id"),
        col(Family.name).label("family"),
        col(Family.email).label("family_email"),
        col(Family.blocked),
        col(Student.id).label("student_id"),
        col(Student.first_name),
        col(Student.call_name),
        col(Student.email),
        col(Student.phone),
    )
    sought: Select[*tuple[Any, ...]] = select(*columns)
    rows = session.execute(
        sought.select_from(FamilyStudent)
        .join(Family, col(Family.id) == col(FamilyStudent.family_id))
        .join(Student, col(Student.id) == col(FamilyStudent.student_id))
        .where(col(FamilyStudent.school_id) == school_id, col(Student.left).is_(None))
        .where(col(FamilyStudent.family_id).in_(family_ids))
        .order_by(col(Family.id), col(Student.first_name), col(Student.id))
    ).all()
    children: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        children[row.family_id].append(row)
    found: dict[int, dict[int, list[Any]]] = defaultdict(dict)
    for row in rows:
        found[row.student_id][row.family_id] = children[row.family_id]
    return found


def _groups_of_students(session: Session, school_id: int) -> dict[int, list[str]]:
    rows = session.execute(
        select(col(StudentGroup.student_id), col(Group.name))
        .join(Group, col(Group.id) == col(StudentGroup.group_id))
        .where(col(StudentGroup.school_id) == school_id)
        .order_by(col(Group.name))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for student_id, name in rows:
        found[student_id].append(name)
    return found


def _taught(school_id: int, teacher_id: int, now: datetime) -> Select[Any]:
    """The groups of this teacher's plannings."""
    last = (
        select(func.max(col(Slot.end)))
        .where(same(Slot.planning_id, PlanningGroup.planning_id))
        .correlate(PlanningGroup)
        .scalar_subquery()
    )
    return (
        select(col(PlanningGroup.group_id))
        .join(PlanningTeacher, col(PlanningTeacher.planning_id) == col(PlanningGroup.planning_id))
        .where(col(PlanningGroup.school_id) == school_id, col(PlanningTeacher.teacher_id) == teacher_id)
        .where(or_(last.is_(None), last > now - OWN_FOR))
    )

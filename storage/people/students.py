"""Students as the desk sees them, and changing one by hand.

Lists cost a constant number of queries, however many rows a page has. A change that touches what credentials are made
of renews them in the same transaction.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, or_, select
from sqlmodel import Session, col

from storage.auditing import record
from storage.importing.checks import BadCell, email, needed, tidy
from storage.importing.student_fields import (
    NO_FIRST_NAME,
    NO_LAST_NAME,
    birth_date,
    house_number,
    person_name,
    phone,
    postcode,
    split_last_name,
    student_number,
)
from storage.moments import local_day
from storage.people.credentials import renew
from storage.people.names import full, key, keys, sorted_form
from storage.tables import Family, FamilyStudent, Group, School, Student, StudentGroup
from storage.words import Act, By, Invalid, NotFound, Refused

PAGE = 50
MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class GroupView:
    id: int
    name: str
    students: int


@dataclass(frozen=True, slots=True)
class StudentLine:
    """One row of the list. `name` is in sorted form; `families` are (id, name)."""

    id: int
    name: str
    groups: str
    postcode: str
    house_number: str
    families: tuple[tuple[int, str], ...]
    left: bool


@dataclass(frozen=True, slots=True)
class StudentPage:
    """A page of the list; `total` counts all that fit, pages begin at 1."""

    lines: tuple[StudentLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class StudentView:
    """One student, all that is stored."""

    id: int
    name: str
    first_name: str
    prefix: str
    last_name: str
    call_name: str
    postcode: str
    house_number: str
    birth_date: date | None
    student_number: str
    email: str
    phone: str
    left: bool
    group_ids: frozenset[int]
    groups: str
    families: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class StudentForm:
    """What is typed about a student, as text; checked as an import is."""

    first_name: str
    prefix: str
    last_name: str
    call_name: str
    postcode: str
    house_number: str
    birth_date: str
    student_number: str
    email: str
    phone: str
    group_ids: frozenset[int]


def groups(session: Session, school_id: int) -> tuple[GroupView, ...]:
    """The school's groups by name, with how many students each has."""
    counted = (
        select(col(Group.id), col(Group.name), func.count(col(Student.id)))
        .outerjoin(StudentGroup, col(StudentGroup.group_id) == col(Group.id))
        .outerjoin(Student, (col(Student.id) == col(StudentGroup.student_id)) & col(Student.left).is_(None))
        .where(col(Group.school_id) == school_id)
        .group_by(col(Group.id), col(Group.name))
    )
    views = (GroupView(id_, name, count) for id_, name, count in _rows(session, counted))
    return tuple(sorted(views, key=lambda one: _natural(one.name)))


def students(
    session: Session,
    school_id: int,
    *,
    search: str = "",
    group_id: int | None = None,
    without_family: bool = False,
    page: int = 1,
    size: int = PAGE,
) -> StudentPage:
    """The students that fit, by last name. `search`: words that must all stand in the name, or the student number."""
    where = [col(Student.school_id) == school_id, *named_like(search)]
    if group_id is not None:
        where.append(
            exists().where(col(StudentGroup.student_id) == col(Student.id), col(StudentGroup.group_id) == group_id)
        )
    if without_family:
        where.append(~exists().where(col(FamilyStudent.student_id) == col(Student.id)))
    total = session.scalar(select(func.count()).select_from(Student).where(*where)) or 0
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    order = (func.lower(col(Student.last_name)), func.lower(col(Student.first_name)), col(Student.id))
    found = select(Student).where(*where).order_by(*order).offset((page - 1) * size).limit(size)
    rows = list(session.scalars(found))
    ids = [row.id for row in rows if row.id is not None]
    in_groups, in_families = groups_of(session, school_id, ids), _families_of(session, school_id, ids)
    lines = tuple(_line(row, in_groups, in_families) for row in rows)
    return StudentPage(lines, total, page, pages)


def student(session: Session, school_id: int, student_id: int) -> StudentView:
    """Raises Refused(NotFound)."""
    row = _row(session, school_id, student_id)
    ids = _group_ids(session, school_id, student_id)
    return StudentView(
        id=student_id,
        name=full(row.first_name, row.prefix, row.last_name, row.call_name),
        first_name=row.first_name,
        prefix=row.prefix,
        last_name=row.last_name,
        call_name=row.call_name,
        postcode=row.postcode,
        house_number=row.house_number,
        birth_date=row.birth_date,
        student_number=row.student_number,
        email=row.email,
        phone=row.phone,
        left=row.left is not None,
        group_ids=ids,
        groups=groups_of(session, school_id, [student_id]).get(student_id, ""),
        families=_families_of(session, school_id, [student_id]).get(student_id, ()),
    )


def edit(
    session: Session, school_id: int, student_id: int, form: StudentForm, by: By, now: datetime, pepper: bytes
) -> None:
    """Change a student by hand. Raises Refused: NotFound; Invalid with the first thing that is wrong."""
    row = _row(session, school_id, student_id)
    values = _checked(form, _today(session, school_id, now))
    if values["student_number"] and values["student_number"] != row.student_number:
        taken = select(col(Student.id)).where(
            col(Student.school_id) == school_id,
            col(Student.student_number) == values["student_number"],
            col(Student.id) != student_id,
        )
        if session.scalar(taken) is not None:
            raise Refused(Invalid("Another student has this student number."))
    if not form.group_ids:
        raise Refused(Invalid("Choose a group."))
    known = set(session.scalars(select(col(Group.id)).where(col(Group.school_id) == school_id)))
    if not form.group_ids <= known:
        raise Refused(NotFound("group"))
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    _set_groups(session, school_id, student_id, form.group_ids)
    renew(session, school_id, pepper)
    record(session, school_id, by, Act.STUDENT_CHANGED, student_id, now)


def named_like(search: str) -> list[ColumnElement[bool]]:
    """Every word stands somewhere in the student's name, or is its number or postcode."""
    conditions: list[ColumnElement[bool]] = []
    for word in search.split()[:MOST_WORDS]:
        texts = (Student.first_name, Student.prefix, Student.last_name, Student.call_name)
        fitting = [col(text).icontains(word, autoescape=True) for text in texts]
        if plain := key(word):
            fitting += [col(name).startswith(plain, autoescape=True) for name in (Student.name_key, Student.call_key)]
        fitting += [col(Student.student_number) == word, col(Student.postcode) == word.upper()]
        conditions.append(or_(*fitting))
    return conditions


def groups_of(session: Session, school_id: int, student_ids: list[int]) -> dict[int, str]:
    """Student → its groups as one text, in one query."""
    named = (
        select(col(StudentGroup.student_id), col(Group.name))
        .join(Group, col(Group.id) == col(StudentGroup.group_id))
        .where(col(StudentGroup.school_id) == school_id, col(StudentGroup.student_id).in_(student_ids))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for student_id, name in _rows(session, named):
        found[student_id].append(name)
    return {student_id: ", ".join(sorted(names, key=_natural)) for student_id, names in found.items()}


def _families_of(session: Session, school_id: int, student_ids: list[int]) -> dict[int, tuple[tuple[int, str], ...]]:
    named = (
        select(col(FamilyStudent.student_id), col(Family.id), col(Family.name))
        .join(Family, col(Family.id) == col(FamilyStudent.family_id))
        .where(col(FamilyStudent.school_id) == school_id, col(FamilyStudent.student_id).in_(student_ids))
        .order_by(col(Family.id))
    )
    found: dict[int, tuple[tuple[int, str], ...]] = {}
    for student_id, family_id, name in _rows(session, named):
        found[student_id] = (*found.get(student_id, ()), (family_id, name))
    return found


def _rows(session: Session, statement: Select[Any] | Any) -> Any:
    return session.execute(statement)


def _line(row: Student, in_groups: dict[int, str], in_families: dict[int, tuple[tuple[int, str], ...]]) -> StudentLine:
    assert row.id is not None
    return StudentLine(
        id=row.id,
        name=sorted_form(row.first_name, row.prefix, row.last_name, row.call_name),
        groups=in_groups.get(row.id, ""),
        postcode=row.postcode,
        house_number=row.house_number,
        families=in_families.get(row.id, ()),
        left=row.left is not None,
    )


def _row(session: Session, school_id: int, student_id: int) -> Student:
    row = session.scalar(select(Student).where(col(Student.school_id) == school_id, col(Student.id) == student_id))
    if row is None:
        raise Refused(NotFound("student"))
    return row


def _group_ids(session: Session, school_id: int, student_id: int) -> frozenset[int]:
    own = select(col(StudentGroup.group_id)).where(
        col(StudentGroup.school_id) == school_id, col(StudentGroup.student_id) == student_id
    )
    return frozenset(session.scalars(own))


def _set_groups(session: Session, school_id: int, student_id: int, group_ids: frozenset[int]) -> None:
    if _group_ids(session, school_id, student_id) == group_ids:
        return
    old = delete(StudentGroup).where(
        col(StudentGroup.school_id) == school_id, col(StudentGroup.student_id) == student_id
    )
    session.execute(old)
    rows = [{"school_id": school_id, "student_id": student_id, "group_id": id_} for id_ in sorted(group_ids)]
    session.execute(insert(StudentGroup), rows)


def _today(session: Session, school_id: int, now: datetime) -> date:
    zone = session.scalar(select(col(School.timezone)).where(col(School.id) == school_id))
    if zone is None:
        raise Refused(NotFound("school"))
    return local_day(now, zone)


def _checked(form: StudentForm, today: date) -> dict[str, Any]:
    try:
        prefix, last_name = needed(split_last_name, NO_LAST_NAME)(form.last_name)
        values: dict[str, Any] = {
            "first_name": needed(person_name, NO_FIRST_NAME)(form.first_name),
            "prefix": tidy(form.prefix, 30) or prefix,
            "last_name": last_name,
            "call_name": person_name(form.call_name),
            "postcode": postcode(form.postcode),
            "house_number": house_number(form.house_number),
            "birth_date": birth_date(form.birth_date, today=today),
            "student_number": student_number(form.student_number.strip()),
            "email": email(form.email.strip()),
            "phone": phone(form.phone.strip()),
        }
    except BadCell as bad:
        raise Refused(Invalid(bad.reason, bad.values)) from None
    values["name_key"], values["call_key"] = keys(values["first_name"], values["call_name"])
    return values


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """`groep 2` before `groep 10`."""
    parts: list[tuple[int, str]] = []
    digits = ""
    for letter in [*name.casefold(), ""]:
        if letter.isdecimal():
            digits += letter
            continue
        if digits:
            parts.append((int(digits), ""))
            digits = ""
        parts.append((-1, letter))
    return tuple(parts)

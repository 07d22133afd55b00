"""The list of students at the desk: looked up, filtered, in order, a page at a time. Only reads.

However many rows a page has, it costs the same number of queries. Names are compared and put in order here, not by the
database: SQLite knows no letters but A to Z, so there Özdemir would come after Zwart and "yilmaz" would find nobody.
A light read of 5,000 students and the sorting of them take a few hundredths of a second.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, func, select
from sqlmodel import Session, col

from storage.database.prepared import Prepared
from storage.tables import Family, FamilyStudent, Group, Student, StudentGroup
from storage.values.normalise import student_number as plain_number
from storage.values.person_names import called, key, sorted_form
from storage.values.sorting import MOST_WORDS, natural

PAGE = 50
# What a list may be asked for, beside a group: who lacks something, and who left.
DATA = ("postcode", "house_number", "birth_date", "student_number")
SHOWS = ("family", *DATA, "left")
SORTS = ("name", "group")
_SPACED_POSTCODE = re.compile(r"\b(\d{4}) ([a-z]{2})\b", re.IGNORECASE)


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
    """A page of the list; `total` counts all that fit, pages begin at 1. `leavers`: who would fit, but left."""

    lines: tuple[StudentLine, ...]
    total: int
    page: int
    pages: int
    leavers: int = 0


class _Rolled(NamedTuple):
    """What is needed of every student to find and order them. `born` and `left` are 1 where a moment is known."""

    id: int
    first_name: str
    prefix: str
    last_name: str
    call_name: str
    postcode: str
    house_number: str
    student_number: str
    born: int
    left: int


_ROLL = Prepared(
    select(
        col(Student.id),
        col(Student.first_name),
        col(Student.prefix),
        col(Student.last_name),
        col(Student.call_name),
        col(Student.postcode),
        col(Student.house_number),
        col(Student.student_number),
        # Numbers, not moments: turning 5,000 texts into dates that nobody looks at takes longer than reading them.
        case((col(Student.birth_date).is_(None), 0), else_=1),
        case((col(Student.left).is_(None), 0), else_=1),
    ).where(col(Student.school_id) == bindparam("school"))
)
_MEMBERS = Prepared(
    select(col(StudentGroup.student_id)).where(
        col(StudentGroup.school_id) == bindparam("school"), col(StudentGroup.group_id) == bindparam("group")
    )
)
_AT_HOME = Prepared(
    select(col(FamilyStudent.student_id)).distinct().where(col(FamilyStudent.school_id) == bindparam("school"))
)
_GROUP_NAMES = Prepared(
    select(col(StudentGroup.student_id), col(Group.name))
    .join(Group, col(Group.id) == col(StudentGroup.group_id))
    .where(col(StudentGroup.school_id) == bindparam("school"))
)


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
    return tuple(sorted(views, key=lambda one: natural(one.name)))


def students(
    session: Session,
    school_id: int,
    *,
    search: str = "",
    group_id: int | None = None,
    show: str = "",
    sort: str = "name",
    page: int = 1,
    size: int = PAGE,
) -> StudentPage:
    """The students that fit, leavers only where `show` asks for them.

    `search`: words that must all stand in the name, or the student number, or a postcode. `show`: one of SHOWS, what
    they lack or that they left. `sort`: one of SORTS.
    """
    fitting = list(_fitting(session, school_id, search, group_id, show))
    wanted = [one for one in fitting if bool(one.left) == (show == "left")]
    wanted.sort(key=_by_group(session, school_id) if sort == "group" else _by_name)
    pages = max(1, -(-len(wanted) // size))
    page = min(max(1, page), pages)
    shown = wanted[(page - 1) * size : page * size]
    ids = [one.id for one in shown]
    in_groups, in_families = groups_of(session, school_id, ids), families_of(session, school_id, ids)
    lines = tuple(
        StudentLine(
            id=one.id,
            name=sorted_form(one.first_name, one.prefix, one.last_name, one.call_name),
            groups=in_groups.get(one.id, ""),
            postcode=one.postcode,
            house_number=one.house_number,
            families=in_families.get(one.id, ()),
            left=bool(one.left),
        )
        for one in shown
    )
    return StudentPage(lines, len(wanted), page, pages, 0 if show == "left" else len(fitting) - len(wanted))


def named(session: Session, school_id: int, search: str) -> list[int]:
    """The ids of all students, leavers too, whose name, number or postcode fits these words."""
    return [one.id for one in _fitting(session, school_id, search, None, "")]


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
    return {student_id: ", ".join(sorted(names, key=natural)) for student_id, names in found.items()}


def families_of(session: Session, school_id: int, student_ids: list[int]) -> dict[int, tuple[tuple[int, str], ...]]:
    """Student → its families as (id, name), in one query."""
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


def _fitting(session: Session, school_id: int, search: str, group_id: int | None, show: str) -> Iterable[_Rolled]:
    rows: Iterable[Any] = _ROLL.rows(session, school=school_id)
    found: Iterable[_Rolled] = map(_Rolled._make, rows)
    if group_id is not None:
        members = {id_ for (id_,) in _MEMBERS.rows(session, school=school_id, group=group_id)}
        found = (one for one in found if one.id in members)
    if show == "family":
        at_home = {id_ for (id_,) in _AT_HOME.rows(session, school=school_id)}
        found = (one for one in found if one.id not in at_home)
    elif show in DATA:
        place = _Rolled._fields.index("born" if show == "birth_date" else show)
        found = (one for one in found if not one[place])
    for word in _SPACED_POSTCODE.sub(r"\1\2", search).split()[:MOST_WORDS]:
        found = filter(_holding(word), found)
    return found


def _holding(word: str) -> Callable[[_Rolled], bool]:
    """Whether a student's name holds this word, or it is the number, or the beginning of the postcode."""
    plain, number, place = key(word), plain_number(word), word.upper()
    is_number = any(map(str.isdigit, word))

    def holds(one: _Rolled) -> bool:
        if is_number and (one.postcode.startswith(place) or number == plain_number(one.student_number)):
            return True
        names = (one.first_name, one.last_name, one.prefix, one.call_name)
        return any(plain in key(name) for name in names if name)

    return holds if plain else lambda _one: True


def _by_name(one: _Rolled) -> tuple[Any, ...]:
    return key(one.last_name), key(called(one.first_name, one.call_name)), one.prefix, one.id


def _by_group(session: Session, school_id: int) -> Callable[[_Rolled], tuple[Any, ...]]:
    """By the first of a student's groups, then by name; who has no group comes last."""
    first: dict[int, tuple[tuple[int, str], ...]] = {}
    keys: dict[str, tuple[tuple[int, str], ...]] = {}
    for student_id, name in _GROUP_NAMES.rows(session, school=school_id):
        place = keys.setdefault(name, natural(name))
        first[student_id] = min(place, first.get(student_id, place))
    return lambda one: (one.id not in first, first.get(one.id, ()), *_by_name(one))


def _rows(session: Session, statement: Any) -> Any:
    return session.execute(statement)

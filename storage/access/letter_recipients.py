"""Which families get a letter, and on which group's pile it lies (D25). Only reads.

A family gets one letter, however many of its children are in the chosen groups: it goes with the youngest of them.
Never a blocked family (D18), nor one whose children have all left.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from storage.database.joins import same
from storage.tables import Credential, Family, FamilyStudent, Group, Link, Student, StudentGroup
from storage.values.person_names import called, sorted_form
from storage.values.sorting import natural
from storage.words import SecretKind


class Who(StrEnum):
    """Which of the families of the chosen groups."""

    ALL = ""
    UNLINKED = "unlinked"  # no chat of theirs is linked yet
    BARE = "bare"  # the school's kind of secret does not let them in


@dataclass(frozen=True, slots=True)
class LetterSelection:
    """For whom letters are made. `groups` None is every group, and the children who are in none."""

    groups: frozenset[int] | None = None
    who: Who = Who.ALL
    family_id: int | None = None  # one family, whatever else is chosen


@dataclass(frozen=True, slots=True)
class LetterRecipient:
    """One letter. `child` is whom it is given to, in sorted form; `coded`: only a code of its own lets it in, or
    nothing does."""

    family_id: int
    family: str
    children: tuple[str, ...]
    child: str
    group: str
    coded: bool


class _Child(NamedTuple):
    family_id: int
    id: int
    first_name: str
    prefix: str
    last_name: str
    call_name: str
    birth_date: date | None


def letter_recipients(session: Session, school_id: int, choice: LetterSelection) -> tuple[LetterRecipient, ...]:
    """Who gets a letter, by group and within it by the child's last name. Five queries, however large the school."""
    names = _families(session, school_id, choice)
    children = _children(session, school_id, set(names))
    groups = _groups(session, school_id)
    opened = _opened(session, school_id)
    found = []
    for family_id, own in children.items():
        coded = family_id not in opened
        placed = [(child, groups.get(child.id, {})) for child in own]
        here = [(child, name) for child, of in placed if (name := _pile(of, choice)) is not None]
        if here and (coded or choice.who is not Who.BARE):
            child, group = max(here, key=_youngest)
            first_names = tuple(called(one.first_name, one.call_name) for one in own)
            found.append(LetterRecipient(family_id, names[family_id], first_names, _sorted(child), group, coded))
    return tuple(sorted(found, key=lambda one: (one.group == "", natural(one.group), one.child.casefold())))


def _families(session: Session, school_id: int, choice: LetterSelection) -> dict[int, str]:
    wanted = select(col(Family.id), col(Family.name)).where(
        col(Family.school_id) == school_id, col(Family.blocked).is_(False)
    )
    if choice.family_id is not None:
        wanted = wanted.where(col(Family.id) == choice.family_id)
    if choice.who is Who.UNLINKED:
        wanted = wanted.where(
            col(Family.id).not_in(select(col(Link.family_id)).where(col(Link.school_id) == school_id))
        )
    rows: Any = session.connection().execute(wanted)
    return {id_: name for id_, name in rows}  # noqa: C416


def _children(session: Session, school_id: int, family_ids: set[int]) -> dict[int, list[_Child]]:
    """Of each family those who are at school, by age."""
    rows: Any = session.connection().execute(
        select(
            col(FamilyStudent.family_id),
            col(Student.id),
            col(Student.first_name),
            col(Student.prefix),
            col(Student.last_name),
            col(Student.call_name),
            col(Student.birth_date),
        )
        .join(Student, same(Student.id, FamilyStudent.student_id))
        .where(col(FamilyStudent.school_id) == school_id, col(Student.left).is_(None))
        .order_by(col(Student.birth_date), col(Student.id))
    )
    found: dict[int, list[_Child]] = defaultdict(list)
    for row in rows:
        child = _Child(*row)
        if child.family_id in family_ids:
            found[child.family_id].append(child)
    return found


def _groups(session: Session, school_id: int) -> dict[int, dict[int, str]]:
    """Student → its groups, id → name."""
    rows: Any = session.connection().execute(
        select(col(StudentGroup.student_id), col(Group.id), col(Group.name))
        .join(Group, same(Group.id, StudentGroup.group_id))
        .where(col(StudentGroup.school_id) == school_id)
    )
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for student_id, group_id, name in rows:
        found[student_id][group_id] = name
    return found


def _opened(session: Session, school_id: int) -> set[int]:
    """The families that the school's kind of secret lets in."""
    own = select(col(Credential.family_id)).where(
        col(Credential.school_id) == school_id, col(Credential.kind) != SecretKind.CODE
    )
    return set(session.connection().execute(own.distinct()).scalars())


def _pile(groups: dict[int, str], choice: LetterSelection) -> str | None:
    """The name of the child's group among the chosen ones, '' for a child without, None where it is not chosen."""
    if choice.groups is None or choice.family_id is not None:
        return min(groups.values(), key=natural, default="")
    chosen = [name for id_, name in groups.items() if id_ in choice.groups]
    return min(chosen, key=natural) if chosen else None


def _youngest(placed: tuple[_Child, str]) -> tuple[date, int]:
    child, _ = placed
    return child.birth_date or date.min, child.id


def _sorted(child: _Child) -> str:
    return sorted_form(child.first_name, child.prefix, child.last_name, child.call_name)

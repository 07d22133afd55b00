"""A checked list of students beside what the school has: what is new, changed and gone (D5, rule 26). Only reads.

Written for 50,000 rows: the school is read once, rows are plain tuples.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select
from sqlmodel import col

from storage.column_types import UtcDateTime
from storage.database.joins import same
from storage.importing.columns.table import Read
from storage.importing.counts import ImportCounts
from storage.importing.students.matching import Matches, Stored, match
from storage.importing.students.student_row import StudentRow
from storage.tables import Booking, Group, Slot, Student, StudentGroup
from storage.values.person_names import full, group_key
from storage.values.student_data import number_key

_STUDENTS = select(
    col(Student.id),
    col(Student.first_name),
    col(Student.prefix),
    col(Student.last_name),
    col(Student.postcode),
    col(Student.house_number),
    col(Student.birth_date),
    col(Student.student_number),
    col(Student.email),
    col(Student.phone),
    col(Student.call_name),
    col(Student.left),
).where(col(Student.school_id) == bindparam("school"))
_MEMBERS = select(col(StudentGroup.student_id), col(StudentGroup.group_id)).where(
    col(StudentGroup.school_id) == bindparam("school")
)
_GROUPS = select(col(Group.name), col(Group.id)).where(col(Group.school_id) == bindparam("school"))
_OWN = ("first_name", "prefix", "last_name", "postcode", "house_number", "birth_date", "student_number")
COMPARED_FIELDS = (*_OWN, "email", "phone", "call_name")
_KEPT_WHEN_EMPTY = frozenset({"birth_date", "student_number"})  # who somebody is, is not forgotten
_TALKS = (
    select(col(Booking.student_id), func.count())
    .join(Slot, same(Slot.id, Booking.slot_id))
    .where(
        col(Booking.school_id) == bindparam("school"),
        col(Booking.cancelled).is_(None),
        col(Slot.start) > bindparam("now", type_=UtcDateTime()),
    )
    .group_by(col(Booking.student_id))
)
SHOWN = 200  # newcomers are named up to here; their number is told
MANY = 3  # when a third of the school is gone, the file is rather a part of a list


class Change(NamedTuple):
    """One field of a student: what is stored and what the file says, as text. `field` is "left" for who is back."""

    field: str
    old: str
    new: str


class Changed(NamedTuple):
    student_id: int
    name: str
    changes: tuple[Change, ...]


class ProposedLeaver(NamedTuple):
    """A student of the school who is not in the file, proposed as a leaver.

    `talks`: how many it has ahead. `likely`: it has most probably left. That is where the file lists its group without
    it, it has no talk ahead, and fewer than a third of the school is gone: a file of some groups, or one that was cut
    off, must not take anybody's talk away by a button that was pressed in good faith.
    """

    student_id: int
    name: str
    groups: tuple[str, ...]
    talks: int
    likely: bool


@dataclass(frozen=True, slots=True)
class Difference(ImportCounts):
    """What a list would change, or did. With any error nothing is applied. `new_groups` are made with it."""

    newcomers: tuple[str, ...]  # the first SHOWN of them
    changes: tuple[Changed, ...]
    gone: tuple[ProposedLeaver, ...]
    new_groups: tuple[str, ...]


class Comparison:
    """The rows beside the school's students: read once when made."""

    def __init__(self, connection: Connection, school_id: int, read: Read[StudentRow], now: datetime) -> None:
        self.connection, self.school_id, self.read, self.now = connection, school_id, read, now
        self.group_ids = {group_key(name): id_ for name, id_ in self.group_names().items()}
        self.stored = list(_stored(connection, school_id))
        self.row_groups: dict[tuple[str, ...], set[int]] = {}
        self.matches: Matches = match(read.rows, self.stored, self.groups_of)
        # A cell that says nothing about a column that is there says that there is nothing.
        self.fields = [name for name in COMPARED_FIELDS if name in read.fields or name == "prefix"]
        self.changed: list[tuple[Stored, StudentRow, tuple[Change, ...]]] = []
        if self.stored:
            self._compare()

    def groups_of(self, row: StudentRow) -> set[int]:
        """The ids of a row's groups; of those that the school does not have yet, 0."""
        found = self.row_groups.get(row.groups)
        if found is None:
            found = self.row_groups[row.groups] = self._ids(row.groups)
        return found

    def difference(self) -> Difference:
        rows, errors = self.read.rows, sorted([*self.read.errors, *self.matches.errors], key=lambda error: error.line)
        bad_lines = {error.line for error in errors}
        new = [row for row, student in zip(rows, self.matches.students, strict=True) if student is None]
        if self.matches.errors:
            new = [row for row in new if row.line not in bad_lines]
        return Difference(
            read=len(rows) + len({error.line for error in self.read.errors}),
            new=len(new),
            changed=len(self.changed),
            unchanged=len(rows) - len(new) - len(self.changed) - len({error.line for error in self.matches.errors}),
            refused=len(bad_lines),
            errors=tuple(errors),
            newcomers=tuple(
                full(row.first_name, row.prefix, row.last_name, row.call_name) for row in islice(new, SHOWN)
            ),
            changes=tuple(Changed(old.id, _name(old), changes) for old, _, changes in self.changed),
            gone=() if errors else self._gone(),
            new_groups=self.new_groups(),
        )

    def _compare(self) -> None:
        for row, student in zip(self.read.rows, self.matches.students, strict=True):
            if student is None:
                continue
            changes = tuple(self._changes(student, row))
            if changes:
                self.changed.append((student, row, changes))

    def _changes(self, old: Stored, row: StudentRow) -> Iterator[Change]:
        for name in self.fields:
            was, new = getattr(old, name), getattr(row, name)
            if was != new and self.counts(name, was, new):
                yield Change(name, _shown(was), _shown(new))
        if self.groups_of(row) != old.groups:
            names = {id_: name for name, id_ in self.group_names().items()}
            yield Change("group", ", ".join(sorted(names[id_] for id_ in old.groups)), ", ".join(row.groups))
        if old.left:
            yield Change("left", "", "")

    def counts(self, name: str, was: Any, new: Any) -> bool:
        """Whether a difference is news: an empty number is not, nor one that lost its zeros to Excel."""
        if name in _KEPT_WHEN_EMPTY and not new:
            return False
        if name == "prefix" and not new and "prefix" not in self.read.fields:
            return False
        return not (name == "student_number" and was and number_key(was) == number_key(new) and len(was) >= len(new))

    def group_names(self) -> dict[str, int]:
        rows: Any = self.connection.execute(_GROUPS, {"school": self.school_id})
        return {name: id_ for name, id_ in rows}  # noqa: C416

    def new_groups(self) -> tuple[str, ...]:
        together = dict.fromkeys(row.groups for row in self.read.rows)
        names: dict[str, str] = {}
        for groups in together:
            for name in groups:
                if group_key(name) not in self.group_ids:
                    names.setdefault(group_key(name), name)
        return tuple(names.values())

    def _gone(self) -> tuple[ProposedLeaver, ...]:
        known = self.matches.known
        gone = [student for student in self.stored if student.id not in known and not student.left]
        if not gone:
            return ()
        names = {id_: name for name, id_ in self.group_names().items()}
        rows: Any = self.connection.execute(_TALKS, {"school": self.school_id, "now": self.now})
        talks = dict(tuple(row) for row in rows)
        listed = {id_ for groups in {row.groups for row in self.read.rows} for id_ in self._ids(groups)}
        here = sum(1 for student in self.stored if not student.left)
        some = len(gone) * MANY < here
        return tuple(
            ProposedLeaver(
                one.id,
                _name(one),
                tuple(sorted(names[id_] for id_ in one.groups)),
                talks.get(one.id, 0),
                some and bool(one.groups) and one.groups <= listed and one.id not in talks,
            )
            for one in gone
        )

    def _ids(self, groups: Iterable[str]) -> set[int]:
        return {self.group_ids.get(group_key(name), 0) for name in groups}


def _stored(connection: Connection, school_id: int) -> Iterator[Stored]:
    groups: dict[int, set[int]] = {}
    members: Any = connection.execute(_MEMBERS, {"school": school_id})
    for student, group in members:
        groups.setdefault(student, set()).add(group)
    students: Any = connection.execute(_STUDENTS, {"school": school_id})
    for id_, *others in students:
        yield Stored._make([id_, *others, frozenset(groups.get(id_, ()))])


def _name(student: Stored) -> str:
    return full(student.first_name, student.prefix, student.last_name, student.call_name)


def _shown(value: object) -> str:
    return "" if value is None else str(value)

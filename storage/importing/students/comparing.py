"""A checked list of students beside what the school has: what is new, changed and gone (D5, rule 26). Only reads.

Written for 50,000 rows: the school is read once, rows are plain tuples.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
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
from storage.importing.files.limits import RowError
from storage.importing.students.matching import Matches, Stored, match
from storage.importing.students.student_row import StudentRow
from storage.tables import Booking, Group, Planning, PlanningGroup, Slot, Student, StudentGroup
from storage.values.group_names import same_key
from storage.values.person_names import full, group_key
from storage.values.student_data import number_key
from storage.words import PlanningState

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
_AHEAD = (
    col(Booking.school_id) == bindparam("school"),
    col(Booking.cancelled).is_(None),
    col(Slot.start) > bindparam("now", type_=UtcDateTime()),
)
_TALKS_OF_GROUPS = (
    select(col(Booking.student_id), col(Slot.id), col(Slot.start), col(Planning.title), col(PlanningGroup.group_id))
    .join(Slot, same(Slot.id, Booking.slot_id))
    .join(Planning, same(Planning.id, Slot.planning_id))
    .join(PlanningGroup, same(PlanningGroup.planning_id, Planning.id))
    .where(*_AHEAD)
    .order_by(col(Slot.start), col(Booking.student_id))
)
_PUBLISHED = (
    select(col(Planning.id), col(Planning.title), col(PlanningGroup.group_id))
    .join(PlanningGroup, same(PlanningGroup.planning_id, Planning.id))
    .where(
        col(Planning.school_id) == bindparam("school"),
        col(Planning.state) == PlanningState.PUBLISHED,
        select(col(Slot.id))
        .where(same(Slot.planning_id, Planning.id), col(Slot.start) > bindparam("now", type_=UtcDateTime()))
        .exists(),
    )
    .order_by(col(Planning.title), col(Planning.id))
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


class Regrouped(NamedTuple):
    """A student who leaves a group while it has a talk ahead with that group's teacher; the talk stays as it is."""

    student_id: int
    name: str
    start: datetime
    title: str  # of the planning


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
    """What a list would change, or did. `new_groups` are made with it.

    With any error nothing is applied, unless the wrong rows are left out by choice.
    """

    newcomers: tuple[str, ...]  # the first SHOWN of them
    changes: tuple[Changed, ...]
    gone: tuple[ProposedLeaver, ...]
    new_groups: tuple[str, ...]
    remarks: tuple[RowError, ...] = ()  # what was left out of rows that come in, and rows that were passed over
    regrouped: tuple[Regrouped, ...] = ()
    emptied: tuple[str, ...] = ()  # published plannings with talks ahead that would be left without any child


class Comparison:
    """The rows beside the school's students: read once when made."""

    def __init__(
        self,
        connection: Connection,
        school_id: int,
        read: Read[StudentRow],
        now: datetime,
        kept: Collection[int] = (),
    ) -> None:
        """`kept`: the students of whom the list's changes are not taken."""
        self.kept = frozenset(kept)
        self.connection, self.school_id, self.read, self.now = connection, school_id, read, now
        self.group_ids = {group_key(name): id_ for name, id_ in self.group_names().items()}
        self.alike = _alike(self.group_ids, read)
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
            gone=self._gone(bad_lines),
            new_groups=self.new_groups(),
            remarks=self.read.remarks,
            regrouped=self._regrouped(),
            emptied=self._emptied(),
        )

    def _compare(self) -> None:
        for row, student in zip(self.read.rows, self.matches.students, strict=True):
            if student is None or student.id in self.kept:
                continue
            changes = tuple(self._changes(student, row))
            if changes:
                self.changed.append((student, row, changes))

    def _changes(self, old: Stored, row: StudentRow) -> Iterator[Change]:
        for name in self.fields:
            was, new = getattr(old, name), getattr(row, name)
            if was != new and self.counts(name, was, new):
                yield Change(name, _shown(was), _shown(new))
        if row.groups and self.groups_of(row) != old.groups:
            names = {id_: name for name, id_ in self.group_names().items()}
            yield Change("group", ", ".join(sorted(names[id_] for id_ in old.groups)), ", ".join(row.groups))
        if old.left:
            yield Change("left", "", "")

    def counts(self, name: str, was: Any, new: Any) -> bool:
        """Whether a difference is news: an empty cell is not (what was typed by hand stays), nor a number that lost its
        zeros to Excel."""
        if not new:
            return False
        return not (name == "student_number" and was and number_key(was) == number_key(new) and len(was) >= len(new))

    def group_names(self) -> dict[str, int]:
        rows: Any = self.connection.execute(_GROUPS, {"school": self.school_id})
        return {name: id_ for name, id_ in rows}  # noqa: C416

    def new_groups(self) -> tuple[str, ...]:
        rows = zip(self.read.rows, self.matches.students, strict=True)
        together = dict.fromkeys(row.groups for row, student in rows if student is None or student.id not in self.kept)
        names: dict[str, str] = {}
        for groups in together:
            for name in groups:
                if not self._id(name):
                    names.setdefault(group_key(name), name)
        return tuple(names.values())

    def _regrouped(self) -> tuple[Regrouped, ...]:
        """Who leaves the group of a planning in which it has a talk ahead."""
        leaving = {old.id: old.groups - self.groups_of(row) for old, row, changes in self.changed if _moves(changes)}
        if not leaving:
            return ()
        found: Any = self.connection.execute(_TALKS_OF_GROUPS, {"school": self.school_id, "now": self.now})
        talks: dict[tuple[int, int], tuple[set[int], datetime, str]] = {}
        for student, slot, start, title, group in found:
            talks.setdefault((student, slot), (set(), start, title))[0].add(group)
        names = {old.id: _name(old) for old, _, _ in self.changed}
        still = {old.id: self.groups_of(row) for old, row, _ in self.changed}
        return tuple(
            Regrouped(student, names[student], start, title)
            for (student, _), (groups, start, title) in talks.items()
            if student in leaving and groups & leaving[student] and not groups & still[student]
        )

    def _emptied(self) -> tuple[str, ...]:
        """Published plannings with talks ahead whose groups would all lose their last child."""
        changes = [(old, self.groups_of(row)) for old, row, found in self.changed if _moves(found) and not old.left]
        if not changes:
            return ()
        members: Counter[int] = Counter(id_ for one in self.stored if not one.left for id_ in one.groups)
        before = Counter(members)
        for old, now in changes:
            members.subtract(old.groups)
            members.update(now)
        found: Any = self.connection.execute(_PUBLISHED, {"school": self.school_id, "now": self.now})
        plannings: dict[tuple[int, str], set[int]] = {}
        for planning, title, group in found:
            plannings.setdefault((planning, title), set()).add(group)
        return tuple(
            title
            for (_, title), groups in plannings.items()
            if any(before[id_] > 0 for id_ in groups) and not any(members[id_] > 0 for id_ in groups)
        )

    def _gone(self, bad_lines: Collection[int] = ()) -> tuple[ProposedLeaver, ...]:
        """Who is not in the list. Where rows were refused nobody is likely to be: a row that is wrong may be theirs."""
        known = self.matches.known
        gone = [student for student in self.stored if student.id not in known and not student.left]
        if not gone:
            return ()
        names = {id_: name for name, id_ in self.group_names().items()}
        rows: Any = self.connection.execute(_TALKS, {"school": self.school_id, "now": self.now})
        talks = dict(tuple(row) for row in rows)
        listed = {id_ for groups in {row.groups for row in self.read.rows} for id_ in self._ids(groups)}
        here = sum(1 for student in self.stored if not student.left)
        some = len(gone) * MANY < here and not bad_lines
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
        return {self._id(name) for name in groups}

    def _id(self, name: str) -> int:
        """The school's group of this name, or of one that is written otherwise and can be no other; else 0."""
        return self.group_ids.get(group_key(name)) or self.alike.get(same_key(name), 0)


def _moves(changes: Iterable[Change]) -> bool:
    return any(change.field == "group" for change in changes)


def _alike(group_ids: Mapping[str, int], read: Read[StudentRow]) -> dict[str, int]:
    """What names have in common → the one group that has it: `01` is `1`, where the list knows only one of them."""
    ours: dict[str, list[str]] = {}
    for name in group_ids:
        ours.setdefault(same_key(name), []).append(name)
    theirs: dict[str, set[str]] = {}
    for groups in {row.groups for row in read.rows}:
        for name in groups:
            theirs.setdefault(same_key(name), set()).add(group_key(name))
    return {
        common: group_ids[names[0]]
        for common, names in ours.items()
        if len(names) == 1 and len(theirs.get(common, ())) == 1
    }


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

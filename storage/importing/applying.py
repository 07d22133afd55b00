"""A checked list of students against what the school has: shown first, then applied whole or not at all (D5, rule 26).

Students who are not in the file are named and nothing more: nobody is removed by a file. Never applies a list in which
one row is refused. Written for 50,000 rows: the school is read once, rows are plain tuples, the driver
writes them all at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlmodel import Session, col

from storage.auditing import record
from storage.importing import writing
from storage.importing.checks import Read
from storage.importing.counted import Counted
from storage.importing.matching import Matches, Stored, match, number_key
from storage.importing.student_fields import StudentRow
from storage.people.credentials import renew
from storage.people.names import full, group_key, key, keys
from storage.people.register import hold
from storage.tables import Group, Student, StudentGroup
from storage.words import Act, By

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
_COMPARED = (*_OWN, "email", "phone", "call_name")
_KEPT_WHEN_EMPTY = frozenset({"birth_date", "student_number"})  # who somebody is, is not forgotten
_SECRET = frozenset({"postcode", "house_number", "birth_date", "student_number"})  # what credentials are made of
_COLUMNS = ("id", "school_id", *_COMPARED, "name_key", "call_key", "left")
SHOWN = 200  # newcomers are named up to here; their number is told


class Change(NamedTuple):
    """One field of a student: what is stored and what the file says, as text. `field` is "left" for who is back."""

    field: str
    old: str
    new: str


class Changed(NamedTuple):
    student_id: int
    name: str
    changes: tuple[Change, ...]


class Gone(NamedTuple):
    """A student of the school who is not in the file: proposed as a leaver, never removed by it."""

    student_id: int
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference(Counted):
    """What a list would change, or did. With any error nothing is applied. `new_groups` are made with it."""

    newcomers: tuple[str, ...]  # the first SHOWN of them
    changes: tuple[Changed, ...]
    gone: tuple[Gone, ...]
    new_groups: tuple[str, ...]


def preview(session: Session, school_id: int, read: Read[StudentRow], now: datetime) -> Difference:  # noqa: ARG001
    """What `apply` would do with these rows. Writes nothing."""
    return _Comparison(session.connection(), school_id, read).difference()


def apply(session: Session, school_id: int, read: Read[StudentRow], by: By, now: datetime, pepper: bytes) -> Difference:
    """Make the school's students those of the list, all of it; nothing where the difference has errors.

    A field that the file has no column for stays as it is. Credentials that were made of changed data are renewed.
    """
    hold(session, school_id)
    compared = _Comparison(session.connection(), school_id, read)
    difference = compared.difference()
    if difference.errors or difference.empty:
        return difference
    compared.write()
    if any(change.field in _SECRET for changed in difference.changes for change in changed.changes):
        renew(session, school_id, pepper)
    record(session, school_id, by, Act.IMPORTED, None, now, kind="students", **difference.counts())
    return difference


class _Comparison:
    """The rows beside the school's students: read once when made."""

    def __init__(self, connection: Connection, school_id: int, read: Read[StudentRow]) -> None:
        self.connection, self.school_id, self.read = connection, school_id, read
        self.group_ids = {group_key(name): id_ for name, id_ in self.group_names().items()}
        self.stored = list(_stored(connection, school_id))
        self.row_groups: dict[tuple[str, ...], set[int]] = {}
        self.matches: Matches = match(read.rows, self.stored, self.groups_of)
        # A cell that says nothing about a column that is there says that there is nothing.
        self.fields = [name for name in _COMPARED if name in read.fields or name == "prefix"]
        self.changed: list[tuple[Stored, StudentRow, tuple[Change, ...]]] = []
        if self.stored:
            self._compare()

    def groups_of(self, row: StudentRow) -> set[int]:
        """The ids of a row's groups; of those that the school does not have yet, 0."""
        found = self.row_groups.get(row.groups)
        if found is None:
            found = {self.group_ids.get(group_key(name), 0) for name in row.groups}
            self.row_groups[row.groups] = found
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
            new_groups=self._new_groups(),
        )

    def write(self) -> None:
        for name in self._new_groups():
            values = {"school_id": self.school_id, "name": name}
            made: Any = self.connection.execute(insert(Group).returning(col(Group.id)), values).scalar_one()
            self.group_ids[group_key(name)] = made
        self.row_groups.clear()
        self._write_new()
        self._write_changed()

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
            if was != new and self._counts(name, was, new):
                yield Change(name, _shown(was), _shown(new))
        if self.groups_of(row) != old.groups:
            names = {id_: name for name, id_ in self.group_names().items()}
            yield Change("group", ", ".join(sorted(names[id_] for id_ in old.groups)), ", ".join(row.groups))
        if old.left:
            yield Change("left", "", "")

    def _counts(self, name: str, was: Any, new: Any) -> bool:
        """Whether a difference is news: an empty number is not, nor one that lost its zeros to Excel."""
        if name in _KEPT_WHEN_EMPTY and not new:
            return False
        if name == "prefix" and not new and "prefix" not in self.read.fields:
            return False
        return not (name == "student_number" and was and number_key(was) == number_key(new) and len(was) >= len(new))

    def group_names(self) -> dict[str, int]:
        rows: Any = self.connection.execute(_GROUPS, {"school": self.school_id})
        return {name: id_ for name, id_ in rows}  # noqa: C416

    def _new_groups(self) -> tuple[str, ...]:
        together = dict.fromkeys(row.groups for row in self.read.rows)
        names: dict[str, str] = {}
        for groups in together:
            for name in groups:
                if group_key(name) not in self.group_ids:
                    names.setdefault(group_key(name), name)
        return tuple(names.values())

    def _gone(self) -> tuple[Gone, ...]:
        known = self.matches.known
        gone = [student for student in self.stored if student.id not in known and not student.left]
        if not gone:
            return ()
        names = {id_: name for name, id_ in self.group_names().items()}
        return tuple(Gone(one.id, _name(one), tuple(sorted(names[id_] for id_ in one.groups))) for one in gone)

    def _write_new(self) -> None:
        rows = [row for row, student in zip(self.read.rows, self.matches.students, strict=True) if student is None]
        if rows:
            ids = writing.take_ids(self.connection, len(rows))
            writing.insert_rows(self.connection, Student, _COLUMNS, self._tuples(ids, rows))
            self._write_members(zip(ids, rows, strict=True))

    def _tuples(self, ids: Sequence[int], rows: Sequence[StudentRow]) -> Iterator[tuple[Any, ...]]:
        """Rows as the table has them, one at a time: keeping 50,000 tuples costs more than making them."""
        school, as_kept = self.school_id, writing.DateForm(self.connection)
        for id_, row in zip(ids, rows, strict=True):
            _, first, prefix, last, postcode, house, born, number, _, email, phone, call = row
            name, called = keys(first, call) if call else (key(first), "")
            yield (
                id_, school, first, prefix, last, postcode, house, as_kept[born], number, email, phone, call, name,
                called, None,
            )  # fmt: skip

    def _write_changed(self) -> None:
        if not self.changed:
            return
        update_one = update(Student).where(
            col(Student.school_id) == self.school_id, col(Student.id) == bindparam("student")
        )
        with_fields = update_one.values({name: bindparam(f"new_{name}") for name in (*_COMPARED, *_KEYS)})
        self.connection.execute(with_fields, [self._values(old, row) for old, row, _ in self.changed])
        moved = [(old.id, row) for old, row, _ in self.changed if self.groups_of(row) != old.groups]
        if moved:
            gone = delete(StudentGroup).where(
                col(StudentGroup.school_id) == self.school_id, col(StudentGroup.student_id) == bindparam("student")
            )
            self.connection.execute(gone, [{"student": id_} for id_, _ in moved])
            self._write_members(moved)

    def _values(self, old: Stored, row: StudentRow) -> dict[str, Any]:
        values: dict[str, Any] = {name: getattr(old, name) for name in _COMPARED}
        for name in self.fields:
            if self._counts(name, values[name], getattr(row, name)):
                values[name] = getattr(row, name)
        values["name_key"], values["call_key"] = keys(values["first_name"], values["call_name"])
        values["left"] = None
        return {f"new_{name}": value for name, value in values.items()} | {"student": old.id}

    def _write_members(self, students: Iterable[tuple[int, StudentRow]]) -> None:
        school, groups = self.school_id, self.groups_of
        members = ((school, id_, group) for id_, row in students for group in groups(row))
        writing.insert_rows(self.connection, StudentGroup, ("school_id", "student_id", "group_id"), members)


_KEYS = ("name_key", "call_key", "left")


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

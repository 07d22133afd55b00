"""A checked list of students into the school: shown first, then applied whole or not at all (D5, rule 26).

Students who are not in the list are proposed as leavers: somebody must tick them, none leaves by itself, and nobody is
deleted. Never applies a list in which one row is refused. The driver writes all rows at once, for there may be 50,000.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, update
from sqlmodel import Session, col

from storage.access.credentials import renew
from storage.access.register import hold
from storage.audit.record import record
from storage.database import bulk_insert
from storage.importing.columns.table import Read
from storage.importing.students.comparing import COMPARED_FIELDS, Changed, Comparison, Difference
from storage.importing.students.matching import Stored
from storage.importing.students.student_row import StudentRow
from storage.refusals import NotFound, Refused
from storage.school_year.leaving import leave
from storage.school_year.promotion import keep_group_names
from storage.tables import Group, Student, StudentGroup
from storage.values.person_names import group_key, key, keys
from storage.words import Act, Acting

# What credentials are made of; who is back gets them again.
_SECRET = frozenset({"postcode", "house_number", "birth_date", "student_number", "left"})
_REGROUPED = frozenset({"group"})
_COLUMNS = ("id", "school_id", *COMPARED_FIELDS, "name_key", "call_key", "left")
_KEYS = ("name_key", "call_key", "left")
COMPARED, WRITTEN = 0.4, 0.9  # how far `apply` is by then
_STEP = 500  # rows between two words about how far it is
Heard = Callable[[float], None]


def preview(
    session: Session, school_id: int, read: Read[StudentRow], now: datetime, kept: Collection[int] = ()
) -> Difference:
    """What `apply` would do with these rows. Writes nothing."""
    return Comparison(session.connection(), school_id, read, now, kept).difference()


def apply(
    session: Session,
    school_id: int,
    acting: Acting,
    read: Read[StudentRow],
    pepper: bytes,
    *,
    leavers: Collection[int] = (),
    kept: Collection[int] = (),
    without_wrong: bool = False,
    heard: Heard = lambda _part: None,
) -> Difference:
    """Make the school's students those of the list, all of it; nothing where the difference has errors.

    A field that the file has no column for stays as it is, and so does one of which the cell is empty. Credentials that
    were made of changed data are renewed. `without_wrong`: the rows with errors are left out, the others applied.
    `kept`: the students of whom the list's changes are not taken. `leavers`: those of the difference's `gone` who have
    left; they leave in the same transaction. `heard` is told how far it is, from 0 to 1. Raises Refused(NotFound) for a
    leaver who is not gone, and for one of `kept` who is not of the school.
    """
    hold(session, school_id)
    compared = Comparison(session.connection(), school_id, read, acting.now, kept)
    difference = compared.difference()
    heard(COMPARED)
    if difference.errors and not without_wrong:
        return difference
    if not set(leavers) <= {one.student_id for one in difference.gone}:
        raise Refused(NotFound("student"))
    if not set(kept) <= {one.id for one in compared.stored}:
        raise Refused(NotFound("student"))
    if not difference.empty:
        regrouped = [changed.student_id for changed in difference.changes if _touches(changed, _REGROUPED)]
        if regrouped:  # in August a school moves up by importing too: old talks keep the old group's name (rule 32)
            keep_group_names(session, school_id, regrouped)
        _Writing(compared).write(heard)
        if any(_touches(changed, _SECRET) for changed in difference.changes):
            renew(session, school_id, pepper)
        record(session, school_id, acting, Act.IMPORTED, None, kind="students", **difference.counts())
    if leavers:
        leave(session, school_id, acting, leavers)
    heard(WRITTEN)
    return difference


def _touches(changed: Changed, fields: Collection[str]) -> bool:
    return any(change.field in fields for change in changed.changes)


class _Writing:
    """What a comparison found, into the tables."""

    def __init__(self, compared: Comparison) -> None:
        self.compared = compared
        self.connection, self.school_id = compared.connection, compared.school_id

    def write(self, heard: Heard) -> None:
        for name in self.compared.new_groups():
            values = {"school_id": self.school_id, "name": name}
            made: Any = self.connection.execute(insert(Group).returning(col(Group.id)), values).scalar_one()
            self.compared.group_ids[group_key(name)] = made
        self.compared.row_groups.clear()
        self._write_new(heard)
        self._write_changed()

    def _write_new(self, heard: Heard) -> None:
        compared = self.compared
        wrong = {error.line for error in compared.matches.errors}
        pairs = zip(compared.read.rows, compared.matches.students, strict=True)
        rows = [row for row, known in pairs if known is None and row.line not in wrong]
        if rows:
            ids = bulk_insert.take_ids(self.connection, len(rows))
            made = _told(self._tuples(ids, rows), len(rows), heard)
            bulk_insert.insert_rows(self.connection, Student, _COLUMNS, made)
            self._write_members(zip(ids, rows, strict=True))

    def _tuples(self, ids: Sequence[int], rows: Sequence[StudentRow]) -> Iterator[tuple[Any, ...]]:
        """Rows as the table has them, one at a time: keeping 50,000 tuples costs more than making them."""
        school, as_kept = self.school_id, bulk_insert.DateForm(self.connection)
        for id_, row in zip(ids, rows, strict=True):
            _, first, prefix, last, postcode, house, born, number, _, email, phone, call = row
            name, called = keys(first, call) if call else (key(first), "")
            yield (
                id_, school, first, prefix, last, postcode, house, as_kept[born], number, email, phone, call, name,
                called, None,
            )  # fmt: skip

    def _write_changed(self) -> None:
        changed = self.compared.changed
        if not changed:
            return
        update_one = update(Student).where(
            col(Student.school_id) == self.school_id, col(Student.id) == bindparam("student")
        )
        with_fields = update_one.values({name: bindparam(f"new_{name}") for name in (*COMPARED_FIELDS, *_KEYS)})
        self.connection.execute(with_fields, [self._values(old, row) for old, row, _ in changed])
        moved = [(old.id, row) for old, row, _ in changed if row.groups and self.compared.groups_of(row) != old.groups]
        if moved:
            gone = delete(StudentGroup).where(
                col(StudentGroup.school_id) == self.school_id, col(StudentGroup.student_id) == bindparam("student")
            )
            self.connection.execute(gone, [{"student": id_} for id_, _ in moved])
            self._write_members(moved)

    def _values(self, old: Stored, row: StudentRow) -> dict[str, Any]:
        values: dict[str, Any] = {name: getattr(old, name) for name in COMPARED_FIELDS}
        for name in self.compared.fields:
            if self.compared.counts(name, values[name], getattr(row, name)):
                values[name] = getattr(row, name)
        values["name_key"], values["call_key"] = keys(values["first_name"], values["call_name"])
        values["left"] = None
        return {f"new_{name}": value for name, value in values.items()} | {"student": old.id}

    def _write_members(self, students: Iterable[tuple[int, StudentRow]]) -> None:
        school, groups = self.school_id, self.compared.groups_of
        members = ((school, id_, group) for id_, row in students for group in groups(row))
        bulk_insert.insert_rows(self.connection, StudentGroup, ("school_id", "student_id", "group_id"), members)


def _told(rows: Iterator[tuple[Any, ...]], many: int, heard: Heard) -> Iterator[tuple[Any, ...]]:
    """The rows, with a word now and then about how many are on their way."""
    for number, row in enumerate(rows):
        if number % _STEP == 0:
            heard(COMPARED + (WRITTEN - COMPARED) * number / many)
        yield row

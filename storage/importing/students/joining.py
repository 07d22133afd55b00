"""Rows of one child taken together: a list may have a row for each guardian, or for each group (rule 26).

Only rows that say nothing different of the child: what contradicts stays apart, for the matching to refuse.
"""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

from storage.importing.columns.table import Read
from storage.importing.files.limits import RowError
from storage.importing.students.student_row import StudentRow
from storage.msgids import N_, pairs
from storage.values.email_address import LONGEST, each
from storage.values.person_names import called, key
from storage.values.student_data import number_key

_SAME = ("first_name", "prefix", "last_name", "postcode", "house_number", "birth_date", "student_number", "call_name")


def joined(read: Read[StudentRow]) -> Read[StudentRow]:
    """The rows with those of one child made one: its groups and addresses together, the first phone number."""
    rows = read.rows
    numbers = {row.student_number for row in rows}
    if len(numbers) == len(rows) and "" not in numbers:
        return read  # the usual list: a number for each child
    first: dict[Hashable, int] = {}
    kept: list[StudentRow | None] = list(rows)
    for place, row in enumerate(rows):
        identity = _identity(row)
        known = first.setdefault(identity, place)
        if known == place:
            continue
        above = kept[known]
        together = _together(above, row) if above is not None else None
        if together is not None:
            kept[known], kept[place] = together, None
    lost = kept.count(None)
    if not lost:
        return read
    reason = N_("Rows of a child that stands in another row too, put together with it: %(rows)s.")
    told = RowError(0, None, reason, pairs(rows=lost))
    return replace(read, rows=tuple(row for row in kept if row is not None), remarks=(told, *read.remarks))


def _identity(row: StudentRow) -> Hashable:
    """A number decides; else the name with a birth date; else only a row that is wholly the same."""
    if row.student_number:
        return number_key(row.student_number)
    name = key(called(row.first_name, row.call_name)), key(row.last_name)
    return (name, row.birth_date) if row.birth_date else (name, row[2:])


def _together(above: StudentRow, row: StudentRow) -> StudentRow | None:
    """Both rows as one; None where they contradict each other."""
    values: dict[str, Any] = {name: _either(getattr(above, name), getattr(row, name)) for name in _SAME}
    if any(value is NotImplemented for value in values.values()):
        return None
    emails = _once((*each(above.email), *each(row.email)))
    while len(", ".join(emails)) > LONGEST:
        emails = emails[:-1]
    groups = tuple(dict.fromkeys((*above.groups, *row.groups)))
    return above._replace(**values, groups=groups, email=", ".join(emails), phone=above.phone or row.phone)


def _either(one: object, other: object) -> object:
    """What both say, or the one that says something; NotImplemented where they differ."""
    return one if one == other or not other else other if not one else NotImplemented


def _once(addresses: Iterable[str]) -> tuple[str, ...]:
    known: dict[str, str] = {}
    for address in addresses:
        known.setdefault(address.casefold(), address)
    return tuple(known.values())

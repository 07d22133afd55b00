"""The lists that people take along, as columns and rows: the same ones in Excel and in CSV (D17).

Real dates and times on the school's wall clock, texts as they are; each kind of file makes them safe in its own way.
Knows no session.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time

from messages.text import Words
from storage.lists.parent_lists import GroupList
from storage.lists.talk_list import ExportRow
from storage.timezone import to_local

Value = str | date | time


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: its name, what stands above its columns, and its rows."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def talks(name: str, rows: Iterable[ExportRow], words: Words, zone: str) -> Listing:
    """Talks in order of time."""
    headers = (
        words.say("Date"),
        words.say("From"),
        words.say("Until"),
        words.say("Conference"),
        words.say("Planning"),
        words.say("Teachers"),
        words.say("Room"),
        words.say("First name"),
        words.say("Prefix"),
        words.say("Last name"),
        words.say("Group"),
        words.say("Student number"),
        words.say("Family"),
        words.say("E-mail"),
        words.say("Phone"),
    )
    in_order = sorted(rows, key=lambda row: row.start)
    return Listing(name, headers, tuple(_talk(row, words, zone) for row in in_order))


def talks_by_teacher(
    whole: str, rows: Sequence[ExportRow], words: Words, zone: str, teachers: Sequence[str] | None = None
) -> tuple[Listing, ...]:
    """All of them, then those of each teacher, or of these teachers alone. A list holds talks, no free times."""
    named = sorted({one for row in rows for one in row.teachers}, key=str.casefold) if teachers is None else teachers
    each = (talks(one, (row for row in rows if one in row.teachers), words, zone) for one in named)
    return (talks(whole, rows, words, zone), *each)


def parents(group: GroupList, words: Words) -> Listing:
    """A row for each child and family, so that an address can be used as it stands."""
    headers = (
        words.say("Child"),
        words.say("Other groups"),
        words.say("Family"),
        words.say("Brothers and sisters"),
        words.say("E-mail"),
        words.say("Phone"),
    )
    rows = []
    for child in group.children:
        others = ", ".join(child.other_groups)
        for family in child.families:
            mails, phones = ", ".join(family.emails), ", ".join(family.phones)
            rows.append((child.name, others, family.family, siblings(family.siblings), mails, phones))
        if not child.families:
            rows.append((child.name, others, "", "", "", ""))
    return Listing(group.group, headers, tuple(rows))


def siblings(of_family: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """`Daan (groep 7), Emir`."""
    return ", ".join(name + (f" ({', '.join(groups)})" if groups else "") for name, groups in of_family)


def family_of(row: ExportRow, words: Words) -> str:
    """The name of a row's family, and that it is blocked where it is."""
    return row.family + (f" ({words.say('blocked')})" if row.family_blocked else "")


def _talk(row: ExportRow, words: Words, zone: str) -> tuple[Value, ...]:
    start, end = to_local(row.start, zone), to_local(row.end, zone)
    return (
        start.date(),
        start.time().replace(second=0, microsecond=0),
        end.time().replace(second=0, microsecond=0),
        row.conference,
        row.planning,
        ", ".join(row.teachers),
        row.room,
        row.first_name,
        row.prefix,
        row.last_name,
        ", ".join(row.groups),
        row.student_number,
        family_of(row, words),
        row.email,
        row.phone,
    )

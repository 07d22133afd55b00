"""What goes on paper, in the reader's words: plannings, a day of the school, a group's parents (D17).

It shapes what queries gave for the templates in `paper`, and asks the database nothing. A blocked family's talk is
there, for the time is taken; its telephone and address are not (D18).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from admin.documents import paper
from admin.documents.list_columns import family_of, siblings
from messages.text import Words
from storage.lists.parent_lists import ChildOnList, GroupList
from storage.lists.sheets import PlanningSheet, SheetLine
from storage.lists.talk_list import ExportRow
from storage.timezone import local_day
from storage.values.person_names import full


class Printer:
    """One reader's papers: their words, their school, its clock, and the moment that is printed below."""

    def __init__(self, words: Words, school: str, zone: str, now: datetime) -> None:
        self._words, self._school, self._zone, self._now = words, school, zone, now

    def plannings(self, title: str, sheets: Sequence[PlanningSheet], *, contact: bool) -> bytes:
        """Each planning on its own page, its free times and breaks too; `contact`: telephone and mail beside it."""
        say = self._words.say
        headers = [say("Time"), say("Child"), say("Group"), say("Family")]
        data = {
            "contact": contact,
            "headers": headers + ([say("Phone"), say("E-mail")] if contact else []),
            "empty": say("No talks."),
            "sheets": [self._sheet(sheet, contact) for sheet in sheets],
        }
        return self._print("planning", title, data)

    def talks(self, title: str, rows: Iterable[ExportRow], *, contact: bool) -> bytes:
        """Talks alone, of all plannings together, per day in order of time."""
        say = self._words.say
        headers = [say("Time"), say("Child"), say("Group"), say("Family"), say("Teachers"), say("Room")]
        shown = tuple(rows)
        by_day = groupby(shown, lambda row: local_day(row.start, self._zone))
        days = [
            {"day": headed(self._words.day(day)), "rows": [self._talk(row, contact) for row in of_day]}
            for day, of_day in by_day
        ]
        data = {
            "contact": contact,
            "headers": headers + ([say("Phone"), say("E-mail")] if contact else []),
            "below": self._words.count("%(number)s talk", "%(number)s talks", len(shown)),
            "empty": say("No talks."),
            "days": days,
        }
        return self._print("talks", title, data)

    def parents(self, title: str, lists: Sequence[GroupList]) -> bytes:
        """A group's children and parents; each group on its own page."""
        say, count = self._words.say, self._words.count
        headers = ("Child", "Other groups", "Family", "Brothers and sisters", "Phone", "E-mail")
        groups = [
            {
                "title": one.group,
                "below": count("%(number)s child", "%(number)s children", len(one.children)),
                "rows": [row for child in one.children for row in _families(child)],
            }
            for one in lists
        ]
        data = {"headers": [say(header) for header in headers], "empty": say("No children."), "groups": groups}
        return self._print("parents", title, data)

    def _print(self, name: str, title: str, data: dict[str, Any]) -> bytes:
        made = self._words.say("Made on %(moment)s", moment=self._words.moment(self._now, self._zone))
        frame = {"title": title, "school": self._school, "made": made}
        return paper.pdf(name, self._words.language, {**frame, **data})

    def _sheet(self, sheet: PlanningSheet, contact: bool) -> dict[str, Any]:
        below = [", ".join(sheet.teachers), sheet.room, ", ".join(sheet.groups), sheet.conference]
        return {
            "title": sheet.title,
            "below": " · ".join(part for part in below if part),
            "days": [
                {
                    "day": headed(self._words.day(day.day)),
                    "rows": [self._line(line, contact) for line in day.lines],
                }
                for day in sheet.days
            ],
        }

    def _line(self, line: SheetLine, contact: bool) -> dict[str, Any]:
        if line.talk is not None:
            time, name, groups, family, *_rest = self._talk(line.talk, contact)
            return {"kind": "talk", "cells": [time, name, groups, family, *self._contact(line.talk, contact)]}
        state = self._words.say("free") if line.free else self._words.say("break")
        return {"kind": "none", "cells": [self._hours(line.start, line.end), state, "", ""] + [""] * (2 * contact)}

    def _talk(self, row: ExportRow, contact: bool) -> list[str]:
        return [
            self._hours(row.start, row.end),
            full(row.first_name, row.prefix, row.last_name, ""),
            ", ".join(row.groups),
            family_of(row, self._words),
            ", ".join(row.teachers) or row.planning,
            row.room,
            *self._contact(row, contact),
        ]

    def _contact(self, row: ExportRow, contact: bool) -> list[str]:
        if not contact:
            return []
        return ["", ""] if row.family_blocked else [row.phone, row.email]

    def _hours(self, start: datetime, end: datetime) -> str:
        return f"{self._words.time(start, self._zone)}–{self._words.time(end, self._zone)}"


def headed(text: str) -> str:
    """As a heading begins: `dinsdag 24 november` with a capital, its other letters as they are."""
    return text[:1].upper() + text[1:]


def _families(child: ChildOnList) -> list[list[str]]:
    """A row for each family of a child; its name and groups on the first."""
    rows = [
        ["", "", family.family, siblings(family.siblings), "\n".join(family.phones), "\n".join(family.emails)]
        for family in child.families
    ] or [["", "", "–", "", "", ""]]
    rows[0][:2] = [child.name, ", ".join(child.other_groups)]
    return rows

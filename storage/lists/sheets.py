"""Plannings as they go on paper (D17): every time of a day, with the talk that stands in it, free, or a break.

For the desk alone, and within a teacher's own plannings for a teacher. A planning without times on the wanted days is
not in it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import select
from sqlmodel import Session, col

from storage.lists.talk_list import ALL, ExportRow, TalkFilter, bounds, plannings_of, rows
from storage.planning.views.planning_list import groups_of, teachers_of
from storage.tables import Conference, Planning, School, Slot
from storage.timezone import local_day
from storage.words import SlotState


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One time. `talk` stands in it, whatever its state; else it is free or a break."""

    start: datetime
    end: datetime
    free: bool
    talk: ExportRow | None


@dataclass(frozen=True, slots=True)
class SheetDay:
    day: date
    lines: tuple[SheetLine, ...]


@dataclass(frozen=True, slots=True)
class PlanningSheet:
    """One planning, its days in order."""

    planning_id: int
    title: str
    conference: str
    teachers: tuple[str, ...]
    groups: tuple[str, ...]
    room: str
    days: tuple[SheetDay, ...]


def sheets(
    session: Session, school_id: int, wanted: TalkFilter = ALL, *, own: int | None = None
) -> tuple[PlanningSheet, ...]:
    """By conference, the newest first, then by title."""
    ids = plannings_of(session, school_id, wanted, own=own)
    talks = {row.slot_id: row for row in rows(session, school_id, wanted, own=own)}
    days = _days(session, school_id, ids, wanted, talks)
    teachers: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(teachers_of(school_id, ids)):
        teachers[row.planning_id].append(row.name)
    groups: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(groups_of(school_id, ids)):
        groups[row.planning_id].append(row.name)
    found = session.execute(
        select(col(Planning.id), col(Planning.title), col(Conference.name), col(Planning.room))
        .join(Conference, col(Conference.id) == col(Planning.conference_id))
        .where(col(Planning.school_id) == school_id, col(Planning.id).in_(sorted(days)))
        .order_by(col(Planning.conference_id).desc(), col(Planning.title), col(Planning.id))
    )
    return tuple(
        PlanningSheet(id_, title, conference, tuple(teachers[id_]), tuple(groups[id_]), room, days[id_])
        for id_, title, conference, room in found
        if id_ is not None
    )


def talks_of(printed: tuple[PlanningSheet, ...]) -> tuple[ExportRow, ...]:
    """The talks that stand in these."""
    return tuple(line.talk for sheet in printed for day in sheet.days for line in day.lines if line.talk is not None)


def _days(
    session: Session, school_id: int, ids: list[int], wanted: TalkFilter, talks: dict[int, ExportRow]
) -> dict[int, tuple[SheetDay, ...]]:
    """planning → its days."""
    zone = session.execute(select(col(School.timezone)).where(col(School.id) == school_id)).scalar_one()
    sought = (
        select(col(Slot.planning_id), col(Slot.id), col(Slot.start), col(Slot.end), col(Slot.state))
        .where(col(Slot.school_id) == school_id, col(Slot.planning_id).in_(ids))
        .order_by(col(Slot.planning_id), col(Slot.start))
    )
    if (between := bounds(session, school_id, wanted.day)) is not None:
        sought = sought.where(col(Slot.start) >= between[0], col(Slot.start) < between[1])
    lines: dict[int, list[SheetLine]] = defaultdict(list)
    for planning_id, slot_id, start, end, state in session.execute(sought):
        lines[planning_id].append(SheetLine(start, end, state is SlotState.OPEN, talks.get(slot_id or 0)))
    return {
        planning_id: tuple(
            SheetDay(day, tuple(of_day)) for day, of_day in groupby(own, lambda line: local_day(line.start, zone))
        )
        for planning_id, own in lines.items()
    }

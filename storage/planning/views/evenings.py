"""A conference as a whole: its plannings side by side on one day, the evening at a glance (D12).

In a number of statements that does not grow with the plannings. It holds names of children: never for a parent's
screen.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from storage.planning.views.planning_board import Block, blocks
from storage.planning.views.planning_list import listed, teachers_of
from storage.refusals import NotFound, Refused
from storage.tables import School, Slot
from storage.timezone import day_bounds, local_day
from storage.words import PlanningState


@dataclass(frozen=True, slots=True)
class Cell:
    """A slot in the table; `rows` is how many of its lines it stands across. `kind`: free, booked or break."""

    slot_id: int
    planning_id: int
    start: datetime
    end: datetime
    kind: str
    rows: int
    booking_id: int | None = None
    student_id: int | None = None
    family_id: int | None = None
    student: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class EveningColumn:
    planning_id: int
    title: str
    teachers: tuple[str, ...]
    room: str
    state: PlanningState
    free: int
    booked: int


@dataclass(frozen=True, slots=True)
class EveningView:
    """`lines` are (moment, a cell for each column): None is an empty place, a number skips one that a cell above
    stands across (its slot's id)."""

    conference_id: int
    conference: str
    days: tuple[date, ...]
    day: date | None
    columns: tuple[EveningColumn, ...]
    lines: tuple[tuple[datetime, tuple[Cell | int | None, ...]], ...]


def evening(
    session: Session, school_id: int, conference_id: int, day: date | None, now: datetime, *, teacher_id: int | None
) -> EveningView:
    """One day of a conference; without `day` the next one with talks, or the last. Only the plannings of
    `teacher_id`, if given. Raises Refused(NotFound) where there is none of it to see."""
    rows = session.execute(listed(school_id, teacher_id, conference_id)).all()
    if not rows:
        raise Refused(NotFound("conference"))
    zone = session.execute(select(col(School.timezone)).where(col(School.id) == school_id)).scalar_one()
    ids = [row.id for row in rows]
    days = _days(session, school_id, ids, zone)
    today = local_day(now, zone)
    shown = day if day in days else next((one for one in days if one >= today), days[-1] if days else None)
    slots = _slots(session, school_id, ids, shown, zone) if shown else {}
    named: dict[int, list[str]] = defaultdict(list)
    for teacher in session.execute(teachers_of(school_id, ids)):
        named[teacher.planning_id].append(teacher.name)
    there = [row for row in rows if row.id in slots]
    columns = tuple(
        EveningColumn(
            row.id,
            row.title,
            tuple(named[row.id]),
            row.room,
            row.state,
            sum(slot.kind == "free" for slot in slots[row.id]),
            sum(slot.kind == "booked" for slot in slots[row.id]),
        )
        for row in there
    )
    lines = _lines([slots[row.id] for row in there])
    return EveningView(conference_id, rows[0].conference, days, shown, columns, lines)


def _days(session: Session, school_id: int, ids: list[int], zone: str) -> tuple[date, ...]:
    sought = select(col(Slot.start)).where(col(Slot.school_id) == school_id, col(Slot.planning_id).in_(ids)).distinct()
    return tuple(sorted({local_day(start, zone) for start in session.execute(sought).scalars()}))


def _slots(session: Session, school_id: int, ids: list[int], day: date, zone: str) -> dict[int, list[Block]]:
    """planning → its slots of the day, by time."""
    begin, end = day_bounds(day, zone)
    found: dict[int, list[Block]] = defaultdict(list)
    for block in blocks(
        session, school_id, col(Slot.planning_id).in_(ids), col(Slot.start) >= begin, col(Slot.start) < end
    ):
        found[block.planning_id].append(block)
    return found


def _lines(columns: list[list[Block]]) -> tuple[tuple[datetime, tuple[Cell | int | None, ...]], ...]:
    """A line for each moment on which anything begins, or ends while nothing begins there."""
    edges = sorted({edge for slots in columns for slot in slots for edge in (slot.start, slot.end)})
    moments = edges[:-1]  # the last one only ends
    place = {moment: number for number, moment in enumerate(edges)}
    table: list[list[Cell | int | None]] = [[None] * len(columns) for _ in moments]
    for at, slots in enumerate(columns):
        for slot in slots:
            first, beyond = place[slot.start], place[slot.end]
            table[first][at] = _cell(slot, beyond - first)
            for number in range(first + 1, beyond):
                table[number][at] = slot.slot_id
    return tuple(
        (moment, tuple(line))
        for moment, line in zip(moments, table, strict=True)
        if any(one is not None for one in line)
    )


def _cell(block: Block, rows: int) -> Cell:
    held = block.booking
    return Cell(
        slot_id=block.slot_id,
        planning_id=block.planning_id,
        start=block.start,
        end=block.end,
        kind=block.kind,
        rows=rows,
        booking_id=held.id if held else None,
        student_id=held.student_id if held else None,
        family_id=held.family_id if held else None,
        student=held.student if held else "",
        family=held.family if held else "",
    )

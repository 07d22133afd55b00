"""Putting an evening in step with a colleague's, so that talks begin together (D11).

Only an evening on which nobody is booked is moved, as a whole: a booked talk is moved by itself, so that its family is
told (rule 13).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from storage.audit.record import record
from storage.planning.grid import Span
from storage.planning.slots import clear, refuse_overlap, spans_of
from storage.planning.views.planning_list import allow
from storage.refusals import Invalid, NotFound, Refused
from storage.tables import School, Slot
from storage.timezone import local_day, to_local
from storage.words import Act, Acting

MOST_MINUTES = 120


@dataclass(frozen=True, slots=True)
class StepDay:
    """An evening beside a colleague's. In step after moving it by `earlier` (minutes below 0) or by `later`."""

    day: date
    count: int
    start: datetime
    end: datetime
    other_start: datetime
    earlier: int
    later: int


def out_of_step_days(session: Session, school_id: int, planning_id: int, other_id: int) -> tuple[StepDay, ...]:
    """The days on which the two have talks of one length that never begin together. Raises Refused(NotFound)."""
    for id_ in (planning_id, other_id):
        allow(session, school_id, id_, None)
    zone = _zone(session, school_id)
    mine, theirs = (_by_day(spans_of(session, school_id, id_), zone) for id_ in (planning_id, other_id))
    found = []
    for day, spans in sorted(mine.items()):
        minutes = _minutes(spans[0])
        beside = [span for span in theirs.get(day, []) if _minutes(span) == minutes]
        if not beside or {_phase(one, minutes, zone) for one in spans} & {_phase(one, minutes, zone) for one in beside}:
            continue
        ahead = (_phase(spans[0], minutes, zone) - _usual(beside, minutes, zone)) % minutes
        begins, ends = spans[0].start, spans[-1].end
        found.append(StepDay(day, len(spans), begins, ends, beside[0].start, -ahead, minutes - ahead))
    return tuple(found)


def shift(session: Session, school_id: int, acting: Acting, planning_id: int, day: date, minutes: int) -> int:
    """Move all times of a day by so many minutes; returns how many.

    Raises Refused: NotFound; Booked or Invalid as slots.clear does; Invalid where they would lie over others.
    """
    if not 0 < abs(minutes) <= MOST_MINUTES:
        raise Refused(Invalid("Times can be moved by 1 to %(most)s minutes.", (("most", str(MOST_MINUTES)),)))
    zone = _zone(session, school_id)
    mine = (col(Slot.school_id) == school_id, col(Slot.planning_id) == planning_id)
    rows = session.execute(select(col(Slot.id), col(Slot.start), col(Slot.end)).where(*mine).with_for_update()).all()
    moving = sorted((row for row in rows if local_day(row.start, zone) == day), key=lambda row: row.start)
    if not moving:
        raise Refused(NotFound("slot"))
    clear(session, school_id, [row.id for row in moving], acting.now)
    by_so_much = timedelta(minutes=minutes)
    moved = [Span(row.start + by_so_much, row.end + by_so_much) for row in moving]
    staying = [Span(row.start, row.end) for row in rows if row not in moving]
    refuse_overlap([*staying, *moved], zone)
    # From the far end, so that no two ever begin together on the way.
    for row in reversed(moving) if minutes > 0 else moving:
        changed = {"start": row.start + by_so_much, "end": row.end + by_so_much}
        session.execute(update(Slot).where(*mine, col(Slot.id) == row.id).values(**changed))
    record(session, school_id, acting, Act.SLOT_CHANGED, None, planning_id=planning_id, moved=minutes)
    return len(moving)


def _zone(session: Session, school_id: int) -> str:
    return str(session.execute(select(col(School.timezone)).where(col(School.id) == school_id)).scalar_one())


def _by_day(spans: Sequence[Span], zone: str) -> dict[date, list[Span]]:
    found: dict[date, list[Span]] = {}
    for span in sorted(spans):
        found.setdefault(local_day(span.start, zone), []).append(span)
    return found


def _minutes(span: Span) -> int:
    return int((span.end - span.start).total_seconds() // 60)


def _phase(span: Span, minutes: int, zone: str) -> int:
    local = to_local(span.start, zone)
    return (local.hour * 60 + local.minute) % minutes


def _usual(spans: Sequence[Span], minutes: int, zone: str) -> int:
    return Counter(_phase(span, minutes, zone) for span in spans).most_common(1)[0][0]

"""Adding, removing and closing off the times of a planning (D11), also while sign-up runs.

A booked slot is never touched here: its booking is moved or cancelled first, so that the family is told (rule 13).
Each slot is locked before it is looked at, so that a booking and a break cannot cross (rule 9).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session, col

from storage.audit.record import record
from storage.planning.grid import Span
from storage.refusals import Booked, Invalid, NotFound, Refused
from storage.tables import Booking, Planning, School, Slot
from storage.timezone import day_bounds, to_local
from storage.words import Act, Acting, SlotState

MOST_SLOTS = 500  # in one planning
STILL_TOLD = timedelta(days=7)  # so long notices and the digest may speak of a cancelled booking


def add(session: Session, school_id: int, acting: Acting, planning_id: int, spans: Sequence[Span]) -> int:
    """Add open slots, all or none; returns how many.

    Raises Refused: NotFound, or Invalid where one overlaps another of this planning.
    """
    if _locked_planning(session, school_id, planning_id) is None:
        raise Refused(NotFound("planning"))
    zone = session.execute(select(col(School.timezone)).where(col(School.id) == school_id)).scalar_one()
    standing = spans_of(session, school_id, planning_id)
    refuse_overlap([*standing, *spans], zone)
    if len(standing) + len(spans) > MOST_SLOTS:
        raise Refused(Invalid("A planning holds at most %(most)s times.", (("most", str(MOST_SLOTS)),)))
    if not spans:
        return 0
    rows = [
        {"school_id": school_id, "planning_id": planning_id, "start": start, "end": end, "state": SlotState.OPEN}
        for start, end in spans
    ]
    session.execute(insert(Slot), rows)
    record(session, school_id, acting, Act.SLOTS_ADDED, planning_id, count=len(rows))
    return len(rows)


def change(session: Session, school_id: int, acting: Acting, planning_id: int, slot_id: int, state: SlotState) -> None:
    """Make a slot a break, or open it again. Twice is once (rule 17). Raises Refused: NotFound, Booked."""
    standing = _locked_slot(session, school_id, planning_id, slot_id)
    if standing == state:
        return
    _refuse_booked(session, school_id, [slot_id])
    session.execute(update(Slot).where(col(Slot.id) == slot_id).values(state=state))
    record(session, school_id, acting, Act.SLOT_CHANGED, slot_id, planning_id=planning_id, state=str(state))


def remove(session: Session, school_id: int, acting: Acting, planning_id: int, slot_id: int) -> None:
    """Take a slot away. Raises Refused: NotFound, Booked; Invalid while messages tell of a cancelled booking on it."""
    _locked_slot(session, school_id, planning_id, slot_id)
    clear(session, school_id, [slot_id], acting.now)
    session.execute(delete(Slot).where(col(Slot.id) == slot_id, col(Slot.school_id) == school_id))
    record(session, school_id, acting, Act.SLOT_REMOVED, slot_id, planning_id=planning_id)


def remove_day(session: Session, school_id: int, acting: Acting, planning_id: int, day: date) -> int:
    """Take away the times of a day that nobody has; returns how many. Those that are booked stay (rule 13).

    Raises Refused: NotFound where there is none; Invalid as `clear` does.
    """
    zone = session.execute(select(col(School.timezone)).where(col(School.id) == school_id)).scalar_one()
    begin, end = day_bounds(day, zone)
    mine = (col(Slot.school_id) == school_id, col(Slot.planning_id) == planning_id)
    of_day = select(col(Slot.id)).where(*mine, col(Slot.start) >= begin, col(Slot.start) < end)
    ids = set(session.execute(of_day.order_by(col(Slot.id)).with_for_update()).scalars())
    held = select(col(Booking.slot_id)).where(
        col(Booking.school_id) == school_id, col(Booking.planning_id) == planning_id, col(Booking.cancelled).is_(None)
    )
    free = sorted(id_ for id_ in ids - set(session.execute(held).scalars()) if id_ is not None)
    if not free:
        raise Refused(NotFound("slot"))
    clear(session, school_id, free, acting.now)
    session.execute(delete(Slot).where(*mine, col(Slot.id).in_(free)))
    record(session, school_id, acting, Act.SLOT_REMOVED, None, planning_id=planning_id, count=len(free))
    return len(free)


def clear(session: Session, school_id: int, slot_ids: Sequence[int], now: datetime) -> None:
    """Let go of old cancelled bookings on these slots, so that the slots can be removed.

    Raises Refused: Booked where one is booked; Invalid where one was cancelled in the last days, for then messages are
    still being sent that look the booking up.
    """
    _refuse_booked(session, school_id, slot_ids)
    of_these = (col(Booking.school_id) == school_id, col(Booking.slot_id).in_(slot_ids))
    told = select(func.count()).select_from(Booking).where(*of_these, col(Booking.cancelled) > now - STILL_TOLD)
    if session.execute(told).scalar_one():
        raise Refused(
            Invalid(
                "A talk was cancelled here these days, and messages may still speak of it. Make it a break instead."
            )
        )
    session.execute(delete(Booking).where(*of_these))


def spans_of(session: Session, school_id: int, planning_id: int) -> list[Span]:
    """From when until when each slot of a planning is, in no order; none for a planning that is not the school's."""
    sought = select(col(Slot.start), col(Slot.end)).where(
        col(Slot.school_id) == school_id, col(Slot.planning_id) == planning_id
    )
    return [Span(start, end) for start, end in session.execute(sought)]


def refuse_overlap(spans: Sequence[Span], zone: str) -> None:
    """Raises Refused(Invalid) where two of them lie over each other."""
    ordered = sorted(spans)
    for before, after in pairwise(ordered):
        if after.start < before.end:
            values = (("first", _clock(before, zone)), ("second", _clock(after, zone)))
            raise Refused(Invalid("%(second)s would overlap %(first)s, which is there already.", values))


def _locked_planning(session: Session, school_id: int, planning_id: int) -> int | None:
    found = select(col(Planning.id)).where(col(Planning.school_id) == school_id, col(Planning.id) == planning_id)
    return session.execute(found.with_for_update(key_share=True)).scalar_one_or_none()


def _locked_slot(session: Session, school_id: int, planning_id: int, slot_id: int) -> SlotState:
    sought = select(col(Slot.state)).where(
        col(Slot.school_id) == school_id, col(Slot.planning_id) == planning_id, col(Slot.id) == slot_id
    )
    state: SlotState | None = session.execute(sought.with_for_update()).scalar_one_or_none()
    if state is None:
        raise Refused(NotFound("slot"))
    return state


def _refuse_booked(session: Session, school_id: int, slot_ids: Sequence[int]) -> None:
    live = select(func.count()).where(
        col(Booking.school_id) == school_id, col(Booking.slot_id).in_(slot_ids), col(Booking.cancelled).is_(None)
    )
    if count := session.execute(live).scalar_one():
        raise Refused(Booked(count))


def _clock(span: Span, zone: str) -> str:
    start, end = (to_local(moment, zone) for moment in span)
    return f"{start:%d-%m-%Y %H:%M}–{end:%H:%M}"

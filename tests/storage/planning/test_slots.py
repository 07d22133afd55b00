"""Times added, closed off and removed, also while sign-up runs (D11, rule 13)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import Session, col, select

from storage.booking import booking
from storage.planning import grid, slots
from storage.planning.views import planning_board
from storage.refusals import Booked, Invalid, NotFound, Refusal, Refused
from storage.tables import Audit, Booking, Slot
from storage.words import Act, Acting, Actor, SlotState
from tests.support.cast import DESK, NOW, Cast, parent

ZONE = "Europe/Amsterdam"
FRIDAY = date(2026, 11, 27)


def refusal(do: Callable[..., Any], cast: Cast, *args: Any, acting: Acting = DESK) -> Refusal:
    with pytest.raises(Refused) as caught:
        cast.database.work(do, cast.school, acting, *args)
    return caught.value.refusal


def book(cast: Cast, slot_id: int) -> int:
    held = cast.database.work(
        booking.book,
        cast.school,
        parent(cast.de_vries),
        family_id=cast.de_vries,
        student_id=cast.sanne,
        slot_id=slot_id,
    )
    return held.id


def kinds(cast: Cast) -> list[str]:
    view = cast.database.read(planning_board.planning, cast.school, cast.noor_planning)
    return [block.kind for day in view.days for block in day.blocks]


def acts(cast: Cast) -> list[tuple[Act, int | None]]:
    def read(session: Session) -> list[tuple[Act, int | None]]:
        rows = session.exec(select(Audit).where(col(Audit.actor) == Actor.STAFF).order_by(col(Audit.id)))
        return [(row.act, row.subject) for row in rows]

    return cast.database.read(read)


def test_an_evening_is_added_as_free_times(cast: Cast) -> None:
    spans = grid.times(FRIDAY, time(18), time(19), 10, zone=ZONE)
    assert cast.database.work(slots.add, cast.school, DESK, cast.noor_planning, spans) == 6
    view = cast.database.read(planning_board.planning, cast.school, cast.noor_planning)
    assert [(day.day, len(day.blocks)) for day in view.days] == [
        (date(2026, 11, 24), 12),
        (date(2026, 11, 26), 6),
        (FRIDAY, 6),
    ]
    assert view.count("free") == 24
    assert acts(cast) == [(Act.SLOTS_ADDED, cast.noor_planning)]


def test_times_that_overlap_those_of_the_planning_are_refused_whole(cast: Cast) -> None:
    spans = grid.times(date(2026, 11, 24), time(19, 45), time(20, 45), 15, zone=ZONE)
    assert refusal(slots.add, cast, cast.noor_planning, spans) == Invalid(
        "%(second)s would overlap %(first)s, which is there already.",
        (("first", "24-11-2026 19:40–19:50"), ("second", "24-11-2026 19:45–20:00")),
    )
    assert len(kinds(cast)) == 18


def test_the_same_evening_twice_is_refused(cast: Cast) -> None:
    spans = grid.times(FRIDAY, time(18), time(19), 10, zone=ZONE)
    cast.database.work(slots.add, cast.school, DESK, cast.noor_planning, spans)
    assert isinstance(refusal(slots.add, cast, cast.noor_planning, spans), Invalid)


def test_a_planning_holds_no_more_than_it_should(cast: Cast) -> None:
    day = [grid.times(FRIDAY + timedelta(days=n), time(9), time(17), 4, zone=ZONE) for n in range(5)]
    spans = [span for spans in day for span in spans]
    assert refusal(slots.add, cast, cast.noor_planning, spans) == Invalid(
        "A planning holds at most %(most)s times.", (("most", "500"),)
    )


def test_a_time_becomes_a_break_and_opens_again(cast: Cast) -> None:
    slot = cast.noor_slots[0]
    cast.database.work(slots.change, cast.school, DESK, cast.noor_planning, slot, SlotState.BREAK)
    assert kinds(cast)[:2] == ["break", "free"]
    cast.database.work(slots.change, cast.school, DESK, cast.noor_planning, slot, SlotState.OPEN)
    assert kinds(cast)[:2] == ["free", "free"]


def test_making_a_break_twice_has_one_effect(cast: Cast) -> None:
    slot = cast.noor_slots[0]
    for _ in range(2):
        cast.database.work(slots.change, cast.school, DESK, cast.noor_planning, slot, SlotState.BREAK)
    assert acts(cast) == [(Act.SLOT_CHANGED, slot)]


def test_a_booked_time_is_no_break_and_stays(cast: Cast) -> None:
    slot = cast.noor_slots[0]
    book(cast, slot)
    change = (cast.noor_planning, slot)
    assert refusal(slots.change, cast, *change, SlotState.BREAK) == Booked(1)
    assert refusal(slots.remove, cast, *change) == Booked(1)
    assert kinds(cast)[0] == "booked"


def test_a_parent_cannot_book_what_became_a_break(cast: Cast) -> None:
    slot = cast.noor_slots[0]
    cast.database.work(slots.change, cast.school, DESK, cast.noor_planning, slot, SlotState.BREAK)
    with pytest.raises(Refused):
        book(cast, slot)


def test_a_free_time_is_removed(cast: Cast) -> None:
    cast.database.work(slots.remove, cast.school, DESK, cast.noor_planning, cast.noor_slots[0])
    assert len(kinds(cast)) == 17


def test_a_time_of_a_cancelled_talk_stays_while_messages_tell_of_it(cast: Cast) -> None:
    slot = cast.noor_slots[0]
    held = book(cast, slot)
    cast.database.work(booking.cancel, cast.school, parent(cast.de_vries), booking_id=held)
    soon = NOW + slots.STILL_TOLD - timedelta(seconds=1)
    wrong = refusal(slots.remove, cast, cast.noor_planning, slot, acting=replace(DESK, now=soon))
    assert isinstance(wrong, Invalid)
    later = NOW + slots.STILL_TOLD
    cast.database.work(slots.remove, cast.school, replace(DESK, now=later), cast.noor_planning, slot)
    assert len(kinds(cast)) == 17
    assert cast.database.read(lambda session: session.exec(select(Booking)).all()) == []


def test_times_of_another_school_or_planning_are_not_found(cast: Cast) -> None:
    theirs, free = cast.horizon_slots[0], cast.bram_slots[0]
    for planning, slot in (
        (cast.horizon_planning, theirs),
        (cast.noor_planning, theirs),
        (cast.noor_planning, free),
        (cast.noor_planning, 2**31 - 1),
    ):
        assert refusal(slots.remove, cast, planning, slot) == NotFound("slot")
        wanted = (planning, slot, SlotState.BREAK)
        assert refusal(slots.change, cast, *wanted) == NotFound("slot")
    spans = grid.times(FRIDAY, time(18), time(19), 10, zone=ZONE)
    added = (cast.horizon_planning, spans)
    assert refusal(slots.add, cast, *added) == NotFound("planning")
    states = cast.database.read(lambda session: set(session.exec(select(Slot.state))))
    assert states == {SlotState.OPEN}


def test_a_booking_and_a_break_never_cross(cast: Cast) -> None:
    """At the same moment, slot after slot: one of the two wins and the other is refused (rules 9, 13)."""
    held = book(cast, cast.noor_slots[-1])

    def close(slot: int) -> None:
        cast.database.work(slots.change, cast.school, DESK, cast.noor_planning, slot, SlotState.BREAK)

    def take(slot: int) -> None:
        cast.database.work(booking.move, cast.school, parent(cast.de_vries), booking_id=held, slot_id=slot)

    def done(do: Callable[[int], None], slot: int, together: Barrier) -> bool:
        together.wait()
        try:
            do(slot)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        for slot in cast.noor_slots[:12]:
            together = Barrier(2, timeout=10)
            outcomes = [pool.submit(done, do, slot, together) for do in (close, take)]
            closed, taken = (outcome.result(timeout=30) for outcome in outcomes)
            block = cast.database.read(planning_board.planning, cast.school, cast.noor_planning).block(slot)
            assert (block.state is SlotState.BREAK, block.booking is not None) == (closed, taken)
            assert closed != taken


def test_a_day_made_by_mistake_goes_but_what_is_booked_stays(cast: Cast) -> None:
    thursday = date(2026, 11, 26)
    book(cast, cast.noor_slots[13])
    gone = cast.database.work(slots.remove_day, cast.school, DESK, cast.noor_planning, thursday)
    view = cast.database.read(planning_board.planning, cast.school, cast.noor_planning)
    assert (gone, [[block.kind for block in day.blocks] for day in view.days]) == (5, [["free"] * 12, ["booked"]])
    assert acts(cast) == [(Act.SLOT_REMOVED, None)]
    for planning, day in (
        (cast.noor_planning, thursday),
        (cast.horizon_planning, thursday),
        (cast.noor_planning, FRIDAY),
    ):
        why = refusal(slots.remove_day, cast, planning, day)
        assert why == NotFound("slot")

"""B4: whatever people do in whatever order, booking agrees with a small model, and its promises hold at each step."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, insert, select, text, update
from sqlmodel import Session, col

from storage.audit.seal import unsealed
from storage.booking.booking import book, cancel, move
from storage.families import blocking
from storage.planning import slots
from storage.refusals import Refused
from storage.tables import Audit, Booking, Chat, Conference, Link, Notice, PlanningTeacher, Slot
from storage.words import Act, ChatKind, Policy, SignInStep, SlotState
from tests.storage.booking.model import ASlot, Model
from tests.support.cast import CLOSES, DESK, NOW, Cast, parent

T = TypeVar("T")

LONG = bool(os.environ.get("TIENMINUTEN_LONG"))
SLOTS, CHILDREN, FAMILIES = 6, 11, 5
SELDOM = st.sampled_from([False, False, False, True])


class Evening(RuleBasedStateMachine):
    """Five families and the desk, on six slots of two plannings that share a teacher."""

    cast: Cast

    @initialize(each=st.booleans(), walking=st.sampled_from([0, 10, 20]))
    def a_new_evening(self, each: bool, walking: int) -> None:
        cast = self.cast
        cast.database.work(_tidy, cast, each, walking)
        slot_ids = cast.noor_slots[:3] + cast.bram_slots[1:4]
        found = cast.database.read(_slots, slot_ids)
        noor, bram = cast.noor_planning, cast.bram_planning
        pupils = {
            noor: [cast.sanne, cast.emir, cast.ids["elif"], cast.lotte],
            bram: [cast.daan, cast.stephanie],
        }
        self.slots = slot_ids
        self.model = Model(
            slots=found,
            children=[
                *[(cast.de_vries, cast.sanne), (cast.de_vries, cast.daan)] * 3,  # they alone walk between plannings
                (cast.yilmaz, cast.emir), (cast.yilmaz, cast.ids["elif"]), (cast.jansen, cast.lotte),
                (cast.bakker, cast.lotte), (cast.smit, cast.stephanie),
            ],
            groups={student: {planning} for planning, students in pupils.items() for student in students},
            teachers={noor: {cast.noor}, bram: {cast.noor, cast.bram}},
            mailed={noor: 1, bram: 0},
            chats={cast.de_vries: 1, cast.yilmaz: 2},
            addresses={cast.de_vries, cast.yilmaz, cast.jansen, cast.bakker},
            each=each,
            walking=timedelta(minutes=walking),
        )  # fmt: skip
        self.ids: list[int] = []

    @rule(child=st.integers(0, CHILDREN - 1), slot=st.integers(0, SLOTS - 1))
    def a_parent_books(self, child: int, slot: int) -> None:
        self._book(child, slot, False)

    @rule(child=st.integers(0, CHILDREN - 1), slot=st.integers(0, SLOTS - 1), staff=SELDOM)
    def somebody_books(self, child: int, slot: int, staff: bool) -> None:
        self._book(child, slot, staff)

    def _book(self, child: int, slot: int, staff: bool) -> None:
        (family, student), slot_id = self.model.children[child], self.slots[slot]
        expected = self.model.book(family, student, slot_id, staff)
        wanted = {"family_id": family, "student_id": student, "slot_id": slot_id}
        outcome, view = self._do(book, family, staff, **wanted)
        self._agree(expected, outcome)
        if outcome == "fine" and expected != {"done"}:
            assert view is not None
            self.model.booked(view.id, family, student, slot_id, staff)
            self.ids.append(view.id)

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 99), slot=st.integers(0, SLOTS - 1), staff=SELDOM)
    def move(self, which: int, slot: int, staff: bool) -> None:
        booking, slot_id = self.ids[which % len(self.ids)], self.slots[slot]
        expected = self.model.move(booking, slot_id, staff)
        outcome, _ = self._do(move, self._family_of(booking), staff, booking_id=booking, slot_id=slot_id)
        self._agree(expected, outcome)
        if outcome == "fine" and expected != {"done"}:
            self.model.moved(booking, slot_id, staff)

    @precondition(lambda self: self.ids)
    @rule(which=st.integers(0, 99), staff=SELDOM)
    def cancel(self, which: int, staff: bool) -> None:
        booking = self.ids[which % len(self.ids)]
        expected = self.model.cancel(booking, staff)
        outcome, _ = self._do(cancel, self._family_of(booking), staff, booking_id=booking)
        self._agree(expected, outcome)
        if outcome == "fine":
            self.model.cancelled(booking, staff)

    @rule(slot=st.integers(0, SLOTS - 1), open_=st.booleans())
    def break_(self, slot: int, open_: bool) -> None:
        slot_id = self.slots[slot]
        stands = (slot_id not in self.model.breaks) == open_
        expected = {"Booked"} if not stands and self.model.holder(slot_id) else set()
        state = SlotState.OPEN if open_ else SlotState.BREAK
        planning = self.model.slots[slot_id].planning
        outcome, _ = self._try(slots.change, self.cast.school, DESK, planning, slot_id, state)
        self._agree(expected, outcome)
        if outcome == "fine":
            (self.model.breaks.discard if open_ else self.model.breaks.add)(slot_id)

    @rule(closed=SELDOM)
    def close(self, closed: bool) -> None:
        self.model.closed = closed

    @rule(which=st.integers(0, FAMILIES - 1), blocked=SELDOM)
    def block(self, which: int, blocked: bool) -> None:
        family = sorted({family for family, _ in self.model.children})[which]
        action = blocking.block if blocked else blocking.admit
        self.cast.database.work(action, self.cast.school, DESK, family)
        (self.model.blocked.add if blocked else self.model.blocked.discard)(family)

    @invariant()
    def the_database_says_the_same(self) -> None:
        live, notices, changes = self.cast.database.read(_standing)
        assert live == {
            id_: (one.slot, one.family, one.student, one.one_of, one.revision) for id_, one in self.model.live.items()
        }
        assert (notices, changes) == (self.model.notices, self.model.changes)

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        live = self.cast.database.read(_standing)[0]
        taken = [slot for slot, *_ in live.values()]
        assert len(taken) == len(set(taken))
        model = self.model
        parents = [(live[id_][0], live[id_][1]) for id_, one in model.live.items() if one.by_parents]
        for (slot, family), (other, other_family) in combinations(parents, 2):
            assert family != other_family or model.apart(slot, other, model.walking)
            assert not model.share_a_teacher(slot, other) or model.apart(slot, other, timedelta())

    def _family_of(self, booking: int) -> int:
        one = self.model.live.get(booking)
        return one.family if one else self.model.children[0][0]

    def _do(self, action: Callable[..., T], family: int, staff: bool, **wanted: int) -> tuple[str, T | None]:
        """As staff, or as the family's own chat."""
        acting = replace(DESK, now=self._now()) if staff else parent(family, self._now())
        if not staff:
            wanted["family_id"] = family
        return self._try(action, self.cast.school, acting, **wanted)

    def _try(self, action: Callable[..., T], *arguments: object, **more: object) -> tuple[str, T | None]:
        try:
            return "fine", self.cast.database.work(action, *arguments, **more)
        except Refused as error:
            return type(error.refusal).__name__, None

    def _now(self) -> datetime:
        return CLOSES if self.model.closed else NOW

    @staticmethod
    def _agree(expected: set[str], outcome: str) -> None:
        assert outcome in (expected - {"done"} or {"fine"})


def _tidy(session: Session, cast: Cast, each: bool, walking: int) -> None:
    """Everything as before the first tap; Noor sits in at Bram's talks, two families have chats."""
    for table in ("notice", "booking", "link", "chat"):
        session.execute(text(f"DELETE FROM {table}"))
    with unsealed(session.connection()):
        session.execute(text("DELETE FROM audit"))
    session.execute(text("UPDATE family SET blocked = false"))
    session.execute(text("UPDATE slot SET state = 'open'"))
    policy = Policy.EACH if each else Policy.TOGETHER
    of_school = col(Conference.school_id) == cast.school
    session.execute(update(Conference).where(of_school).values(policy=policy, walking_minutes=walking))
    for number, family in enumerate((cast.de_vries, cast.yilmaz, cast.yilmaz)):
        chat = Chat(kind=ChatKind.TELEGRAM, address=str(number), step=SignInStep.NONE, seen=NOW)
        session.add(chat)
        session.flush()
        session.add(Link(school_id=cast.school, family_id=family, chat_id=chat.id or 0, since=NOW))


def _slots(session: Session, ids: list[int]) -> dict[int, ASlot]:
    found = session.scalars(select(Slot).where(col(Slot.id).in_(ids)))
    return {int(slot.id or 0): ASlot(slot.planning_id, slot.start, slot.end) for slot in found}


def _standing(session: Session) -> tuple[dict[int, tuple[Any, ...]], int, int]:
    """Live bookings, the number of notices, the number of changes in the audit trail."""
    here = Booking
    columns = (here.id, here.slot_id, here.family_id, here.student_id, here.one_of, here.revision)
    rows = session.execute(select(*map(col, columns)).where(col(here.cancelled).is_(None)))
    changes = col(Audit.act).in_([Act.BOOKED, Act.MOVED, Act.CANCELLED])
    return (
        {id_: tuple(others) for id_, *others in rows},
        session.scalar(select(func.count()).select_from(Notice)) or 0,
        session.scalar(select(func.count()).select_from(Audit).where(changes)) or 0,
    )


def test_booking_agrees_with_a_small_model(cast: Cast) -> None:
    sits_in = {"school_id": cast.school, "planning_id": cast.bram_planning, "teacher_id": cast.noor}
    cast.database.work(lambda session: session.execute(insert(PlanningTeacher).values(**sits_in)))
    machine = type("ThisEvening", (Evening,), {"cast": cast})
    examples, steps = (200, 50) if LONG else (25, 30) if cast.database.is_sqlite else (5, 20)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=not LONG,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )

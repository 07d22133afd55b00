"""Booking, moving and cancelling: each one transaction, and the database decides (rules 9-17).

Parents are held by every rule; staff by one booking per slot alone (rule 15). Every change is audited and told in the
same transaction. A refusal is raised, so that nothing of it stays.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.audit.record import record
from storage.booking import rules
from storage.booking.situation import (
    Conflict,
    Situation,
    children_taking_part,
    situation,
    situation_with_conflicts,
)
from storage.booking.teachers import names
from storage.booking.views import BookingView
from storage.column_types import UtcDateTime
from storage.database.joins import same
from storage.database.prepared import Prepared, is_conflict, together
from storage.outbox.write import enqueue_of_booking
from storage.refusals import AlreadyBooked, Blocked, Closed, NotFound, Overlaps, Refusal, Refused, Taken, TeacherBusy
from storage.tables import Booking, Slot
from storage.values.person_names import called, full
from storage.values.talk_span import overlap
from storage.words import Act, Acting, PlanningState, Policy, SlotState

_COLUMNS = ("school_id", "slot_id", "planning_id", "family_id", "student_id", "one_of", "revision", "made")
_INSERT = Prepared(insert(Booking).on_conflict_do_nothing().returning(col(Booking.id)), _COLUMNS)
_HOLDER = Prepared(
    select(col(Booking.id)).where(col(Booking.slot_id) == bindparam("slot"), col(Booking.cancelled).is_(None))
)
_HELD = Prepared(
    select(
        col(Booking.school_id),
        col(Booking.id),
        col(Booking.slot_id),
        col(Booking.planning_id),
        col(Booking.family_id),
        col(Booking.student_id),
        col(Booking.revision),
        col(Slot.start),
    )
    .join(Slot, same(Slot.id, Booking.slot_id))
    .where(
        col(Booking.school_id) == bindparam("school"),
        col(Booking.id) == bindparam("booking"),
        col(Booking.cancelled).is_(None),
    )
)
_CHANGE = update(Booking).where(
    col(Booking.school_id) == bindparam("school"),
    col(Booking.id) == bindparam("booking"),
    col(Booking.cancelled).is_(None),
    col(Booking.revision) == bindparam("seen"),
)
_MOVE = Prepared(_CHANGE.values(slot_id=bindparam("slot"), revision=bindparam("next")))
_CANCEL = Prepared(_CHANGE.values(cancelled=bindparam("at", type_=UtcDateTime()), revision=bindparam("next")))


@dataclass(frozen=True, slots=True)
class _Held:
    """A live booking as it stands, or as it was just made."""

    school_id: int
    id: int
    slot_id: int
    planning_id: int
    family_id: int
    student_id: int
    revision: int
    start: datetime


def book(
    session: Session, school_id: int, acting: Acting, *, family_id: int, student_id: int, slot_id: int
) -> BookingView:
    """Take a slot for a child of a family. A second time by the same family, and nothing more happens (rule 17).

    Raises Refused with NotFound, Blocked, NotYetOpen, Closed, Past, Taken, Overlaps, TeacherBusy or AlreadyBooked.
    """
    facts, others = _facts_and_others(session, school_id, family_id, student_id, slot_id)
    for other in others:
        if (other.slot_id, other.student_id, other.of_family) == (slot_id, student_id, True):
            again = _Held(
                school_id,
                other.booking_id,
                slot_id,
                facts.planning_id,
                family_id,
                student_id,
                other.revision,
                facts.start,
            )
            return _view(again, facts)
    if not acting.by.staff:
        _must_be_allowed(session, school_id, family_id, facts, acting.now)
        if any(other.of_family and _same_talk(other, facts, student_id) for other in others):
            raise Refused(AlreadyBooked())
        _must_fit(facts, others)
    held = _insert(session, school_id, acting, family_id, student_id, slot_id, facts)
    _write_down(session, acting, Act.BOOKED, held, facts)
    return _view(held, facts)


def move(
    session: Session, school_id: int, acting: Acting, *, booking_id: int, slot_id: int, family_id: int | None = None
) -> BookingView:
    """Take another slot of the same planning; when that fails the old one stands (rule 11).

    A parent's edge passes `family_id`: another family's booking is then not found (rule 6). Raises as `book` does.
    """
    held = _held(session, school_id, booking_id, family_id)
    facts, others = _facts_and_others(session, school_id, held.family_id, held.student_id, slot_id, booking_id)
    if facts.planning_id != held.planning_id:
        raise Refused(NotFound("slot"))
    if held.slot_id == slot_id:
        return _view(held, facts)
    if not acting.by.staff:
        _must_not(rules.begun(held.start, acting.now))
        _must_be_allowed(session, school_id, held.family_id, facts, acting.now)
        _must_fit(facts, others)
    moved = replace(held, slot_id=slot_id, revision=held.revision + 1, start=facts.start)
    try:
        _change(session, _MOVE, held, slot=slot_id)
    except Exception as error:
        if is_conflict(error):
            raise Refused(Taken()) from None
        raise
    _write_down(session, acting, Act.MOVED, moved, facts, from_start=held.start.isoformat(), from_slot=held.slot_id)
    return _view(moved, facts)


def cancel(
    session: Session, school_id: int, acting: Acting, *, booking_id: int, family_id: int | None = None
) -> BookingView:
    """Let go of a slot; it is free at once (rule 9). Parents may until sign-up closes. Raises as `book` does."""
    held = _held(session, school_id, booking_id, family_id)
    facts = situation(session, school_id, held.family_id, held.student_id, held.slot_id)
    if facts is None:
        raise Refused(NotFound("slot"))
    if not acting.by.staff:
        _must_not(rules.begun(held.start, acting.now))
        _must_not(Blocked() if facts.blocked else None)
        _must_not(Closed(facts.closes) if acting.now >= facts.closes else None)
    _change(session, _CANCEL, held, at=acting.now)
    cancelled = replace(held, revision=held.revision + 1)
    _write_down(session, acting, Act.CANCELLED, cancelled, facts)
    return _view(cancelled, facts, cancelled=True)


def _held(session: Session, school_id: int, booking_id: int, family_id: int | None) -> _Held:
    row = _HELD.first(session, school=school_id, booking=booking_id)
    if row is None:
        raise Refused(NotFound("booking"))
    held = _Held(*row)
    if family_id not in (None, held.family_id):
        raise Refused(NotFound("booking"))
    return held


def _facts_and_others(
    session: Session, school_id: int, family_id: int, student_id: int, slot_id: int, booking_id: int = 0
) -> tuple[Situation, list[Conflict]]:
    found = situation_with_conflicts(session, school_id, family_id, student_id, slot_id, booking_id)
    if found is None:
        raise Refused(NotFound("slot"))
    return found


def _must_not(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise Refused(refusal)


def _must_be_allowed(session: Session, school_id: int, family_id: int, facts: Situation, now: datetime) -> None:
    """Who may book here, and when (rules 6, 7, 14, 16)."""
    _must_not(Blocked() if facts.blocked else None)
    if facts.planning_state is not PlanningState.PUBLISHED or not facts.in_group or facts.left:
        raise Refused(NotFound("slot"))
    large = False
    if facts.opens_early is not None and facts.opens_early <= now < facts.opens:
        taking_part = children_taking_part(session, school_id, family_id, facts.conference_id)
        large = taking_part >= facts.large_family
    _must_not(rules.window(rules.opening(facts.opens, facts.opens_early, large=large), facts.closes, now))
    _must_not(rules.begun(facts.start, now))
    _must_not(Taken() if facts.slot_state is SlotState.BREAK else None)


def _same_talk(other: Conflict, facts: Situation, student_id: int) -> bool:
    return other.span.planning_id == facts.planning_id and other.student_id == student_id


def _must_fit(facts: Situation, others: list[Conflict]) -> None:
    """Nobody is in two places at once (rule 10)."""
    walking = timedelta(minutes=facts.walking_minutes)
    for other in others:
        if other.of_family and overlap(facts.span, other.span, walking):
            raise Refused(Overlaps(other.span.start, other.span.end))
        if not other.of_family and overlap(facts.span, other.span):
            raise Refused(TeacherBusy())


def _insert(
    session: Session, school_id: int, acting: Acting, family_id: int, student_id: int, slot_id: int, facts: Situation
) -> _Held:
    """The constraints decide (rules 9, 12). Staff overrule the one per child, never the one per slot (rule 15)."""
    row = {
        "school_id": school_id,
        "slot_id": slot_id,
        "planning_id": facts.planning_id,
        "family_id": family_id,
        "student_id": student_id,
        "one_of": family_id if facts.policy is Policy.EACH else 0,
        "revision": 0,
        "made": acting.now,
    }
    made = _INSERT.first(session, **row)
    if made is None and acting.by.staff:
        made = _INSERT.first(session, **{**row, "one_of": None})
    if made is None:
        raise Refused(AlreadyBooked() if _HOLDER.first(session, slot=slot_id) is None else Taken())
    return _Held(school_id, made[0], slot_id, facts.planning_id, family_id, student_id, 0, facts.start)


def _change(session: Session, statement: Prepared, held: _Held, **values: object) -> None:
    """Change the row as it was read; somebody else's change in between wins."""
    seen = {"school": held.school_id, "booking": held.id, "seen": held.revision, "next": held.revision + 1}
    if not statement.run(session, **seen, **values):
        raise Refused(NotFound("booking"))


def _write_down(session: Session, acting: Acting, act: Act, held: _Held, facts: Situation, **detail: object) -> None:
    """The audit row and the notices of one change."""
    with together(session):
        record(
            session, held.school_id, acting, act, held.id,
            planning_id=held.planning_id, slot=held.slot_id, start=held.start.isoformat(),
            student=held.student_id, family=held.family_id, **detail,
        )  # fmt: skip
        enqueue_of_booking(
            session,
            held.school_id,
            acting,
            held.id,
            revision=held.revision,
            family_id=held.family_id,
            student_id=held.student_id,
            together=facts.policy is Policy.TOGETHER,
            planning_id=held.planning_id,
        )


def _view(held: _Held, facts: Situation, *, cancelled: bool = False) -> BookingView:
    return BookingView(
        id=held.id,
        school_id=held.school_id,
        family_id=held.family_id,
        family_name=facts.family_name,
        student_id=held.student_id,
        first_name=called(facts.first_name, facts.call_name),
        student_name=full(facts.first_name, facts.prefix, facts.last_name, facts.call_name),
        planning_id=held.planning_id,
        conference=facts.conference,
        title=facts.title,
        teachers=names(facts.teachers),
        room=facts.room,
        remarks=facts.remarks,
        slot_id=held.slot_id,
        start=facts.start,
        end=facts.end,
        revision=held.revision,
        cancelled=cancelled,
    )

"""One planning as the desk sees it: what was typed about it, and its times as blocks per day (D12).

These views hold names of children: never for a parent's screen.
"""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from storage.database.joins import same
from storage.planning.teachers import TeacherLine
from storage.planning.views.planning_list import allow, groups_of, teachers_of
from storage.refusals import NotFound, Refused
from storage.tables import (
    Booking,
    Conference,
    Family,
    Planning,
    School,
    Slot,
    Student,
)
from storage.timezone import local_day
from storage.values.person_names import full
from storage.words import PlanningState, SlotState


@dataclass(frozen=True, slots=True)
class BlockBooking:
    id: int
    student_id: int
    student: str
    family_id: int
    family: str
    family_blocked: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A slot in the overview. A booked one shows its booking, whatever its state."""

    slot_id: int
    planning_id: int
    start: datetime
    end: datetime
    state: SlotState
    booking: BlockBooking | None

    @property
    def kind(self) -> str:
        """`booked`, `break` or `free`."""
        if self.booking is not None:
            return "booked"
        return "break" if self.state is SlotState.BREAK else "free"


@dataclass(frozen=True, slots=True)
class BlockDay:
    day: date
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class PlanningView:
    """One planning as it stands, for its page and for the form that changes it."""

    id: int
    conference_id: int
    conference: str
    title: str
    state: PlanningState
    room: str
    remarks: str
    opens: datetime
    opens_early: datetime | None
    closes: datetime
    mail_each_booking: bool
    teachers: tuple[TeacherLine, ...]
    group_ids: frozenset[int]
    groups: tuple[str, ...]
    days: tuple[BlockDay, ...]

    def over(self, now: datetime) -> bool:
        """All its talks have ended: its groups may hold other children by now (rule 32)."""
        return bool(self.days) and all(block.end <= now for day in self.days for block in day.blocks)

    def count(self, kind: str) -> int:
        return sum(block.kind == kind for day in self.days for block in day.blocks)

    def block(self, slot_id: int) -> Block:
        """Raises Refused(NotFound) for a slot that is not this planning's."""
        for day in self.days:
            for block in day.blocks:
                if block.slot_id == slot_id:
                    return block
        raise Refused(NotFound("slot"))


def planning(session: Session, school_id: int, planning_id: int, *, teacher_id: int | None = None) -> PlanningView:
    """Raises Refused(NotFound) as `allow` does."""
    allow(session, school_id, planning_id, teacher_id)
    row, conference, zone = session.execute(
        select(Planning, col(Conference.name), col(School.timezone))
        .join(Conference, col(Conference.id) == col(Planning.conference_id))
        .join(School, col(School.id) == col(Planning.school_id))
        .where(col(Planning.school_id) == school_id, col(Planning.id) == planning_id)
    ).one()
    groups = session.execute(groups_of(school_id, [planning_id])).all()
    teachers = session.execute(teachers_of(school_id, [planning_id])).all()
    return PlanningView(
        id=planning_id,
        conference_id=row.conference_id,
        conference=conference,
        title=row.title,
        state=row.state,
        room=row.room,
        remarks=row.remarks,
        opens=row.opens,
        opens_early=row.opens_early,
        closes=row.closes,
        mail_each_booking=row.mail_each_booking,
        teachers=tuple(TeacherLine(teacher.name, teacher.email) for teacher in teachers),
        group_ids=frozenset(group.group_id for group in groups),
        groups=tuple(group.name for group in groups),
        days=_days(session, school_id, planning_id, zone),
    )


def blocks(session: Session, school_id: int, *wanted: ColumnElement[bool]) -> list[Block]:
    """The school's slots that fit, by time, each with the live booking that holds it. One query, however many.

    `wanted` are conditions on Slot.
    """
    # A slot is held by its id alone: the one index of live bookings is on that.
    sought = (
        select(Slot, col(Booking.id), Student, Family)
        .outerjoin(Booking, (col(Booking.slot_id) == col(Slot.id)) & col(Booking.cancelled).is_(None))
        .outerjoin(Student, same(Student.id, Booking.student_id))
        .outerjoin(Family, same(Family.id, Booking.family_id))
        .where(col(Slot.school_id) == school_id, *wanted)
        .order_by(col(Slot.start))
    )
    return [_block(*row) for row in session.execute(sought)]


def _days(session: Session, school_id: int, planning_id: int, zone: str) -> tuple[BlockDay, ...]:
    of_planning = blocks(session, school_id, col(Slot.planning_id) == planning_id)
    by_day = groupby(of_planning, key=lambda block: local_day(block.start, zone))
    return tuple(BlockDay(day, tuple(of_day)) for day, of_day in by_day)


def _block(slot: Slot, booking_id: int | None, student: Student | None, family: Family | None) -> Block:
    assert slot.id is not None
    booking = None
    if booking_id is not None and student is not None and family is not None:
        assert student.id is not None
        assert family.id is not None
        name = full(student.first_name, student.prefix, student.last_name, student.call_name)
        booking = BlockBooking(booking_id, student.id, name, family.id, family.name, family.blocked)
    return Block(slot.id, slot.planning_id, slot.start, slot.end, slot.state, booking)

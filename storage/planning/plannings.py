"""Plannings: one table of a conference, with its teachers and groups (D10). Slots are in slots.py.

Changing one never touches a booked slot, and a group stays while a child of it is booked (rule 13).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, delete, func, insert, select
from sqlmodel import Session, col

from storage.audit.record import record
from storage.planning import slots, teachers
from storage.planning.change_notices import draw_files_anew, tell
from storage.planning.teachers import TeacherLine
from storage.planning.validation import text_of, window
from storage.refusals import Booked, Invalid, NotFound, Refused
from storage.tables import (
    Booking,
    Conference,
    Group,
    Planning,
    PlanningGroup,
    PlanningTeacher,
    Slot,
    StudentGroup,
)
from storage.words import Act, Acting


@dataclass(frozen=True, slots=True)
class PlanningForm:
    """What is typed about a planning; moments are aware UTC. Several teachers and groups may be named."""

    title: str
    teachers: tuple[TeacherLine, ...]
    group_ids: frozenset[int]
    opens: datetime
    closes: datetime
    opens_early: datetime | None = None
    remarks: str = ""
    room: str = ""
    mail_each_booking: bool = False


def make(session: Session, school_id: int, acting: Acting, conference_id: int, form: PlanningForm) -> int:
    """A new draft without slots; returns its id. Raises Refused: NotFound, Invalid."""
    _refuse_unknown_conference(session, school_id, conference_id)
    row = Planning(school_id=school_id, conference_id=conference_id, title="", opens=form.opens, closes=form.closes)
    _fill(session, row, form)
    session.add(row)
    session.flush()
    assert row.id is not None
    teachers.seat(session, school_id, row.id, teachers.put(session, school_id, form.teachers))
    _set_groups(session, school_id, row.id, form.group_ids)
    record(session, school_id, acting, Act.PLANNING_MADE, row.id)
    return row.id


def edit(session: Session, school_id: int, acting: Acting, planning_id: int, form: PlanningForm) -> None:
    """Changed also while talks are booked: families are told of another teacher or room (rule 13).

    Raises Refused: NotFound, Invalid; Booked where a group is taken off whose child is booked.
    """
    row = session.scalar(_row(school_id, planning_id).with_for_update(key_share=True))
    if row is None:
        raise Refused(NotFound("planning"))
    before = _as_told(session, row)
    _fill(session, row, form)
    session.flush()
    stranded = _booked_outside(session, school_id, planning_id)
    teachers.seat(session, school_id, planning_id, teachers.put(session, school_id, form.teachers))
    _set_groups(session, school_id, planning_id, form.group_ids)
    stranded = _booked_outside(session, school_id, planning_id) - stranded
    if stranded > 0:
        raise Refused(Booked(stranded))
    after = _as_told(session, row)
    if after != before:
        draw_files_anew(session, school_id, planning_id, acting.now)
    if (after.room, after.teachers) != (before.room, before.teachers):
        tell(session, school_id, planning_id, acting.now)
    record(session, school_id, acting, Act.PLANNING_CHANGED, planning_id)


def remove(session: Session, school_id: int, acting: Acting, planning_id: int) -> None:
    """Remove it with its slots. Raises Refused: NotFound; Booked or Invalid as slots.remove does."""
    row = session.scalar(_row(school_id, planning_id).with_for_update())
    if row is None:
        raise Refused(NotFound("planning"))
    of_it = select(col(Slot.id)).where(col(Slot.school_id) == school_id, col(Slot.planning_id) == planning_id)
    slots.clear(session, school_id, [id_ for id_ in session.scalars(of_it.with_for_update()) if id_], acting.now)
    session.delete(row)
    session.flush()
    record(session, school_id, acting, Act.PLANNING_REMOVED, planning_id)


class _AsTold(NamedTuple):
    title: str
    remarks: str
    room: str
    teachers: frozenset[int | None]


def _as_told(session: Session, row: Planning) -> _AsTold:
    """What families read of a planning on the card of their talk."""
    seated = select(col(PlanningTeacher.teacher_id)).where(
        col(PlanningTeacher.school_id) == row.school_id, col(PlanningTeacher.planning_id) == row.id
    )
    return _AsTold(row.title, row.remarks, row.room, frozenset(session.execute(seated).scalars()))


def _row(school_id: int, planning_id: int) -> Select[Planning]:
    return select(Planning).where(col(Planning.school_id) == school_id, col(Planning.id) == planning_id)


def _refuse_unknown_conference(session: Session, school_id: int, conference_id: int) -> None:
    sought = select(col(Conference.id)).where(
        col(Conference.school_id) == school_id, col(Conference.id) == conference_id
    )
    if session.execute(sought).scalar_one_or_none() is None:
        raise Refused(NotFound("conference"))


def _fill(session: Session, row: Planning, form: PlanningForm) -> None:
    row.title = text_of(form.title, "The title", 120)
    row.remarks = text_of(form.remarks, "The remarks", 1000, needed=False, lines=True)
    row.room = text_of(form.room, "The room", 60, needed=False)
    window(form.opens, form.opens_early, form.closes)
    row.opens, row.opens_early, row.closes = form.opens, form.opens_early, form.closes
    row.mail_each_booking = form.mail_each_booking
    namesake = select(col(Planning.id)).where(
        col(Planning.school_id) == row.school_id,
        col(Planning.conference_id) == row.conference_id,
        func.lower(col(Planning.title)) == row.title.lower(),
    )
    with session.no_autoflush:
        others = [id_ for id_ in session.execute(namesake).scalars() if id_ != row.id]
    if others:
        raise Refused(Invalid("This conference has a planning named %(title)s already.", (("title", row.title),)))


def _set_groups(session: Session, school_id: int, planning_id: int, group_ids: Iterable[int]) -> None:
    sought = select(col(Group.id)).where(col(Group.school_id) == school_id, col(Group.id).in_(group_ids))
    known = set(session.execute(sought).scalars())
    if not set(group_ids) <= known:
        raise Refused(NotFound("group"))
    session.execute(
        delete(PlanningGroup).where(
            col(PlanningGroup.school_id) == school_id, col(PlanningGroup.planning_id) == planning_id
        )
    )
    rows = [{"school_id": school_id, "planning_id": planning_id, "group_id": id_} for id_ in sorted(group_ids)]
    if rows:
        session.execute(insert(PlanningGroup), rows)


def _booked_outside(session: Session, school_id: int, planning_id: int) -> int:
    """How many live bookings are for children in none of the planning's groups."""
    within = (
        select(col(StudentGroup.student_id))
        .join(PlanningGroup, col(PlanningGroup.group_id) == col(StudentGroup.group_id))
        .where(col(PlanningGroup.school_id) == school_id, col(PlanningGroup.planning_id) == planning_id)
    )
    outside = select(func.count()).where(
        col(Booking.school_id) == school_id,
        col(Booking.planning_id) == planning_id,
        col(Booking.cancelled).is_(None),
        col(Booking.student_id).not_in(within),
    )
    return int(session.execute(outside).scalar_one())

"""The plannings of a school as a file would describe them, to lay a file beside them. Only reads.

Six queries, however many plannings there are. Names are compared without case and with single spaces.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.planning.grid import Span
from storage.tables import (
    Booking,
    Conference,
    Group,
    Planning,
    PlanningGroup,
    PlanningTeacher,
    Slot,
    Teacher,
)
from storage.values.person_names import group_key

_TEXTS = ("title", "opens", "opens_early", "closes", "room", "remarks")


@dataclass(slots=True)
class CurrentPlanning:
    """A planning as the school has it. `values`: its own fields by name, and `groups` as ids."""

    id: int
    values: dict[str, Any]
    mail_each_booking: bool
    teachers: dict[str, str] = field(default_factory=dict)  # name_key → name
    slots: dict[Span, tuple[int, bool]] = field(default_factory=dict)  # → id, and whether it is booked


@dataclass(slots=True)
class CurrentPlannings:
    """What the school has: conferences and groups by name, plannings by conference and title, mail of teachers."""

    conferences: dict[str, int]
    groups: dict[str, tuple[int, str]]
    plannings: dict[tuple[int, str], CurrentPlanning]
    emails: dict[str, str]  # name_key → address


def current_plannings(session: Session, school_id: int) -> CurrentPlannings:
    """Everything that a list of plannings may speak of."""
    named = select(col(Conference.id), col(Conference.name)).where(col(Conference.school_id) == school_id)
    grouped = select(col(Group.id), col(Group.name)).where(col(Group.school_id) == school_id)
    mailed = select(col(Teacher.name_key), col(Teacher.email)).where(col(Teacher.school_id) == school_id)
    found: dict[int, CurrentPlanning] = {}
    plannings: dict[tuple[int, str], CurrentPlanning] = {}
    for row in session.scalars(select(Planning).where(col(Planning.school_id) == school_id)):
        assert row.id is not None
        values: dict[str, Any] = {name: getattr(row, name) for name in _TEXTS} | {"groups": frozenset()}
        found[row.id] = CurrentPlanning(row.id, values, row.mail_each_booking)
        plannings[row.conference_id, group_key(row.title)] = found[row.id]
    _read_people(session, school_id, found)
    _read_slots(session, school_id, found)
    return CurrentPlannings(
        conferences={group_key(name): id_ for id_, name in _rows(session, named)},
        groups={group_key(name): (id_, name) for id_, name in _rows(session, grouped)},
        plannings=plannings,
        emails=dict(tuple(row) for row in _rows(session, mailed)),
    )


def _rows(session: Session, statement: Any) -> Any:
    return session.execute(statement)


def _read_people(session: Session, school_id: int, found: dict[int, CurrentPlanning]) -> None:
    groups = select(col(PlanningGroup.planning_id), col(PlanningGroup.group_id)).where(
        col(PlanningGroup.school_id) == school_id
    )
    for planning_id, group_id in _rows(session, groups):
        found[planning_id].values["groups"] |= {group_id}
    seated = (
        select(col(PlanningTeacher.planning_id), col(Teacher.name_key), col(Teacher.name))
        .join(Teacher, col(Teacher.id) == col(PlanningTeacher.teacher_id))
        .where(col(PlanningTeacher.school_id) == school_id)
        .order_by(col(Teacher.name_key))
    )
    for planning_id, key, name in _rows(session, seated):
        found[planning_id].teachers[key] = name


def _read_slots(session: Session, school_id: int, found: dict[int, CurrentPlanning]) -> None:
    booked = select(func.count()).where(col(Booking.slot_id) == col(Slot.id), col(Booking.cancelled).is_(None))
    times = select(col(Slot.planning_id), col(Slot.id), col(Slot.start), col(Slot.end), booked.scalar_subquery()).where(
        col(Slot.school_id) == school_id
    )
    for planning_id, slot_id, start, end, count in _rows(session, times):
        found[planning_id].slots[Span(start, end)] = (slot_id, bool(count))

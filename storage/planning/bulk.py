"""Many groups or teachers in one go: a conference's plannings with their times, made in one transaction (D10, D11).

All or none, so that nobody is left with half of a conference. One planning for each group; every one is a draft and
is written in the audit trail by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from storage.audit.record import record
from storage.planning import conferences, plannings, slots
from storage.planning.conferences import ConferenceForm
from storage.planning.grid import Span
from storage.planning.plannings import PlanningForm
from storage.planning.teachers import TeacherLine
from storage.planning.validation import window
from storage.refusals import Invalid, NotFound, Refusal, Refused
from storage.tables import Group, Planning
from storage.words import Act, Acting

MOST_GROUPS = 300


@dataclass(frozen=True, slots=True)
class GroupLine:
    """What is typed about one group's planning."""

    group_id: int
    title: str
    teachers: tuple[TeacherLine, ...] = ()
    room: str = ""


@dataclass(frozen=True, slots=True)
class SignUp:
    """What all of them share; moments are aware UTC."""

    opens: datetime
    closes: datetime
    opens_early: datetime | None = None
    remarks: str = ""
    mail_each_booking: bool = False


@dataclass(frozen=True, slots=True)
class OfOne(Refusal):
    """Nothing was done, because of one of many: a group's row (`group_id`) or a planning (`planning_id`)."""

    name: str
    refusal: Refusal
    group_id: int | None = None
    planning_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlanningsMade:
    conference_id: int
    planning_ids: tuple[int, ...]


def make_for_groups(
    session: Session,
    school_id: int,
    acting: Acting,
    conference: int | ConferenceForm,
    lines: Sequence[GroupLine],
    sign_up: SignUp,
    spans: Sequence[Span],
) -> PlanningsMade:
    """A draft with all of `spans` for each line, in a conference that is there or that is made here.

    Raises Refused: NotFound, Invalid; OfOne, which names the group that something is wrong with.
    """
    if not lines:
        raise Refused(Invalid("Tick at least one group."))
    if len(lines) > MOST_GROUPS:
        raise Refused(Invalid("At most %(most)s groups in one go.", (("most", str(MOST_GROUPS)),)))
    names = _names(session, school_id, [line.group_id for line in lines])
    if isinstance(conference, ConferenceForm):
        conference = conferences.make(session, school_id, acting, conference)
    made = []
    for line in lines:
        form = PlanningForm(
            title=line.title,
            teachers=line.teachers,
            group_ids=frozenset({line.group_id}),
            opens=sign_up.opens,
            closes=sign_up.closes,
            opens_early=sign_up.opens_early,
            remarks=sign_up.remarks,
            room=line.room,
            mail_each_booking=sign_up.mail_each_booking,
        )
        try:
            planning_id = plannings.make(session, school_id, acting, conference, form)
            slots.add(session, school_id, acting, planning_id, spans)
        except Refused as refused:
            if isinstance(refused.refusal, NotFound):
                raise
            raise Refused(OfOne(names[line.group_id], refused.refusal, group_id=line.group_id)) from None
        made.append(planning_id)
    return PlanningsMade(conference, tuple(made))


def add_times(
    session: Session, school_id: int, acting: Acting, planning_ids: Sequence[int], spans: Sequence[Span]
) -> int:
    """The same times to many plannings; returns how many in all. Raises Refused: NotFound, Invalid, OfOne."""
    if not planning_ids:
        raise Refused(Invalid("Tick at least one planning."))
    sought = select(col(Planning.id), col(Planning.title)).where(
        col(Planning.school_id) == school_id, col(Planning.id).in_(planning_ids)
    )
    titles = {row.id: row.title for row in session.execute(sought)}
    added = 0
    for planning_id in sorted(set(planning_ids)):  # in one order, so that two of us never wait for each other
        try:
            added += slots.add(session, school_id, acting, planning_id, spans)
        except Refused as refused:
            if isinstance(refused.refusal, NotFound):
                raise
            raise Refused(OfOne(titles[planning_id], refused.refusal, planning_id=planning_id)) from None
    return added


def set_window(session: Session, school_id: int, acting: Acting, conference_id: int, sign_up: SignUp) -> int:
    """When parents may sign up, for all plannings of a conference; returns how many have another window now.

    Of `sign_up` only the three moments count. Raises Refused: NotFound, Invalid.
    """
    conferences.conference(session, school_id, conference_id)
    window(sign_up.opens, sign_up.opens_early, sign_up.closes)
    sought = select(Planning).where(col(Planning.school_id) == school_id, col(Planning.conference_id) == conference_id)
    changed = 0
    for row in session.scalars(sought.order_by(col(Planning.id)).with_for_update(key_share=True)):
        if (row.opens, row.opens_early, row.closes) == (sign_up.opens, sign_up.opens_early, sign_up.closes):
            continue
        row.opens, row.opens_early, row.closes = sign_up.opens, sign_up.opens_early, sign_up.closes
        record(session, school_id, acting, Act.PLANNING_CHANGED, row.id)
        changed += 1
    session.flush()
    return changed


def _names(session: Session, school_id: int, group_ids: list[int]) -> dict[int, str]:
    sought = select(col(Group.id), col(Group.name)).where(
        col(Group.school_id) == school_id, col(Group.id).in_(group_ids)
    )
    names = {row.id: row.name for row in session.execute(sought)}
    if set(group_ids) - set(names):
        raise Refused(NotFound("group"))
    return names

"""What stands in the way of publishing: gathers how plannings stand and asks the rules (D13).

A query: it changes nothing, and takes the same number of statements for one planning as for a hundred.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlmodel import Session, col

from storage.database.joins import same
from storage.planning.readiness.findings import Finding, Severity
from storage.planning.readiness.rules import PlanningFacts, SlotFacts, TalkFacts, TeacherFacts, check_all
from storage.planning.views.planning_list import groups_of, listed, teachers_of
from storage.tables import (
    Booking,
    Conference,
    Credential,
    Family,
    FamilyStudent,
    Planning,
    PlanningGroup,
    School,
    Slot,
    Student,
    StudentGroup,
)
from storage.values.talk_span import TalkSpan
from storage.words import PlanningState, Policy, SecretKind, SlotState

NAMES_SHOWN = 5


def check(
    session: Session,
    school_id: int,
    *,
    now: datetime,
    conference_id: int | None = None,
    teacher_id: int | None = None,
) -> tuple[Finding, ...]:
    """Findings about the whole school first, then planning by planning. Only those of `teacher_id`'s, if given.

    All the school's plannings are looked at, for a teacher may sit in another conference at the same time.
    """
    school = session.execute(select(School).where(col(School.id) == school_id)).scalar_one()
    everything = planning_facts(
        session, school_id, now
    )  # without those that are over: what was wrong there is not news
    shown = {row.id for row in session.execute(listed(school_id, teacher_id, conference_id))}
    found = check_all(everything, _talks_to_come(session, school_id, now), now, school.timezone)
    of_shown = tuple(finding for finding in found if finding.planning_id in shown)
    return (*_secrets(session, school, sorted(shown)), *of_shown)


def planning_facts(
    session: Session, school_id: int, now: datetime, ids: Collection[int] | None = None
) -> tuple[PlanningFacts, ...]:
    """Plannings as the rules look at them: these, or all of the school that are not over."""
    chosen = _not_over(school_id, now) if ids is None else col(Planning.id).in_(ids)
    rows = session.execute(listed(school_id, None, None).where(chosen)).all()
    ids = [row.id for row in rows]
    teachers, groups = defaultdict(list), defaultdict(list)
    sizes, pupils = _group_sizes(session, school_id), _children(session, school_id, ids)
    for row in session.execute(teachers_of(school_id, ids)):
        teachers[row.planning_id].append(TeacherFacts(row.id, row.name, row.email))
    for row in session.execute(groups_of(school_id, ids)):
        groups[row.planning_id].append((row.name, sizes[row.group_id]))
    times = _times(session, school_id, ids, now)
    return tuple(
        PlanningFacts(
            id=row.id,
            title=row.title,
            conference_id=row.conference_id,
            policy=row.policy,
            state=row.state,
            opens=row.opens,
            opens_early=row.opens_early,
            closes=row.closes,
            teachers=tuple(teachers[row.id]),
            groups=tuple(groups[row.id]),
            children=len(pupils[row.id]),
            talks=_talks(pupils[row.id], row.policy),
            alone=sum(families == 0 for families in pupils[row.id].values()),
            times=tuple(times[row.id]),
            mail_each_booking=row.mail_each_booking,
        )
        for row in rows
    )


def _not_over(school_id: int, now: datetime) -> ColumnElement[bool]:
    """As `PlanningFacts.over`, asked of the database: years of old plannings would be read for nothing."""
    of_it = (col(Slot.school_id) == school_id, col(Slot.planning_id) == col(Planning.id))
    coming, any_at_all = exists().where(*of_it, col(Slot.start) > now), exists().where(*of_it)
    return or_(col(Planning.state) == PlanningState.DRAFT, coming, ~any_at_all)


def _talks_to_come(session: Session, school_id: int, now: datetime) -> list[TalkFacts]:
    """Of families that have more than one."""
    live = (col(Booking.school_id) == school_id, col(Booking.cancelled).is_(None))
    several = select(col(Booking.family_id)).where(*live).group_by(col(Booking.family_id)).having(func.count() > 1)
    sought: Any = (
        select(Booking, Slot, Family, col(Planning.title), col(Conference.walking_minutes))
        .join(Slot, same(Slot.id, Booking.slot_id))
        .join(Planning, same(Planning.id, Booking.planning_id))
        .join(Conference, same(Conference.id, Planning.conference_id))
        .join(Family, same(Family.id, Booking.family_id))
        .where(*live, col(Slot.start) > now, col(Booking.family_id).in_(several))
        .order_by(col(Slot.start), col(Booking.id))
    )
    return [
        TalkFacts(
            TalkSpan(slot.start, slot.end, booking.planning_id),
            title,
            booking.family_id,
            family.name,
            timedelta(minutes=walking),
        )
        for booking, slot, family, title, walking in session.execute(sought)
    ]


def _talks(pupils: dict[int, int], policy: Policy) -> int:
    """How many talks these children (id → number of families) need (rule 12)."""
    return sum(max(1, families) if policy is Policy.EACH else 1 for families in pupils.values())


def _group_sizes(session: Session, school_id: int) -> Counter[int]:
    sought = (
        select(col(StudentGroup.group_id), func.count())
        .join(Student, col(Student.id) == col(StudentGroup.student_id))
        .where(col(StudentGroup.school_id) == school_id, col(Student.left).is_(None))
        .group_by(col(StudentGroup.group_id))
    )
    return Counter(dict(session.execute(sought).all()))


def _children(session: Session, school_id: int, ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """planning → child → the number of families it is in. A child in two groups of a planning counts once."""
    families = func.count(func.distinct(col(FamilyStudent.family_id)))
    sought = (
        select(col(PlanningGroup.planning_id), col(Student.id), families)
        .join(StudentGroup, col(StudentGroup.group_id) == col(PlanningGroup.group_id))
        .join(Student, col(Student.id) == col(StudentGroup.student_id))
        .outerjoin(FamilyStudent, col(FamilyStudent.student_id) == col(Student.id))
        .where(
            col(PlanningGroup.school_id) == school_id,
            col(PlanningGroup.planning_id).in_(ids),
            col(Student.left).is_(None),
        )
        .group_by(col(PlanningGroup.planning_id), col(Student.id))
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for planning_id, student_id, number in session.execute(sought):
        found[planning_id][student_id] = number
    return found


def _times(session: Session, school_id: int, ids: Sequence[int], now: datetime) -> dict[int, list[SlotFacts]]:
    sought = (
        select(col(Slot.planning_id), col(Slot.start), col(Slot.end), col(Slot.state), col(Booking.id))
        .outerjoin(Booking, (col(Booking.slot_id) == col(Slot.id)) & col(Booking.cancelled).is_(None))
        .where(col(Slot.school_id) == school_id, col(Slot.planning_id).in_(ids))
        .order_by(col(Slot.start))
    )
    found: dict[int, list[SlotFacts]] = defaultdict(list)
    for planning_id, start, end, state, booking_id in session.execute(sought):
        usable = booking_id is not None or (start > now and state is SlotState.OPEN)
        found[planning_id].append(SlotFacts(start, end, usable))
    return found


def _secrets(session: Session, school: School, planning_ids: Sequence[int]) -> tuple[Finding, ...]:
    if school.secret_kind is None:
        return (Finding(Severity.WRONG, "No kind of secret has been chosen yet, so no family can sign in."),)
    names = session.execute(_without_secret(school, planning_ids)).scalars().all()
    if not names:
        return ()
    shown = ", ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")
    values = (("number", len(names)), ("names", shown))
    message = "Families without a secret, who cannot sign in: %(number)s (%(names)s)."
    return (Finding(Severity.WARNING, message, values),)


def _without_secret(school: School, planning_ids: Sequence[int]) -> Select[Any]:
    """Names of families that have a child in these plannings and nothing to sign in with."""
    usable = exists().where(
        col(Credential.school_id) == school.id,
        col(Credential.family_id) == col(Family.id),
        col(Credential.kind).in_((school.secret_kind, SecretKind.CODE)),
    )
    taking_part = (
        select(col(FamilyStudent.family_id))
        .join(Student, col(Student.id) == col(FamilyStudent.student_id))
        .join(StudentGroup, col(StudentGroup.student_id) == col(Student.id))
        .join(PlanningGroup, col(PlanningGroup.group_id) == col(StudentGroup.group_id))
        .where(
            # Not of FamilyStudent: by that SQLite walks the whole school again for every child.
            col(PlanningGroup.school_id) == school.id,
            col(PlanningGroup.planning_id).in_(planning_ids),
            col(Student.left).is_(None),
        )
    )
    return (
        select(col(Family.name))
        .where(
            col(Family.school_id) == school.id,
            col(Family.blocked).is_(False),
            col(Family.id).in_(taking_part),
            ~usable,
        )
        .order_by(col(Family.name))
    )

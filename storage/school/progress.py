"""The round of talks as it stands: from the students to the leavers, in counts, for the desk's first page (D2).

A handful of statements however large the school is. Only reads, and names no child and no family: each count is a link
to the page where they stand.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, distinct, exists, func, select
from sqlmodel import Session, col

from storage.database.joins import same
from storage.families.missing_data import missing_data
from storage.families.proposals import propose
from storage.families.reachability import UNREACHABLE
from storage.school.conference_counts import ConferenceDates, conference_counts
from storage.school.progress_views import PeopleCounts, Progress
from storage.tables import (
    Chat,
    Conference,
    Credential,
    Family,
    FamilyStudent,
    Group,
    Letter,
    Link,
    Notice,
    Planning,
    School,
    Slot,
    Student,
)
from storage.words import NoticeKind, Recipient


def progress(session: Session, school_id: int, now: datetime, conference_id: int | None = None) -> Progress:
    """How the round stands that runs now or comes first; or that of `conference_id`, where the school has it."""
    rows = [ConferenceDates(*row) for row in session.execute(_spans(school_id))]
    current = sorted((row for row in rows if not row.over(now)), key=ConferenceDates.order)
    past = sorted((row for row in rows if row.over(now)), key=ConferenceDates.order, reverse=True)
    chosen = next((row for row in rows if row.id == conference_id), None) or next(iter((*current, *past)), None)
    return Progress(
        people=_people(session, school_id),
        talks=conference_counts(session, school_id, chosen, now) if chosen else None,
        over=chosen is not None and chosen.over(now),
        others=tuple((row.id, row.name) for row in current if row is not chosen),
    )


def _spans(school_id: int) -> Select[*tuple[Any, ...]]:
    times = (
        select(col(Slot.planning_id), func.min(col(Slot.start)).label("first"), func.max(col(Slot.end)).label("last"))
        .where(col(Slot.school_id) == school_id)
        .group_by(col(Slot.planning_id))
        .subquery()
    )
    columns: tuple[Any, ...] = (
        col(Conference.id),
        col(Conference.name),
        col(Conference.policy),
        func.min(col(Planning.opens)),
        func.max(col(Planning.closes)),
        func.min(times.c.first),
        func.max(times.c.last),
    )
    return (
        select(*columns)
        .outerjoin(Planning, col(Planning.conference_id) == col(Conference.id))
        .outerjoin(times, times.c.planning_id == col(Planning.id))
        .where(col(Conference.school_id) == school_id)
        .group_by(col(Conference.id), col(Conference.name), col(Conference.policy))
    )


_CHILD_HERE = exists().where(
    same(FamilyStudent.family_id, Family.id),
    col(Student.id) == col(FamilyStudent.student_id),
    col(Student.left).is_(None),
)


def _of_family(table: Any, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a family has a row there."""
    own = same(table.family_id, Family.id)
    return exists().where(*own, *more)


_OPENED = _of_family(Credential)
_LETTERED = _of_family(Letter)
_LINKED = _of_family(Link, col(Chat.id) == col(Link.chat_id), col(Chat.reachable).is_(True))


def _people(session: Session, school_id: int) -> PeopleCounts:
    here, at_school = col(Family.school_id) == school_id, col(Student.school_id) == school_id
    families = select(func.count()).select_from(Family).where(here, _CHILD_HERE)
    wanted: dict[str, Select[Any]] = {
        "kind": select(col(School.secret_kind)).where(col(School.id) == school_id),
        "groups": select(func.count()).select_from(Group).where(col(Group.school_id) == school_id),
        "students": select(func.count()).select_from(Student).where(at_school, col(Student.left).is_(None)),
        "families": families,
        "bare": families.where(~_OPENED, col(Family.blocked).is_(False)),
        "lettered": families.where(_LETTERED),
        "invited": select(func.count(distinct(col(Notice.subject)))).where(
            col(Notice.school_id) == school_id,
            col(Notice.kind).in_((NoticeKind.INVITATION, NoticeKind.SIGN_UP_OPENED)),
            col(Notice.recipient) != Recipient.STAFF,  # a test to oneself
        ),
        "linked": families.where(_LINKED),
        "unreachable": families.where(UNREACHABLE),
        "leavers": select(func.count()).select_from(Student).where(at_school, col(Student.left).is_not(None)),
    }
    row: Any = session.execute(select(*(one.scalar_subquery() for one in wanted.values()))).one()
    counted: dict[str, Any] = dict(zip(wanted, row, strict=True))
    review = len(propose(session, school_id).review)
    return PeopleCounts(**counted, lacking=missing_data(session, school_id), review=review)

"""What the school changes at its desk is shown in its families' chats: their screens are drawn anew (rule 34).

Read off the audit trail, where every action of the desk is written anyway, each row once: so no action has to think of
the chats, and a new one cannot forget them. An edit is left to settle for some seconds, in which a secretary's next
edits join it, and in which a screen that was read before it was committed arrives.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import Session, col

from storage.audit.reading_on import note_read, read_until
from storage.database.joins import same
from storage.outbox.owed import owe_redraw_where
from storage.tables import Audit, Booking, Chat, FamilyStudent, Planning, PlanningGroup, StudentGroup
from storage.words import Act, TrailReader

SETTLE = timedelta(seconds=10)
FIRST_LOOK = timedelta(hours=1)  # how far back, where nobody has looked yet
_OF_PLANNING = {Act.PLANNING_CHANGED, Act.PUBLISHED, Act.SLOTS_ADDED}
_OF_FAMILY = {Act.FAMILY_CHANGED, Act.FAMILY_BLOCKED, Act.FAMILY_ADMITTED}
_OF_STUDENT = {Act.STUDENT_CHANGED, Act.STUDENTS_LEFT, Act.CAME_BACK}
_OF_SCHOOL = {Act.SCHOOL_CHANGED, Act.IMPORTED, Act.FAMILIES_MADE, Act.MOVED_UP, Act.PLANNING_REMOVED}
SHOWN = _OF_PLANNING | _OF_FAMILY | _OF_STUDENT | _OF_SCHOOL


def plan_redraws(session: Session, now: datetime) -> None:
    """Owe a redraw to each chat that shows something of what was edited since the last look."""
    read = read_until(session, TrailReader.CHATS)
    new = col(Audit.at) > now - FIRST_LOOK if read is None else col(Audit.id) > read
    last = _last_settled(session, new, now)
    if last is None:
        return
    columns = col(Audit.school_id), col(Audit.act), col(Audit.subject), col(Audit.detail)
    edits: Any = session.execute(select(*columns).where(new, col(Audit.id) <= last, col(Audit.act).in_(SHOWN)))
    by_school: dict[int, list[Any]] = defaultdict(list)
    for edit in edits:
        by_school[edit.school_id].append(edit)
    for school_id, of_school in sorted(by_school.items()):
        owe_redraw_where(session, now, col(Chat.school_id) == school_id, _looks_at(school_id, of_school))
    note_read(session, TrailReader.CHATS, last)


def _last_settled(session: Session, new: ColumnElement[bool], now: datetime) -> int | None:
    """The last new row before the first that still settles: two that were made at once may stand in either order."""
    settling = select(func.min(col(Audit.id))).where(new, col(Audit.at) > now - SETTLE)
    first = session.execute(settling).scalar()
    before = () if first is None else (col(Audit.id) < first,)
    return session.execute(select(func.max(col(Audit.id))).where(new, *before)).scalar()


def _looks_at(school_id: int, edits: Iterable[Any]) -> ColumnElement[bool]:
    """A condition on Chat, one of the school's: it looks at a family that one of the edits is about."""
    plannings: set[int] = set()
    conferences: set[int] = set()
    families: set[int] = set()
    students: set[int] = set()
    for edit in edits:
        if edit.act in _OF_SCHOOL:
            return col(Chat.family_id).is_not(None)
        if edit.act in _OF_STUDENT:
            students.add(edit.subject)
        elif edit.act in _OF_FAMILY:
            families.update({edit.subject, edit.detail.get("out"), edit.detail.get("other")} - {None})
        elif edit.subject is None:
            conferences.add(edit.detail["conference"])
        else:
            plannings.add(edit.subject)
    chosen = or_(col(Planning.id).in_(plannings), col(Planning.conference_id).in_(conferences))
    about = (
        select(col(FamilyStudent.family_id)).where(col(FamilyStudent.student_id).in_(students)),
        _taking_part().where(chosen),
        _holding_talks().where(chosen),
    )
    named = [col(Chat.family_id).in_(some.where(col(FamilyStudent.school_id) == school_id)) for some in about]
    return or_(col(Chat.family_id).in_(families), *named)


def _taking_part() -> Select[Any]:
    return (
        select(col(FamilyStudent.family_id))
        .join(StudentGroup, same(StudentGroup.student_id, FamilyStudent.student_id))
        .join(PlanningGroup, same(PlanningGroup.group_id, StudentGroup.group_id))
        .join(Planning, same(Planning.id, PlanningGroup.planning_id))
    )


def _holding_talks() -> Select[Any]:
    """Also the other household of a child with a talk there (rule 12)."""
    return (
        select(col(FamilyStudent.family_id))
        .join(Booking, same(Booking.student_id, FamilyStudent.student_id))
        .join(Planning, same(Planning.id, Booking.planning_id))
    )

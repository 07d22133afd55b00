"""Children who leave the school, and who come back (D19).

Who has left has no talks and no access from then on: what lets a parent in with this child goes, its talks ahead are
cancelled with the usual notices, and a family without a child here loses its chats and its letters. Nothing is erased
here: that is `erasing`, by hand or when the days that the school keeps leavers are over.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, select, update
from sqlmodel import Session, col

from storage.access.credentials import renew
from storage.access.locking import lock
from storage.audit.record import record
from storage.booking.booking import cancel
from storage.database.joins import same
from storage.outbox.owed import owe_redraw
from storage.refusals import NotFound, Refused
from storage.tables import (
    Booking,
    Credential,
    Family,
    FamilyStudent,
    Letter,
    Link,
    Notice,
    Slot,
    Student,
)
from storage.words import Act, Acting, NoticeState, Recipient

_AT_ONCE = 500  # names in one statement


def leave(
    session: Session, school_id: int, acting: Acting, student_ids: Collection[int], since: datetime | None = None
) -> int:
    """These children have left; how many of them were here until now.

    `since`: the moment from which the days that leavers are kept are counted, where that is before now. Raises
    Refused(NotFound) when one of them is not of this school; then nobody has left.
    """
    left = min(since or acting.now, acting.now)
    leaving = _mark(session, school_id, student_ids, gone=True, left=left)
    families = _families_of(session, school_id, leaving)
    lock(session, school_id, *families)
    for booking_id in _talks_ahead(session, school_id, leaving, acting.now):
        cancel(session, school_id, acting, booking_id=booking_id)
    for some in _portions(leaving):
        own = col(Credential.school_id) == school_id, col(Credential.student_id).in_(some)
        session.execute(delete(Credential).where(*own))
    for student_id in leaving:
        record(session, school_id, acting, Act.STUDENTS_LEFT, student_id, since=left.isoformat())
    let_go(session, acting.now, school_id)
    return len(leaving)


def come_back(session: Session, school_id: int, acting: Acting, student_ids: Collection[int], pepper: bytes) -> int:
    """These children are here again, in the groups that they were in; how many had left.

    Their families get the school's kind of secret as any other; a code of their own is gone with the leaving. Raises
    Refused(NotFound).
    """
    back = _mark(session, school_id, student_ids, gone=False, left=None)
    if back:
        renew(session, school_id, pepper)
    for student_id in back:
        record(session, school_id, acting, Act.CAME_BACK, student_id)
    return len(back)


def let_go(session: Session, now: datetime, school_id: int | None = None) -> None:
    """Chats and letters of families whose every child has left: of a school, or of all. Twice is once.

    A chat for which a message waits is kept until that is out: the parent is still told of the cancelled talk, and
    sees a family without children meanwhile.
    """
    schools = () if school_id is None else (school_id,)
    for table, more in ((Link, (~_to_be_told(),)), (Letter, ())):
        of_school = [col(table.school_id) == one for one in schools]
        gone = delete(table).where(*of_school, _nobody_here(table), *more)
        if table is Link:
            owe_redraw(session, list(session.execute(gone.returning(col(Link.chat_id))).scalars()), now)
        else:
            session.execute(gone)


def _nobody_here(table: type[Link] | type[Letter]) -> ColumnElement[bool]:
    """A family that has children, and all of them have left."""
    own = and_(same(FamilyStudent.family_id, table.family_id))
    here = and_(same(Student.id, FamilyStudent.student_id), col(Student.left).is_(None))
    return and_(exists().where(own), ~exists().where(own, here))


def _to_be_told() -> ColumnElement[bool]:
    return exists().where(
        col(Notice.school_id) == col(Link.school_id),
        col(Notice.recipient) == Recipient.CHAT,
        col(Notice.recipient_id) == col(Link.chat_id),
        col(Notice.state).in_((NoticeState.WAITING, NoticeState.SENDING)),
    )


def _mark(
    session: Session, school_id: int, student_ids: Collection[int], *, gone: bool, left: datetime | None
) -> list[int]:
    """The children who were not so before, by id; they are now."""
    changed: list[int] = []
    for some in _portions(sorted(set(student_ids))):
        own = col(Student.school_id) == school_id, col(Student.id).in_(some)
        rows = session.execute(select(col(Student.id), col(Student.left)).where(*own).order_by(col(Student.id)))
        found = [(int(id_ or 0), was is not None) for id_, was in rows]
        if len(found) != len(some):
            raise Refused(NotFound("student"))
        changed += [id_ for id_, was in found if was is not gone]
        so_far = col(Student.left).is_(None) if gone else col(Student.left).is_not(None)
        session.execute(update(Student).where(*own, so_far).values(left=left))
    return changed


def _families_of(session: Session, school_id: int, student_ids: list[int]) -> set[int]:
    found: set[int] = set()
    for some in _portions(student_ids):
        own = (
            select(col(Family.id))
            .join(FamilyStudent, col(FamilyStudent.family_id) == col(Family.id))
            .where(col(FamilyStudent.school_id) == school_id, col(FamilyStudent.student_id).in_(some))
        )
        found |= {int(id_ or 0) for id_ in session.scalars(own)}
    return found


def _talks_ahead(session: Session, school_id: int, student_ids: list[int], now: datetime) -> list[int]:
    found: list[tuple[datetime, int]] = []
    for some in _portions(student_ids):
        ahead = (
            select(col(Slot.start), col(Booking.id))
            .join(Slot, col(Slot.id) == col(Booking.slot_id))
            .where(
                col(Booking.school_id) == school_id,
                col(Booking.student_id).in_(some),
                col(Booking.cancelled).is_(None),
                col(Slot.start) > now,
            )
        )
        found += [(start, int(id_ or 0)) for start, id_ in session.execute(ahead)]
    return [id_ for _, id_ in sorted(found)]


def _portions(ids: list[int]) -> list[list[int]]:
    return [ids[first : first + _AT_ONCE] for first in range(0, len(ids), _AT_ONCE)]

"""Taking data away for good, from every table that holds them (rule 33). No question asked and nothing told.

Who may do it, what is written down of it and who hears of it is for the callers: `erasure_requests` (somebody of the
school), `retention` (the days are over) and `backup` (one from before). Ids are never given out again, so an id in
the trail or on some phone's button leads nowhere.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.database.joins import same
from storage.tables import (
    Booking,
    Chat,
    Credential,
    Erasure,
    Family,
    FamilyStudent,
    Guess,
    Letter,
    Link,
    Notice,
    Student,
    StudentGroup,
)
from storage.words import Erased, NoticeKind, Recipient, SignInStep

_AT_ONCE = 500
_OF_BOOKING = (NoticeKind.CARD, NoticeKind.CHANGED, NoticeKind.TEACHER_BOOKING)
_OF_FAMILY = (
    NoticeKind.REMINDER,
    NoticeKind.LINKED,
    NoticeKind.INVITATION,
    NoticeKind.SIGN_UP_OPENED,
    NoticeKind.SIGN_UP_CLOSING,
)


def forget_students(session: Session, school_id: int, ids: Collection[int]) -> None:
    """Students with their talks, their ways in and their places in groups and families."""
    for some in _portions(ids):
        forget_bookings(session, school_id, _of(Booking, school_id, Booking.student_id, some))
        for table in (Credential, FamilyStudent, StudentGroup):
            session.execute(delete(table).where(*_of(table, school_id, table.student_id, some)))
        session.execute(delete(Student).where(*_of(Student, school_id, Student.id, some)))


def forget_families(session: Session, school_id: int, ids: Collection[int]) -> None:
    """Families with their talks, chats, letters and what was said to them. Their children stay."""
    for some in _portions(ids):
        forget_bookings(session, school_id, _of(Booking, school_id, Booking.family_id, some))
        to_them = and_(col(Notice.recipient) == Recipient.FAMILY, col(Notice.recipient_id).in_(some))
        of_them = and_(col(Notice.kind).in_(_OF_FAMILY), col(Notice.subject).in_(some))
        session.execute(delete(Notice).where(col(Notice.school_id) == school_id, or_(to_them, of_them)))
        chats = list(session.scalars(select(col(Link.chat_id)).where(*_of(Link, school_id, Link.family_id, some))))
        for table in (Link, Letter, Credential, FamilyStudent):
            session.execute(delete(table).where(*_of(table, school_id, table.family_id, some)))
        turned = update(Chat).where(col(Chat.school_id) == school_id, col(Chat.family_id).in_(some))
        session.execute(turned.values(family_id=None, step=SignInStep.FIRST_NAME, first_name="", secret=""))
        forget_chats(session, chats)
        session.execute(delete(Family).where(*_of(Family, school_id, Family.id, some)))


def forget_bookings(session: Session, school_id: int, where: Iterable[ColumnElement[bool]]) -> int:
    """Talks with their cards and what was said of them; how many."""
    chosen = select(col(Booking.id)).where(col(Booking.school_id) == school_id, *where)
    ids = [int(id_ or 0) for id_ in session.scalars(chosen)]
    for some in _portions(ids):
        said = col(Notice.kind).in_(_OF_BOOKING), col(Notice.subject).in_(some)
        session.execute(delete(Notice).where(col(Notice.school_id) == school_id, *said))
        session.execute(delete(Booking).where(*_of(Booking, school_id, Booking.id, some)))
    return len(ids)


def forget_chats(session: Session, ids: Collection[int]) -> int:
    """Of these chats those that speak for no family of any school: their address is a person's."""
    gone = 0
    linked = exists().where(col(Link.chat_id) == col(Chat.id))
    for some in _portions(ids):
        to_them = col(Notice.recipient) == Recipient.CHAT, col(Notice.recipient_id).in_(some)
        left = list(session.scalars(select(col(Chat.id)).where(col(Chat.id).in_(some), ~linked)))
        session.execute(delete(Notice).where(*to_them, col(Notice.recipient_id).in_(left)))
        session.execute(delete(Chat).where(col(Chat.id).in_(left)))
        gone += len(left)
    return gone


def forget_typed(session: Session, school_id: int, names: Collection[str], macs: Collection[str]) -> None:
    """What was typed while signing in as one of these: `names` normalised first names, `macs` what is kept of them."""
    typed = update(Chat).where(col(Chat.school_id) == school_id, col(Chat.first_name).in_(list(names)))
    session.execute(typed.values(step=SignInStep.FIRST_NAME, first_name="", secret=""))
    by_name = or_(col(Guess.first_name).in_(list(macs)), col(Guess.first_word).in_(list(macs)))
    session.execute(delete(Guess).where(col(Guess.school_id) == school_id, by_name))


def forget_all_typed(session: Session) -> None:
    """Every sign-in that stands half done: whoever it was begins anew."""
    half = col(Chat.step).in_((SignInStep.SECRET, SignInStep.SECOND))
    session.execute(update(Chat).where(half).values(step=SignInStep.FIRST_NAME, first_name="", secret=""))
    session.execute(update(Chat).where(col(Chat.first_name) != "").values(first_name="", secret=""))


def write_down(session: Session, school_id: int, what: Erased, ids: Iterable[int], at: datetime) -> None:
    """That they were erased, so that a restored backup is erased again; twice is once."""
    rows = [{"school_id": school_id, "what": what, "row_id": id_, "at": at} for id_ in ids]
    if rows:
        session.connection().execute(insert(Erasure).on_conflict_do_nothing(), rows)


def erase_again(session: Session) -> int:
    """Everybody whose erasure is written down and who is there nevertheless; how many."""
    forgetting = {Erased.STUDENT: (Student, forget_students), Erased.FAMILY: (Family, forget_families)}
    found = 0
    for what, (table, forget) in forgetting.items():
        there = (
            select(col(table.school_id), col(table.id))  # type: ignore[attr-defined]
            .join(Erasure, same(Erasure.row_id, table.id))  # type: ignore[attr-defined]
            .where(col(Erasure.what) == what)
        )
        of_school: dict[int, list[int]] = {}
        for school_id, id_ in session.execute(there):
            of_school.setdefault(school_id, []).append(id_)
        for school_id, ids in sorted(of_school.items()):
            forget(session, school_id, ids)
            found += len(ids)
    return found


def _of(table: Any, school_id: int, column: Any, ids: list[int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(table.school_id) == school_id, col(column).in_(ids)


def _portions(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(set(ids))
    return (ordered[first : first + _AT_ONCE] for first in range(0, len(ordered), _AT_ONCE))

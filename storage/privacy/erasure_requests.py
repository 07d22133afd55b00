"""Erasing a student or a family for good, asked for by somebody of the school (D28, rule 33).

Talks still ahead are cancelled first, so that the teacher's digest tells that the time is free; the family is told
nothing, for nothing is left to tell it with. The trail keeps ids alone, and the erasure itself is written down, so that
a backup from before is erased again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.access.credentials import renew
from storage.access.locking import lock
from storage.access.secrets import name_mac
from storage.audit.record import record
from storage.booking import reading
from storage.booking.booking import cancel
from storage.booking.reading import LIVE, BookingRow
from storage.privacy.erasure import forget_families, forget_students, forget_typed, write_down
from storage.refusals import Invalid, NotFound, Refused
from storage.tables import Booking, Family, FamilyStudent, Link, Slot, Student
from storage.values.normalise import name as plain_name
from storage.values.person_names import called, full
from storage.words import Act, Acting, Erased


@dataclass(frozen=True, slots=True)
class Ahead:
    """A talk that is still to come."""

    start: datetime
    student: str
    planning: str


@dataclass(frozen=True, slots=True)
class ErasurePreview:
    """What would be erased. `word`: what is to be typed; `stay`: children who stay, for they have another family."""

    what: Erased
    id: int
    name: str
    word: str
    students: tuple[tuple[int, str], ...]
    families: tuple[tuple[int, str], ...]
    stay: tuple[str, ...]
    talks: int
    ahead: tuple[Ahead, ...]
    chats: int


def of_student(session: Session, school_id: int, student_id: int, now: datetime) -> ErasurePreview:
    """The student, and its families that would have no child left. Raises Refused(NotFound)."""
    child = _student(session, school_id, student_id)
    families = _left_empty(session, school_id, [student_id])
    first = called(child.first_name, child.call_name)
    return _goes(session, school_id, Erased.STUDENT, student_id, _full(child), first, [student_id], families, (), now)


def of_family(session: Session, school_id: int, family_id: int, now: datetime) -> ErasurePreview:
    """The family, and its children who have no other. Raises Refused(NotFound)."""
    family = session.scalar(select(Family).where(col(Family.school_id) == school_id, col(Family.id) == family_id))
    if family is None:
        raise Refused(NotFound("family"))
    children = _children(session, school_id, family_id)
    shared = _shared(session, school_id, family_id)
    own = [child for child in children if child.id not in shared]
    stay = tuple(_full(child) for child in children if child.id in shared)
    word = (own or children)[0] if children else None
    typed = called(word.first_name, word.call_name) if word else family.name
    ids = [int(child.id or 0) for child in own]
    return _goes(session, school_id, Erased.FAMILY, family_id, family.name, typed, ids, [family_id], stay, now)


def erase_student(
    session: Session, school_id: int, acting: Acting, student_id: int, typed: str, pepper: bytes
) -> ErasurePreview:
    """Gone for good, with every family that has no other child. Raises Refused: NotFound; Invalid for a wrong name."""
    lock(session, school_id, *_families_of(session, school_id, [student_id]))
    return _erase(session, school_id, acting, of_student(session, school_id, student_id, acting.now), typed, pepper)


def erase_family(
    session: Session, school_id: int, acting: Acting, family_id: int, typed: str, pepper: bytes
) -> ErasurePreview:
    """Gone for good, with its children who have no other family. Raises Refused: NotFound; Invalid."""
    lock(session, school_id, family_id)
    return _erase(session, school_id, acting, of_family(session, school_id, family_id, acting.now), typed, pepper)


def erase_leavers(
    session: Session, school_id: int, student_ids: Collection[int], now: datetime, pepper: bytes
) -> tuple[int, int]:
    """Those whose days are over, with families without another child: (students, families). For `retention` alone."""
    ids = sorted(student_ids)
    families = _left_empty(session, school_id, ids)
    _take_away(session, school_id, ids, families, now, pepper)
    return len(ids), len(families)


def _erase(
    session: Session, school_id: int, acting: Acting, goes: ErasurePreview, typed: str, pepper: bytes
) -> ErasurePreview:
    if plain_name(typed) != plain_name(goes.word) or not typed.strip():
        raise Refused(Invalid("Type the name as it stands here. Nothing has been erased."))
    students, families = [id_ for id_, _ in goes.students], [id_ for id_, _ in goes.families]
    for talk in _ahead(session, school_id, students, families, acting.now):
        cancel(session, school_id, acting, booking_id=talk.id)
    _take_away(session, school_id, students, families, acting.now, pepper)
    record(session, school_id, acting, Act.ERASED, goes.id, what=str(goes.what), ids=students, families_ids=families)
    return goes


def _take_away(
    session: Session, school_id: int, students: list[int], families: list[int], now: datetime, pepper: bytes
) -> None:
    names = _names_typed(session, school_id, students)
    forget_students(session, school_id, students)
    forget_families(session, school_id, families)
    forget_typed(session, school_id, names, [name_mac(pepper, one) for one in names])
    write_down(session, school_id, Erased.STUDENT, students, now)
    write_down(session, school_id, Erased.FAMILY, families, now)
    session.expire_all()
    renew(session, school_id, pepper)


def _goes(
    session: Session,
    school_id: int,
    what: Erased,
    row_id: int,
    name: str,
    word: str,
    students: list[int],
    families: list[int],
    stay: tuple[str, ...],
    now: datetime,
) -> ErasurePreview:
    children = select(Student).where(col(Student.school_id) == school_id, col(Student.id).in_(students))
    kin = select(col(Family.id), col(Family.name)).where(
        col(Family.school_id) == school_id, col(Family.id).in_(families)
    )
    linked = select(func.count()).where(col(Link.school_id) == school_id, col(Link.family_id).in_(families))
    talks = select(func.count()).where(*_theirs(school_id, students, families))
    return ErasurePreview(
        what=what,
        id=row_id,
        name=name,
        word=word,
        students=tuple((int(one.id or 0), _full(one)) for one in session.scalars(children.order_by(col(Student.id)))),
        families=tuple((int(id_ or 0), text) for id_, text in session.execute(kin.order_by(col(Family.id)))),
        stay=stay,
        talks=session.scalar(talks) or 0,
        ahead=tuple(
            Ahead(talk.start, talk.student, talk.title) for talk in _ahead(session, school_id, students, families, now)
        ),
        chats=session.scalar(linked) or 0,
    )


def _theirs(school_id: int, students: list[int], families: list[int]) -> tuple[Any, ...]:
    either = col(Booking.student_id).in_(students) | col(Booking.family_id).in_(families)
    return col(Booking.school_id) == school_id, either


def _ahead(
    session: Session, school_id: int, students: list[int], families: list[int], now: datetime
) -> list[BookingRow]:
    """Their talks that stand and have not begun, by time."""
    return reading.rows(session, school_id, LIVE, *_theirs(school_id, students, families), col(Slot.start) > now)


def _student(session: Session, school_id: int, student_id: int) -> Student:
    child = session.scalar(select(Student).where(col(Student.school_id) == school_id, col(Student.id) == student_id))
    if child is None:
        raise Refused(NotFound("student"))
    return child


def _children(session: Session, school_id: int, family_id: int) -> list[Student]:
    own = (
        select(Student)
        .join(FamilyStudent, col(FamilyStudent.student_id) == col(Student.id))
        .where(col(FamilyStudent.school_id) == school_id, col(FamilyStudent.family_id) == family_id)
        .order_by(col(Student.id))
    )
    return list(session.scalars(own))


def _shared(session: Session, school_id: int, family_id: int) -> set[int]:
    own = select(col(FamilyStudent.student_id)).where(
        col(FamilyStudent.school_id) == school_id, col(FamilyStudent.family_id) == family_id
    )
    other = select(col(FamilyStudent.student_id)).where(
        col(FamilyStudent.school_id) == school_id,
        col(FamilyStudent.family_id) != family_id,
        col(FamilyStudent.student_id).in_(own),
    )
    return set(session.scalars(other))


def _families_of(session: Session, school_id: int, students: list[int]) -> list[int]:
    own = select(col(FamilyStudent.family_id)).where(
        col(FamilyStudent.school_id) == school_id, col(FamilyStudent.student_id).in_(students)
    )
    return sorted(set(session.scalars(own)))


def _left_empty(session: Session, school_id: int, students: list[int]) -> list[int]:
    """The families of these students that have no other child."""
    families = _families_of(session, school_id, students)
    keeping = select(col(FamilyStudent.family_id)).where(
        col(FamilyStudent.school_id) == school_id,
        col(FamilyStudent.family_id).in_(families),
        col(FamilyStudent.student_id).not_in(students),
    )
    kept = set(session.scalars(keeping))
    return [family_id for family_id in families if family_id not in kept]


def _names_typed(session: Session, school_id: int, students: list[int]) -> list[str]:
    keys = select(col(Student.name_key), col(Student.call_key)).where(
        col(Student.school_id) == school_id, col(Student.id).in_(students)
    )
    return sorted({one for row in session.execute(keys) for one in row if one})


def _full(child: Student) -> str:
    return full(child.first_name, child.prefix, child.last_name, child.call_name)

"""The audit trail read back: who did what, when, with the names of those it was done to (D27). Only reads.

The trail itself holds ids; names are looked up when it is shown, so that whoever was erased is erased here too. As
many statements for three rows as for three hundred.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, null, or_, select, union_all
from sqlmodel import Session, col

from storage.tables import Audit, Booking, Conference, Family, Group, Planning, Slot, Staff, Student, Teacher
from storage.timezone import day_bounds
from storage.values.person_names import full
from storage.words import Act, Actor, Erased

PAGE = 50
MOST_FITTING = 20_000  # of a narrowed list: who needs more takes the file


class Kind(StrEnum):
    """What a row of the trail may speak of, and can be looked up."""

    STUDENT = "student"
    FAMILY = "family"
    PLANNING = "planning"
    CONFERENCE = "conference"
    STAFF = "staff"
    TEACHER = "teacher"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Deed:
    """One row. `names`: by its place in the sentence (`student`, `family`, `other` …), '' for what is gone."""

    id: int
    at: datetime
    actor: Actor
    who: str  # the name of staff or family; '' where that is gone, and for the operator and the clock
    act: Act
    subject: int | None
    detail: Mapping[str, Any]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeedPage:
    """A page of the trail, newest first; pages begin at 1."""

    deeds: tuple[Deed, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which rows: each that is given narrows them. `actor_id` goes with `actor`; days are the school's own."""

    actor: Actor | None = None
    actor_id: int | None = None
    acts: frozenset[Act] = frozenset()
    first: date | None = None
    last: date | None = None
    student_id: int | None = None
    family_id: int | None = None
    planning_id: int | None = None


ALL = TrailFilter()
TALKS = (Act.BOOKED, Act.MOVED, Act.CANCELLED)
OF_STUDENT = (Act.STUDENT_CHANGED, Act.STUDENTS_LEFT, Act.CAME_BACK)
OF_FAMILY = (
    Act.LINKED, Act.UNLINKED, Act.FAMILY_CHANGED, Act.FAMILY_BLOCKED, Act.FAMILY_ADMITTED, Act.LETTERS_MADE,
    Act.LETTERS_WITHDRAWN,
)  # fmt: skip
OF_PLANNING = (Act.PLANNING_MADE, Act.PLANNING_CHANGED, Act.PLANNING_REMOVED, Act.PUBLISHED, Act.SLOTS_ADDED)
OF_SLOT = (Act.SLOT_CHANGED, Act.SLOT_REMOVED)
OF_STAFF = (
    Act.STAFF_ADDED, Act.STAFF_DISABLED, Act.STAFF_ADMITTED, Act.STAFF_INVITED, Act.STAFF_CHANGED, Act.LINK_SENT,
    Act.INVITATION_WITHDRAWN, Act.PASSWORD_CHANGED, Act.SIGNED_IN, Act.SIGNED_OUT_EVERYWHERE, Act.SECOND_FACTOR_SET,
    Act.SECOND_FACTOR_REMOVED,
)  # fmt: skip
_SUBJECTS: Mapping[Act, Kind] = {
    **dict.fromkeys(OF_STUDENT, Kind.STUDENT),
    **dict.fromkeys(OF_FAMILY, Kind.FAMILY),
    **dict.fromkeys(OF_PLANNING, Kind.PLANNING),
    **dict.fromkeys(OF_STAFF, Kind.STAFF),
}
# Keys of `detail` that hold an id, and what of.
_DETAILS: Mapping[str, Kind] = {
    "student": Kind.STUDENT,
    "family": Kind.FAMILY,
    "other": Kind.FAMILY,
    "out": Kind.FAMILY,
    "planning": Kind.PLANNING,
    "conference": Kind.CONFERENCE,
    "teacher": Kind.TEACHER,
    "group": Kind.GROUP,
}
_Subject = tuple[Kind, int]


def deeds(
    session: Session, school_id: int, zone: str, wanted: TrailFilter = ALL, *, page: int = 1, size: int = PAGE
) -> DeedPage:
    """The rows that fit, newest first. `zone` is the school's: it says where a day begins."""
    where = _where(school_id, zone, wanted)
    if wanted == ALL:
        total = session.scalar(select(func.count()).select_from(Audit).where(*where)) or 0
        page, pages = _place(total, page, size)
        rows = session.execute(_rows(where).offset((page - 1) * size).limit(size))
    else:  # every row has to be looked at: once, not for counting and for reading
        fitting = select(col(Audit.id)).where(*where).order_by(col(Audit.at).desc(), col(Audit.id).desc())
        ids = list(session.scalars(fitting.limit(MOST_FITTING)))
        total = len(ids)
        page, pages = _place(total, page, size)
        shown = ids[(page - 1) * size : page * size]
        rows = session.execute(_rows([col(Audit.school_id) == school_id, col(Audit.id).in_(shown)]))
    return DeedPage(_named(session, school_id, list(rows)), total, page, pages)


def _place(total: int, page: int, size: int) -> tuple[int, int]:
    pages = max(1, -(-total // size))
    return min(max(1, page), pages), pages


def all_deeds(
    session: Session, school_id: int, zone: str, wanted: TrailFilter = ALL, *, most: int = 100_000
) -> tuple[Deed, ...]:
    """The same for a file: every row that fits, the newest `most` of them."""
    found = _rows(_where(school_id, zone, wanted)).limit(most)
    return _named(session, school_id, list(session.execute(found)))


def people(session: Session, school_id: int) -> tuple[tuple[int, str], ...]:
    """(id, name) of everybody who ever worked at this school's desk, to choose from."""
    rows = session.execute(
        select(col(Staff.id), col(Staff.name), col(Staff.email)).where(col(Staff.school_id) == school_id)
    )
    named = ((int(id_ or 0), name or email) for id_, name, email in rows)
    return tuple(sorted(named, key=lambda one: (one[1].casefold(), one[0])))


def _rows(where: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    columns: tuple[Any, ...] = (
        col(Audit.id), col(Audit.at), col(Audit.actor), col(Audit.actor_id), col(Audit.act), col(Audit.subject),
        col(Audit.planning_id), col(Audit.detail),
    )  # fmt: skip
    chosen: Select[*tuple[Any, ...]] = select(*columns)
    return chosen.where(*where).order_by(col(Audit.at).desc(), col(Audit.id).desc())


def _where(school_id: int, zone: str, wanted: TrailFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [col(Audit.school_id) == school_id]
    if wanted.actor is not None:
        where.append(col(Audit.actor) == wanted.actor)
    if wanted.actor_id is not None:
        where.append(col(Audit.actor_id) == wanted.actor_id)
    if wanted.acts:
        where.append(col(Audit.act).in_(sorted(wanted.acts)))
    if wanted.first is not None:
        where.append(col(Audit.at) >= day_bounds(wanted.first, zone)[0])
    if wanted.last is not None:
        where.append(col(Audit.at) < day_bounds(wanted.last, zone)[1])
    if wanted.student_id is not None:
        where.append(_about_student(school_id, wanted.student_id))
    if wanted.family_id is not None:
        where.append(_about_family(school_id, wanted.family_id))
    if wanted.planning_id is not None:
        where.append(_about_planning(school_id, wanted.planning_id))
    return where


def _about_student(school_id: int, student_id: int) -> ColumnElement[bool]:
    booked = select(col(Booking.id)).where(col(Booking.school_id) == school_id, col(Booking.student_id) == student_id)
    return or_(
        _to(student_id, OF_STUDENT),
        and_(col(Audit.act).in_(TALKS), col(Audit.subject).in_(booked)),
        and_(col(Audit.act) == Act.FAMILY_CHANGED, col(Audit.detail)["student"].as_integer() == student_id),
        _erased(student_id, Erased.STUDENT),
    )


def _about_family(school_id: int, family_id: int) -> ColumnElement[bool]:
    booked = select(col(Booking.id)).where(col(Booking.school_id) == school_id, col(Booking.family_id) == family_id)
    return or_(
        _to(family_id, OF_FAMILY),
        and_(col(Audit.act).in_(TALKS), col(Audit.subject).in_(booked)),
        and_(col(Audit.act) == Act.EXPORTED, col(Audit.detail)["family"].as_integer() == family_id),
        _erased(family_id, Erased.FAMILY),
    )


def _about_planning(school_id: int, planning_id: int) -> ColumnElement[bool]:
    slots = select(col(Slot.id)).where(col(Slot.school_id) == school_id, col(Slot.planning_id) == planning_id)
    return or_(
        col(Audit.planning_id) == planning_id,
        _to(planning_id, OF_PLANNING),
        and_(col(Audit.act).in_(OF_SLOT), col(Audit.subject).in_(slots)),
    )


def _to(subject: int, acts: tuple[Act, ...]) -> ColumnElement[bool]:
    return and_(col(Audit.subject) == subject, col(Audit.act).in_(acts))


def _erased(row_id: int, what: Erased) -> ColumnElement[bool]:
    return and_(
        col(Audit.subject) == row_id, col(Audit.act) == Act.ERASED, col(Audit.detail)["what"].as_string() == str(what)
    )


@dataclass(slots=True)
class _Asked:
    """Which names a page needs."""

    ids: dict[Kind, set[int]] = field(default_factory=lambda: {kind: set() for kind in Kind})

    def add(self, places: Iterable[_Subject]) -> None:
        for kind, id_ in places:
            self.ids[kind].add(id_)


def _named(session: Session, school_id: int, rows: list[Any]) -> tuple[Deed, ...]:
    asked = _Asked()
    places = [_places(row.act, row.subject, row.planning_id, row.detail) for row in rows]
    for row, of_row in zip(rows, places, strict=True):
        asked.add(of_row.values())
        asked.add(_actor(row.actor, row.actor_id))
    names = _names(session, school_id, asked.ids)
    return tuple(
        Deed(
            id=row.id,
            at=row.at,
            actor=row.actor,
            who=next((names.get(one, "") for one in _actor(row.actor, row.actor_id)), ""),
            act=row.act,
            subject=row.subject,
            detail=row.detail or {},
            names={place: names.get(one, "") for place, one in of_row.items()},
        )
        for row, of_row in zip(rows, places, strict=True)
    )


def _actor(actor: Actor, actor_id: int | None) -> list[_Subject]:
    kinds = {Actor.STAFF: Kind.STAFF, Actor.FAMILY: Kind.FAMILY}
    return [(kinds[actor], actor_id)] if actor in kinds and actor_id is not None else []


def _places(act: Act, subject: int | None, planning_id: int | None, detail: Any) -> dict[str, _Subject]:
    """Place in the sentence → what to look up for it."""
    known = detail if isinstance(detail, dict) else {}
    found = {place: (kind, known[place]) for place, kind in _DETAILS.items() if isinstance(known.get(place), int)}
    if planning_id is not None:
        found["planning"] = (Kind.PLANNING, planning_id)
    if subject is not None and act in _SUBJECTS:
        found[str(_SUBJECTS[act])] = (_SUBJECTS[act], subject)
    if subject is not None and act is Act.FEED_RENEWED and known.get("whose") in (Kind.TEACHER, Kind.GROUP):
        kind = Kind(known["whose"])
        found[str(kind)] = (kind, subject)
    return found


def _names(session: Session, school_id: int, ids: Mapping[Kind, set[int]]) -> dict[_Subject, str]:
    """One statement, whatever is asked."""
    rows = session.execute(union_all(*(_of_kind(school_id, kind, sorted(ids[kind])) for kind in Kind)))
    return {
        (Kind(kind), id_): full(first or "", prefix or "", last or "", call or "")
        for kind, id_, first, prefix, last, call in rows
    }


def _of_kind(school_id: int, kind: Kind, ids: list[int]) -> Select[Any]:
    table: Any = _TABLES[kind]
    texts: tuple[Any, ...] = (null(), null(), _TEXTS[kind], null())
    if kind is Kind.STUDENT:
        texts = (col(Student.first_name), col(Student.prefix), col(Student.last_name), col(Student.call_name))
    chosen: Select[Any] = select(literal(str(kind)), col(table.id), *texts)
    return chosen.where(col(table.school_id) == school_id, col(table.id).in_(ids))


_TABLES: Mapping[Kind, Any] = {
    Kind.STUDENT: Student,
    Kind.FAMILY: Family,
    Kind.PLANNING: Planning,
    Kind.CONFERENCE: Conference,
    Kind.STAFF: Staff,
    Kind.TEACHER: Teacher,
    Kind.GROUP: Group,
}
_TEXTS: Mapping[Kind, Any] = {
    Kind.STUDENT: null(),
    Kind.FAMILY: col(Family.name),
    Kind.PLANNING: col(Planning.title),
    Kind.CONFERENCE: col(Conference.name),
    Kind.STAFF: func.coalesce(func.nullif(col(Staff.name), ""), col(Staff.email)),
    Kind.TEACHER: col(Teacher.name),
    Kind.GROUP: col(Group.name),
}


def name_of(session: Session, school_id: int, kind: Kind, row_id: int) -> str:
    """The name of one of the school's, or '' where it is gone or never was."""
    rows = session.execute(_of_kind(school_id, kind, [row_id])).all()
    return full(*(text or "" for text in rows[0][2:])) if rows else ""

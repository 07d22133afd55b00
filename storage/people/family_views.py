"""Families as the desk sees them: the list, one family, and how the school stands. Only reads.

Every list costs a constant number of queries, however many rows a page has.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlmodel import Session, col

from storage.people.names import full
from storage.people.reaching import UNREACHABLE
from storage.people.students import groups_of, named_like
from storage.tables import Chat, Credential, Family, FamilyStudent, Group, Link, Student
from storage.words import ChatKind, NotFound, Refused, SecretKind

PAGE = 50
FILTERS = ("bare", "not_linked", "blocked", "by_hand", "together", "unreachable")


@dataclass(frozen=True, slots=True)
class ChildView:
    """A child of a family. `elsewhere`: its other families, as (id, name). `kinds`: what opens this family with it."""

    id: int
    name: str
    groups: str
    elsewhere: tuple[tuple[int, str], ...] = ()
    kinds: tuple[SecretKind, ...] = ()


@dataclass(frozen=True, slots=True)
class FamilyLine:
    """One row of the list. `bare`: nobody can sign in with it. `chats`: how many are linked."""

    id: int
    name: str
    children: tuple[ChildView, ...]
    kinds: tuple[SecretKind, ...]
    blocked: bool
    by_hand: bool
    chats: int

    @property
    def bare(self) -> bool:
        return not self.kinds


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """A page of the list; `total` counts all that fit, pages begin at 1."""

    lines: tuple[FamilyLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ChatLine:
    kind: ChatKind
    since: datetime
    reachable: bool


@dataclass(frozen=True, slots=True)
class FamilyDetail:
    """One family. `mail` is where mail goes: its own address, else of its children who have no other family."""

    id: int
    name: str
    email: str
    mail: str
    by_hand: bool
    blocked: bool
    children: tuple[ChildView, ...]
    kinds: tuple[SecretKind, ...]
    chats: tuple[ChatLine, ...]

    @property
    def bare(self) -> bool:
        return not self.kinds

    @property
    def reachable(self) -> bool:
        return bool(self.mail) or any(chat.reachable for chat in self.chats)


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """How the school stands with its people, for the home page (D2)."""

    students: int
    groups: int
    families: int
    without_family: int
    bare: int
    blocked: int
    linked: int


def counts(session: Session, school_id: int) -> PeopleCounts:
    """One query."""
    here = col(Student.school_id) == school_id, col(Student.left).is_(None)
    of_school = col(Family.school_id) == school_id
    homeless = ~exists().where(col(FamilyStudent.student_id) == col(Student.id))
    wanted = (
        select(func.count()).select_from(Student).where(*here),
        select(func.count()).select_from(Group).where(col(Group.school_id) == school_id),
        select(func.count()).select_from(Family).where(of_school),
        select(func.count()).select_from(Student).where(*here, homeless),
        select(func.count()).select_from(Family).where(of_school, _BARE),
        select(func.count()).select_from(Family).where(of_school, col(Family.blocked).is_(True)),
        select(func.count()).select_from(Family).where(of_school, _LINKED),
    )
    row: Any = session.execute(select(*(one.scalar_subquery() for one in wanted))).one()
    return PeopleCounts(*row)


def families(
    session: Session,
    school_id: int,
    *,
    search: str = "",
    show: str = "",
    page: int = 1,
    size: int = PAGE,
) -> FamilyPage:
    """The families that fit, by name. `search`: words of the family's or a child's name; `show`: one of FILTERS."""
    where = [col(Family.school_id) == school_id]
    if search.strip():
        child = (
            exists()
            .where(col(FamilyStudent.family_id) == col(Family.id), col(Student.id) == col(FamilyStudent.student_id))
            .where(*named_like(search))
        )
        where.append(or_(child, *_named(search)))
    if show in _FILTERED:
        where.append(_FILTERED[show])
    total = session.scalar(select(func.count()).select_from(Family).where(*where)) or 0
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    found = select(Family).where(*where).order_by(func.lower(col(Family.name)), col(Family.id))
    rows = list(session.scalars(found.offset((page - 1) * size).limit(size)))
    ids = [row.id for row in rows if row.id is not None]
    children, opened, chats = _children(session, school_id, ids), _kinds(session, school_id, ids), _chats(session, ids)
    lines = tuple(
        FamilyLine(
            id=row.id,
            name=row.name,
            children=tuple(children.get(row.id, ())),
            kinds=_sorted(kind for _, kind in opened.get(row.id, ())),
            blocked=row.blocked,
            by_hand=row.by_hand,
            chats=len(chats.get(row.id, ())),
        )
        for row in rows
        if row.id is not None
    )
    return FamilyPage(lines, total, page, pages)


def family(session: Session, school_id: int, family_id: int) -> FamilyDetail:
    """Raises Refused(NotFound)."""
    row = session.scalar(select(Family).where(col(Family.school_id) == school_id, col(Family.id) == family_id))
    if row is None:
        raise Refused(NotFound("family"))
    opened = _kinds(session, school_id, [family_id]).get(family_id, [])
    children = _children(session, school_id, [family_id]).get(family_id, [])
    others = _elsewhere(session, school_id, family_id, [child.id for child in children])
    views = tuple(
        ChildView(
            child.id,
            child.name,
            child.groups,
            others.get(child.id, ()),
            _sorted(kind for student_id, kind in opened if student_id == child.id),
        )
        for child in children
    )
    return FamilyDetail(
        id=family_id,
        name=row.name,
        email=row.email,
        mail=row.email or _childrens_mail(session, school_id, [child for child in views if not child.elsewhere]),
        by_hand=row.by_hand,
        blocked=row.blocked,
        children=views,
        kinds=_sorted(kind for _, kind in opened),
        chats=tuple(_chats(session, [family_id]).get(family_id, ())),
    )


def names(session: Session, school_id: int) -> tuple[tuple[int, str], ...]:
    """Every family with its children's first names, to choose from: (id, "de Vries (Sanne, Daan)")."""
    called = select(col(FamilyStudent.family_id), col(Student.first_name), col(Student.call_name)).join(
        Student, col(Student.id) == col(FamilyStudent.student_id)
    )
    children: dict[int, list[str]] = defaultdict(list)
    rows: Any = session.execute(called.where(col(FamilyStudent.school_id) == school_id).order_by(col(Student.id)))
    for family_id, first_name, call_name in rows:
        children[family_id].append(call_name or first_name)
    own = select(col(Family.id), col(Family.name)).where(col(Family.school_id) == school_id)
    found: Any = session.execute(own.order_by(func.lower(col(Family.name)), col(Family.id)))
    return tuple((id_, f"{name} ({', '.join(children.get(id_, ()))})") for id_, name in found)


_LINKED = exists().where(col(Link.family_id) == col(Family.id), col(Link.school_id) == col(Family.school_id))
_BARE = ~exists().where(col(Credential.family_id) == col(Family.id), col(Credential.school_id) == col(Family.school_id))
_SHARED = exists().where(
    col(FamilyStudent.family_id) == col(Family.id),
    col(FamilyStudent.student_id).in_(
        select(col(FamilyStudent.student_id))
        .where(col(FamilyStudent.school_id) == col(Family.school_id))
        .group_by(col(FamilyStudent.student_id))
        .having(func.count() > 1)
        .correlate(Family)
    ),
)
_FILTERED: dict[str, ColumnElement[bool]] = {
    "bare": _BARE,
    "not_linked": ~_LINKED,
    "blocked": col(Family.blocked).is_(True),
    "by_hand": col(Family.by_hand).is_(True),
    "together": _SHARED,
    "unreachable": UNREACHABLE,
}


def _named(search: str) -> list[ColumnElement[bool]]:
    return [col(Family.name).icontains(" ".join(search.split()), autoescape=True)]


def _sorted(kinds: Any) -> tuple[SecretKind, ...]:
    return tuple(sorted(set(kinds), key=list(SecretKind).index))


def _children(session: Session, school_id: int, family_ids: list[int]) -> dict[int, list[ChildView]]:
    joined = (
        select(col(FamilyStudent.family_id), Student)
        .join(Student, col(Student.id) == col(FamilyStudent.student_id))
        .where(col(FamilyStudent.school_id) == school_id, col(FamilyStudent.family_id).in_(family_ids))
        .order_by(col(Student.birth_date), col(Student.id))
    )
    rows: Any = session.execute(joined).all()
    groups = groups_of(session, school_id, [student.id for _, student in rows])
    found: dict[int, list[ChildView]] = defaultdict(list)
    for family_id, student in rows:
        name = full(student.first_name, student.prefix, student.last_name, student.call_name)
        found[family_id].append(ChildView(student.id, name, groups.get(student.id, "")))
    return found


def _kinds(session: Session, school_id: int, family_ids: list[int]) -> dict[int, list[tuple[int, SecretKind]]]:
    held = select(col(Credential.family_id), col(Credential.student_id), col(Credential.kind)).where(
        col(Credential.school_id) == school_id, col(Credential.family_id).in_(family_ids)
    )
    found: dict[int, list[tuple[int, SecretKind]]] = defaultdict(list)
    for family_id, student_id, kind in session.execute(held):
        found[family_id].append((student_id, kind))
    return found


def _chats(session: Session, family_ids: list[int]) -> dict[int, list[ChatLine]]:
    linked = (
        select(col(Link.family_id), col(Chat.kind), col(Link.since), col(Chat.reachable))
        .join(Chat, col(Chat.id) == col(Link.chat_id))
        .where(col(Link.family_id).in_(family_ids))
        .order_by(col(Link.since), col(Link.id))
    )
    found: dict[int, list[ChatLine]] = defaultdict(list)
    for family_id, *line in session.execute(linked):
        found[family_id].append(ChatLine(*line))
    return found


def _elsewhere(
    session: Session, school_id: int, family_id: int, student_ids: list[int]
) -> dict[int, tuple[tuple[int, str], ...]]:
    others = (
        select(col(FamilyStudent.student_id), col(Family.id), col(Family.name))
        .join(Family, col(Family.id) == col(FamilyStudent.family_id))
        .where(
            col(FamilyStudent.school_id) == school_id,
            col(FamilyStudent.student_id).in_(student_ids),
            col(FamilyStudent.family_id) != family_id,
        )
        .order_by(col(Family.id))
    )
    rows: Any = session.execute(others)
    found: dict[int, tuple[tuple[int, str], ...]] = {}
    for student_id, id_, name in rows:
        found[student_id] = (*found.get(student_id, ()), (id_, name))
    return found


def _childrens_mail(session: Session, school_id: int, children: list[ChildView]) -> str:
    own = select(col(Student.email)).where(
        col(Student.school_id) == school_id, col(Student.id).in_([child.id for child in children])
    )
    return session.scalar(own.where(col(Student.email) != "").order_by(col(Student.id)).limit(1)) or ""

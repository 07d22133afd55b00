"""The list of families: searched, filtered, a page at a time. Only reads.

It costs a constant number of queries, however many rows a page has, and stays quick at 5,000 students.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.database.joins import same
from storage.families.family_views import BARE, LINKED, ChildView, chats, children_of, in_order, kinds
from storage.families.reachability import TROUBLED, UNREACHABLE, WAYS, Channel, channels
from storage.families.students import named
from storage.tables import Family, FamilyStudent, StudentGroup
from storage.values.person_names import key
from storage.words import ChatKind, SecretKind

PAGE = 50
_CHILD = same(FamilyStudent.family_id, Family.id)
_OTHER = aliased(FamilyStudent)
# Not by school too: a student's rows are all of one school, and SQLite would take the wrong index.
_SHARED = exists().where(
    _CHILD,
    col(_OTHER.student_id) == col(FamilyStudent.student_id),
    col(_OTHER.family_id) != col(FamilyStudent.family_id),
)
FILTERS: dict[str, ColumnElement[bool]] = {
    "bare": BARE,
    "not_linked": ~LINKED,
    "telegram": WAYS[Channel.TELEGRAM],
    "mail": WAYS[Channel.MAIL],
    "page": WAYS[Channel.PAGE],
    "unreachable": UNREACHABLE,
    "troubled": TROUBLED,
    "blocked": col(Family.blocked).is_(True),
    "by_hand": col(Family.by_hand).is_(True),
    "together": _SHARED,
}


@dataclass(frozen=True, slots=True)
class FamilyLine:
    """One row of the list. `bare`: nobody can sign in with it. `since`: when the first of its chats came in."""

    id: int
    name: str
    children: tuple[ChildView, ...]
    kinds: tuple[SecretKind, ...]
    blocked: bool
    by_hand: bool
    telegram: int
    browser: int
    since: datetime | None
    way: Channel

    @property
    def bare(self) -> bool:
        return not self.kinds

    @property
    def chats(self) -> int:
        return self.telegram + self.browser


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """A page of the list; `total` counts all that fit, pages begin at 1."""

    lines: tuple[FamilyLine, ...]
    total: int
    page: int
    pages: int


def families(
    session: Session,
    school_id: int,
    *,
    search: str = "",
    show: str = "",
    group_id: int | None = None,
    page: int = 1,
    size: int = PAGE,
) -> FamilyPage:
    """The families that fit, by name. `search`: words of the family's or a child's name; `show`: one of FILTERS."""
    where = [col(Family.school_id) == school_id, *_searched(session, school_id, search)]
    if show in FILTERS:
        where.append(FILTERS[show])
    if group_id is not None:
        where.append(_in_group(group_id))
    total = session.scalar(select(func.count()).select_from(Family).where(*where)) or 0
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    found = select(Family).where(*where).order_by(func.lower(col(Family.name)), col(Family.id))
    rows = list(session.scalars(found.offset((page - 1) * size).limit(size)))
    return FamilyPage(_lines(session, school_id, rows), total, page, pages)


def _lines(session: Session, school_id: int, rows: list[Family]) -> tuple[FamilyLine, ...]:
    ids = [row.id for row in rows if row.id is not None]
    children, opened = children_of(session, school_id, ids), kinds(session, school_id, ids)
    linked, reached = chats(session, school_id, ids), channels(session, school_id, ids)
    return tuple(
        FamilyLine(
            id=row.id,
            name=row.name,
            children=tuple(children.get(row.id, ())),
            kinds=in_order(kind for _, kind in opened.get(row.id, ())),
            blocked=row.blocked,
            by_hand=row.by_hand,
            telegram=sum(chat.kind is ChatKind.TELEGRAM for chat in linked.get(row.id, ())),
            browser=sum(chat.kind is ChatKind.WEB for chat in linked.get(row.id, ())),
            since=min((chat.since for chat in linked.get(row.id, ())), default=None),
            way=reached[row.id],
        )
        for row in rows
        if row.id is not None
    )


def _searched(session: Session, school_id: int, search: str) -> list[ColumnElement[bool]]:
    """A child fits, or the family's own name does, whatever the accents: `yilmaz` finds Yılmaz."""
    words = [key(word) for word in search.split()]
    if not words:
        return []
    names: Any = session.execute(select(col(Family.id), col(Family.name)).where(col(Family.school_id) == school_id))
    called = [id_ for id_, name in names if all(word and word in key(name) for word in words)]
    child = exists().where(_CHILD, col(FamilyStudent.student_id).in_(named(session, school_id, search)))
    return [or_(child, col(Family.id).in_(called))]


def _in_group(group_id: int) -> ColumnElement[bool]:
    member = and_(
        same(StudentGroup.student_id, FamilyStudent.student_id),
        col(StudentGroup.group_id) == group_id,
    )
    return exists().where(_CHILD, member)

"""One family as the desk sees it, a child to be placed, and how the school stands with its families. Only reads."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlmodel import Session, col

from storage.database.joins import same
from storage.families.families import shared_addresses
from storage.families.reachability import Channel, channels
from storage.families.students import groups_of
from storage.outbox.recipients import family_addresses
from storage.outbox.status import Failure, failures
from storage.refusals import NotFound, Refused
from storage.tables import Chat, Credential, Family, FamilyStudent, Group, Link, Student
from storage.values.person_names import family_name, full
from storage.words import ChatKind, SecretKind

MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class ChildView:
    """A child of a family. `elsewhere`: its other families, as (id, name). `kinds`: what opens this family with it."""

    id: int
    name: str
    groups: str
    left: bool
    elsewhere: tuple[tuple[int, str], ...] = ()
    kinds: tuple[SecretKind, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A chat that speaks for the family. `id` is the link's; `seen` is when it last spoke to us, to the hour."""

    id: int
    kind: ChatKind
    since: datetime
    seen: datetime
    reachable: bool


@dataclass(frozen=True, slots=True)
class FamilyDetail:
    """One family. `mail` is where mail goes: its own address, else of its children who have no other family (rule 23).

    `failures` are the last mails to it that could not be delivered.
    """

    id: int
    name: str
    email: str
    mail: str
    by_hand: bool
    blocked: bool
    children: tuple[ChildView, ...]
    kinds: tuple[SecretKind, ...]
    chats: tuple[ChatLine, ...]
    way: Channel
    failures: tuple[Failure, ...]

    @property
    def bare(self) -> bool:
        return not self.kinds

    @property
    def reachable(self) -> bool:
        return self.way in (Channel.TELEGRAM, Channel.MAIL)


@dataclass(frozen=True, slots=True)
class StudentPlacement:
    """A child and the families that it has, as (id, name). `family_name` is what a new one would be called."""

    id: int
    name: str
    groups: str
    family_name: str
    families: tuple[tuple[int, str], ...]
    addresses: tuple[str, ...]  # of which a second household's form asks whose they are


@dataclass(frozen=True, slots=True)
class FamilyCounts:
    """How the school stands with its people (D2)."""

    students: int
    groups: int
    families: int
    without_family: int
    bare: int
    blocked: int
    linked: int


LINKED = exists().where(same(Link.family_id, Family.id))
BARE = ~exists().where(same(Credential.family_id, Family.id))


def counts(session: Session, school_id: int) -> FamilyCounts:
    """One query."""
    here = col(Student.school_id) == school_id, col(Student.left).is_(None)
    of_school = col(Family.school_id) == school_id
    homeless = ~exists().where(col(FamilyStudent.student_id) == col(Student.id))
    wanted = (
        select(func.count()).select_from(Student).where(*here),
        select(func.count()).select_from(Group).where(col(Group.school_id) == school_id),
        select(func.count()).select_from(Family).where(of_school),
        select(func.count()).select_from(Student).where(*here, homeless),
        select(func.count()).select_from(Family).where(of_school, BARE),
        select(func.count()).select_from(Family).where(of_school, col(Family.blocked).is_(True)),
        select(func.count()).select_from(Family).where(of_school, LINKED),
    )
    row: Any = session.execute(select(*(one.scalar_subquery() for one in wanted))).one()
    return FamilyCounts(*row)


def family(session: Session, school_id: int, family_id: int) -> FamilyDetail:
    """Raises Refused(NotFound)."""
    row = session.scalar(select(Family).where(col(Family.school_id) == school_id, col(Family.id) == family_id))
    if row is None:
        raise Refused(NotFound("family"))
    opened = kinds(session, school_id, [family_id]).get(family_id, [])
    return FamilyDetail(
        id=family_id,
        name=row.name,
        email=row.email,
        mail=", ".join(family_addresses(session, school_id, family_id)),
        by_hand=row.by_hand,
        blocked=row.blocked,
        children=_with_others(session, school_id, family_id, opened),
        kinds=in_order(kind for _, kind in opened),
        chats=tuple(chats(session, school_id, [family_id]).get(family_id, ())),
        way=channels(session, school_id, [family_id])[family_id],
        failures=failures(session, school_id, MOST_FAILURES, family_id=family_id),
    )


def placed(session: Session, school_id: int, student_id: int) -> StudentPlacement:
    """Raises Refused(NotFound)."""
    child = session.scalar(select(Student).where(col(Student.school_id) == school_id, col(Student.id) == student_id))
    if child is None:
        raise Refused(NotFound("student"))
    own = (
        select(col(Family.id), col(Family.name))
        .join(FamilyStudent, col(FamilyStudent.family_id) == col(Family.id))
        .where(col(FamilyStudent.school_id) == school_id, col(FamilyStudent.student_id) == student_id)
        .order_by(col(Family.id))
    )
    rows: Any = session.execute(own)
    return StudentPlacement(
        id=student_id,
        name=full(child.first_name, child.prefix, child.last_name, child.call_name),
        groups=groups_of(session, school_id, [student_id]).get(student_id, ""),
        family_name=family_name(child.first_name, child.prefix, child.last_name, child.call_name),
        families=tuple((id_, name) for id_, name in rows),
        addresses=shared_addresses(session, school_id, student_id),
    )


def children_of(session: Session, school_id: int, family_ids: Collection[int]) -> dict[int, list[ChildView]]:
    """The children of each family, by age. Two queries."""
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
        view = ChildView(student.id, name, groups.get(student.id, ""), student.left is not None)
        found[family_id].append(view)
    return found


def kinds(session: Session, school_id: int, family_ids: Collection[int]) -> dict[int, list[tuple[int, SecretKind]]]:
    """What opens each family: (student, kind)."""
    held = select(col(Credential.family_id), col(Credential.student_id), col(Credential.kind)).where(
        col(Credential.school_id) == school_id, col(Credential.family_id).in_(family_ids)
    )
    found: dict[int, list[tuple[int, SecretKind]]] = defaultdict(list)
    for family_id, student_id, kind in session.execute(held):
        found[family_id].append((student_id, kind))
    return found


def chats(session: Session, school_id: int, family_ids: Collection[int]) -> dict[int, list[ChatLine]]:
    """The chats that speak for each family, the oldest first."""
    linked = (
        select(col(Link.family_id), col(Link.id), col(Chat.kind), col(Link.since), col(Chat.seen), col(Chat.reachable))
        .join(Chat, col(Chat.id) == col(Link.chat_id))
        .where(col(Link.school_id) == school_id, col(Link.family_id).in_(family_ids))
        .order_by(col(Link.since), col(Link.id))
    )
    found: dict[int, list[ChatLine]] = defaultdict(list)
    rows: Any = session.execute(linked)
    for family_id, *line in rows:
        found[family_id].append(ChatLine(*line))
    return found


def in_order(found: Any) -> tuple[SecretKind, ...]:
    """Each kind once, as the words have them."""
    return tuple(sorted(set(found), key=list(SecretKind).index))


def _with_others(
    session: Session, school_id: int, family_id: int, opened: list[tuple[int, SecretKind]]
) -> tuple[ChildView, ...]:
    children = children_of(session, school_id, [family_id]).get(family_id, [])
    others = _elsewhere(session, school_id, family_id, [child.id for child in children])
    return tuple(
        ChildView(
            child.id,
            child.name,
            child.groups,
            child.left,
            others.get(child.id, ()),
            in_order(kind for student_id, kind in opened if student_id == child.id),
        )
        for child in children
    )


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

"""The end of the school year: whole groups go up in one transaction, so that none merge by accident (D19).

Where everybody goes is worked out from one picture of the groups before anything is written (rule 32). Families,
secrets and chats are not touched; bookings keep the names of the groups that their children were in.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlmodel import Session, col

from storage.access.register import hold
from storage.audit.record import record
from storage.refusals import Invalid, NotFound, Refused
from storage.school_year.leaving import leave
from storage.school_year.next_groups import (
    Destination,
    GroupMember,
    NextGroup,
    Picture,
    YearGroup,
    proposals,
    stays_down,
    year,
)
from storage.tables import Audit, Booking, Group, Planning, PlanningGroup, School, Slot, Student, StudentGroup
from storage.timezone import local_day
from storage.values.person_names import group_key, sorted_form
from storage.words import Act, Acting

LONGEST_NAME = 60
_LONGEST_NAMES = 120
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Promoted:
    """What was done: children in another group, children who left, groups that were made."""

    moved: int
    left: int
    made: int


def picture(session: Session, school_id: int, now: datetime) -> Picture:
    """Every group and where it might go, from four queries. Raises Refused(NotFound)."""
    zone = _zone(session, school_id)
    today = local_day(now, zone)
    groups = _groups(session, school_id)
    members = _members(session, school_id)
    ways, ahead = proposals(groups), _talks_ahead(session, school_id, now)
    shown = tuple(
        YearGroup(
            id_, name, _children(name, ways[id_], members.get(id_, []), today), ways[id_], _combined(name), ahead[id_]
        )
        for id_, name in sorted(groups.items(), key=lambda one: _top_down(one[1]))
    )
    last = _last(session, school_id)
    return Picture(shown, _mark(members, groups), last, last is not None and local_day(last, zone) == today)


def go_up(
    session: Session,
    school_id: int,
    acting: Acting,
    ways: Mapping[int, NextGroup],
    staying: Collection[tuple[int, int]],
    *,
    mark: str,
    again: bool = False,
) -> Promoted:
    """Everybody at once. A group that is not in `ways` stays; `staying` holds (group id, student id).

    `mark` is that of the picture that was looked at. Raises Refused: NotFound for a group of another school; Invalid
    where the picture has changed since, for a name that cannot be, and, without `again`, for a second time in a day.
    """
    hold(session, school_id)
    groups, members = _groups(session, school_id), _members(session, school_id)
    if set(ways) - set(groups) or {way.group_id for way in ways.values() if way.goes is Destination.GROUP} - set(
        groups
    ):
        raise Refused(NotFound("group"))
    if mark != _mark(members, groups):
        raise Refused(Invalid("The groups have changed since you looked: please look once more."))
    last = _last(session, school_id)
    zone = _zone(session, school_id)
    if last is not None and not again and local_day(last, zone) == local_day(acting.now, zone):
        raise Refused(Invalid("The school has gone up today already: tick that you want it once more."))
    targets, made = _targets(session, school_id, ways, groups)
    moves, leaving = _moves(members, targets, staying)
    keep_group_names(session, school_id, {*leaving, *moves})
    _write(session, school_id, moves)
    left = leave(session, school_id, acting, leaving)
    counts = {"moved": len(moves), "left": left, "groups": made}
    record(session, school_id, acting, Act.MOVED_UP, None, **counts)
    return Promoted(len(moves), left, made)


def keep_group_names(session: Session, school_id: int, student_ids: Collection[int]) -> None:
    """These children are about to change groups: their bookings keep the names of those that they are in (rule 32).

    A booking that has a name already keeps that.
    """
    ids = sorted(student_ids)
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        of_some = col(Booking.school_id) == school_id, col(Booking.student_id).in_(some)
        nameless = select(col(Booking.student_id)).where(*of_some, col(Booking.group_name).is_(None)).distinct()
        named = (
            select(col(StudentGroup.student_id), col(Group.name))
            .join(Group, col(Group.id) == col(StudentGroup.group_id))
            .where(col(StudentGroup.school_id) == school_id, col(StudentGroup.student_id).in_(nameless))
            .order_by(col(Group.name))
        )
        names: dict[int, list[str]] = defaultdict(list)
        for student_id, name in session.execute(named):
            names[student_id].append(name)
        if names:
            own = update(Booking).where(
                col(Booking.school_id) == school_id,
                col(Booking.student_id) == bindparam("child"),
                col(Booking.group_name).is_(None),
            )
            rows = [{"child": id_, "names": ", ".join(of)[:_LONGEST_NAMES]} for id_, of in names.items()]
            session.connection().execute(own.values(group_name=bindparam("names")), rows)


def _targets(
    session: Session, school_id: int, ways: Mapping[int, NextGroup], groups: Mapping[int, str]
) -> tuple[dict[int, int | None], int]:
    """Group id → the group that its children are in afterwards, None where they leave; and how many were made."""
    known = {group_key(name): id_ for id_, name in groups.items()}
    targets: dict[int, int | None] = {}
    made = 0
    for id_, way in ways.items():
        if way.goes is Destination.LEAVE:
            targets[id_] = None
        elif way.goes is Destination.GROUP:
            targets[id_] = way.group_id
        elif way.goes is Destination.NEW:
            name = _name(way.name)
            if group_key(name) not in known:
                known[group_key(name)] = _made(session, school_id, name)
                made += 1
            targets[id_] = known[group_key(name)]
    return targets, made


def _moves(
    members: Mapping[int, list[tuple[Any, ...]]],
    targets: Mapping[int, int | None],
    staying: Collection[tuple[int, int]],
) -> tuple[dict[int, set[int]], list[int]]:
    """Student id → its groups afterwards, for those who change; and who leaves. All from the picture before."""
    before: dict[int, set[int]] = defaultdict(set)
    after: dict[int, set[int]] = defaultdict(set)
    leaving: set[int] = set()
    kept = set(staying)
    for group_id, children in members.items():
        for student_id, *_ in children:
            before[student_id].add(group_id)
            target = targets.get(group_id, group_id) if (group_id, student_id) not in kept else group_id
            if target is None:
                leaving.add(student_id)
            else:
                after[student_id].add(target)
    changed = {id_: after[id_] for id_ in before if id_ not in leaving and after[id_] != before[id_]}
    return changed, sorted(leaving)


def _write(session: Session, school_id: int, moves: Mapping[int, set[int]]) -> None:
    ids = sorted(moves)
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        own = col(StudentGroup.school_id) == school_id, col(StudentGroup.student_id).in_(some)
        session.execute(delete(StudentGroup).where(*own))
        rows = [
            {"school_id": school_id, "student_id": student_id, "group_id": group_id}
            for student_id in some
            for group_id in sorted(moves[student_id])
        ]
        session.execute(insert(StudentGroup), rows)


def _zone(session: Session, school_id: int) -> str:
    zone = session.scalar(select(col(School.timezone)).where(col(School.id) == school_id))
    if zone is None:
        raise Refused(NotFound("school"))
    return zone


def _groups(session: Session, school_id: int) -> dict[int, str]:
    rows: Any = session.execute(select(col(Group.id), col(Group.name)).where(col(Group.school_id) == school_id))
    return {id_: name for id_, name in rows}  # noqa: C416


def _members(session: Session, school_id: int) -> dict[int, list[tuple[Any, ...]]]:
    """Group id → (student id, first name, prefix, last name, call name, born) of those who have not left."""
    of_student = (
        col(Student.id), col(Student.first_name), col(Student.prefix), col(Student.last_name), col(Student.call_name),
        col(Student.birth_date),
    )  # fmt: skip
    rows = session.execute(
        select(col(StudentGroup.group_id), *of_student)
        .join(Student, col(Student.id) == col(StudentGroup.student_id))
        .where(col(StudentGroup.school_id) == school_id, col(Student.left).is_(None))
    )
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for group_id, *child in rows:
        found[group_id].append(tuple(child))
    return found


def _children(name: str, way: NextGroup, members: list[tuple[Any, ...]], today: date) -> tuple[GroupMember, ...]:
    of = year(name)
    goes = way.goes is not Destination.STAY
    children = (
        GroupMember(
            id_, sorted_form(first, prefix, last, call), goes and of is not None and stays_down(of, born, today)
        )
        for id_, first, prefix, last, call, born in members
    )
    return tuple(sorted(children, key=lambda child: (child.name.casefold(), child.id)))


def _combined(name: str) -> bool:
    of = year(name)
    return of is not None and of.combined


def _top_down(name: str) -> tuple[Any, ...]:
    """The highest year first, then by name; names without a year at the end."""
    of = year(name)
    return (of is None, -of.last if of else 0, name.casefold())


def _talks_ahead(session: Session, school_id: int, now: datetime) -> Counter[int]:
    booked = (
        select(col(PlanningGroup.group_id), func.count())
        .join(Planning, col(Planning.id) == col(PlanningGroup.planning_id))
        .join(Slot, col(Slot.planning_id) == col(Planning.id))
        .join(Booking, col(Booking.slot_id) == col(Slot.id))
        .where(col(PlanningGroup.school_id) == school_id, col(Booking.cancelled).is_(None), col(Slot.start) > now)
        .group_by(col(PlanningGroup.group_id))
    )
    rows: Any = session.execute(booked)
    return Counter(dict(rows.all()))


def _mark(members: Mapping[int, list[tuple[Any, ...]]], groups: Mapping[int, str]) -> str:
    here = sorted((group_id, child[0]) for group_id, children in members.items() for child in children)
    return sha256(repr((sorted(groups.items()), here)).encode()).hexdigest()[:16]


def _last(session: Session, school_id: int) -> datetime | None:
    asked = select(func.max(col(Audit.at))).where(col(Audit.school_id) == school_id, col(Audit.act) == Act.MOVED_UP)
    return session.scalar(asked)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or not name.isprintable():
        raise Refused(Invalid("A new group needs a name."))
    if len(name) > LONGEST_NAME:
        raise Refused(Invalid("The name of a group has at most %(most)s characters.", (("most", str(LONGEST_NAME)),)))
    return name


def _made(session: Session, school_id: int, name: str) -> int:
    group = Group(school_id=school_id, name=name)
    session.add(group)
    session.flush()
    return int(group.id or 0)

"""A planning by a few words: its title, a group or a teacher of it. Only reads; what is over is left out."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from storage.planning import conferences
from storage.planning.views import planning_list
from storage.values.person_names import key
from storage.values.sorting import MOST_WORDS, natural


@dataclass(frozen=True, slots=True)
class PlanningFound:
    id: int
    title: str
    conference: str
    teachers: tuple[str, ...]


def find(session: Session, school_id: int, search: str, now: datetime) -> tuple[PlanningFound, ...]:
    """Every word must begin one of the words of the planning's title, groups and teachers: "4 noor" is juf Noor's."""
    wanted = [key(word) for word in search.split()[:MOST_WORDS]]
    standing = {one.id for one in conferences.conference_lines(session, school_id, now=now) if not one.over}
    if not all(wanted) or not wanted or not standing:
        return ()
    rows = [
        row
        for row in session.execute(planning_list.listed(school_id, None, None)).all()
        if row.conference_id in standing
    ]
    ids = [row.id for row in rows]
    texts: dict[int, list[str]] = {row.id: [row.title] for row in rows}
    teachers: dict[int, list[str]] = {row.id: [] for row in rows}
    for of_group in session.execute(planning_list.groups_of(school_id, ids)):
        texts[of_group.planning_id].append(of_group.name)
    for of_teacher in session.execute(planning_list.teachers_of(school_id, ids)):
        teachers[of_teacher.planning_id].append(of_teacher.name)
    found = [
        PlanningFound(row.id, row.title, row.conference, tuple(teachers[row.id]))
        for row in rows
        if _holds(wanted, [*texts[row.id], *teachers[row.id]])
    ]
    return tuple(sorted(found, key=lambda one: (natural(one.title), one.id)))


def _holds(wanted: list[str], texts: list[str]) -> bool:
    words = [key(word) for text in texts for word in text.split()]
    return all(any(word.startswith(one) for word in words) for one in wanted)

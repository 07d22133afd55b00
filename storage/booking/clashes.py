"""Who is elsewhere at a time of a planning: the family at another talk, or one of the planning's teachers (rule 10).

Parents are refused such a time; staff may take it, and are told first (rule 15). Holds names of children: never for a
parent's screen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from storage.booking.reading import LIVE, rows
from storage.database.joins import same
from storage.tables import Conference, Planning, PlanningTeacher, Slot, Teacher
from storage.values.talk_span import TalkSpan, overlap


@dataclass(frozen=True, slots=True)
class OtherTalk:
    """A live talk that is in the way: of the family (`teacher` is empty), or of a teacher."""

    booking_id: int
    student: str
    title: str
    start: datetime
    end: datetime
    teacher: str = ""


@dataclass(frozen=True, slots=True)
class _Talk:
    shown: OtherTalk
    planning_id: int
    family_id: int
    teacher_ids: frozenset[int]

    @property
    def span(self) -> TalkSpan:
        return TalkSpan(self.shown.start, self.shown.end, self.planning_id)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The school's live talks in the days of one planning, its teachers (id → name), and the way between two rooms."""

    planning_id: int
    walking: timedelta
    teachers: dict[int, str]
    talks: tuple[_Talk, ...]

    def clashes(self, family_id: int | None, start: datetime, end: datetime, but: int | None = None) -> list[OtherTalk]:
        """What is in the way of this family at this time, teachers first; `but` is the talk that is moved."""
        return [*self.of_teachers(start, end), *(self.of_family(family_id, start, end, but) if family_id else ())]

    def of_family(self, family_id: int, start: datetime, end: datetime, but: int | None = None) -> list[OtherTalk]:
        """The family's other talks, walking time between two plannings included."""
        span = TalkSpan(start, end, self.planning_id)
        return [
            talk.shown
            for talk in self.talks
            if talk.family_id == family_id and talk.shown.booking_id != but and overlap(span, talk.span, self.walking)
        ]

    def of_teachers(self, start: datetime, end: datetime) -> list[OtherTalk]:
        """Talks of this planning's teachers in other plannings."""
        span = TalkSpan(start, end, self.planning_id)
        found: list[OtherTalk] = []
        for talk in self.talks:
            if talk.planning_id != self.planning_id and overlap(span, talk.span):
                for id_ in sorted(talk.teacher_ids & self.teachers.keys()):
                    one = talk.shown
                    found.append(
                        OtherTalk(one.booking_id, one.student, one.title, one.start, one.end, self.teachers[id_])
                    )
        return found


def elsewhere(session: Session, school_id: int, planning_id: int) -> Elsewhere:
    """What one planning's times have to be held against. The same number of statements whatever its size."""
    walking = session.execute(
        select(col(Conference.walking_minutes))
        .join(Planning, same(Planning.conference_id, Conference.id))
        .where(col(Planning.school_id) == school_id, col(Planning.id) == planning_id)
    ).scalar_one()
    apart = timedelta(minutes=walking)
    own = select(col(Slot.start), col(Slot.end)).where(
        col(Slot.school_id) == school_id, col(Slot.planning_id) == planning_id
    )
    times = session.execute(own).all()
    seated = _seated(session, school_id)
    teachers = seated.get(planning_id, {})
    if not times:
        return Elsewhere(planning_id, apart, teachers, ())
    first, last = min(start for start, _ in times) - apart, max(end for _, end in times) + apart
    there = rows(session, school_id, LIVE, col(Slot.end) > first, col(Slot.start) < last)
    talks = [
        _Talk(
            OtherTalk(row.id, row.called, row.title, row.start, row.end),
            row.planning_id,
            row.family_id,
            frozenset(seated.get(row.planning_id, {})),
        )
        for row in there
    ]
    return Elsewhere(planning_id, apart, teachers, tuple(talks))


def _seated(session: Session, school_id: int) -> dict[int, dict[int, str]]:
    """planning → teacher → name."""
    rows = session.execute(
        select(col(PlanningTeacher.planning_id), col(Teacher.id), col(Teacher.name))
        .join(Teacher, same(Teacher.id, PlanningTeacher.teacher_id))
        .where(col(PlanningTeacher.school_id) == school_id)
    )
    found: dict[int, dict[int, str]] = {}
    for planning_id, teacher_id, name in rows:
        if teacher_id is not None:
            found.setdefault(planning_id, {})[teacher_id] = name
    return found

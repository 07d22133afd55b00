"""What somebody may choose to take along: conferences, days, teachers and plannings, the school's or a teacher's.

In a number of statements that does not grow with the lists.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.lists.talk_list import TalkFilter
from storage.planning.views.planning_list import listed, teachers_of
from storage.refusals import NotFound, Refused
from storage.tables import Booking, School, Slot
from storage.timezone import local_day


@dataclass(frozen=True, slots=True)
class ExportOption:
    """Something to choose by its id."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Conferences newest first; `days` are (local day, talks that stand), of all days that have times."""

    conferences: tuple[ExportOption, ...]
    days: tuple[tuple[date, int], ...]
    teachers: tuple[ExportOption, ...]
    plannings: tuple[ExportOption, ...]

    def name(self, wanted: TalkFilter) -> str:
        """What the wanted one is called; empty for all or a day. Raises Refused(NotFound) where it is not theirs."""
        for among, id_ in (
            (self.conferences, wanted.conference_id),
            (self.plannings, wanted.planning_id),
            (self.teachers, wanted.teacher_id),
        ):
            if id_ is None:
                continue
            found = [one.name for one in among if one.id == id_]
            if not found:
                raise Refused(NotFound("export"))
            return found[0]
        return ""


def choices(session: Session, school_id: int, *, own: int | None = None) -> ExportOptions:
    """With `own` only what that teacher's own plannings hold."""
    rows = session.execute(listed(school_id, own, None)).all()
    ids = [row.id for row in rows]
    teachers = {row.id: row.name for row in session.execute(teachers_of(school_id, ids)) if own in (None, row.id)}
    return ExportOptions(
        conferences=tuple(
            ExportOption(id_, name) for id_, name in {row.conference_id: row.conference for row in rows}.items()
        ),
        days=_days(session, school_id, ids),
        teachers=tuple(
            ExportOption(id_, name) for id_, name in sorted(teachers.items(), key=lambda one: one[1].casefold())
        ),
        plannings=tuple(ExportOption(row.id, row.title) for row in rows),
    )


def _days(session: Session, school_id: int, ids: list[int]) -> tuple[tuple[date, int], ...]:
    zone = session.execute(select(col(School.timezone)).where(col(School.id) == school_id)).scalar_one()
    held = (
        select(col(Slot.start), func.count(col(Booking.id)))
        .outerjoin(Booking, (col(Booking.slot_id) == col(Slot.id)) & col(Booking.cancelled).is_(None))
        .where(col(Slot.school_id) == school_id, col(Slot.planning_id).in_(ids))
        .group_by(col(Slot.start))
    )
    talks: Counter[date] = Counter()
    for start, number in session.execute(held):
        talks[local_day(start, zone)] += number
    return tuple(sorted(talks.items()))

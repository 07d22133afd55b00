"""The children who have left: since when, and when they are erased by themselves (D19, D28). Only reads."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.families.students import PAGE, groups_of, named
from storage.refusals import NotFound, Refused
from storage.tables import School, Student
from storage.values.person_names import sorted_form


@dataclass(frozen=True, slots=True)
class Leaver:
    """`groups`: the last ones; `goes`: when it is erased, None where the school keeps leavers until then."""

    id: int
    name: str
    groups: str
    left: datetime
    goes: datetime | None


@dataclass(frozen=True, slots=True)
class LeaverPage:
    """A page of the list, those who left last first; pages begin at 1."""

    leavers: tuple[Leaver, ...]
    total: int
    page: int
    pages: int
    days: int


def leavers(session: Session, school_id: int, *, search: str = "", page: int = 1, size: int = PAGE) -> LeaverPage:
    """Who has left and is not erased yet. Raises Refused(NotFound)."""
    days = session.scalar(select(col(School.leavers_kept)).where(col(School.id) == school_id))
    if days is None:
        raise Refused(NotFound("school"))
    where = [col(Student.school_id) == school_id, col(Student.left).is_not(None)]
    if search.strip():
        where.append(col(Student.id).in_(named(session, school_id, search)))
    total = session.scalar(select(func.count()).select_from(Student).where(*where)) or 0
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    order = (col(Student.left).desc(), func.lower(col(Student.last_name)), col(Student.id))
    rows = list(session.scalars(select(Student).where(*where).order_by(*order).offset((page - 1) * size).limit(size)))
    groups = groups_of(session, school_id, [int(row.id or 0) for row in rows])
    return LeaverPage(tuple(_leaver(row, groups, days) for row in rows), total, page, pages, days)


def _leaver(row: Student, groups: dict[int, str], days: int) -> Leaver:
    assert row.id is not None
    assert row.left is not None
    name = sorted_form(row.first_name, row.prefix, row.last_name, row.call_name)
    return Leaver(row.id, name, groups.get(row.id, ""), row.left, row.left + timedelta(days=days) if days else None)

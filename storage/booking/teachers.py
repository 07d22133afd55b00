"""The teachers of a planning in one column, so that a booking is read in one statement on both databases."""

from typing import Any

from sqlalchemy import ScalarSelect, String, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlmodel import col

from storage.database.joins import same
from storage.tables import PlanningTeacher, Teacher

_SEPARATOR = "\x1f"  # stands in no name


class _Joined(GenericFunction[str]):
    """The values of a group, with the separator between. (SQLAlchemy's own would need its text at each execution.)"""

    type = String()
    name = "joined"
    inherit_cache = True


@compiles(_Joined, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **keywords: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **keywords)}, char(31))"


@compiles(_Joined, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **keywords: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **keywords)}, chr(31))"


def teachers_of(school_id: Any, planning_id: Any) -> ScalarSelect[Any]:
    """A column with the names of the teachers of the planning that the two columns name; read it with `names`."""
    return (
        select(_Joined(col(Teacher.name)))
        .join(PlanningTeacher, same(PlanningTeacher.teacher_id, Teacher.id))
        .where(col(Teacher.school_id) == school_id, col(PlanningTeacher.planning_id) == planning_id)
        .scalar_subquery()
    )


def names(joined: str | None) -> tuple[str, ...]:
    """The names in such a column, in the alphabet's order: the database gives them in any."""
    return tuple(sorted(joined.split(_SEPARATOR))) if joined else ()

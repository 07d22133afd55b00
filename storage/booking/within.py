"""Within one school and one family: how the hot path's statements say so (rule 6)."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam
from sqlmodel import col

SCHOOL = bindparam("school", type_=Integer)
FAMILY = bindparam("family", type_=Integer)


def here(table: Any, *more: Any) -> ColumnElement[bool]:
    """A table's row of this school, by the composite key that every foreign key has."""
    return and_(col(table.school_id) == SCHOOL, *more)

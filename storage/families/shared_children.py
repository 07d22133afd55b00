"""Children of two families: they lend their telephone and address to neither (rule 23)."""

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.tables import FamilyStudent


def shared_children(session: Session, school_id: int) -> frozenset[int]:
    """The ids of the school's children that are in more than one family. One walk over the table, not one for each."""
    several = (
        select(col(FamilyStudent.student_id))
        .where(col(FamilyStudent.school_id) == school_id)
        .group_by(col(FamilyStudent.student_id))
        .having(func.count() > 1)
    )
    return frozenset(session.execute(several).scalars())

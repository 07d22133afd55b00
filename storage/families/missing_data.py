"""How many children at school lack what a school may need of them: a datum, a family. Counts alone, for the desk."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, func, select
from sqlmodel import Session, col

from storage.tables import FamilyStudent, Student


def missing_data(session: Session, school_id: int) -> Mapping[str, int]:
    """What is lacked (as `students.SHOWS` calls it) → how many children at school lack it. One query."""
    without = {
        "family": ~exists().where(col(FamilyStudent.student_id) == col(Student.id)),
        "postcode": col(Student.postcode) == "",
        "house_number": col(Student.house_number) == "",
        "birth_date": col(Student.birth_date).is_(None),
        "student_number": col(Student.student_number) == "",
    }
    counts = select(*(func.count().filter(condition) for condition in without.values())).where(
        col(Student.school_id) == school_id, col(Student.left).is_(None)
    )
    row: Any = session.execute(counts).one()
    return dict(zip(without, row, strict=True))

"""The composite key is compared in one place (storage.database.joins), so that no join forgets the school."""

import re
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import col

from storage.database.joins import same
from storage.tables import Booking, FamilyStudent, Slot, Student

ROOT = Path(__file__).parents[3]
SPELLED_OUT = re.compile(r"school_id\) == col\(\w+\.school_id\)")
# These compare the school beside something that is no key of it: a mail address, and a chat, which no school has.
OTHERWISE = {
    "storage/staff/accounts.py",
    "storage/school/conference_counts.py",
    "storage/school_year/leaving.py",
    "storage/notices/turning_points.py",
}


def test_school_and_id_are_compared_whichever_comes_first() -> None:
    assert str(same(Slot.id, Booking.slot_id)) == "slot.school_id = booking.school_id AND slot.id = booking.slot_id"
    assert str(same(FamilyStudent.student_id, Student.id)) == (
        "family_student.school_id = student.school_id AND family_student.student_id = student.id"
    )


def test_an_alias_is_compared_by_its_own_columns() -> None:
    sibling = aliased(Student, name="sibling")
    joined = select(col(sibling.id)).join(FamilyStudent, same(FamilyStudent.student_id, sibling.id))
    assert "family_student.school_id = sibling.school_id AND family_student.student_id = sibling.id" in str(joined)


def test_no_join_spells_the_composite_key_out() -> None:
    files = (ROOT / "storage").rglob("*.py")
    found = {str(path.relative_to(ROOT)) for path in files if SPELLED_OUT.search(path.read_text(encoding="utf-8"))}
    assert found == OTHERWISE

"""One row of a list of students, checked."""

from datetime import date
from typing import NamedTuple


class StudentRow(NamedTuple):
    """One student as the file has it, checked. Texts are '' and `birth_date` None where the file says nothing.

    A named tuple, not a dataclass: 50,000 of them are made from columns without running any Python.
    """

    line: int
    first_name: str
    prefix: str
    last_name: str
    postcode: str
    house_number: str
    birth_date: date | None
    student_number: str
    groups: tuple[str, ...]
    email: str
    phone: str
    call_name: str

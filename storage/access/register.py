"""Everybody of a school in a few queries: the picture that families and credentials are worked out from.

Changes nothing. Holds data of children, so nothing here is shown or logged as it is.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from storage.refusals import NotFound, Refused
from storage.tables import Family, FamilyStudent, Group, School, Student, StudentGroup
from storage.values.normalise import student_number
from storage.values.person_names import full
from storage.words import SecretKind

_FAMILIES = (
    select(col(Family.id), col(Family.name), col(Family.by_hand), col(Family.blocked))
    .where(col(Family.school_id) == bindparam("school"))
    .order_by(col(Family.id))
)
_CHILDREN = (
    select(
        col(Student.id),
        col(Student.first_name),
        col(Student.prefix),
        col(Student.last_name),
        col(Student.call_name),
        col(Student.postcode),
        col(Student.house_number),
        col(Student.birth_date),
        col(Student.student_number),
        col(Student.name_key),
        col(Student.call_key),
        col(Student.left),
    )
    .where(col(Student.school_id) == bindparam("school"))
    .order_by(col(Student.id))
)
_JOINED = select(col(FamilyStudent.family_id), col(FamilyStudent.student_id)).where(
    col(FamilyStudent.school_id) == bindparam("school")
)
_GROUPS = (
    select(col(StudentGroup.student_id), col(Group.name))
    .join(Group, col(Group.id) == col(StudentGroup.group_id))
    .where(col(StudentGroup.school_id) == bindparam("school"))
    .order_by(col(Group.name))
)


class RegisteredFamily(NamedTuple):
    """A family's row."""

    id: int
    name: str
    by_hand: bool
    blocked: bool


class RegisteredStudent(NamedTuple):
    """What a family or a credential may be made of."""

    id: int
    first_name: str
    prefix: str
    last_name: str
    call_name: str
    postcode: str
    house_number: str
    birth_date: date | None
    student_number: str
    name_key: str
    call_key: str
    left: datetime | None

    @property
    def name(self) -> str:
        return full(self.first_name, self.prefix, self.last_name, self.call_name)

    @property
    def keys(self) -> tuple[str, ...]:
        """What a parent may type for this child."""
        return tuple({self.name_key, self.call_key} - {""})

    def datum(self, kind: SecretKind) -> str:
        """The normalised value of a kind, or '' where the school does not know it; a code is never a child's."""
        match kind:
            case SecretKind.POSTCODE:
                return self.postcode
            case SecretKind.POSTCODE_HOUSE_NUMBER:
                return f"{self.postcode} {self.house_number}" if self.postcode and self.house_number else ""
            case SecretKind.BIRTH_DATE:
                return self.birth_date.isoformat() if self.birth_date else ""
            case SecretKind.STUDENT_NUMBER:
                return student_number(self.student_number) or ""
            case SecretKind.CODE:
                return ""


@dataclass(slots=True)
class Register:
    """The school's families and children, and who belongs to whom."""

    families: dict[int, RegisteredFamily]
    children: dict[int, RegisteredStudent]
    of_family: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    of_child: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def first_family(self, student_id: int) -> int:
        """Whose family a child's own datum lets in when it has two: the automatic one, else the older (rule 1)."""
        families = self.of_child[student_id]
        if len(families) == 1:
            return families[0]
        return min(families, key=lambda id_: (self.families[id_].by_hand, id_))

    def own_children(self, family_id: int) -> list[RegisteredStudent]:
        """The children for whom this is the first family."""
        return [self.children[id_] for id_ in self.of_family[family_id] if self.first_family(id_) == family_id]


def hold(session: Session, school_id: int) -> None:
    """One change of a whole school at a time: another import or making of families waits for this one to end.

    Bookings do not wait. On SQLite there is one writer anyway.
    """
    own = select(col(School.id)).where(col(School.id) == school_id)
    if session.execute(own.with_for_update(key_share=True)).first() is None:
        raise Refused(NotFound("school"))


def register(session: Session, school_id: int) -> Register:
    """Three queries, however large the school."""
    connection: Any = session.connection()  # keys are ints in rows that are there, whatever the tables' types say
    school = {"school": school_id}
    families = {row[0]: RegisteredFamily(*row) for row in connection.execute(_FAMILIES, school)}
    children = {row[0]: RegisteredStudent(*row) for row in connection.execute(_CHILDREN, school)}
    made = Register(families, children)
    for family_id, student_id in sorted(map(tuple, connection.execute(_JOINED, school))):
        made.of_family[family_id].append(student_id)
        made.of_child[student_id].append(family_id)
    return made


def group_names(session: Session, school_id: int) -> dict[int, str]:
    """Student id → its groups, as one text."""
    names: dict[int, list[str]] = defaultdict(list)
    for student_id, name in session.connection().execute(_GROUPS, {"school": school_id}):
        names[student_id].append(name)
    return {student_id: ", ".join(groups) for student_id, groups in names.items()}

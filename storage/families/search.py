"""A child or a family by a few words, for whoever answers the telephone. Only reads.

Names are compared here and not by the database, as in the list of students: "yilmaz" finds Yılmaz on SQLite too.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from storage.database.prepared import Prepared
from storage.families.family_views import ChildView, children_of
from storage.families.students import StudentPage, students
from storage.tables import Family
from storage.values.person_names import key
from storage.values.sorting import MOST_WORDS, natural

_NAMES = Prepared(select(col(Family.id), col(Family.name)).where(col(Family.school_id) == bindparam("school")))


@dataclass(frozen=True, slots=True)
class FamilyFound:
    id: int
    name: str
    children: tuple[ChildView, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The first children and families that fit. `families`: by their own name, so not those of the children alone;
    `total` counts the families that fit, `children.total` the children."""

    children: StudentPage
    families: tuple[FamilyFound, ...]
    total: int

    @property
    def nobody(self) -> bool:
        return not self.children.total and not self.total

    @property
    def student_id(self) -> int | None:
        """The one child that can be meant; who has two families is one child."""
        known = {id_ for one in self.children.lines for id_, _ in one.families}
        only = self.children.total == 1 and all(one.id in known for one in self.families)
        return self.children.lines[0].id if only else None

    @property
    def family_id(self) -> int | None:
        """The one family that can be meant: of all children that fit, or of the name where no child fits."""
        if self.children.total > len(self.children.lines) or self.total > len(self.families):
            return None
        meant = {one.id for one in self.families}
        for one in self.children.lines:
            meant |= {id_ for id_, _ in one.families} or {0}  # a child without a family is meant too
        return meant.pop() if len(meant) == 1 and 0 not in meant else None


def find(session: Session, school_id: int, search: str, most: int) -> Found:
    """What fits these words: a child's name, number or postcode; a family's name. At most `most` of either."""
    children = students(session, school_id, search=search, size=most)
    wanted = [key(word) for word in search.split()[:MOST_WORDS]]
    fitting = [
        (name, id_)
        for id_, name in _NAMES.rows(session, school=school_id)
        if any(wanted) and all(word in key(name) for word in wanted)
    ]
    fitting.sort(key=lambda one: natural(one[0]))
    shown = fitting[:most]
    of_family = children_of(session, school_id, [id_ for _, id_ in shown])
    families = tuple(FamilyFound(id_, name, tuple(of_family.get(id_, ()))) for name, id_ in shown)
    return Found(children, families, len(fitting))

"""One field on every page that finds a child, a family or a planning: who phones is helped while they speak.

What fits exactly one of them leads straight to its page. It only looks, within the school, for administrators.
"""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from admin.web.desk import Administrator
from admin.web.rendering import show
from storage.families import search as people
from storage.families import students
from storage.families.search import Found
from storage.families.students import GroupView
from storage.planning.views import search as plannings
from storage.planning.views.search import PlanningFound

router = APIRouter(prefix="/desk/find")

MOST = 20  # of each on the page; the lists show the rest
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Everything:
    people: Found
    plannings: tuple[PlanningFound, ...]
    groups: tuple[GroupView, ...]

    @property
    def path(self) -> str:
        """The page of the one thing that can be meant; empty where there is a choice."""
        if not self.plannings and not self.groups:
            if self.people.student_id:
                return f"/desk/students/{self.people.student_id}"
            if self.people.family_id:
                return f"/desk/families/{self.people.family_id}"
        elif self.people.nobody and not self.groups and len(self.plannings) == 1:
            return f"/desk/plannings/{self.plannings[0].id}"
        return ""


@router.get("")
def find(desk: Administrator, q: str = "") -> Response:
    """On to the page of what was sought where only one fits; else a list of all that do."""
    q = " ".join(q[:LONGEST_SEARCH].split())
    found = desk.database.read(_find, desk.school.id, q, desk.now) if q else None
    if found and found.path:
        return desk.go(found.path)
    return show(desk, "finding.html", q=q, found=found, most=MOST)


def _find(session: Session, school_id: int, q: str, now: datetime) -> Everything:
    wanted = q.casefold().split()
    groups = tuple(
        one
        for one in students.groups(session, school_id)
        if one.students and all(any(word.startswith(part) for word in one.name.casefold().split()) for part in wanted)
    )
    return Everything(
        people.find(session, school_id, q, MOST), plannings.find(session, school_id, q, now)[:MOST], groups[:MOST]
    )

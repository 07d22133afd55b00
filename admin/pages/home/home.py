"""The desk's first page: the round of talks in steps for administrators, own plannings and talks for teachers."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from admin.pages.home.next_step import next_step
from admin.pages.home.steps import steps
from admin.web.desk import Desk, SignedIn
from admin.web.form_values import known_id
from admin.web.rendering import show
from storage.school import progress
from storage.staff import teacher_page
from storage.timezone import day_bounds, local_day

router = APIRouter(prefix="/desk")


@router.get("")
def home(desk: SignedIn, conference: int = 0) -> HTMLResponse:
    """`conference`: another round that runs or comes, where there are several."""
    today = local_day(desk.now, desk.zone)
    own = desk.staff.teacher_id
    plannings = desk.database.read(teacher_page.own_plannings, desk.school.id, own) if own else ()
    bounds = day_bounds(today, desk.zone)
    talks = desk.database.read(teacher_page.talks_between, desk.school.id, own, *bounds) if own else ()
    return show(desk, "home.html", today=today, plannings=plannings, talks=talks, **_progress(desk, conference))


def _progress(desk: Desk, conference: int) -> dict[str, object]:
    """What only administrators see."""
    if not desk.administrator:
        return {"progress": None}
    found = desk.database.read(progress.progress, desk.school.id, desk.now, known_id(conference) or None)
    return {
        "progress": found,
        "steps": steps(found, desk.words, desk.zone, desk.now),
        "next": next_step(found, desk.words, desk.now),
        "parents": f"{desk.settings.base_url}/{desk.school.slug}",
    }

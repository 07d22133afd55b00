"""The desk's first page: for administrators how the school stands, for teachers their plannings and today's talks."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from admin.layout import show
from admin.next_step import next_step
from admin.sessions import SignedIn
from storage.moments import day_bounds, local_day
from storage.school import schools, teaching

router = APIRouter(prefix="/desk")


@router.get("")
def home(desk: SignedIn) -> HTMLResponse:
    today = local_day(desk.now, desk.zone)
    bounds = day_bounds(today, desk.zone)
    own = desk.staff.teacher_id
    plannings = desk.database.read(teaching.own_plannings, desk.school.id, own) if own else ()
    talks = desk.database.read(teaching.talks_between, desk.school.id, own, *bounds) if own else ()
    state = desk.database.read(schools.state, desk.school.id) if desk.administrator else None
    parents = f"{desk.settings.base_url}/{desk.school.slug}"
    step = next_step(state, desk.school.secret_kind is not None, desk.words) if state else None
    return show(
        desk, "home.html", state=state, step=step, plannings=plannings, talks=talks, today=today, parents=parents
    )

"""The evening at a glance: a conference's plannings side by side, with the same blocks that one planning has (D12).

What is done there goes to the routes of the plannings themselves. A teacher sees their own plannings alone (D1).
"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from admin import typed
from admin.layout import show
from admin.pages.plannings import Id, scope
from admin.sessions import SignedIn
from storage.planning import evenings
from storage.words import Refused

router = APIRouter(prefix="/desk/plannings")


@router.get("/conferences/{conference_id:int}/evening")
def evening(desk: SignedIn, conference_id: Id, on: str = "") -> HTMLResponse:
    """`on` is a day of it; any other text gives the next one."""
    try:
        day = typed.day(on, "The date") if on else None
    except Refused:
        day = None
    view = desk.database.read(evenings.evening, desk.school.id, conference_id, day, desk.now, teacher_id=scope(desk))
    return show(desk, "plannings/evening.html", view=view)

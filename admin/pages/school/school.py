"""The school's own page: what it says of itself. For administrators."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from admin.web.desk import Administrator, Desk
from admin.web.forms import Line, chosen
from admin.web.rendering import show
from messages import text
from storage import schools
from storage.refusals import Refused

router = APIRouter(prefix="/desk")


@router.get("/school")
def school(desk: Administrator) -> HTMLResponse:
    """The school's own page, with the form that changes it."""
    return _page(desk, 200)


@router.post("/school")
def change_school(desk: Administrator, name: Line = "", contact: Line = "", language: Line = "") -> Response:
    """Change the school's name, contact and language; the page again with a sentence where they are refused."""
    try:
        desk.database.work(
            schools.change,
            desk.school.id,
            desk.acting,
            name=name,
            contact=contact,
            language=chosen(language, text.languages()),
        )
    except Refused as refused:
        typed = {"name": name, "contact": contact, "language": language}
        return _page(desk, 422, typed=typed, wrong=desk.told(refused))
    return desk.go("/desk/school", desk.words.say("Saved."))


def _page(desk: Desk, status: int, *, typed: dict[str, str] | None = None, wrong: str = "") -> HTMLResponse:
    own = {"name": desk.school.name, "contact": desk.school.contact, "language": desk.school.language}
    return show(desk, "school/school.html", status, typed=typed or own, wrong=wrong)

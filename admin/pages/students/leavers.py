"""The children who have left (D19): since when, when they are erased by themselves, and back again."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from admin.web import form_values
from admin.web.desk import Administrator
from admin.web.rendering import show
from storage.school_year import leavers, leaving

router = APIRouter(prefix="/desk/students/leavers")


@router.get("")
def leavers_list(desk: Administrator, q: str = "", page: int = 1) -> HTMLResponse:
    """One page of the children who have left, those that fit `q`."""
    q = " ".join(q[:100].split())
    found = desk.database.read(leavers.leavers, desk.school.id, search=q, page=min(max(page, 1), 100_000))
    return show(desk, "trust/leavers.html", found=found, q=q)


@router.post("/back")
def back(desk: Administrator, student: Annotated[list[int], Form()] = []) -> Response:  # noqa: B006
    """These are at school again, in the groups that they were in."""
    ids = [form_values.known_id(one) for one in student]
    number = desk.database.work(leaving.come_back, desk.school.id, desk.acting, ids, desk.settings.pepper)
    said = desk.words.count("%(number)s child is at school again.", "%(number)s children are at school again.", number)
    return desk.go("/desk/students/leavers", said)

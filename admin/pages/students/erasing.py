"""Erasing a student or a family for good (D28, rule 33): a page that says what goes, and asks for the child's name."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator

from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.forms import Line
from admin.web.rendering import show
from storage.privacy import erasure_requests, leftover_files
from storage.privacy.erasure_requests import ErasurePreview
from storage.refusals import Refused
from storage.words import Erased

router = APIRouter(prefix="/desk")

Id = Annotated[int, Path(), AfterValidator(form_values.known_id)]


@router.get("/students/{student_id:int}/erase")
def ask_student(desk: Administrator, student_id: Id) -> HTMLResponse:
    """Says what goes with a child that is erased, and asks for the name."""
    return _ask(desk, 200, erasure_requests.of_student, student_id)


@router.post("/students/{student_id:int}/erase")
def erase_student(desk: Administrator, student_id: Id, name: Line = "") -> Response:
    """Erase a child for good; the question again where the name typed is another."""
    return _erase(desk, student_id, name, erasure_requests.of_student, erasure_requests.erase_student)


@router.get("/families/{family_id:int}/erase")
def ask_family(desk: Administrator, family_id: Id) -> HTMLResponse:
    """Says what goes with a family that is erased, and asks for the name."""
    return _ask(desk, 200, erasure_requests.of_family, family_id)


@router.post("/families/{family_id:int}/erase")
def erase_family(desk: Administrator, family_id: Id, name: Line = "") -> Response:
    """Erase a family for good; the question again where the name typed is another."""
    return _erase(desk, family_id, name, erasure_requests.of_family, erasure_requests.erase_family)


def _erase(
    desk: Desk, row_id: int, name: str, what: Callable[..., ErasurePreview], do: Callable[..., ErasurePreview]
) -> Response:
    try:
        gone = desk.database.work(do, desk.school.id, desk.acting, row_id, name, desk.settings.pepper)
    except Refused as refused:
        return _ask(desk, 422, what, row_id, wrong=desk.told(refused), name=name)
    leftover_files.throw_uploads(desk.settings.data_dir, desk.school.id)
    desk.database.scrub()
    if gone.what is Erased.STUDENT:
        return desk.go("/desk/students", desk.words.say("The student has been erased for good."))
    return desk.go("/desk/families", desk.words.say("The family has been erased for good."))


def _ask(desk: Desk, status: int, what: Callable[..., ErasurePreview], row_id: int, **more: Any) -> HTMLResponse:
    goes = desk.database.read(what, desk.school.id, row_id, desk.now)
    values = {"wrong": "", "name": "", **more}
    return show(desk, "trust/erase.html", status, goes=goes, whole=goes.what is Erased.FAMILY, **values)

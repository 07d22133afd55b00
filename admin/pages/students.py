"""Students at the desk: the list, and one student with what can be changed by hand."""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator

from admin import typed
from admin.forms import Line
from admin.layout import show
from admin.sessions import Administrator, Desk
from storage.people import families, family_views, students
from storage.people.students import StudentForm, StudentView
from storage.words import Refused

router = APIRouter(prefix="/desk/students")

Id = Annotated[int, Path(), AfterValidator(typed.known_id)]


@router.get("")
def students_list(desk: Administrator, q: str = "", group: str = "", page: int = 1) -> HTMLResponse:
    group_id = typed.known_id(int(group)) if group.isascii() and group.isdigit() else None
    shown = desk.database.read(
        students.students,
        desk.school.id,
        search=q[:200],
        group_id=group_id,
        without_family=group == "none",
        page=min(max(page, 1), 100_000),
    )
    groups = desk.database.read(students.groups, desk.school.id)
    return show(desk, "students/list.html", found=shown, groups=groups, q=q[:200], group=group)


@router.get("/{student_id:int}")
def student(desk: Administrator, student_id: Id) -> HTMLResponse:
    view = desk.database.read(students.student, desk.school.id, student_id)
    return _page(desk, 200, view, _standing(view))


@router.post("/{student_id:int}")
def edit(
    desk: Administrator,
    student_id: Id,
    first_name: Line = "",
    prefix: Line = "",
    last_name: Line = "",
    call_name: Line = "",
    postcode: Line = "",
    house_number: Line = "",
    birth_date: Line = "",
    student_number: Line = "",
    email: Line = "",
    phone: Line = "",
    group: Annotated[list[int], Form()] = [],  # noqa: B006
) -> Response:
    form = StudentForm(
        first_name, prefix, last_name, call_name, postcode, house_number, birth_date, student_number, email, phone,
        frozenset(typed.known_id(one) for one in group),
    )  # fmt: skip
    try:
        desk.database.work(students.edit, desk.school.id, student_id, form, desk.by, desk.now, desk.settings.pepper)
    except Refused as refused:
        wrong = desk.told(refused)
        return _page(desk, 422, desk.database.read(students.student, desk.school.id, student_id), form, wrong)
    return desk.go(f"/desk/students/{student_id}", desk.words.say("The student has been changed."))


@router.post("/{student_id:int}/family")
def add_family(desk: Administrator, student_id: Id, family: Annotated[int, Form()] = 0, name: Line = "") -> Response:
    """In one more family (divorced parents), or in a first one; `family` 0 is a new one."""
    to = typed.known_id(family) or None
    try:
        target = desk.database.work(
            families.add, desk.school.id, student_id, to, desk.by, desk.now, desk.settings.pepper, name
        )
    except Refused as refused:
        wrong = desk.told(refused)
        view = desk.database.read(students.student, desk.school.id, student_id)
        return _page(desk, 422, view, _standing(view), wrong)
    if to is None:
        said = desk.words.say("The family has been made. It has no secret yet: give it one here.")
        return desk.go(f"/desk/families/{target}", said, kind="warn")
    return desk.go(f"/desk/families/{target}", desk.words.say("The child is in this family now."))


def _page(desk: Desk, status: int, view: StudentView, form: StudentForm, wrong: str = "") -> HTMLResponse:
    groups = desk.database.read(students.groups, desk.school.id)
    choices = desk.database.read(family_views.names, desk.school.id)
    own = {family_id for family_id, _ in view.families}
    return show(
        desk,
        "students/student.html",
        status,
        student=view,
        typed=form,
        groups=groups,
        choices=[choice for choice in choices if choice[0] not in own],
        wrong=wrong,
    )


def _standing(view: StudentView) -> StudentForm:
    return StudentForm(
        view.first_name,
        view.prefix,
        view.last_name,
        view.call_name,
        view.postcode,
        view.house_number,
        f"{view.birth_date:%d-%m-%Y}" if view.birth_date else "",
        view.student_number,
        view.email,
        view.phone,
        view.group_ids,
    )

"""Students at the desk: the list, one more by hand, and one student's page with everything about the child."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator

from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.forms import Line
from admin.web.rendering import show
from messages import audit_trail, labels
from storage.audit.trail import TrailFilter, deeds
from storage.families import enrolling, student_page, students
from storage.families.enrolling import StudentForm
from storage.families.student_page import StudentDetails
from storage.refusals import Refused
from storage.school_year import leaving

router = APIRouter(prefix="/desk/students")

Id = Annotated[int, Path(), AfterValidator(form_values.known_id)]
LONGEST_SEARCH = 100
DEEDS = 10  # of what was done to one child; the rest stands in the audit trail


@router.get("")
def students_list(
    desk: Administrator, q: str = "", group: str = "", lack: str = "", sort: str = "", page: int = 1
) -> HTMLResponse:
    """`lack` is an older word for `show`, and `group=none` for the students without a family."""
    which = desk.request.query_params.get("show", "") or lack or ("family" if group == "none" else "")
    which = which if which in students.SHOWS else ""
    sort = sort if sort in students.SORTS else students.SORTS[0]
    group_id = form_values.known_id(int(group)) if group.isascii() and group.isdigit() else None
    q = " ".join(q[:LONGEST_SEARCH].split())
    found = desk.database.read(
        students.students,
        desk.school.id,
        search=q,
        group_id=group_id,
        show=which,
        sort=sort,
        page=min(max(page, 1), 100_000),
    )
    asked = {"q": q, "group": group_id or "", "show": which, "sort": sort if sort != students.SORTS[0] else ""}
    return show(
        desk,
        "students/list.html",
        found=found,
        groups=desk.database.read(students.groups, desk.school.id),
        asked={name: value for name, value in asked.items() if value},
        q=q,
        group=group_id,
        which=which,
        sort=sort,
    )


def _form(
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
    new_group: Line = "",
) -> StudentForm:
    return StudentForm(
        first_name, prefix, last_name, call_name, postcode, house_number, birth_date, student_number, email, phone,
        frozenset(form_values.known_id(one) for one in group), new_group,
    )  # fmt: skip


Typed = Annotated[StudentForm, Depends(_form)]


@router.get("/new")
def new(desk: Administrator) -> HTMLResponse:
    """The empty form of a student."""
    return _new_page(desk, 200, StudentForm())


@router.post("/new")
def enrol(desk: Administrator, form: Typed) -> Response:
    """Add a student; the form again with a sentence where it is refused."""
    try:
        student_id = desk.database.work(enrolling.enrol, desk.school.id, desk.acting, form)
    except Refused as refused:
        return _new_page(desk, 422, form, desk.told(refused))
    said = desk.words.say("The student has been added. Choose a family now, so that parents can book.")
    return desk.go(f"/desk/students/{student_id}", said)


@router.get("/{student_id:int}")
def student(desk: Administrator, student_id: Id) -> HTMLResponse:
    """One child: its groups, families, talks and what was done."""
    return _page(desk, 200, student_id)


@router.post("/{student_id:int}")
def edit(desk: Administrator, student_id: Id, form: Typed) -> Response:
    """Change a student; the page again with a sentence where it is refused."""
    try:
        desk.database.work(enrolling.edit, desk.school.id, desk.acting, student_id, form, desk.settings.pepper)
    except Refused as refused:
        return _page(desk, 422, student_id, form, desk.told(refused))
    return desk.go(f"/desk/students/{student_id}", desk.words.say("The student has been changed."))


@router.get("/{student_id:int}/leave")
def ask_to_leave(desk: Administrator, student_id: Id) -> HTMLResponse:
    """Says what ends when a child leaves, and asks."""
    view = desk.database.read(student_page.about, desk.school.id, student_id, desk.now)
    return show(desk, "students/leave.html", student=view)


@router.post("/{student_id:int}/leave")
def leave(desk: Administrator, student_id: Id) -> Response:
    """Mark a child as having left: no access and no talks any more."""
    desk.database.work(leaving.leave, desk.school.id, desk.acting, [student_id])
    said = desk.words.say("This child has left: no access and no talks any more. You can undo that here.")
    return desk.go(f"/desk/students/{student_id}", said, kind="warn")


@router.post("/{student_id:int}/back")
def come_back(desk: Administrator, student_id: Id) -> Response:
    """Take a child that had left back into its groups."""
    desk.database.work(leaving.come_back, desk.school.id, desk.acting, [student_id], desk.settings.pepper)
    said = desk.words.say("This child is back at school, in the groups that it was in.")
    return desk.go(f"/desk/students/{student_id}", said)


def _new_page(desk: Desk, status: int, form: StudentForm, wrong: str = "") -> HTMLResponse:
    groups = desk.database.read(students.groups, desk.school.id)
    return show(desk, "students/new.html", status, typed=form, groups=groups, wrong=wrong)


def _page(desk: Desk, status: int, student_id: int, form: StudentForm | None = None, wrong: str = "") -> HTMLResponse:
    view = desk.database.read(student_page.about, desk.school.id, student_id, desk.now)
    return show(
        desk,
        "students/student.html",
        status,
        student=view,
        typed=form or _standing(view),
        groups=desk.database.read(students.groups, desk.school.id),
        kind=lambda kind: labels.kind(kind, desk.words),
        deeds=desk.database.read(deeds, desk.school.id, desk.zone, TrailFilter(student_id=student_id), size=DEEDS),
        told=lambda deed: audit_trail.sentence(deed, desk.words, desk.zone),
        who=lambda deed: audit_trail.who(deed, desk.words),
        wrong=wrong,
    )


def _standing(view: StudentDetails) -> StudentForm:
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

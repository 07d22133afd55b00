"""The school's own page: what it says of itself, and who may sign in at its desk. For administrators.

`/desk/account` is everybody's own: their password.
"""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from admin.forms import Line, Password, chosen
from admin.layout import show
from admin.sessions import Administrator, Desk, SignedIn
from messages import text
from storage.school import passwords, schools, staff
from storage.words import Refused, Role

router = APIRouter(prefix="/desk")


@router.get("/school")
def school(desk: Administrator) -> HTMLResponse:
    return _page(desk, 200)


@router.post("/school")
def change_school(desk: Administrator, name: Line = "", contact: Line = "", language: Line = "") -> Response:
    try:
        desk.database.work(
            schools.change,
            desk.school.id,
            name=name,
            contact=contact,
            language=chosen(language, text.languages()),
            by=desk.by,
            now=desk.now,
        )
    except Refused as refused:
        typed = {"name": name, "contact": contact, "language": language}
        return _page(desk, 422, typed=typed, wrong=desk.told(refused))
    return desk.go("/desk/school", desk.words.say("Saved."))


@router.post("/staff")
def add_staff(
    desk: Administrator, email: Line = "", name: Line = "", role: Line = "", password: Password = ""
) -> Response:
    try:
        added = desk.database.work(
            staff.add_staff,
            desk.school.id,
            email=staff.email_address(email),
            name=name,
            role=Role(chosen(role, tuple(Role))),
            password=passwords.hashed(password),
            by=desk.by,
            now=desk.now,
        )
    except Refused as refused:
        newcomer = {"email": email, "name": name, "role": role}
        return _page(desk, 422, newcomer=newcomer, wrong_staff=desk.told(refused))
    return desk.go("/desk/school#staff", desk.words.say("%(email)s can sign in now.", email=added.email))


@router.post("/staff/{staff_id}/active")
def set_active(desk: Administrator, staff_id: int, active: Annotated[bool, Form()]) -> Response:
    try:
        who = desk.database.work(staff.set_active, desk.school.id, staff_id, active, by=desk.by, now=desk.now)
    except Refused as refused:
        return _page(desk, 422, wrong_staff=desk.told(refused))
    if active:
        said = desk.words.say("%(email)s can sign in again.", email=who.email)
    else:
        said = desk.words.say("%(email)s can no longer sign in.", email=who.email)
    return desk.go("/desk/school#staff", said)


@router.post("/staff/{staff_id}/password")
def set_password(desk: Administrator, staff_id: int, password: Password = "") -> Response:
    """For somebody who forgot theirs."""
    try:
        who = desk.database.read(staff.staff_member, desk.school.id, staff_id)
        kept = passwords.hashed(password)
        desk.database.work(staff.set_password, desk.school.id, staff_id, kept, by=desk.by, now=desk.now)
    except Refused as refused:
        return _page(desk, 422, wrong_staff=desk.told(refused))
    return desk.go("/desk/school#staff", desk.words.say("%(email)s has a new password.", email=who.email))


@router.get("/account")
def account(desk: SignedIn) -> HTMLResponse:
    return _account(desk, 200, "")


@router.post("/account")
def change_password(desk: SignedIn, now: Password = "", new: Password = "") -> Response:
    """Asks for the present password: an open laptop is not enough. Every session ends, this one too."""
    own = desk.database.read(staff.password_of, desk.school.id, desk.staff.id)
    if not passwords.matches(now, own):
        wrong = desk.words.say("Your present password is not right.")
        return _account(desk, 422, wrong)
    try:
        kept = passwords.hashed(new)
    except Refused as refused:
        return _account(desk, 422, desk.told(refused))
    desk.database.work(staff.set_password, desk.school.id, desk.staff.id, kept, by=desk.by, now=desk.now)
    return desk.go("/desk/sign-in")


def _account(desk: Desk, status: int, wrong: str) -> HTMLResponse:
    return show(desk, "school/account.html", status, wrong=wrong, shortest=passwords.SHORTEST)


def _page(
    desk: Desk,
    status: int,
    *,
    typed: dict[str, str] | None = None,
    newcomer: dict[str, str] | None = None,
    wrong: str = "",
    wrong_staff: str = "",
) -> HTMLResponse:
    people = desk.database.read(staff.staff_list, desk.school.id)
    own = {"name": desk.school.name, "contact": desk.school.contact, "language": desk.school.language}
    return show(
        desk,
        "school/school.html",
        status,
        typed=typed or own,
        newcomer=newcomer or {"email": "", "name": "", "role": "teacher"},
        people=people,
        wrong=wrong,
        wrong_staff=wrong_staff,
        shortest=passwords.SHORTEST,
    )

"""The people at the desk: who they are, inviting them, and what an administrator does for one of them (D1).

Everybody chooses their own password by a mailed link; giving one by hand is for a school whose mail does not work.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator

from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.forms import Line, Password, chosen
from admin.web.rendering import show
from messages.notices import trouble
from storage.refusals import Invalid, Refused
from storage.staff import accounts, invitations, password_links, passwords, second_factor
from storage.staff.accounts import StaffView
from storage.staff.invitations import Invitee
from storage.words import Role

router = APIRouter(prefix="/desk/school/staff")
Id = Annotated[int, Path(), AfterValidator(form_values.known_id)]
HOME = "/desk/school/staff"


@dataclass(frozen=True, slots=True)
class InvitationFields:
    """What was typed on the page that invites, to be shown again."""

    email: str = ""
    name: str = ""
    role: str = str(Role.TEACHER)
    pasted: str = ""
    by_hand: bool = False


@router.get("")
def people(desk: Administrator) -> HTMLResponse:
    """Everybody at the desk, whose mail did not arrive, and how many teachers have no account yet."""
    everybody = desk.database.read(accounts.staff_list, desk.school.id)
    undelivered = desk.database.read(invitations.undelivered, desk.school.id)
    waiting = desk.database.read(invitations.uninvited, desk.school.id)
    troubles = {id_: trouble(why, desk.words) for id_, why in undelivered.items()}
    return show(desk, "school/staff.html", people=everybody, troubles=troubles, waiting=len(waiting))


@router.get("/invite")
def invite_page(desk: Administrator) -> HTMLResponse:
    """The forms that invite somebody, or all teachers of the plannings."""
    return _invite(desk, 200, InvitationFields())


@router.post("/invite")
def invite(desk: Administrator, email: Line = "", name: Line = "", role: Line = "") -> Response:
    """One person."""
    asked = InvitationFields(email, name, role)
    try:
        one = Invitee(accounts.email_address(email), name, Role(chosen(role, tuple(Role))))
        made = desk.database.work(invitations.invite, desk.school.id, desk.acting, [one])
        if not made:
            raise Refused(Invalid("%(email)s has an account already.", (("email", one.email),)))
    except Refused as refused:
        return _invite(desk, 422, asked, wrong=desk.told(refused))
    return _invited(desk, made, 1)


@router.post("/invite/teachers")
def invite_teachers(desk: Administrator, teacher: Annotated[list[int], Form()] = []) -> Response:  # noqa: B006
    """Those who are ticked, of the teachers of the plannings."""
    ids = {form_values.known_id(one) for one in teacher}
    if not ids:
        return desk.go(f"{HOME}/invite", desk.words.say("Nobody was ticked."), kind="warn")
    made = desk.database.work(invitations.invite_teachers, desk.school.id, desk.acting, ids)
    return _invited(desk, made, len(ids))


@router.post("/invite/list")
def invite_list(
    desk: Administrator, addresses: Annotated[str, Form(max_length=40_000)] = "", role: Line = "teacher"
) -> Response:
    """A list as it was pasted; nobody is invited while a line in it cannot be read."""
    try:
        pasted = invitations.read_list(addresses)
        if pasted.wrong:
            lines = ", ".join(f"“{line[:60]}”" for line in pasted.wrong[:5])
            raise Refused(Invalid("No e-mail address could be read in: %(lines)s", (("lines", lines),)))
        if not pasted.people:
            raise Refused(Invalid("There is no e-mail address in the list."))
        as_one = Role(chosen(role, tuple(Role)))
        wanted = [Invitee(one.email, one.name, as_one) for one in pasted.people]
        made = desk.database.work(invitations.invite, desk.school.id, desk.acting, wanted)
    except Refused as refused:
        return _invite(desk, 422, InvitationFields(role=role, pasted=addresses), wrong_list=desk.told(refused))
    return _invited(desk, made, len(wanted))


@router.post("/add")
def add(desk: Administrator, email: Line = "", name: Line = "", role: Line = "", password: Password = "") -> Response:
    """With a first password, where no mail leaves."""
    try:
        added = desk.database.work(
            accounts.add_staff,
            desk.school.id,
            desk.acting,
            email=accounts.email_address(email),
            name=name,
            role=Role(chosen(role, tuple(Role))),
            password=passwords.hashed(password),
        )
    except Refused as refused:
        return _invite(desk, 422, InvitationFields(email, name, role, by_hand=True), wrong_hand=desk.told(refused))
    return desk.go(HOME, desk.words.say("%(email)s can sign in now.", email=added.email))


@router.get("/{staff_id:int}")
def person(desk: Administrator, staff_id: Id) -> HTMLResponse:
    """One member of staff and what an administrator may do for them."""
    return _person(desk, 200, staff_id)


@router.post("/{staff_id:int}")
def change(desk: Administrator, staff_id: Id, name: Line = "", role: Line = "") -> Response:
    """Change somebody's name and role; the page again with a sentence where it is refused."""
    who = desk.database.read(accounts.staff_member, desk.school.id, staff_id)
    try:
        # Nobody is offered their own role: the form of one's own page has no such field.
        wanted = Role(chosen(role, tuple(Role))) if role else who.role
        desk.database.work(accounts.change, desk.school.id, desk.acting, staff_id, name=name, role=wanted)
    except Refused as refused:
        return _person(desk, 422, staff_id, wrong=desk.told(refused))
    return desk.go(f"{HOME}/{staff_id}", desk.words.say("Saved."))


@router.post("/{staff_id:int}/active")
def set_active(desk: Administrator, staff_id: Id, active: Annotated[bool, Form()]) -> Response:
    """Let somebody sign in or not; whoever may not is out at their next request."""
    try:
        who = desk.database.work(accounts.set_active, desk.school.id, desk.acting, staff_id, active)
    except Refused as refused:
        return _person(desk, 422, staff_id, wrong=desk.told(refused))
    if active:
        said = desk.words.say("%(email)s can sign in again.", email=who.email)
    else:
        said = desk.words.say("%(email)s can no longer sign in.", email=who.email)
    return desk.go(f"{HOME}/{staff_id}", said)


@router.post("/{staff_id:int}/invite")
def invite_again(desk: Administrator, staff_id: Id) -> Response:
    """Mail a new link to somebody who has no password yet; the earlier one ends."""
    try:
        who = desk.database.work(invitations.invite_again, desk.school.id, desk.acting, staff_id)
    except Refused as refused:
        return _person(desk, 422, staff_id, wrong=desk.told(refused))
    return desk.go(HOME, desk.words.say("%(email)s gets another mail with a link.", email=who.email))


@router.post("/{staff_id:int}/take-back")
def take_back(desk: Administrator, staff_id: Id) -> Response:
    """Take away an account that was never used; its link opens nothing any more."""
    try:
        email = desk.database.work(invitations.take_back, desk.school.id, desk.acting, staff_id)
    except Refused as refused:
        return _person(desk, 422, staff_id, wrong=desk.told(refused))
    return desk.go(HOME, desk.words.say("The invitation of %(email)s has been taken back.", email=email))


@router.post("/{staff_id:int}/link")
def send_link(desk: Administrator, staff_id: Id) -> Response:
    """A link to a new password, for somebody who asks at the desk instead of on the sign-in page."""
    email = desk.database.work(password_links.send_new, desk.school.id, desk.acting, staff_id)
    said = desk.words.say("%(email)s gets a mail with a link to a new password.", email=email)
    return desk.go(f"{HOME}/{staff_id}", said)


@router.post("/{staff_id:int}/password")
def set_password(desk: Administrator, staff_id: Id, password: Password = "") -> Response:
    """By hand, where no mail leaves. One's own is changed on one's own page, which asks for the present one."""
    who = desk.database.read(accounts.staff_member, desk.school.id, staff_id)
    if who.id == desk.staff.id:
        wrong = desk.words.say("Change your own password on the page of your account.")
        return _person(desk, 422, staff_id, wrong=wrong)
    try:
        kept = passwords.hashed(password)
        desk.database.work(accounts.set_password, desk.school.id, desk.acting, staff_id, kept)
    except Refused as refused:
        return _person(desk, 422, staff_id, wrong_hand=desk.told(refused))
    return desk.go(f"{HOME}/{staff_id}", desk.words.say("%(email)s has a new password.", email=who.email))


@router.get("/{staff_id:int}/second-factor")
def second_factor_question(desk: Administrator, staff_id: Id) -> HTMLResponse:
    """Asks whether somebody's app is no longer to be asked for a code."""
    who = desk.database.read(accounts.staff_member, desk.school.id, staff_id)
    return show(desk, "school/second_factor_off.html", who=who)


@router.post("/{staff_id:int}/second-factor")
def second_factor_off(desk: Administrator, staff_id: Id) -> Response:
    """For a colleague who lost the phone; one's own goes with password and code."""
    who = desk.database.read(accounts.staff_member, desk.school.id, staff_id)
    if who.id == desk.staff.id:
        return desk.go("/desk/account/second-factor")
    desk.database.work(second_factor.switch_off, desk.school.id, desk.acting, staff_id)
    said = desk.words.say("No code is asked of %(email)s any more.", email=who.email)
    return desk.go(f"{HOME}/{staff_id}", said)


def _invited(desk: Desk, made: tuple[StaffView, ...], asked: int) -> Response:
    said = desk.words.count(
        "%(number)s person has been invited and gets a mail with a link.",
        "%(number)s people have been invited; each gets a mail with a link.",
        len(made),
    )
    if len(made) < asked:
        already = asked - len(made)
        more = desk.words.count("%(number)s had an account already.", "%(number)s have an account already.", already)
        said = f"{said} {more}"
    return desk.go(HOME, said, kind="good" if made else "warn")


def _invite(
    desk: Desk, status: int, asked: InvitationFields, *, wrong: str = "", wrong_list: str = "", wrong_hand: str = ""
) -> HTMLResponse:
    return show(
        desk,
        "school/invite_staff.html",
        status,
        asked=asked,
        teachers=desk.database.read(invitations.uninvited, desk.school.id),
        wrong=wrong,
        wrong_list=wrong_list,
        wrong_hand=wrong_hand,
        shortest=passwords.SHORTEST,
    )


def _person(desk: Desk, status: int, staff_id: int, *, wrong: str = "", wrong_hand: str = "") -> HTMLResponse:
    who = desk.database.read(accounts.staff_member, desk.school.id, staff_id)
    why = desk.database.read(invitations.undelivered, desk.school.id).get(staff_id, "")
    return show(
        desk,
        "school/person.html",
        status,
        who=who,
        wrong=wrong,
        wrong_hand=wrong_hand,
        trouble=trouble(why, desk.words) if why else "",
        shortest=passwords.SHORTEST,
    )

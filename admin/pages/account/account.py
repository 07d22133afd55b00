"""Everybody's own: a password, the code of an app, where one is signed in, and one's talks in one's own calendar."""

from io import BytesIO

import segno
from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, Response

from admin.pages.account.second_step import WAIT, code_fits
from admin.pages.school.feeds import feed_address
from admin.web import cookies
from admin.web.desk import Desk, SignedIn
from admin.web.forms import Line, Password
from admin.web.rendering import show
from admin.web.throttling import Throttle
from storage.msgids import N_
from storage.refusals import NotFound, Refused
from storage.school import feeds
from storage.school.feeds import Whose
from storage.staff import accounts, passwords, second_factor, sessions

router = APIRouter(prefix="/desk/account")
WRONG_PASSWORD = N_("Your present password is not right.")
WRONG_CODE = N_("That code is not right, or was used already. Type the one that the app shows now.")


@router.get("")
def account(desk: SignedIn) -> HTMLResponse:
    """The reader's own page."""
    return _account(desk, 200, "")


@router.post("")
def change_password(desk: SignedIn, now: Password = "", new: Password = "") -> Response:
    """Asks for the present password: an open laptop is not enough. Every session ends, this one too."""
    wrong = _password_wrong(desk, now)
    if wrong:
        return _account(desk, 422, wrong)
    try:
        kept = passwords.hashed(new)
    except Refused as refused:
        return _account(desk, 422, desk.told(refused))
    desk.database.work(accounts.set_password, desk.school.id, desk.acting, desk.staff.id, kept)
    return desk.go("/desk/sign-in", desk.words.say("Your password has been changed. Sign in with the new one."))


@router.post("/sign-out-everywhere")
def sign_out_everywhere(desk: SignedIn) -> Response:
    """This session too: whoever has a copy of its cookie is this session."""
    desk.database.work(sessions.end_everywhere, desk.school.id, desk.acting, desk.staff.id)
    cookies.put(desk.request, cookies.SESSION, "")
    return desk.go("/desk/sign-in", desk.words.say("You are signed out everywhere."))


@router.get("/second-factor")
def second_factor_page(desk: SignedIn) -> HTMLResponse:
    """The page that gives the key for an app, or offers to do without one."""
    return _second_factor(desk, 200, "")


@router.get("/second-factor.svg")
def square(desk: SignedIn) -> Response:
    """What the app scans; only before the code is asked, never after."""
    if desk.staff.second_factor:
        raise HTTPException(404)
    drawn = BytesIO()
    code = segno.make(_offered(desk)[1], error="m")
    code.save(drawn, kind="svg", xmldecl=False, omitsize=True, border=2, dark="#000", light="#fff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@router.post("/second-factor")
def switch_on(desk: SignedIn, code: Line = "") -> Response:
    """Ask a code of the app from now on; the page again with a sentence where the code typed is wrong."""
    nonce = second_factor.offered(desk.settings.pepper, desk.staff.id, _step(desk), desk.csrf)
    what = (desk.staff.id, nonce, code, desk.settings.pepper)
    try:
        desk.database.work(second_factor.switch_on, desk.school.id, desk.acting, *what)
    except Refused as refused:
        return _second_factor(desk, 422, desk.told(refused))
    return desk.go("/desk/account", desk.words.say("From now on a code of the app is asked after your password."))


@router.post("/second-factor/off")
def switch_off(desk: SignedIn, now: Password = "", code: Line = "") -> Response:
    """With password and code: neither an open laptop nor a found phone is enough."""
    wrong = _password_wrong(desk, now)
    if not wrong:
        fits = code_fits(desk.request, desk.school.id, desk.staff.id, code)
        wrong = "" if fits else desk.words.say(WAIT if fits is None else WRONG_CODE)
    if wrong:
        return _second_factor(desk, 422, wrong)
    desk.database.work(second_factor.switch_off, desk.school.id, desk.acting, desk.staff.id)
    return desk.go("/desk/account", desk.words.say("No code is asked any more."))


@router.get("/calendar")
def calendar(desk: SignedIn) -> HTMLResponse:
    """A teacher's own talks, for the calendar that they have already (D26)."""
    shown = None
    if desk.staff.teacher_id:
        whose = (Whose.TEACHER, desk.staff.teacher_id)
        shown = desk.database.read(feeds.address, desk.school.id, *whose, desk.settings.pepper)
    return show(desk, "school/calendar.html", feed=shown, address=feed_address(desk, shown.token) if shown else "")


@router.post("/calendar/renew")
def renew_calendar(desk: SignedIn) -> Response:
    """Give the teacher's calendar a new address; the old one, if any, ends."""
    whose = (Whose.TEACHER, _teacher(desk))
    had = desk.database.read(feeds.address, desk.school.id, *whose, desk.settings.pepper).token
    desk.database.work(feeds.renew, desk.school.id, desk.acting, *whose, desk.settings.pepper)
    said = N_("This is the new address. The old one no longer works.") if had else N_("This is the address.")
    return desk.go("/desk/account/calendar", desk.words.say(said))


@router.post("/calendar/stop")
def stop_calendar(desk: SignedIn) -> Response:
    """Take away the address of the teacher's calendar."""
    desk.database.work(feeds.stop, desk.school.id, desk.acting, Whose.TEACHER, _teacher(desk))
    return desk.go("/desk/account/calendar", desk.words.say("The address no longer works."))


def _teacher(desk: Desk) -> int:
    """Raises Refused(NotFound) for somebody who is no teacher of a planning."""
    if not desk.staff.teacher_id:
        raise Refused(NotFound("teacher"))
    return desk.staff.teacher_id


def _password_wrong(desk: Desk, typed: str) -> str:
    """Why not, as a sentence; "" where it is right. Slowed down as signing in is."""
    slowing: Throttle = desk.request.app.state.slowing
    key = f"own {desk.school.id}-{desk.staff.id}"
    if slowing.wait(key, key, desk.now):
        return desk.words.say(WAIT)
    own = desk.database.read(accounts.password_of, desk.school.id, desk.staff.id)
    if passwords.matches(typed, own):
        slowing.succeeded(key, key)
        return ""
    slowing.failed(key, key, desk.now)
    return desk.words.say(WRONG_PASSWORD)


def _step(desk: Desk) -> int:
    return desk.database.read(second_factor.last_step, desk.school.id, desk.staff.id)


def _offered(desk: Desk) -> tuple[str, str]:
    """The secret to put into an app, in letters and as the address that the square holds."""
    pepper = desk.settings.pepper
    nonce = second_factor.offered(pepper, desk.staff.id, _step(desk), desk.csrf)
    secret = second_factor.secret(pepper, desk.staff.id, nonce)
    return secret, second_factor.address(secret, desk.staff.email, desk.school.name)


def _second_factor(desk: Desk, status: int, wrong: str) -> HTMLResponse:
    secret, address = ("", "") if desk.staff.second_factor else _offered(desk)
    in_fours = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return show(desk, "school/second_factor.html", status, wrong=wrong, key=in_fours, address=address)


def _account(desk: Desk, status: int, wrong: str) -> HTMLResponse:
    token = cookies.session_token(desk.request, desk.now) or ""
    opened = desk.database.read(sessions.opened, desk.school.id, desk.staff.id, token, desk.now)
    return show(desk, "school/account.html", status, wrong=wrong, shortest=passwords.SHORTEST, opened=opened)

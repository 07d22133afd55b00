"""In and out: e-mail address and password, a school where somebody works at several, a language.

A wrong address and a wrong password get the same answer, in the same time.
"""

import hmac
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from admin import cookies
from admin.forms import Line, Password
from admin.layout import show_outside
from admin.security import new_form_token
from admin.sessions import Frame, inner_path, reading
from admin.slowing import Slowing
from messages import text
from messages.marking import N_
from storage.school import passwords, sessions, staff
from storage.school.sessions import Account, SignedIn

router = APIRouter(prefix="/desk")
FormToken = Annotated[str, Depends(new_form_token)]
Session = Annotated[SignedIn | None, Depends(cookies.session)]
CHOOSING = timedelta(minutes=5)
WRONG = N_("The e-mail address or the password is not right.")
WAIT = N_("That was too often. Wait a quarter of an hour and try again.")


@router.get("/sign-in")
def form(request: Request, csrf: FormToken, signed_in: Session, next: str = "/desk") -> Response:
    if signed_in is not None:
        return RedirectResponse(inner_path(next), 303)
    return show_outside(request, "sign_in.html", csrf, next=inner_path(next), email="", wrong="")


@router.post("/sign-in")
def sign_in(
    request: Request,
    csrf: FormToken,
    email: Line = "",
    password: Password = "",
    next: Line = "/desk",
) -> Response:
    frame: Frame = request.app.state.frame
    slowing: Slowing = request.app.state.slowing
    sender = request.client.host if request.client else ""
    now = frame.now()
    if slowing.wait(email, sender, now):
        return _again(request, csrf, 429, WAIT, email, next)
    known = frame.database.read(sessions.accounts, email)
    fitting = tuple(one for one in known if passwords.matches(password, one.password))
    if not known:
        passwords.matches(password, None)
    if not fitting:
        slowing.failed(email, sender, now)
        return _again(request, csrf, 401, WRONG, email, next)
    slowing.succeeded(email, sender)
    if len(fitting) == 1:
        return _let_in(request, fitting[0].school_id, fitting[0].staff_id, next)
    return show_outside(
        request, "choose_school.html", csrf, accounts=fitting, ticket=_ticket(request, fitting), next=inner_path(next)
    )


@router.post("/sign-in/school")
def choose_school(
    request: Request,
    ticket: Annotated[str, Form(max_length=4000)] = "",
    account: Line = "",
    next: Line = "/desk",
) -> Response:
    """The ticket says which accounts the password fitted, and lives five minutes."""
    plain = cookies.unsigned(request, "choose", ticket)
    until, before, accounts = (*(plain or "").split("|"), "", "")[:3]
    frame: Frame = request.app.state.frame
    ours = hmac.compare_digest(before.encode(), cookies.read(request, cookies.BEFORE).encode())
    if not plain or not ours or frame.now().timestamp() > int(until) or account not in accounts.split():
        raise HTTPException(403, "token")
    school_id, staff_id = map(int, account.split("-"))
    return _let_in(request, school_id, staff_id, next)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    frame: Frame = request.app.state.frame
    token = cookies.session_token(request, frame.now())
    if token:
        frame.database.work(sessions.end, token)
    cookies.put(request, cookies.SESSION, "")
    return RedirectResponse("/desk/sign-in", 303)


@router.post("/language")
def choose_language(request: Request, signed_in: Session, language: Line = "", next: Line = "/desk") -> Response:
    """For this browser, and for the account of whoever is signed in."""
    chosen = text.spoken(language)
    cookies.put(request, cookies.LANGUAGE, chosen, seconds=365 * 24 * 3600)
    if signed_in is not None:
        frame: Frame = request.app.state.frame
        frame.database.work(staff.choose_language, signed_in.school.id, signed_in.staff.id, chosen)
    return RedirectResponse(inner_path(next), 303)


def _again(request: Request, csrf: str, status: int, message: str, email: str, next_: str) -> Response:
    wrong = text.words(reading(request)).say(message)
    return show_outside(request, "sign_in.html", csrf, status, next=inner_path(next_), email=email, wrong=wrong)


def _let_in(request: Request, school_id: int, staff_id: int, next_: str) -> Response:
    """A session with a new id; the one that this browser had, if any, is ended."""
    frame: Frame = request.app.state.frame
    now = frame.now()
    earlier = cookies.session_token(request, now)
    if earlier:
        frame.database.work(sessions.end, earlier)
    token = frame.database.work(sessions.begin, school_id, staff_id, now)
    cookies.put(request, cookies.BEFORE, "")
    cookies.put_session(request, token, now)
    return RedirectResponse(inner_path(next_), 303)


def _ticket(request: Request, fitting: tuple[Account, ...]) -> str:
    frame: Frame = request.app.state.frame
    until = int((frame.now() + CHOOSING).timestamp())
    accounts = " ".join(f"{one.school_id}-{one.staff_id}" for one in fitting)
    return cookies.signed(request, "choose", f"{until}|{cookies.read(request, cookies.BEFORE)}|{accounts}")

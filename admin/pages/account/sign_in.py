"""In and out: e-mail address and password, a school where somebody works at several, the code of an app, a language.

A wrong address and a wrong password get the same answer, in the same time.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from admin.pages.account.second_step import WAIT, ask_code, code_fits, enter, enter_or_ask, ticket, told_by
from admin.web import cookies
from admin.web.desk import Frame, inner_path, reading
from admin.web.forms import Line, Password
from admin.web.middleware import new_form_token
from admin.web.rendering import show_outside
from admin.web.throttling import Throttle
from admin.web.unsent import Unsent
from messages import text
from storage.msgids import N_
from storage.staff import accounts, passwords, sessions
from storage.staff.sessions import SignedInStaff

router = APIRouter(prefix="/desk")
FormToken = Annotated[str, Depends(new_form_token)]
Session = Annotated[SignedInStaff | None, Depends(cookies.session)]
Ticket = Annotated[str, Form(max_length=4000)]
WRONG = N_("The e-mail address or the password is not right.")
WRONG_CODE = N_("That code is not right, or was used already. Type the one that the app shows now.")


@router.get("/sign-in")
def form(request: Request, csrf: FormToken, signed_in: Session, next: str = "/desk") -> Response:
    """The form to sign in; whoever is signed in goes on to `next`, which is a page of the desk or the desk itself."""
    if signed_in is not None:
        return RedirectResponse(inner_path(next), 303)
    said = cookies.said(request)
    values: dict[str, Any] = {"next": inner_path(next), "typed": "", "email": "", "wrong": "", "said": said}
    return show_outside(request, "sign_in.html", csrf, **values)


@router.post("/sign-in")
def sign_in(
    request: Request,
    csrf: FormToken,
    email: Line = "",
    password: Password = "",
    next: Line = "/desk",
    typed: Unsent = "",
) -> Response:
    """E-mail address and password: on to the desk, a choice of school or the code; 401 if wrong, 429 if too often."""
    frame: Frame = request.app.state.frame
    slowing: Throttle = request.app.state.slowing
    sender = request.client.host if request.client else ""
    now = frame.now()
    if slowing.wait(email, sender, now):
        return _again(request, csrf, 429, WAIT, email, next, typed)
    known = frame.database.read(sessions.accounts, email)
    fitting = tuple(one for one in known if passwords.matches(password, one.password))
    if not known:
        passwords.matches(password, None)
    if not fitting:
        slowing.failed(email, sender, now)
        return _again(request, csrf, 401, WRONG, email, next, typed)
    slowing.succeeded(email, sender)
    if len(fitting) == 1:
        return enter_or_ask(request, csrf, fitting[0].school_id, fitting[0].staff_id, next, typed)
    kept = ticket(request, "choose", " ".join(f"{one.school_id}-{one.staff_id}" for one in fitting))
    values: dict[str, Any] = {"accounts": fitting, "ticket": kept, "next": inner_path(next), "typed": typed}
    return show_outside(request, "choose_school.html", csrf, **values)


@router.post("/sign-in/school")
def choose_school(
    request: Request,
    csrf: FormToken,
    ticket: Ticket = "",
    account: Line = "",
    next: Line = "/desk",
    typed: Unsent = "",
) -> Response:
    """The ticket says which accounts the password fitted."""
    if account not in told_by(request, "choose", ticket).split():
        raise HTTPException(403, "token")
    school_id, staff_id = map(int, account.split("-"))
    return enter_or_ask(request, csrf, school_id, staff_id, next, typed)


@router.post("/sign-in/code")
def give_code(
    request: Request,
    csrf: FormToken,
    ticket: Ticket = "",
    code: Line = "",
    next: Line = "/desk",
    typed: Unsent = "",
) -> Response:
    """The ticket says whose password was right; the code is what that person's app shows."""
    school_id, staff_id = map(int, told_by(request, "code", ticket).split("-"))
    fits = code_fits(request, school_id, staff_id, code)
    if fits:
        return enter(request, school_id, staff_id, next, typed)
    words = text.words(reading(request))
    status, wrong = (429, WAIT) if fits is None else (401, WRONG_CODE)
    return ask_code(request, csrf, ticket, next, typed, status, words.say(wrong))


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session, here and in the database, and show the form to sign in."""
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
        frame.database.work(accounts.choose_language, signed_in.school.id, signed_in.staff.id, chosen)
    return RedirectResponse(inner_path(next), 303)


def _again(request: Request, csrf: str, status: int, message: str, email: str, next_: str, typed: str) -> Response:
    wrong = text.words(reading(request)).say(message)
    values: dict[str, Any] = {"next": inner_path(next_), "typed": typed, "email": email, "wrong": wrong, "said": None}
    return show_outside(request, "sign_in.html", csrf, status, **values)

"""The last steps through the staff's entrance: the code of an app where one is asked, then a session with a new id.

Whoever is here has shown a password or a mailed link; the ticket that says so lives five minutes, in one browser.
"""

import hmac
from datetime import timedelta

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from admin.web import cookies
from admin.web.desk import Frame, inner_path, reading
from admin.web.rendering import show_outside
from admin.web.throttling import Throttle
from admin.web.unsent import unpack
from storage.msgids import N_
from storage.staff import second_factor, sessions

CHOOSING = timedelta(minutes=5)
WAIT = N_("That was too often. Wait a quarter of an hour and try again.")


def enter(request: Request, school_id: int, staff_id: int, next_: str, typed: str = "") -> Response:
    """A session with a new id; the one that this browser had, if any, is ended (G8).

    On to a page of the desk, or to the form that was typed before it (admin.web.unsent).
    """
    frame: Frame = request.app.state.frame
    now = frame.now()
    earlier = cookies.session_token(request, now)
    if earlier:
        frame.database.work(sessions.end, earlier)
    token = frame.database.work(sessions.begin, school_id, staff_id, now)
    cookies.put(request, cookies.BEFORE, "")
    cookies.put_session(request, token, now)
    unsent = unpack(typed)
    come = frame.database.read(sessions.look, token, now) if unsent else None
    if come is None:
        return RedirectResponse(inner_path(next_), 303)
    language = reading(request, come.staff.language, come.school.language)
    return show_outside(request, "unsent.html", come.csrf, language=language, unsent=unsent)


def enter_or_ask(request: Request, csrf: str, school_id: int, staff_id: int, next_: str, typed: str = "") -> Response:
    """In, or first the page that asks for the code."""
    frame: Frame = request.app.state.frame
    if not frame.database.read(second_factor.asked_of, school_id, staff_id):
        return enter(request, school_id, staff_id, next_, typed)
    return ask_code(request, csrf, ticket(request, "code", f"{school_id}-{staff_id}"), next_, typed)


def ask_code(
    request: Request, csrf: str, kept: str, next_: str, typed: str = "", status: int = 200, wrong: str = ""
) -> Response:
    """The page that asks for the app's code; `kept` is the ticket that says whose, `wrong` why it asks again."""
    values = {"ticket": kept, "next": inner_path(next_), "typed": typed, "wrong": wrong}
    return show_outside(request, "code.html", csrf, status, **values)


def ticket(request: Request, purpose: str, what: str) -> str:
    """What a form carries to its next page; nothing is kept here."""
    frame: Frame = request.app.state.frame
    until = int((frame.now() + CHOOSING).timestamp())
    return cookies.signed(request, purpose, f"{until}|{cookies.read(request, cookies.BEFORE)}|{what}")


def told_by(request: Request, purpose: str, kept: str) -> str:
    """What such a ticket says. Raises 403 for one that is older than five minutes, another browser's, or none."""
    plain = cookies.unsigned(request, purpose, kept)
    until, before, what = (*(plain or "").split("|"), "", "")[:3]
    frame: Frame = request.app.state.frame
    ours = hmac.compare_digest(before.encode(), cookies.read(request, cookies.BEFORE).encode())
    if not plain or not ours or frame.now().timestamp() > int(until):
        raise HTTPException(403, "token")
    return what


def code_fits(request: Request, school_id: int, staff_id: int, code: str) -> bool | None:
    """Whether the code is right, which uses it up; None where this account has to wait first.

    Counted for the account alone, wherever it is typed: who gets here knows the password, and a million codes are
    few. So nobody but its thief makes an owner wait.
    """
    frame: Frame = request.app.state.frame
    slowing: Throttle = request.app.state.slowing
    now, key = frame.now(), f"code of {school_id}-{staff_id}"
    if slowing.wait(key, key, now):
        return None
    if frame.database.work(second_factor.use, school_id, staff_id, code, frame.settings.pepper, now):
        slowing.succeeded(key, key)
        return True
    slowing.failed(key, key, now)
    return False

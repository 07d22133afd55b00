"""By a mailed link to a password of one's own: who was invited, and who forgot theirs.

Asking for a link gets one answer, in the same time, whether the address is known or not. Opening a link changes
nothing: mail programs look at links by themselves; choosing the password uses it up.
"""

from datetime import datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from admin.pages.account.second_step import WAIT, enter_or_ask
from admin.web.desk import Frame, reading
from admin.web.forms import Line, Password
from admin.web.middleware import new_form_token
from admin.web.rendering import show_outside
from admin.web.throttling import Throttle
from messages import text
from messages.refusals import sentence
from storage.database.engine import Database
from storage.refusals import Refused
from storage.staff import accounts, password_links, passwords
from storage.staff.password_links import PasswordLink

router = APIRouter(prefix="/desk")
FormToken = Annotated[str, Depends(new_form_token)]
log = structlog.get_logger()


@router.get("/forgotten")
def forgotten(request: Request, csrf: FormToken) -> Response:
    """The form that asks to whom a link to a new password is mailed."""
    return _ask(request, csrf, 200, "", "")


@router.post("/forgotten")
def send(request: Request, csrf: FormToken, after: BackgroundTasks, email: Line = "") -> Response:
    """The mail is written after the answer has gone: how long that takes tells nobody who has an account here."""
    frame: Frame = request.app.state.frame
    slowing: Throttle = request.app.state.asking
    words = text.words(reading(request))
    sender = request.client.host if request.client else ""
    now = frame.now()
    try:
        address = accounts.email_address(email)
    except Refused as refused:
        return _ask(request, csrf, 422, email, sentence(refused.refusal, words, "UTC"))
    if slowing.wait(address, sender, now):
        return _ask(request, csrf, 429, email, words.say(WAIT))
    slowing.failed(address, sender, now)
    after.add_task(_mail, frame.database, address, now)
    return RedirectResponse("/desk/forgotten/sent", 303)


@router.get("/forgotten/sent")
def sent(request: Request, csrf: FormToken) -> Response:
    """Says that a mail is on its way: the same whether the address has an account or not."""
    return show_outside(request, "forgotten_sent.html", csrf)


@router.get("/welcome/{token}")
def welcome(request: Request, csrf: FormToken, token: str) -> Response:
    """The page behind a mailed link, where a password is chosen; says so where the link is used up or too old."""
    link = _link(request, token)
    return _choose(request, csrf, 200, link, "") if link else _over(request, csrf)


@router.post("/welcome/{token}")
def choose(request: Request, csrf: FormToken, token: str, new: Password = "") -> Response:
    """The password is theirs from here on, and they are in; or first the code of their app, where one is asked."""
    frame: Frame = request.app.state.frame
    link = _link(request, token)
    if link is None:
        return _over(request, csrf)
    try:
        kept = passwords.hashed(new)
    except Refused as refused:
        words = text.words(_language(request, link))
        return _choose(request, csrf, 422, link, sentence(refused.refusal, words, link.school.timezone))
    try:
        frame.database.work(password_links.take_up, token, kept, frame.settings.pepper, frame.now())
    except Refused:  # the same link was used in another window meanwhile
        return _over(request, csrf)
    return enter_or_ask(request, csrf, link.school.id, link.staff_id, "/desk")


def _mail(database: Database, email: str, now: datetime) -> None:
    try:
        database.work(password_links.forgotten, email, now)
    except SQLAlchemyError as error:
        log.error("no link was written", error=type(error).__name__)


def _link(request: Request, token: str) -> PasswordLink | None:
    frame: Frame = request.app.state.frame
    return frame.database.read(password_links.find, token, frame.settings.pepper, frame.now())


def _ask(request: Request, csrf: str, status: int, email: str, wrong: str) -> Response:
    frame: Frame = request.app.state.frame
    return show_outside(request, "forgotten.html", csrf, status, email=email, wrong=wrong, mails=frame.mails)


def _choose(request: Request, csrf: str, status: int, link: PasswordLink, wrong: str) -> Response:
    return show_outside(
        request,
        "welcome.html",
        csrf,
        status,
        language=_language(request, link),
        link=link,
        wrong=wrong,
        shortest=passwords.SHORTEST,
    )


def _over(request: Request, csrf: str) -> Response:
    return show_outside(request, "link_over.html", csrf, 404)


def _language(request: Request, link: PasswordLink) -> str:
    return reading(request, link.language, link.school.language)

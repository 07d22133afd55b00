"""What a person sees when something does not go: a sentence in their language, never a traceback or personal data."""

from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from admin.web import cookies
from admin.web.desk import NotSignedIn, desk_of, inner_path, reading, sign_in_address
from admin.web.middleware import READING, new_form_token
from admin.web.rendering import show, show_outside
from admin.web.unsent import pack, unpack
from messages import text
from messages.refusals import sentence
from storage.msgids import N_
from storage.refusals import NotFound, Refused

KEPT = N_("You were signed out after a while without a click. Sign in, and what you typed goes on.")
NOT_KEPT = N_("You were signed out after a while without a click, and nothing was changed. Sign in and try again.")
ENTRANCE = {"/desk/sign-in", "/desk/sign-in/school", "/desk/sign-in/code", "/desk/language", "/desk/forgotten"}
log = structlog.get_logger()

_TITLES = {
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Not found"),
    413: N_("Too large"),
    422: N_("Not understood"),
    500: N_("Something went wrong"),
}
_SENTENCES = {
    403: N_("You may not see or do this. Ask an administrator of your school."),
    404: N_("This page does not exist, or it is not of your school."),
    405: N_("This page does not exist, or it is not of your school."),
    413: N_("What you sent is too large. A file may be at most 5 MB."),
    422: N_("Something in what you filled in was not understood. Go back and look at it once more."),
    500: N_("This is our fault, and it was written down. Nothing was changed. Please try again."),
}
_BY_DETAIL = {
    "token": N_("This page was open too long, or you were signed out meanwhile. Go back, reload it and try again."),
    "elsewhere": N_("This came from another website, so nothing was changed."),
}


def install(app: FastAPI) -> None:
    """Make these the app's answers to everything that goes wrong."""
    app.add_exception_handler(NotSignedIn, _not_signed_in)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(Refused, _refused)


async def _not_signed_in(request: Request, _error: Exception) -> Response:
    if request.method not in READING:
        return await _signed_out(request)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(sign_in_address(wanted), 303)


async def _signed_out(request: Request) -> Response:
    """To a form of somebody who was signed out meanwhile: sign in here, and what was typed goes on."""
    typed = await pack(request)
    signed_in = await cookies.session(request)
    language = await _language(request)
    if signed_in is not None and (unsent := unpack(typed)):
        return show_outside(request, "unsent.html", signed_in.csrf, 403, language=language, unsent=unsent)
    if signed_in is not None:
        return await _page(request, 403, _BY_DETAIL["token"])
    words = text.words(language)
    told = words.say(KEPT if typed else NOT_KEPT)
    values = {"next": _page_before(request), "typed": typed, "email": "", "wrong": told, "said": None}
    return show_outside(request, "sign_in.html", await new_form_token(request), 403, language=language, **values)


def _page_before(request: Request) -> str:
    """The page of the desk that sent the form, where the browser says so."""
    sender = urlsplit(request.headers.get("referer", ""))
    return inner_path(sender.path + (f"?{sender.query}" if sender.query else ""))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.detail == "token" and request.url.path not in ENTRANCE:
        return await _signed_out(request)
    message = _BY_DETAIL.get(error.detail) or _SENTENCES.get(error.status_code, _SENTENCES[500])
    return await _page(request, error.status_code, message)


async def _not_understood(request: Request, _error: Exception) -> Response:
    # Which field it was is left out on purpose: pydantic's words are not the reader's, and carry what was typed.
    return await _page(request, 422, _SENTENCES[422])


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    missing = isinstance(error.refusal, NotFound)
    signed_in = await cookies.session(request)
    zone, contact = (signed_in.school.timezone, signed_in.school.contact) if signed_in else ("UTC", "")
    words = text.words(await _language(request))
    said = words.say(_SENTENCES[404]) if missing else sentence(error.refusal, words, zone, contact)
    return await _page(request, 404 if missing else 422, said=said)


async def broken(request: Request, error: Exception) -> Response:
    """The page for what ends outside the routes; a fault of ours is written down without anything that was typed."""
    if isinstance(error, HTTPException):
        return await _http(request, error)
    log.error("request failed", error=type(error).__name__, method=request.method, where=_where(error))
    try:
        return await _page(request, 500, _SENTENCES[500])
    except Exception:  # the database itself may be what is broken
        return HTMLResponse("<!doctype html><title>500</title><p>Something went wrong.</p>", 500)


async def _page(request: Request, status: int, message: str = "", *, said: str = "") -> HTMLResponse:
    language = await _language(request)
    words = text.words(language)
    title = words.say(_TITLES.get(status, _TITLES[500]))
    told = {"title": title, "sentence": said or words.say(message), "status": status}
    try:
        return show(await desk_of(request), "error.html", status, **told)
    except NotSignedIn:
        csrf = await new_form_token(request)
        return show_outside(request, "error.html", csrf, status, language=language, **told)


async def _language(request: Request) -> str:
    signed_in = await cookies.session(request)
    return reading(request, signed_in.staff.language, signed_in.school.language) if signed_in else reading(request)


def _where(error: BaseException) -> str:
    """The last lines of code, without any value: what was typed may stand in the message."""
    places, trace = [], error.__traceback__
    while trace is not None:
        places.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(places[-6:])

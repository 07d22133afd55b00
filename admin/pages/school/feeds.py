"""Calendars to subscribe to (D26): the feed itself, for whoever knows its address, and the page that gives them out.

A calendar program signs in nowhere: the secret address is all it has. One that does not work (any more) is a plain 404.
"""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from pydantic import AfterValidator

from admin.web import form_values
from admin.web.desk import Administrator, Desk, Frame
from admin.web.rendering import show
from messages.calendar import feed
from messages.text import spoken, words
from storage.msgids import N_
from storage.school import feeds
from storage.school.feeds import Whose

router = APIRouter(prefix="/desk")
Id = Annotated[int, Path(), AfterValidator(form_values.known_id)]
_FOUND_AGAIN = {"Cache-Control": "private, no-cache"}  # kept, but asked anew each time: "nothing new" costs little


@router.get("/calendar/{token}.ics")
def calendar(request: Request, token: str) -> Response:
    """All talks as one calendar; 304 for a calendar that has them already."""
    frame: Frame = request.app.state.frame
    shown = frame.database.read(feeds.read, token, frame.settings.pepper, frame.now())
    if shown is None:
        return PlainTextResponse("There is no calendar at this address (any more).\n", 404)
    content = feed(shown, words(spoken(shown.school.language)))
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**_FOUND_AGAIN, "ETag": tag, "Content-Disposition": 'inline; filename="tienminuten.ics"'}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


@router.get("/school/calendars")
def calendars(desk: Administrator) -> HTMLResponse:
    """Every group and every teacher, with the address of the calendar where there is one."""
    pepper = desk.settings.pepper
    kinds = [
        (whose, desk.database.read(feeds.addresses, desk.school.id, whose, pepper))
        for whose in (Whose.GROUP, Whose.TEACHER)
    ]
    return show(desk, "school/calendars.html", kinds=kinds, where=lambda token: feed_address(desk, token))


@router.post("/school/calendars/groups/{group_id}/renew")
def renew_group(desk: Administrator, group_id: Id) -> Response:
    """Give a group's calendar a new address; the old one, if any, ends."""
    return _renew(desk, Whose.GROUP, group_id)


@router.post("/school/calendars/groups/{group_id}/stop")
def stop_group(desk: Administrator, group_id: Id) -> Response:
    """Take away the address of a group's calendar."""
    return _stop(desk, Whose.GROUP, group_id)


@router.post("/school/calendars/teachers/{teacher_id}/renew")
def renew_teacher(desk: Administrator, teacher_id: Id) -> Response:
    """Give a teacher's calendar a new address; the old one, if any, ends."""
    return _renew(desk, Whose.TEACHER, teacher_id)


@router.post("/school/calendars/teachers/{teacher_id}/stop")
def stop_teacher(desk: Administrator, teacher_id: Id) -> Response:
    """Take away the address of a teacher's calendar."""
    return _stop(desk, Whose.TEACHER, teacher_id)


def feed_address(desk: Desk, token: str) -> str:
    """The whole address of a feed, to copy into a calendar; "" without a token."""
    return f"{desk.settings.base_url}/desk/calendar/{token}.ics" if token else ""


def _renew(desk: Desk, whose: Whose, row_id: int) -> Response:
    had = desk.database.read(feeds.address, desk.school.id, whose, row_id, desk.settings.pepper).token
    made = desk.database.work(feeds.renew, desk.school.id, desk.acting, whose, row_id, desk.settings.pepper)
    said = N_("%(name)s has a new address. The old one no longer works.") if had else N_("%(name)s has an address now.")
    return desk.go(f"/desk/school/calendars#{whose}-{row_id}", desk.words.say(said, name=made.name))


def _stop(desk: Desk, whose: Whose, row_id: int) -> Response:
    desk.database.work(feeds.stop, desk.school.id, desk.acting, whose, row_id)
    return desk.go("/desk/school/calendars", desk.words.say("The address no longer works."))


def _has(asked: str, tag: str) -> bool:
    """Whether If-None-Match names this version; a proxy may have made it weak."""
    given = [one.strip().removeprefix("W/") for one in asked.split(",")]
    return tag in given or "*" in given

"""The school's desk as one ASGI application: the frame, its pages, and nothing that a page could forget."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from admin import errors
from admin.layout import STATIC
from admin.measuring import Measures
from admin.pages import (
    account,
    audit,
    erasing,
    evenings,
    exports,
    families,
    family_changes,
    family_file,
    feeds,
    finding,
    health,
    home,
    importing,
    invite,
    leavers,
    letters,
    many,
    planning_import,
    plannings,
    privacy,
    rounds,
    school,
    secrets,
    sign_in,
    staff,
    students,
    talks,
    times,
    welcome,
    year,
)
from admin.pages import mailbox as mailbox_page
from admin.security import SafeAnswers, guard
from admin.sessions import Frame
from admin.slowing import Slowing
from storage import moments
from storage.db import Database
from storage.settings import Settings

MOST_BYTES = 6 * 1024 * 1024  # of one request: a file of 5 MB and its form (rule 27)
PAGES = (
    home,
    finding,
    sign_in,
    welcome,
    year,
    leavers,
    erasing,
    privacy,
    account,
    audit,
    staff,
    feeds,
    school,
    students,
    importing,
    families,
    family_file,
    family_changes,
    letters,
    secrets,
    rounds,
    planning_import,
    plannings,
    many,
    evenings,
    times,
    talks,
    exports,
    invite,
)


def create(
    database: Database,
    settings: Settings,
    *,
    now: Callable[[], datetime] = moments.now,
    mailbox: Path | None = None,
) -> FastAPI:
    """The desk over a database. `mailbox` is the demo's folder of sent mails; without it that page does not exist."""
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False},
        routes=_routes(with_mailbox=mailbox is not None),
    )
    app.state.frame = frame = Frame(database, settings, now, mailbox)
    app.state.slowing = Slowing()
    app.state.asking = Slowing()  # for links to a new password: apart, or asking would keep somebody from signing in
    app.state.measures = measures = Measures(database, now)
    app.mount("/desk/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(SafeAnswers, https=frame.https, broken=errors.broken, measures=measures, most=MOST_BYTES)
    errors.install(app)
    return app


@cache
def _routes(*, with_mailbox: bool) -> list[BaseRoute]:
    """The route table. It knows of no database and takes a fifth of a second to build: once for all applications."""
    desk = APIRouter(dependencies=[Depends(guard)], redirect_slashes=False)
    for page in (*PAGES, mailbox_page) if with_mailbox else PAGES:
        desk.include_router(page.router)
    table = APIRouter()
    table.include_router(health.router)
    table.include_router(desk)
    return table.routes

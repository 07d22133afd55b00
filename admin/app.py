"""The school's desk as one ASGI application: the frame, its pages, and nothing that a page could forget."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI
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
from storage import timezone
from storage.database.engine import Database
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
    now: Callable[[], datetime] = timezone.now,
    mailbox: Path | None = None,
) -> FastAPI:
    """The desk over a database. `mailbox` is the demo's folder of sent mails; without it that page does not exist."""
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False},
    )
    app.state.frame = frame = Frame(database, settings, now, mailbox)
    app.state.slowing = Slowing()
    app.state.asking = Slowing()  # for links to a new password: apart, or asking would keep somebody from signing in
    app.state.measures = measures = Measures(database, now)
    app.include_router(health.router)
    desk = APIRouter(dependencies=[Depends(guard)], redirect_slashes=False)
    for page in PAGES:
        desk.include_router(page.router)
    if mailbox is not None:
        desk.include_router(mailbox_page.router)
    app.include_router(desk)
    app.mount("/desk/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(SafeAnswers, https=frame.https, broken=errors.broken, measures=measures, most=MOST_BYTES)
    errors.install(app)
    return app

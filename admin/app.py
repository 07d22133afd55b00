"""The school's desk as one ASGI application: the frame, its pages, and nothing that a page could forget."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from admin.demo import mailbox_page
from admin.observability import health
from admin.observability.metrics import Metrics
from admin.pages.account import account, sign_in, welcome
from admin.pages.families import changes, families, letters, secrets, subject_access
from admin.pages.home import exports, home, search
from admin.pages.plannings import bulk, conferences, evenings, invite, plannings, talks, times
from admin.pages.plannings import importing as planning_import
from admin.pages.school import audit, feeds, privacy, school, staff
from admin.pages.students import erasing, leavers, school_year, students
from admin.pages.students import importing as student_import
from admin.web import errors
from admin.web.desk import Frame
from admin.web.middleware import MOST_FIELDS, SafeAnswers, guard
from admin.web.rendering import STATIC
from admin.web.throttling import Throttle
from storage import timezone
from storage.database.engine import Database
from storage.settings import Settings

MOST_BYTES = 6 * 1024 * 1024  # of one request: a file of 5 MB and its form (rule 27)
PAGES = (
    home,
    search,
    sign_in,
    welcome,
    school_year,
    leavers,
    erasing,
    privacy,
    account,
    audit,
    staff,
    feeds,
    school,
    students,
    student_import,
    families,
    subject_access,
    changes,
    letters,
    secrets,
    conferences,
    planning_import,
    plannings,
    bulk,
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
        routes=_routes(with_mailbox=mailbox is not None),
    )
    app.state.frame = frame = Frame(database, settings, now, mailbox)
    app.state.slowing = Throttle()
    app.state.asking = Throttle()  # for links to a new password: apart, or asking would keep somebody from signing in
    app.state.measures = measures = Metrics(database, now)
    app.mount("/desk/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(SafeAnswers, https=frame.https, broken=errors.broken, measures=measures, most=MOST_BYTES)
    errors.install(app)
    return app


@cache
def _routes(*, with_mailbox: bool) -> list[BaseRoute]:
    """The route table. It knows of no database and takes a fifth of a second to build: once for all applications."""
    limits: Any = {"max_fields": MOST_FIELDS}  # before any form is read, also the ones that FastAPI reads itself
    desk = APIRouter(dependencies=[Depends(guard)], redirect_slashes=False, form_limits=limits)
    for page in (*PAGES, mailbox_page) if with_mailbox else PAGES:
        desk.include_router(page.router)
    table = APIRouter()
    table.include_router(health.router)
    table.include_router(desk)
    return table.routes

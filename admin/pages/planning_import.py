"""Importing plannings: a file, what it would change, done (D10, rules 25–27). For administrators.

Nothing is changed before the last step. The file waits on the server, see uploads.py; its columns are recognised by
their headers, Dutch or English.
"""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Form, UploadFile
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from admin import uploads
from admin.layout import show
from admin.sessions import Administrator, Desk
from admin.uploads import Upload
from messages import people
from storage.importing import plannings
from storage.importing.checks import Read
from storage.importing.columns import recognise_planning
from storage.importing.planning_fields import PlanningRow, planning_rows
from storage.importing.plannings import PlanningDifference
from storage.importing.reading import read
from storage.importing.reasons import DESK, MEGABYTE, Unreadable
from storage.words import Invalid, Refused

router = APIRouter(prefix="/desk/plannings/import")
SHOWN = 100  # errors on one page; how many there are is told


@router.get("")
def begin(desk: Administrator) -> HTMLResponse:
    return _begin(desk, 200)


@router.post("")
def send(desk: Administrator, file: UploadFile) -> Response:
    data, name = file.file.read(DESK.upload + 1), file.filename or ""
    try:
        if not name and not data:
            raise Unreadable("Choose a file first.")
        _rows(data, name)
    except Unreadable as error:
        return _begin(desk, 422, people.unreadable(error, desk.words))
    return desk.go(f"/desk/plannings/import/{uploads.keep(desk, name, data)}")


@router.get("/{id_}")
def check(desk: Administrator, id_: str) -> Response:
    upload = uploads.find(desk, id_)
    return _check(desk, upload, _kept_rows(upload), 200)


@router.post("/{id_}")
def apply(desk: Administrator, id_: str, seen: Annotated[str, Form()] = "") -> Response:
    upload = uploads.find(desk, id_)
    rows = _kept_rows(upload)
    try:
        difference = desk.database.work(_apply, desk, rows, seen)
    except Refused as refused:
        return _check(desk, upload, rows, 409, desk.told(refused))
    uploads.forget(desk, id_)
    said = desk.words.say(
        "The list has been imported: %(new)s new, %(changed)s changed, %(unchanged)s as they were.",
        **difference.counts(),
    )
    return desk.go("/desk/plannings", said)


@router.post("/{id_}/forget")
def forget(desk: Administrator, id_: str) -> Response:
    uploads.forget(desk, id_)
    return desk.go("/desk/plannings", desk.words.say("The import was stopped. Nothing has been changed."), kind="warn")


def _apply(session: Session, desk: Desk, rows: Read[PlanningRow], seen: str) -> PlanningDifference:
    """All of it or nothing, and only what the reader saw on the page before."""
    if _digest(plannings.preview(session, desk.school.id, rows, desk.now)) != seen:
        raise Refused(Invalid("Meanwhile something changed at the school. Please look at the list once more."))
    difference = plannings.apply(session, desk.school.id, rows, desk.by, desk.now)
    if difference.errors:
        raise Refused(Invalid("Nothing has been changed: some rows are wrong."))
    return difference


def _rows(data: bytes, name: str) -> Read[PlanningRow]:
    """Raises Unreadable."""
    sheet = read(data, name)
    return planning_rows(sheet, recognise_planning(sheet.headers))


def _kept_rows(upload: Upload) -> Read[PlanningRow]:
    try:
        return _rows(upload.data, upload.name)
    except Unreadable as error:
        raise Refused(Invalid(error.reason, error.values)) from None


def _begin(desk: Desk, status: int, wrong: str = "") -> HTMLResponse:
    return show(desk, "plannings/import.html", status, most=DESK.upload // MEGABYTE, rows=DESK.rows, wrong=wrong)


def _check(desk: Desk, upload: Upload, rows: Read[PlanningRow], status: int, wrong: str = "") -> HTMLResponse:
    difference = desk.database.read(plannings.preview, desk.school.id, rows, desk.now)
    return show(
        desk,
        "plannings/imported.html",
        status,
        upload=upload,
        difference=difference,
        errors=[people.row(error, desk.words) for error in difference.errors[:SHOWN]],
        changes=[change for change in difference.plannings if not change.empty],
        field=lambda name: people.field(name, desk.words),
        seen=_digest(difference),
        wrong=wrong,
    )


def _digest(difference: PlanningDifference) -> str:
    """What the reader saw, so that nothing else is applied."""
    return hashlib.sha256(repr(difference).encode()).hexdigest()[:32]

"""Importing plannings: a file, what its columns hold, what it would change, done (D10, rules 25–27).

Nothing is changed before the last step. The file waits on the server, see uploads.py. Its columns are recognised by
their headers, Dutch or English, or as the school chose before; only where something is missing is it asked. For
administrators.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from admin.web import uploads
from admin.web.desk import Administrator, Desk
from admin.web.rendering import show
from admin.web.uploads import Upload
from messages import labels
from storage.importing.columns import remembered
from storage.importing.columns.recognition import PLANNING_FIELDS, choose, recognise_planning
from storage.importing.columns.table import Read
from storage.importing.files.limits import DESK, MEGABYTE, Unreadable
from storage.importing.files.reading import Sheet, read
from storage.importing.plannings import applying
from storage.importing.plannings.applying import PlanningDifference
from storage.importing.plannings.rows import PlanningRow, planning_rows
from storage.refusals import Invalid, Refused

router = APIRouter(prefix="/desk/plannings/import")
_OURS = "planning"  # before a header, so that a student list's “groep” and a planning list's are two things
FIRST_ROWS = 4
SHOWN = 100  # errors on one page; how many there are is told


@dataclass(frozen=True, slots=True)
class PlanningColumn:
    """One column of the file: its header, what it holds, whether its name stands twice, and its first cells."""

    place: int
    header: str
    field: str
    twice: bool
    cells: tuple[str, ...]


@router.get("")
def begin(desk: Administrator) -> HTMLResponse:
    """The page that asks for a file."""
    return _begin(desk, 200)


@router.post("")
def send(desk: Administrator, file: UploadFile) -> Response:
    """Keep the file and go on to its columns or to the check; 422 with a sentence where it is unreadable."""
    data, name = file.file.read(DESK.upload + 1), file.filename or ""
    try:
        if not name and not data:
            raise Unreadable("Choose a file first.")
        sheet = read(data, name)
    except Unreadable as error:
        return _begin(desk, 422, labels.unreadable(error, desk.words))
    fields = desk.database.read(_recognised, desk.school.id, sheet)
    id_ = uploads.keep(desk, name, data, fields=fields)
    try:
        planning_rows(sheet, fields)
    except Unreadable:  # a column that is needed was not recognised: a person says which it is
        return desk.go(f"/desk/plannings/import/{id_}/columns")
    return desk.go(f"/desk/plannings/import/{id_}")


@router.get("/{id_}")
def check(desk: Administrator, id_: str) -> Response:
    """What importing the file would change, and which rows are refused."""
    upload = uploads.find(desk, id_)
    return _check(desk, upload, _kept_rows(upload), 200)


@router.get("/{id_}/columns")
def columns(desk: Administrator, id_: str) -> Response:
    """What each column of the file is taken for, and what is wrong about that."""
    upload = uploads.find(desk, id_)
    try:
        planning_rows(_sheet(upload), upload.choices["fields"])
    except Unreadable as error:
        return _columns(desk, upload, 200, labels.unreadable(error, desk.words))
    return _columns(desk, upload, 200)


@router.post("/{id_}/columns")
async def choose_columns(desk: Administrator, id_: str, request: Request) -> Response:
    """Take the columns for what was chosen, and go on to the check."""
    form = await request.form()  # as many fields as the file has columns
    return await run_in_threadpool(_chosen, desk, id_, {name: str(value) for name, value in form.items()})


@router.post("/{id_}")
def apply(desk: Administrator, id_: str, seen: Annotated[str, Form()] = "") -> Response:
    """Import the file as it was checked; 409 with the new difference where the school changed meanwhile."""
    upload = uploads.find(desk, id_)
    rows = _kept_rows(upload)
    try:
        difference = desk.database.work(_apply, desk, upload, rows, seen)
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
    """Throw the file away; nothing of the school changes."""
    uploads.forget(desk, id_)
    return desk.go("/desk/plannings", desk.words.say("The import was stopped. Nothing has been changed."), kind="warn")


def _apply(session: Session, desk: Desk, upload: Upload, rows: Read[PlanningRow], seen: str) -> PlanningDifference:
    """All of it or nothing, and only what the reader saw on the page before."""
    if _digest(applying.preview(session, desk.school.id, rows, desk.now)) != seen:
        raise Refused(Invalid("Meanwhile something changed at the school. Please look at the list once more."))
    difference = applying.apply(session, desk.school.id, desk.acting, rows)
    if difference.errors:
        raise Refused(Invalid("Nothing has been changed: some rows are wrong."))
    chosen = {f"{_OURS} {header}": field for header, field in upload.choices["fields"].items()}
    remembered.remember(session, desk.school.id, chosen)
    return difference


def _recognised(session: Session, school_id: int, sheet: Sheet) -> dict[str, str]:
    """What we think that the columns hold: the school's earlier choice first."""
    ours = {f"{_OURS} {header}": header for header in sheet.headers}
    earlier = {ours[key]: field for key, field in remembered.recall(session, school_id, list(ours)).items()}
    known = choose(sheet.headers, recognise_planning(sheet.headers), earlier)
    return {header: known.get(header, "") for header in sheet.headers if header not in sheet.doubled}


def _chosen(desk: Desk, id_: str, form: Mapping[str, str]) -> Response:
    """Keep what was chosen; on to what would change, or the page again with what is still missing."""
    upload = uploads.find(desk, id_)
    sheet = _sheet(upload)
    fields = {
        header: form.get(f"column-{place}", "")
        for place, header in enumerate(sheet.headers)
        if header not in sheet.doubled
    }
    fields = {header: field if field in PLANNING_FIELDS else "" for header, field in fields.items()}
    upload = uploads.choose(desk, upload, fields=fields)
    try:
        planning_rows(sheet, fields)
    except Unreadable as error:
        return _columns(desk, upload, 422, labels.unreadable(error, desk.words))
    return desk.go(f"/desk/plannings/import/{id_}")


def _sheet(upload: Upload) -> Sheet:
    try:
        return read(upload.data, upload.name)
    except Unreadable as error:
        raise Refused(Invalid(error.reason, error.values)) from None


def _kept_rows(upload: Upload) -> Read[PlanningRow]:
    try:
        return planning_rows(_sheet(upload), upload.choices["fields"])
    except Unreadable as error:
        raise Refused(Invalid(error.reason, error.values)) from None


def _begin(desk: Desk, status: int, wrong: str = "") -> HTMLResponse:
    return show(desk, "plannings/import.html", status, most=DESK.upload // MEGABYTE, rows=DESK.rows, wrong=wrong)


def _columns(desk: Desk, upload: Upload, status: int, wrong: str = "") -> HTMLResponse:
    sheet = _sheet(upload)
    chosen = upload.choices["fields"]
    shown = [
        PlanningColumn(place, header, chosen.get(header, ""), header in sheet.doubled, _first(sheet, place))
        for place, header in enumerate(sheet.headers)
    ]
    return show(
        desk,
        "plannings/columns.html",
        status,
        upload=upload,
        columns=shown,
        fields=[(name, labels.field(name, desk.words)) for name in PLANNING_FIELDS],
        count=len(sheet.rows),
        first_rows=range(min(FIRST_ROWS, len(sheet.rows))),
        wrong=wrong,
    )


def _first(sheet: Sheet, place: int) -> tuple[str, ...]:
    """The first cells of a column; a row may be shorter than the header."""
    return tuple(row.cells[place] if place < len(row.cells) else "" for row in sheet.rows[:FIRST_ROWS])


def _check(desk: Desk, upload: Upload, rows: Read[PlanningRow], status: int, wrong: str = "") -> HTMLResponse:
    difference = desk.database.read(applying.preview, desk.school.id, rows, desk.now)
    return show(
        desk,
        "plannings/imported.html",
        status,
        upload=upload,
        difference=difference,
        errors=[labels.row(error, desk.words) for error in difference.errors[:SHOWN]],
        changes=[change for change in difference.plannings if not change.empty],
        field=lambda name: labels.field(name, desk.words),
        seen=_digest(difference),
        wrong=wrong,
    )


def _digest(difference: PlanningDifference) -> str:
    """What the reader saw, so that nothing else is applied."""
    return hashlib.sha256(repr(difference).encode()).hexdigest()[:32]

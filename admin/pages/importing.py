"""Importing students in steps: a file, what its columns hold, what would change, done (D3–D5, rules 25–27).

Nothing is changed before the last step, and every page says so. The file waits on the server, see uploads.py.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from admin import uploads
from admin.layout import show
from admin.sessions import Administrator, Desk
from admin.uploads import Upload
from messages import people
from storage.importing import applying, remembering
from storage.importing.comparing import Difference
from storage.importing.checks import Read
from storage.importing.columns import FORBIDDEN, STUDENT_FIELDS, choose, forbidden, recognise
from storage.importing.encoding import ENCODINGS
from storage.importing.reading import Sheet, read
from storage.importing.reasons import DESK, MEGABYTE, Unreadable
from storage.importing.student_fields import StudentRow, student_rows
from storage.moments import local_day
from storage.words import By, Invalid, Refused

router = APIRouter(prefix="/desk/students/import")

FIRST_ROWS = 6
SHOWN = 100  # errors, changes and leavers on one page; how many there are is told


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file: its header, what it holds, whether it may not be imported, and its first cells."""

    place: int
    header: str
    field: str
    forbidden: bool
    cells: tuple[str, ...]


@router.get("")
def begin(desk: Administrator) -> HTMLResponse:
    return show(desk, "students/import.html", wrong="", most=DESK.upload // MEGABYTE, rows=DESK.rows)


@router.post("")
def send(desk: Administrator, file: UploadFile) -> Response:
    data = file.file.read(DESK.upload + 1)
    name = file.filename or ""
    try:
        if not name and not data:
            raise Unreadable("Choose a file first.")
        sheet = read(data, name)
    except Unreadable as error:
        wrong = people.unreadable(error, desk.words)
        return show(desk, "students/import.html", 422, wrong=wrong, most=DESK.upload // MEGABYTE, rows=DESK.rows)
    fields = desk.database.read(_recognised, desk.school.id, sheet.headers)
    id_ = uploads.keep(desk, name, data, encoding="", fields=fields)
    return desk.go(f"/desk/students/import/{id_}")


@router.get("/{id_}")
def columns(desk: Administrator, id_: str) -> HTMLResponse:
    return _columns_page(desk, uploads.find(desk, id_), 200, "")


@router.post("/{id_}")
async def choose_columns(desk: Administrator, id_: str, request: Request) -> Response:
    form = await request.form()  # as many fields as the file has columns
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_chosen, desk, id_, fields)


@router.get("/{id_}/check")
def check(desk: Administrator, id_: str) -> Response:
    upload = uploads.find(desk, id_)
    try:
        rows = _rows(desk, upload)
    except Unreadable as error:
        return _columns_page(desk, upload, 422, people.unreadable(error, desk.words))
    difference = desk.database.read(applying.preview, desk.school.id, rows, desk.now)
    return _check_page(desk, upload, difference, 200, "")


@router.post("/{id_}/apply")
def apply(desk: Administrator, id_: str, seen: Annotated[str, Form()] = "") -> Response:
    upload = uploads.find(desk, id_)
    try:
        rows = _rows(desk, upload)
    except Unreadable as error:
        return _columns_page(desk, upload, 422, people.unreadable(error, desk.words))
    try:
        difference = desk.database.work(_apply, desk, rows, upload, seen)
    except Refused as refused:
        difference = desk.database.read(applying.preview, desk.school.id, rows, desk.now)
        return _check_page(desk, upload, difference, 409, desk.told(refused))
    uploads.forget(desk, id_)
    said = desk.words.say(
        "The list has been imported: %(new)s new, %(changed)s changed, %(unchanged)s as they were.",
        **difference.counts(),
    )
    return desk.go("/desk/students", said)


@router.post("/{id_}/forget")
def forget(desk: Administrator, id_: str) -> Response:
    uploads.forget(desk, id_)
    return desk.go("/desk/students", desk.words.say("The import was stopped. Nothing has been changed."), kind="warn")


def _apply(session: Session, desk: Desk, rows: Read[StudentRow], upload: Upload, seen: str) -> Difference:
    """All of it or nothing, and only what the reader saw on the page before."""
    if _digest(applying.preview(session, desk.school.id, rows, desk.now)) != seen:
        raise Refused(Invalid("Meanwhile something changed at the school. Please look at the list once more."))
    by: By = desk.by
    difference = applying.apply(session, desk.school.id, rows, by, desk.now, desk.settings.pepper)
    if difference.errors:
        raise Refused(Invalid("Nothing has been changed: some rows are wrong."))
    remembering.remember(session, desk.school.id, upload.choices["fields"])
    return difference


def _recognised(session: Session, school_id: int, headers: tuple[str, ...]) -> dict[str, str]:
    """What we think that the columns hold: the school's earlier choice first."""
    earlier = remembering.recall(session, school_id, headers)
    known = choose(headers, recognise(headers), earlier)
    return {header: known.get(header, "") for header in headers if known.get(header) != FORBIDDEN}


def _sheet(upload: Upload) -> Sheet:
    return read(upload.data, upload.name, encoding=upload.choices["encoding"] or None)


def _rows(desk: Desk, upload: Upload) -> Read[StudentRow]:
    return student_rows(_sheet(upload), upload.choices["fields"], local_day(desk.now, desk.zone))


def _chosen(desk: Desk, id_: str, form: dict[str, str]) -> Response:
    """Keep what was chosen; then the page again (another encoding), or on to what would change."""
    upload = uploads.find(desk, id_)
    encoding = form.get("encoding", "")
    if encoding not in ENCODINGS:
        encoding = ""
    before = upload.choices["encoding"]
    headers = _sheet(upload).headers
    fields = {header: form.get(f"column-{place}", "") for place, header in enumerate(headers)}
    fields = {header: field for header, field in fields.items() if field in ("", *STUDENT_FIELDS)}
    try:
        sheet = _sheet(uploads.choose(desk, upload, encoding=encoding))
    except Unreadable as error:
        uploads.choose(desk, upload, encoding=before)
        return _columns_page(desk, uploads.find(desk, id_), 422, people.unreadable(error, desk.words))
    if sheet.headers != headers:  # other letters, so other headers: by their place
        fields = {new: fields.get(old, "") for new, old in zip(sheet.headers, headers, strict=False)}
    upload = uploads.choose(desk, upload, encoding=encoding, fields=fields)
    if form.get("step") == "again":
        return desk.go(f"/desk/students/import/{id_}")
    try:
        _rows(desk, upload)
    except Unreadable as error:
        return _columns_page(desk, upload, 422, people.unreadable(error, desk.words))
    return desk.go(f"/desk/students/import/{id_}/check")


def _columns_page(desk: Desk, upload: Upload, status: int, wrong: str) -> HTMLResponse:
    try:
        sheet = _sheet(upload)
    except Unreadable as error:
        raise Refused(Invalid(error.reason, error.values)) from None
    chosen = upload.choices["fields"]
    shown = [
        Column(
            place,
            header,
            chosen.get(header, ""),
            forbidden(header),
            tuple(row.cells[place] if place < len(row.cells) else "" for row in sheet.rows[:FIRST_ROWS]),
        )
        for place, header in enumerate(sheet.headers)
    ]
    fields = [(name, people.field(name, desk.words)) for name in STUDENT_FIELDS]
    return show(
        desk,
        "students/columns.html",
        status,
        upload=upload,
        columns=shown,
        fields=fields,
        count=len(sheet.rows),
        sheet=sheet,
        encodings=ENCODINGS,
        first_rows=range(min(FIRST_ROWS, len(sheet.rows))),
        wrong=wrong,
    )


def _check_page(desk: Desk, upload: Upload, difference: Difference, status: int, wrong: str) -> HTMLResponse:
    return show(
        desk,
        "students/check.html",
        status,
        upload=upload,
        difference=difference,
        errors=[people.row(error, desk.words) for error in difference.errors[:SHOWN]],
        field=lambda name: people.field(name, desk.words),
        most=SHOWN,
        seen=_digest(difference),
        wrong=wrong,
    )


def _digest(difference: Difference) -> str:
    """What the reader saw, so that nothing else is applied."""
    return hashlib.sha256(repr(difference).encode()).hexdigest()[:32]

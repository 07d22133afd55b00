"""Importing students in steps: a file, what its columns hold, what would change, done (D3–D5, rules 25–27).

Nothing is changed before the last step, and every page says so. The file waits on the server, see uploads.py. A long
list is applied in a thread of its own, see jobs.py, and the page shows how far it is.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from admin.web import form_values, jobs, uploads
from admin.web.desk import Administrator, Desk
from admin.web.jobs import Heard, JobProgress
from admin.web.rendering import show
from admin.web.uploads import Upload
from messages import labels
from storage.families.missing_data import missing_data
from storage.importing.columns import remembered
from storage.importing.columns.recognition import STUDENT_FIELDS, forbidden, known_cells, title
from storage.importing.columns.table import Read
from storage.importing.files.encoding import ENCODINGS
from storage.importing.files.limits import DESK, MEGABYTE, RowError, Unreadable
from storage.importing.files.packing import pack, unpack
from storage.importing.files.reading import SEPARATORS, Sheet, first_row_is_header, read
from storage.importing.students import applying
from storage.importing.students.comparing import Difference, ProposedLeaver
from storage.importing.students.rows import student_rows
from storage.importing.students.student_row import StudentRow
from storage.refusals import Invalid, Refused
from storage.timezone import local_day
from storage.values.sorting import natural

router = APIRouter(prefix="/desk/students/import")

FIRST_ROWS = 6
SHOWN = 100  # errors and changes on one page; how many there are is told
MOST_TICKS = DESK.rows  # who leaves, and who stays as they are: a tick box each
SURE = 2  # headers that we know, from which on the first row certainly names the columns
LONG = 2000  # rows from which on the work is done apart


@dataclass(frozen=True, slots=True)
class StudentColumn:
    """One column of the file: its header, what it holds, why it cannot be imported, and its first cells.

    `locked`: "law" for what may not be stored, "twice" where another column has the same header, else "".
    """

    place: int
    header: str
    field: str
    locked: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ticked:
    """What was ticked on the page that says what would change. `seen`: a digest of what it said."""

    seen: str
    leavers: frozenset[int]
    kept: frozenset[int]
    without_wrong: bool


@router.get("")
def begin(desk: Administrator) -> HTMLResponse:
    """The page that asks for a file."""
    return _begin_page(desk, 200, "")


@router.post("")
def send(desk: Administrator, file: UploadFile) -> Response:
    """Keep the file that was sent and go on to its columns; 422 with a sentence where it is unreadable."""
    data = file.file.read(DESK.upload + 1)
    name = file.filename or ""
    try:
        if not name and not data:
            raise Unreadable("Choose a file first.")
        sheet = read(data, name)
    except Unreadable as error:
        return _begin_page(desk, 422, labels.unreadable(error, desk.words))
    fields = desk.database.read(_recognised, desk.school.id, sheet)
    kept = data if sheet.kind == "csv" else pack(sheet)
    found = {"encoding": sheet.encoding, "separator": sheet.separator}
    upload_id = uploads.keep(
        desk, name, kept, kind=sheet.kind, found=found, encoding="", separator="", rows=len(sheet.rows), fields=fields
    )
    return desk.go(f"/desk/students/import/{upload_id}")


@router.get("/{upload_id}")
def columns(desk: Administrator, upload_id: str) -> HTMLResponse:
    """What each column of the file is taken for."""
    return _columns_page(desk, uploads.find(desk, upload_id), 200, "")


@router.post("/{upload_id}")
async def choose_columns(desk: Administrator, upload_id: str, request: Request) -> Response:
    """Take the columns for what was chosen, and go on to the check."""
    form = await request.form()  # as many fields as the file has columns
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return await run_in_threadpool(_chosen, desk, upload_id, fields)


@router.get("/{upload_id}/check")
def check(desk: Administrator, upload_id: str) -> Response:
    """What importing the file would change; the columns again where they do not fit."""
    upload = uploads.find(desk, upload_id)
    try:
        rows = _rows(desk, upload)
    except Unreadable as error:
        return _columns_page(desk, upload, 422, labels.unreadable(error, desk.words))
    difference = desk.database.read(applying.preview, desk.school.id, rows, desk.now)
    return _check_page(desk, upload, difference, 200, "")


@router.post("/{upload_id}/apply")
def apply(
    desk: Administrator,
    upload_id: str,
    seen: Annotated[str, Form()] = "",
    leaver: Annotated[list[int], Form()] = [],  # noqa: B006
    kept: Annotated[list[int], Form()] = [],  # noqa: B006
    without: Annotated[str, Form()] = "",
) -> Response:
    """`leaver`: the students who are not in the list and were ticked. `kept`: those who stay as they are, whatever the
    list says. `without`: "wrong" leaves the wrong rows out."""
    upload = uploads.find(desk, upload_id)
    ticked = Ticked(
        seen,
        frozenset(form_values.known_id(one) for one in leaver),
        frozenset(form_values.known_id(one) for one in kept),
        without == "wrong",
    )
    if upload.choices["rows"] > LONG:
        jobs.begin(uploads.work(desk, upload_id), lambda heard: _at_work(desk, upload, ticked, heard))
        return desk.go(f"/desk/students/import/{upload_id}/progress")
    try:
        rows = _rows(desk, upload)
    except Unreadable as error:
        return _columns_page(desk, upload, 422, labels.unreadable(error, desk.words))
    try:
        difference = desk.database.work(_apply, desk, rows, upload, ticked)
    except Refused as refused:
        wrong = desk.told(refused)
        difference = desk.database.read(applying.preview, desk.school.id, rows, desk.now)
        return _check_page(desk, upload, difference, 409, wrong, ticked)
    uploads.forget(desk, upload_id)
    return desk.go(_onward(desk), _said(desk, difference, ticked))


@router.get("/{upload_id}/progress")
def progress(desk: Administrator, upload_id: str) -> Response:
    """How far an import is that takes a while; the check where none is at work."""
    upload = uploads.find(desk, upload_id)
    found = jobs.look(uploads.work(desk, upload_id))
    if found is None:
        return desk.go(f"/desk/students/import/{upload_id}/check")
    said = desk.words.say(found.said) if found.said in jobs.OURS else found.said
    return show(desk, "students/progress.html", upload=upload, progress=found, said_so=said)


@router.post("/{upload_id}/forget")
def forget(desk: Administrator, upload_id: str) -> Response:
    """Throw the file away; nothing of the school changes."""
    uploads.forget(desk, upload_id)
    return desk.go("/desk/students", desk.words.say("The import was stopped. Nothing has been changed."), kind="warn")


def _apply(
    session: Session,
    desk: Desk,
    rows: Read[StudentRow],
    upload: Upload,
    ticked: Ticked,
    heard: Heard = lambda _part: None,
) -> Difference:
    """All of it or nothing, and only what the reader saw on the page before."""
    if _digest(applying.preview(session, desk.school.id, rows, desk.now)) != ticked.seen:
        raise Refused(Invalid("Meanwhile something changed at the school. Please look at the list once more."))
    difference = applying.apply(
        session,
        desk.school.id,
        desk.acting,
        rows,
        desk.settings.pepper,
        leavers=ticked.leavers,
        kept=ticked.kept,
        without_wrong=ticked.without_wrong,
        heard=heard,
    )
    if difference.errors and not ticked.without_wrong:
        raise Refused(Invalid("Nothing has been changed: some rows are wrong."))
    remembered.remember(session, desk.school.id, upload.choices["fields"])
    return difference


def _at_work(desk: Desk, upload: Upload, ticked: Ticked, heard: Heard) -> JobProgress:
    """The same for a long list, apart from the request that asked for it."""
    heard(0.05)
    try:
        rows = _rows(desk, upload)
        heard(0.3)
        difference = desk.database.work(_apply, desk, rows, upload, ticked, lambda part: heard(0.3 + 0.7 * part))
    except Unreadable as error:
        return JobProgress(1, True, labels.unreadable(error, desk.words), "bad")
    except Refused as refused:
        return JobProgress(1, True, desk.sentence(refused.refusal), "bad")
    uploads.empty(desk, upload)
    return JobProgress(1, True, _said(desk, difference, ticked))


def _said(desk: Desk, difference: Difference, ticked: Ticked) -> str:
    said = desk.words.say(
        "The list has been imported: %(new)s new, %(changed)s changed, %(unchanged)s as they were.",
        **difference.counts(),
    )
    also = [said]
    if ticked.leavers:
        left = "%(number)s student is marked as left.", "%(number)s students are marked as left."
        also.append(desk.words.count(*left, len(ticked.leavers)))
    if difference.refused:
        out = "%(number)s wrong row was left out.", "%(number)s wrong rows were left out."
        also.append(desk.words.count(*out, difference.refused))
    return " ".join(also)


def _onward(desk: Desk) -> str:
    """What comes next: families, where children have none."""
    return "/desk/families/make" if desk.database.read(missing_data, desk.school.id)["family"] else "/desk/students"


def _recognised(session: Session, school_id: int, sheet: Sheet) -> dict[str, str]:
    """What we think that the columns hold: the school's earlier choice first."""
    known = remembered.known(session, school_id, sheet)
    return {header: known.get(header, "") for header in sheet.headers if not _locked(sheet, header)}


def _locked(sheet: Sheet, header: str) -> str:
    """Why a column cannot be chosen, see Column."""
    return "law" if forbidden(header) else "twice" if header in sheet.doubled else ""


def _sheet(upload: Upload) -> Sheet:
    if not upload.data:
        raise Unreadable("This file has been imported already.")
    if upload.choices["kind"] != "csv":
        return _headed(unpack(upload.data), upload)
    encoding, separator = upload.choices["encoding"] or None, upload.choices["separator"] or None
    return _headed(read(upload.data, upload.name, encoding=encoding, separator=separator), upload)


def _headed(sheet: Sheet, upload: Upload) -> Sheet:
    """The sheet with its first row taken for what was said of it: it names the columns, or is a child."""
    said = upload.choices.get("first_row", "")
    return first_row_is_header(sheet, said == "header") if said else sheet


def _rows(desk: Desk, upload: Upload) -> Read[StudentRow]:
    return student_rows(_sheet(upload), upload.choices["fields"], local_day(desk.now, desk.zone), desk.zone)


def _chosen(desk: Desk, upload_id: str, form: dict[str, str]) -> Response:
    """Keep what was chosen; then on to what would change, or the page again (other letters, another separator)."""
    before = uploads.find(desk, upload_id)
    sheet = _sheet(before)
    fields = {header: form.get(f"column-{place}", "") for place, header in enumerate(sheet.headers)}
    fields = {header: field for header, field in fields.items() if field in ("", *STUDENT_FIELDS)}
    encoding = form.get("encoding", "") if form.get("encoding") in ENCODINGS else ""
    separator = form.get("separator", "") if form.get("separator", "") in (*SEPARATORS, "") else ""
    first_row = form.get("first_row", "") if form.get("first_row", "") in ("header", "student") else ""
    upload = uploads.choose(desk, before, encoding=encoding, separator=separator, first_row=first_row)
    try:
        read_anew = _sheet(upload)
    except Unreadable as error:
        uploads.put(desk, before)
        return _columns_page(desk, before, 422, labels.unreadable(error, desk.words))
    if read_anew.headers != sheet.headers:
        fields = _for_other_headers(desk, sheet, read_anew, fields)
    sheet = read_anew
    upload = uploads.choose(desk, upload, fields=fields, rows=len(sheet.rows))
    if form.get("step") != "next":
        return desk.go(f"/desk/students/import/{upload_id}")
    try:
        _rows(desk, upload)
    except Unreadable as error:
        return _columns_page(desk, upload, 422, labels.unreadable(error, desk.words))
    return desk.go(f"/desk/students/import/{upload_id}/check")


def _for_other_headers(desk: Desk, old: Sheet, new: Sheet, fields: dict[str, str]) -> dict[str, str]:
    """Other letters make other headers: what was chosen goes by their place. Another separator begins anew."""
    if len(old.headers) != len(new.headers):
        return desk.database.read(_recognised, desk.school.id, new)
    return {now: fields.get(was, "") for now, was in zip(new.headers, old.headers, strict=True)}


def _begin_page(desk: Desk, status: int, wrong: str) -> HTMLResponse:
    most = DESK.upload // MEGABYTE
    return show(desk, "students/import.html", status, wrong=wrong, most=most, rows=DESK.rows)


def _columns_page(desk: Desk, upload: Upload, status: int, wrong: str) -> HTMLResponse:
    try:
        sheet = _sheet(upload)
    except Unreadable as error:
        raise Refused(Invalid(error.reason, error.values)) from None
    chosen = upload.choices["fields"]
    shown = [
        StudentColumn(
            place,
            title(header) if header in sheet.doubled else header,
            chosen.get(header, ""),
            _locked(sheet, header),
            tuple(row.cells[place] if place < len(row.cells) else "" for row in sheet.rows[:FIRST_ROWS]),
        )
        for place, header in enumerate(sheet.headers)
    ]
    return show(
        desk,
        "students/columns.html",
        status,
        upload=upload,
        columns=shown,
        law=", ".join(column.header for column in shown if column.locked == "law"),
        twice=", ".join(dict.fromkeys(column.header for column in shown if column.locked == "twice")),
        fields=[(name, labels.field(name, desk.words)) for name in STUDENT_FIELDS],
        count=len(sheet.rows),
        sheet=sheet,
        encodings=[(name, labels.encoding(name, desk.words)) for name in ENCODINGS],
        found_encoding=labels.encoding(upload.choices["found"]["encoding"], desk.words),
        separators=[(sign, labels.separator(sign, desk.words)) for sign in SEPARATORS],
        found_separator=labels.separator(upload.choices["found"]["separator"], desk.words),
        first_rows=range(min(FIRST_ROWS, len(sheet.rows))),
        passed=[labels.row(sheet.placed(one), desk.words) for one in sheet.passed[:SHOWN]],
        first_row="header" if sheet.header_line else "student",
        unsure=known_cells(sheet.headers) < SURE,
        wrong=wrong,
    )


def _check_page(
    desk: Desk,
    upload: Upload,
    difference: Difference,
    status: int,
    wrong: str,
    ticked: Ticked | None = None,
) -> HTMLResponse:
    sheet = _sheet(upload)

    def told(errors: Sequence[RowError]) -> list[str]:
        return [labels.row(sheet.placed(error), desk.words) for error in errors[:SHOWN]]

    return show(
        desk,
        "students/check.html",
        status,
        upload=upload,
        difference=difference,
        errors=told(difference.errors),
        remarks=told(difference.remarks),
        field=lambda name: labels.field(name, desk.words),
        most=SHOWN,
        most_changes=MOST_TICKS,
        kept=ticked.kept if ticked else frozenset(),
        gone=_by_group(difference),
        more_gone=max(0, len(difference.gone) - MOST_TICKS),
        ticked={one.student_id for one in difference.gone if one.likely} if ticked is None else ticked.leavers,
        seen=_digest(difference),
        wrong=wrong,
    )


def _by_group(difference: Difference) -> list[tuple[str, list[ProposedLeaver]]]:
    """Who is gone, by the groups that they are in."""
    found: dict[str, list[ProposedLeaver]] = {}
    for one in difference.gone[:MOST_TICKS]:
        found.setdefault(", ".join(one.groups), []).append(one)
    return sorted(found.items(), key=lambda pair: natural(pair[0]))


def _digest(difference: Difference) -> str:
    """What the reader saw, so that nothing else is applied."""
    return hashlib.sha256(repr(difference).encode()).hexdigest()[:32]

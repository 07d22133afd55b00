"""The talks as an Excel file (D17). Asked for by POST, since it is written in the audit trail who took them."""

import re
import unicodedata
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlmodel import Session

from admin.excel import write_workbook
from admin.pages.plannings import scope
from admin.sessions import Desk, SignedIn
from admin.typed import known_id
from storage import auditing
from storage.booking import exporting
from storage.booking.exporting import ExportRow
from storage.moments import to_local
from storage.planning import conferences, overview
from storage.words import Act

router = APIRouter(prefix="/desk/plannings")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.post("/export")
def export(desk: SignedIn, conference: Annotated[int, Form()] = 0, planning: Annotated[int, Form()] = 0) -> Response:
    """All talks, or those of one conference or planning; a teacher gets their own."""
    rows, name = desk.database.work(_gather, desk, known_id(conference), known_id(planning))
    content = write_workbook(rows, desk.words, desk.zone)
    today = to_local(desk.now, desk.zone).date()
    return Response(content, media_type=EXCEL, headers={"Content-Disposition": _attachment(f"{name} {today}.xlsx")})


def _gather(session: Session, desk: Desk, conference_id: int, planning_id: int) -> tuple[tuple[ExportRow, ...], str]:
    """The rows and what to call them. Raises Refused(NotFound)."""
    name = desk.words.say("All talks")
    if planning_id:
        name = overview.planning(session, desk.school.id, planning_id, teacher_id=scope(desk)).title
    elif conference_id:
        name = conferences.conference(session, desk.school.id, conference_id).name
    rows = exporting.rows(
        session,
        desk.school.id,
        conference_id=conference_id or None,
        planning_id=planning_id or None,
        teacher_id=scope(desk),
    )
    auditing.record(session, desk.school.id, desk.by, Act.EXPORTED, planning_id or None, desk.now, rows=len(rows))
    return rows, name


def _attachment(name: str) -> str:
    """A header that carries any name: plain letters for old readers, the name itself for others (S14)."""
    cleaned = " ".join(re.sub(r'[\x00-\x1f\x7f"\\/:*?<>|]', " ", name).split())
    plain = unicodedata.normalize("NFKD", cleaned).encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(cleaned)}"

"""The evening at a glance: a conference's plannings side by side, with the same blocks that one planning has (D12).

What is done there goes to the routes of the plannings themselves. A teacher sees their own plannings alone (D1).
"""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from admin.pages.plannings.plannings import Id, scope
from admin.web import form_values
from admin.web.desk import SignedIn
from admin.web.rendering import show
from messages.text import markup
from storage.msgids import N_
from storage.planning.views import evenings
from storage.planning.views.evenings import Cell
from storage.refusals import Refused

router = APIRouter(prefix="/desk/plannings")


@router.get("/conferences/{conference_id:int}/evening")
def evening(desk: SignedIn, conference_id: Id, on: str = "") -> HTMLResponse:
    """`on` is a day of it; any other text gives the next one."""
    try:
        day = form_values.day(on, "The date") if on else None
    except Refused:
        day = None
    view = desk.database.read(evenings.evening, desk.school.id, conference_id, day, desk.now, teacher_id=scope(desk))
    words = {kind: escape(desk.words.say(msgid)) for kind, msgid in _KINDS.items()}
    return show(desk, "plannings/evening.html", view=view, cells=partial(_cells, words))


_KINDS = {"free": N_("free"), "booked": N_("booked"), "break": N_("break")}


def _cells(words: dict[str, Markup], at: str, line: Sequence[Cell | int | None]) -> Markup:
    """One line of the table as HTML: a template takes ten times as long for the 1,800 blocks of a large school."""
    return markup("".join(_cell(words, at, cell) for cell in line if not isinstance(cell, int)))


def _cell(words: dict[str, Markup], at: str, cell: Cell | None) -> str:
    if cell is None:
        return "<td></td>"
    span = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    kind, shown, held = words[cell.kind], words[cell.kind], ""
    label = f"{at} {kind}"
    if cell.booking_id is not None:
        shown = escape(cell.student)
        label = f"{label}: {shown}"
        held = (
            f' draggable="true" data-booking="{cell.booking_id}" data-student="{cell.student_id}"'
            f' data-family="{cell.family_id}" data-name="{shown}"'
        )
    path = f"/desk/plannings/{cell.planning_id}/slots/{cell.slot_id}"
    return (
        f'<td{span} data-planning="{cell.planning_id}"><a class="block {cell.kind}" href="{path}" aria-label="{label}"'
        f' data-slot="{cell.slot_id}" data-at="{at}"{held}>{shown}</a></td>'
    )

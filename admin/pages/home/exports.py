"""Lists and files to take along: talks and parents as Excel, PDF or CSV (D17).

Asked for by POST, since it is written in the audit trail who took them. A teacher gets what is in their own plannings
and the groups of those alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from admin.documents import list_columns, paper
from admin.documents.csv_file import CSV, write_csv
from admin.documents.excel import EXCEL, write_lists, write_workbook
from admin.documents.prints import Printer, headed
from admin.pages.plannings.plannings import scope
from admin.web.desk import Desk, SignedIn
from admin.web.downloads import file_answer
from admin.web.form_values import known_id
from admin.web.forms import chosen
from admin.web.rendering import show
from storage.audit.record import record
from storage.lists import export_choices, parent_lists, sheets, talk_list
from storage.lists.parent_lists import GroupList
from storage.lists.sheets import PlanningSheet, talks_of
from storage.lists.talk_list import ExportRow, TalkFilter
from storage.refusals import Invalid, NotFound, Refused
from storage.timezone import local_day
from storage.words import Act

router = APIRouter(prefix="/desk/exports")
KINDS = ("excel", "pdf", "csv")
LAYOUTS = ("plannings", "time")
_BY_ID: Mapping[str, Callable[[int], TalkFilter]] = {
    "conference": lambda id_: TalkFilter(conference_id=id_),
    "planning": lambda id_: TalkFilter(planning_id=id_),
    "teacher": lambda id_: TalkFilter(teacher_id=id_),
}


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a file is made of; `teachers` are those who get a sheet of their own, None for every one."""

    name: str
    rows: tuple[ExportRow, ...]
    sheets: tuple[PlanningSheet, ...]
    teachers: tuple[str, ...] | None


@router.get("")
def exports_page(desk: SignedIn, what: str = "", group: str = "") -> HTMLResponse:
    """The lists to take along, of what the reader may see; `what` and `group` are ticked beforehand."""
    choices = desk.database.read(export_choices.choices, desk.school.id, own=scope(desk))
    groups = desk.database.read(parent_lists.groups_of, desk.school.id, desk.now, own=scope(desk))
    days = [(f"day:{day}", headed(desk.words.day(day)), talks) for day, talks in choices.days]
    first = f"conference:{choices.conferences[0].id}" if choices.conferences else "all"
    return show(desk, "exports/page.html", choices=choices, days=days, groups=groups, what=what or first, group=group)


@router.post("/talks")
def talks(
    desk: SignedIn,
    what: Annotated[str, Form(max_length=40)] = "all",
    kind: Annotated[str, Form(max_length=10)] = "excel",
    layout: Annotated[str, Form(max_length=10)] = "plannings",
    contact: Annotated[bool, Form()] = False,
) -> Response:
    """All talks, or those of a conference, planning, teacher or day. `contact`: parents' addresses on paper too."""
    chosen(kind, KINDS)
    chosen(layout, LAYOUTS)
    taken = desk.database.work(_take, desk, _wanted(what), kind, kind == "pdf" and layout == "plannings")
    name = f"{taken.name} {local_day(desk.now, desk.zone)}"
    if kind == "excel":
        content = write_workbook(taken.rows, desk.words, desk.zone, taken.teachers)
        return file_answer(content, f"{name}.xlsx", EXCEL)
    if kind == "csv":
        content = write_csv(list_columns.talks(taken.name, taken.rows, desk.words, desk.zone))
        return file_answer(content, f"{name}.csv", CSV)
    printer = _printer(desk)
    if layout == "time":
        content = printer.talks(taken.name, taken.rows, contact=contact)
    else:
        content = printer.plannings(taken.name, taken.sheets, contact=contact)
    return file_answer(content, f"{name}.pdf", paper.PDF)


@router.post("/parents")
def parents(
    desk: SignedIn,
    group: Annotated[str, Form(max_length=20)] = "all",
    kind: Annotated[str, Form(max_length=10)] = "pdf",
) -> Response:
    """A group's children and their parents, or those of every group that the reader may have."""
    chosen(kind, KINDS)
    name, lists = desk.database.work(_take_parents, desk, group, kind)
    file = f"{name} {local_day(desk.now, desk.zone)}"
    if kind == "pdf":
        return file_answer(_printer(desk).parents(name, lists), f"{file}.pdf", paper.PDF)
    listed = [list_columns.parents(one, desk.words) for one in lists]
    if kind == "excel":
        return file_answer(write_lists(listed), f"{file}.xlsx", EXCEL)
    whole = replace(listed[0], rows=tuple(row for one in listed for row in one.rows))
    return file_answer(write_csv(whole), f"{file}.csv", CSV)


def _wanted(what: str) -> TalkFilter:
    """`all`, `conference:3`, `planning:3`, `teacher:3` or `day:2026-11-24`. Raises Refused(Invalid)."""
    key, _, value = what.partition(":")
    if what == "all":
        return TalkFilter()
    try:
        if key == "day":
            return TalkFilter(day=date.fromisoformat(value))
        return _BY_ID[key](known_id(int(value)))
    except (KeyError, ValueError) as error:
        raise Refused(Invalid("Please choose from the list.")) from error


def _take(session: Session, desk: Desk, wanted: TalkFilter, kind: str, paged: bool) -> _Taken:
    """Everything that the file holds, and that it was taken; `paged` with the free times.

    Raises Refused(NotFound) for what is not theirs.
    """
    own = scope(desk)
    choices = export_choices.choices(session, desk.school.id, own=own)
    name = choices.name(wanted) or desk.words.say("All talks")
    if wanted.day is not None:
        name = desk.words.say("Talks on %(day)s", day=desk.words.day(wanted.day))
    printed = sheets.sheets(session, desk.school.id, wanted, own=own) if paged else ()
    rows = talk_list.rows(session, desk.school.id, wanted, own=own) if not paged else talks_of(printed)
    mine = wanted.teacher_id or own
    teachers = None if mine is None else tuple(one.name for one in choices.teachers if one.id == mine)
    record(session, desk.school.id, desk.acting, Act.EXPORTED, wanted.planning_id, rows=len(rows), kind=kind)
    return _Taken(name, rows, printed, teachers)


def _take_parents(session: Session, desk: Desk, group: str, kind: str) -> tuple[str, Sequence[GroupList]]:
    """Raises Refused(NotFound) for a group that is not theirs."""
    theirs = parent_lists.groups_of(session, desk.school.id, desk.now, own=scope(desk))
    wanted = theirs if group == "all" else tuple(one for one in theirs if str(one.id) == group)
    if not wanted:
        raise Refused(NotFound("group"))
    lists = parent_lists.lists(session, desk.school.id, wanted)
    children = sum(len(one.children) for one in lists)
    name = (
        desk.words.say("Parents of all groups")
        if group == "all"
        else desk.words.say("Parents of %(group)s", group=wanted[0].name)
    )
    subject = None if group == "all" else wanted[0].id
    record(session, desk.school.id, desk.acting, Act.EXPORTED, None, group=subject, children=children, kind=kind)
    return name, lists


def _printer(desk: Desk) -> Printer:
    return Printer(desk.words, desk.school.name, desk.zone, desk.now)

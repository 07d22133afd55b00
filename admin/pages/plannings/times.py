"""Giving plannings their times, in either of two ways (D11), for one planning or many at once. For administrators.

What comes out is shown before it is made: at once with the page's script, else by a button that only looks.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from admin.pages.plannings import time_fields
from admin.pages.plannings.plannings import Id, own
from admin.pages.plannings.time_fields import TimeFields, Times, TimesPreview
from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.form_values import known_id
from admin.web.forms import Line
from admin.web.rendering import show
from storage.planning import alignment, bulk, conferences, slots
from storage.planning.bulk import OfOne
from storage.planning.readiness import facts
from storage.planning.views import new_conference, planning_list
from storage.refusals import NotFound, Refused

router = APIRouter(prefix="/desk/plannings")
Ticked = Annotated[list[int], Form()]


@router.get("/{planning_id:int}/times")
def times_form(desk: Administrator, planning_id: Id, way: str = "clock") -> HTMLResponse:
    """The form of new times for one planning, filled as this school usually does."""
    asked = time_fields.usual(desk.database.read(new_conference.habit, desk.school.id), way)
    return _form(desk, 200, planning_id, asked, TimesPreview())


@router.post("/{planning_id:int}/times")
def add_times(desk: Administrator, planning_id: Id, asked: Times, step: Line = "") -> Response:
    """Add the times to a planning, or with the step `look` only show them; the form again where they are refused."""
    if step == "look":
        return _form(desk, 200, planning_id, asked, time_fields.look(desk, asked))
    try:
        spans = time_fields.spans(asked, desk.zone)
        added = desk.database.work(slots.add, desk.school.id, desk.acting, planning_id, spans)
    except Refused as refused:
        return _form(desk, 422, planning_id, asked, TimesPreview(), desk.told(refused))
    return desk.go(f"/desk/plannings/{planning_id}", _added(desk, added))


@router.post("/{planning_id:int}/times/same")
def same_times(desk: Administrator, planning_id: Id, planning: Annotated[int, Form()] = 0) -> Response:
    """The times of a colleague's planning: in step by themselves."""

    def copy(session: Session) -> int:
        spans = slots.spans_of(session, desk.school.id, known_id(planning))
        if not spans:
            raise Refused(NotFound("planning"))
        return slots.add(session, desk.school.id, desk.acting, planning_id, spans)

    try:
        added = desk.database.work(copy)
    except Refused as refused:
        wrong = desk.told(refused)
        asked = time_fields.usual(desk.database.read(new_conference.habit, desk.school.id))
        return _form(desk, 422, planning_id, asked, TimesPreview(), wrong)
    return desk.go(f"/desk/plannings/{planning_id}", _added(desk, added))


@router.get("/{planning_id:int}/step")
def step_question(desk: Administrator, planning_id: Id, beside: Annotated[int, Query(alias="as")] = 0) -> HTMLResponse:
    """Which evenings run out of step with a colleague's, and how they could be moved."""
    return _step(desk, 200, planning_id, known_id(beside))


@router.post("/{planning_id:int}/step")
def put_in_step(
    desk: Administrator, planning_id: Id, beside: Annotated[int, Form()] = 0, day: Line = "", minutes: Line = ""
) -> Response:
    """Move a planning's times of one day by some minutes, earlier where they are below zero."""
    try:
        when = form_values.day(day, "The date")
        forth = minutes.removeprefix("-")
        by = form_values.number(forth, "The number of minutes") * (-1 if forth != minutes else 1)
        moved = desk.database.work(alignment.shift, desk.school.id, desk.acting, planning_id, when, by)
    except Refused as refused:
        return _step(desk, 422, planning_id, known_id(beside), desk.told(refused))
    said = desk.words.count("%(number)s time has been moved.", "%(number)s times have been moved.", moved)
    return desk.go(f"/desk/plannings/{planning_id}", said)


@router.get("/conferences/{conference_id:int}/times")
def many_form(desk: Administrator, conference_id: Id) -> HTMLResponse:
    """The form of new times for many plannings of a conference at once."""
    asked = time_fields.usual(desk.database.read(new_conference.habit, desk.school.id))
    return _many(desk, 200, conference_id, asked, TimesPreview(), None)


@router.post("/conferences/{conference_id:int}/times")
def add_many(
    desk: Administrator,
    conference_id: Id,
    asked: Times,
    planning: Ticked = [],  # noqa: B006
    step: Line = "",
) -> Response:
    """The same times to every ticked planning of a conference."""
    ticked = frozenset(known_id(one) for one in planning)
    if step == "look":
        return _many(desk, 200, conference_id, asked, time_fields.look(desk, asked), ticked)
    rows = desk.database.read(planning_list.plannings, desk.school.id, conference_id=conference_id)
    if not ticked <= {row.id for row in rows}:
        raise Refused(NotFound("planning"))
    try:
        spans = time_fields.spans(asked, desk.zone)
        added = desk.database.work(bulk.add_times, desk.school.id, desk.acting, sorted(ticked), spans)
    except Refused as refused:
        of = refused.refusal.planning_id if isinstance(refused.refusal, OfOne) else None
        return _many(desk, 422, conference_id, asked, time_fields.look(desk, asked), ticked, desk.told(refused), of)
    return desk.go(f"/desk/plannings#conference-{conference_id}", _added(desk, added))


def _added(desk: Desk, added: int) -> str:
    return desk.words.count("%(number)s time has been added.", "%(number)s times have been added.", added)


def _form(
    desk: Desk, status: int, planning_id: int, asked: TimeFields, outcome: TimesPreview, wrong: str = ""
) -> HTMLResponse:
    view = own(desk, planning_id)
    [standing] = desk.database.read(facts.planning_facts, desk.school.id, desk.now, [planning_id])
    rows = desk.database.read(planning_list.plannings, desk.school.id, conference_id=view.conference_id)
    colleagues = [(row.id, row.title) for row in rows if row.first and row.id != view.id]
    return show(
        desk,
        "plannings/times.html",
        status,
        planning=view,
        asked=asked,
        outcome=outcome,
        colleagues=colleagues,
        usable=standing.usable,
        needed=standing.talks,
        children=standing.children,
        wrong=wrong,
    )


def _step(desk: Desk, status: int, planning_id: int, beside: int, wrong: str = "") -> HTMLResponse:
    return show(
        desk,
        "plannings/step.html",
        status,
        planning=own(desk, planning_id),
        other=own(desk, beside),
        days=desk.database.read(alignment.out_of_step_days, desk.school.id, planning_id, beside),
        wrong=wrong,
    )


def _many(
    desk: Desk,
    status: int,
    conference_id: int,
    asked: TimeFields,
    outcome: TimesPreview,
    ticked: frozenset[int] | None,
    wrong: str = "",
    wrong_planning: int | None = None,
) -> HTMLResponse:
    view = desk.database.read(conferences.conference, desk.school.id, conference_id)
    rows = desk.database.read(planning_list.plannings, desk.school.id, conference_id=conference_id)
    if ticked is None:  # those that wait for times, else all: one more evening
        ticked = frozenset(row.id for row in rows if row.first is None) or frozenset(row.id for row in rows)
    standing = desk.database.read(facts.planning_facts, desk.school.id, desk.now, [row.id for row in rows])
    return show(
        desk,
        "plannings/times_many.html",
        status,
        conference=view,
        rows=rows,
        ticked=ticked,
        standing={one.id: one for one in standing},
        asked=asked,
        outcome=outcome,
        wrong=wrong,
        wrong_planning=wrong_planning,
    )

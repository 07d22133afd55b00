"""Giving a planning its times, in either of two ways (D11). For administrators.

By the clock (S0): a day, from, until, the length. By number (S1): so many talks over one to five days.
"""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from admin import typed
from admin.forms import Line, chosen
from admin.layout import show
from admin.pages.plannings import Id, own
from admin.sessions import Administrator, Desk
from storage.planning import grid, slots
from storage.planning.grid import MOST_DAYS, Evening, Span
from storage.words import Invalid, Refused

router = APIRouter(prefix="/desk/plannings")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form's fields as text. `days` are (date, from, until)."""

    way: str = "clock"
    minutes: str = "10"
    talks: str = ""
    break_after: str = ""
    break_minutes: str = ""
    days: tuple[tuple[str, str, str], ...] = field(default=(("", "", ""),))


@router.get("/{planning_id:int}/times")
def times_form(desk: Administrator, planning_id: Id, way: str = "clock") -> HTMLResponse:
    return _form(desk, 200, planning_id, Typed(way="number" if way == "number" else "clock"))


@router.post("/{planning_id:int}/times")
def add_times(
    desk: Administrator,
    planning_id: Id,
    way: Line = "clock",
    minutes: Line = "",
    talks: Line = "",
    break_after: Line = "",
    break_minutes: Line = "",
    day: Annotated[list[str], Form()] = [],  # noqa: B006
    start: Annotated[list[str], Form()] = [],  # noqa: B006
    until: Annotated[list[str], Form()] = [],  # noqa: B006
) -> Response:
    days = tuple(zip(day, start, until, strict=False))[:MOST_DAYS]
    again = Typed(chosen(way, ("clock", "number")), minutes, talks, break_after, break_minutes, days)
    try:
        spans = _read(again, desk.zone)
        added = desk.database.work(slots.add, desk.school.id, planning_id, spans, by=desk.by, now=desk.now)
    except Refused as refused:
        return _form(desk, 422, planning_id, again, desk.told(refused))
    said = desk.words.count("%(number)s time has been added.", "%(number)s times have been added.", added)
    return desk.go(f"/desk/plannings/{planning_id}", said)


def _read(shown: Typed, zone: str) -> tuple[Span, ...]:
    """The times that were asked for, in UTC. Raises Refused(Invalid)."""
    minutes = typed.number(shown.minutes, "The length of a talk")
    after = typed.number_or_none(shown.break_after, "The number of talks without a break")
    pause = typed.number_or_none(shown.break_minutes, "The length of a break")
    evenings = [
        Evening(typed.day(day, "The date"), typed.clock(start, "“From”"), typed.clock(until, "“Until”"))
        for day, start, until in shown.days
        if day.strip() or start.strip() or until.strip()
    ]
    if not evenings:
        raise Refused(Invalid("%(field)s is missing.", (("field", "The date"),)))
    if shown.way == "number":
        talks = typed.number(shown.talks, "The number of talks")
        return grid.spread(talks, minutes, evenings, after, pause, zone=zone)
    return tuple(
        span
        for evening in evenings
        for span in grid.times(evening.day, evening.start, evening.until, minutes, after, pause, zone=zone)
    )


def _form(desk: Desk, status: int, planning_id: int, shown: Typed, wrong: str = "") -> HTMLResponse:
    view = own(desk, planning_id)
    days = [*shown.days, *[("", "", "")] * (MOST_DAYS - len(shown.days))]
    return show(desk, "plannings/times.html", status, planning=view, typed=shown, days=days, wrong=wrong)

"""Both ways to ask for the times of talks, in one set of fields, and what comes out of them before it is made (D11).

By the clock (S0): each day is filled from beginning to end. By number (S1): so many talks over one to five days. The
pages of one planning, of many and of a whole conference share it; what comes out is reckoned here alone, for the page
with its script and without.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Annotated

from fastapi import Depends, Form

from admin.web import form_values
from admin.web.desk import Desk
from admin.web.forms import Line
from storage.planning import grid
from storage.planning.grid import MOST_DAYS, Evening, Span
from storage.planning.views.new_conference import Habit
from storage.refusals import Invalid, Refused
from storage.timezone import local_day, to_local

WAYS = ("clock", "number")


@dataclass(frozen=True, slots=True)
class TimeFields:
    """The fields as text. `days` are (date, from, until); an empty from or until is that of the first day."""

    way: str = "clock"
    minutes: str = "10"
    talks: str = ""
    break_after: str = ""
    break_minutes: str = ""
    days: tuple[tuple[str, str, str], ...] = field(default=(("", "", ""),))

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """As many days as can be asked for."""
        return [*self.days, *[("", "", "")] * (MOST_DAYS - len(self.days))]

    @property
    def begun(self) -> bool:
        """Whether a day was chosen, so that something could come out."""
        return any(day.strip() for day, _, _ in self.days)


@dataclass(frozen=True, slots=True)
class OutcomeDay:
    """An evening that would be: its talks, and the breaks between them."""

    day: date
    spans: tuple[Span, ...]
    gaps: tuple[Span, ...]

    @property
    def start(self) -> datetime:
        return self.spans[0].start

    @property
    def end(self) -> datetime:
        return self.spans[-1].end

    @property
    def pieces(self) -> list[tuple[str, Span]]:
        """(talk or gap, when) in the order of the clock."""
        return sorted(
            [("talk", one) for one in self.spans] + [("gap", one) for one in self.gaps], key=lambda one: one[1]
        )


@dataclass(frozen=True, slots=True)
class TimesPreview:
    """What would be made; `wrong` says why nothing would. Neither: no day was chosen yet."""

    spans: tuple[Span, ...] = ()
    days: tuple[OutcomeDay, ...] = ()
    wrong: str = ""


def _sent(
    way: Line = "clock",
    minutes: Line = "",
    talks: Line = "",
    break_after: Line = "",
    break_minutes: Line = "",
    day: Annotated[list[str], Form()] = [],  # noqa: B006
    start: Annotated[list[str], Form()] = [],  # noqa: B006
    until: Annotated[list[str], Form()] = [],  # noqa: B006
) -> TimeFields:
    """The fields as they were sent."""
    days = tuple(zip(day, start, until, strict=False))[:MOST_DAYS]
    kept = way if way in WAYS else "clock"
    return TimeFields(kept, minutes, talks, break_after, break_minutes, days or (("", "", ""),))


Times = Annotated[TimeFields, Depends(_sent)]


def usual(habit: Habit, way: str = "clock") -> TimeFields:
    """The fields before anything is typed: as the school's latest evening was."""
    return TimeFields(
        way if way in WAYS else "clock",
        minutes=str(habit.minutes),
        days=(("", f"{habit.start:%H:%M}", f"{habit.until:%H:%M}"),),
    )


def spans(asked: TimeFields, zone: str) -> tuple[Span, ...]:
    """The times that were asked for, in UTC. Raises Refused(Invalid)."""
    minutes = form_values.number(asked.minutes, "The length of a talk")
    after = form_values.number_or_none(asked.break_after, "The number of talks without a break")
    pause = form_values.number_or_none(asked.break_minutes, "The length of a break")
    evenings = _evenings(asked)
    if asked.way == "number":
        talks = form_values.number(asked.talks, "The number of talks")
        return grid.spread(talks, minutes, evenings, after, pause, zone=zone)
    made = [
        span
        for evening in evenings
        for span in grid.times(evening.day, evening.start, evening.until, minutes, after, pause, zone=zone)
    ]
    for before, later in pairwise(sorted(made)):
        if later.start < before.end:
            values = (("day", f"{to_local(later.start, zone):%d-%m-%Y}"),)
            raise Refused(Invalid("%(day)s is there twice, with times that overlap.", values))
    return tuple(sorted(made))


def look(desk: Desk, asked: TimeFields) -> TimesPreview:
    """What would come out; a form that is not complete yet, or is wrong, says so."""
    if not asked.begun:
        return TimesPreview()
    try:
        made = spans(asked, desk.zone)
    except Refused as refused:
        return TimesPreview(wrong=desk.told(refused))
    by_day = groupby(made, key=lambda span: local_day(span.start, desk.zone))
    return TimesPreview(made, tuple(_day(day, tuple(of_day)) for day, of_day in by_day))


def _day(day: date, of_day: tuple[Span, ...]) -> OutcomeDay:
    gaps = tuple(Span(one.end, other.start) for one, other in pairwise(of_day) if one.end < other.start)
    return OutcomeDay(day, of_day, gaps)


def _evenings(asked: TimeFields) -> list[Evening]:
    first_start, first_until = asked.days[0][1:]
    evenings = [
        Evening(
            form_values.day(day, "The date"),
            form_values.clock(start.strip() or first_start, "“From”"),
            form_values.clock(until.strip() or first_until, "“Until”"),
        )
        for number, (day, start, until) in enumerate(asked.days)
        if day.strip() or (number > 0 and (start.strip() or until.strip()))
    ]
    if not evenings:
        raise Refused(Invalid("%(field)s is missing.", (("field", "The date"),)))
    return evenings

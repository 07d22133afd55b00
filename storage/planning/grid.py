"""Which times an evening of talks falls apart into: pure, wall clock in and UTC out (D11).

A break is time that is left out after so many talks, not a slot: nobody can book it and nothing need be switched. A
slot that is *turned into* a break by hand is another thing, see slots.py. Nothing here knows a session or a clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

from storage.refusals import Invalid, Refused
from storage.timezone import to_utc

MOST_MINUTES = 240
MOST_TALKS = 200
MOST_DAYS = 5


class Span(NamedTuple):
    """From when until when, in UTC. `end` is exclusive."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Evening:
    """A day and the wall times between which parents may come."""

    day: date
    start: time
    until: time


def times(
    day: date,
    start: time,
    until: time,
    minutes: int,
    break_after: int | None = None,
    break_minutes: int | None = None,
    *,
    zone: str,
) -> tuple[Span, ...]:
    """All talks of `minutes` that fit from `start` until `until` (wall times), one after another.

    After every `break_after` talks `break_minutes` are left out; both or neither. A talk that would end after `until`
    is not made. Raises Refused(Invalid) for numbers that make no sense, where not even one talk fits, and for times
    that the clock change skips or shows twice (rule 18).
    """
    _check_lengths(minutes, break_after, break_minutes)
    evening = Evening(day, start, until)
    fitting = _fill(evening, minutes, break_after, break_minutes, MOST_TALKS + 1)
    if not fitting:
        raise Refused(Invalid("No talk of %(minutes)s minutes fits %(evening)s.", _about(minutes, evening)))
    if len(fitting) > MOST_TALKS:
        raise Refused(Invalid("That would be more than %(most)s talks.", (("most", str(MOST_TALKS)),)))
    return _in_utc(fitting, zone)


def spread(
    talks: int,
    minutes: int,
    evenings: Sequence[Evening],
    break_after: int | None = None,
    break_minutes: int | None = None,
    *,
    zone: str,
) -> tuple[Span, ...]:
    """`talks` talks over one to five evenings: each evening is filled before the next one is begun.

    The count of talks without a break begins anew each evening. Raises Refused(Invalid) as `times` does, for evenings
    that overlap, and where not all talks fit.
    """
    _check_lengths(minutes, break_after, break_minutes)
    _check_number(talks, MOST_TALKS, "The number of talks must be from 1 to %(most)s.")
    if not 1 <= len(evenings) <= MOST_DAYS:
        raise Refused(Invalid("Give one day, and at most %(more)s more.", (("more", str(MOST_DAYS - 1)),)))
    walls: list[tuple[datetime, datetime]] = []
    ordered = sorted(evenings, key=lambda evening: (evening.day, evening.start))
    for before, after in pairwise(ordered):
        if before.day == after.day and after.start < before.until:
            raise Refused(Invalid("%(day)s is there twice, with times that overlap.", (("day", _day(after.day)),)))
    for evening in ordered:
        walls += _fill(evening, minutes, break_after, break_minutes, talks - len(walls))
    if len(walls) < talks:
        values = (("fit", str(len(walls))), ("talks", str(talks)))
        raise Refused(Invalid("Only %(fit)s of the %(talks)s talks fit into these days.", values))
    return _in_utc(walls, zone)


def _fill(
    evening: Evening, minutes: int, break_after: int | None, break_minutes: int | None, most: int
) -> list[tuple[datetime, datetime]]:
    if evening.until <= evening.start:
        raise Refused(Invalid("The end must be later than the beginning: %(evening)s.", _about(minutes, evening)))
    at = datetime.combine(evening.day, evening.start)
    until = datetime.combine(evening.day, evening.until)
    made: list[tuple[datetime, datetime]] = []
    while at + timedelta(minutes=minutes) <= until and len(made) < most:
        made.append((at, at + timedelta(minutes=minutes)))
        at += timedelta(minutes=minutes)
        if break_after and break_minutes and len(made) % break_after == 0:
            at += timedelta(minutes=break_minutes)
    return made


def _in_utc(walls: list[tuple[datetime, datetime]], zone: str) -> tuple[Span, ...]:
    return tuple(Span(to_utc(start, zone), to_utc(end, zone)) for start, end in walls)


def _check_lengths(minutes: int, break_after: int | None, break_minutes: int | None) -> None:
    _check_number(minutes, MOST_MINUTES, "A talk must last from 1 to %(most)s minutes.")
    if break_after is None and break_minutes is None:
        return
    if break_after is None or break_minutes is None:
        raise Refused(Invalid("For a break, give both after how many talks and for how many minutes."))
    _check_number(break_after, MOST_TALKS, "The number of talks before a break must be from 1 to %(most)s.")
    _check_number(break_minutes, MOST_MINUTES, "A break must last from 1 to %(most)s minutes.")


def _check_number(number: int, most: int, message: str) -> None:
    if not 1 <= number <= most:
        raise Refused(Invalid(message, (("most", str(most)),)))


def _about(minutes: int, evening: Evening) -> tuple[tuple[str, str], ...]:
    between = f"{_day(evening.day)} {evening.start:%H:%M}–{evening.until:%H:%M}"
    return (("minutes", str(minutes)), ("evening", between))


def _day(day: date) -> str:
    return f"{day:%d-%m-%Y}"

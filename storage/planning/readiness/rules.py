"""Is a planning ready for parents? Pure rules: plannings as they stand in, findings out (D13).

Nothing here knows a session or a text in any language but the msgids.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations, permutations

from storage.planning.readiness.closed_hours import is_closed
from storage.planning.readiness.findings import Finding, FindingSubject, Severity, Value
from storage.timezone import to_local
from storage.values.talk_span import TalkSpan, overlap
from storage.words import PlanningState, Policy


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """A slot as the check sees it. `usable`: booked, or open and not begun."""

    start: datetime
    end: datetime
    usable: bool


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class TalkFacts:
    """A live talk that is still to come. `span` says in which planning, `walking` how long the way to another is."""

    span: TalkSpan
    title: str
    family_id: int
    family: str
    walking: timedelta


@dataclass(frozen=True, slots=True)
class PlanningFacts:
    """One planning with all that the rules look at.

    `children` counts each child of its groups once; `talks` counts one for each family of a child where parents each
    have their own talk (rule 12), else it equals `children`. `alone` are the children in no family.
    """

    id: int
    title: str
    conference_id: int
    policy: Policy
    state: PlanningState
    opens: datetime
    opens_early: datetime | None
    closes: datetime
    teachers: tuple[TeacherFacts, ...]
    groups: tuple[tuple[str, int], ...]
    children: int
    talks: int
    alone: int
    times: tuple[SlotFacts, ...]
    mail_each_booking: bool = False

    @property
    def usable(self) -> int:
        """How many of its times can still be, or are, somebody's."""
        return sum(time.usable for time in self.times)

    def over(self, now: datetime) -> bool:
        """It was published once and its last talk has begun."""
        begun = bool(self.times) and all(time.start <= now for time in self.times)
        return begun and self.state is PlanningState.PUBLISHED

    def finding(
        self, about: FindingSubject, message: str, *, wrong: bool = False, other_id: int | None = None, **values: Value
    ) -> Finding:
        severity = Severity.WRONG if wrong else Severity.WARNING
        return Finding(severity, message, tuple(values.items()), self.id, self.title, about, other_id)


def check_all(
    plannings: Sequence[PlanningFacts], talks: Sequence[TalkFacts], now: datetime, zone: str
) -> tuple[Finding, ...]:
    """Every finding about these plannings, in their order; what was wrong with one long over is not news."""
    current = [planning for planning in plannings if not planning.over(now)]
    found: dict[int, list[Finding]] = {planning.id: list(check(planning, now, zone)) for planning in current}
    for finding in (*clashes(current), *in_two_places(current, talks), *out_of_step(current, zone)):
        found[finding.planning_id or 0].append(finding)
    return tuple(finding for planning in current for finding in found[planning.id])


def check(planning: PlanningFacts, now: datetime, zone: str) -> Iterator[Finding]:
    """All that is wrong or odd about one planning; `zone` is the school's, for the days and hours that parents see."""
    yield from _groups(planning)
    yield from _times(planning, now, zone)
    yield from _dates(planning, now)
    yield from _people(planning)


def _groups(planning: PlanningFacts) -> Iterator[Finding]:
    if not planning.groups:
        yield planning.finding(FindingSubject.GROUPS, "No group is chosen.", wrong=True)
    for group, children in planning.groups:
        if not children:
            yield planning.finding(FindingSubject.GROUPS, "There are no children in %(group)s.", group=group)
    if planning.alone:
        message = "Children in no family, for whom no parent can book: %(number)s."
        yield planning.finding(FindingSubject.CHILDREN, message, number=planning.alone)


def _times(planning: PlanningFacts, now: datetime, zone: str) -> Iterator[Finding]:
    if not planning.times:
        yield planning.finding(FindingSubject.TIMES, "There are no times yet.", wrong=True)
        return
    past = sum(time.start <= now for time in planning.times)
    if past == len(planning.times):
        yield planning.finding(FindingSubject.TIMES, "All times lie in the past.", wrong=True)
        return
    if past:
        yield planning.finding(FindingSubject.TIMES, "Times that lie in the past: %(number)s.", number=past)
    closed = [time.start for time in planning.times if time.start > now and is_closed(to_local(time.start, zone))]
    if closed:
        message = "Times on a day or at an hour when schools are closed: %(number)s, the first %(first)s."
        yield planning.finding(FindingSubject.TIMES, message, number=len(closed), first=min(closed))
    usable = planning.usable
    if not usable:
        yield planning.finding(FindingSubject.TIMES, "All times are breaks or lie in the past.", wrong=True)
    elif planning.talks > usable:
        message = "There are %(slots)s times to book, and %(children)s children."
        if planning.policy is Policy.EACH and planning.talks > planning.children:
            message = (
                "There are %(slots)s times to book, and %(talks)s talks for %(children)s children: "
                "parents who live apart each have their own."
            )
        children, talks = planning.children, planning.talks
        yield planning.finding(FindingSubject.TIMES, message, slots=usable, children=children, talks=talks)


def _dates(planning: PlanningFacts, now: datetime) -> Iterator[Finding]:
    opens, early, closes = planning.opens, planning.opens_early, planning.closes
    if closes <= opens:
        message = "Sign-up closes (%(closes)s) before it opens (%(opens)s)."
        yield planning.finding(FindingSubject.CLOSES, message, wrong=True, closes=closes, opens=opens)
    elif closes <= now:
        message = "Sign-up closed already, %(closes)s: parents cannot book."
        yield planning.finding(FindingSubject.CLOSES, message, closes=closes)
    if early is not None and early > opens:
        message = "Large families could sign up later (%(early)s) than all others (%(opens)s)."
        yield planning.finding(FindingSubject.OPENS_EARLY, message, wrong=True, early=early, opens=opens)
    first = min((time.start for time in planning.times), default=None)
    if first is not None and opens < closes and first < closes:
        message = "The first talk (%(first)s) begins before sign-up closes (%(closes)s)."
        yield planning.finding(FindingSubject.CLOSES, message, first=first, closes=closes)


def _people(planning: PlanningFacts) -> Iterator[Finding]:
    if not planning.teachers:
        yield planning.finding(FindingSubject.TEACHERS, "No teacher is named, so nobody gets a daily list.")
    for teacher in planning.teachers:
        if not teacher.email:
            message = "%(teacher)s has no e-mail address and gets no daily list."
            yield planning.finding(FindingSubject.TEACHERS, message, teacher=teacher.name)
    if planning.mail_each_booking and not any(teacher.email for teacher in planning.teachers):
        message = "A mail at each booking is asked for, but no teacher here has an e-mail address."
        yield planning.finding(FindingSubject.MAIL, message)


def clashes(plannings: Iterable[PlanningFacts]) -> Iterator[Finding]:
    """A teacher at two tables at once, told at both. Booking takes care of it: only one of the two can be booked."""
    seats: dict[int, list[tuple[PlanningFacts, TeacherFacts]]] = defaultdict(list)
    for planning in plannings:
        for teacher in planning.teachers:
            seats[teacher.id].append((planning, teacher))
    for taken in seats.values():
        for (one, teacher), (other, _) in combinations(taken, 2):
            shared = _overlapping(one.times, other.times)
            for here, there in ((one, other), (other, one)):
                if shared:
                    yield here.finding(
                        FindingSubject.CLASH,
                        "%(teacher)s also sits at “%(other)s” then: %(number)s times, the first %(first)s. "
                        "Only one of the two can be booked.",
                        teacher=teacher.name,
                        other=there.title,
                        number=len(shared),
                        first=min(shared),
                        other_id=there.id,
                    )


def in_two_places(plannings: Iterable[PlanningFacts], talks: Iterable[TalkFacts]) -> Iterator[Finding]:
    """Families with two talks at once, or too close to walk from one to the other, told at both (rules 10, 15)."""
    by_id = {planning.id: planning for planning in plannings}
    of_family: dict[int, list[TalkFacts]] = defaultdict(list)
    for talk in talks:
        of_family[talk.family_id].append(talk)
    for held in of_family.values():
        for one, other in permutations(sorted(held, key=lambda talk: talk.span.start), 2):
            if one.span.planning_id in by_id and overlap(one.span, other.span, max(one.walking, other.walking)):
                yield by_id[one.span.planning_id].finding(
                    FindingSubject.CLASH,
                    "The family %(family)s cannot be at both: here (%(start)s) and in “%(other)s” (%(other_start)s).",
                    family=one.family,
                    start=one.span.start,
                    other=other.title,
                    other_start=other.span.start,
                    other_id=other.span.planning_id,
                )


def _overlapping(one: Sequence[SlotFacts], other: Sequence[SlotFacts]) -> list[datetime]:
    """The starts in `one` that fall over a time in `other`. Both in order of time, each without overlaps."""
    found: list[datetime] = []
    ordered, at = sorted(other, key=lambda time: time.start), 0
    for time in sorted(one, key=lambda time: time.start):
        while at < len(ordered) and ordered[at].end <= time.start:
            at += 1
        if at < len(ordered) and ordered[at].start < time.end:
            found.append(time.start)
    return found


def out_of_step(plannings: Iterable[PlanningFacts], zone: str) -> Iterator[Finding]:
    """Plannings whose times never begin together with their colleagues' of the same evening and length (D11).

    On each evening the step that most plannings keep is the right one; of two, that of the first by title.
    """
    evenings: dict[tuple[int, date, int], list[tuple[PlanningFacts, list[int], datetime]]] = defaultdict(list)
    for planning in plannings:
        for (day, minutes), times in _by_evening(planning.times, zone).items():
            phases = [_phase(time.start, minutes, zone) for time in times]
            evenings[planning.conference_id, day, minutes].append((planning, phases, times[0].start))
    for (_, _, minutes), kept in sorted(evenings.items(), key=lambda entry: entry[0]):
        kept.sort(key=lambda seat: seat[0].title)
        usual = Counter(phases[0] for _, phases, _ in kept).most_common(1)[0][0]
        model, steps, begins = next(seat for seat in kept if seat[1][0] == usual)
        for planning, phases, start in kept:
            if set(phases).isdisjoint(steps):
                yield planning.finding(
                    FindingSubject.STEP,
                    "These times, from %(start)s, are out of step with those of “%(other)s”, from %(model)s: "
                    "talks of %(minutes)s minutes that never begin together.",
                    start=start,
                    other=model.title,
                    model=begins,
                    minutes=minutes,
                    other_id=model.id,
                )


def _phase(start: datetime, minutes: int, zone: str) -> int:
    """How many minutes past a whole number of talks since midnight this one begins."""
    local = to_local(start, zone)
    return (local.hour * 60 + local.minute) % minutes


def _by_evening(times: Sequence[SlotFacts], zone: str) -> dict[tuple[date, int], list[SlotFacts]]:
    found: dict[tuple[date, int], list[SlotFacts]] = defaultdict(list)
    for time in sorted(times, key=lambda time: time.start):
        minutes = int((time.end - time.start).total_seconds() // 60)
        if minutes > 0:
            found[to_local(time.start, zone).date(), minutes].append(time)
    return found

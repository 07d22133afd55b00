"""The round of talks in the reader's words: seven steps, each with its true state and links to where it is mended (D2).

It only turns counts into sentences; nothing is counted here, and no step may say that all is well while one of its
lines says that something is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from messages.text import Words
from storage.msgids import N_
from storage.school.progress_views import ConferenceCounts, PeopleCounts, PlanningCounts, Progress

SHOWN = 4  # plannings named in one step; how many there are more is told

_LACKING = {
    "postcode": (N_("%(number)s child has no postcode"), N_("%(number)s children have no postcode")),
    "house_number": (N_("%(number)s child has no house number"), N_("%(number)s children have no house number")),
    "birth_date": (N_("%(number)s child has no birth date"), N_("%(number)s children have no birth date")),
    "student_number": (
        N_("%(number)s child has no student number"),
        N_("%(number)s children have no student number"),
    ),
}


class State(StrEnum):
    DONE = "done"
    LOOK = "look"  # something is missing, or may be
    NOW = "now"  # it is its time, and nothing is wrong
    LATER = "later"


@dataclass(frozen=True, slots=True)
class StepLine:
    """One sentence about the school, and the page that it speaks of. `missing`: it is mended there."""

    sentence: str
    path: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class ProgressStep:
    title: str
    path: str
    state: State
    lines: tuple[StepLine, ...]
    share: tuple[int, int] | None = None  # how many of how many, to be drawn as a bar


def steps(found: Progress, words: Words, zone: str, now: datetime) -> tuple[ProgressStep, ...]:
    """The steps of the round in their order."""
    telling = _Telling(found, words, zone, now)
    return (
        telling.students(),
        telling.families(),
        telling.plannings(),
        telling.invite(),
        telling.booking(),
        telling.teachers(),
        telling.afterwards(),
    )


@dataclass(frozen=True)
class _Telling:
    found: Progress
    words: Words
    zone: str
    now: datetime

    @property
    def people(self) -> PeopleCounts:
        return self.found.people

    @property
    def talks(self) -> ConferenceCounts | None:
        return self.found.talks

    def students(self) -> ProgressStep:
        lines = tuple(self._students())
        state = State.DONE if self.people.students else State.NOW
        return self._step(self.words.say("Students"), "/desk/students", state, lines)

    def _students(self) -> Iterator[StepLine]:
        say, count, people = self.words.say, self.words.count, self.people
        if not people.students:
            yield StepLine(say("No students yet"), "/desk/students/import")
            return
        groups = count("%(number)s group", "%(number)s groups", people.groups)
        students = count("%(number)s student", "%(number)s students", people.students)
        yield StepLine(say("%(students)s in %(groups)s", students=students, groups=groups), "/desk/students")
        for datum, number in people.lacked.items():
            yield StepLine(count(*_LACKING[datum], number), f"/desk/students?lack={datum}", missing=True)

    def families(self) -> ProgressStep:
        lines, people = tuple(self._families()), self.people
        state = State.DONE if people.families else State.NOW if people.students else State.LATER
        return self._step(self.words.say("Families"), "/desk/families", state, lines)

    def _families(self) -> Iterator[StepLine]:
        say, count, people = self.words.say, self.words.count, self.people
        if people.families:
            yield StepLine(count("%(number)s family", "%(number)s families", people.families), "/desk/families")
        if people.without_family:
            one, many = "%(number)s child has no family", "%(number)s children have no family"
            yield StepLine(count(one, many, people.without_family), "/desk/families/make", missing=True)
        if people.families and people.kind is None:
            yield StepLine(say("What families type is not chosen yet"), "/desk/families/secret", missing=True)
        elif people.bare:
            one, many = "%(number)s family has no secret", "%(number)s families have no secret"
            yield StepLine(count(one, many, people.bare), "/desk/families?only=bare", missing=True)
        if people.review:
            one, many = "%(number)s case on the review list", "%(number)s cases on the review list"
            yield StepLine(count(one, many, people.review), "/desk/families/make", missing=True)

    def plannings(self) -> ProgressStep:
        title = self.words.say("Conference and plannings")
        if self.talks is None or not self.talks.tables:
            begun = bool(self.people.families)
            told = self.talks.name if self.talks else self.words.say("No conference yet")
            line = StepLine(told, "/desk/plannings")
            return ProgressStep(title, "/desk/plannings", State.NOW if begun else State.LATER, (line,))
        return self._step(title, "/desk/plannings", State.DONE, tuple(self._plannings(self.talks)))

    def _plannings(self, talks: ConferenceCounts) -> Iterator[StepLine]:
        count = self.words.count
        number = len(talks.published)
        published = count("%(number)s planning published", "%(number)s plannings published", number)
        yield StepLine(f"{talks.name}: {published}", "/desk/plannings")
        check = f"/desk/plannings/conferences/{talks.id}/publish"
        if talks.drafts:
            one, many = "%(number)s planning is a draft", "%(number)s plannings are drafts"
            yield StepLine(count(one, many, talks.drafts), check, missing=True)
        short = [] if self.found.over else sorted(talks.short, key=lambda table: (-table.short, table.title))
        for table in short[:SHOWN]:
            yield StepLine(self._room(table), f"/desk/plannings/{table.id}", missing=True)
        if len(short) > SHOWN:
            one, many = "%(number)s more planning with too few times", "%(number)s more plannings with too few times"
            yield StepLine(count(one, many, len(short) - SHOWN), check, missing=True)

    def _room(self, table: PlanningCounts) -> str:
        """`Groep 7: 26 children, 24 times`; talks where parents who live apart each have their own."""
        if table.talks > table.children:
            wanted = self.words.count("%(number)s talk", "%(number)s talks", table.talks)
        else:
            wanted = self.words.count("%(number)s child", "%(number)s children", table.children)
        times = self.words.count("%(number)s time", "%(number)s times", table.times)
        return f"{table.title}: {wanted}, {times}"

    def invite(self) -> ProgressStep:
        lines, people = tuple(self._invite()), self.people
        if people.invited or people.lettered or people.linked:
            state = State.DONE
        else:
            state = State.NOW if self.talks and self.talks.published else State.LATER
        return self._step(self.words.say("Invite the parents"), "/desk/invite", state, lines)

    def _invite(self) -> Iterator[StepLine]:
        say, people = self.words.say, self.people
        if not people.families:
            return
        of = {"families": people.families}
        if people.lettered:
            letters = say("Letters for %(number)s of %(families)s families", number=people.lettered, **of)
            yield StepLine(letters, "/desk/families/letters")
        else:
            yield StepLine(say("No letters made yet"), "/desk/families/letters")
        if people.invited:
            one, many = "%(number)s family got a message", "%(number)s families got a message"
            yield StepLine(self.words.count(one, many, people.invited), "/desk/invite")
        chats = say("%(number)s of %(families)s families have a chat", number=people.linked, **of)
        yield StepLine(chats, "/desk/families?only=not_linked")
        if people.unreachable:
            one, many = "%(number)s family cannot be reached", "%(number)s families cannot be reached"
            told = self.words.count(one, many, people.unreachable)
            yield StepLine(told, "/desk/families?only=unreachable", missing=True)

    def booking(self) -> ProgressStep:
        title, talks = self.words.say("Parents book"), self.talks
        if talks is None or not talks.published or talks.opens is None or talks.closes is None:
            return ProgressStep(title, "/desk/plannings", State.LATER, ())
        if self.now < talks.opens:
            told = self.words.say("Sign-up opens %(moment)s", moment=self._moment(talks.opens))
            return ProgressStep(title, "/desk/plannings", State.LATER, (StepLine(told, "/desk/plannings"),))
        waiting = any(table.waiting for table in talks.published)
        state = State.NOW if waiting and not self.found.over else State.DONE
        share = (talks.families_booked, talks.families)
        return ProgressStep(title, "/desk/plannings", state, tuple(self._booking(talks, talks.closes)), share)

    def _booking(self, talks: ConferenceCounts, closes: datetime) -> Iterator[StepLine]:
        say = self.words.say
        booked = say(
            "%(booked)s of %(families)s families have booked", booked=talks.families_booked, families=talks.families
        )
        yield StepLine(booked, "/desk/plannings")
        message = N_("Sign-up closes %(moment)s") if self.now < closes else N_("Sign-up closed %(moment)s")
        yield StepLine(say(message, moment=self._moment(closes)), "/desk/plannings")
        waiting = sorted((one for one in talks.published if one.waiting), key=lambda one: (-one.waiting, one.title))
        for table in waiting[:SHOWN]:
            values = {"planning": table.title, "waiting": table.waiting, "children": table.children}
            told = say("%(planning)s: %(waiting)s of %(children)s children without a talk", **values)
            yield StepLine(told, f"/desk/plannings/{table.id}")
        if len(waiting) > SHOWN:
            one, many = (
                "%(number)s more planning has children without a talk",
                N_("%(number)s more plannings have children without a talk"),
            )
            yield StepLine(self.words.count(one, many, len(waiting) - SHOWN), "/desk/plannings")
        yield StepLine(say("Lists and files"), "/desk/exports")

    def teachers(self) -> ProgressStep:
        lines = tuple(self._teachers())
        return self._step(
            self.words.say("Inform the teachers"),
            "/desk/school/staff",
            State.DONE if lines else State.LATER,
            lines,
        )

    def _teachers(self) -> Iterator[StepLine]:
        count, talks = self.words.count, self.talks
        if talks is None or not talks.teachers:
            return
        mailed = talks.teachers - talks.teachers_without_mail
        one, many = "%(number)s teacher gets a daily list by mail", "%(number)s teachers get a daily list by mail"
        yield StepLine(count(one, many, mailed), "/desk/plannings")
        if talks.teachers_without_mail:
            one, many = "%(number)s teacher has no e-mail address", "%(number)s teachers have no e-mail address"
            yield StepLine(count(one, many, talks.teachers_without_mail), "/desk/plannings", missing=True)
        values = {"number": talks.teachers_at_desk, "teachers": talks.teachers}
        yield StepLine(
            self.words.say("%(number)s of %(teachers)s teachers can sign in here", **values), "/desk/school/staff"
        )

    def afterwards(self) -> ProgressStep:
        say, talks, people = self.words.say, self.talks, self.people
        lines = []
        if talks is not None and talks.last is not None:
            message = N_("The last talk was %(day)s") if self.found.over else N_("The last talk is %(day)s")
            lines.append(StepLine(say(message, day=self.words.day(talks.last, self.zone)), "/desk/plannings"))
        if people.students:
            lines.append(StepLine(say("At the end of the year: move the groups up"), "/desk/students/year"))
        if people.leavers:
            one, many = "%(number)s child has left the school", "%(number)s children have left the school"
            lines.append(StepLine(self.words.count(one, many, people.leavers), "/desk/students?left=1"))
        state = State.NOW if self.found.over else State.LATER
        return ProgressStep(say("Afterwards"), "/desk/students/year", state, tuple(lines))

    def _step(self, title: str, path: str, state: State, lines: tuple[StepLine, ...]) -> ProgressStep:
        return ProgressStep(title, path, State.LOOK if any(line.missing for line in lines) else state, lines)

    def _moment(self, at: datetime) -> str:
        return self.words.moment(at, self.zone)

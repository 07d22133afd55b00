"""What an administrator does next: one sentence and one button, for somebody who opens the desk twice a year.

It reads the counts of the first page alone and asks the database nothing; it must never hide what is still missing
behind something that is less urgent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from messages.text import Words
from storage.school.progress_views import ConferenceCounts, PeopleCounts, Progress

SOON = timedelta(days=3)  # before sign-up closes: time to remind


@dataclass(frozen=True, slots=True)
class NextStep:
    """A sentence in the reader's language, and the button that leads there."""

    sentence: str
    button: str
    path: str


def next_step(found: Progress, words: Words, now: datetime) -> NextStep | None:
    """The first thing that keeps this round from going well; None when there is nothing to do but look."""
    if (step := _people(found.people, words)) is not None:
        return step
    if found.talks is None or not found.talks.tables:
        said = words.say("There are no plannings yet: which teacher has time for talks, and when?")
        return NextStep(said, words.say("Make plannings"), "/desk/plannings/many")
    if found.over:
        said = words.say("%(name)s is over. Make the next round whenever you like.", name=found.talks.name)
        return NextStep(said, words.say("Make the next round"), "/desk/plannings/conferences/new")
    for ask in (_drafts, _secrets, _times, _invite, _last_days):
        if (step := ask(found, found.talks, words, now)) is not None:
            return step
    return None


def _people(people: PeopleCounts, words: Words) -> NextStep | None:
    if not people.students:
        said = words.say("There are no students yet. Begin with a list from your student administration.")
        return NextStep(said, words.say("Import a list"), "/desk/students/import")
    if people.without_family:
        said = words.count(
            "%(number)s student has no family yet, so nobody can book for it.",
            "%(number)s students have no family yet, so nobody can book for them.",
            people.without_family,
        )
        return NextStep(said, words.say("Make families"), "/desk/families/make")
    if people.kind is None:
        said = words.say("Choose what parents type to come in, for instance their postcode and house number.")
        return NextStep(said, words.say("Choose the kind of secret"), "/desk/families/secret")
    return None


def _drafts(_found: Progress, talks: ConferenceCounts, words: Words, _now: datetime) -> NextStep | None:
    if not talks.drafts:
        return None
    said = words.count(
        "%(number)s planning is a draft: parents see it when you publish it.",
        "%(number)s plannings are drafts: parents see them when you publish them.",
        talks.drafts,
    )
    return NextStep(said, words.say("Check and publish"), f"/desk/plannings/conferences/{talks.id}/publish")


def _secrets(found: Progress, _talks: ConferenceCounts, words: Words, _now: datetime) -> NextStep | None:
    if not found.people.bare:
        return None
    said = words.count(
        "%(number)s family cannot sign in yet: give it a code of its own.",
        "%(number)s families cannot sign in yet: give each a code of its own.",
        found.people.bare,
    )
    return NextStep(said, words.say("Show these families"), "/desk/families?only=bare")


def _times(_found: Progress, talks: ConferenceCounts, words: Words, now: datetime) -> NextStep | None:
    if not talks.short or talks.closes is None or now >= talks.closes:
        return None
    worst = max(talks.short, key=lambda table: table.short)
    said = words.count(
        "“%(planning)s” is %(number)s time short: not every child can have a talk.",
        "“%(planning)s” is %(number)s times short: not every child can have a talk.",
        worst.short,
        planning=worst.title,
    )
    return NextStep(said, words.say("Add times"), f"/desk/plannings/{worst.id}/times")


def _invite(found: Progress, talks: ConferenceCounts, words: Words, now: datetime) -> NextStep | None:
    people = found.people
    if people.invited or people.lettered or people.linked or talks.closes is None or now >= talks.closes:
        return None
    said = words.say("All is ready. Tell the parents how they book: a letter with a QR code, or a message.")
    return NextStep(said, words.say("Invite the parents"), "/desk/invite")


def _last_days(_found: Progress, talks: ConferenceCounts, words: Words, now: datetime) -> NextStep | None:
    waiting = sum(table.waiting for table in talks.published)
    if talks.closes is None or now < talks.closes - SOON or not (waiting or now >= talks.closes):
        return None
    if not waiting:
        said = words.say("Sign-up is closed and every child has a talk. The lists are for the teachers and the door.")
        return NextStep(said, words.say("Lists and files"), "/desk/exports")
    children = "%(number)s child has no talk yet.", "%(number)s children have no talk yet."
    told = words.count(*children, waiting)
    if now < talks.closes:
        said = f"{told} {words.say('Sign-up closes soon: remind their parents.')}"
        return NextStep(said, words.say("Remind the parents"), "/desk/invite")
    said = f"{told} {words.say('Sign-up is closed: book for those who ask.')}"
    return NextStep(said, words.say("Look at the plannings"), "/desk/plannings")

"""What an administrator does next: one sentence and one button, for somebody who opens the desk twice a year.

It reads the counts of the first page alone and asks the database nothing; it must never hide what is still missing
behind something that is less urgent.
"""

from dataclasses import dataclass

from messages.text import Words
from storage.school.schools import SchoolState


@dataclass(frozen=True, slots=True)
class NextStep:
    """A sentence in the reader's language, and the button that leads there."""

    sentence: str
    button: str
    path: str


def next_step(state: SchoolState, secret_chosen: bool, words: Words) -> NextStep | None:
    """The first thing that keeps parents from booking; None when nothing does."""
    if not state.students:
        said = words.say("There are no students yet. Begin with a list from your student administration.")
        return NextStep(said, words.say("Import a list"), "/desk/students/import")
    if state.students_without_family:
        said = words.count(
            "%(number)s student has no family yet, so nobody can book for it.",
            "%(number)s students have no family yet, so nobody can book for them.",
            state.students_without_family,
        )
        return NextStep(said, words.say("Make families"), "/desk/families/make")
    if not secret_chosen:
        said = words.say("Choose what parents type to come in, for instance their postcode and house number.")
        return NextStep(said, words.say("Choose the kind of secret"), "/desk/families/secret")
    if not state.plannings_draft and not state.plannings_published:
        said = words.say("There are no plannings yet: which teacher has time for talks, and when?")
        return NextStep(said, words.say("Make plannings"), "/desk/plannings")
    return _small_things(state, words)


def _small_things(state: SchoolState, words: Words) -> NextStep | None:
    if state.plannings_draft:
        said = words.count(
            "%(number)s planning is a draft: parents see it when you publish it.",
            "%(number)s plannings are drafts: parents see them when you publish them.",
            state.plannings_draft,
        )
        return NextStep(said, words.say("Check and publish"), "/desk/plannings")
    if state.families_without_secret:
        said = words.count(
            "%(number)s family cannot sign in yet: give it a code of its own.",
            "%(number)s families cannot sign in yet: give each a code of its own.",
            state.families_without_secret,
        )
        return NextStep(said, words.say("Show these families"), "/desk/families?only=bare")
    return None

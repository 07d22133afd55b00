"""Refusals as sentences in the person's language. All of them stand here, those of refusals that
an area of storage defines for itself too. It decides nothing and never shows another person's data.
"""

from dataclasses import dataclass
from functools import singledispatch

from messages.findings import sentence as finding_sentence
from messages.labels import kind as kind_label
from messages.text import Words
from storage.access.credentials import MissingData
from storage.planning.bulk import OfOne
from storage.planning.readiness.findings import NotReady
from storage.refusals import (
    AlreadyBooked,
    Blocked,
    Booked,
    Closed,
    Invalid,
    LetterTooOld,
    LetterUnknown,
    LetterUsed,
    NotFound,
    NotYetOpen,
    OtherGroup,
    Overlaps,
    Past,
    Refusal,
    Taken,
    TeacherBusy,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads it: their words, the school's zone for moments, and whom they may ask (empty: nobody is named)."""

    words: Words
    zone: str
    contact: str = ""


def sentence(refusal: Refusal, words: Words, zone: str, contact: str = "") -> str:
    """Why it was not done, in one or two sentences of plain text.

    `zone` is the school's. Raises TypeError for a refusal without a sentence: a test walks them all.
    """
    return told(refusal, Reader(words, zone, contact))


@singledispatch
def told(refusal: Refusal, _to: Reader) -> str:
    """`sentence`, by the refusal's class."""
    raise TypeError(f"no sentence for {type(refusal).__name__}")


@told.register
def _not_found(_refusal: NotFound, to: Reader) -> str:
    return to.words.say("That is not there any more.")


@told.register
def _taken(_refusal: Taken, to: Reader) -> str:
    return to.words.say("That time has just been taken. Please choose another one.")


@told.register
def _blocked(_refusal: Blocked, to: Reader) -> str:
    return _asking(to.words.say("This family cannot book at the moment."), to)


@told.register
def _not_yet_open(refusal: NotYetOpen, to: Reader) -> str:
    return to.words.say("Sign-up opens on %(moment)s.", moment=to.words.moment(refusal.opens, to.zone))


@told.register
def _closed(refusal: Closed, to: Reader) -> str:
    moment = to.words.moment(refusal.closed, to.zone)
    return _asking(to.words.say("Sign-up closed on %(moment)s.", moment=moment), to)


@told.register
def _other_group(_refusal: OtherGroup, to: Reader) -> str:
    said = to.words.say("Your child is in another group now: this talk can be cancelled, but not moved.")
    return _asking(said, to)


@told.register
def _past(_refusal: Past, to: Reader) -> str:
    return to.words.say("That talk has already begun.")


@told.register
def _overlaps(refusal: Overlaps, to: Reader) -> str:
    return to.words.say(
        "That is too close to another talk of this family: %(moment)s–%(end)s.",
        moment=to.words.moment(refusal.start, to.zone),
        end=to.words.time(refusal.end, to.zone),
    )


@told.register
def _teacher_busy(_refusal: TeacherBusy, to: Reader) -> str:
    return to.words.say("The teacher has another talk at that time. Please choose another one.")


@told.register
def _already_booked(_refusal: AlreadyBooked, to: Reader) -> str:
    return to.words.say("A talk has been booked for this child already.")


@told.register
def _booked(refusal: Booked, to: Reader) -> str:
    return to.words.count(
        "There is %(number)s booking on it: move or cancel that first.",
        "There are %(number)s bookings on it: move or cancel those first.",
        refusal.count,
    )


@told.register
def _letter_used(_refusal: LetterUsed, to: Reader) -> str:
    return to.words.say(
        "This letter has been used already. You can still come in with your child's first name and your secret."
    )


@told.register
def _letter_too_old(refusal: LetterTooOld, to: Reader) -> str:
    return to.words.say(
        "The code in this letter worked until %(day)s. You can come in with your child's first name and your secret.",
        day=to.words.day(refusal.until, to.zone),
    )


@told.register
def _letter_unknown(_refusal: LetterUnknown, to: Reader) -> str:
    return _asking(to.words.say("This letter does not work here."), to)


@told.register
def _invalid(refusal: Invalid, to: Reader) -> str:
    # A value named `field` is a msgid itself: what a field is called in this language.
    values = {name: to.words.say(value) if name == "field" else value for name, value in refusal.values}
    return to.words.say(refusal.message, **values)


@told.register
def _lacking(refusal: MissingData, to: Reader) -> str:
    names = ", ".join(refusal.names) + (" …" if refusal.count > len(refusal.names) else "")
    return to.words.count(
        "%(number)s family has no %(kind)s: %(names)s.",
        "%(number)s families have no %(kind)s: %(names)s.",
        refusal.count,
        kind=kind_label(refusal.kind, to.words),
        names=names,
    )


@told.register
def _not_ready(refusal: NotReady, to: Reader) -> str:
    reasons = [finding_sentence(finding, to.words, to.zone, titled=True) for finding in refusal.wrong]
    return "\n".join([to.words.say("Nothing was published. First this must be put right:"), *reasons])


@told.register
def _of_one(refusal: OfOne, to: Reader) -> str:
    return f"{refusal.name}: {told(refusal.refusal, to)}"


def _asking(said: str, to: Reader) -> str:
    """The sentence, and whom a parent may ask (rule 14)."""
    if not to.contact:
        return said
    return f"{said} {to.words.say('Questions? Ask the school: %(contact)s.', contact=to.contact)}"

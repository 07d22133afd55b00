"""Findings of the check before publishing as sentences, at the desk and on the command line (D13)."""

from datetime import datetime

from messages.refusals import Reader, told
from messages.text import Words
from storage.planning.bulk import OfOne
from storage.planning.readiness.findings import Finding, NotReady, Value


def sentence(finding: Finding, words: Words, zone: str, *, titled: bool = False) -> str:
    """What was found; with `titled` after the planning's title, for a list of several plannings."""
    values = {name: _shown(value, words, zone) for name, value in finding.values}
    said = words.say(finding.message, **values)
    return f"{finding.title}: {said}" if titled and finding.title else said


@told.register
def _not_ready(refusal: NotReady, to: Reader) -> str:
    reasons = [sentence(finding, to.words, to.zone, titled=True) for finding in refusal.wrong]
    return "\n".join([to.words.say("Nothing was published. First this must be put right:"), *reasons])


@told.register
def _of_one(refusal: OfOne, to: Reader) -> str:
    return f"{refusal.name}: {told(refusal.refusal, to)}"


def _shown(value: Value, words: Words, zone: str) -> str | int:
    return words.moment(value, zone) if isinstance(value, datetime) else value

"""Findings of the check before publishing as sentences, at the desk and on the command line (D13)."""

from datetime import datetime

from messages.text import Words
from storage.planning.readiness.findings import Finding, Value


def sentence(finding: Finding, words: Words, zone: str, *, titled: bool = False) -> str:
    """What was found; with `titled` after the planning's title, for a list of several plannings."""
    values = {name: _shown(value, words, zone) for name, value in finding.values}
    said = words.say(finding.message, **values)
    return f"{finding.title}: {said}" if titled and finding.title else said


def _shown(value: Value, words: Words, zone: str) -> str | int:
    return words.moment(value, zone) if isinstance(value, datetime) else value

"""What a check of plannings found, as data (D13). The edge turns a finding into a sentence.

A *wrong* finding keeps a planning from being published, a *warning* does not. Imports only words.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.words import Refusal

Value = str | int | datetime


class Severity(StrEnum):
    WRONG = "wrong"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `planning_id` None: it speaks of the whole school.

    `message` is an English msgid, `values` fill its %(name)s places (moments in UTC, shown in the school's zone).
    """

    severity: Severity
    message: str
    values: tuple[tuple[str, Value], ...] = ()
    planning_id: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class NotReady(Refusal):
    """Not published: what is wrong, and the warnings beside it."""

    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.WRONG)

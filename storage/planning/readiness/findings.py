"""What a check of plannings found, as data (D13). The edge turns a finding into a sentence.

A *wrong* finding keeps a planning from being published, a *warning* does not. Imports only words.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.refusals import Refusal

Value = str | int | datetime


class Severity(StrEnum):
    WRONG = "wrong"
    WARNING = "warning"


class FindingSubject(StrEnum):
    """What a finding speaks of, so that it is shown there and mended there."""

    SECRETS = "secrets"
    GROUPS = "groups"
    CHILDREN = "children"
    TIMES = "times"
    STEP = "step"  # times out of step with colleagues'
    CLASH = "clash"  # a teacher or a family in two places at once
    OPENS = "opens"
    OPENS_EARLY = "opens_early"
    CLOSES = "closes"
    TEACHERS = "teachers"
    MAIL = "mail"  # mails asked for, and nobody to send them to


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `planning_id` None: it speaks of the whole school. `other_id`: a second planning in it.

    `message` is an English msgid, `values` fill its %(name)s places (moments in UTC, shown in the school's zone).
    """

    severity: Severity
    message: str
    values: tuple[tuple[str, Value], ...] = ()
    planning_id: int | None = None
    title: str = ""
    about: FindingSubject = FindingSubject.SECRETS
    other_id: int | None = None


@dataclass(frozen=True, slots=True)
class NotReady(Refusal):
    """Not published: what is wrong, and the warnings beside it."""

    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.WRONG)

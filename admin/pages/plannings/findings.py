"""Findings of the check as a page shows them: beside what they speak of, each with the way to mend it (D13).

It decides nothing; who may not change a planning is given no link that would refuse them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from admin.web.desk import Desk
from messages.findings import sentence
from storage.msgids import N_
from storage.planning.readiness.findings import Finding, FindingSubject, Severity

_EDIT = {
    FindingSubject.GROUPS: (N_("Choose groups"), "groups"),
    FindingSubject.OPENS: (N_("Change it"), "opens"),
    FindingSubject.OPENS_EARLY: (N_("Change it"), "opens_early"),
    FindingSubject.CLOSES: (N_("Change it"), "closes"),
    FindingSubject.TEACHERS: (N_("Give it a teacher or an address"), "teachers"),
    FindingSubject.MAIL: (N_("Give an address"), "teachers"),
}


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding: how bad, in words, what of, and the link (`path` "" for none) with what it says."""

    wrong: bool
    sentence: str
    about: str
    planning_id: int
    path: str
    label: str


def finding_lines(desk: Desk, findings: Iterable[Finding]) -> list[FindingLine]:
    """In the reader's words, the wrong ones first."""
    found = []
    for one in findings:
        path, label = _mended(one) if desk.administrator else ("", "")
        wrong, said = one.severity is Severity.WRONG, sentence(one, desk.words, desk.zone)
        shown = desk.words.say(label) if label else ""
        found.append(FindingLine(wrong, said, str(one.about), one.planning_id or 0, path, shown))
    return sorted(found, key=lambda one: not one.wrong)


def by_planning(desk: Desk, findings: Iterable[Finding]) -> dict[int, list[FindingLine]]:
    """Planning (0: the school) → what is to be said of it."""
    found: dict[int, list[FindingLine]] = defaultdict(list)
    for one in finding_lines(desk, findings):
        found[one.planning_id].append(one)
    return found


def _mended(finding: Finding) -> tuple[str, str]:
    """Where, and what the link says (a msgid)."""
    planning = f"/desk/plannings/{finding.planning_id}"
    match finding.about:
        case FindingSubject.SECRETS:
            return "/desk/families/secret", N_("To the secrets")
        case FindingSubject.CHILDREN:
            return "/desk/families/make", N_("Make families")
        case FindingSubject.TIMES:
            return f"{planning}/times", N_("Add times")
        case FindingSubject.STEP:
            return f"{planning}/step?as={finding.other_id}", N_("Put them in step")
        case FindingSubject.CLASH:
            return f"/desk/plannings/{finding.other_id}", N_("Look at the other one")
    label, field = _EDIT[finding.about]
    return f"{planning}/edit#{field}", label

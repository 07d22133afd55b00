"""When a talk is, and whether somebody could be at two of them (rule 10). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class TalkSpan:
    """A talk's time; `end` is exclusive. `planning_id` tells whether one must walk from another (rule 10)."""

    start: datetime
    end: datetime
    planning_id: int


def overlap(one: TalkSpan, other: TalkSpan, walking: timedelta = timedelta(0)) -> bool:
    """Whether nobody can be at both, walking time between two plannings included (rule 10)."""
    apart = walking if one.planning_id != other.planning_id else timedelta(0)
    return one.start < other.end + apart and other.start < one.end + apart

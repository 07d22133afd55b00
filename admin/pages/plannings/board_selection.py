"""What is taken up on the board of a planning, to be put down on a free time: a child, or a talk that is booked.

It stands in the page's address, so that booking and moving take two taps without any script.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.planning.views.candidates import Candidate
from storage.planning.views.planning_board import PlanningView

_CHILD = re.compile(r"c(\d{1,10})-(\d{1,10})")
_TALK = re.compile(r"t(\d{1,10})")


@dataclass(frozen=True, slots=True)
class BoardSelection:
    """A child of a family; `booking_id`, `slot_id` and `start` when it is a talk that is moved."""

    name: str
    family: str
    student_id: int
    family_id: int
    booking_id: int | None = None
    slot_id: int | None = None
    start: datetime | None = None


def board_selection(view: PlanningView, found: Sequence[Candidate], text: str) -> BoardSelection | None:
    """None for nothing, and for what is not, or no longer, of this planning."""
    if child := _CHILD.fullmatch(text):
        wanted = (int(child[1]), int(child[2]))
        for one in found:
            if one.family_id is not None and (one.student_id, one.family_id) == wanted:
                return BoardSelection(one.student, one.family, one.student_id, one.family_id)
    if talk := _TALK.fullmatch(text):
        for block in (block for day in view.days for block in day.blocks):
            held = block.booking
            if held is not None and held.id == int(talk[1]):
                ids = (held.student_id, held.family_id, held.id, block.slot_id)
                return BoardSelection(held.student, held.family, *ids, block.start)
    return None

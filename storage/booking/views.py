"""What is told of bookings: frozen values, never live rows."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking with all that a card, a calendar file or a list says of it. Moments are UTC."""

    id: int
    school_id: int
    family_id: int
    family_name: str
    student_id: int
    first_name: str  # as the child is called (`person_names.called`)
    student_name: str  # as it is called, prefix, last name
    planning_id: int
    conference: str
    title: str
    teachers: tuple[str, ...]
    room: str
    remarks: str
    slot_id: int
    start: datetime
    end: datetime
    revision: int
    cancelled: bool


class StillPossible(StrEnum):
    """What a family can still do about a talk that it holds."""

    POSSIBLE = "possible"
    SOON = "soon"  # sign-up has not opened yet: it can be cancelled
    OTHER_GROUP = "other_group"  # the child takes part no more: it can be cancelled, not moved
    CLOSED = "closed"
    BEGUN = "begun"
    OVER = "over"


class Phase(StrEnum):
    """Where sign-up stands for one family."""

    SOON = "soon"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TalkOffer:
    """One planning as one child's family sees it (P6). `opens` is this family's own (P7).

    `booking` is the family's; `invited` is the talk that the child's other family holds under the policy *together*
    (rule 12): of that family nothing is told. `free` counts the times that can really work. `takes_part`: the child is
    in a group of the planning, and it is published.
    """

    planning_id: int
    conference: str
    title: str
    teachers: tuple[str, ...]
    room: str
    remarks: str
    opens: datetime
    closes: datetime
    phase: Phase
    booking: BookingView | None
    invited: BookingView | None
    free: int
    takes_part: bool = True

    def change(self, now: datetime) -> StillPossible:
        """What can be done about `booking`, which must be there."""
        assert self.booking is not None
        if now >= self.booking.start:
            return StillPossible.OVER if now >= self.booking.end else StillPossible.BEGUN
        if self.phase is Phase.CLOSED:
            return StillPossible.CLOSED
        if not self.takes_part:
            return StillPossible.OTHER_GROUP
        return StillPossible.SOON if self.phase is Phase.SOON else StillPossible.POSSIBLE


@dataclass(frozen=True, slots=True)
class ChildOffers:
    student_id: int
    first_name: str  # as the child is called
    talks: tuple[TalkOffer, ...]


@dataclass(frozen=True, slots=True)
class DayOffer:
    """A day in the school's zone, with how many of its times can work."""

    date: date
    free: int


@dataclass(frozen=True, slots=True)
class SlotOffer:
    slot_id: int
    start: datetime
    end: datetime
    free: bool

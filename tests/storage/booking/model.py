"""Booking as a dozen lines of plain Python: what test_machine holds the real thing against (B4).

It knows no database, no lock and no constraint. Where two refusals are both true, either may be given.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class ASlot:
    planning: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class ABooking:
    slot: int
    family: int
    student: int
    one_of: int | None  # 0, the family, or None where staff overruled (rule 12)
    revision: int = 0
    by_parents: bool = True  # no member of staff ever touched it


@dataclass
class Model:
    """`children` are (family, student); `groups` the plannings that a student takes part in."""

    slots: dict[int, ASlot]
    children: list[tuple[int, int]]
    groups: dict[int, set[int]]
    teachers: dict[int, set[int]]
    mailed: dict[int, int]  # planning → teachers who get a mail at each booking
    chats: dict[int, int]  # family → linked chats
    addresses: set[int]  # families with a mail address
    each: bool
    walking: timedelta
    closed: bool = False
    blocked: set[int] = field(default_factory=set)
    breaks: set[int] = field(default_factory=set)
    live: dict[int, ABooking] = field(default_factory=dict)
    notices: int = 0
    changes: int = 0

    def book(self, family: int, student: int, slot: int, staff: bool) -> set[str]:
        """The refusals that may be given; none when it is booked. `done` when it was so already."""
        if any((one.slot, one.family, one.student) == (slot, family, student) for one in self.live.values()):
            return {"done"}
        planning = self.slots[slot].planning
        holder = self.holder(slot)
        if staff:
            return {"Taken"} if holder else set()
        if refusals := self._not_allowed(family, student, slot):
            return refusals
        mine = [one for one in self.live.values() if one.family == family and one.student == student]
        if any(self.slots[one.slot].planning == planning for one in mine):
            return {"AlreadyBooked"}
        if refusals := self._in_the_way(family, slot, 0):
            return refusals
        if holder:
            return {"Taken"}
        return {"AlreadyBooked"} if self._one_of_taken(planning, student, self.one_of(family)) else set()

    def move(self, booking: int, slot: int, staff: bool) -> set[str]:
        one = self.live.get(booking)
        if one is None or self.slots[one.slot].planning != self.slots[slot].planning:
            return {"NotFound"}
        if one.slot == slot:
            return {"done"}
        if not staff:
            refusals = self._not_allowed(one.family, one.student, slot) or self._in_the_way(one.family, slot, booking)
            if refusals:
                return refusals
        return {"Taken"} if self.holder(slot) else set()

    def cancel(self, booking: int, staff: bool) -> set[str]:
        one = self.live.get(booking)
        if one is None:
            return {"NotFound"}
        if staff:
            return set()
        return {"Blocked"} if one.family in self.blocked else {"Closed"} if self.closed else set()

    def booked(self, booking: int, family: int, student: int, slot: int, staff: bool) -> None:
        one_of: int | None = self.one_of(family)
        if staff and self._one_of_taken(self.slots[slot].planning, student, one_of):
            one_of = None
        self.live[booking] = ABooking(slot, family, student, one_of, by_parents=not staff)
        self._told(self.live[booking], staff)

    def moved(self, booking: int, slot: int, staff: bool) -> None:
        one = self.live[booking]
        by_parents = one.by_parents and not staff
        self.live[booking] = replace(one, slot=slot, revision=one.revision + 1, by_parents=by_parents)
        self._told(self.live[booking], staff)

    def cancelled(self, booking: int, staff: bool) -> None:
        self._told(self.live.pop(booking), staff)

    def holder(self, slot: int) -> int | None:
        return next((id_ for id_, one in self.live.items() if one.slot == slot), None)

    def one_of(self, family: int) -> int:
        return family if self.each else 0

    def apart(self, one: int, other: int, walking: timedelta) -> bool:
        """Whether somebody can be at both slots."""
        first, second = sorted((self.slots[one], self.slots[other]), key=lambda slot: slot.start)
        return second.start >= first.end + (walking if first.planning != second.planning else timedelta())

    def share_a_teacher(self, one: int, other: int) -> bool:
        return bool(self.teachers[self.slots[one].planning] & self.teachers[self.slots[other].planning])

    def _one_of_taken(self, planning: int, student: int, one_of: int | None) -> bool:
        same = (planning, student, one_of)
        return any((self.slots[one.slot].planning, one.student, one.one_of) == same for one in self.live.values())

    def _not_allowed(self, family: int, student: int, slot: int) -> set[str]:
        if family in self.blocked:
            return {"Blocked"}
        if self.slots[slot].planning not in self.groups[student]:
            return {"NotFound"}
        if self.closed:
            return {"Closed"}
        return {"Taken"} if slot in self.breaks else set()

    def _in_the_way(self, family: int, slot: int, moving: int) -> set[str]:
        refusals = set()
        for booking, other in self.live.items():
            if booking == moving or other.slot == slot:
                same_family = booking != moving and other.family == family
                refusals |= {"Overlaps"} if same_family else set()
                continue
            if other.family == family and not self.apart(slot, other.slot, self.walking):
                refusals.add("Overlaps")
            in_two_places = self.share_a_teacher(slot, other.slot) and not self.apart(slot, other.slot, timedelta())
            if in_two_places:
                refusals.add("TeacherBusy")
        return refusals

    def _told(self, one: ABooking, staff: bool) -> None:
        """A mail for each teacher who asked; for each household a message to each chat, or a mail where it has none."""
        invited = {family for family, student in self.children if student == one.student and not self.each}
        households = {one.family, *invited} - self.blocked
        self.notices += self.mailed[self.slots[one.slot].planning]
        self.notices += sum(
            self.chats.get(family, 0) or int(staff or family in self.addresses) for family in households
        )
        self.changes += 1

"""What a button says when it is tapped: one class for each kind of tap, with its numbers by name.

On the wire a tap is its verb and its numbers in base 36, in the order of the fields: `move.761.2a`, ≤ 64 bytes, the
whole meaning of the tap. Numbers that have a default may be left out at the end. Buttons stay tappable for ever, so a
verb keeps its meaning, and a number that is added comes last and has a default.

A client can send any bytes: `unpack` answers None for what is not a tap of ours, and whoever acts on one checks every
number anew (rule 6).
"""

import string
from dataclasses import MISSING, dataclass, fields
from typing import ClassVar

_DIGITS = string.digits + string.ascii_lowercase
MOST_BYTES = 64
MOST_NUMBER = 2**31 - 1  # what an id can be
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """Each kind has a verb (lower-case letters) and names its numbers (0 to MOST_NUMBER)."""

    verb: ClassVar[str]

    def numbers(self) -> dict[str, int]:
        """By name, in the order of the wire."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def pack(self) -> str:
        """`ShowDaysToMove(family_id=9289, booking_id=82)` → `move.761.2a`. Raises ValueError over 64 bytes."""
        numbers = list(self.numbers().values())
        for field in reversed(fields(self)):
            if numbers[-1] != field.default:
                break
            numbers.pop()
        packed = ".".join((self.verb, *map(_base36, numbers)))
        if len(packed) > MOST_BYTES:
            raise ValueError("a tap over 64 bytes")
        return packed


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkTap(Tap):
    """Of a talk to book: a child of a family, and a planning."""

    family_id: int
    student_id: int
    planning_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingTap(Tap):
    """Of a talk that is booked."""

    family_id: int
    booking_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDays(TalkTap):
    verb = "days"
    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTimes(TalkTap):
    """`day` is a date's proleptic number, here and below."""

    verb = "times"
    day: int
    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Book(TalkTap):
    """Take a time. The planning and the day only say what to show when it is refused."""

    verb = "book"
    day: int
    slot_id: int


class ShowBooking(BookingTap):
    verb = "mine"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDaysToMove(BookingTap):
    verb = "move"
    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTimesToMove(BookingTap):
    verb = "when"
    day: int
    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveTo(BookingTap):
    """Take another time for a talk. The day only says what to show when it is refused."""

    verb = "moveto"
    day: int
    slot_id: int


class AskCancel(BookingTap):
    verb = "cancel"


class Cancel(BookingTap):
    verb = "drop"


class SendFile(BookingTap):
    """The talk's calendar file, into this chat."""

    verb = "file"


class SendFiles(Tap):
    """The calendar files of all talks to come."""

    verb = "files"


class Seen(Tap):
    """What stands on top of the screen has been read."""

    verb = "seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disown(Tap):
    """The chat that came in is none of this family's."""

    verb = "disown"
    family_id: int
    chat_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowOverview(Tap):
    verb = "home"
    page: int = 0


class ShowSettings(Tap):
    verb = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseLanguage(Tap):
    """A language by the letters of its code, read in base 36: `nl` is 849."""

    verb = "speak"
    letters: int


class ShowFamilies(Tap):
    """The families and schools of this chat."""

    verb = "families"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchFamily(Tap):
    verb = "switch"
    school_id: int
    family_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterSchool(Tap):
    """A school chosen from a list."""

    verb = "school"
    school_id: int


class AskSchool(Tap):
    """Another school."""

    verb = "other"


class AddFamily(Tap):
    verb = "add"


class AskFirstNameAgain(Tap):
    verb = "again"


class BackToFamily(Tap):
    """Out of signing in with another family."""

    verb = "back"


class AskAddress(Tap):
    """Where mail may go, for a family that is on the web page alone."""

    verb = "mailme"


class AskLogOut(Tap):
    verb = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOut(Tap):
    verb = "logout"
    family_id: int


KINDS: dict[str, type[Tap]] = {
    kind.verb: kind
    for kind in (
        *(ShowDays, ShowTimes, Book),
        *(ShowBooking, ShowDaysToMove, ShowTimesToMove, MoveTo, AskCancel, Cancel),
        *(SendFile, SendFiles, Seen, Disown),
        *(ShowOverview, ShowSettings, ChooseLanguage, ShowFamilies, SwitchFamily, EnterSchool),
        *(AskSchool, AddFamily, AskFirstNameAgain, BackToFamily, AskAddress, AskLogOut, LogOut),
    )
}


def unpack(packed: str) -> Tap | None:
    """The tap that `pack` wrote, or None for anything else."""
    if not packed or len(packed) > MOST_BYTES or not packed.isascii():
        return None
    verb, *parts = packed.split(".")
    if any(not part or len(part) > _MOST_DIGITS or part.strip(_DIGITS) for part in parts):
        return None
    kind, numbers = KINDS.get(verb), [int(part, 36) for part in parts]
    return _tap(kind, numbers) if kind else None


def _tap(kind: type[Tap], numbers: list[int]) -> Tap | None:
    """None where there are too few or too many numbers, or one that no id can be."""
    named = fields(kind)
    least = sum(field.default is MISSING for field in named)
    if not least <= len(numbers) <= len(named) or any(number > MOST_NUMBER for number in numbers):
        return None
    return kind(**{field.name: number for field, number in zip(named, numbers, strict=False)})


def _base36(number: int) -> str:
    if number < 0:
        raise ValueError("a tap carries no negative numbers")
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits

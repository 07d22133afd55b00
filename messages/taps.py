"""What a button says when it is tapped: a verb and a few numbers, ≤ 64 bytes, the whole meaning of the tap.

Buttons stay tappable for ever and a client can send any bytes: `unpack` answers None for what is not a tap,
and whoever acts on one checks every number anew (rule 6).
"""

import string
from dataclasses import dataclass

_DIGITS = string.digits + string.ascii_lowercase
MOST_BYTES = 64
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Tap:
    """A verb (lower-case letters) and its numbers (≥ 0)."""

    verb: str
    numbers: tuple[int, ...] = ()

    def pack(self) -> str:
        """`Tap("b", (9291, 82))` → `b.761.2a`. Raises ValueError over 64 bytes."""
        packed = ".".join((self.verb, *map(_base36, self.numbers)))
        if len(packed) > MOST_BYTES:
            raise ValueError("a tap over 64 bytes")
        return packed


def tap(verb: str, *numbers: int) -> Tap:
    return Tap(verb, numbers)


def unpack(packed: str) -> Tap | None:
    """The tap that `pack` wrote, or None for anything else."""
    if not packed or len(packed) > MOST_BYTES or not packed.isascii():
        return None
    verb, *parts = packed.split(".")
    if not (verb.isalpha() and verb.islower()):
        return None
    numbers = []
    for part in parts:
        if not part or len(part) > _MOST_DIGITS or part.strip(_DIGITS):
            return None
        numbers.append(int(part, 36))
    return Tap(verb, tuple(numbers))


def _base36(number: int) -> str:
    if number < 0:
        raise ValueError("a tap carries no negative numbers")
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits

"""A text as people type it or a sheet holds it, brought to one tidy form, or refused with a reason."""

import unicodedata
from collections.abc import Callable
from typing import TypeVar

from storage.msgids import N_, Values, pairs

V = TypeVar("V")

_SPACES = " \t\u00a0\u202f\u2007"
# Marks that change how a text is shown and nothing else; a name with one of them is not another name.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x61C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


class BadCell(Exception):
    """A check refuses a cell; `reason` is an English msgid."""

    def __init__(self, reason: str, values: Values = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


class LeftOut(BadCell):
    """Only a part of a cell can be used: `kept` is its value, and the reason says what was left out."""

    def __init__(self, kept: object, reason: str, values: Values = ()) -> None:
        super().__init__(reason, values)
        self.kept = kept


# What people type where a list wants something and they have nothing, or do not tell it.
_NOTHING = frozenset((
    "geheim", "geheim nummer", "onbekend", "niet bekend", "geen", "nvt", "n.v.t.", "n.v.t", "niet van toepassing",
    "n/a", "none", "unknown", "leeg", "secret", "keine", "aucun",
))  # fmt: skip


def says_nothing(text: str) -> bool:
    """Whether a cell is as good as empty: `-`, `onbekend`, `Geheim`."""
    bare = text.strip()
    return (not any(map(str.isalnum, bare)) and "+" not in bare) or bare.casefold() in _NOTHING


def tidy(text: str, longest: int, *, lines: bool = False) -> str:
    """A text with single spaces, composed letters and no invisible marks. Raises BadCell.

    Refused: longer than `longest`, control characters, line ends (unless `lines`: remarks may have them).
    """
    if text.isprintable():
        text = " ".join(text.split(" ")) if "  " not in text else " ".join(text.split())
        text = text.strip()
    else:
        text = _made_visible(text, lines)
    if len(text) > longest:
        raise BadCell(N_("“%(value)s” is longer than %(most)s characters."), pairs(value=text, most=longest))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _made_visible(text: str, lines: bool) -> str:
    text = text.translate(_INVISIBLE)
    if lines:
        parts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join(_made_visible(part, False) for part in parts).strip()
    text = " ".join(part for part in text.translate(dict.fromkeys(map(ord, _SPACES), " ")).split(" ") if part)
    for letter in text:
        if not letter.isprintable() and unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp"):
            raise BadCell(N_("“%(value)s” holds a line end or a control character."), pairs(value=text))
    return text


def needed(check: Callable[[str], V], missing: str) -> Callable[[str], V]:
    """A check that refuses an empty cell first, with the msgid `missing`."""

    def checked(text: str) -> V:
        if not text or text.isspace():
            raise BadCell(missing)
        return check(text)

    return checked


def list_of(text: str, longest: int) -> tuple[str, ...]:
    """Names separated by commas, each once, in order. Raises BadCell."""
    names = (tidy(part, longest) for part in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def whole_number(text: str) -> str:
    """A number that a spreadsheet wrote as a fraction as people write it: `1234.0` → `1234`."""
    head, dot, tail = text.partition(".")
    return head if dot and head.isdigit() and tail and not tail.strip("0") else text

"""How a sheet's cells become checked values, column by column, with an error for each cell that is refused.

A file repeats itself: the same group, postcode and surname stand in many rows. So each column has a memo, and
a value is checked once; 50,000 rows cost little more than reading them. Knows no field by name.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import compress
from operator import itemgetter
from typing import Any, Generic, TypeVar

from storage.importing.reading import Sheet
from storage.importing.reasons import N_, RowError, Values, pairs

T = TypeVar("T")
V = TypeVar("V")

USUAL_EMAIL = re.compile(r"(?=.{6,64}\Z)\w+(?:[.+-]\w+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}", re.ASCII)
_SPACES = " \t\u00a0\u202f\u2007"
# Marks that change how a text is shown and nothing else; a name with one of them is not another name.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x61C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """Checked rows and what was refused. `fields` are those that the file has: others are unknown, not empty.

    A row with an error is not among `rows`. Errors are in the order of the file.
    """

    rows: tuple[T, ...]
    errors: tuple[RowError, ...]
    fields: frozenset[str]


class BadCell(Exception):
    """A check refuses a cell; `reason` is an English msgid."""

    def __init__(self, reason: str, values: Values = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


class Memo(dict[str, V]):
    """Text → checked value, each text checked once. What was refused is kept in `bad`, with `blank` as value."""

    def __init__(self, check: Callable[[str], V], blank: V) -> None:
        super().__init__()
        self.check = check
        self.blank = blank
        self.bad: dict[str, BadCell] = {}

    def __missing__(self, text: str) -> V:
        try:
            value = self.check(text)
        except BadCell as refused:
            self.bad[text] = refused
            value = self.blank
        self[text] = value
        return value


@dataclass(slots=True)
class Table:
    """The rows of a sheet that have as many cells as its header, and the columns that were chosen."""

    lines: list[int]
    cells: list[tuple[str, ...]]
    places: dict[str, list[int]]
    headers: tuple[str, ...]
    errors: list[tuple[int, int, RowError]] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)

    def text(self, name: str) -> list[str]:
        """The cells of a field as they stand; cells of a JOINED field's columns are put together."""
        first, *others = self.places[name]
        if not others:
            return list(map(itemgetter(first), self.cells))
        between = "," if name == "group" else " "
        places = self.places[name]
        return [between.join(filter(None, (cells[place].strip() for place in places))) for cells in self.cells]

    def check(self, name: str, check: Callable[[str], V], blank: V, usual: re.Pattern[str] | None = None) -> list[V]:
        """The checked values of a field, one for each row; `blank` where there is no column or no good value.

        A text that `usual` matches is its own value: for columns of which hardly any cell stands there twice.
        """
        if name not in self.places:
            return [blank] * len(self.lines)
        memo = Memo(check, blank)
        texts = self.text(name)
        if usual:
            matches = usual.fullmatch
            values: list[Any] = [text if matches(text) else memo[text] for text in texts]
        else:
            values = list(map(memo.__getitem__, texts))
        if memo.bad:
            for row, text in enumerate(texts):
                if text in memo.bad:
                    self.refuse(row, name, memo.bad[text].reason, memo.bad[text].values)
        return values

    def refuse(self, row: int, name: str, reason: str, values: Values = ()) -> None:
        place = self.places[name][0] if name in self.places else -1
        header = self.headers[place] if place >= 0 else None
        self.errors.append((self.lines[row], place, RowError(self.lines[row], header, reason, values)))
        self.refused.add(row)

    def read(self, rows: Iterable[T]) -> Read[T]:
        """What is left of `rows` (one for each line, in order) when those with an error are taken out."""
        if self.refused:
            rows = compress(rows, [row not in self.refused for row in range(len(self.lines))])
        errors = tuple(error for _, _, error in sorted(self.errors, key=lambda found: found[:2]))
        return Read(tuple(rows), errors, frozenset(self.places))


def table(sheet: Sheet, chosen: Mapping[str, str]) -> Table:
    """The sheet's columns by field; rows that are shorter or longer than the header become errors."""
    places: dict[str, list[int]] = {}
    for place, header in enumerate(sheet.headers):
        if header in chosen:
            places.setdefault(chosen[header], []).append(place)
    width = len(sheet.headers)
    good = [row for row in sheet.rows if len(row[1]) == width]
    made = Table([row[0] for row in good], [row[1] for row in good], places, sheet.headers)
    if len(good) < len(sheet.rows):
        for line, cells in sheet.rows:
            if len(cells) != width:
                reason = N_("This row has %(cells)s cells, the header has %(headers)s.")
                error = RowError(line, None, reason, pairs(cells=len(cells), headers=width))
                made.errors.append((line, -1, error))
    return made


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


def email(text: str) -> str:
    """One plausible e-mail address, or ''. Raises BadCell."""
    address = tidy(text, 254)
    if not address:
        return ""
    local, at, domain = address.rpartition("@")
    labels = domain.split(".")
    plausible = (
        at
        and 0 < len(local) <= 64
        and len(labels) > 1
        and all(labels)
        and not set(address) & set(' ,;:<>()[]"\\')
        and "@" not in local
        and not (local.startswith(".") or local.endswith(".") or ".." in local)
        and all(label.replace("-", "").isalnum() and label.strip("-") == label for label in labels)
    )
    if not plausible:
        raise BadCell(N_("“%(value)s” is not one e-mail address."), pairs(value=address))
    return address


def whole_number(text: str) -> str:
    """A number that a spreadsheet wrote as a fraction as people write it: `1234.0` → `1234`."""
    head, dot, tail = text.partition(".")
    return head if dot and head.isdigit() and tail and not tail.strip("0") else text

"""How a sheet's cells become checked values, column by column, with an error for each cell that is refused.

A file repeats itself: the same group, postcode and surname stand in many rows. So each column has a memo, and
a value is checked once; 50,000 rows cost little more than reading them. Knows no field by name.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import compress
from operator import itemgetter
from typing import Any, Generic, TypeVar, cast

from storage.importing.files.limits import RowError
from storage.importing.files.reading import Sheet
from storage.msgids import N_, Values, pairs
from storage.values.text import BadCell, LeftOut

T = TypeVar("T")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """Checked rows and what was refused. `fields` are those that the file has: others are unknown, not empty.

    A row with an error is not among `rows`. `remarks` name what was left out of rows that are, and rows that were
    passed over. Both are in the order of the file.
    """

    rows: tuple[T, ...]
    errors: tuple[RowError, ...]
    fields: frozenset[str]
    remarks: tuple[RowError, ...] = ()


class Memo(dict[str, V]):
    """Text → checked value, each text checked once. What was refused is kept in `bad`, with as value what of it can be
    used, else `blank`."""

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
            value = cast(V, refused.kept) if isinstance(refused, LeftOut) else self.blank
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
    remarks: list[tuple[int, int, RowError]] = field(default_factory=list)

    def text(self, name: str) -> list[str]:
        """The cells of a field as they stand; cells of a JOINED field's columns are put together."""
        first, *others = self.places[name]
        if not others:
            return list(map(itemgetter(first), self.cells))
        between = {"group": ",", "email": ", "}.get(name, " ")
        places = self.places[name]
        return [between.join(filter(None, (cells[place].strip() for place in places))) for cells in self.cells]

    def check(
        self,
        name: str,
        check: Callable[[str], V],
        blank: V,
        usual: re.Pattern[str] | None = None,
        *,
        optional: bool = False,
    ) -> list[V]:
        """The checked values of a field, one for each row; `blank` where there is no column or no good value.

        A cell that cannot be read refuses its row; an `optional` one is left out and named. A text that `usual`
        matches is its own value: for columns of which hardly any cell stands there twice.
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
                if bad := memo.bad.get(text):
                    say = self.remark if optional or isinstance(bad, LeftOut) else self.refuse
                    say(row, name, bad.reason, bad.values)
        return values

    def refuse(self, row: int, name: str, reason: str, values: Values = ()) -> None:
        self.errors.append(self._named(row, name, reason, values))
        self.refused.add(row)

    def remark(self, row: int, name: str, reason: str, values: Values = ()) -> None:
        """What was left out of a row that stays."""
        self.remarks.append(self._named(row, name, reason, values))

    def _named(self, row: int, name: str, reason: str, values: Values) -> tuple[int, int, RowError]:
        place = self.places[name][0] if name in self.places else -1
        header = self.headers[place] if place >= 0 else None
        return self.lines[row], place, RowError(self.lines[row], header, reason, values)

    def read(self, rows: Iterable[T]) -> Read[T]:
        """What is left of `rows` (one for each line, in order) when those with an error are taken out."""
        if self.refused:
            rows = compress(rows, [row not in self.refused for row in range(len(self.lines))])
        return Read(tuple(rows), _in_order(self.errors), frozenset(self.places), _in_order(self.remarks))


def _in_order(found: Iterable[tuple[int, int, RowError]]) -> tuple[RowError, ...]:
    return tuple(named for _, _, named in sorted(found, key=lambda one: one[:2]))


def table(sheet: Sheet, chosen: Mapping[str, str]) -> Table:
    """The sheet's columns by field; rows that are longer than the header become errors."""
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

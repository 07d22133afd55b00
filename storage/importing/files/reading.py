"""From the bytes of an uploaded file to a sheet of text: headers and rows, nothing checked yet (rule 25).

Decides by what the file holds, never by its name. Any bytes give a Sheet or Unreadable, nothing else.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal, NamedTuple

from storage.importing.files.encoding import decode
from storage.importing.files.limits import DESK, MEGABYTE, Limits, Unreadable
from storage.importing.files.spreadsheets import read_pupils, read_workbook
from storage.msgids import N_, pairs

SEPARATORS = ";\t,|"
_WORKBOOK = b"PK\x03\x04"
_WEB_PAGE = ("<!doctype html", "<html")
_OTHER_KINDS = (
    (b"\xd0\xcf\x11\xe0", N_("This is a workbook of an old Excel (.xls). Save it as .xlsx or as CSV.")),
    *((magic, N_("This is a picture, not a list.")) for magic in (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")),
    (b"%PDF", N_("This is a PDF. Export the list as CSV or as .xlsx.")),
    (b"PK", N_("This is a zip file, not a list. Unpack it first.")),
)


class Row(NamedTuple):
    """One row: the line of the file on which it begins (1 is the first) and its cells as they stand."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as text. Rows may be shorter or longer than `headers`: the checks name these.

    No two headers are equal. Those that were, in the file, are numbered and stand in `doubled`: which of them is meant
    cannot be told by its name, so none of them can be imported; the rest of the file can.
    """

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    separator: str
    kind: Literal["csv", "xlsx", "edexml"]
    doubled: frozenset[str] = frozenset()


def read(
    data: bytes, name: str, *, encoding: str | None = None, separator: str | None = None, limits: Limits = DESK
) -> Sheet:
    """The sheet that a CSV, XLSX or EDEXML file holds; `name` is only for the sentence of a refusal.

    `encoding` and `separator` overrule what is found in a CSV. Raises Unreadable: too large, no list, no header, no
    rows, a quotation mark left open.
    """
    if len(data) > limits.upload:
        raise Unreadable(N_("%(name)s is larger than %(most)s MB."), pairs(name=name, most=limits.upload // MEGABYTE))
    if not data.strip():
        raise Unreadable(N_("%(name)s is empty."), pairs(name=name))
    if data.startswith(_WORKBOOK):
        headers, rows, doubled = _sheet(read_workbook(data, limits), limits)
        width = len(headers)
        padded = tuple(Row(line, cells + ("",) * (width - len(cells))) for line, cells in rows)
        return Sheet(headers, padded, "utf-8", "", "xlsx", doubled)
    for magic, reason in _OTHER_KINDS:
        if data.startswith(magic):
            raise Unreadable(reason)
    text, used = decode(data, encoding)
    if text.lstrip().startswith("<"):
        return _pupils(data, text.lstrip()[:20], limits)
    found, start, skipped = _separator(text)
    if separator and separator in SEPARATORS:
        found = separator
    headers, rows, doubled = _sheet(_records(text[start:], found, skipped), limits)
    return Sheet(headers, rows, used, found, "csv", doubled)


def _pupils(data: bytes, beginning: str, limits: Limits) -> Sheet:
    """EDEXML: what a student administration sends to other systems (D4)."""
    if beginning.casefold().startswith(_WEB_PAGE):
        raise Unreadable(N_("This is a web page. Export the list as CSV, as .xlsx or as EDEXML."))
    headers, rows, doubled = _sheet(read_pupils(data, limits), limits)
    return Sheet(headers, rows, "utf-8", "", "edexml", doubled)


def _separator(text: str) -> tuple[str, int, int]:
    """The separator, where the list begins, and how many lines stand before it (Excel's `sep=;`)."""
    first = (text[:8].splitlines() or [""])[0]
    if first[:4].lower() == "sep=" and len(first) == 5 and not first[4].isalnum() and first[4] != '"':
        end = text.find("\n", 0, 10) + 1 or text.find("\r", 0, 10) + 1
        return first[4], end or len(text), 1
    counted = _count_in_header(text.lstrip("\r\n"))
    best = max(SEPARATORS, key=lambda separator: counted[separator])
    return best, 0, 0


def _count_in_header(text: str) -> Counter[str]:
    counted: Counter[str] = Counter()
    quoted = False
    for letter in text[:100_000]:
        if letter == '"':
            quoted = not quoted
        elif not quoted:
            if letter in "\r\n":
                break
            if letter in SEPARATORS:
                counted[letter] += 1
    return counted


def _records(text: str, separator: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    # strict: else a quotation mark that is never closed swallows the rest of the list without a word.
    lines = io.StringIO(text, newline="")
    line = skipped + 1
    try:
        reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
        for cells in reader:
            yield line, cells
            line = skipped + reader.line_num + 1
    except csv.Error:
        raise Unreadable(
            N_("Line %(line)s cannot be read: a quotation mark is left open or stands in the wrong place."),
            pairs(line=line),
        ) from None


def _sheet(
    records: Iterable[tuple[int, Sequence[str]]], limits: Limits
) -> tuple[tuple[str, ...], tuple[Row, ...], frozenset[str]]:
    filled = ((line, cells) for line, cells in records if any(map(str.strip, cells)))
    _, first = next(filled, (0, ()))
    headers, doubled = _headers(first, limits)
    width, most = len(headers), limits.rows
    made = tuple.__new__  # what Row(…) does, without its Python frame: there are 50,000
    rows: list[Row] = []
    for line, cells in filled:
        if len(cells) > width:
            cells = _without_empty_tail(cells, width)
        rows.append(made(Row, (line, tuple(cells))))
        if len(rows) > most:
            raise Unreadable(N_("There are more than %(most)s rows."), pairs(most=most))
    if not rows:
        raise Unreadable(N_("There is no row under the header."))
    return headers, tuple(rows), doubled


def _without_empty_tail(cells: Sequence[str], width: int) -> Sequence[str]:
    end = len(cells)
    while end > width and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _headers(first: Sequence[str], limits: Limits) -> tuple[tuple[str, ...], frozenset[str]]:
    """Headers without spaces around them, each once; and those of them that the file has more than once.

    One without a text is called by its place: `#3`. Of two called Naam the first is `Naam (1)`.
    """
    texts = [" ".join(text.split()) for text in _without_empty_tail(first, 0)]
    if not texts:
        raise Unreadable(N_("There is no header: the first row names the columns."))
    if len(texts) > limits.columns:
        raise Unreadable(N_("There are more than %(most)s columns."), pairs(most=limits.columns))
    named = [text or f"#{place}" for place, text in enumerate(texts, start=1)]
    if not all(header.isprintable() and len(header) <= 200 for header in named):
        raise Unreadable(N_("The first row does not name columns: this does not look like a list."))
    seen = Counter(header.casefold() for header in named)
    used = {header.casefold() for header in named if seen[header.casefold()] == 1}
    headers, doubled = list(named), set()
    for place, header in enumerate(named):
        if seen[header.casefold()] > 1:
            numbers = (f"{header} ({number})" for number in count(1))
            headers[place] = next(one for one in numbers if one.casefold() not in used)
            used.add(headers[place].casefold())
            doubled.add(headers[place])
    return tuple(headers), frozenset(doubled)

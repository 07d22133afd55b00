"""From the bytes of an uploaded file to a sheet of text: headers and rows, nothing checked yet (rule 25).

Decides by what the file holds, never by its name. Any bytes give a Sheet or Unreadable, nothing else.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, count, islice
from typing import Literal, NamedTuple

from storage.importing.columns.recognition import known_cells, recognise
from storage.importing.files.encoding import decode
from storage.importing.files.limits import DESK, MEGABYTE, Limits, RowError, Unreadable
from storage.importing.files.spreadsheets import read_pupils, read_workbook
from storage.msgids import N_, pairs

SEPARATORS = ";\t,|"
_WORKBOOK = b"PK\x03\x04"
_OLD, _ENCRYPTED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")
_LOCKED = N_("This workbook has a password. Take the password off (Save as, Tools, General options) and send it again.")
NO_HEADER = N_("There is no header: the first row names the columns.")
HEADER_WITHIN = 15  # filled rows in which the header is sought
TAB = "tabblad"  # the column that holds the name of each sheet, where nothing else names the group
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_NUMBER = re.compile(r"#\d+")
_BEHIND = re.compile(r" \(\d+\)\Z")
# A cell that names no column: a number, a group, a postcode, a date, an address, a telephone number.
_OF_A_CHILD = re.compile(r"[-+\d./ ()]*\d[-+\d./ ()]*|\d{1,2} ?[a-z]|[1-9]\d{3} ?[a-z]{2}|\S+@\S+", re.IGNORECASE)
_WEB_PAGE = ("<!doctype html", "<html")
_OTHER_KINDS = (
    (_OLD, N_("This is a workbook of an old Excel (.xls). Save it as .xlsx or as CSV.")),
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
    """A file as text. Rows may be longer than `headers`: the checks name these; shorter ones are filled up.

    No two headers are equal. Those that were, in the file, are numbered and stand in `doubled`: which of them is meant
    cannot be told by its name, so none of them can be imported; the rest of the file can.

    `passed`: what stands around the list and was passed over. `header_line`: where the header stands; 0 where no row
    names the columns. `tabs`: of a workbook of which several sheets were read, each one's name and the line before its
    first, for their lines go on from one to the next.
    """

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    separator: str
    kind: Literal["csv", "xlsx", "edexml"]
    doubled: frozenset[str] = frozenset()
    passed: tuple[RowError, ...] = ()
    header_line: int = 1
    tabs: tuple[tuple[str, int], ...] = ()

    def placed(self, error: RowError) -> RowError:
        """The error with the sheet of the workbook that it stands on, and its line there."""
        before = [(name, line) for name, line in self.tabs if line < error.line]
        return replace(error, line=error.line - before[-1][1], tab=before[-1][0]) if before else error


def read(
    data: bytes,
    name: str,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    limits: Limits = DESK,
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
        return _workbook(read_workbook(data, limits), limits)
    for magic, reason in _OTHER_KINDS:
        if data.startswith(magic):
            raise Unreadable(_LOCKED if magic == _OLD and _ENCRYPTED in data else reason)
    text, used = decode(data, encoding)
    if text.lstrip().startswith("<"):
        return _pupils(data, text.lstrip()[:20], limits)
    text = _without_quoted_lines(text)
    found, start, skipped = _separator(text)
    if separator and separator in SEPARATORS:
        found = separator
    records = _records(text[start:], found, skipped)
    if '="' in text or '=""' in text:
        records = ((line, list(map(_out_of_formula, cells))) for line, cells in records)
    return sheet_of(records, limits, Sheet((), (), used, found, "csv"))


def _workbook(sheets: list[tuple[str, list[tuple[int, list[str]]]]], limits: Limits) -> Sheet:
    """All sheets that have the header of the list, one after another; the others are named as passed over."""
    read_so = [(title, sheet_or_none(rows, limits)) for title, rows in sheets]
    lists = [(title, sheet) for title, sheet in read_so if sheet is not None]
    if not lists:
        return sheet_of(sheets[0][1] if sheets else (), limits, Sheet((), (), "utf-8", "", "xlsx"))
    main = next((sheet for _, sheet in lists if known_cells(sheet.headers) > 1), lists[0][1])
    alike = [(title, sheet) for title, sheet in lists if set(sheet.headers) == set(main.headers)]
    passed = [
        RowError(0, None, N_("The sheet “%(name)s” was not read: its columns are others."), pairs(name=title))
        for title, _ in sheets
        if title not in dict(alike)
    ]
    if len(alike) == 1:
        return replace(main, passed=(*passed, *main.passed))
    return _one_after_another(main, alike, passed, limits)


def _one_after_another(main: Sheet, alike: list[tuple[str, Sheet]], passed: list[RowError], limits: Limits) -> Sheet:
    """One sheet of several; where no column names the group, the name of each sheet does."""
    grouped = "group" in recognise(main.headers, main.doubled).values()
    rows: list[Row] = []
    tabs, last = [], 0
    for title, sheet in alike:
        places = [sheet.headers.index(header) for header in main.headers]
        tabs.append((title, last))
        for line, cells in sheet.rows:
            ordered = tuple(cells[place] for place in places) + cells[len(places) :]
            rows.append(Row(last + line, ordered if grouped else (*ordered, title)))
        passed += [replace(one, line=one.line and last + one.line) for one in sheet.passed]
        last = max(rows[-1].line, last) + 1
    if len(rows) > limits.rows:
        raise Unreadable(N_("There are more than %(most)s rows."), pairs(most=limits.rows))
    headers = main.headers if grouped else (*main.headers, TAB)
    return replace(main, headers=headers, rows=tuple(rows), passed=tuple(passed), tabs=tuple(tabs))


def _pupils(data: bytes, beginning: str, limits: Limits) -> Sheet:
    """EDEXML: what a student administration sends to other systems (D4)."""
    if beginning.casefold().startswith(_WEB_PAGE):
        raise Unreadable(N_("This is a web page. Export the list as CSV, as .xlsx or as EDEXML."))
    return sheet_of(read_pupils(data, limits), limits, Sheet((), (), "utf-8", "", "edexml"))


def _without_quoted_lines(text: str) -> str:
    """The text as it was before some program put each whole line between quotation marks."""
    first = text.lstrip("\ufeff\r\n").partition("\n")[0].strip()
    if len(first) < 3 or first[0] != '"' or first[-1] != '"' or any(_count_in_header(first).values()):
        return text
    inner = first[1:-1].replace('""', '"')
    if not any(_count_in_header(inner).values()):
        return text
    lines = text.lstrip("\ufeff").splitlines()
    if not all(not line.strip() or (line.strip()[0], line.strip()[-1]) == ('"', '"') for line in lines):
        return text
    return "\n".join(line.strip()[1:-1].replace('""', '"') for line in lines)


def _out_of_formula(cell: str) -> str:
    """`="00123"`, with which a program keeps a spreadsheet from making a number of it, is `00123`."""
    match = _FORMULA.fullmatch(cell)
    return match[1] if match else cell


def _separator(text: str) -> tuple[str, int, int]:
    """The separator, where the list begins, and how many lines stand before it (Excel's `sep=;`)."""
    first = (text[:8].splitlines() or [""])[0]
    if first[:4].lower() == "sep=" and len(first) == 5 and not first[4].isalnum() and first[4] != '"':
        end = text.find("\n", 0, 10) + 1 or text.find("\r", 0, 10) + 1
        return first[4], end or len(text), 1
    counted = _count_in_header(text.lstrip("\r\n"))
    beginning = text[:100_000]

    def likelihood(separator: str) -> tuple[int, int]:
        rows = islice(csv.reader(io.StringIO(beginning, newline=""), delimiter=separator), HEADER_WITHIN)
        with suppress(csv.Error):
            return max(map(known_cells, rows), default=0), counted[separator]
        return 0, counted[separator]

    return max(SEPARATORS, key=likelihood), 0, 0


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


def sheet_or_none(records: Iterable[tuple[int, Sequence[str]]], limits: Limits) -> Sheet | None:
    """The same for one sheet of a workbook; None where it holds no list."""
    try:
        return sheet_of(records, limits, Sheet((), (), "utf-8", "", "xlsx"))
    except Unreadable as refused:
        if refused.values and "most" in dict(refused.values):
            raise
        return None


def sheet_of(records: Iterable[tuple[int, Sequence[str]]], limits: Limits, bare: Sheet) -> Sheet:
    """The records under their header, which is sought among the first; what stands around the list is passed over.

    Where the first rows name no column that we know and look like children, no row is taken for a header.
    """
    filled = ((line, cells) for line, cells in records if any(map(str.strip, cells)))
    above = list(islice(filled, HEADER_WITHIN))
    if not above:
        raise Unreadable(NO_HEADER)
    place = _header_place(above)
    nameless = place is None
    line, first = (0, _numbered(above)) if place is None else above[place]
    headers, doubled = _headers(first, limits)
    passed = [_passed(line, cells) for line, cells in above[: place or 0]]
    width, most = len(headers), limits.rows
    made = tuple.__new__  # what Row(…) does, without its Python frame: there are 50,000
    rows: list[Row] = []
    for at, cells in chain(above if place is None else above[place + 1 :], filled):
        if len(cells) > width:
            cells = _without_empty_tail(cells, width)
        elif len(cells) < width:
            cells = (*cells, *[""] * (width - len(cells)))
        elif cells[0] == first[0] and list(cells) == list(first):
            passed.append(RowError(at, None, N_("The header once more: passed over.")))
            continue
        rows.append(made(Row, (at, tuple(cells))))
        if len(rows) > most:
            raise Unreadable(N_("There are more than %(most)s rows."), pairs(most=most))
    if not rows:
        raise Unreadable(N_("There is no row under the header."))
    return replace(
        bare,
        headers=headers,
        rows=tuple(rows),
        doubled=doubled,
        passed=tuple(passed),
        header_line=0 if nameless else line,
    )


def _header_place(above: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    """Which of the first rows names the columns; None where the first looks like a child."""
    known = [known_cells(cells) for _, cells in above]
    best = max(known, default=0)
    if best > 1 and known[0] < 2:
        return known.index(best)
    if known and not known[0] and any(map(_OF_A_CHILD.fullmatch, map(str.strip, above[0][1]))):
        return None
    return 0


def _numbered(above: Sequence[tuple[int, Sequence[str]]]) -> list[str]:
    return [f"#{place}" for place in range(1, max(len(_without_empty_tail(cells, 0)) for _, cells in above) + 1)]


def _passed(line: int, cells: Sequence[str]) -> RowError:
    text = " ".join(cell.strip() for cell in cells if cell.strip())[:80]
    return RowError(line, None, N_("Above the header: “%(value)s”."), pairs(value=text))


def first_row_is_header(sheet: Sheet, is_header: bool, limits: Limits = DESK) -> Sheet:
    """The same sheet where a person says whether its first row names the columns or is a child."""
    if is_header == bool(sheet.header_line):
        return sheet
    if is_header:
        (line, first), *rows = sheet.rows
        headers, doubled = _headers(first, limits)
        wide = tuple(Row(at, (*cells, *[""] * (len(headers) - len(cells)))) for at, cells in rows)
        return replace(sheet, headers=headers, rows=wide, doubled=doubled, header_line=line)
    cells = tuple("" if _NUMBER.fullmatch(header) else _BEHIND.sub("", header) for header in sheet.headers)
    headers = tuple(f"#{place}" for place in range(1, len(cells) + 1))
    rows = [Row(sheet.header_line, cells), *sheet.rows]
    return replace(sheet, headers=headers, rows=tuple(rows), doubled=frozenset(), header_line=0)


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
        raise Unreadable(NO_HEADER)
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

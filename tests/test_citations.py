"""The key is in the house: every rule, function, fault, decision, document, path and test that is cited is there.

Citations are looked for in comments, docstrings and documents, never in code or in texts that people read.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
FOLDERS = ("bot", "admin", "storage", "messages", "tests", "docs", ".ci")
TOP = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "pyproject.toml", ".env.example")
SERIES = {"functions.md": "DPTMOX", "faults.md": "BZNG"}

# How comments look, by a file's ending. A document is read whole.
_BLOCKS = r"/\*.*?\*/"
_LINES = r"(?<![:\w\"'])//[^\n]*"
COMMENTS = {
    ".html": r"\{#.*?#\}|<!--.*?-->",
    ".txt": r"\{#.*?#\}",
    ".xml": r"\{#.*?#\}|<!--.*?-->",
    ".svg": r"<!--.*?-->",
    ".css": _BLOCKS,
    ".js": f"{_BLOCKS}|{_LINES}",
    ".typ": f"{_BLOCKS}|{_LINES}",
    ".toml": r"(?m:(?:^|\s)#.*$)",
    "": r"(?m:(?:^|\s)#.*$)",
    ".md": r".+",
}
# Strings are passed over, so that a `#` in one begins no comment. By a pattern: tokenize takes seconds for all files.
_PYTHON = re.compile(
    r'''(?s:(?:^|(?<=\n))[ ]*"""(?P<docstring>.*?)"""|""".*?""")'''
    r"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?P<comment>\#[^\n]*)"""
)

_RULE = re.compile(r"\brule\s+(\d+)(?!\d)", re.IGNORECASE)
_RULES = re.compile(r"\brules\s+(\d+(?:(?:\s*[-–,]\s*|,?\s+(?:and|to)\s+)\d+)*)", re.IGNORECASE)
_SPAN = re.compile(r"(\d+)\s*(?:[-–]|\bto\b)\s*(\d+)|(\d+)")
_ALONE = r"(?<![\w.:/\"'#&+%-])([A-Z])(\d{1,2})(?![\w%\"]|'(?!s\b)|[.:]\d)"
_CODE = re.compile(rf"{_ALONE}(?:\s*[-–]\s*\1(\d{{1,2}})\b)?")
_DECISION = re.compile(r"\bdecisions?\s+(\d+(?:(?:,|\s+and)\s+\d+)*)", re.IGNORECASE)
_BY_NAME = {
    "document": re.compile(r"[\w./-]*\w\.md\b"),
    "path": re.compile(r"(?<![\w/.])(?:bot|admin|storage|messages|tests|docs|\.ci)(?:/[\w.-]*\w)+/?"),
    "module": re.compile(r"(?<![\w/.@-])(?:bot|admin|storage|messages|tests)(?:\.[A-Za-z_]\w*)+(?![\w@-])"),
    "test": re.compile(r"\btest_\w+\b(?!\.py|/)"),
    # The series S once named documents that stand elsewhere, and "design" one of them.
    "outside": re.compile(
        r"(?<![\w.:/\"'#&+%-])S\d{1,2}(?![\w\"])"
        r"|\bshared/|\bdesign,? \*\w+\*|\(design\b|\bdesign, [A-Z]\d|\b(?:issue|point) #?\d+\b|\bproduct's vocabulary\b"
    ),
}


class Citation(NamedTuple):
    """`kind` is rule, code, decision, document, path, module, test, or outside: what stands in no document of ours."""

    line: int
    kind: str
    name: str


def notes(text: str, suffix: str) -> Iterator[tuple[int, str]]:
    """The comments, docstrings or whole text of a file, each with the line that it begins on."""
    if suffix == ".py":
        yield from _of_python(text)
        return
    for found in re.finditer(COMMENTS[suffix], text, re.DOTALL):
        yield text.count("\n", 0, found.start()) + 1, found[0]


def _of_python(text: str) -> Iterator[tuple[int, str]]:
    for found in _PYTHON.finditer(text):
        if (note := found["comment"] or found["docstring"]) is not None:
            yield text.count("\n", 0, found.start()) + 1, note


def citations(text: str, suffix: str) -> Iterator[Citation]:
    """Everything that a file's notes refer to."""
    for first, note in notes(text, suffix):
        for start, kind, name in _cited(note):
            yield Citation(first + note.count("\n", 0, start), kind, name)


def _cited(note: str) -> Iterator[tuple[int, str, str]]:
    """(where it stands in the note, kind, name) of each citation."""
    yield from _cited_by_number(note)
    for kind, pattern in _BY_NAME.items():
        for found in pattern.finditer(note):
            yield found.start(), kind, found[0]


def _cited_by_number(note: str) -> Iterator[tuple[int, str, str]]:
    for found in _RULE.finditer(note):
        yield found.start(), "rule", found[1]
    for found in _RULES.finditer(note):
        for low, high, one in _SPAN.findall(found[1]):
            for number in range(int(low or one), int(high or one) + 1):
                yield found.start(), "rule", str(number)
    for found in _CODE.finditer(note):
        letter, low, high = found.groups()
        if any(letter in letters for letters in SERIES.values()):
            for number in range(int(low), int(high or low) + 1):
                yield found.start(), "code", f"{letter}{number}"
    for found in _DECISION.finditer(note):
        for number in re.findall(r"\d+", found[1]):
            yield found.start(), "decision", number


@cache
def defined() -> dict[str, list[str]]:
    """The headings and table rows of the three keys, in order, as kind → names."""
    rules = re.findall(r"^### Rule (\d+)\. \w", (DOCS / "rules.md").read_text(encoding="utf-8"), re.MULTILINE)
    codes = [
        code
        for document, letters in SERIES.items()
        for code in re.findall(
            rf"^\| ([{letters}]\d+) \| \w", (DOCS / document).read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    return {"rule": rules, "code": codes}


@cache
def named_tests() -> frozenset[str]:
    """Every test function, and every file of tests by its name."""
    files = list((ROOT / "tests").rglob("test_*.py"))
    functions = {name for path in files for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))}
    return frozenset(functions | {path.stem for path in files})


def is_there(citation: Citation, folder: Path) -> bool:
    """Whether what is cited stands in this repository; `folder` is where the citing file lies."""
    name = citation.name
    match citation.kind:
        case "rule" | "code":
            return name in defined()[citation.kind]
        case "decision":
            return any((DOCS / "decisions").glob(f"{int(name):04}-*.md"))
        case "document":
            return any((start / name).is_file() for start in (folder, ROOT, DOCS))
        case "path":
            return (ROOT / name).exists() or (ROOT / f"{name}.py").is_file()
        case "module":
            return _module_is_there(name)
        case "test":
            return name in named_tests()
    return False


def _module_is_there(name: str) -> bool:
    """`storage.booking.rules`, or what one defines: `messages.channels.mail.Smtp.send`."""
    path, *rest = name.split(".")
    while rest and (ROOT / path / rest[0]).is_dir():
        path = f"{path}/{rest.pop(0)}"
    if rest and (ROOT / path / f"{rest[0]}.py").is_file():
        path = f"{path}/{rest.pop(0)}.py"
    else:
        path = f"{path}/__init__.py"
    text = (ROOT / path).read_text(encoding="utf-8")
    return all(re.search(rf"\b{part}\b", text) for part in rest)


@cache
def files() -> tuple[Path, ...]:
    within = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))]
    top = [path for name in TOP if (path := ROOT / name).exists()]
    return tuple(path for path in (*within, *top) if path.is_file() and path.suffix in {".py", *COMMENTS})


@cache
def everything() -> tuple[tuple[Path, Citation], ...]:
    return tuple(
        (path, citation)
        for path in files()
        if path != Path(__file__) and path != DOCS / "decisions" / "TEMPLATE.md"
        for citation in citations(path.read_text(encoding="utf-8"), path.suffix)
    )


def test_everything_that_is_cited_is_there() -> None:
    missing = [
        f"{path.relative_to(ROOT)}:{citation.line}: {citation.kind} {citation.name}"
        for path, citation in everything()
        if not is_there(citation, path.parent)
    ]
    assert missing == []


def test_citations_are_found_in_every_kind_of_file() -> None:
    """A collector that finds nothing would hold nothing."""
    code = [citation for path, citation in everything() if path.suffix == ".py"]
    assert sum(citation.kind in ("rule", "code") for citation in code) > 400
    assert {"rule", "code", "decision", "path", "module", "test"} <= {citation.kind for _, citation in everything()}
    assert {".py", ".md", ".html", ".css", ".js", ".typ", ".toml", ""} <= {path.suffix for path in files()}


def test_every_number_is_given_once_and_none_is_left_out() -> None:
    assert defined()["rule"] == [str(number) for number in range(1, len(defined()["rule"]) + 1)]
    codes = defined()["code"]
    for letter in "".join(SERIES.values()):
        own = [code for code in codes if code[0] == letter]
        assert own != []
        assert own == [f"{letter}{number}" for number in range(1, len(own) + 1)]


def test_decisions_are_numbered_in_a_row_and_listed() -> None:
    decisions = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))
    assert [int(name[:4]) for name in decisions] == list(range(1, len(decisions) + 1))
    listed = re.findall(r"^\d+\. \[.+\]\((.+)\)$", (DOCS / "decisions" / "README.md").read_text("utf-8"), re.MULTILINE)
    assert listed == decisions


@pytest.mark.parametrize(
    ("suffix", "text", "found"),
    [
        (".py", 'x = 1  # as rule 17 says (D25)', ["rule 17", "code D25"]),
        (".py", '"""Held by rules 1, 2 and 18-20."""', [f"rule {number}" for number in (1, 2, 18, 19, 20)]),
        (".py", '"""Rules 9 to\n11; N1–N3."""', ["rule 9", "rule 10", "rule 11", "code N1", "code N2", "code N3"]),
        (".py", 'def f():\n    """G5, and X1."""\n    return "D4", b"P10"', ["code G5", "code X1"]),
        (".py", 'T2 = TypeVar("T2")\nx = cell["B2"]  # noqa: S105', []),
        (".py", '"""Cell (as "D4"), paper A4, 10:T2.5, #B3, UTF-16, a/P1."""', []),
        (".py", "# see decision 4, decisions 2 and 12", ["decision 4", "decision 2", "decision 12"]),
        (".py", "# no clock, design *Speed*", ["outside design *Speed*"]),
        (".py", "# by the clock (S0.2); S1's tip; sealed (S18)", ["outside S0", "outside S1", "outside S18"]),
        (".py", "# telegram.md, words.md", ["document telegram.md", "document words.md"]),
        (".py", "# tests/nowhere.py, `storage.nowhere.do`", ["path tests/nowhere.py", "module storage.nowhere.do"]),
        (".html", "<b>rule 3</b>{# rule 4 #}<!-- D5 -->", ["rule 4", "code D5"]),
        (".css", "a { b: c } /* M3\n D1 */", ["code M3", "code D1"]),
        (".js", 'let a = "https://P1"; // P2\n/* P3 */', ["code P2", "code P3"]),
        (".typ", "= Title P1 // P2", ["code P2"]),
        (".md", "held by `test_nothing`, `storage/nowhere`", ["path storage/nowhere", "test test_nothing"]),
        ("", "PORT=1  # rule 5\nRULE=6", ["rule 5"]),
    ],
)  # fmt: skip
def test_what_counts_as_a_citation(suffix: str, text: str, found: list[str]) -> None:
    assert [f"{citation.kind} {citation.name}" for citation in citations(text, suffix)] == found


@pytest.mark.parametrize(
    "text",
    [
        "rule 99", "rules 30 to 99", "D77", "B1–B99", "S1", "decision 99", "elsewhere.md", "storage/nowhere.py",
        "storage.nowhere", "messages.sending.sender.Postman",
        "shared/rules.md", "the design *Speed*", "design, N7", "point 3", "`test_nothing`",
    ],
)  # fmt: skip
def test_a_citation_of_nothing_is_noticed(text: str) -> None:
    assert not all(is_there(citation, ROOT) for citation in citations(f'"""{text}"""', ".py"))


def test_a_citation_that_is_right_is_let_be() -> None:
    text = '"""Rules 1 to 36, D1–D41, G18, decision 12, docs/words.md, storage.booking.rules."""'
    found = list(citations(text, ".py"))
    assert len(found) > 80
    assert [citation for citation in found if not is_there(citation, ROOT)] == []

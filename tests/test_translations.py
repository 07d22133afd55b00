"""Every text a person reads is there in every language, says the same thing, and nothing is translated for nobody."""

import ast
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from messages import text

ROOT = Path(__file__).parent.parent
FOLDERS = ("bot", "admin", "storage", "messages")
TEMPLATES = (".html", ".txt", ".xml")
# How many arguments, from the first, are texts. `count` has the number as its third: `list.count(x)` is no text.
SPEAKING = {"say": 1, "count": 2, "N_": 1, "Invalid": 1, "Unreadable": 1}
IN_TEMPLATES = {"gettext": None, "_": None, "ngettext": (1, 2), "say": None, "count": (1, 2)}
PLACE = re.compile(r"%\((\w+)\)[sd]")
LANGUAGES = [language for language in text.languages() if language != text.SOURCE_LANGUAGE]


@cache
def code() -> dict[Path, ast.Module]:
    files = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}


def literals(node: ast.expr) -> list[str]:
    """The texts that an argument can be: a literal, or either side of a choice between literals."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value else []


def spoken(call: ast.Call) -> list[str]:
    """The texts that a call speaks; none where it calls something else."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name not in SPEAKING or (name == "count" and len(call.args) < 3):
        return []
    return [msgid for argument in call.args[: SPEAKING[name]] for msgid in literals(argument)]


@cache
def said() -> dict[str, set[str]]:
    """Every msgid that code or a template speaks, and where."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in code().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for msgid in spoken(node):
                    found[msgid].add(str(path.relative_to(ROOT)))
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in TEMPLATES and "static" not in path.parts:
                for msgid in of_template(path):
                    found[msgid].add(str(path.relative_to(ROOT)))
    return dict(found)


def of_template(path: Path) -> list[str]:
    options = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}
    with path.open("rb") as source:
        found = list(extract("jinja2.ext:babel_extract", source, keywords=IN_TEMPLATES, options=options))
    texts = (message if isinstance(message, tuple) else (message,) for _, message, _, _ in found)
    return [msgid for some in texts for msgid in some if msgid]


@cache
def kept() -> set[str]:
    """Texts with places that stand in the code by themselves, as findings and reasons do; docstrings are none."""
    found: set[str] = set()
    for path, tree in code().items():
        if ROOT / "admin" / "commands" in path.parents or path == ROOT / "storage" / "tables.py":
            continue  # the operator's commands speak English; names of constraints are no texts
        bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
                found |= {node.value} if PLACE.search(node.value) else set()
    return found


@cache
def constants() -> set[str]:
    nodes = (node for tree in code().values() for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@cache
def catalogs(language: str) -> dict[str, Catalog]:
    read = {}
    for path in sorted((text.LOCALES / language).glob("*.po")):
        with path.open("rb") as source:
            read[path.name] = read_po(source, locale=language)
    return read


def forms(said: str | Sequence[str] | None) -> tuple[str, ...]:
    """A text with a number in it has several."""
    return (said or "",) if said is None or isinstance(said, str) else tuple(said)


def entries(language: str) -> list[tuple[str, tuple[str, ...], tuple[str, ...], bool]]:
    """(file, msgids, translations, fuzzy) of every message."""
    return [
        (name, forms(message.id), forms(message.string), message.fuzzy)
        for name, catalog in catalogs(language).items()
        for message in catalog
        if message.id
    ]


def translated(language: str) -> set[str]:
    return {msgid for _, msgids, strings, _ in entries(language) if all(strings) for msgid in msgids}


def test_the_texts_are_found() -> None:
    assert {"That time has just been taken. Please choose another one."} <= set(said())
    assert len(said()) > 500
    assert any(path.endswith(".html") for places in said().values() for path in places)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    missing = set(said()) - translated(language)
    assert {msgid: sorted(said()[msgid]) for msgid in missing} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_that_are_kept_in_values_are_translated_too(language: str) -> None:
    assert kept() - translated(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_for_nobody(language: str) -> None:
    used = set(said()) | constants()
    assert [(name, msgids) for name, msgids, _, _ in entries(language) if not used & set(msgids)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language: str) -> None:
    assert [(name, msgids) for name, msgids, _, fuzzy in entries(language) if fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_places_of_its_text(language: str) -> None:
    """A place that is missing loses a time; one too many is an error on the page."""
    wrong = []
    for name, msgids, strings, _ in entries(language):
        places = set(PLACE.findall(msgids[-1]))
        optional = {"number"} if len(msgids) > 1 else set()
        for string in strings:
            found = set(PLACE.findall(string))
            if not places - optional <= found <= places:
                wrong.append((name, msgids, string))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_text_has_one_translation(language: str) -> None:
    """The files are merged, and only one of two would ever be read."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for _, msgids, strings, _ in entries(language):
        found[msgids[0]].add(strings)
    assert {msgid: strings for msgid, strings in found.items() if len(strings) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_as_many_plural_forms_as_the_language_has(language: str) -> None:
    forms = {catalog.num_plurals for catalog in catalogs(language).values()}
    plurals = {len(strings) for _, msgids, strings, _ in entries(language) if len(msgids) > 1}
    assert (len(forms), plurals) == (1, forms)

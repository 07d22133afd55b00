"""What the documents name is there: links, files, functions in them; and the picture of the imports is of today's."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.pictures import imports
from tests.pictures.layout import floors_of, without_detours
from tests.test_architecture import LADDER, ROOT, tree_of

DOCUMENTS = [*ROOT.glob("*.md"), *(path for path in (ROOT / "docs").rglob("*.md") if path.name != "handleiding.md")]
# Where every step says which file and which function it is about.
GUIDES = [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md"]
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"")
# `storage/words.py`, `storage/booking/`, `tests/admin/walks/routes/*.py`, `messages/sending/sender.py:Sender.send_due`.
PLACE = re.compile(r"`((?:bot|admin|storage|messages|tests|docs|\.ci)/[\w./*-]*|[\w.-]+\.(?:md|toml))(?::([\w.]+))?`")


def named(path: Path) -> list[tuple[str, str]]:
    """Every (file or folder, function or "") that a document names; a line's end in between is a space."""
    return PLACE.findall(re.sub(r"\s*\n\s*", " ", path.read_text(encoding="utf-8")))


@cache
def defined(path: Path) -> frozenset[str]:
    """The functions, classes, methods and values at the top of a module: `Sender`, `Sender.send_due`, `VERBS`."""
    found = set()
    for node in tree_of(path).body:
        found |= names_of(node)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}" for inner in node.body for name in names_of(inner)}
    return frozenset(found)


def names_of(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(path: Path) -> None:
    links = [first or second for first, second in LINK.findall(path.read_text(encoding="utf-8"))]
    ours = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in ours if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_is_there(path: Path) -> None:
    assert [file for file, _ in named(path) if not any(ROOT.glob(file))] == []


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_every_function_that_a_guide_names_is_in_its_file(path: Path) -> None:
    functions = [(file, name) for file, name in named(path) if name]
    assert len(functions) > 10
    assert [f"{file}:{name}" for file, name in functions if name not in defined(ROOT / file)] == []


def test_the_picture_of_the_imports_is_of_todays() -> None:
    again = ".venv/bin/python -m tests.pictures.imports"
    assert imports.PICTURE.read_text(encoding="utf-8") == imports.picture(), f"the imports changed; draw them: {again}"


def test_the_picture_holds_every_arrow_that_no_detour_makes() -> None:
    rooms = imports.rooms_of_storage()
    above = {room: rooms[room] & set(LADDER[LADDER.index("values") :]) for room in LADDER[LADDER.index("values") :]}
    drawn = set(re.findall(r'data-from="(\w+)" data-to="(\w+)"', imports.picture()))
    assert ("families", "access") in drawn
    assert drawn == {
        (one, other)
        for graph in (without_detours(above), imports.folders())
        for one, others in graph.items()
        for other in others
    }
    told = dict(re.findall(r'data-room="(\w+)" data-imports="([\w ]*)"', imports.picture()))
    assert {room: set(names.split()) for room, names in told.items()} == rooms


def test_a_detour_takes_the_place_of_an_arrow() -> None:
    graph = {"low": frozenset[str](), "middle": frozenset({"low"}), "high": frozenset({"low", "middle"})}
    assert without_detours(graph) == {**graph, "high": frozenset({"middle"})}
    assert floors_of(graph) == [["low"], ["middle"], ["high"]]

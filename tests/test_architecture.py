"""The house, read from every file: imports run one way, one place commits, files stay small."""

import ast
import graphlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("bot", "admin", "storage", "messages")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
# The rooms of storage, lowest first; `storage/__init__` says what each is for.
LADDER = (
    "words", "msgids", "refusals", "settings", "timezone", "column_types", "tables", "values", "database",
    "migrations", "audit", "outbox", "planning", "booking", "access", "schools", "families", "school_year",
    "importing", "lists", "privacy", "staff", "school", "notices",
)  # fmt: skip
MOST_FILES = 15
SHARED: frozenset[str] = frozenset()  # class names that stand for more than one thing
# What reads no clock, file or network.
PLAIN = {
    "__future__", "bisect", "collections", "collections.abc", "dataclasses", "datetime", "enum", "functools",
    "itertools", "math", "operator", "re", "typing", "unicodedata", "zoneinfo",
}  # fmt: skip
READING = {"open", "input", "print", "exec", "eval", "__import__"}
CLOCKS = {"timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
TELEGRAM_LIBRARIES = {"aiogram", "telegram"}
EDGES = ("bot", "admin", "messages.sending", "messages.channels")
STARTERS = ("admin.commands", "admin.demo.starting")  # the operator's commands start everything
WHO_COMMITS = (
    "storage.database.engine",
    "storage.database.writer",
    "storage.database.session",
    "storage.migrations",
    "storage.privacy.backup",
)


def name_of(path: Path) -> str:
    """`storage/access/chats.py` → `storage.access.chats`; a package by its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """`storage.families.students` → `storage.families`."""
    return ".".join(module.split(".")[:2])


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


MODULES = {name_of(path): path for path in FILES}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it; `from a import b` is `a.b` where that is a module."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            assert node.module
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module


def of_project(path: Path) -> list[str]:
    return [module for module in imports(path) if within(module, *FOLDERS)]


def breaches(rule: dict[str, list[str]]) -> dict[str, list[str]]:
    return {module: found for module, found in rule.items() if found}


def test_the_files_are_found() -> None:
    assert {"storage.words", "storage.booking.booking", "messages.text", "bot.web.routes", "admin.app"} <= set(MODULES)
    assert "storage.words" in of_project(MODULES["storage.tables"])


def test_storage_imports_no_other_folder() -> None:
    found = {
        name: [module for module in of_project(path) if not within(module, "storage")]
        for name, path in MODULES.items()
        if within(name, "storage")
    }
    assert breaches(found) == {}


def test_the_rooms_of_storage_are_a_ladder() -> None:
    """Each room imports those before it in the tuple, never one after it."""
    steps = {f"storage.{room}": step for step, room in enumerate(LADDER)}
    found = {
        name: [module for module in of_project(path) if steps[room_of(module)] > steps[room_of(name)]]
        for name, path in MODULES.items()
        if within(name, "storage") and name != "storage"
    }
    assert breaches(found) == {}


def test_storage_tells_its_ladder_as_it_is() -> None:
    """Every room stands in it, and `storage/__init__` lists them in this order."""
    rooms = {room_of(name) for name in MODULES if within(name, "storage") and name != "storage"}
    assert rooms == {f"storage.{room}" for room in LADDER}
    told = ast.get_docstring(tree_of(MODULES["storage"])) or ""
    assert tuple(re.findall(r"^  (\w+)  ", told, re.MULTILINE)) == LADDER


def test_no_room_holds_more_than_a_newcomer_can_survey() -> None:
    rooms = Counter(str(path.parent.relative_to(ROOT)) for path in FILES if path.name != "__init__.py")
    assert {room: files for room, files in rooms.items() if files > MOST_FILES} == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_imports_itself_by_a_detour(folder: str) -> None:
    """Not even within one folder: who reads a file knows what it stands on."""
    arrows = {name: [to for to in of_project(path) if to != name] for name, path in MODULES.items()}
    sorter = graphlib.TopologicalSorter({name: to for name, to in arrows.items() if within(name, folder)})
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        raise AssertionError(f"a circle: {' -> '.join(error.args[1])}") from None


def test_words_import_nothing_of_the_project() -> None:
    assert of_project(MODULES["storage.words"]) == []


def test_what_says_that_it_is_pure_is_held_to_it() -> None:
    """Rules, and every module whose docstring says *pure*: values and `now` in, values or a refusal out.

    No session, clock, file or text in sight, and none in what it stands on, however far down.
    """
    pure = {name for name, path in MODULES.items() if says_pure(name, path)}
    assert {"storage.booking.rules", "storage.planning.grid", "storage.school_year.preview"} <= pure
    found = {name: sorted(impurities(name)) for name in pure}
    assert breaches(found) == {}


def impurities(name: str) -> set[str]:
    """What a module imports or reads, itself or by what it imports, that is not plain."""
    wanted, seen, found = [name], set[str](), set[str]()
    while wanted:
        module = wanted.pop()
        seen.add(module)
        found |= {f"{module}: {what}" for what in readings(module)}
        for to in imports(MODULES[module]):
            if to in MODULES:
                wanted += [to] if to not in seen else []
            elif to not in PLAIN:
                found.add(f"{module}: {to}")
    return found


def readings(name: str) -> set[str]:
    """The clocks, files and terminals that a module reads; `timezone` has the one clock, which others must not call."""
    found = set()
    for node in ast.walk(tree_of(MODULES[name])):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READING:
            found.add(f"{node.func.id}()")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {f"{node.value.id}.{node.attr}"} & CLOCKS
        elif isinstance(node, ast.ImportFrom) and node.module == "storage.timezone":
            found |= {f"timezone.{alias.name}" for alias in node.names} & CLOCKS
    return found - {"datetime.now"} if name == "storage.timezone" else found


def says_pure(name: str, path: Path) -> bool:
    told = ast.get_docstring(tree_of(path)) or ""
    return name.split(".")[-1] == "rules" or re.search(r"\b(P|: p)ure\b", told) is not None


def test_storage_knows_no_telegram_web_or_templates() -> None:
    unknown = {*TELEGRAM_LIBRARIES, "fastapi", "starlette", "jinja2", "babel", "gettext", "aiosmtplib", "apscheduler"}
    found = {
        name: [module for module in imports(path) if module.split(".")[0] in unknown]
        for name, path in MODULES.items()
        if within(name, "storage")
    }
    assert breaches(found) == {}


def test_what_is_said_knows_no_telegram_no_web_and_no_edge() -> None:
    """Screens, taps, texts, refusals: everything of messages but the clock, the sender and the channels.

    What both web fronts share stands there too, below both, and reads headers as a mapping.
    """
    unknown = {*TELEGRAM_LIBRARIES, "fastapi", "starlette"}
    found = {
        name: [module for module in imports(path) if module.split(".")[0] in unknown or within(module, *EDGES)]
        for name, path in MODULES.items()
        if within(name, "messages") and not within(name, *EDGES)
    }
    assert breaches(found) == {}


def test_edges_never_import_each_other() -> None:
    """bot, admin, and what sends: only the commands that start them know all."""
    sending = ("messages.sending", "messages.channels")
    found = {}
    for name, path in MODULES.items():
        if within(name, *STARTERS) or not within(name, *EDGES):
            continue
        own = sending if within(name, "messages") else (name.split(".")[0],)
        found[name] = [module for module in of_project(path) if within(module, *EDGES) and not within(module, *own)]
    assert breaches(found) == {}


def test_screens_know_no_library_of_the_edges() -> None:
    unknown = {*TELEGRAM_LIBRARIES, "fastapi", "starlette"}
    found = {
        name: [module for module in imports(path) if module.split(".")[0] in unknown]
        for name, path in MODULES.items()
        if within(name, "bot.screens", "bot.conversation")
    }
    assert breaches(found) == {}


def test_imports_stand_at_the_top() -> None:
    """But for the commands, which must not pay for a heavy library that they do not use."""
    found = {}
    for name, path in MODULES.items():
        if within(name, "admin.commands"):
            continue
        functions = [
            node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        inner = {
            node.lineno
            for function in functions
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        found[name] = [f"line {line}" for line in sorted(inner)]
    assert breaches(found) == {}


def test_only_the_way_to_the_database_commits_or_rolls_back() -> None:
    found = {
        name: [
            f"line {node.lineno}: .{node.func.attr}()"
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("commit", "rollback")
        ]
        for name, path in MODULES.items()
        if not within(name, *WHO_COMMITS)
    }
    assert breaches(found) == {}


def test_only_the_way_to_the_database_opens_a_session() -> None:
    found = {
        name: [
            f"line {node.lineno}"
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Session"
        ]
        for name, path in MODULES.items()
        if not within(name, *WHO_COMMITS)
    }
    assert breaches(found) == {}


def test_every_action_is_told_alike_who_acts_and_when() -> None:
    """`action(session, school_id, acting, …)`: one value, third; nobody takes who and when apart."""
    found = {}
    for name, path in MODULES.items():
        functions = [node for node in tree_of(path).body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]
        for function in functions if within(name, "storage") else []:
            named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            types = [ast.unparse(one.annotation) if one.annotation else "" for one in named]
            if "By" in types or ("Acting" in types and types.index("Acting") != 2):
                found[f"{name}.{function.name}"] = types
    assert found == {}


def test_storage_reads_no_clock_but_in_timezone() -> None:
    """`now` is given: what is due, open or closed can be asked for any moment."""
    clocks = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
    found = {
        name: [
            f"line {node.lineno}"
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
            and (node.value.id, node.attr) in clocks
        ]
        for name, path in MODULES.items()
        if within(name, "storage") and not within(name, "storage.timezone", "storage.migrations")
    }  # fmt: skip
    assert breaches(found) == {}


@pytest.mark.parametrize("folder", [*FOLDERS, "tests"])
def test_files_are_a_few_hundred_lines(folder: str) -> None:
    lines = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / folder).rglob("*.py")}
    revisions = str(ROOT / "storage" / "migrations" / "versions")
    assert {path: many for path, many in lines.items() if many > 500 and not path.startswith(revisions)} == {}


def test_every_file_says_why_it_exists() -> None:
    assert [name for name, path in MODULES.items() if not ast.get_docstring(tree_of(path))] == []


def test_every_folder_with_code_is_a_package() -> None:
    assert {str(path.parent) for path in FILES if not (path.parent / "__init__.py").exists()} == {
        str(ROOT / "storage" / "migrations" / "versions")
    }


def test_one_class_name_is_one_thing() -> None:
    """Whoever reads a name knows which is meant. SHARED may only shrink, and is empty: it does not grow again."""
    places: dict[str, list[str]] = {}
    for name, path in MODULES.items():
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(name)
    assert {word: where for word, where in places.items() if len(where) > 1 and word not in SHARED} == {}
    assert {word for word in SHARED if len(places.get(word, [])) < 2} == set(), "take these out of SHARED"


def test_no_name_is_a_junk_drawer() -> None:
    junk = {"utils", "util", "common", "helpers", "helper", "misc", "manager", "managers", "entity", "entities"}
    assert [name for name in MODULES if junk & set(name.split("."))] == []

"""The picture of docs/architecture.md: the folders and the rooms of storage as boxes, what they import as arrows.

Read from the code itself; the same imports give the same bytes, and a test compares them with the file that stands.

An arrow that a detour of others makes already is left out (the boxes' `data-imports` name it too), and so are all
arrows onto the modules at the foot of the ladder, which are imported from everywhere.
"""

import ast
import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import chain, count, takewhile

from tests.pictures.layout import BOX, BOX_HIGH, EDGE, WIDTH, Graph, floors_of, places_of, way_of, without_detours
from tests.test_architecture import FOLDERS, LADDER, MODULES, ROOT, of_project, room_of, tree_of, within

PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"

FLOOR = 118  # from one row of boxes to the next
TOP = {"admin": (28, 20, 706), "bot": (764, 20, 408), "messages": (178, 160, 844)}  # x, y, width
TOP_HIGH = {"admin": 92, "bot": 92, "messages": 126}
STORAGE_AT = 332
# Where the arrow from one folder to another goes; an import without a lane here is one that must not be.
LANES = {
    ("admin", "bot"): ((734, 66), (764, 66)),
    ("admin", "messages"): ((456, 112), (456, 160)),
    ("bot", "messages"): ((893, 112), (893, 160)),
    ("admin", "storage"): ((103, 112), (103, STORAGE_AT)),
    ("bot", "storage"): ((1097, 112), (1097, STORAGE_AT)),
    ("messages", "storage"): ((600, 286), (600, STORAGE_AT)),
}
STYLE = """
  .sheet { fill: #fbfaf8; }
  .panel { fill: #ffffff; stroke: #dcd6cc; }
  .box { fill: #eef3f8; stroke: #b9cadb; }
  .foot .box { fill: #f4efe6; stroke: #ddd0ba; }
  .chip { fill: #f4efe6; }
  text { font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; fill: #22303c; }
  .folder { font-size: 19px; font-weight: 600; }
  .name { font-size: 14.5px; font-weight: 600; }
  .told { font-size: 13px; fill: #5c6b78; }
  .small { font-size: 11px; fill: #5c6b78; }
  .arrow { fill: none; stroke: #7d93a8; stroke-width: 1.5; }
  .tip { fill: #7d93a8; }
  @media (prefers-color-scheme: dark) {
    .sheet { fill: #14191e; }
    .panel { fill: #1b2228; stroke: #35404a; }
    .box { fill: #223040; stroke: #3d5369; }
    .foot .box { fill: #2b2822; stroke: #4a4437; }
    .chip { fill: #2b2822; }
    text { fill: #e8edf2; }
    .told, .small { fill: #a3b1be; }
    .arrow { stroke: #7f99b3; }
    .tip { fill: #7f99b3; }
  }
"""


def main() -> None:
    """Draw the picture anew, where it stands."""
    PICTURE.write_text(picture(), encoding="utf-8")


def picture() -> str:
    """The whole picture as SVG."""
    rooms = rooms_of_storage()
    foot = list(takewhile(lambda room: MODULES[f"storage.{room}"].name != "__init__.py", LADDER))
    above = {room: rooms[room] - frozenset(foot) for room in LADDER if room not in foot}
    floors = floors_of(above)
    high = STORAGE_AT + 60 + len(floors) * FLOOR + 26 + BOX_HIGH + 18 + EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high}" role="img"'
        f' aria-label="What imports what: admin and bot over messages over storage, whose rooms are a ladder">',
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="tip" d="M0 0.6 L8 4 L0 7.4 z"/></marker></defs>',
        f'<rect class="sheet" width="{WIDTH}" height="{high}" rx="14"/>',
        *_folders(high - STORAGE_AT - EDGE),
        *_ladder(rooms, without_detours(above), floors),
        *_foot(rooms, foot, high - EDGE - 18 - BOX_HIGH),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def rooms_of_storage() -> Graph:
    """Which rooms each room of storage imports, by their short names; every room of the ladder is a key."""
    found: dict[str, set[str]] = {room: set() for room in LADDER}
    for name, path in MODULES.items():
        if within(name, "storage") and name != "storage":
            found[_short(name)] |= {_short(to) for to in of_project(path)} - {_short(name)}
    return {room: frozenset(to) for room, to in found.items()}


def folders() -> Graph:
    """Which of the four folders each of them imports."""
    found: dict[str, set[str]] = {folder: set() for folder in FOLDERS}
    for name, path in MODULES.items():
        own = name.split(".")[0]
        found[own] |= {to.split(".")[0] for to in of_project(path)} - {own}
    return {folder: frozenset(to) for folder, to in found.items()}


def _told(module: str) -> str:
    """What a module says of itself."""
    return ast.get_docstring(tree_of(MODULES[module])) or ""


def _short(module: str) -> str:
    return room_of(module).split(".")[1]


def _folders(storage_high: int) -> list[str]:
    """The panels of the four folders, what is in the upper three, and the arrows between them."""
    parts = []
    graph = folders()
    frames = {folder: (*TOP[folder], TOP_HIGH[folder]) for folder in TOP}
    frames["storage"] = (EDGE, STORAGE_AT, WIDTH - 2 * EDGE, storage_high)
    for folder, (x, y, wide, tall) in frames.items():
        told = re.split(r"[.:](?:\s|$)", _told(folder))[0]
        parts += [
            f'<g class="folder-of" data-folder="{folder}" data-imports="{" ".join(sorted(graph[folder]))}">',
            f'<rect class="panel" x="{x}" y="{y}" width="{wide}" height="{tall}" rx="10"/>',
            f'<text x="{x + 18}" y="{y + 30}"><tspan class="folder">{folder}</tspan>'
            f'<tspan class="told" dx="12">{escape(told)}</tspan></text>',
            *(_chips(folder, x + 18, y + 48, wide - 36) if folder != "storage" else ()),
            "</g>",
        ]
    for folder, others in graph.items():
        for other in sorted(others):
            (x1, y1), (x2, y2) = LANES[folder, other]
            parts.append(_arrow(folder, other, f"M{x1} {y1} L{x2} {y2}"))
    return parts


def _chips(folder: str, x: int, y: int, wide: int) -> list[str]:
    """What is in a folder, row after row; folders end in a slash."""
    parts, at = [], x
    for name in sorted(name for name in MODULES if name.count(".") == 1 and name.startswith(f"{folder}.")):
        label = name.split(".")[1] + ("/" if MODULES[name].name == "__init__.py" else "")
        chip = round(22 + 7.6 * len(label))
        if at + chip > x + wide:
            at, y = x, y + 34
        parts.append(f'<rect class="chip" x="{at}" y="{y}" width="{chip}" height="26" rx="13"/>')
        parts.append(f'<text class="told" x="{at + chip // 2}" y="{y + 17}" text-anchor="middle">{label}</text>')
        at += chip + 8
    return parts


def _ladder(rooms: Graph, arrows: Graph, floors: Sequence[Sequence[str]]) -> list[str]:
    """The rooms of storage, each above those that it imports, and the arrows between them."""
    told, places = _purposes(), places_of(floors, arrows)
    highest = STORAGE_AT + 60
    tops = {room: highest + row * FLOOR for row, floor in enumerate(reversed(floors)) for room in floor}
    ways = [
        _arrow(room, other, way_of(room, other, places, floors, tops))
        for room, others in arrows.items()
        for other in sorted(others)
    ]
    boxes = (_box(room, places[room], tops[room], BOX, told[room], rooms[room]) for room in arrows)
    return [*ways, *chain.from_iterable(boxes)]


def _foot(rooms: Graph, foot: Sequence[str], y: int) -> list[str]:
    """The modules on which all rooms stand, side by side."""
    told, wide = _purposes(), (WIDTH - 2 * EDGE - 36 - 10 * (len(foot) - 1)) // len(foot)
    said = "Rooms import these too: arrows onto them are left out, and those that a detour of others makes already."
    parts = [
        f'<text class="small" x="{WIDTH // 2}" y="{y - 12}" text-anchor="middle">{said}</text>',
        '<g class="foot">',
    ]
    for number, room in enumerate(foot):
        parts += _box(room, EDGE + 18 + number * (wide + 10) + wide // 2, y, wide, told[room], rooms[room])
    return [*parts, "</g>"]


def _purposes() -> dict[str, str]:
    """What each room is for, as `storage/__init__` lists them."""
    return dict(re.findall(r"^  (\w+) +(.+)$", _told("storage"), re.MULTILINE))


def _box(room: str, centre: int, y: int, wide: int, told: str, imports: Iterable[str]) -> list[str]:
    names = " ".join(sorted(imports, key=LADDER.index))
    lines = _wrapped(told, round(wide / 6.7))
    first = y + round((BOX_HIGH - 13 * len(lines)) / 2) + 3
    return [
        f'<g class="room" data-room="{room}" data-imports="{names}">',
        f"<title>{room}: {escape(told)}. Imports {escape(names.replace(' ', ', ') or 'no other room')}.</title>",
        f'<rect class="box" x="{centre - wide // 2}" y="{y}" width="{wide}" height="{BOX_HIGH}" rx="7"/>',
        f'<text class="name" x="{centre}" y="{first}" text-anchor="middle">{room}</text>',
        *(
            f'<text class="small" x="{centre}" y="{at}" text-anchor="middle">{escape(line)}</text>'
            for at, line in zip(count(first + 16, 13), lines, strict=False)
        ),
        "</g>",
    ]


def _wrapped(text: str, most: int) -> list[str]:
    """The text in lines of at most so many letters."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _arrow(room: str, other: str, way: str) -> str:
    return f'<path class="arrow" data-from="{room}" data-to="{other}" d="{way}" marker-end="url(#tip)"/>'


if __name__ == "__main__":
    main()

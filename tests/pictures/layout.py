"""Where boxes and arrows stand in a picture of what imports what. Pure: of the same graph always the same picture.

A graph maps every box to those that its arrows go to, the lowest box first: no arrow goes to a later one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import mean

Graph = Mapping[str, frozenset[str]]

WIDTH = 1200
EDGE = 28  # around everything
BOX, BOX_HIGH = 176, 70
GAP, LANE = 56, 20  # between two boxes; what arrows need that pass between them
SWEEPS = 24  # of bringing boxes near those they are tied to


def floors_of(graph: Graph) -> list[list[str]]:
    """The boxes in rows, the lowest first: each stands above all that it goes to."""
    row: dict[str, int] = {}
    for box, others in graph.items():
        row[box] = max((row[to] + 1 for to in others), default=0)
    return [[box for box, at in row.items() if at == number] for number in range(max(row.values()) + 1)]


def without_detours(graph: Graph) -> Graph:
    """The arrows that no detour makes: `a → c` goes where `a → b → c` is there."""
    reached = {box: _beyond(graph, graph[box]) for box in graph}
    return {box: graph[box] - reached[box] for box in graph}


def _beyond(graph: Graph, some: Iterable[str]) -> frozenset[str]:
    """All that these go to, however far down."""
    found: set[str] = set()
    wanted = [to for one in some for to in graph[one]]
    while wanted:
        box = wanted.pop()
        if box not in found:
            found.add(box)
            wanted += graph[box]
    return frozenset(found)


def _passing(other: str, row: int) -> str:
    """The lane, on a floor that they only pass, of all arrows that go to a box below it."""
    return f">{other}@{row}"


def places_of(floors: Sequence[Sequence[str]], arrows: Graph) -> dict[str, int]:
    """The middle of every box, and of every lane between boxes: near what they are tied to."""
    row = {box: number for number, floor in enumerate(floors) for box in floor}
    lines: dict[int, list[str]] = {number: list(floor) for number, floor in enumerate(floors)}
    tied: dict[str, list[str]] = defaultdict(list)
    for box, others in arrows.items():
        for other in sorted(others):
            passed = {_passing(other, at): at for at in range(row[other] + 1, row[box])}
            for lane, at in passed.items():
                lines[at] += [lane] if lane not in lines[at] else []
            chain = [other, *passed, box]
            for low, up in pairwise(chain):
                tied[low].append(up)
                tied[up].append(low)
    places = {one: WIDTH / 2 for line in lines.values() for one in line}
    for line in lines.values():
        places |= _spread(line, places)
    for _ in range(SWEEPS):
        for line in lines.values():
            wished = {one: mean(places[to] for to in tied[one]) if tied[one] else places[one] for one in line}
            places |= _spread(sorted(line, key=wished.__getitem__), wished)
    boxes = [places[one] for one in row]
    aside = (WIDTH - min(boxes) - max(boxes)) / 2
    return {one: round(place + aside) for one, place in places.items()}


def _spread(line: Sequence[str], wished: Mapping[str, float]) -> dict[str, float]:
    """Every one as near to its wish as the others let it, in this order, within the sheet."""
    placed: list[float] = []
    for before, one in zip([None, *line], line, strict=False):
        least = placed[-1] + (_wide(before) + _wide(one)) / 2 if before is not None else float("-inf")
        placed.append(max(wished[one], least))
    aside = mean(wished[one] - place for one, place in zip(line, placed, strict=True))
    most_left = EDGE + 12 + _wide(line[0]) / 2 - placed[0]
    most_right = WIDTH - EDGE - 12 - _wide(line[-1]) / 2 - placed[-1]
    aside = min(max(aside, most_left), most_right) if most_left <= most_right else (most_left + most_right) / 2
    return {one: place + aside for one, place in zip(line, placed, strict=True)}


def _wide(one: str) -> int:
    return LANE if ">" in one else BOX + GAP


def way_of(
    box: str,
    other: str,
    places: Mapping[str, int],
    floors: Sequence[Sequence[str]],
    tops: Mapping[str, int],
) -> str:
    """Down from a box, straight through each floor that is passed, onto the box below."""
    row = {one: number for number, floor in enumerate(floors) for one in floor}
    x, y = places[box], tops[box] + BOX_HIGH
    steps = [f"M{x} {y}"]
    for at in range(row[box] - 1, row[other], -1):
        via, top = places[_passing(other, at)], tops[floors[at][0]]
        steps.append(f"C{x} {y + 26} {via} {top - 26} {via} {top} L{via} {top + BOX_HIGH}")
        x, y = via, top + BOX_HIGH
    steps.append(f"C{x} {y + 26} {places[other]} {tops[other] - 26} {places[other]} {tops[other]}")
    return " ".join(steps)

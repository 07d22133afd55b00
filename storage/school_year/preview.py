"""What would come of it if groups went where somebody says: counted before anything is done (D19). Pure.

Two groups that would become one are named: that is how a school's groups merge by accident (rule 32).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from storage.school_year.next_groups import Destination, NextGroup, Picture, YearGroup
from storage.values.person_names import group_key


@dataclass(frozen=True, slots=True)
class Merge:
    """`into` would hold the children of more than one group; `stays`: it has children of its own who stay."""

    into: str
    out_of: tuple[str, ...]
    stays: bool


@dataclass(frozen=True, slots=True)
class GroupStep:
    """One group and where it goes, in words that a page can show: `to` is a group's name where there is one."""

    group: YearGroup
    way: NextGroup
    to: str


@dataclass(frozen=True, slots=True)
class PromotionPreview:
    """Children who change groups, who leave, who stay; groups that are made; and what is worth a second look."""

    steps: tuple[GroupStep, ...]
    moved: int
    left: int
    stay: int
    made: tuple[str, ...]
    merges: tuple[Merge, ...]
    talks_ahead: int


def preview(
    picture: Picture, ways: Mapping[int, NextGroup], staying: Collection[tuple[int, int]] | None = None
) -> PromotionPreview:
    """`staying` None: as the picture proposes. Groups without children go nowhere."""
    names = {group.id: group.name for group in picture.groups}
    known = {group_key(name): name for name in names.values()}
    steps, made = [], []
    moved = left = stay = 0
    for group in (one for one in picture.groups if one.children):
        way = ways.get(group.id, NextGroup(Destination.STAY))
        to = names.get(way.group_id or 0, "") if way.goes is Destination.GROUP else ""
        if way.goes is Destination.NEW:
            name = " ".join(way.name.split())
            to = known.setdefault(group_key(name), name)
            made += [name] if to == name and name not in names.values() and name not in made else []
        steps.append(GroupStep(group, way, to))
        kept = _kept(group, staying) if way.goes is not Destination.STAY else len(group.children)
        gone = len(group.children) - kept
        stay += kept
        left += gone if way.goes is Destination.LEAVE else 0
        moved += gone if way.goes is not Destination.LEAVE else 0
    ahead = sum(step.group.talks_ahead for step in steps if step.way.goes is not Destination.STAY)
    return PromotionPreview(tuple(steps), moved, left, stay, tuple(made), _merges(steps), ahead)


def _kept(group: YearGroup, staying: Collection[tuple[int, int]] | None) -> int:
    if staying is None:
        return sum(child.stays for child in group.children)
    return sum((group.id, child.id) in staying for child in group.children)


def _merges(steps: list[GroupStep]) -> tuple[Merge, ...]:
    sources: dict[str, list[str]] = defaultdict(list)
    for step in steps:
        if step.to and step.to != step.group.name:
            sources[step.to].append(step.group.name)
    at_home = {step.group.name for step in steps if step.way.goes is Destination.STAY or step.to == step.group.name}
    return tuple(
        Merge(into, tuple(names), into in at_home)
        for into, names in sorted(sources.items())
        if len(names) > 1 or into in at_home
    )

"""Where a group goes at the end of the school year, as its name tells (D19, rule 32). Pure: names in, proposals out.

A proposal and no more: the desk shows it, and a person decides. A name that says nothing of a year gives none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise

from storage.values.person_names import group_key


class Destination(StrEnum):
    """What becomes of the children of a group."""

    STAY = "stay"
    LEAVE = "leave"
    GROUP = "group"  # another group that there is
    NEW = "new"  # a group that is made for them


@dataclass(frozen=True, slots=True)
class NextGroup:
    """`group_id` where they go to a group that there is, `name` where it is made. `known`: the name told us so."""

    goes: Destination
    group_id: int | None = None
    name: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A child of a group; `stays` proposes that it does not go up with it."""

    id: int
    name: str
    stays: bool


@dataclass(frozen=True, slots=True)
class YearGroup:
    """A group with its children by last name, and where we think that it goes."""

    id: int
    name: str
    children: tuple[GroupMember, ...]
    way: NextGroup
    combined: bool  # of more than one school year: some of its children stay
    talks_ahead: int  # booked talks still to come in plannings of this group


@dataclass(frozen=True, slots=True)
class Picture:
    """The school before it goes up. `mark` changes with every child that comes, goes or changes groups."""

    groups: tuple[YearGroup, ...]
    mark: str
    last: datetime | None  # when it last went up
    today: bool  # that was today


@dataclass(frozen=True, slots=True)
class Year:
    """A group's name taken apart: `7/8b` is the years 7 and 8 and the rest `b`."""

    kind: str
    ends: int  # the last year of that kind of school
    years: tuple[int, ...]
    after: str

    @property
    def last(self) -> int:
        return max(self.years)

    @property
    def combined(self) -> bool:
        return len(self.years) > 1


# The words that may stand before a year: what kind of counting that is, and its last year, after which children leave.
_PRIMARY = ("", 8)
_COUNTED = {
    **dict.fromkeys(("", "groep", "gr", "g", "group"), _PRIMARY),
    **dict.fromkeys(("klas", "kl", "leerjaar", "lj", "class", "year"), ("klas", 6)),
    **dict.fromkeys(("vwo", "v", "gymnasium", "atheneum"), ("vwo", 6)),
    **dict.fromkeys(("havo", "h"), ("havo", 5)),
    **dict.fromkeys(("vmbo", "mavo", "m", "bb", "kb", "gt", "tl"), ("vmbo", 4)),
}
_SECONDARY_ENDS = 4  # from this year on, a class without a next one may well be the last
_NAME = re.compile(
    r"(?P<before>[^\d]*?)[\s.]*(?P<years>\d(?:\s*(?:[/+&-]|en)\s*\d)*)(?P<after>(?!\d).*)", re.IGNORECASE
)
STAY = NextGroup(Destination.STAY, known=False)


def year(name: str) -> Year | None:
    """None for a name that tells no school year: `Kleuters`, `plusgroep`, `lokaal 12`."""
    found = _NAME.fullmatch(" ".join(name.split()))
    kind = _COUNTED.get(found["before"].casefold().strip(" .-")) if found else None
    if found is None or kind is None:
        return None
    years = tuple(int(one) for one in re.findall(r"\d", found["years"]))
    if len(years) > 1 and any(later - earlier != 1 for earlier, later in pairwise(years)):
        return None
    return Year(*kind, years, found["after"])


def proposals(groups: Mapping[int, str]) -> dict[int, NextGroup]:
    """Group id → where it goes; `groups` are all names of the school by id."""
    years = {id_: found for id_, name in groups.items() if (found := year(name)) is not None}
    return {id_: _way(id_, groups, years) for id_ in groups}


def stays_down(of: Year, born: date | None, today: date) -> bool:
    """Whether a child of a combined group is not in its highest year, by age: of `7/8` the sevens stay for a year.

    By the usual age alone, so the desk shows it as a tick that can be changed. Primary schools only.
    """
    if not of.combined or born is None or of.ends != _PRIMARY[1]:
        return False
    begun = today.year - 1 if today.month < 11 else today.year  # the school year that ends: also when done in October
    age = begun - born.year - ((born.month, born.day) > (10, 1))  # on the first of October
    return age - 3 < of.last


def _way(id_: int, groups: Mapping[int, str], years: Mapping[int, Year]) -> NextGroup:
    own = years.get(id_)
    if own is None or own.last > own.ends:
        return STAY
    if own.last == own.ends:
        return NextGroup(Destination.LEAVE)
    next_year = [
        other for other, its in years.items() if other != id_ and its.kind == own.kind and own.last + 1 in its.years
    ]
    # 7 goes to 8 where there is one, else to 7/8
    without = [other for other in next_year if own.last not in years[other].years] or next_year
    alike = [other for other in without if _rest(years[other]) == _rest(own)] or without
    if len(alike) == 1:
        return NextGroup(Destination.GROUP, alike[0])
    if alike:
        return STAY  # 6 → 7a or 7b: nobody but the school knows
    if own.ends != _PRIMARY[1] and own.last >= _SECONDARY_ENDS:
        return NextGroup(Destination.LEAVE, known=False)
    return _to_new(groups[id_], own)


def _rest(of: Year) -> str:
    return group_key(of.after)


def _to_new(name: str, own: Year) -> NextGroup:
    """`groep 6b` → `groep 7b`; what a combined group is called next nobody can tell."""
    if own.combined:
        return STAY
    return NextGroup(Destination.NEW, name=re.sub(r"\d", str(own.last + 1), " ".join(name.split()), count=1))

"""Families made by themselves: last name, postcode and house number where known (D6, rule 8).

A wrong merge is a leak, so what is not certain is made apart and named for a person to look at. Never touches a
student who has a family, nor a family that somebody changed by hand. Shown first (`propose`), then made (`make`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, col

from storage.access.credentials import renew
from storage.access.register import Register, RegisteredStudent, group_names, hold, register
from storage.audit.record import record
from storage.tables import Family, FamilyStudent
from storage.values.person_names import family_name, key
from storage.words import Act, Acting

LONGEST_NAME = 120


class Why(StrEnum):
    """Why a person should look at some children."""

    HOUSE_NUMBER = "house_number"  # same name and postcode, and of some the house number is not known
    ONE_NAME = "one_name"  # a child with one name: nothing says who its brothers and sisters are
    POSTCODE = "postcode"  # no postcode: nothing tells which family
    BY_HAND = "by_hand"  # same name and address as a family that was changed by hand
    MORE_FAMILIES = "more_families"  # more than one family has this name and address


class PlacedStudent(NamedTuple):
    """A child as the desk shows it. `family_id` None: it has none yet."""

    student_id: int
    name: str
    groups: str
    family_id: int | None = None


class ProposedFamily(NamedTuple):
    """A family that is made, with its children. `id` is 0 while it is only proposed."""

    id: int
    name: str
    children: tuple[PlacedStudent, ...]


class Joined(NamedTuple):
    """A child that joins a family which was made by itself before."""

    family_id: int
    family: str
    child: PlacedStudent


class Review(NamedTuple):
    """Children who may be one family; nothing was joined. `families` are those they have already: (id, name)."""

    why: Why
    children: tuple[PlacedStudent, ...]
    families: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class FamilyProposal:
    """What a run makes or has made. `untouched` children have a family and keep it."""

    families: tuple[ProposedFamily, ...]
    joined: tuple[Joined, ...]
    untouched: int
    review: tuple[Review, ...]

    def counts(self) -> dict[str, int]:
        return {
            "families": len(self.families),
            "children": sum(len(family.children) for family in self.families),
            "joined": len(self.joined),
            "untouched": self.untouched,
            "review": len(self.review),
        }

    @property
    def empty(self) -> bool:
        return not (self.families or self.joined)


def propose(session: Session, school_id: int) -> FamilyProposal:
    """What `make` would do now. Writes nothing."""
    return _Sorting(register(session, school_id), group_names(session, school_id)).proposal()


def make(session: Session, school_id: int, acting: Acting, pepper: bytes, dry_run: bool = False) -> FamilyProposal:
    """Make the proposed families and let siblings join; a second run makes nothing. `dry_run` writes nothing.

    The new families have the school's kind of secret at once, where it has chosen one.
    """
    if not dry_run:
        hold(session, school_id)
    proposal = propose(session, school_id)
    if dry_run or proposal.empty:
        return proposal
    made = tuple(family._replace(id=_add_family(session, school_id, family)) for family in proposal.families)
    members = [(family.id, child.student_id) for family in made for child in family.children]
    members += [(joined.family_id, joined.child.student_id) for joined in proposal.joined]
    rows = [{"school_id": school_id, "family_id": family, "student_id": student} for family, student in members]
    session.connection().execute(insert(FamilyStudent), rows)
    renew(session, school_id, pepper)
    done = FamilyProposal(made, proposal.joined, proposal.untouched, proposal.review)
    record(session, school_id, acting, Act.FAMILIES_MADE, None, **done.counts())
    return done


def _add_family(session: Session, school_id: int, family: ProposedFamily) -> int:
    values = {"school_id": school_id, "name": family.name, "email": "", "by_hand": False, "blocked": False}
    made: Any = session.connection().execute(insert(Family).returning(col(Family.id)), values).scalar_one()
    return int(made)


class _Key(NamedTuple):
    """Which children are certainly one family. The prefix counts only where no house number does."""

    last_name: str
    postcode: str
    house_number: str
    prefix: str


class _Sorting:
    """The children of a school, sorted into families."""

    def __init__(self, known: Register, groups: Mapping[int, str]) -> None:
        self.known, self.groups = known, groups
        self.made: list[ProposedFamily] = []
        self.joined: list[Joined] = []
        self.review: list[Review] = []

    def proposal(self) -> FamilyProposal:
        children = [child for child in self.known.children.values() if not child.left]
        neighbours: dict[tuple[str, str], list[RegisteredStudent]] = defaultdict(list)
        nowhere: list[RegisteredStudent] = []
        for child in children:
            if child.postcode and child.last_name:
                neighbours[key(child.last_name), child.postcode].append(child)
            elif not self._has_family(child):
                nowhere.append(child)
        for together in neighbours.values():
            self._sort(together)
        for child in nowhere:
            self._make([child])
        if unsure := [child for child in children if not child.postcode and self._alone(child)]:
            self.review.append(self._look_at(Why.POSTCODE, unsure))
        if unsure := [child for child in children if child.postcode and not child.last_name and self._alone(child)]:
            self.review.append(self._look_at(Why.ONE_NAME, unsure))
        untouched = sum(map(self._has_family, children))
        self.made.sort(key=lambda family: (key(family.name), family.children[0].student_id))
        return FamilyProposal(tuple(self.made), tuple(self.joined), untouched, tuple(self.review))

    def _sort(self, together: list[RegisteredStudent]) -> None:
        """Children of one last name and postcode."""
        some_known = any(child.house_number for child in together)
        by_key: dict[_Key, list[RegisteredStudent]] = defaultdict(list)
        for child in together:
            if some_known and not child.house_number:
                if not self._has_family(child):
                    self._make([child])
            else:
                by_key[_key(child)].append(child)
        for one_family in by_key.values():
            self._place(one_family)
        self._doubt(together, some_known)

    def _place(self, children: list[RegisteredStudent]) -> None:
        """Children who are certainly one family."""
        new = [child for child in children if not self._has_family(child)]
        families = {self.known.first_family(child.id) for child in children if self._has_family(child)}
        automatic = [id_ for id_ in families if not self.known.families[id_].by_hand]
        if new and len(families) == 1 and automatic:
            family = self.known.families[automatic[0]]
            self.joined += [Joined(family.id, family.name, self._placed(child)) for child in new]
            return
        if new:
            self._make(new)
        if len(automatic) > 1 or (new and families):
            why = Why.MORE_FAMILIES if automatic else Why.BY_HAND
            self.review.append(self._look_at(why, children))

    def _doubt(self, together: list[RegisteredStudent], some_known: bool) -> None:
        """One street, one name, and of some no house number: a person knows whether they are one family."""
        if not some_known or len(together) < 2 or all(child.house_number for child in together):
            return
        families = {self._family(child) for child in together}
        settled = None not in families and (
            len(families) == 1 or all(self.known.families[id_].by_hand for id_ in families if id_ is not None)
        )
        if not settled:
            self.review.append(self._look_at(Why.HOUSE_NUMBER, together))

    def _make(self, children: list[RegisteredStudent]) -> None:
        first = children[0]
        name = family_name(first.first_name, first.prefix, first.last_name, first.call_name)[:LONGEST_NAME]
        self.made.append(ProposedFamily(0, name, tuple(map(self._placed, children))))

    def _look_at(self, why: Why, children: Iterable[RegisteredStudent]) -> Review:
        placed = tuple(map(self._placed, children))
        ids = dict.fromkeys(child.family_id for child in placed if child.family_id is not None)
        return Review(why, placed, tuple((id_, self.known.families[id_].name) for id_ in ids))

    def _placed(self, child: RegisteredStudent) -> PlacedStudent:
        return PlacedStudent(child.id, child.name, self.groups.get(child.id, ""), self._family(child))

    def _family(self, child: RegisteredStudent) -> int | None:
        return self.known.first_family(child.id) if self._has_family(child) else None

    def _has_family(self, child: RegisteredStudent) -> bool:
        return bool(self.known.of_child.get(child.id))

    def _alone(self, child: RegisteredStudent) -> bool:
        """Whether a child of whom nothing tells its family has none, or one made by itself that it is alone in."""
        family_id = self._family(child)
        if family_id is None:
            return True
        return not self.known.families[family_id].by_hand and len(self.known.of_family[family_id]) == 1


def _key(child: RegisteredStudent) -> _Key:
    prefix = "" if child.house_number else key(child.prefix)
    return _Key(key(child.last_name), child.postcode, child.house_number, prefix)

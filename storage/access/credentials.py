"""What lets a family in: credentials are rows, made in bulk from what the school knows (D8; rules 1, 2, 5).

Never stores a datum as it is: values are keyed with the pepper. A child's own datum opens one family only; the second
family of a child has none until it gets a code, and the views say so.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from storage.access import hints
from storage.access.register import Register, hold, register
from storage.access.secrets import keyed
from storage.audit.record import record
from storage.refusals import Invalid, NotFound, Refusal, Refused
from storage.tables import Credential, School
from storage.words import Act, Acting, SecretKind

# In the order in which they are offered: the better default first (rule 4).
CHOICES = (
    SecretKind.POSTCODE_HOUSE_NUMBER,
    SecretKind.BIRTH_DATE,
    SecretKind.STUDENT_NUMBER,
    SecretKind.POSTCODE,
)
ADDRESSES = frozenset({SecretKind.POSTCODE, SecretKind.POSTCODE_HOUSE_NUMBER})
MOST_NAMED = 10
LONGEST_HINT = 200


@dataclass(frozen=True, slots=True)
class MissingData(Refusal):
    """This kind cannot be chosen: so many families lack the datum; the first of them by name (D8)."""

    kind: SecretKind
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lacks:
    """A family without the datum, and which of its children lack it."""

    family_id: int
    family: str
    children: tuple[str, ...]
    student_ids: tuple[int, ...] = ()

    @property
    def pupils(self) -> tuple[tuple[int, str], ...]:
        """(id, name) of the children, to lead to where the datum is added."""
        return tuple(zip(self.student_ids, self.children, strict=True))


@dataclass(frozen=True, slots=True)
class Collision:
    """Two or more families that one first name and one secret would fit: their parents are asked one thing more."""

    families: tuple[tuple[int, str], ...]
    children: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of secret, and what stands in its way. `weak`: a bare postcode, which classmates know (rule 4)."""

    kind: SecretKind
    offered: bool
    chosen: bool
    lacking: tuple[Lacks, ...]
    collisions: tuple[Collision, ...]
    weak: bool


@dataclass(frozen=True, slots=True)
class Bare:
    """A family that nobody can sign in with."""

    family_id: int
    family: str
    children: tuple[str, ...]
    second: bool  # its children's own data open another family (rule 1)


def kinds(session: Session, school_id: int) -> tuple[KindView, ...]:
    """Every kind that a school may choose, the better ones first."""
    school = _school(session, school_id)
    known = _present(session, school_id)
    coded = _coded(session, school_id)
    return tuple(_view(known, coded, kind, school.secret_kind) for kind in CHOICES)


def bare(session: Session, school_id: int) -> tuple[Bare, ...]:
    """The families with children and without any credential (D7)."""
    known = _present(session, school_id)
    having = set(session.execute(_HAVING.where(col(Credential.school_id) == school_id)).scalars())
    found = []
    for family_id, family in known.families.items():
        children = known.of_family.get(family_id, [])
        if children and family_id not in having:
            names = tuple(known.children[id_].name for id_ in children)
            found.append(Bare(family_id, family.name, names, not known.own_children(family_id)))
    return tuple(sorted(found, key=lambda one: (one.family.casefold(), one.family_id)))


def choose(
    session: Session, school_id: int, acting: Acting, kind: SecretKind, pepper: bytes, hint: str | None = None
) -> int:
    """Give every family this kind of secret; codes of their own stay. Returns how many families have it.

    `hint` None or empty: the old one where it fits, else the first wording in the school's language.
    Raises Refused(Lacks) when a family lacks the datum, Refused(Invalid) for a kind or hint that cannot be.
    """
    if kind not in CHOICES:
        raise Refused(Invalid("A code is given to one family at a time."))
    hold(session, school_id)
    school = _school(session, school_id)
    known = _present(session, school_id)
    lacking = _lacking(known, _coded(session, school_id), kind)
    if lacking:
        raise Refused(MissingData(kind, len(lacking), tuple(one.family for one in lacking[:MOST_NAMED])))
    wanted = set(_wanted(known, kind, pepper))
    if not wanted:
        raise Refused(Invalid("There are no families yet: make them first."))
    text = checked_hint(hint or "") or _fitting(kind, school)
    _settle(session, school_id, kind, wanted)
    session.execute(update(School).where(col(School.id) == school_id).values(secret_kind=kind, hint=text))
    families = len({family_id for family_id, _, _ in wanted})
    record(session, school_id, acting, Act.SECRET_CHOSEN, None, kind=str(kind), families=families)
    return families


def reword(session: Session, school_id: int, acting: Acting, hint: str) -> str:
    """Change the text under the question alone (D9); empty is the first wording of the kind. Returns what it is now.

    Raises Refused(Invalid) while no kind has been chosen, or for a text that cannot be shown.
    """
    school = _school(session, school_id)
    if school.secret_kind is None:
        raise Refused(Invalid("Choose what families type first."))
    text = checked_hint(hint) or hints.default(school.secret_kind, school.language)
    if text != school.hint:
        session.execute(update(School).where(col(School.id) == school_id).values(hint=text))
        record(session, school_id, acting, Act.SCHOOL_CHANGED, school_id, fields=["hint"])
    return text


def renew(session: Session, school_id: int, pepper: bytes, give: frozenset[int] = frozenset()) -> None:
    """Make the credentials agree with who and what the families are now; call it after any change of these.

    A family made by hand that has none gets none (D7), unless it is in `give`. A code goes with its family: each of
    its children has it, nobody else.
    """
    kind = _school(session, school_id).secret_kind
    known = _present(session, school_id)
    _follow_codes(session, school_id, known)
    if kind is None:
        return
    having = set(session.execute(_HAVING.where(col(Credential.school_id) == school_id)).scalars())
    wanted = {
        row
        for row in _wanted(known, kind, pepper)
        if row[0] in having or row[0] in give or not known.families[row[0]].by_hand
    }
    _settle(session, school_id, kind, wanted)


_HAVING = select(col(Credential.family_id)).distinct()
_Row = tuple[int, int, str]  # family, student, value


def _present(session: Session, school_id: int) -> Register:
    """Everybody but the children who have left: nobody is let in with them (D19)."""
    known = register(session, school_id)
    for family_id, children in known.of_family.items():
        known.of_family[family_id] = [id_ for id_ in children if known.children[id_].left is None]
    return known


def _view(known: Register, coded: set[int], kind: SecretKind, chosen: SecretKind | None) -> KindView:
    lacking = _lacking(known, coded, kind)
    return KindView(
        kind=kind,
        offered=not lacking and bool(known.of_child),
        chosen=kind == chosen,
        lacking=lacking,
        collisions=_collisions(known, kind),
        weak=kind is SecretKind.POSTCODE,
    )


def _lacking(known: Register, coded: set[int], kind: SecretKind) -> tuple[Lacks, ...]:
    """Families with children of their own for whom the datum is missing; one with a code has a way in already."""
    found = []
    for family_id, family in known.families.items():
        own = known.own_children(family_id)
        without = [child for child in own if not child.datum(kind)]
        enough = not without or (kind in ADDRESSES and len(without) < len(own))
        if not enough and family_id not in coded:
            names = tuple(child.name for child in without)
            found.append(Lacks(family_id, family.name, names, tuple(child.id for child in without)))
    return tuple(sorted(found, key=lambda one: (one.family.casefold(), one.family_id)))


def _data(known: Register, kind: SecretKind) -> Iterator[_Row]:
    """(family, student, normalised datum): what each family may type for each child."""
    taken: set[tuple[int, str]] = set()  # a datum of a child opens one family only
    second: list[_Row] = []
    for family_id in known.families:
        own = known.own_children(family_id)
        addresses = {child.datum(kind) for child in own} - {""} if kind in ADDRESSES else set()
        for child in own:
            for datum in addresses or ({child.datum(kind)} - {""}):
                taken.add((child.id, datum))
                yield family_id, child.id, datum
        if addresses and len(own) < len(known.of_family[family_id]):
            shared = set(known.of_family[family_id]) - {child.id for child in own}
            second += [(family_id, id_, datum) for id_ in sorted(shared) for datum in addresses]
    for row in second:
        if row[1:] not in taken:
            taken.add(row[1:])
            yield row


def _wanted(known: Register, kind: SecretKind, pepper: bytes) -> Iterator[_Row]:
    for family_id, student_id, datum in _data(known, kind):
        yield family_id, student_id, keyed(pepper, kind, datum)


def _collisions(known: Register, kind: SecretKind) -> tuple[Collision, ...]:
    fitting: dict[tuple[str, str], set[tuple[int, int]]] = defaultdict(set)
    for family_id, student_id, datum in _data(known, kind):
        for key in known.children[student_id].keys:
            fitting[key, datum].add((family_id, student_id))
    found: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for pairs in fitting.values():
        families = tuple(sorted({family_id for family_id, _ in pairs}))
        if len(families) > 1:
            found[families] |= {student_id for _, student_id in pairs}
    return tuple(
        Collision(
            tuple((id_, known.families[id_].name) for id_ in families),
            tuple(known.children[id_].name for id_ in sorted(students)),
        )
        for families, students in sorted(found.items())
    )


def _settle(session: Session, school_id: int, kind: SecretKind, wanted: set[_Row]) -> None:
    """Make the rows of every kind but code those that are wanted, touching no row that may stay."""
    there = select(
        col(Credential.id), col(Credential.family_id), col(Credential.student_id), col(Credential.value)
    ).where(col(Credential.school_id) == school_id, col(Credential.kind) != SecretKind.CODE)
    stale, missing = [], set(wanted)
    for id_, *row in session.connection().execute(there.add_columns(col(Credential.kind))):
        *row, stored_kind = row
        if stored_kind == kind and tuple(row) in missing:
            missing.discard((row[0], row[1], row[2]))
        else:
            stale.append(id_)
    for first in range(0, len(stale), 500):
        session.execute(delete(Credential).where(col(Credential.id).in_(stale[first : first + 500])))
    _add(session, school_id, kind, missing)


def _add(session: Session, school_id: int, kind: SecretKind, rows: set[_Row]) -> None:
    if rows:
        names = ("family_id", "student_id", "value")
        values = [dict(zip(names, row, strict=True)) | {"school_id": school_id, "kind": kind} for row in sorted(rows)]
        session.connection().execute(insert(Credential), values)


def _follow_codes(session: Session, school_id: int, known: Register) -> None:
    codes = select(
        col(Credential.id), col(Credential.family_id), col(Credential.student_id), col(Credential.value)
    ).where(col(Credential.school_id) == school_id, col(Credential.kind) == SecretKind.CODE)
    values: dict[int, set[str]] = defaultdict(set)
    there: dict[_Row, int] = {}
    rows: Any = session.connection().execute(codes)
    for id_, family_id, student_id, value in rows:
        values[family_id].add(value)
        there[family_id, student_id, value] = id_
    wanted = {(id_, child, value) for id_, held in values.items() for value in held for child in known.of_family[id_]}
    stale = [id_ for row, id_ in there.items() if row not in wanted]
    if stale:
        session.execute(delete(Credential).where(col(Credential.id).in_(stale)))
    _add(session, school_id, SecretKind.CODE, wanted - set(there))


def _coded(session: Session, school_id: int) -> set[int]:
    own = _HAVING.where(col(Credential.school_id) == school_id, col(Credential.kind) == SecretKind.CODE)
    return set(session.execute(own).scalars())


def _school(session: Session, school_id: int) -> School:
    school = session.get(School, school_id)
    if school is None:
        raise Refused(NotFound("school"))
    return school


def checked_hint(hint: str) -> str:
    """One line that can be shown, perhaps empty. Raises Refused(Invalid)."""
    text = " ".join(hint.split())
    if len(text) > LONGEST_HINT:
        raise Refused(Invalid("The hint is longer than %(most)s characters.", (("most", str(LONGEST_HINT)),)))
    if not text.isprintable():
        raise Refused(Invalid("The hint holds a character that cannot be shown."))
    return text


def _fitting(kind: SecretKind, school: School) -> str:
    """The old hint where it speaks of the kind, else the first wording."""
    return school.hint if hints.fits(kind, school.hint) else hints.default(kind, school.language)

"""What the desk's first page is told of the round of talks (D2): counts alone, frozen, without a name of anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.words import PlanningState, SecretKind


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """Children at school, and their families (only those with such a child). `lacking`: datum → children without it.

    `bare` families have nothing to come in with; `lettered` have had a letter; `invited` a message that sign-up opens;
    `linked` have a chat; `unreachable` neither a chat nor a mail address. `leavers` have left and are still kept.
    """

    kind: SecretKind | None
    groups: int
    students: int
    families: int
    bare: int
    lettered: int
    invited: int
    linked: int
    unreachable: int
    leavers: int
    lacking: Mapping[str, int]
    review: int  # in families that a person should look at

    @property
    def without_family(self) -> int:
        return self.lacking["family"]

    @property
    def lacked(self) -> Mapping[str, int]:
        """What the chosen kind of secret is made of → how many children lack it; nothing where none does."""
        return {datum: self.lacking[datum] for datum in _MADE_OF.get(self.kind, ()) if self.lacking[datum]}


_MADE_OF: Mapping[SecretKind | None, tuple[str, ...]] = {
    SecretKind.POSTCODE: ("postcode",),
    SecretKind.POSTCODE_HOUSE_NUMBER: ("postcode", "house_number"),
    SecretKind.BIRTH_DATE: ("birth_date",),
    SecretKind.STUDENT_NUMBER: ("student_number",),
}


@dataclass(frozen=True, slots=True)
class PlanningCounts:
    """One planning. `talks` are wanted: one for each child, or for each of its families (rule 12); `times` can be used:
    booked, or free and to come. `booked` counts children."""

    id: int
    title: str
    state: PlanningState
    children: int
    talks: int
    booked: int
    times: int

    @property
    def draft(self) -> bool:
        return self.state is PlanningState.DRAFT

    @property
    def short(self) -> int:
        """How many times are lacking."""
        return max(0, self.talks - self.times)

    @property
    def waiting(self) -> int:
        """Children without a talk."""
        return max(0, self.children - self.booked)


@dataclass(frozen=True, slots=True)
class ConferenceCounts:
    """The conference that counts. Moments are None while there is no planning, or no time."""

    id: int
    name: str
    opens: datetime | None
    closes: datetime | None
    first: datetime | None
    last: datetime | None
    tables: tuple[PlanningCounts, ...]
    families: int
    families_booked: int
    teachers: int
    teachers_without_mail: int
    teachers_at_desk: int  # with an account that may sign in

    @property
    def drafts(self) -> int:
        return sum(table.draft for table in self.tables)

    @property
    def short(self) -> tuple[PlanningCounts, ...]:
        return tuple(table for table in self.tables if table.short)

    @property
    def published(self) -> tuple[PlanningCounts, ...]:
        return tuple(table for table in self.tables if not table.draft)


@dataclass(frozen=True, slots=True)
class Progress:
    """`talks` is None where there is no conference; `over` where all are behind us. `others` run or come too."""

    people: PeopleCounts
    talks: ConferenceCounts | None
    over: bool
    others: tuple[tuple[int, str], ...]

"""A checked list of plannings against what the school has: shown first, then applied whole or not at all (D10).

One row is one planning on one day. What a file says about a planning is the whole of it: its times become those of the
file. A time that is booked is never removed (rule 13), groups are never invented, and a new planning is a draft.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from storage.access.register import hold
from storage.importing.columns.table import Read
from storage.importing.counts import ImportCounts
from storage.importing.files.limits import RowError
from storage.importing.plannings.current_plannings import CurrentPlanning, current_plannings
from storage.importing.plannings.rows import PlanningRow
from storage.importing.students.comparing import Change
from storage.msgids import N_, pairs
from storage.planning import conferences, plannings, slots
from storage.planning.conferences import ConferenceForm
from storage.planning.grid import Span, times
from storage.planning.plannings import PlanningForm
from storage.planning.teachers import TeacherLine
from storage.refusals import Invalid, NotFound, Refused
from storage.tables import School
from storage.timezone import to_local, to_utc
from storage.values.normalise import name as name_key
from storage.values.person_names import group_key
from storage.words import Acting

UNKNOWN_GROUP = N_("There is no group “%(group)s” at this school.")
DIFFERS = N_("This row says something else about “%(title)s” than line %(line)s: %(what)s.")
OVERLAPS = N_("These times overlap those of line %(line)s.")
BOOKED = N_("“%(title)s” has %(count)s booked times that are not in the file: move or cancel these talks first.")
TWO_ADDRESSES = N_("%(email)s: another row gives another e-mail address for %(teacher)s.")
LONG_ROOM = N_("“%(value)s” is longer than %(most)s characters.")
_ROOM = 60
_SAME = ("teachers", "email", "groups", "room", "remarks", "opens", "opens_early", "closes")
_MAY_BE_LEFT_OUT = frozenset({"email", "room", "remarks", "opens_early"})  # in the second row of a planning


@dataclass(frozen=True, slots=True)
class PlanningChange:
    """One planning of the file. `made` for a new one; `added` and `removed` count its times."""

    conference: str
    title: str
    made: bool
    added: int
    removed: int
    changes: tuple[Change, ...]

    @property
    def empty(self) -> bool:
        return not (self.made or self.added or self.removed or self.changes)


@dataclass(frozen=True, slots=True)
class PlanningDifference(ImportCounts):
    """What a list would change, or did; the counts are of rows. With any error nothing is applied."""

    plannings: tuple[PlanningChange, ...]
    new_conferences: tuple[str, ...]


def preview(session: Session, school_id: int, read: Read[PlanningRow], now: datetime) -> PlanningDifference:  # noqa: ARG001
    """What `apply` would do with these rows. Writes nothing."""
    return _Comparison(session, school_id, read).difference()


def apply(session: Session, school_id: int, acting: Acting, read: Read[PlanningRow]) -> PlanningDifference:
    """Make the school's plannings those of the list; nothing where the difference has errors.

    An e-mail address asks for a mail at each booking (T2). A field without a column stays as it is. Raises Refused
    where something cannot be stored after all: the whole is then rolled back.
    """
    hold(session, school_id)
    compared = _Comparison(session, school_id, read)
    difference = compared.difference()
    if not difference.errors:
        for wanted in compared.wanted:
            if not compared.change(wanted).empty:
                compared.write(acting, wanted)
    return difference


@dataclass(slots=True)
class _Wanted:
    """A planning as the file has it: its rows, the values that they share, its times by row."""

    rows: list[PlanningRow]
    values: dict[str, Any] = field(default_factory=dict)
    spans: dict[Span, int] = field(default_factory=dict)  # → line

    @property
    def first(self) -> PlanningRow:
        return self.rows[0]


class _Comparison:
    """The rows beside the school's plannings: read once when made."""

    def __init__(self, session: Session, school_id: int, read: Read[PlanningRow]) -> None:
        self.session, self.school_id, self.read = session, school_id, read
        zone = session.scalar(select(col(School.timezone)).where(col(School.id) == school_id))
        if zone is None:
            raise Refused(NotFound("school"))
        self.zone = zone
        self.board = current_plannings(session, school_id)
        self.errors: list[RowError] = list(read.errors)
        self.emails = self._emails(read.rows)
        together: dict[tuple[str, str], list[PlanningRow]] = defaultdict(list)
        for row in read.rows:
            together[group_key(row.conference), group_key(row.title)].append(row)
        self.wanted = [self._want(rows) for rows in together.values()]
        for wanted in self.wanted:
            self._check_booked(wanted)
        self.errors.sort(key=lambda error: error.line)

    def difference(self) -> PlanningDifference:
        bad = {error.line for error in self.errors}
        changes = [(wanted, self.change(wanted)) for wanted in self.wanted]

        def count(kind: str) -> int:
            of_kind = [wanted for wanted, change in changes if _kind(change) == kind]
            return sum(row.line not in bad for wanted in of_kind for row in wanted.rows)

        made = {group_key(w.first.conference): w.first.conference for w in self.wanted}
        return PlanningDifference(
            read=len(self.read.rows) + len({error.line for error in self.read.errors}),
            new=count("new"),
            changed=count("changed"),
            unchanged=count("unchanged"),
            refused=len(bad),
            errors=tuple(self.errors),
            plannings=tuple(change for _, change in changes),
            new_conferences=tuple(name for key, name in made.items() if key not in self.board.conferences),
        )

    def change(self, wanted: _Wanted) -> PlanningChange:
        standing = self._standing_of(wanted)
        there = set(standing.slots) if standing else set()
        changes = tuple(self._changes(wanted, standing)) if standing else ()
        return PlanningChange(
            wanted.first.conference,
            wanted.first.title,
            standing is None,
            len(set(wanted.spans) - there),
            len(there - set(wanted.spans)),
            changes,
        )

    def write(self, acting: Acting, wanted: _Wanted) -> None:
        standing = self._standing_of(wanted)
        form = self._form(wanted, standing)
        if standing is None:
            conference_id = self._conference(acting, wanted.first.conference)
            planning_id = plannings.make(self.session, self.school_id, acting, conference_id, form)
        else:
            planning_id = standing.id
            if self.change(wanted).changes:
                plannings.edit(self.session, self.school_id, acting, planning_id, form)
            for span, (slot_id, _) in standing.slots.items():
                if span not in wanted.spans:
                    slots.remove(self.session, self.school_id, acting, planning_id, slot_id)
        there = standing.slots if standing else {}
        new = sorted(set(wanted.spans) - set(there))
        slots.add(self.session, self.school_id, acting, planning_id, new)

    def _want(self, rows: Sequence[PlanningRow]) -> _Wanted:
        wanted = _Wanted(list(rows))
        for row in rows:
            for name in self._differing(wanted.first, row):
                what = (("title", row.title), ("line", str(wanted.first.line)), ("what", name))
                self.errors.append(RowError(row.line, None, DIFFERS, what))
            try:
                self._add_times(wanted, row)
            except Refused as refused:
                self._refuse(row, refused)
        try:
            wanted.values = self._values(wanted)
        except Refused as refused:
            self._refuse(wanted.first, refused)
        return wanted

    def _differing(self, first: PlanningRow, row: PlanningRow) -> Iterator[str]:
        for name in _SAME:
            said, before = getattr(row, name), getattr(first, name)
            if said != before and (said or name not in _MAY_BE_LEFT_OUT):
                yield name

    def _add_times(self, wanted: _Wanted, row: PlanningRow) -> None:
        spans = times(row.date, row.start, row.until, row.minutes, row.break_after, row.break_minutes, zone=self.zone)
        for span in spans:
            across = next((line for other, line in wanted.spans.items() if _overlap(span, other)), None)
            if across is not None:
                self.errors.append(RowError(row.line, None, OVERLAPS, pairs(line=across)))
                return
        wanted.spans.update(dict.fromkeys(spans, row.line))

    def _values(self, wanted: _Wanted) -> dict[str, Any]:
        """What the file says, as comparable values; a field without a column is left out."""
        row, fields = wanted.first, self.read.fields
        values: dict[str, Any] = {
            "title": row.title,
            "groups": self._group_ids(row),
            "opens": to_utc(row.opens, self.zone),
            "closes": to_utc(row.closes, self.zone),
        }
        if "opens_early" in fields:
            values["opens_early"] = to_utc(row.opens_early, self.zone) if row.opens_early else None
        values |= {name: getattr(row, name) for name in ("room", "remarks") if name in fields}
        if len(row.room) > _ROOM:
            self.errors.append(RowError(row.line, None, LONG_ROOM, pairs(value=row.room, most=_ROOM)))
        return values

    def _group_ids(self, row: PlanningRow) -> frozenset[int]:
        for name in row.groups:
            if group_key(name) not in self.board.groups:
                self.errors.append(RowError(row.line, None, UNKNOWN_GROUP, pairs(group=name)))
        known = (self.board.groups.get(group_key(name)) for name in row.groups)
        return frozenset(found[0] for found in known if found)

    def _check_booked(self, wanted: _Wanted) -> None:
        standing = self._standing_of(wanted)
        if standing is None:
            return
        lost = [span for span, (_, booked) in standing.slots.items() if booked and span not in wanted.spans]
        if lost:
            values = pairs(title=wanted.first.title, count=len(lost))
            self.errors.append(RowError(wanted.first.line, None, BOOKED, values))

    def _standing_of(self, wanted: _Wanted) -> CurrentPlanning | None:
        conference = self.board.conferences.get(group_key(wanted.first.conference))
        if conference is None:
            return None
        return self.board.plannings.get((conference, group_key(wanted.first.title)))

    def _changes(self, wanted: _Wanted, standing: CurrentPlanning) -> Iterator[Change]:
        for name, new in wanted.values.items():
            old = standing.values[name]
            if old != new:
                yield Change(name, self._shown(old), self._shown(new))
        teachers = {name_key(name): name for name in wanted.first.teachers}
        if teachers.keys() != standing.teachers.keys():
            yield Change("teachers", ", ".join(standing.teachers.values()), ", ".join(teachers.values()))
        for key in teachers:
            old, new = self.board.emails.get(key, ""), self.emails.get(key, "")
            if new and new != old:
                yield Change("email", old, new)

    def _form(self, wanted: _Wanted, standing: CurrentPlanning | None) -> PlanningForm:
        values: dict[str, Any] = {"opens_early": None, "room": "", "remarks": ""}
        values |= (standing.values if standing else {}) | wanted.values
        if standing is None:
            mail = any(row.email for row in wanted.rows)
        else:
            mail = standing.mail_each_booking or any(one.field == "email" for one in self._changes(wanted, standing))
        return PlanningForm(
            title=values["title"],
            teachers=tuple(TeacherLine(name, self.emails.get(name_key(name))) for name in wanted.first.teachers),
            group_ids=values["groups"],
            opens=values["opens"],
            closes=values["closes"],
            opens_early=values["opens_early"],
            remarks=values["remarks"],
            room=values["room"],
            mail_each_booking=mail,
        )

    def _emails(self, rows: Sequence[PlanningRow]) -> dict[str, str]:
        """Whose the addresses are: of a row with one teacher it is plain; else of who has none yet, the first."""
        found: dict[str, str] = {}
        for row in sorted((row for row in rows if row.email), key=lambda row: len(row.teachers)):
            keys = [name_key(name) for name in row.teachers]
            if row.email in (found.get(key) for key in keys):
                continue
            free = next((key for key in keys if key not in found), None)
            if free is None:
                values = pairs(teacher=row.teachers[0], email=row.email)
                self.errors.append(RowError(row.line, None, TWO_ADDRESSES, values))
            else:
                found[free] = row.email
        return found

    def _conference(self, acting: Acting, name: str) -> int:
        found = self.board.conferences.get(group_key(name))
        if found is None:
            found = conferences.make(self.session, self.school_id, acting, ConferenceForm(name))
            self.board.conferences[group_key(name)] = found
        return found

    def _refuse(self, row: PlanningRow, refused: Refused) -> None:
        refusal = refused.refusal
        if not isinstance(refusal, Invalid):
            raise refused
        self.errors.append(RowError(row.line, None, refusal.message, refusal.values))

    def _shown(self, value: Any) -> str:
        match value:
            case None:
                return ""
            case datetime():
                return f"{to_local(value, self.zone):%d-%m-%Y %H:%M}"
            case frozenset():
                names = dict(self.board.groups.values())
                return ", ".join(sorted(names[id_] for id_ in value))
        return str(value)


def _kind(change: PlanningChange) -> str:
    return "new" if change.made else "unchanged" if change.empty else "changed"


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end

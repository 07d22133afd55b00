"""Which row of a file is which student of the school (rule 26). Pure: dictionaries in, pairs out.

A student number decides; else name and birth date; else name and group, then name and address. A number that the school
does not know may be another number of a child that it knows, after a change of administration: name and birth date, or
name and address, say so. Two rows never become one student in silence, and one row never becomes a guess: both are
errors with their line.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from storage.importing.files.limits import RowError
from storage.importing.students.student_row import StudentRow
from storage.msgids import N_, pairs
from storage.values.person_names import called, full, key
from storage.values.student_data import number_key

TWICE = N_("%(name)s stands in the file twice: line %(line)s is the same student.")
UNSURE = N_("%(name)s fits more than one student: give the student number or the birth date.")


class Stored(NamedTuple):
    """A student as the school has it; the order of the columns is that of the query in applying.py."""

    id: int
    first_name: str
    prefix: str
    last_name: str
    postcode: str
    house_number: str
    birth_date: date | None
    student_number: str
    email: str
    phone: str
    call_name: str
    left: datetime | None
    groups: frozenset[int]


@dataclass(slots=True)
class Matches:
    """Rows with the student that each is (None: a new one), in the order of the file; and what was refused."""

    students: list[Stored | None]
    errors: list[RowError] = field(default_factory=list)

    @property
    def known(self) -> set[int]:
        return {student.id for student in self.students if student is not None}


def match(rows: Sequence[StudentRow], stored: Iterable[Stored], group_ids: Callable[[StudentRow], set[int]]) -> Matches:
    """`group_ids` gives the ids of a row's groups, without those that are still to be made."""
    known = list(stored)
    matches = Matches([None] * len(rows))
    rest = _by_number(rows, known, matches)
    if rest:
        _by_name(rows, rest, known, matches, group_ids)
    matches.errors.sort(key=lambda error: error.line)
    return matches


def _by_number(rows: Sequence[StudentRow], known: list[Stored], matches: Matches) -> list[int]:
    """Settle the rows whose number is known; the places of the rows that are left to be found by name."""
    if not known and len({number_key(row.student_number) for row in rows} - {""}) == len(rows):
        return []  # a first import with all numbers different: nothing to compare with
    numbers = {number_key(student.student_number): student for student in known if student.student_number}
    seen: dict[str, int] = {}
    rest: list[int] = []
    for place, row in enumerate(rows):
        if not row.student_number:
            rest.append(place)
            continue
        number = number_key(row.student_number)
        if number in seen:
            matches.errors.append(_twice(row, rows[seen[number]]))
            continue
        seen[number] = place
        found = numbers.get(number)
        if found is not None:
            matches.students[place] = found
        elif known:
            rest.append(place)
    return rest


def _by_name(
    rows: Sequence[StudentRow],
    places: list[int],
    known: list[Stored],
    matches: Matches,
    group_ids: Callable[[StudentRow], set[int]],
) -> None:
    settled = matches.known
    candidates: dict[tuple[str, str], list[Stored]] = defaultdict(list)
    for student in known:
        if student.id not in settled:
            for first in {key(student.first_name), key(student.call_name)} - {""}:
                candidates[first, key(student.last_name)].append(student)
    namesakes: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place in places:
        row = rows[place]
        namesakes[key(called(row.first_name, row.call_name)), key(row.last_name)].append(place)
    for (_, last), together in namesakes.items():
        firsts = {key(text) for place in together for text in (rows[place].first_name, rows[place].call_name)}
        students = {one.id: one for first in firsts for one in candidates.get((first, last), ())}
        free = [one for id_, one in sorted(students.items()) if id_ not in settled]
        _Namesakes(rows, together, free, matches, group_ids).settle()
        settled |= {one.id for one in map(matches.students.__getitem__, together) if one is not None}


@dataclass(slots=True)
class _Namesakes:
    """Rows of one name, and the students of that name who have no row yet."""

    rows: Sequence[StudentRow]
    places: list[int]
    students: list[Stored]
    matches: Matches
    group_ids: Callable[[StudentRow], set[int]]

    def settle(self) -> None:
        if len(self.places) > 1:
            self._refuse_doubles()
        self._pair(lambda row, student: row.birth_date is not None and row.birth_date == student.birth_date)
        self._pair(lambda row, student: bool(self.group_ids(row) & student.groups) and _same_address(row, student))
        self._pair(lambda row, student: bool(self.group_ids(row) & student.groups))
        self._pair(_same_address)
        for place in self.places:
            fitting = self._fitting(place)
            if len(fitting) == 1 and len(self.places) == 1:
                self.matches.students[place] = fitting[0]
            elif fitting:
                self.matches.errors.append(_refused(self.rows[place], UNSURE))

    def _refuse_doubles(self) -> None:
        seen: dict[tuple[object, ...], int] = {}
        kept: list[int] = []
        for place in self.places:
            row = self.rows[place]
            same = (row.birth_date,) if row.birth_date else (row.groups, row.postcode, row.house_number)
            same = (number_key(row.student_number) if row.student_number else "", *same)
            if same in seen:
                self.matches.errors.append(_twice(row, self.rows[seen[same]]))
                continue
            seen[same] = place
            kept.append(place)
        self.places = kept

    def _fitting(self, place: int) -> list[Stored]:
        row = self.rows[place]
        return [student for student in self.students if _may_be(row, student)]

    def _pair(self, same: Callable[[StudentRow, Stored], bool]) -> None:
        """Settle every row that is the same as exactly one student, who is the same as no other row."""
        fitting = {
            place: [student for student in self._fitting(place) if same(self.rows[place], student)]
            for place in self.places
        }
        times: dict[int, int] = defaultdict(int)
        for students in fitting.values():
            for student in students:
                times[student.id] += 1
        for place, students in fitting.items():
            if len(students) == 1 and times[students[0].id] == 1:
                self.matches.students[place] = students[0]
                self.students = [student for student in self.students if student is not students[0]]
                self.places = [other for other in self.places if other != place]


def _may_be(row: StudentRow, student: Stored) -> bool:
    """Whether nothing that both know speaks against it."""
    if row.student_number and student.student_number:  # an equal number was settled before: this is another
        born = row.birth_date is not None and row.birth_date == student.birth_date
        return born or ((row.birth_date is None or student.birth_date is None) and _same_address(row, student))
    return row.birth_date is None or student.birth_date is None or row.birth_date == student.birth_date


def _same_address(row: StudentRow, student: Stored) -> bool:
    return bool(row.postcode) and (row.postcode, row.house_number) == (student.postcode, student.house_number)


def _twice(row: StudentRow, other: StudentRow) -> RowError:
    return RowError(row.line, None, TWICE, pairs(name=_name(row), line=other.line))


def _refused(row: StudentRow, reason: str) -> RowError:
    return RowError(row.line, None, reason, pairs(name=_name(row)))


def _name(row: StudentRow) -> str:
    return full(row.first_name, row.prefix, row.last_name, row.call_name)

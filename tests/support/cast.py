"""The people of the tests. One school you get to know, and a neighbour that must never see anything of it.

De Regenboog (slug `regenboog`, Europe/Amsterdam), secrets by postcode:
  the family De Vries     Sanne (groep 4) and Daan (groep 7), 3511 AB 12; two talks to book
  the family Yılmaz       the twins Emir and Elif (groep 4), 3512 CD 3
  Lotte Jansen (groep 4)  lives with two parents: the family Jansen (3513 EF 7) and, by hand, the family Bakker (code)
  Stéphanie Smit (7)      an only child, 3514 GH 21; also the one whom nobody told anything
  juf Noor                groep 4: two evenings; mail at each booking
  meester Bram            groep 7: the same first evening
De Horizon (slug `horizon`): Sanne Mulder (groep 4), with the postcode of the De Vries: must never be mixed up.

The clock of the stories stands at NOW; sign-up opened a week before and closes two days before the first evening.
"""

import hmac
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Table, text
from sqlmodel import Session, SQLModel, select

from storage import tables
from storage.database.engine import Database
from storage.values.normalise import name as name_key
from storage.words import Acting, Actor, By, PlanningState, Policy, SecretKind

PEPPER = b"a pepper for the tests, 32 bytes long or more"
NOW = datetime(2026, 11, 10, 18, 0, tzinfo=UTC)
FIRST_EVENING = date(2026, 11, 24)  # a Tuesday; local time is UTC+1
OPENS = NOW - timedelta(days=7)
CLOSES = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
# Who acts in the stories, at their hour: somebody of the school, the operator, and (below) a parent.
DESK = Acting(By(Actor.STAFF, 1), NOW)
OPERATOR = Acting(By(Actor.OPERATOR), NOW)


def parent(family_id: int, now: datetime = NOW) -> Acting:
    """A family that acts for itself, through its chat."""
    return Acting(By(Actor.FAMILY, family_id), now)


class HasId(Protocol):
    """A row whose id the database gives."""

    id: int | None


Rows = tuple[Table, list[dict[str, Any]]]


@dataclass
class Cast:
    """Row ids by name: `cast.sanne`, `cast.de_vries`, `cast.noor_planning`, `cast.noor_slots[0]` …"""

    database: Database
    school: int = 0
    horizon: int = 0
    ids: dict[str, int] = field(default_factory=dict)
    noor_slots: list[int] = field(default_factory=list)  # twelve of 24 November, 18:00–20:00; then six of the 26th
    bram_slots: list[int] = field(default_factory=list)  # twelve of 24 November, the same times as Noor's
    horizon_slots: list[int] = field(default_factory=list)

    def __getattr__(self, name: str) -> int:
        try:
            return self.ids[name]
        except KeyError:
            raise AttributeError(name) from None

    def elsewhere(self, database: Database) -> "Cast":
        """The same people with the same ids in another database."""
        slots = self.noor_slots[:], self.bram_slots[:], self.horizon_slots[:]
        return Cast(database, self.school, self.horizon, dict(self.ids), *slots)


_first: list[Cast] = []  # of this process, and what stood in its database then
_rows: list[Rows] = []


def credential(kind: SecretKind, value: str) -> str:
    """As storage.access.secrets writes it; spelled out here so that a change of it is noticed."""
    return hmac.digest(PEPPER, f"{kind}:{value}".encode(), "sha256").hex()


def settle(database: Database) -> Cast:
    """Everybody moves in: the first time one after another, then by the rows of the first time, which is much quicker.

    Where they live already, as in the settled copies of tests/support/databases.py, nothing is written.
    """
    schools = database.read(_schools)
    if _first and "regenboog" in schools:
        return _first[0].elsewhere(database)
    if _first and not schools:
        database.work(_all_at_once, _rows)
        return _first[0].elsewhere(database)
    cast = Cast(database)
    database.work(_regenboog, cast)
    database.work(_horizon, cast)
    if not schools:
        _first.append(cast)
        _rows.extend(database.read(_everything))
    return cast


def _schools(session: Session) -> set[str]:
    return set(session.exec(select(tables.School.slug)).all())


def _everything(session: Session) -> list[Rows]:
    found = [(table, session.execute(table.select()).mappings().all()) for table in tables.metadata.sorted_tables]
    return [(table, [dict(row) for row in rows]) for table, rows in found if rows]


def _all_at_once(session: Session, everything: list[Rows]) -> None:
    for table, rows in everything:
        session.execute(table.insert(), rows)
        if session.get_bind().dialect.name == "postgresql" and "id" in table.c:  # whose next rows come after these
            last = max(row["id"] for row in rows)
            session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last})"))


def _regenboog(session: Session, cast: Cast) -> None:
    cast.school = _school(session, "regenboog", "De Regenboog")
    cast.ids["groep4"] = _add(session, tables.Group(school_id=cast.school, name="groep 4"))
    cast.ids["groep7"] = _add(session, tables.Group(school_id=cast.school, name="groep 7"))
    sanne = _student(session, cast, "Sanne", "de", "Vries", "3511AB", "12", "2017-05-03", "1001", "groep4")
    daan = _student(session, cast, "Daan", "de", "Vries", "3511AB", "12", "2014-02-11", "1002", "groep7")
    emir = _student(session, cast, "Emir", "", "Yılmaz", "3512CD", "3", "2017-08-30", "1003", "groep4")
    elif_ = _student(session, cast, "Elif", "", "Yılmaz", "3512CD", "3", "2017-08-30", "1004", "groep4")
    lotte = _student(session, cast, "Lotte", "", "Jansen", "3513EF", "7", "2017-01-19", "1005", "groep4")
    stephanie = _student(session, cast, "Stéphanie", "", "Smit", "3514GH", "21", "2014-11-01", "1006", "groep7")
    _family(session, cast, "de_vries", "de Vries", "devries@example.org", "3511AB", sanne, daan)
    _family(session, cast, "yilmaz", "Yılmaz", "yilmaz@example.org", "3512CD", emir, elif_)
    _family(session, cast, "jansen", "Jansen", "jansen@example.org", "3513EF", lotte)
    _family(session, cast, "bakker", "Bakker", "bakker@example.org", "blauwe-olifant", lotte, by_hand=True)
    _family(session, cast, "smit", "Smit", "", "3514GH", stephanie)
    autumn = tables.Conference(school_id=cast.school, name="Herfstgesprekken", policy=Policy.TOGETHER)
    cast.ids["autumn"] = _add(session, autumn)
    cast.ids["noor_planning"] = _planning(session, cast.school, cast.autumn, "Groep 4", cast.groep4, each=True)
    cast.ids["bram_planning"] = _planning(session, cast.school, cast.autumn, "Groep 7", cast.groep7)
    cast.ids["noor"] = _teacher(session, cast.school, "juf Noor", "noor@regenboog.example", cast.noor_planning)
    cast.ids["bram"] = _teacher(session, cast.school, "meester Bram", "bram@regenboog.example", cast.bram_planning)
    cast.noor_slots = _slots(session, cast.school, cast.noor_planning, FIRST_EVENING, 12)
    cast.noor_slots += _slots(session, cast.school, cast.noor_planning, FIRST_EVENING + timedelta(days=2), 6)
    cast.bram_slots = _slots(session, cast.school, cast.bram_planning, FIRST_EVENING, 12)


def _horizon(session: Session, cast: Cast) -> None:
    cast.horizon = _school(session, "horizon", "De Horizon")
    group = _add(session, tables.Group(school_id=cast.horizon, name="groep 4"))
    student = tables.Student(
        school_id=cast.horizon, first_name="Sanne", last_name="Mulder", name_key="sanne", postcode="3511AB"
    )
    cast.ids["other_sanne"] = _add(session, student)
    _flush(session, tables.StudentGroup(school_id=cast.horizon, student_id=cast.other_sanne, group_id=group))
    cast.ids["mulder"] = _add(session, tables.Family(school_id=cast.horizon, name="Mulder"))
    _join(session, cast.horizon, cast.mulder, cast.other_sanne, SecretKind.POSTCODE, "3511AB")
    conference = _add(session, tables.Conference(school_id=cast.horizon, name="Herfstgesprekken"))
    cast.ids["horizon_planning"] = _planning(session, cast.horizon, conference, "Groep 4", group)
    cast.horizon_slots = _slots(session, cast.horizon, cast.horizon_planning, FIRST_EVENING, 12)


def _add(session: Session, row: HasId) -> int:
    session.add(row)
    session.flush()
    return row.id or 0


def _flush(session: Session, row: SQLModel) -> None:
    session.add(row)
    session.flush()


def _school(session: Session, slug: str, name: str) -> int:
    school = tables.School(slug=slug, name=name, secret_kind=SecretKind.POSTCODE, created=NOW - timedelta(days=90))
    school.hint = "Uw postcode (1234AB)"
    school.contact = "030 123 45 67"
    return _add(session, school)


def _student(session: Session, cast: Cast, first: str, prefix: str, last: str, *rest: str) -> int:
    postcode, house_number, birth_date, number, group = rest
    student = tables.Student(
        school_id=cast.school,
        first_name=first,
        prefix=prefix,
        last_name=last,
        postcode=postcode,
        house_number=house_number,
        birth_date=date.fromisoformat(birth_date),
        student_number=number,
        name_key=name_key(first),
    )
    cast.ids[name_key(first)] = id_ = _add(session, student)
    _flush(session, tables.StudentGroup(school_id=cast.school, student_id=id_, group_id=cast.ids[group]))
    return id_


def _family(
    session: Session, cast: Cast, key: str, name: str, email: str, secret: str, *students: int, by_hand: bool = False
) -> None:
    family = tables.Family(school_id=cast.school, name=name, email=email, by_hand=by_hand)
    cast.ids[key] = _add(session, family)
    kind = SecretKind.CODE if by_hand else SecretKind.POSTCODE
    value = secret.replace("-", "").upper() if by_hand else secret
    for student in students:
        _join(session, cast.school, cast.ids[key], student, kind, value)


def _join(session: Session, school: int, family: int, student: int, kind: SecretKind, value: str) -> None:
    _flush(session, tables.FamilyStudent(school_id=school, family_id=family, student_id=student))
    kept = tables.Credential(
        school_id=school, family_id=family, student_id=student, kind=kind, value=credential(kind, value)
    )
    _flush(session, kept)


def _planning(session: Session, school: int, conference: int, title: str, group: int, *, each: bool = False) -> int:
    planning = tables.Planning(
        school_id=school,
        conference_id=conference,
        title=title,
        room="lokaal 3",
        opens=OPENS,
        closes=CLOSES,
        state=PlanningState.PUBLISHED,
        mail_each_booking=each,
    )
    id_ = _add(session, planning)
    _flush(session, tables.PlanningGroup(school_id=school, planning_id=id_, group_id=group))
    return id_


def _teacher(session: Session, school: int, name: str, email: str, planning: int) -> int:
    id_ = _add(session, tables.Teacher(school_id=school, name=name, name_key=name_key(name), email=email))
    _flush(session, tables.PlanningTeacher(school_id=school, planning_id=planning, teacher_id=id_))
    return id_


def _slots(session: Session, school: int, planning: int, day: date, count: int) -> list[int]:
    """Ten minutes each from 18:00 (17:00 UTC) on."""
    first = datetime(day.year, day.month, day.day, 17, 0, tzinfo=UTC)
    starts = [first + timedelta(minutes=10 * number) for number in range(count)]
    return [
        _add(session, tables.Slot(school_id=school, planning_id=planning, start=at, end=at + timedelta(minutes=10)))
        for at in starts
    ]

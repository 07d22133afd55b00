"""A large school with a round of talks that runs: 5,000 students, as the desk's slowest day would have it."""

import random
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from storage import tables
from storage.values.normalise import name as name_key
from storage.words import Act, Actor, ChatKind, PlanningState, SecretKind, SlotState
from tests.bench.bookings import NOW

STUDENTS, GROUPS, TABLES, TIMES = 5_000, 200, 200, 30
SCHOOL = 1
_FIRST = ["Daan", "Sanne", "Emir", "Noor", "Zoë", "Jan-Willem", "Fatima", "Lotte", "Sem", "Anaïs"]
_LAST = ["Jansen", "Vries", "Bakker", "Berg", "Yılmaz", "El Amrani", "Smit", "Kowalski", "Ng", "Peeters"]
_FIRST_TALK = NOW + timedelta(days=14)


def fill(session: Session) -> None:
    """Rows in bulk: what stands in them is as the desk would have written it."""
    chance = random.Random(7)
    session.add(tables.School(id=SCHOOL, slug="bench", name="Bench", created=NOW, secret_kind=SecretKind.POSTCODE))
    session.flush()
    session.add(tables.Conference(id=1, school_id=SCHOOL, name="Herfstgesprekken"))
    session.flush()
    families = _families(chance)
    _put(session, tables.Group, ({"id": one, "name": f"groep {one}", "feed": ""} for one in range(1, GROUPS + 1)))
    _put(session, tables.Student, (_student(chance, one, families[one - 1]) for one in range(1, STUDENTS + 1)))
    _put(session, tables.StudentGroup, ({"student_id": one, "group_id": _group(one)} for one in _students()))
    _put(session, tables.Family, (_family(one) for one in range(1, families[-1] + 1)))
    _put(session, tables.FamilyStudent, ({"student_id": one, "family_id": families[one - 1]} for one in _students()))
    _put(session, tables.Credential, (_credential(one, families[one - 1]) for one in _students()))
    _plannings(session)
    _bookings(session, families)
    _chats(session, families[-1])
    _put(session, tables.Audit, (_deed(chance, number, families) for number in range(20_000)))


def _put(session: Session, table: Any, rows: Any) -> None:
    session.execute(insert(table), [{"school_id": SCHOOL, **row} for row in rows])


def _students() -> range:
    return range(1, STUDENTS + 1)


def _families(chance: random.Random) -> list[int]:
    """Student by student the family it is in: one to three children each."""
    found: list[int] = []
    while len(found) < STUDENTS:
        found += [(found[-1] if found else 0) + 1] * chance.choice((1, 1, 2, 3))
    return found[:STUDENTS]


def _group(student: int) -> int:
    return student % GROUPS + 1


def _student(chance: random.Random, number: int, family: int) -> dict[str, Any]:
    first = chance.choice(_FIRST)
    return {
        "id": number, "first_name": first, "prefix": "", "last_name": f"{_LAST[family % 10]}{family % 997}",
        "postcode": f"{1000 + family % 8000}AB", "house_number": str(family % 150 + 1),
        "birth_date": date(2012, 1, 1) + timedelta(days=number % 3000), "student_number": str(100_000 + number),
        "email": f"ouder{family}@school.example" if family % 3 else "", "phone": "", "call_name": "", "call_key": "",
        "name_key": name_key(first), "left": None,
    }  # fmt: skip


def _family(number: int) -> dict[str, Any]:
    name = f"{_LAST[number % 10]}{number % 997}"
    return {"id": number, "name": name, "email": "", "by_hand": False, "blocked": False}


def _credential(student: int, family: int) -> dict[str, Any]:
    return {"student_id": student, "family_id": family, "kind": SecretKind.POSTCODE, "value": f"{student:064x}"}


def _plannings(session: Session) -> None:
    opens, closes = NOW - timedelta(days=7), _FIRST_TALK - timedelta(days=2)
    numbers = range(1, TABLES + 1)
    _put(
        session, tables.Planning,
        ({"id": one, "conference_id": 1, "title": f"Groep {one}", "remarks": "", "room": f"lokaal {one}",
          "opens": opens, "opens_early": None, "closes": closes, "mail_each_booking": False,
          "state": PlanningState.PUBLISHED if one % 10 else PlanningState.DRAFT} for one in numbers),
    )  # fmt: skip
    _put(session, tables.PlanningGroup, ({"planning_id": one, "group_id": one} for one in numbers))
    people = (
        {"id": one, "name": f"juf {one}", "name_key": f"juf {one}", "email": f"juf{one}@school.example"}
        for one in numbers
    )
    _put(session, tables.Teacher, people)
    _put(session, tables.PlanningTeacher, ({"planning_id": one, "teacher_id": one} for one in numbers))
    _put(session, tables.Slot, (_slot(planning, number) for planning in numbers for number in range(TIMES)))


def _slot(planning: int, number: int) -> dict[str, Any]:
    day, place = divmod(number, 10)
    start = _FIRST_TALK + timedelta(days=day, minutes=10 * place)
    state = SlotState.BREAK if place == 9 else SlotState.OPEN
    id_ = (planning - 1) * TIMES + number + 1
    return {"id": id_, "planning_id": planning, "start": start, "end": start + timedelta(minutes=10), "state": state}


def _bookings(session: Session, families: list[int]) -> None:
    """Three children of five have a talk."""
    seats: dict[int, int] = {}
    rows = []
    for student in _students():
        planning = _group(student)
        if student * 7 // GROUPS % 5 < 3 and planning % 10:
            seat = seats[planning] = seats.get(planning, -1) + 1
            slot = (planning - 1) * TIMES + seat + seat // 9 + 1  # over the breaks
            rows.append(
                {"slot_id": slot, "planning_id": planning, "family_id": families[student - 1], "student_id": student,
                 "one_of": 0, "revision": 0, "made": NOW}
            )  # fmt: skip
    _put(session, tables.Booking, rows)


def _chats(session: Session, families: int) -> None:
    numbers = range(1, families + 1, 2)
    session.execute(
        insert(tables.Chat),
        [{"id": one, "kind": ChatKind.TELEGRAM, "address": str(one), "language": "nl", "step": "", "first_name": "",
          "secret": "", "failures": 0, "reachable": one % 20 != 1, "seen": NOW} for one in numbers],
    )  # fmt: skip
    _put(session, tables.Link, ({"family_id": one, "chat_id": one, "since": NOW} for one in numbers))


def _deed(chance: random.Random, number: int, families: list[int]) -> dict[str, Any]:
    student = chance.randrange(STUDENTS)
    at: datetime = NOW - timedelta(minutes=20_000 - number)
    return {
        "at": at, "actor": Actor.FAMILY, "actor_id": families[student], "act": Act.BOOKED, "subject": None,
        "planning_id": _group(student + 1), "detail": {"student": student + 1},
    }  # fmt: skip

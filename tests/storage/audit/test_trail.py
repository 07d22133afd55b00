"""The audit trail read back: narrowed, named, and as quick for many rows as for few (D27)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from storage.audit import trail
from storage.audit.record import record
from storage.audit.trail import Deed, TrailFilter
from storage.families import blocking, families
from storage.planning.slots import change
from storage.school_year.leaving import leave
from storage.tables import Audit, Staff
from storage.words import Act, Acting, Actor, AddressOwner, By, Role, SlotState
from tests.support.cast import DESK, NOW, PEPPER, Cast
from tests.support.notices import book, move
from tests.support.statements import statements

ZONE = "Europe/Amsterdam"
ANY = TrailFilter()
OURS = {"devries@example.org": AddressOwner.FIRST}


def read(cast: Cast, wanted: TrailFilter = ANY) -> list[Deed]:
    return list(cast.database.read(trail.deeds, cast.school, ZONE, wanted).deeds)


def acts(cast: Cast, wanted: TrailFilter = ANY) -> list[Act]:
    return [deed.act for deed in read(cast, wanted)]


def write(
    cast: Cast,
    act: Act = Act.SIGNED_IN,
    at: datetime = NOW,
    by: By = DESK.by,
    subject: int = 1,
    school: int | None = None,
) -> None:
    def do(session: Session) -> None:
        record(session, school or cast.school, Acting(by, at), act, subject)

    cast.database.work(do)


def test_a_booking_is_told_with_the_names_of_today(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    (deed,) = read(cast)
    assert (deed.actor, deed.who, deed.act) == (Actor.FAMILY, "de Vries", Act.BOOKED)
    assert deed.names == {"student": "Sanne de Vries", "family": "de Vries", "planning": "Groep 4"}


def test_the_newest_stands_first_and_pages_follow(cast: Cast) -> None:
    for minute in range(7):
        write(cast, at=NOW + timedelta(minutes=minute))
    pages = [cast.database.read(trail.deeds, cast.school, ZONE, page=page, size=3) for page in (1, 2, 3, 99)]
    assert [(page.page, page.pages, page.total, len(page.deeds)) for page in pages] == [
        (1, 3, 7, 3),
        (2, 3, 7, 3),
        (3, 3, 7, 1),
        (3, 3, 7, 1),
    ]
    assert pages[0].deeds[0].at == NOW + timedelta(minutes=6)


def test_by_person_and_by_act_and_by_day(cast: Cast) -> None:
    write(cast, Act.SIGNED_IN, by=By(Actor.STAFF, 1))
    write(cast, Act.PUBLISHED, by=By(Actor.STAFF, 2))
    write(cast, Act.EXPORTED, by=By(Actor.OPERATOR))
    assert acts(cast, TrailFilter(actor=Actor.STAFF)) == [Act.PUBLISHED, Act.SIGNED_IN]
    assert acts(cast, TrailFilter(actor=Actor.STAFF, actor_id=1)) == [Act.SIGNED_IN]
    assert acts(cast, TrailFilter(acts=frozenset([Act.EXPORTED, Act.PUBLISHED]))) == [Act.EXPORTED, Act.PUBLISHED]


def test_a_day_is_the_schools_own(cast: Cast) -> None:
    write(cast, at=datetime(2026, 11, 9, 22, 59, tzinfo=UTC))
    write(cast, at=datetime(2026, 11, 9, 23, 0, tzinfo=UTC))
    tenth = TrailFilter(first=date(2026, 11, 10), last=date(2026, 11, 10))
    assert [deed.at.hour for deed in read(cast, tenth)] == [23]
    assert len(read(cast, TrailFilter(last=date(2026, 11, 9)))) == 1


def test_all_about_one_student(cast: Cast) -> None:
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    move(cast, booked, cast.noor_slots[1], NOW)
    book(cast, "de_vries", "daan", cast.bram_slots[5])
    cast.database.work(families.add, cast.school, DESK, cast.sanne, cast.smit, PEPPER, owners=OURS)
    cast.database.work(leave, cast.school, DESK, [cast.sanne, cast.daan])
    assert acts(cast, TrailFilter(student_id=cast.sanne)) == [
        Act.STUDENTS_LEFT,
        Act.CANCELLED,
        Act.FAMILY_CHANGED,
        Act.MOVED,
        Act.BOOKED,
    ]


def test_all_about_one_family(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    book(cast, "yilmaz", "emir", cast.noor_slots[1])
    cast.database.work(blocking.block, cast.school, DESK, cast.de_vries)
    cast.database.work(blocking.block, cast.school, DESK, cast.yilmaz)
    assert acts(cast, TrailFilter(family_id=cast.de_vries)) == [Act.FAMILY_BLOCKED, Act.BOOKED]


def test_all_about_one_planning(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    book(cast, "de_vries", "daan", cast.bram_slots[5])
    cast.database.work(change, cast.school, DESK, cast.noor_planning, cast.noor_slots[4], SlotState.BREAK)
    assert acts(cast, TrailFilter(planning_id=cast.noor_planning)) == [Act.SLOT_CHANGED, Act.BOOKED]


def test_nothing_of_another_school_is_read_or_named(cast: Cast) -> None:
    write(cast, Act.FAMILY_BLOCKED, subject=cast.mulder, school=cast.horizon)
    write(cast, Act.FAMILY_BLOCKED, subject=cast.mulder)
    (deed,) = read(cast)
    assert deed.names == {"family": ""}


def test_people_to_choose_from_are_those_of_the_school(cast: Cast) -> None:
    def hire(session: Session) -> None:
        for school, name in ((cast.school, "Zoë"), (cast.school, ""), (cast.horizon, "Ander")):
            at = f"{name or 'noname'}@example.org".lower()
            session.add(Staff(school_id=school, email=at, name=name, role=Role.ADMINISTRATOR, password=""))

    cast.database.work(hire)
    assert [name for _, name in cast.database.read(trail.people, cast.school)] == ["noname@example.org", "Zoë"]


def test_as_many_statements_for_300_rows_as_for_3(cast: Cast) -> None:
    for _ in range(3):
        write(cast)
    with statements(cast.database) as few:
        cast.database.read(trail.deeds, cast.school, ZONE, size=300)
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    for number in range(300):
        cast.database.work(_tell, cast, booked.id, number)
    with statements(cast.database) as many:
        found = cast.database.read(trail.deeds, cast.school, ZONE, size=300)
    assert len(found.deeds) == 300
    assert len(many) == len(few)


def test_one_student_is_found_by_an_index_among_many_rows(cast: Cast) -> None:
    cast.database.work(_fill, cast.school, 2_000)
    if not cast.database.is_sqlite:
        cast.database.work(lambda session: session.connection().exec_driver_sql("ANALYZE audit"))
    where = trail._where(cast.school, ZONE, ANY)
    newest = trail._rows(where).limit(50)
    plan = cast.database.read(_plan, newest, cast.database.is_sqlite)
    assert "ix_audit_at" in plan


def _tell(session: Session, cast: Cast, booking_id: int, number: int) -> None:
    record(session, cast.school, DESK, Act.BOOKED, booking_id, student=cast.sanne + number, family=number)


def _fill(session: Session, school_id: int, count: int) -> None:
    rows: list[dict[str, Any]] = [
        {
            "school_id": school_id, "at": NOW + timedelta(seconds=number), "actor": Actor.STAFF, "actor_id": 1,
            "act": Act.SIGNED_IN, "subject": number, "planning_id": None, "detail": {},
        }
        for number in range(count)
    ]  # fmt: skip
    session.connection().execute(insert(Audit), rows)


def _plan(session: Session, statement: object, is_sqlite: bool) -> str:
    text = statement.compile(session.connection(), compile_kwargs={"literal_binds": True})  # type: ignore[attr-defined]
    asked = session.connection().exec_driver_sql(f"{'EXPLAIN QUERY PLAN' if is_sqlite else 'EXPLAIN'} {text}")
    return " ".join(str(row) for row in asked)

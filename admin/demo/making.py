"""Makes the demo's school by the actions that a real one uses: two files are imported, families made, plannings
published, and some parents book."""

import random
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from admin.demo import evenings, pupils
from admin.demo.names import TEACHERS
from admin.demo.pupils import Household
from storage import schools
from storage.access import codes, credentials
from storage.booking import booking, choosing
from storage.database.engine import Database
from storage.families import families, proposals
from storage.importing.columns.recognition import recognise, recognise_planning
from storage.importing.files.limits import RowError
from storage.importing.files.reading import read
from storage.importing.plannings import applying as planning_import
from storage.importing.plannings.rows import planning_rows
from storage.importing.students import applying as student_import
from storage.importing.students.rows import student_rows
from storage.planning import publishing
from storage.refusals import Refused
from storage.staff import accounts, passwords
from storage.tables import Family, FamilyStudent, Student
from storage.timezone import local_day
from storage.words import Acting, Actor, AddressOwner, By, Role, SecretKind

SLUG, NAME, ZONE = "regenboog", "De Regenboog", "Europe/Amsterdam"
ADMINISTRATOR, TEACHER = "directie@regenboog.example", "noor@regenboog.example"
_SHARE_BOOKED = 0.4


@dataclass(frozen=True, slots=True)
class Example:
    """A parent to be: what to type in the chat."""

    first_name: str
    postcode: str
    last_evening: date


def make(database: Database, folder: Path, password: str, pepper: bytes, now: datetime) -> Example:
    """Fill an empty database. `folder` keeps the two files, to be looked at."""
    acting, today = Acting(By(Actor.OPERATOR), now), local_day(now, ZONE)
    school_id = database.work(schools.add, slug=SLUG, name=NAME, timezone=ZONE, language="nl", now=now).id
    database.work(schools.change, school_id, acting, name=NAME, contact="030 000 00 00", language="nl")
    everybody = pupils.households(today)
    _import_students(database, school_id, acting, everybody, folder / "leerlingen.csv", pepper)
    database.work(proposals.make, school_id, acting, pepper)
    database.work(credentials.choose, school_id, acting, SecretKind.POSTCODE, pepper)
    database.work(_part, school_id, acting, everybody, pepper)
    _import_plannings(database, school_id, acting, folder / "gespreksrondes.csv")
    database.work(publishing.publish, school_id, acting)
    _staff(database, school_id, acting, password)
    example = next(house for house in everybody if len(house.pupils) == 2 and house.email and not house.other)
    database.work(_book, school_id, {pupil.number for pupil in example.pupils}, now)
    return Example(example.pupils[0].first_name, example.postcode, evenings.evenings(today)[1])


def _import_students(
    database: Database, school_id: int, acting: Acting, everybody: list[Household], file: Path, pepper: bytes
) -> None:
    pupils.write(everybody, file)
    sheet = read(file.read_bytes(), file.name)
    checked = student_rows(sheet, recognise(sheet.headers), local_day(acting.now, ZONE), ZONE)
    _no_errors(database.work(student_import.apply, school_id, acting, checked, pepper).errors)


def _import_plannings(database: Database, school_id: int, acting: Acting, file: Path) -> None:
    evenings.write(local_day(acting.now, ZONE), file)
    sheet = read(file.read_bytes(), file.name)
    checked = planning_rows(sheet, recognise_planning(sheet.headers))
    _no_errors(database.work(planning_import.apply, school_id, acting, checked).errors)


def _no_errors(errors: tuple[RowError, ...]) -> None:
    if errors:
        raise RuntimeError(f"the demo's own file is refused, line {errors[0].line}: {errors[0]}")


def _part(session: Session, school_id: int, acting: Acting, everybody: list[Household], pepper: bytes) -> None:
    """Parents who live apart: the other one gets a family by hand, with a code of its own."""
    ids = _student_ids(session, school_id)
    for number, house in enumerate((house for house in everybody if house.other), start=1):
        family: int | None = None
        for pupil in house.pupils:
            child = ids[pupil.number]
            known = families.shared_addresses(session, school_id, child)
            owners = dict.fromkeys(known, AddressOwner.FIRST)
            family = families.add(session, school_id, acting, child, family, pepper, name=house.other, owners=owners)
        assert family is not None
        families.set_email(session, school_id, acting, family, f"apart{number}@example.org")
        if number > 1:  # one is left for the desk to mend
            codes.set_code(session, school_id, acting, family, f"REGENBOOG-{number}", pepper)


def _staff(database: Database, school_id: int, acting: Acting, password: str) -> None:
    kept = passwords.hashed(password)
    people = [(ADMINISTRATOR, "Marijke de Wit", Role.ADMINISTRATOR)]
    people += [(f"{address}@regenboog.example", name.split(", ")[0], Role.TEACHER) for name, address in TEACHERS]
    for email, name, role in people:
        database.work(accounts.add_staff, school_id, acting, email=email, name=name, role=role, password=kept)


def _book(session: Session, school_id: int, spared: set[str], now: datetime) -> None:
    """Some families take a time for each child, as a parent would: only what is offered, by their own hand."""
    chance = random.Random(10)  # noqa: S311
    ids = _student_ids(session, school_id)
    keep = {ids[number] for number in spared}
    for family_id in session.scalars(select(col(Family.id)).where(col(Family.school_id) == school_id)).all():
        assert family_id is not None
        members = set(
            session.scalars(select(col(FamilyStudent.student_id)).where(col(FamilyStudent.family_id) == family_id))
        )
        if members & keep or chance.random() > _SHARE_BOOKED:
            continue
        for child in choosing.overview(session, school_id, family_id, now):
            for talk in child.talks:
                _book_one(session, school_id, family_id, child.student_id, talk.planning_id, chance, now)


def _book_one(
    session: Session, school_id: int, family_id: int, student_id: int, planning_id: int, chance: random.Random,
    now: datetime,
) -> None:  # fmt: skip
    mine = (school_id, family_id, student_id, planning_id)
    free = [
        time.slot_id
        for day in choosing.days(session, *mine, now)
        for time in choosing.times(session, *mine, day.date, now)
        if time.free
    ]
    if not free:
        return
    try:
        with session.begin_nested():
            booking.book(
                session,
                school_id,
                Acting(By(Actor.FAMILY, family_id), now),
                family_id=family_id,
                student_id=student_id,
                slot_id=chance.choice(free),
            )
    except Refused:
        return  # the other parent has booked already


def _student_ids(session: Session, school_id: int) -> dict[str, int]:
    rows = session.execute(
        select(col(Student.student_number), col(Student.id)).where(col(Student.school_id) == school_id)
    )
    return {number: id_ for number, id_ in rows if id_ is not None}

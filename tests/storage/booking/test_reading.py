"""A booking with all that it belongs to is put together in one place, and every surface tells the same of it."""

import ast
from pathlib import Path

from sqlmodel import Session

from storage.booking.reading import booking, bookings
from storage.families import student_page
from storage.lists import talk_list
from storage.notices import talks
from storage.privacy import subject_access
from storage.school import feeds
from storage.school.feeds import Whose
from storage.tables import PlanningTeacher, Teacher
from tests.support.cast import DESK, NOW, PEPPER, Cast
from tests.support.notices import book, cancel
from tests.support.statements import statements

ROOT = Path(__file__).parents[3]
FAR = NOW.replace(year=2030)
JOINS = (".join(Slot,", ".join(Planning,", ".join(Student,")


def test_only_one_statement_joins_a_booking_with_all_that_it_belongs_to() -> None:
    """There were seven, each with another part of a child's name."""
    found = []
    for path in sorted((ROOT / "storage").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            part = ast.get_source_segment(text, node) or ""
            if "Booking" in part and all(join in part for join in JOINS):
                found.append(str(path.relative_to(ROOT)))
    assert found == ["storage/booking/reading.py"]


def test_every_surface_names_the_teachers_in_the_same_order(cast: Cast) -> None:
    """By the alphabet: Anouk was added to the planning last."""

    def add(session: Session) -> None:
        anouk = Teacher(school_id=cast.school, name="juf Anouk", name_key="jufanouk")
        session.add(anouk)
        session.flush()
        session.add(PlanningTeacher(school_id=cast.school, planning_id=cast.noor_planning, teacher_id=anouk.id or 0))

    cast.database.work(add)
    held = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    address = cast.database.work(feeds.renew, cast.school, DESK, Whose.TEACHER, cast.noor, PEPPER).token
    feed = cast.database.read(feeds.read, address, PEPPER, NOW)
    assert feed is not None
    told = {
        "what was booked": held.teachers,
        "card": cast.database.read(booking, cast.school, held.id).teachers,  # type: ignore[union-attr]
        "chat": cast.database.read(bookings, cast.school, family_id=cast.de_vries)[0].teachers,
        "reminder": cast.database.read(talks.family_talks, cast.school, cast.de_vries, NOW, FAR)[0].teachers,
        "student": cast.database.read(student_page.about, cast.school, cast.sanne, NOW).ahead[0].teachers,
        "list": cast.database.read(talk_list.rows, cast.school)[0].teachers,
        "file": cast.database.read(subject_access.known, cast.school, cast.de_vries, "UTC").talks[0].teachers,
        "calendar": feed.talks[0].teachers,
    }
    assert told == dict.fromkeys(told, ("juf Anouk", "juf Noor"))


def test_a_cancelled_booking_is_told_only_to_who_asks_for_it(cast: Cast) -> None:
    held = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    cancel(cast, held, NOW)
    assert cast.database.read(bookings, cast.school) == ()
    view = cast.database.read(booking, cast.school, held.id)
    assert view is not None
    assert (view.cancelled, view.revision) == (True, 1)
    assert cast.database.read(booking, cast.school, held.id, cast.yilmaz) is None, "it is another family's"
    assert cast.database.read(booking, cast.horizon, held.id) is None, "it is another school's"


def test_however_many_bookings_are_read_in_one_statement(cast: Cast) -> None:
    for family, student, slot in (("de_vries", "sanne", 0), ("yilmaz", "emir", 1), ("yilmaz", "elif", 2)):
        book(cast, family, student, cast.noor_slots[slot])
    with statements(cast.database) as asked:
        assert len(cast.database.read(bookings, cast.school)) == 3
    assert sum(one.startswith("SELECT") for one in asked) == 1

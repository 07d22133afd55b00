"""The talks that stand, as rows (D17)."""

from datetime import UTC, datetime

from sqlmodel import Session

from storage import tables
from storage.booking import booking, exporting
from storage.booking.exporting import ExportRow
from storage.words import Actor, By
from tests.cast import NOW, Cast

DESK = By(Actor.STAFF, 1)


def book(cast: Cast, family: int, student: int, slot: int) -> int:
    held = cast.database.work(
        booking.book, cast.school, family_id=family, student_id=student, slot_id=slot, by=DESK, now=NOW
    )
    return held.id


def test_a_talk_with_all_that_the_school_knows_of_it(cast: Cast) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    assert cast.database.read(exporting.rows, cast.school) == (
        ExportRow(
            start=datetime(2026, 11, 24, 17, 0, tzinfo=UTC),
            end=datetime(2026, 11, 24, 17, 10, tzinfo=UTC),
            conference="Herfstgesprekken",
            planning="Groep 4",
            teachers=("juf Noor",),
            room="lokaal 3",
            first_name="Sanne",
            prefix="de",
            last_name="Vries",
            groups=("groep 4",),
            student_number="1001",
            family="de Vries",
            family_blocked=False,
            email="devries@example.org",
            phone="",
        ),
    )


def test_talks_come_in_order_of_time_without_the_cancelled(cast: Cast) -> None:
    book(cast, cast.yilmaz, cast.emir, cast.noor_slots[2])
    gone = book(cast, cast.yilmaz, cast.ids["elif"], cast.noor_slots[1])
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])
    cast.database.work(booking.cancel, cast.school, booking_id=gone, by=DESK, now=NOW)
    rows = cast.database.read(exporting.rows, cast.school)
    assert [row.first_name for row in rows] == ["Stéphanie", "Emir"]


def test_only_of_one_conference_planning_or_teacher(cast: Cast) -> None:
    book(cast, cast.yilmaz, cast.emir, cast.noor_slots[2])
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])

    def names(**only: int) -> list[str]:
        return [row.first_name for row in cast.database.read(exporting.rows, cast.school, **only)]

    assert names(conference_id=cast.autumn) == ["Stéphanie", "Emir"]
    assert names(planning_id=cast.noor_planning) == ["Emir"]
    assert names(teacher_id=cast.bram) == ["Stéphanie"]


def test_another_schools_talks_are_never_in_it(cast: Cast) -> None:
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])
    assert cast.database.read(exporting.rows, cast.horizon) == ()
    assert cast.database.read(exporting.rows, cast.horizon, planning_id=cast.bram_planning) == ()


def test_a_blocked_familys_talk_is_in_it_and_says_so(cast: Cast) -> None:
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])

    def block(session: Session) -> None:
        family = session.get(tables.Family, cast.smit)
        assert family is not None
        family.blocked = True

    cast.database.work(block)
    (row,) = cast.database.read(exporting.rows, cast.school)
    assert row.family_blocked

"""The talks that stand, as rows (D17)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, SQLModel

from storage import tables
from storage.booking import booking
from storage.lists import export_choices, sheets, talk_list
from storage.lists.export_choices import ExportOption
from storage.lists.talk_list import ALL, ExportRow, TalkFilter
from storage.refusals import Refused
from storage.words import SlotState
from tests.support.cast import DESK, FIRST_EVENING, Cast
from tests.support.statements import statements


def book(cast: Cast, family: int, student: int, slot: int) -> int:
    held = cast.database.work(booking.book, cast.school, DESK, family_id=family, student_id=student, slot_id=slot)
    return held.id


def test_a_talk_with_all_that_the_school_knows_of_it(cast: Cast) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    assert cast.database.read(talk_list.rows, cast.school) == (
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
            planning_id=cast.noor_planning,
            slot_id=cast.noor_slots[0],
        ),
    )


def test_talks_come_in_order_of_time_without_the_cancelled(cast: Cast) -> None:
    book(cast, cast.yilmaz, cast.emir, cast.noor_slots[2])
    gone = book(cast, cast.yilmaz, cast.ids["elif"], cast.noor_slots[1])
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])
    cast.database.work(booking.cancel, cast.school, DESK, booking_id=gone)
    rows = cast.database.read(talk_list.rows, cast.school)
    assert [row.first_name for row in rows] == ["Stéphanie", "Emir"]


def test_only_of_one_conference_planning_teacher_or_day(cast: Cast) -> None:
    book(cast, cast.yilmaz, cast.emir, cast.noor_slots[2])
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])

    def names(wanted: TalkFilter = ALL, own: int | None = None) -> list[str]:
        return [row.first_name for row in cast.database.read(talk_list.rows, cast.school, wanted, own=own)]

    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[12])
    assert names(TalkFilter(conference_id=cast.autumn)) == ["Stéphanie", "Emir", "Sanne"]
    assert names(TalkFilter(planning_id=cast.noor_planning)) == ["Emir", "Sanne"]
    assert names(TalkFilter(teacher_id=cast.bram)) == ["Stéphanie"]
    assert names(TalkFilter(day=FIRST_EVENING)) == ["Stéphanie", "Emir"]
    assert names(TalkFilter(day=FIRST_EVENING + timedelta(days=2))) == ["Sanne"]
    assert names(own=cast.bram) == ["Stéphanie"]
    assert names(TalkFilter(planning_id=cast.noor_planning), own=cast.bram) == []
    assert names(own=0) == []


def test_another_schools_talks_are_never_in_it(cast: Cast) -> None:
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])
    assert cast.database.read(talk_list.rows, cast.horizon) == ()
    assert cast.database.read(talk_list.rows, cast.horizon, TalkFilter(planning_id=cast.bram_planning)) == ()


def test_a_blocked_familys_talk_is_in_it_and_says_so(cast: Cast) -> None:
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])

    def block(session: Session) -> None:
        family = session.get(tables.Family, cast.smit)
        assert family is not None
        family.blocked = True

    cast.database.work(block)
    (row,) = cast.database.read(talk_list.rows, cast.school)
    assert row.family_blocked


def change(cast: Cast, table: type[SQLModel], row_id: int, **values: object) -> None:
    def put(session: Session) -> None:
        row = session.get(table, row_id)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)

    cast.database.work(put)


def test_a_talk_keeps_the_group_that_the_child_was_in(cast: Cast) -> None:
    held = book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    change(cast, tables.Booking, held, group_name="groep 3, plusklas")
    assert cast.database.read(talk_list.rows, cast.school)[0].groups == ("groep 3, plusklas",)
    change(cast, tables.Booking, held, group_name="")
    assert cast.database.read(talk_list.rows, cast.school)[0].groups == ()


def test_a_child_is_called_by_its_call_name(cast: Cast) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    change(cast, tables.Student, cast.sanne, call_name="San")
    assert cast.database.read(talk_list.rows, cast.school)[0].first_name == "San"


def test_a_child_of_two_families_lends_its_address_to_neither(cast: Cast) -> None:
    for student, slot, family in ((cast.lotte, 0, cast.bakker), (cast.stephanie, 1, cast.smit)):
        change(cast, tables.Student, student, email="kind@example.org", phone="06 12345678")
        change(cast, tables.Family, family, email="")
        book(cast, family, student, cast.noor_slots[slot])
    rows = cast.database.read(talk_list.rows, cast.school)
    assert [(row.first_name, row.email, row.phone) for row in rows] == [
        ("Lotte", "", ""),
        ("Stéphanie", "kind@example.org", "06 12345678"),
    ]


def test_a_sheet_shows_every_time_of_its_days(cast: Cast) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[1])
    change(cast, tables.Slot, cast.noor_slots[2], state=SlotState.BREAK)
    made = cast.database.read(sheets.sheets, cast.school, TalkFilter(conference_id=cast.autumn))
    assert [
        (one.title, one.conference, one.teachers, one.groups, one.room, len(sheets.talks_of((one,)))) for one in made
    ] == [
        ("Groep 4", "Herfstgesprekken", ("juf Noor",), ("groep 4",), "lokaal 3", 1),
        ("Groep 7", "Herfstgesprekken", ("meester Bram",), ("groep 7",), "lokaal 3", 0),
    ]
    first, second = made[0].days
    assert [(first.day, len(first.lines)), (second.day, len(second.lines))] == [
        (FIRST_EVENING, 12),
        (FIRST_EVENING + timedelta(days=2), 6),
    ]
    assert [(line.free, line.talk.first_name if line.talk else "") for line in first.lines[:4]] == [
        (True, ""),
        (True, "Sanne"),
        (False, ""),
        (True, ""),
    ]


def test_sheets_of_a_day_or_of_a_teacher_hold_no_others(cast: Cast) -> None:
    later = TalkFilter(day=FIRST_EVENING + timedelta(days=2))
    (sheet,) = cast.database.read(sheets.sheets, cast.school, later)
    assert (sheet.title, [day.day for day in sheet.days]) == ("Groep 4", [later.day])
    assert [one.title for one in cast.database.read(sheets.sheets, cast.school, own=cast.bram)] == ["Groep 7"]
    assert cast.database.read(sheets.sheets, cast.school, TalkFilter(day=FIRST_EVENING + timedelta(days=1))) == ()


def test_what_can_be_chosen_and_what_a_teacher_can(cast: Cast) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[1])
    all_ = cast.database.read(export_choices.choices, cast.school)
    assert all_.conferences == (ExportOption(cast.autumn, "Herfstgesprekken"),)
    assert all_.days == ((FIRST_EVENING, 1), (FIRST_EVENING + timedelta(days=2), 0))
    assert all_.teachers == (ExportOption(cast.noor, "juf Noor"), ExportOption(cast.bram, "meester Bram"))
    assert all_.plannings == (ExportOption(cast.noor_planning, "Groep 4"), ExportOption(cast.bram_planning, "Groep 7"))
    brams = cast.database.read(export_choices.choices, cast.school, own=cast.bram)
    assert (brams.days, brams.teachers) == (((FIRST_EVENING, 0),), (ExportOption(cast.bram, "meester Bram"),))
    assert brams.plannings == (ExportOption(cast.bram_planning, "Groep 7"),)


def test_what_is_not_theirs_has_no_name(cast: Cast) -> None:
    brams = cast.database.read(export_choices.choices, cast.school, own=cast.bram)
    assert brams.name(TalkFilter(planning_id=cast.bram_planning)) == "Groep 7"
    for wanted in (
        TalkFilter(planning_id=cast.noor_planning),
        TalkFilter(teacher_id=cast.noor),
        TalkFilter(conference_id=0),
    ):
        with pytest.raises(Refused):
            brams.name(wanted)


def test_more_talks_take_no_more_statements(cast: Cast) -> None:
    def asked() -> int:
        with statements(cast.database) as asked_:
            cast.database.read(sheets.sheets, cast.school)
            cast.database.read(export_choices.choices, cast.school)
        return len(asked_)

    before = asked()
    for slot, student in ((0, cast.sanne), (1, cast.emir), (2, cast.ids["elif"])):
        book(cast, cast.yilmaz if slot else cast.de_vries, student, cast.noor_slots[slot])
    assert asked() == before

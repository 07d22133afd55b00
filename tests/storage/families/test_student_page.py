"""Everything about one child on its page: in a fixed number of queries, and nothing of another school."""

import pytest
from sqlmodel import Session

from storage import tables
from storage.booking import booking
from storage.database.engine import Database
from storage.families import blocking, student_page, students
from storage.families.missing_data import missing_data
from storage.refusals import NotFound, Refused
from storage.school_year import leaving
from storage.words import ChatKind, SecretKind
from tests.support.cast import DESK, FIRST_EVENING, NOW, Cast, settle
from tests.support.statements import statements


def seen(cast: Cast, student_id: int) -> student_page.StudentDetails:
    return cast.database.read(student_page.about, cast.school, student_id, NOW)


def book(cast: Cast, slot: int, student: int, family: int) -> int:
    do = cast.database.work
    return do(booking.book, cast.school, DESK, family_id=family, student_id=student, slot_id=slot).id


def linked(session: Session, school_id: int, family_id: int) -> None:
    chat = tables.Chat(kind=ChatKind.WEB, address="1", seen=NOW)
    session.add(chat)
    session.flush()
    session.add(tables.Link(school_id=school_id, family_id=family_id, chat_id=chat.id or 0, since=NOW))


def test_a_child_of_two_families(cast: Cast) -> None:
    cast.database.work(blocking.block, cast.school, DESK, cast.bakker)
    view = seen(cast, cast.lotte)
    assert [(one.name, one.kinds, one.blocked) for one in view.families] == [
        ("Jansen", (SecretKind.POSTCODE,), False),
        ("Bakker", (SecretKind.CODE,), True),
    ]
    assert (view.chosen, dict(view.data)) == (SecretKind.POSTCODE, dict.fromkeys(dict(view.data), True))
    assert [one.title for one in view.waiting] == ["Groep 4"]


def test_talks_ahead_cancelled_ones_and_those_that_are_not_there_yet(cast: Cast) -> None:
    ahead = book(cast, cast.noor_slots[2], cast.sanne, cast.de_vries)
    view = seen(cast, cast.sanne)
    assert [(talk.booking_id, talk.title, talk.teachers) for talk in view.ahead] == [(ahead, "Groep 4", ("juf Noor",))]
    assert (view.past, view.waiting) == ((), ())
    cast.database.work(booking.cancel, cast.school, DESK, booking_id=ahead)
    view = seen(cast, cast.sanne)
    assert ([talk.held for talk in view.past], view.ahead) == ([False], ())
    assert [one.planning_id for one in view.waiting] == [cast.noor_planning]


def test_after_its_evening_a_talk_is_past_and_no_planning_waits(sqlite: Database) -> None:
    cast = settle(sqlite)
    book(cast, cast.bram_slots[2], cast.daan, cast.de_vries)
    after = NOW.replace(month=12)
    assert after.date() > FIRST_EVENING
    view = cast.database.read(student_page.about, cast.school, cast.daan, after)
    assert ([talk.held for talk in view.past], view.ahead, view.waiting) == ([True], (), ())


def test_who_left_waits_for_nothing(sqlite: Database) -> None:
    cast = settle(sqlite)
    cast.database.work(leaving.leave, cast.school, DESK, [cast.sanne])
    view = seen(cast, cast.sanne)
    assert (view.left, view.waiting) == (NOW, ())


def test_a_child_of_another_school_is_not_found(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        seen(cast, cast.other_sanne)
    assert refused.value.refusal == NotFound("student")


def test_what_children_lack_is_counted_without_leavers(cast: Cast) -> None:
    nothing = dict.fromkeys((*students.DATA, "family"), 0)
    assert cast.database.read(missing_data, cast.school) == nothing
    with cast.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE student SET postcode = '', birth_date = NULL WHERE first_name = 'Daan'")
    assert cast.database.read(missing_data, cast.school) == {**nothing, "postcode": 1, "birth_date": 1}
    shown = cast.database.read(students.students, cast.school, show="postcode")
    assert [line.name for line in shown.lines] == ["Vries, Daan de"]
    cast.database.work(leaving.leave, cast.school, DESK, [cast.daan])
    assert cast.database.read(missing_data, cast.school) == nothing


def test_the_page_costs_the_same_whatever_there_is_to_tell(sqlite: Database) -> None:
    cast = settle(sqlite)
    with statements(sqlite) as few:
        seen(cast, cast.stephanie)
    for slot in cast.noor_slots[:3]:
        cast.database.work(booking.cancel, cast.school, DESK, booking_id=book(cast, slot, cast.lotte, cast.jansen))
    sqlite.work(linked, cast.school, cast.jansen)
    with statements(sqlite) as more:
        view = seen(cast, cast.lotte)
    assert [len(one.chats) for one in view.families] == [1, 0]
    assert len(few) == len(more)

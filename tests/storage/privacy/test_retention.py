"""What has been kept long enough is cleared away, once, at a calm hour (D28)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from storage.privacy import retention
from storage.refusals import Invalid, Refused
from storage.school_year.leaving import leave
from storage.tables import Audit, Booking, Card, Chat, Letter, Notice, School, Staff, Student
from storage.timezone import to_local
from storage.words import Act, Actor, ChatKind, Role, SignInStep
from tests.support.cast import DESK, FIRST_EVENING, NOW, PEPPER, Cast
from tests.support.notices import book, link_chat

LAST_TALK = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)  # the end of the last time of the autumn's round
ZONE = "Europe/Amsterdam"


def clear(cast: Cast, now: datetime) -> tuple[int, int]:
    return cast.database.work(retention.clear, cast.school, now, PEPPER)


def count(cast: Cast, table: type[SQLModel]) -> int:
    return len(cast.database.read(lambda session: session.execute(select(table)).all()))


def talk(cast: Cast) -> None:
    chat = link_chat(cast, cast.de_vries)
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    cast.database.work(
        lambda session: session.add(Card(school_id=cast.school, booking_id=booked.id, chat_id=chat, message_id=1))
    )


def test_talks_go_so_many_days_after_the_last_of_their_round_with_all_that_was_said_of_them(cast: Cast) -> None:
    talk(cast)
    assert clear(cast, LAST_TALK + timedelta(days=180, seconds=-1)) == (0, 0)
    assert cast.database.read(retention.kept, cast.school, LAST_TALK + timedelta(days=180)).conferences == (
        "Herfstgesprekken",
    )
    assert clear(cast, LAST_TALK + timedelta(days=180)) == (1, 0)
    assert [count(cast, table) for table in (Booking, Card, Notice)] == [0, 0, 0]


def test_twice_is_once_and_one_line_in_the_trail_by_the_clock(cast: Cast) -> None:
    talk(cast)
    later = LAST_TALK + timedelta(days=200)
    assert (clear(cast, later), clear(cast, later)) == ((1, 0), (0, 0))
    rows = select(col(Audit.actor), col(Audit.detail)).where(col(Audit.act) == Act.FORGOTTEN)
    found = cast.database.read(lambda session: [tuple(row) for row in session.execute(rows)])
    assert found == [(Actor.CLOCK, {"bookings": 1, "students": 0, "families": 0})]


def test_a_talk_of_another_school_and_of_a_round_that_goes_on_stays(cast: Cast) -> None:
    talk(cast)
    assert cast.database.work(retention.clear, cast.horizon, LAST_TALK + timedelta(days=999), PEPPER) == (0, 0)
    assert count(cast, Booking) == 1


def test_leavers_go_after_the_days_that_the_school_chose(cast: Cast) -> None:
    cast.database.work(leave, cast.school, DESK, [cast.stephanie])
    cast.database.work(retention.set_days, cast.school, DESK, bookings_kept=365, leavers_kept=14)
    assert clear(cast, NOW + timedelta(days=13)) == (0, 0)
    assert clear(cast, NOW + timedelta(days=14)) == (0, 1)
    assert cast.database.read(lambda session: session.get(Student, cast.stephanie)) is None


def test_nought_is_until_somebody_erases_it(cast: Cast) -> None:
    talk(cast)
    cast.database.work(leave, cast.school, DESK, [cast.stephanie])
    cast.database.work(retention.set_days, cast.school, DESK, bookings_kept=0, leavers_kept=0)
    assert clear(cast, NOW + timedelta(days=9_999)) == (0, 0)


@pytest.mark.parametrize("days", [-1, 1, 6, 3_651])
def test_days_have_bounds(cast: Cast, days: int) -> None:
    with pytest.raises(Refused) as refused:
        cast.database.work(retention.set_days, cast.school, DESK, bookings_kept=days, leavers_kept=30)
    assert isinstance(refused.value.refusal, Invalid)
    assert cast.database.read(lambda session: session.get_one(School, cast.school)).bookings_kept == 180


@pytest.mark.parametrize("day", [FIRST_EVENING, date(2026, 10, 24), date(2026, 10, 25), date(2027, 3, 28)])
def test_the_hour_is_calm_and_never_one_that_comes_twice(cast: Cast, day: date) -> None:
    """Also in the nights in which the clocks change."""
    evening = datetime(day.year, day.month, day.day, 19, 0, tzinfo=UTC)
    runs = retention.next_run(evening, ZONE)
    assert evening < runs < evening + timedelta(days=1)
    assert to_local(runs, ZONE).time() == time(4, 30)


def test_a_school_is_due_once_its_hour_has_come(cast: Cast) -> None:
    night = datetime(2026, 11, 11, 3, 30, tzinfo=UTC)
    hour = timedelta(hours=1)
    assert cast.database.read(retention.due, night - hour, night - timedelta(seconds=1)) == ()
    assert cast.database.read(retention.due, night - hour, night) == (cast.school, cast.horizon)
    assert cast.database.read(retention.due, night, night + hour) == ()


def test_letters_links_chats_and_half_typed_names_have_their_day(cast: Cast) -> None:
    old = NOW - timedelta(days=200)

    def leave_behind(session: Session) -> None:
        for number, until in enumerate((old, NOW)):
            session.add(Letter(id=f"{number}" * 64, school_id=cast.school, family_id=cast.smit, made=old, until=until))
        for number, seen in enumerate((old, NOW - timedelta(days=2), NOW)):
            row = Chat(kind=ChatKind.WEB, address=f"{number}", step=SignInStep.SECRET, first_name="sanne", seen=seen)
            session.add(row)
        for name, until in (("over", old), ("fresh", NOW)):
            session.add(
                Staff(
                    school_id=cast.school, email=f"{name}@example.org", role=Role.TEACHER, password="", link="n",
                    link_until=until,
                )
            )  # fmt: skip

    cast.database.work(leave_behind)
    linked = link_chat(cast, cast.smit)
    cast.database.work(lambda session: setattr(session.get_one(Chat, linked), "seen", old))
    for _ in range(2):
        cast.database.work(retention.clear_common, NOW)
        assert count(cast, Letter) == 1
        chats = cast.database.read(
            lambda session: session.execute(
                select(col(Chat.address), col(Chat.first_name)).order_by(col(Chat.id))
            ).all()
        )
        assert list(map(tuple, chats)) == [("1", ""), ("2", "sanne"), ("410000001", "")]
        links = cast.database.read(
            lambda session: session.scalars(select(col(Staff.link)).order_by(col(Staff.id))).all()
        )
        assert links == ["", "n"]

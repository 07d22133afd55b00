"""Who is reminded of what and when, on both databases and across clock changes (rules 18-20, 23; Z1, Z2)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session

from storage.notices.due import plan
from storage.notices.reminders import reminder_moment
from storage.tables import Chat, Conference, Family
from storage.words import ChatKind, NoticeKind, NoticeState, Policy, Recipient
from tests.support.cast import FIRST_EVENING, NOW, Cast
from tests.support.notices import add_slot, book, cancel, link_chat, move, outbox

EVE = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 18:00 on the wall of the day before
MINUTE = timedelta(minutes=1)
W, CHAT, FAMILY = NoticeState.WAITING, Recipient.CHAT, Recipient.FAMILY


def reminders(cast: Cast) -> list[tuple[int, str, Recipient, int]]:
    return [row[:4] for row in outbox(cast, NoticeKind.REMINDER)]


def tick(cast: Cast, *moments: datetime) -> None:
    for moment in moments:
        cast.database.work(plan, moment)


def test_a_family_is_reminded_at_18_00_the_day_before_and_only_once(cast: Cast) -> None:
    chat = link_chat(cast, cast.de_vries)
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, EVE - MINUTE)
    assert reminders(cast) == []
    tick(cast, EVE, EVE, EVE + MINUTE, EVE + timedelta(hours=20))
    assert reminders(cast) == [(cast.de_vries, "2026-11-24", CHAT, chat)]


def test_two_children_make_one_reminder(cast: Cast) -> None:
    chat = link_chat(cast, cast.de_vries)
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    book(cast, "de_vries", "daan", cast.bram_slots[3])
    tick(cast, EVE)
    assert reminders(cast) == [(cast.de_vries, "2026-11-24", CHAT, chat)]


def test_every_chat_of_the_family_is_told_and_a_family_without_one_by_mail(cast: Cast) -> None:
    one, two = link_chat(cast, cast.de_vries, "1"), link_chat(cast, cast.de_vries, "2")
    link_chat(cast, cast.yilmaz, "page", ChatKind.WEB)
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    book(cast, "yilmaz", "emir", cast.noor_slots[1])
    tick(cast, EVE)
    assert reminders(cast) == [
        (cast.de_vries, "2026-11-24", CHAT, one),
        (cast.de_vries, "2026-11-24", CHAT, two),
        (cast.yilmaz, "2026-11-24", FAMILY, cast.yilmaz),
    ]


def test_a_chat_that_cannot_be_reached_is_left_alone(cast: Cast) -> None:
    chat = link_chat(cast, cast.de_vries)

    def lose(session: Session) -> None:
        found = session.get(Chat, chat)
        assert found
        found.reachable = False

    cast.database.work(lose)
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, EVE)
    assert reminders(cast) == [(cast.de_vries, "2026-11-24", FAMILY, cast.de_vries)]


def test_the_household_that_is_invited_is_reminded_as_well(cast: Cast) -> None:
    jansen = link_chat(cast, cast.jansen, "1")
    bakker = link_chat(cast, cast.bakker, "2")
    book(cast, "bakker", "lotte", cast.noor_slots[0])
    tick(cast, EVE)
    assert reminders(cast) == [
        (cast.jansen, "2026-11-24", CHAT, jansen),
        (cast.bakker, "2026-11-24", CHAT, bakker),
    ]


def test_where_each_household_has_a_talk_of_its_own_only_the_one_that_booked_is_reminded(cast: Cast) -> None:
    link_chat(cast, cast.jansen, "1")
    bakker = link_chat(cast, cast.bakker, "2")
    cast.database.work(lambda session: session.execute(update(Conference).values(policy=Policy.EACH)))
    book(cast, "bakker", "lotte", cast.noor_slots[0])
    tick(cast, EVE)
    assert reminders(cast) == [(cast.bakker, "2026-11-24", CHAT, bakker)]


def test_a_chat_linked_after_the_reminder_does_not_bring_a_second_one(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, EVE)
    link_chat(cast, cast.de_vries)
    tick(cast, EVE + MINUTE)
    assert reminders(cast) == [(cast.de_vries, "2026-11-24", FAMILY, cast.de_vries)]


def test_nothing_is_reminded_after_it_began(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, datetime(2026, 11, 24, 17, 0, tzinfo=UTC))
    assert reminders(cast) == []


def test_what_was_missed_in_the_evening_is_made_good_before_the_talk(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, datetime(2026, 11, 24, 16, 59, tzinfo=UTC))
    assert reminders(cast) == [(cast.de_vries, "2026-11-24", FAMILY, cast.de_vries)]


def test_who_books_after_the_reminders_went_out_is_not_reminded_at_once(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0], EVE + MINUTE)
    tick(cast, EVE + 2 * MINUTE)
    assert reminders(cast) == []


def test_a_talk_moved_to_another_day_is_reminded_anew_and_the_old_day_never(cast: Cast) -> None:
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, EVE)
    move(cast, booked, cast.noor_slots[12], EVE + MINUTE)
    tick(cast, EVE + 2 * MINUTE, EVE + timedelta(hours=25), EVE + timedelta(days=2))
    assert [moment[:10] for _, moment, *_ in reminders(cast)] == ["2026-11-24", "2026-11-26"]


def test_a_talk_moved_after_its_reminder_is_reminded_anew_once(cast: Cast) -> None:
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, EVE)
    move(cast, booked, cast.noor_slots[4], EVE + MINUTE)
    tick(cast, EVE + 2 * MINUTE, EVE + 3 * MINUTE)
    assert [moment[:10] for _, moment, *_ in reminders(cast)] == ["2026-11-24", "2026-11-24"]


def test_a_cancelled_talk_does_not_remind_of_the_other_one_again(cast: Cast) -> None:
    first = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    book(cast, "de_vries", "daan", cast.bram_slots[3])
    tick(cast, EVE)
    moved = move(cast, first, cast.noor_slots[6], EVE + MINUTE)
    tick(cast, EVE + 2 * MINUTE)
    cancel(cast, moved, EVE + 3 * MINUTE)
    tick(cast, EVE + 4 * MINUTE)
    assert len(reminders(cast)) == 2


def test_a_blocked_family_is_not_reminded(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])

    def block(session: Session) -> None:
        family = session.get(Family, cast.de_vries)
        assert family
        family.blocked = True

    cast.database.work(block)
    tick(cast, EVE)
    assert reminders(cast) == []


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        (date(2026, 10, 25), datetime(2026, 10, 24, 16, tzinfo=UTC)),  # the clock goes back on the day itself
        (date(2026, 10, 26), datetime(2026, 10, 25, 17, tzinfo=UTC)),  # and between the reminder and the talk
        (date(2027, 3, 28), datetime(2027, 3, 27, 17, tzinfo=UTC)),  # and forward
        (date(2027, 3, 29), datetime(2027, 3, 28, 16, tzinfo=UTC)),
    ],
)
def test_the_day_before_is_read_from_the_wall_when_the_clock_changes(cast: Cast, day: date, moment: datetime) -> None:
    assert reminder_moment(day, "Europe/Amsterdam") == moment
    slot = add_slot(cast, cast.noor_planning, datetime(day.year, day.month, day.day, 13, tzinfo=UTC))
    book(cast, "de_vries", "sanne", slot, moment - timedelta(days=5))
    tick(cast, moment - MINUTE)
    assert reminders(cast) == []
    tick(cast, *(moment + minutes * MINUTE for minutes in range(0, 26 * 60, 30)))
    assert reminders(cast) == [(cast.de_vries, f"{day}", FAMILY, cast.de_vries)]


@pytest.mark.parametrize(
    "jumps",
    [
        [timedelta(hours=1), -timedelta(hours=1)],
        [timedelta(hours=-1), timedelta(hours=1)],
        [timedelta(days=1), -timedelta(days=1)],
        [-timedelta(days=1), timedelta(days=1)],
        [timedelta(minutes=30)],
    ],
)
def test_a_clock_that_jumps_reminds_of_each_talk_once(cast: Cast, jumps: list[timedelta]) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    book(cast, "smit", "stephanie", cast.bram_slots[0])
    book(cast, "yilmaz", "emir", cast.noor_slots[12])
    now = EVE - timedelta(minutes=10)
    for jump in [timedelta(), *jumps, timedelta()]:
        now += jump
        for _ in range(30):
            now += MINUTE
            tick(cast, now)
    tick(cast, *(EVE + timedelta(hours=hours) for hours in range(60)))
    assert sorted(reminders(cast)) == sorted(
        [
            (cast.de_vries, f"{FIRST_EVENING}", FAMILY, cast.de_vries),
            (cast.smit, f"{FIRST_EVENING}", FAMILY, cast.smit),
            (cast.yilmaz, "2026-11-26", FAMILY, cast.yilmaz),
        ]
    )


def test_nothing_is_due_long_before(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, NOW)
    assert reminders(cast) == []

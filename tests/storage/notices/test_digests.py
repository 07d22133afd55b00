"""The teacher's day: when, for whom, and what it tells, on both databases (T1, rule 18, Z1)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage.notices.digests import Digest, News, digest
from storage.notices.due import plan
from storage.tables import Notice, PlanningTeacher, Teacher
from storage.words import Act, NoticeKind, NoticeState, Recipient
from tests.support.cast import NOW, Cast
from tests.support.notices import add_slot, book, cancel, move, outbox

SEVEN = datetime(2026, 11, 11, 6, 0, tzinfo=UTC)  # 07:00 on the wall, the morning after NOW
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ZONE = "Europe/Amsterdam"
FIRST = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


def tick(cast: Cast, *moments: datetime) -> None:
    for moment in moments:
        cast.database.work(plan, moment)


def sent_days(cast: Cast) -> list[tuple[int, str]]:
    """(teacher, date) of every digest that had something to say."""
    rows = outbox(cast, NoticeKind.DIGEST)
    return [(subject, moment) for subject, moment, _, _, state in rows if state is not NoticeState.DROPPED]


def settle(cast: Cast, state: NoticeState = NoticeState.SENT) -> None:
    """Every digest that waits has gone out, or failed."""

    def end(session: Session) -> None:
        waiting = select(Notice).where(Notice.kind == NoticeKind.DIGEST, Notice.state == NoticeState.WAITING)
        for one in session.exec(waiting):
            one.state = state

    cast.database.work(end)


def of(cast: Cast, teacher: str, day: date, now: datetime) -> Digest:
    return cast.database.read(digest, cast.school, cast.ids[teacher], day, ZONE, now)


def test_a_digest_is_written_at_07_00_for_the_teacher_who_has_news_and_no_other(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, SEVEN - MINUTE)
    assert sent_days(cast) == []
    tick(cast, SEVEN, SEVEN + MINUTE, SEVEN + timedelta(hours=9))
    assert sent_days(cast) == [(cast.noor, "2026-11-11")]


def test_it_goes_to_the_teacher_by_mail(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, SEVEN)
    assert [row[2:4] for row in outbox(cast, NoticeKind.DIGEST) if row[4] is NoticeState.WAITING] == [
        (Recipient.TEACHER, cast.noor)
    ]


def test_nothing_to_say_is_nothing_sent_and_not_asked_again_that_day(cast: Cast) -> None:
    tick(cast, SEVEN)
    book(cast, "de_vries", "sanne", cast.noor_slots[0], SEVEN + MINUTE)
    tick(cast, SEVEN + 2 * MINUTE)
    assert sent_days(cast) == []
    tick(cast, SEVEN + DAY)
    assert sent_days(cast) == [(cast.noor, "2026-11-12")]


def test_what_was_told_is_not_told_the_next_day(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, SEVEN)
    settle(cast)
    tick(cast, SEVEN + DAY)
    assert sent_days(cast) == [(cast.noor, "2026-11-11")]


@pytest.mark.parametrize("state", [NoticeState.FAILED, NoticeState.WAITING])
def test_what_did_not_get_through_is_told_the_next_day(cast: Cast, state: NoticeState) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, SEVEN)
    settle(cast, state)
    tomorrow = of(cast, "noor", date(2026, 11, 12), SEVEN + DAY)
    assert [one.student_name for one in tomorrow.news] == ["Sanne de Vries"]


def test_what_happened_after_07_00_waits_for_the_next_morning_however_late_the_digest_is_sent(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    book(cast, "yilmaz", "emir", cast.noor_slots[1], SEVEN + MINUTE)
    late = of(cast, "noor", date(2026, 11, 11), SEVEN + timedelta(hours=8))
    assert [one.student_name for one in late.news] == ["Sanne de Vries"]


def test_every_turn_of_a_booking_is_one_piece_of_news(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    moved = book(cast, "yilmaz", "emir", cast.noor_slots[1])
    gone = book(cast, "yilmaz", "elif", cast.noor_slots[2])
    back = book(cast, "jansen", "lotte", cast.noor_slots[5])
    tick(cast, SEVEN)
    settle(cast)
    later = SEVEN + MINUTE
    move(cast, move(cast, moved, cast.noor_slots[3], later), cast.noor_slots[4], later)
    cancel(cast, move(cast, gone, cast.noor_slots[6], later), later)
    move(cast, move(cast, back, cast.noor_slots[7], later), cast.noor_slots[5], later)
    cancel(cast, book(cast, "smit", "stephanie", cast.noor_slots[8], later), later)
    move(cast, book(cast, "de_vries", "daan", cast.noor_slots[9], later), cast.noor_slots[10], later)
    assert of(cast, "noor", date(2026, 11, 12), SEVEN + DAY).news == (
        News(Act.BOOKED, "Groep 4", "Daan de Vries", FIRST + 100 * MINUTE),
        News(Act.MOVED, "Groep 4", "Emir Yılmaz", FIRST + 40 * MINUTE, FIRST + 10 * MINUTE),
        News(Act.CANCELLED, "Groep 4", "Elif Yılmaz", FIRST + 20 * MINUTE),
    )


def test_todays_and_tomorrows_lists_come_without_any_news(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    book(cast, "yilmaz", "emir", cast.noor_slots[12])
    tick(cast, SEVEN)
    settle(cast)
    morning = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    tick(cast, morning - 2 * DAY, morning - DAY)
    assert sent_days(cast) == [(cast.noor, "2026-11-11"), (cast.noor, "2026-11-23"), (cast.noor, "2026-11-24")]
    said = of(cast, "noor", date(2026, 11, 25), morning)
    assert [(said.news, [one.first_name for one in said.today], [one.first_name for one in said.tomorrow])] == [
        ((), [], ["Emir"])
    ]


def test_two_teachers_with_one_address_get_one_digest_over_all_their_plannings(cast: Cast) -> None:
    def share(session: Session) -> None:
        bram = session.get(Teacher, cast.bram)
        assert bram
        bram.email = "Noor@Regenboog.example"

    cast.database.work(share)
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    book(cast, "de_vries", "daan", cast.bram_slots[2])
    tick(cast, SEVEN)
    assert sent_days(cast) == [(cast.noor, "2026-11-11")]
    said = of(cast, "noor", date(2026, 11, 11), SEVEN)
    assert [(one.planning, one.student_name) for one in said.news] == [
        ("Groep 4", "Sanne de Vries"),
        ("Groep 7", "Daan de Vries"),
    ]


def test_a_co_teacher_gets_a_digest_of_their_own(cast: Cast) -> None:
    def join(session: Session) -> None:
        session.add(PlanningTeacher(school_id=cast.school, planning_id=cast.noor_planning, teacher_id=cast.bram))

    cast.database.work(join)
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, SEVEN)
    assert sent_days(cast) == [(cast.noor, "2026-11-11"), (cast.bram, "2026-11-11")]


@pytest.mark.parametrize(
    ("day", "seven"),
    [
        (date(2026, 10, 24), datetime(2026, 10, 24, 5, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 6, tzinfo=UTC)),
        (date(2027, 3, 27), datetime(2027, 3, 27, 6, tzinfo=UTC)),
        (date(2027, 3, 28), datetime(2027, 3, 28, 5, tzinfo=UTC)),
    ],
)
def test_a_digest_goes_out_once_at_07_00_on_the_wall_when_the_clock_changes(
    cast: Cast, day: date, seven: datetime
) -> None:
    slot = add_slot(cast, cast.noor_planning, seven + 20 * DAY)
    tick(cast, seven - DAY)
    book(cast, "de_vries", "sanne", slot, seven - timedelta(hours=10))
    tick(cast, *(seven - 8 * 60 * MINUTE + number * 30 * MINUTE for number in range(15)), seven - MINUTE)
    assert sent_days(cast) == []
    tick(cast, *(seven + number * 30 * MINUTE for number in range(34)))
    assert sent_days(cast) == [(cast.noor, f"{day}")]


def test_the_neighbouring_school_hears_nothing(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    tick(cast, NOW, SEVEN)
    assert {row[0] for row in outbox(cast, NoticeKind.DIGEST)} == {cast.noor, cast.bram}

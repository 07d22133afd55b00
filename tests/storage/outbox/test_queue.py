"""The outbox as a queue, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlmodel import Session, select

from storage.database.engine import Database
from storage.outbox import queue
from storage.outbox.write import enqueue
from storage.tables import Notice
from storage.words import NoticeKind, NoticeState, Recipient
from tests.support.cast import NOW, Cast


def write(
    session: Session, school: int, subject: int, recipient_id: int, recipient: Recipient = Recipient.CHAT
) -> None:
    enqueue(session, school, NoticeKind.CARD, subject, "0", recipient, recipient_id, NOW)


def states(session: Session) -> list[tuple[int, NoticeState, str]]:
    notices = session.exec(select(Notice).order_by(Notice.id)).all()  # type: ignore[arg-type]
    return [(notice.subject, notice.state, notice.trouble) for notice in notices]


def claimed(database: Database, most: int = 50, after: timedelta = timedelta(), **more: object) -> list[int]:
    return [one.subject for one in database.work(queue.claim, NOW + after, most, **more)]  # type: ignore[arg-type]


def test_a_notice_is_claimed_once(cast: Cast) -> None:
    cast.database.work(write, cast.school, 1, 7)
    assert [claimed(cast.database), claimed(cast.database)] == [[1], []]


def test_a_notice_is_not_claimed_before_it_is_due(cast: Cast) -> None:
    cast.database.work(write, cast.school, 1, 7)
    assert claimed(cast.database, after=timedelta(seconds=-1)) == []


def test_one_chat_gets_its_notices_one_by_one_in_order(cast: Cast) -> None:
    for subject in (1, 2, 3):
        cast.database.work(write, cast.school, subject, 7)
    cast.database.work(write, cast.school, 4, 8)
    first = cast.database.work(queue.claim, NOW, 50)
    assert [one.subject for one in first] == [1, 4]
    cast.database.work(queue.settle, first[0].id, NOW)
    assert claimed(cast.database) == [2]


def test_a_retry_holds_up_its_own_chat_and_no_other(cast: Cast) -> None:
    for subject in (1, 2):
        cast.database.work(write, cast.school, subject, 7)
    (first,) = cast.database.work(queue.claim, NOW, 50)
    assert cast.database.work(queue.retry, first, NOW, "the line is down") is True
    cast.database.work(write, cast.school, 3, 8)
    assert claimed(cast.database) == [3]
    assert claimed(cast.database, after=timedelta(seconds=5)) == [1]


def test_a_sender_of_mail_leaves_the_chats_alone(cast: Cast) -> None:
    cast.database.work(write, cast.school, 1, 7)
    cast.database.work(write, cast.school, 2, 7, Recipient.FAMILY)
    assert claimed(cast.database, recipients=(Recipient.FAMILY, Recipient.TEACHER)) == [2]


def test_no_more_are_claimed_than_asked_and_the_oldest_go_first(cast: Cast) -> None:
    for subject in (1, 2, 3):
        cast.database.work(write, cast.school, subject, subject)
    assert [claimed(cast.database, most=2), claimed(cast.database, most=2)] == [[1, 2], [3]]


def test_eight_senders_at_once_claim_every_notice_exactly_once_and_no_chat_twice(cast: Cast) -> None:
    for subject in range(60):
        cast.database.work(write, cast.school, subject, subject % 20)
    with ThreadPoolExecutor(8) as senders:
        batches = list(senders.map(lambda _: cast.database.work(queue.claim, NOW, 5), range(8)))
    taken = [one for batch in batches for one in batch]
    assert sorted(one.subject for one in taken) == list(range(20))
    assert sorted(one.recipient_id for one in taken) == list(range(20))


def test_what_became_of_a_notice_is_written_down(cast: Cast) -> None:
    for subject in (1, 2, 3):
        cast.database.work(write, cast.school, subject, subject)
    one, two, three = cast.database.work(queue.claim, NOW, 50)
    cast.database.work(queue.settle, one.id, NOW)
    cast.database.work(queue.drop, two.id, NOW, "too late")
    cast.database.work(queue.fail, three.id, NOW, "refused")
    assert cast.database.read(states) == [
        (1, NoticeState.SENT, ""),
        (2, NoticeState.DROPPED, "too late"),
        (3, NoticeState.FAILED, "refused"),
    ]


def test_what_a_dead_sender_held_is_given_back_and_a_living_ones_is_not(cast: Cast) -> None:
    cast.database.work(write, cast.school, 1, 7)
    claimed(cast.database)
    assert cast.database.work(queue.recover, NOW + queue.STUCK_AFTER - timedelta(seconds=1)) == 0
    assert cast.database.work(queue.recover, NOW + queue.STUCK_AFTER) == 1
    (again,) = cast.database.work(queue.claim, NOW + queue.STUCK_AFTER, 50)
    assert (again.subject, again.attempts, again.trouble) == (1, 2, queue.INTERRUPTED)


def test_a_late_settling_does_not_touch_what_was_given_back(cast: Cast) -> None:
    cast.database.work(write, cast.school, 1, 7)
    (held,) = cast.database.work(queue.claim, NOW, 50)
    cast.database.work(queue.recover, NOW + queue.STUCK_AFTER)
    cast.database.work(queue.fail, held.id, NOW, "refused")
    assert cast.database.read(states) == [(1, NoticeState.WAITING, queue.INTERRUPTED)]


def test_the_waits_grow_to_ten_minutes_and_end_after_two_days(cast: Cast) -> None:
    assert [queue.backoff(n).seconds for n in (1, 2, 3, 8, 300)] == [5, 10, 20, 600, 600]
    cast.database.work(write, cast.school, 1, 7)
    now, tries = NOW, 0
    while held := cast.database.work(queue.claim, now, 1):
        tries += 1
        assert tries < 400
        if not cast.database.work(queue.retry, held[0], now, "the line is down"):
            break
        now += queue.backoff(held[0].attempts)
    assert timedelta(hours=48) <= now - NOW + queue.LONGEST_WAIT <= timedelta(hours=48, minutes=20)
    assert cast.database.read(states) == [(1, NoticeState.FAILED, f"{queue.GAVE_UP}: the line is down")]

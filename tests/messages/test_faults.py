"""When Telegram is away, slow, or says no, and when the sender itself dies (N1–N4, rules 21, 22).

Quick forms; with TIENMINUTEN_LONG=1 the full numbers.
"""

import asyncio
import random
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from messages.sending.clock import Clock
from storage.access.chats import visit
from storage.outbox import queue as rows
from storage.outbox.queue import LONGEST_WAIT, STUCK_AFTER
from storage.outbox.status import Unreached, unreached
from storage.outbox.write import enqueue
from storage.tables import Chat, Link, Notice
from storage.words import ChatKind, NoticeKind, NoticeState, Recipient, SignInStep
from tests.botapi import BotApi, Fault, User
from tests.messages.stage import LONG, LONGEST, Stage, staged, story
from tests.support.cast import NOW, Cast
from tests.support.notices import book, told

SENT, DROPPED, WAITING = NoticeState.SENT, NoticeState.DROPPED, NoticeState.WAITING
HALF_AN_HOUR = timedelta(minutes=30)


async def crowd(stage: Stage, number: int) -> list[User]:
    """So many people, each with a chat and one notice that waits for it."""
    users = [stage.api.user(f"Parent {one}") for one in range(number)]
    for user in users:
        await user.start()
    stage.cast.database.work(_tell_all, stage.cast, users, stage.now)
    return users


def _tell_all(session: Session, cast: Cast, users: list[User], now: datetime) -> None:
    for user in users:
        chat = Chat(kind=ChatKind.TELEGRAM, address=str(user.id), language="nl", step=SignInStep.NONE, seen=now)
        session.add(chat)
        session.flush()
        assert chat.id is not None
        session.add(Link(school_id=cast.school, family_id=cast.de_vries, chat_id=chat.id, since=now))
        session.flush()
        enqueue(session, cast.school, NoticeKind.LINKED, cast.de_vries, "link 1", Recipient.CHAT, chat.id, now)


def heard(users: list[User]) -> Counter[int]:
    """How many people got how many notices."""
    return Counter(sum(message.text.startswith("👋") for message in user.chat) for user in users)


def has_sent(enough: int) -> Callable[[BotApi], bool]:
    return lambda api: len(api.calls_of("sendMessage")) >= enough


def counted(cast: Cast) -> Counter[NoticeState]:
    return Counter(state for state, _ in told(cast, NoticeKind.LINKED))


@story
async def test_everybody_is_told_once_after_telegram_refused_connections_for_half_an_hour(cast: Cast) -> None:
    async with staged(cast) as stage:
        users = await crowd(stage, 1000 if LONG else 30)
        stage.api.limiter.set(overall=30)
        await stage.api.down()
        for _ in range(3):
            await stage.send(after=timedelta(seconds=20))
        assert (heard(users), counted(cast)) == ({0: len(users)}, {WAITING: len(users)})
        await stage.api.up()
        await stage.send(after=HALF_AN_HOUR)
        assert (heard(users), counted(cast)) == ({1: len(users)}, {SENT: len(users)})
        assert {call.status for call in stage.api.calls_of("sendMessage")} == {200}


@story
async def test_everybody_is_told_once_after_a_proxy_answered_with_html_pages(cast: Cast) -> None:
    async with staged(cast) as stage:
        users = await crowd(stage, 1000 if LONG else 30)
        stage.api.limiter.set(overall=30)
        stage.api.faults.next("sendMessage", Fault.BAD_GATEWAY, times=len(users) * 2)
        await stage.send()
        await stage.send(after=LONGEST_WAIT)
        assert heard(users) == {0: len(users)}
        await stage.send(after=HALF_AN_HOUR)
        assert (heard(users), counted(cast)) == ({1: len(users)}, {SENT: len(users)})


@story
async def test_a_429_silences_the_sender_until_its_wait_is_over_and_nobody_is_left_out(cast: Cast) -> None:
    async with staged(cast) as stage:
        users = await crowd(stage, 1000 if LONG else 30)
        stage.api.faults.next("sendMessage", Fault.TOO_MANY, retry_after=60)
        await stage.send()
        asked = len(stage.api.calls_of("sendMessage"))
        await stage.send(after=timedelta(seconds=59))
        assert len(stage.api.calls_of("sendMessage")) == asked
        await stage.send(after=timedelta(seconds=1))
        await stage.send(after=LONGEST_WAIT)
        assert (heard(users), counted(cast)) == ({1: len(users)}, {SENT: len(users)})
        assert Counter(call.status for call in stage.api.calls_of("sendMessage")) == {429: 1, 200: len(users)}


@story
async def test_what_telegram_took_without_an_answer_is_sent_once_more_at_most(cast: Cast) -> None:
    async with staged(cast, patience=3) as stage:
        users = await crowd(stage, 100 if LONG else 12)
        stage.api.faults.next("sendMessage", Fault.HANG, times=len(users))
        await stage.send()
        assert (heard(users), counted(cast)) == ({1: len(users)}, {WAITING: len(users)})
        await stage.send(after=timedelta(minutes=1))
        assert (heard(users), counted(cast)) == ({2: len(users)}, {SENT: len(users)})


@story
async def test_after_two_times_no_answer_the_family_gets_mail_and_no_third_message(cast: Cast) -> None:
    async with staged(cast, patience=0.5) as stage:
        (user,) = await crowd(stage, 1)
        stage.api.faults.next("sendMessage", Fault.HANG, times=5)
        for _ in range(4):
            await stage.send(after=timedelta(minutes=1))
        assert (heard([user]), len(stage.mail.mailed_to("devries@example.org"))) == ({2: 1}, 1)
        assert told(cast, NoticeKind.LINKED) == [(DROPPED, "no answer came: mail instead"), (SENT, "")]


@story
async def test_a_parent_who_blocked_the_bot_gets_one_mail_and_is_left_alone_until_they_come_back(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam, joost = await stage.person("de_vries", "Mirjam"), await stage.person("de_vries", "Joost")
        for person in (mirjam, joost):
            await person.block()
        book(cast, "de_vries", "sanne", cast.noor_slots[0])
        for _ in range(3):
            await stage.send(after=HALF_AN_HOUR)
        assert len(stage.api.calls_of("sendMessage")) == 2
        subject = "Afgesproken: een gesprek over Sanne op dinsdag 24 november, 18:00"
        mails = stage.mail.mailed_to("devries@example.org")
        assert [mail["Subject"] for mail in mails] == [subject]
        reachable = cast.database.read(lambda session: session.exec(select(Chat.reachable)).all())
        assert reachable == [False, False]
        assert cast.database.read(unreached, cast.school) == (Unreached(cast.de_vries, "de Vries", True),)
        await mirjam.unblock()
        cast.database.work(visit, ChatKind.TELEGRAM, str(mirjam.id), "nl", stage.now)  # as the bot does at /start
        book(cast, "de_vries", "daan", cast.bram_slots[5])
        await stage.send()
        assert (len(stage.mail.mailed_to("devries@example.org")), mirjam.chat[-1].text.splitlines()[0]) == (
            1,
            "✓ De Regenboog heeft voor u een gesprek over Daan afgesproken.",
        )
        assert cast.database.read(unreached, cast.school) == ()


@story
async def test_a_clock_that_is_put_back_does_not_prolong_the_silence(cast: Cast) -> None:
    async with staged(cast) as stage:
        users = await crowd(stage, 1)  # of two the other may be on its way already
        stage.api.faults.next("sendMessage", Fault.TOO_MANY, retry_after=60)
        await stage.send()
        fresh = await stage.person("yilmaz", "Ayşe")
        stage.now -= timedelta(days=1)
        stage.tell_linked(fresh, "yilmaz")
        await stage.send()
        assert (heard([fresh]), heard(users)) == ({1: 1}, {0: 1})


@story
async def test_a_clock_that_jumps_ahead_does_not_take_a_notice_out_of_the_senders_hands(cast: Cast) -> None:
    async with staged(cast, patience=3) as stage:
        users = await crowd(stage, 1)
        stage.api.faults.next("sendMessage", Fault.HANG)
        ticking = Clock(cast.database, stage.sender, now=lambda: stage.now)
        sending = asyncio.create_task(ticking.tick_send())
        await users[0].wait_for(lambda user: any(message.text.startswith("👋") for message in user.chat))
        stage.now += timedelta(hours=1)
        await ticking.tick_due()
        assert counted(cast) == {NoticeState.SENDING: 1}
        await sending
        await ticking.stop()


@story
async def test_a_deleted_account_and_a_chat_that_never_began_are_retired_too(cast: Cast) -> None:
    async with staged(cast) as stage:
        gone = await stage.person("de_vries")
        await gone.deactivate()
        stage.tell_linked(gone)
        never = stage.api.user("Never")
        chat = Chat(kind=ChatKind.TELEGRAM, address=str(never.id), language="nl", step=SignInStep.NONE, seen=NOW)

        def link(session: Session) -> None:
            session.add(chat)
            session.flush()
            session.add(Link(school_id=cast.school, family_id=cast.yilmaz, chat_id=chat.id or 0, since=NOW))

        cast.database.work(link)
        stage.tell_linked(never, "yilmaz")
        await stage.send()
        assert sorted(address for to in stage.mail.recipients for address in to) == [
            "devries@example.org",
            "yilmaz@example.org",
        ]
        reachable = cast.database.read(lambda session: session.exec(select(Chat.reachable)).all())
        assert reachable == [False, False]


@story
async def test_a_sender_that_is_killed_loses_nothing_and_repeats_little(cast: Cast) -> None:
    kills, number = (30, 3000) if LONG else (2, 40)
    async with BotApi() as api:
        stage = Stage.__new__(Stage)
        stage.cast, stage.api, stage.now = cast, api, NOW
        users = await crowd(stage, number)
        for kill in range(kills + 1):
            last = kill == kills
            process = await _sender(cast, api, NOW + kill * STUCK_AFTER)
            if not last:
                enough = len(api.calls_of("sendMessage")) + number // (kills + 2)
                await api.until(has_sent(enough), 60)
                await asyncio.sleep(random.uniform(0, 0.2))  # at any moment, not just as a message was taken
                process.kill()
            assert await asyncio.wait_for(process.wait(), LONGEST) == (0 if last else -9)
        times = heard(users)
    assert counted(cast) == {SENT: number}
    assert times[0] == 0
    repeated = sum((count - 1) * people for count, people in times.items())
    assert repeated <= kills * (1 if LONG else 16)  # what was in flight; mostly none


async def _sender(cast: Cast, api: BotApi, now: datetime) -> asyncio.subprocess.Process:
    """A process of its own that sends until nothing is left."""
    url = cast.database.engine.url.render_as_string(hide_password=False)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.messages.sending", url, api.url, api.token, now.isoformat()
    )


@pytest.mark.parametrize("attempts", [1, 5, 50])
def test_a_notice_in_the_hands_of_a_dead_sender_goes_to_the_next(cast: Cast, attempts: int) -> None:
    cast.database.work(enqueue, cast.school, NoticeKind.LINKED, 1, "link 1", Recipient.CHAT, 1, NOW)
    now = NOW
    for _ in range(attempts):
        assert len(cast.database.work(rows.claim, now, 5)) == 1
        now += STUCK_AFTER
        assert cast.database.work(rows.recover, now) == 1
    kept = cast.database.read(lambda session: session.exec(select(Notice.state, Notice.attempts)).one())
    assert tuple(kept) == (WAITING, attempts)

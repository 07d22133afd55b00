"""The clock ticks in one process at a time, and what is due goes out by itself (rule 19, N7)."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from bot.board import board
from messages.channels.mail import Mailbox
from messages.pace import Pace
from messages.sending.clock import Clock, clock
from messages.sending.leader import leader
from messages.sending.sender import Sender
from storage.database.engine import Database
from storage.privacy import compaction
from storage.settings import Settings, WrongSettings
from storage.tables import DeskSession, Guess, Student, UpdateSeen
from storage.words import NoticeKind, NoticeState
from tests.messages.stage import staged, story
from tests.support.cast import NOW, PEPPER, Cast, settle
from tests.support.mail_server import MailServer
from tests.support.notices import book, link_chat, outbox, told

EVE = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, **{"secret_key": PEPPER.decode(), **given})  # type: ignore[arg-type]


@story
async def test_what_becomes_due_is_written_down_and_sent_by_the_ticks_alone(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
        ticking = Clock(cast.database, stage.sender, now=lambda: stage.now)
        stage.now = EVE
        await ticking.start()
        await mirjam.wait_for(lambda user: any(message.text.startswith("🔔") for message in user.chat), 30)
        await ticking.stop()
        assert NoticeState.SENDING not in [state for state, _ in told(cast, NoticeKind.REMINDER)]


@story
async def test_three_jobs_tick_and_nothing_else_is_ever_stored(cast: Cast) -> None:
    async with staged(cast) as stage:
        book(cast, "de_vries", "sanne", cast.noor_slots[0])
        ticking = Clock(cast.database, stage.sender, now=lambda: EVE)
        await ticking.start()
        jobs = ticking._scheduler.get_jobs()
        await ticking.stop()
        assert [(job.name, job.coalesce, job.max_instances, job.misfire_grace_time) for job in jobs] == [
            (name, True, 1, None) for name in ("tick_send", "tick_due", "tick_tidy")
        ]


@story
async def test_only_one_of_two_processes_ticks_and_the_other_takes_over(cast: Cast) -> None:
    with MailServer() as mail:
        one, two = (
            clock(cast.database, settings(smtp_url=mail.url, mail_from="a@b.example"), board, Pace(), now=lambda: EVE)
            for _ in range(2)
        )
        book(cast, "de_vries", "sanne", cast.noor_slots[0])
        assert [await one.leads(), await two.leads(), await one.leads()] == [True, False, True]
        await two.tick_due()
        await two.tick_send()
        assert (outbox(cast, NoticeKind.REMINDER), mail.mails) == ([], [])
        await one.stop()
        await two.tick_due()
        await two.tick_send()
        assert [state for state, _ in told(cast, NoticeKind.REMINDER)] == [NoticeState.SENT]
        await two.stop()


def test_a_leader_that_loses_its_connection_stops_leading_and_another_takes_over(
    postgres_databases: object, tmp_path: Path
) -> None:
    with postgres_databases.fresh(tmp_path) as database:  # type: ignore[attr-defined]
        asyncio.run(_lose(database))


async def _lose(database: Database) -> None:
    one, two = leader(database), leader(database)
    assert [await one.leads(), await two.leads()] == [True, False]
    database.work(_cut_the_holder)
    assert [await two.leads(), await one.leads(), await one.leads()] == [True, False, False]
    await two.step_down()
    assert await one.leads() is True
    await one.step_down()


def _cut_the_holder(session: Session) -> None:
    session.execute(
        text(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        )
    )


@story
async def test_a_clock_that_stops_finishes_what_is_in_flight(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        for number in range(5):
            stage.tell_linked(mirjam, number=number)
        ticking = Clock(cast.database, stage.sender, now=lambda: stage.now)
        sending = asyncio.create_task(ticking.tick_send())
        await mirjam.wait_for(lambda user: any(message.text.startswith("👋") for message in user.chat))
        await ticking.stop()
        await sending
        assert NoticeState.SENDING not in [state for state, _ in told(cast, NoticeKind.LINKED)]
        heard = sum("👋" in str(call.params["text"]) for call in stage.api.calls_of("sendMessage"))
        assert heard == sum(state is NoticeState.SENT for state, _ in told(cast, NoticeKind.LINKED))


@story
async def test_a_tick_that_fails_does_not_stop_the_clock(cast: Cast) -> None:
    async with staged(cast) as stage:
        ticking = Clock(cast.database, stage.sender, now=lambda: stage.now.replace(tzinfo=None))
        await ticking.start()  # every tick refuses a moment without a zone
        await ticking.stop()
        with pytest.raises(Exception, match="a moment without a zone"):
            await ticking.tick_tidy()


@story
async def test_the_hourly_tick_takes_away_what_has_served_its_time(cast: Cast) -> None:
    chat = link_chat(cast, cast.de_vries)

    def old(session: Session) -> None:
        for age in (timedelta(days=1), timedelta(days=200)):
            session.add(UpdateSeen(bot_id=1, update_id=age.days, at=NOW - age))
            session.add(Guess(school_id=cast.school, chat_id=chat, first_name="a", value="b", at=NOW - age))

    cast.database.work(old)
    sender = Sender(
        cast.database,
        board=board,
        chat=None,
        mail=None,
        mail_from="a@b.example",
        base_url="https://x.example",
        pepper=PEPPER,
    )
    ticking = Clock(cast.database, sender, now=lambda: NOW)
    await ticking.tick_tidy()
    await ticking.stop()

    def left(session: Session) -> list[int]:
        return [len(session.exec(select(table)).all()) for table in (UpdateSeen, Guess, DeskSession)]

    assert cast.database.read(left) == [1, 1, 0]


def test_a_mailbox_takes_the_place_of_a_mail_server(sqlite: Database, tmp_path: Path) -> None:
    cast = settle(sqlite)
    book(cast, "de_vries", "sanne", cast.noor_slots[0])

    async def tick() -> None:
        ticking = clock(sqlite, settings(), board, Pace(), mail=Mailbox(tmp_path / "mails"), now=lambda: NOW)
        await ticking.tick_send()
        await ticking.stop()

    asyncio.run(tick())
    assert len(list((tmp_path / "mails").glob("notice-*.eml"))) == 2  # the family and the teacher


def test_a_wrong_mail_server_is_told_before_anything_starts(sqlite: Database) -> None:
    async def build() -> None:
        clock(sqlite, settings(smtp_url="mail.example.org"), board, Pace())

    with pytest.raises(WrongSettings, match="SMTP_URL must begin"):
        asyncio.run(build())


@story
async def test_what_a_school_kept_long_enough_goes_at_its_calm_hour_and_at_no_other(cast: Cast) -> None:
    def leave_long_ago(session: Session) -> None:
        session.get_one(Student, cast.stephanie).left = NOW - timedelta(days=100)

    cast.database.work(leave_long_ago)
    night = datetime(2026, 11, 11, 3, 45, tzinfo=UTC)  # 4:45 on the school's wall
    for moment, there in ((NOW, True), (night - timedelta(minutes=30), True), (night, False)):
        sender = Sender(
            cast.database,
            board=board,
            chat=None,
            mail=None,
            mail_from="a@b.example",
            base_url="https://x.example",
            pepper=PEPPER,
        )
        ticking = Clock(cast.database, sender, now=partial(_same, moment), pepper=PEPPER)
        await ticking.tick_tidy()
        await ticking.stop()
        assert (cast.database.read(lambda session: session.get(Student, cast.stephanie)) is not None) is there
    assert not compaction.compact(cast.database), "the file was written afresh at once"


def _same(moment: datetime) -> datetime:
    return moment

"""One table says how long things are kept, and the clock, the manual and the desk keep to it (D28)."""

import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, SQLModel, col

from storage.access.links import link
from storage.privacy import leftover_files, retention
from storage.privacy.retention_table import (
    CANCELLED,
    CHATS,
    COPIES,
    GUESSES,
    LEAVERS,
    LETTERS,
    SESSIONS,
    STAFF_LINKS,
    TABLE,
    TALKS,
    TYPED,
    UPDATES,
    UPLOADS,
    Period,
)
from storage.tables import Chat, DeskSession, Guess, Letter, School, Staff, UpdateSeen
from storage.words import ChatKind, Role, SignInStep
from tests.support.cast import NOW, Cast

ROOT = Path(__file__).parents[3]
MOMENT = timedelta(seconds=1)


def session_row(cast: Cast, session: Session, at: datetime) -> None:
    staff = Staff(school_id=cast.school, email="a@example.org", role=Role.TEACHER, password="")
    session.add(staff)
    session.flush()
    session.add(DeskSession(id="s", school_id=cast.school, staff_id=staff.id or 0, csrf="c", began=at))


def chat_row(session: Session, at: datetime, first_name: str = "") -> Chat:
    chat = Chat(kind=ChatKind.WEB, address="somebody", step=SignInStep.SECRET, first_name=first_name, seen=at)
    session.add(chat)
    session.flush()
    return chat


def guess_row(cast: Cast, session: Session, at: datetime) -> None:
    chat = chat_row(session, NOW)
    session.add(Guess(school_id=cast.school, chat_id=chat.id or 0, first_name="m", value="v", at=at))


def typed_row(cast: Cast, session: Session, at: datetime) -> None:
    chat = chat_row(session, at, "sanne")
    link(session, cast.school, cast.smit, chat.id or 0, at)


def link_row(cast: Cast, session: Session, at: datetime) -> None:
    session.add(
        Staff(school_id=cast.school, email="a@b.example", role=Role.TEACHER, password="", link="n", link_until=at)
    )


# A period: what makes a row whose time began at a moment, and which rows are then still there.
CLEARED: dict[str, tuple[Period, Callable[[Cast, Session, datetime], object], type[SQLModel], object]] = {
    "sessions": (SESSIONS, session_row, DeskSession, True),
    "guesses": (GUESSES, guess_row, Guess, True),
    "updates": (
        UPDATES,
        lambda _, session, at: session.add(UpdateSeen(bot_id=1, update_id=1, at=at)),
        UpdateSeen,
        True,
    ),
    "letters": (
        LETTERS,
        lambda cast, session, at: session.add(
            Letter(id="l" * 64, school_id=cast.school, family_id=cast.smit, made=at, until=at)
        ),
        Letter,
        True,
    ),
    "links": (STAFF_LINKS, link_row, Staff, col(Staff.link) != ""),
    "chats": (CHATS, lambda _, session, at: chat_row(session, at), Chat, True),
    "typed": (TYPED, typed_row, Chat, col(Chat.first_name) != ""),
}


@pytest.mark.parametrize("name", CLEARED)
def test_the_clock_clears_at_the_moment_that_the_table_says(cast: Cast, name: str) -> None:
    period, make, table, there = CLEARED[name]
    began = NOW - timedelta(days=400)
    cast.database.work(lambda session: make(cast, session, began))
    left = select(func.count()).select_from(table).where(there)  # type: ignore[arg-type]
    for now, count in ((began + period.longest - MOMENT, 1), (began + period.longest, 0)):
        cast.database.work(retention.clear_common, now)
        assert cast.database.read(lambda session: session.scalar(left)) == count


@pytest.mark.parametrize(("period", "file"), [(UPLOADS, "uploads/1-a.data"), (COPIES, "before-restore-1.backup")])
def test_files_go_at_the_moment_that_the_table_says(tmp_path: Path, period: Period, file: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert leftover_files.sweep(tmp_path, NOW + period.longest - MOMENT) == 0
    assert leftover_files.sweep(tmp_path, NOW + period.longest) == 1


def test_a_new_school_begins_with_the_days_of_the_table() -> None:
    days = School.model_fields["bookings_kept"].default, School.model_fields["leavers_kept"].default
    assert days == (TALKS.longest.days, LEAVERS.longest.days)


def test_every_period_of_the_table_is_tried() -> None:
    tried = {period for period, *_ in CLEARED.values()} | {UPLOADS, COPIES, TALKS, LEAVERS}
    tried |= {CANCELLED}  # in the room of the feeds: tests/storage/school
    assert tried == set(TABLE)


def test_no_period_stands_anywhere_else() -> None:
    """Letters were once kept 90 days by one file and 120 by another."""
    kept = re.compile(r"^\w*(?:KEPT|LONGEST_SESSION) = timedelta", re.MULTILINE)
    files = [path for folder in ("storage", "messages", "admin", "bot") for path in (ROOT / folder).rglob("*.py")]
    assert [str(path) for path in files if kept.search(path.read_text(encoding="utf-8"))] == []


def test_the_manual_tells_the_table() -> None:
    manual = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    told = re.findall(
        r"^\| (.+) \| (\d+ (?:day|hour)s?)(, or as the school chooses)? \| (.+) \| (.+) \|$", manual, re.M
    )
    assert [(what, how_long, bool(chosen), since, why) for what, how_long, chosen, since, why in told] == [
        (period.what, in_words(period.longest), period.chosen, period.since, period.why) for period in TABLE
    ]


def in_words(longest: timedelta) -> str:
    number, unit = (longest.days, "day") if longest.days else (longest // timedelta(hours=1), "hour")
    return f"{number} {unit}" + ("" if number == 1 else "s")

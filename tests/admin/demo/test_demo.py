"""The demo: a whole school in a directory, made once, served by one process with chat, desk and mailbox."""

import asyncio
import csv
import json
import os
import socket
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import Session, col

from admin.commands.parts import PARTS
from admin.commands.process import Process, address, listen, live
from admin.demo import evenings, making, pupils
from admin.demo.starting import Notes, prepare
from storage import tables, timezone
from storage.access.chats import school_by_slug
from storage.database.engine import Database
from storage.planning.views import planning_list
from storage.school import progress
from tests.botapi import BotApi
from tests.support.browser import settings
from tests.support.commands import Operator
from tests.support.harness import cards
from tests.support.phone import BrowserPhone, Phone, TelegramPhone

NOW = datetime(2026, 11, 10, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def notes(directory: Path) -> Notes:
    return prepare(directory, timezone.now())


@pytest.fixture
def database(directory: Path, notes: Notes) -> Database:
    return Database(f"sqlite:///{directory / 'demo.db'}")


@pytest.mark.xdist_group("demo")
class TestMade:
    """One made school for all of these."""

    def test_eight_groups_of_about_25_and_every_planning_published(self, database: Database) -> None:
        school = database.read(school_by_slug, making.SLUG)
        assert school is not None
        found = database.read(progress.progress, school.id, timezone.now())
        people, talks = found.people, found.talks
        assert (people.students, people.without_family) == (200, 0)
        assert talks is not None
        assert (talks.drafts, len(talks.published)) == (0, 8)
        assert 100 <= people.families <= 150
        assert 20 <= talks.families_booked <= people.families // 2
        rows = database.read(planning_list.plannings, school.id)
        assert [len(row.groups) for row in rows] == [1] * 8

    def test_siblings_twins_and_children_of_two_families(self, database: Database) -> None:
        sizes, shared, twins = database.read(_shapes)
        assert sizes[1] > 20 and sizes[2] > 20 and sizes[3] > 5  # noqa: PT018
        assert shared >= 7
        assert twins >= 2

    def test_the_example_opens_the_chat(self, database: Database, notes: Notes) -> None:
        school = database.read(school_by_slug, making.SLUG)
        assert school is not None
        children = database.read(_children_of, notes.first_name, notes.postcode.replace(" ", ""))
        assert children == 1

    def test_a_second_start_finds_the_same_school(self, directory: Path, notes: Notes) -> None:
        made = (directory / "demo.db").stat().st_ino
        assert prepare(directory, timezone.now()) == notes
        assert (directory / "demo.db").stat().st_ino == made

    def test_it_is_made_anew_when_the_evenings_are_over_and_spares_other_files(self, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text("keep me")
        first = prepare(tmp_path, NOW)
        assert prepare(tmp_path, NOW + timedelta(days=3)) == first
        second = prepare(tmp_path, NOW + timedelta(days=60))
        assert second.last_evening > first.last_evening
        assert (tmp_path / "mine.txt").read_text() == "keep me"

    def test_what_was_half_made_is_made_anew(self, tmp_path: Path) -> None:
        (tmp_path / "demo.db").write_bytes(b"half")
        assert prepare(tmp_path, NOW).current(NOW.date())

    def test_the_notes_are_for_their_owner_alone(self, directory: Path, notes: Notes) -> None:
        assert (directory / "demo.json").stat().st_mode & 0o777 == 0o600
        assert json.loads((directory / "demo.json").read_text())["password"] == notes.password

    def test_chat_desk_and_mailbox_answer_in_one_process(self, directory: Path, notes: Notes) -> None:
        asyncio.run(asyncio.wait_for(_visit(directory, notes), 60))

    def test_with_a_token_the_same_school_answers_in_telegram(
        self, directory: Path, notes: Notes, tmp_path: Path
    ) -> None:
        asyncio.run(asyncio.wait_for(_talk(directory, notes, tmp_path), 90))


def test_everybody_is_the_same_every_day_but_for_their_age() -> None:
    one, other = (pupils.households(day) for day in (NOW.date(), NOW.date() + timedelta(days=30)))
    assert one == other
    assert sum(len(house.pupils) for house in one) == 200


@pytest.mark.parametrize("day", [NOW.date() + timedelta(days=7 * week + week % 7) for week in range(0, 60, 3)])
def test_sign_up_is_open_on_any_day_of_the_year(tmp_path: Path, day: datetime) -> None:
    evenings.write(day, tmp_path / "plannings.csv")
    with (tmp_path / "plannings.csv").open() as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    assert len(rows) == 16
    for row in rows:
        opens, closes = (
            timezone.to_utc(datetime.strptime(row[name], "%Y-%m-%d %H:%M"), making.ZONE) for name in ("opent", "sluit")
        )
        noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=11)
        assert opens < noon < closes
        timezone.to_utc(datetime.strptime(f"{row['datum']} {row['van']}", "%Y-%m-%d %H:%M"), making.ZONE)


def test_a_port_that_is_taken_is_a_sentence(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    operator = Operator(sqlite, tmp_path, monkeypatch, capsys)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in ("demo", "run"):
            done = operator.run(command, "--port", port)
            why = "cannot be used (Address already in use). Choose another with --port."
            assert (done.status, done.err) == (1, f"Port {port} of 127.0.0.1 {why}\n")
    assert not (tmp_path / ".data").exists()


async def _visit(directory: Path, notes: Notes) -> None:
    bound = listen("127.0.0.1", 0)
    base = address(bound)
    database = Database(f"sqlite:///{directory / 'demo.db'}")
    demo = settings(base_url=base, secret_key=SecretStr(notes.secret_key))
    stop = asyncio.Event()
    house = Process(database, demo, PARTS, directory / "mails")
    serving = asyncio.create_task(live(house, bound, stop))
    try:
        async with httpx.AsyncClient(base_url=base, timeout=30) as client:
            assert (await client.get(f"/{making.SLUG}")).status_code == 200
            assert (await client.get("/health")).json() == {
                "well": True, "database": True, "schema": True, "leads": True,
            }  # fmt: skip
            page = (await client.get("/desk/sign-in")).text
            token = page.split('name="csrf" value="')[1].split('"')[0]
            form = {"csrf": token, "email": making.ADMINISTRATOR, "password": notes.password}
            came = await client.post("/desk/sign-in", data=form)
            assert (came.status_code, came.headers["location"]) == (303, "/desk")
            assert (await client.get("/desk/mailbox")).status_code == 200
    finally:
        stop.set()
        await serving
        database.close()


async def _talk(directory: Path, notes: Notes, elsewhere: Path) -> None:
    """What is booked in Telegram stands in the browser's chat; the demo is the process that people start."""
    async with BotApi() as api:
        command = [sys.executable, "-m", "admin.commands", "demo", "--port", "0", "--directory", str(directory)]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[3])}
        environment |= {"TELEGRAM_BOT_TOKEN": api.token, "TELEGRAM_API_BASE": api.url}
        demo = await asyncio.create_subprocess_exec(
            *command, cwd=elsewhere, env=environment, stdout=asyncio.subprocess.PIPE
        )
        try:
            told = await _told(demo)
            assert f"  Telegram  send this to your bot: /start {making.SLUG}" in told
            await api.until(lambda _: api.first.updates.polling, 60)
            booked = await _book(TelegramPhone(api.user("Anouk", "nl"), api), notes)
            page = next(line.split()[1] for line in told if line.startswith("  Parents "))
            async with httpx.AsyncClient(base_url=page.rpartition("/")[0], follow_redirects=True, timeout=30) as client:
                browser = BrowserPhone(client)
                await _sign_in(browser, notes)
                assert booked in browser.screen
        finally:
            demo.terminate()
            status = await demo.wait()
    assert status == 0


async def _told(demo: asyncio.subprocess.Process) -> list[str]:
    """What it prints, to the last line of its welcome."""
    assert demo.stdout is not None
    lines = [""]
    while "Telegram" not in lines[-1]:
        line = await demo.stdout.readline()
        assert line, f"it ended: {lines}"
        lines.append(line.decode().rstrip())
    return lines


async def _sign_in(phone: Phone, notes: Notes) -> None:
    await phone.start(making.SLUG)
    await phone.send(notes.first_name)
    await phone.send(notes.postcode)
    assert phone.screen.startswith("Welkom! U bent ingelogd voor "), phone.screen


async def _book(phone: TelegramPhone, notes: Notes) -> str:
    """The first time of the first child; how the overview tells of it, once its file has come too."""
    await _sign_in(phone, notes)
    while "✓ Afgesproken voor " not in phone.screen:
        await phone.tap(phone.buttons[0])
    moment = phone.screen.splitlines()[-1].partition(": ")[2]
    await phone.tap("In mijn agenda")
    await phone.user.wait_for(cards, 30)
    return f"✓ {moment}"


def _shapes(session: Session) -> tuple[Counter[int], int, int]:
    """How many families of each size; children with two families; pairs born on one day in one family."""
    member, student = tables.FamilyStudent, tables.Student
    sizes = session.execute(select(func.count()).select_from(member).group_by(col(member.family_id))).scalars()
    shared = session.execute(
        select(col(member.student_id)).group_by(col(member.student_id)).having(func.count() > 1)
    ).all()
    twins = session.execute(
        select(col(member.family_id))
        .join(student, col(student.id) == col(member.student_id))
        .group_by(col(member.family_id), col(student.birth_date))
        .having(func.count() > 1)
    ).all()
    return Counter(sizes), len(shared), len(twins)


def _children_of(session: Session, first_name: str, postcode: str) -> int:
    student = tables.Student
    found = (
        select(func.count())
        .select_from(student)
        .where(col(student.first_name) == first_name, col(student.postcode) == postcode)
    )
    return session.scalar(found) or 0

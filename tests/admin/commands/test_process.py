"""`tienminuten run` as the process that it is: it serves, it stops when asked, and its logs hold nothing personal."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from storage.database.engine import Database
from tests.support.browser import DIRECTOR, PASSWORD, hire
from tests.support.cast import PEPPER, settle


@contextmanager
def running(folder: Path, database: Database, *words: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "DATABASE_URL": database.url,
        "SECRET_KEY": PEPPER.decode(),
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "admin.commands", "run", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Serving on http://127.0.0.1:"), line
    return line.removeprefix("Serving on ").strip()


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_it_serves_until_it_is_asked_to_stop(sqlite: Database, tmp_path: Path, asked: signal.Signals) -> None:
    settle(sqlite)
    with running(tmp_path, sqlite, "--port", "0") as process:
        base = address_of(process)
        assert httpx.get(f"{base}/health", timeout=30).json()["leads"] is True
        assert httpx.get(f"{base}/regenboog", timeout=30).status_code == 200
        process.send_signal(asked)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in told


def test_a_process_without_the_messages_leads_nothing(sqlite: Database, tmp_path: Path) -> None:
    settle(sqlite)
    with running(tmp_path, sqlite, "web", "--port", "0") as process:
        health = httpx.get(f"{address_of(process)}/health", timeout=30)
    assert health.json() == {"well": True, "database": True, "schema": True, "leads": None}


def test_the_logs_of_a_visit_hold_nothing_of_anybody(sqlite: Database, tmp_path: Path) -> None:
    cast = settle(sqlite)
    hire(sqlite, cast.school)
    with running(tmp_path, sqlite, "--port", "0", LOG_LEVEL="DEBUG") as process:
        base = address_of(process)
        with httpx.Client(base_url=base, timeout=30) as client:
            page = client.get("/desk/sign-in?next=/desk/students/3511AB").text
            token = page.split('name="csrf" value="')[1].split('"')[0]
            client.post("/desk/sign-in", data={"csrf": token, "email": "somebody@example.org", "password": "3511AB"})
            came = client.post("/desk/sign-in", data={"csrf": token, "email": DIRECTOR, "password": PASSWORD})
            assert came.status_code == 303
            session = client.cookies["desk"]
            for path in ("/desk", "/desk/school", "/regenboog?naam=Sanne", "/desk/nothing?postcode=3511AB"):
                client.get(path)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert lines[-1]["event"] != ""
    # The whole postcode: four digits alone are found in the time of day and in numbers of processes too.
    for personal in ("3511AB", "Sanne", "Vries", DIRECTOR, "somebody@", PASSWORD, session.split(".")[0], "127.0.0.1:"):
        assert personal not in told


def test_a_token_that_is_none_is_a_sentence(sqlite: Database, tmp_path: Path) -> None:
    settle(sqlite)
    with running(tmp_path, sqlite, "bot", TELEGRAM_BOT_TOKEN="hello") as process:
        _, told = process.communicate(timeout=60)
    sentence = "TELEGRAM_BOT_TOKEN is not a token: copy it from @BotFather."
    assert (process.returncode, told.splitlines()[-1]) == (1, sentence)


def test_a_mail_server_that_is_none_is_a_sentence(sqlite: Database, tmp_path: Path) -> None:
    settle(sqlite)
    with running(tmp_path, sqlite, "messages", SMTP_URL="http://mail.example") as process:
        _, told = process.communicate(timeout=60)
    sentence = "SMTP_URL must begin with smtp:// or smtps:// and name a host."
    assert (process.returncode, told.splitlines()[-1]) == (1, sentence)

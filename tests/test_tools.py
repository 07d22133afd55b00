"""Where a tool is missing the run says so in its last lines, and a strict run fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import tools

ROOT = Path(__file__).parents[1]


def test_a_stub_that_only_says_where_to_get_a_browser_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, status in (("chromium", 1), ("google-chrome", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tools.chromium() == str(tmp_path / "google-chrome")


def test_what_did_not_run_is_told_by_tool() -> None:
    skipped = [("tests/a.py::one", "for want of a Chromium"), ("tests/b.py::two", "it was Monday")]
    skipped += [(f"tests/c.py::t{number}", "for want of a Chromium") for number in range(2)]
    assert tools.not_run(skipped) == [
        ("1 test NOT RUN because it was Monday", ["tests/b.py::two"]),
        ("3 tests NOT RUN for want of a Chromium", ["tests/a.py::one", "tests/c.py::t0", "tests/c.py::t1"]),
    ]


def test_of_many_that_did_not_run_the_files_are_told() -> None:
    skipped = [(f"tests/{file}.py::t{number}", "for want of a PostgreSQL") for file in "ba" for number in range(15)]
    assert tools.not_run(skipped) == [
        ("30 tests NOT RUN for want of a PostgreSQL", ["tests/a.py: 15", "tests/b.py: 15"])
    ]


@pytest.mark.parametrize(("strict", "status"), [("", 0), ("1", 1)], ids=["a run", "a strict run"])
def test_without_a_browser(tmp_path: Path, strict: str, status: int) -> None:
    (tmp_path / "test_page.py").write_text("def test_a_page(chromium: str) -> None: ...\n")
    bare = {"PATH": "", "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path), "TIENMINUTEN_TESTS_STRICT": strict}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "test_page.py"]
    environment = {**os.environ, **bare, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    told = done.stdout.splitlines()
    assert done.returncode == status, done.stdout
    if strict:
        assert "Not run, and TIENMINUTEN_TESTS_STRICT is set: for want of a Chromium" in told
    else:
        heading = next(place for place, line in enumerate(told) if "1 test NOT RUN for want of a Chromium" in line)
        assert told[heading + 1] == "test_page.py::test_a_page"

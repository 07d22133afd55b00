"""Tools that tests need and a machine may lack: looked for here, and missed aloud.

Where one is absent its tests are not run, and the last lines of the run name them. With TIENMINUTEN_TESTS_STRICT=1 a
test that is not run fails, whatever the reason.
"""

import os
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import sync_playwright

STRICT = os.environ.get("TIENMINUTEN_TESTS_STRICT") == "1"
CHROMIUM = "a Chromium"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
POSTGRESQL = "a PostgreSQL that starts"
MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3
_WANT = "for want of "
_NAMED = 20  # tests of one tool; of more, the files


def work_in_memory() -> None:
    """Let what this process and its children write for a while stand in memory, where a machine has the room.

    Databases by the hundred wait for no disk then: on a slow one a copy in PostgreSQL takes ten times as long.
    """
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def missing(tool: str) -> NoReturn:
    """The test at hand cannot run."""
    pytest.skip(_WANT + tool)


def chromium() -> str | None:
    """A Chromium that starts: the system's own, else the one that Playwright fetched. None also without its driver.

    First the one without windows: the same engine, and half the work for each page.
    """
    try:
        with sync_playwright() as playwright:
            fetched = playwright.chromium.executable_path
    except Exception:  # a bare machine lacks a library that the driver needs, and the driver says no more than that
        return None
    own = (shutil.which(name) for name in BROWSERS)
    there = [path for path in (*own, fetched) if path and Path(path).exists()]
    return next((path for path in there if _starts(path)), None)


def _starts(path: str) -> bool:
    """A stub that only says where to get one does not; nor does one that lacks its libraries."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def not_run(skipped: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Of (test, reason) of all that was skipped: a heading for each reason, and what did not run."""
    found: dict[str, list[str]] = defaultdict(list)
    for test, reason in skipped:
        found[reason if _WANT in reason else f"because {reason}"].append(test)
    return [(_heading(why, len(tests)), _lines(tests)) for why, tests in sorted(found.items())]


def _heading(why: str, count: int) -> str:
    return f"{count} {'test' if count == 1 else 'tests'} NOT RUN {why}"


def _lines(tests: list[str]) -> list[str]:
    if len(tests) <= _NAMED:
        return sorted(tests)
    files = [test.partition("::")[0] for test in tests]
    return [f"{file}: {files.count(file)}" for file in sorted(set(files))]

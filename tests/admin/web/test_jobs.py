"""Long work of the desk goes on in a thread of its own; any process can tell how far it is, also when it died."""

import json
import os
import threading
from pathlib import Path

import pytest

from admin.web import jobs
from admin.web.jobs import FAILED, INTERRUPTED, Heard, JobProgress


def over() -> None:
    """Wait until every work of this process is over."""
    for thread in threading.enumerate():
        if thread.name == "at work":
            thread.join(30)
            assert not thread.is_alive()


def test_how_far_it_is_and_what_came_of_it(tmp_path: Path) -> None:
    path, go_on, halfway = tmp_path / "list.work", threading.Event(), threading.Event()

    def do(heard: Heard) -> JobProgress:
        heard(0.5)
        halfway.set()
        assert go_on.wait(30)
        return JobProgress(1, True, "Done.")

    assert jobs.look(path) is None
    jobs.begin(path, do)
    assert halfway.wait(30)
    found = jobs.look(path)
    assert (found, found and found.percent) == (JobProgress(0.5), 50)
    assert path.stat().st_mode & 0o777 == 0o600
    go_on.set()
    over()
    assert jobs.look(path) == JobProgress(1, True, "Done.")


def test_what_is_being_done_is_not_begun_twice_and_what_is_over_may_be_done_again(tmp_path: Path) -> None:
    path, go_on, times = tmp_path / "list.work", threading.Event(), []

    def do(_heard: Heard) -> JobProgress:
        times.append(1)
        assert go_on.wait(30)
        return JobProgress(1, True, "Refused.", "bad")

    jobs.begin(path, do)
    jobs.begin(path, do)
    go_on.set()
    over()
    assert len(times) == 1
    jobs.begin(path, do)
    over()
    assert len(times) == 2


def test_a_fault_of_ours_is_told_without_what_it_says(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "list.work"

    def do(_heard: Heard) -> JobProgress:
        raise ZeroDivisionError("Sanne de Vries, 3511AB")

    jobs.begin(path, do)
    over()
    assert jobs.look(path) == JobProgress(1, True, FAILED, "bad")
    told = capfd.readouterr()
    assert "Sanne" not in told.out + told.err


def test_work_that_nobody_goes_on_with_was_interrupted(tmp_path: Path) -> None:
    """A process that was stopped in the middle touches its file no more."""
    path = tmp_path / "list.work"
    path.write_text(json.dumps({"part": 0.4, "over": False, "said": "", "kind": "good"}))
    assert jobs.look(path) == JobProgress(0.4)
    os.utime(path, (0, 0))
    assert jobs.look(path) == JobProgress(1, True, INTERRUPTED, "bad")
    jobs.begin(path, lambda _heard: JobProgress(1, True, "Done."))
    over()
    assert jobs.look(path) == JobProgress(1, True, "Done.")


def test_what_is_over_stays_so_however_long_ago(tmp_path: Path) -> None:
    path = tmp_path / "list.work"
    jobs.begin(path, lambda _heard: JobProgress(1, True, "Done."))
    over()
    os.utime(path, (0, 0))
    assert jobs.look(path) == JobProgress(1, True, "Done.")

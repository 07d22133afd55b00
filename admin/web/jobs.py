"""Long work of the desk, in a thread of its own; a page asks how far it is, and what came of it.

How far it is stands in a file beside the upload that is worked on, so that any process that serves the desk can tell.
While the work goes on its file is touched every second: one that was left alone belongs to a process that is no longer
there. The work itself is one transaction, so then nothing of it was kept, and the page says so.
"""

import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import time

import structlog

from storage.msgids import N_

BEAT = 1.0  # seconds
SILENT = 10.0  # seconds after which nobody is at work any more
FAILED = N_("Something went wrong, and it was written down. Nothing has been changed. Please try again.")
INTERRUPTED = N_("The work was interrupted before it was done. Nothing has been changed. Please try again.")
OURS = (FAILED, INTERRUPTED)  # msgids; every other sentence is in the reader's words already
_log = structlog.get_logger("at_work")

Heard = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class JobProgress:
    """`part`: from 0 to 1. When `over`: what came of it as a sentence, `kind` good or bad; a msgid where it is ours."""

    part: float
    over: bool = False
    said: str = ""
    kind: str = "good"

    @property
    def percent(self) -> int:
        return round(100 * self.part)


def begin(path: Path, do: Callable[[Heard], JobProgress]) -> None:
    """Do it in a thread; what it returns is what `look` then tells. Nothing where it is being done already."""
    there = look(path)
    if there is not None and not there.over:
        return
    path.unlink(missing_ok=True)
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:  # another request was quicker
        return
    _write(path, JobProgress(0))
    threading.Thread(target=_work, args=(path, do), name="at work", daemon=True).start()


def look(path: Path) -> JobProgress | None:
    """How far it is; None where nobody ever began."""
    try:
        found = JobProgress(**json.loads(path.read_bytes()))
        silent = time() - path.stat().st_mtime
    except FileNotFoundError:
        return None
    except ValueError:  # it was made this very moment
        return JobProgress(0)
    return JobProgress(1, True, INTERRUPTED, "bad") if silent > SILENT and not found.over else found


def _work(path: Path, do: Callable[[Heard], JobProgress]) -> None:
    done = threading.Event()
    threading.Thread(target=_beat, args=(path, done), name="beat", daemon=True).start()
    try:
        outcome = do(lambda part: _write(path, JobProgress(part)))
    except Exception as error:
        _log.error("long work failed", error=type(error).__name__)
        outcome = JobProgress(1, True, FAILED, "bad")
    finally:
        done.set()
    _write(path, outcome)


def _beat(path: Path, done: threading.Event) -> None:
    while not done.wait(BEAT):
        try:
            os.utime(path)
        except FileNotFoundError:  # it was thrown away meanwhile
            return


def _write(path: Path, progress: JobProgress) -> None:
    """At once and whole: whoever reads it at this moment sees the one before or this one."""
    written = path.with_name(f"{path.name}.new")
    written.touch(mode=0o600)
    written.write_text(json.dumps(asdict(progress)), encoding="utf-8")
    written.replace(path)

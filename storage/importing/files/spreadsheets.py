"""XLSX and EDEXML to rows of text, in a process apart: the server never opens a workbook or XML itself (rule 27).

Whatever happens to that process (killed, out of memory, out of time), the answer is rows or Unreadable.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from storage.importing.files.limits import DESK, Limits, Unreadable
from storage.msgids import N_

_ROOT = str(Path(__file__).resolve().parents[3])
_KEPT = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "VIRTUAL_ENV")
TOO_HEAVY = N_("This workbook takes too much memory or time to read. Save the sheet as CSV and try that.")
TOO_HEAVY_XML = N_("This EDEXML file takes too much memory or time to read. Export the list as CSV and try that.")


Rows = list[tuple[int, list[str]]]


def read_workbook(data: bytes, limits: Limits = DESK) -> list[tuple[str, Rows]]:
    """(title, rows) of each visible sheet with content: the line in it, and the cells as text. Raises Unreadable.

    Rows that are empty are left out, and empty cells at the end of others, so rows differ in length.
    """
    answer = _apart("storage.importing.files.workbook", data, limits, TOO_HEAVY)
    return [(title, [(line, cells) for line, cells in rows]) for title, rows in answer]


def read_pupils(data: bytes, limits: Limits = DESK) -> Rows:
    """(line in the file, cells) of the header and of each pupil of an EDEXML file. Raises Unreadable."""
    return [(line, cells) for line, cells in _apart("storage.importing.files.edexml", data, limits, TOO_HEAVY_XML)]


def _apart(program: str, data: bytes, limits: Limits, too_heavy: str) -> list[Any]:
    # Settings and secrets stay here: that process gets no environment but where its libraries are.
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {"PYTHONPATH": _ROOT}
    try:
        done = subprocess.run(  # noqa: S603
            (sys.executable, "-m", program),
            input=json.dumps(asdict(limits)).encode() + b"\n" + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds * 2,
            env=environment,
            cwd=_ROOT,
            check=True,
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        raise Unreadable(too_heavy) from None
    if "reason" in answer:
        raise Unreadable(answer["reason"], tuple((name, text) for name, text in answer["values"]))
    return list(answer["rows"])

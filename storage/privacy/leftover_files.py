"""Files of the data directory that have served their time: uploads half imported, copies from before a restore.

Both hold data of children. Only files that we made ourselves are touched, by their names.
"""

from datetime import datetime, timedelta
from pathlib import Path

UPLOADS = "uploads"
UPLOADS_KEPT = timedelta(hours=1)
BEFORE_RESTORE = "before-restore-*.backup"
COPIES_KEPT = timedelta(days=30)


def sweep(folder: Path, now: datetime) -> int:
    """Throw away what is too old; how many files. A folder that is not there has none."""
    gone = 0
    for pattern, longest in (
        (f"{UPLOADS}/*", UPLOADS_KEPT),
        (BEFORE_RESTORE, COPIES_KEPT),
    ):
        for path in folder.glob(pattern):
            gone += _throw(path, now - longest)
    return gone


def throw_uploads(folder: Path, school_id: int) -> int:
    """Every upload of a school, whoever sent it: somebody was erased, who may stand in one of them."""
    found = list(folder.glob(f"{UPLOADS}/{school_id}-*"))
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _throw(path: Path, before: datetime) -> bool:
    try:
        if path.stat().st_mtime > before.timestamp():
            return False
        path.unlink()
    except FileNotFoundError:  # another process was quicker
        return False
    return True

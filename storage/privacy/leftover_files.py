"""Files of the data directory that have served their time: uploads half imported, copies from before a restore.

Both hold data of children. Only files that we made ourselves are touched, by their names.
"""

from datetime import datetime
from pathlib import Path

from storage.privacy import retention_table

UPLOADS = "uploads"
BEFORE_RESTORE = "before-restore-*.backup"


def sweep(folder: Path, now: datetime) -> int:
    """Throw away what is too old; how many files. A folder that is not there has none."""
    gone = 0
    for pattern, period in ((f"{UPLOADS}/*", retention_table.UPLOADS), (BEFORE_RESTORE, retention_table.COPIES)):
        for path in folder.glob(pattern):
            gone += _throw(path, period.over(now))
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

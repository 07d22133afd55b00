"""What was erased leaves the pages of a SQLite file as well (rule 33).

`secure_delete` overwrites a row where it stands; but where SQLite has laid a page out anew, copies of rows stay behind
in the room between, and those it does not know of. Only VACUUM, which writes the whole file afresh, is rid of them. At
the calm hour after something was erased, as long as the file is of a size that takes seconds.

PostgreSQL is not touched: it vacuums by itself, which frees dead rows for others and overwrites none.
"""

import shutil
from pathlib import Path

import structlog
from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.audit.reading_on import note_read, read_until
from storage.database.engine import Database
from storage.tables import Audit
from storage.words import Act, TrailReader

LARGEST = 1024 * 1024 * 1024  # bytes; some ten seconds, in which nobody can book
_log = structlog.get_logger("clock")


def compact(database: Database) -> bool:
    """Write the file afresh where something was erased since the last time; whether that was done.

    Where it cannot be done, for the file is too large or the disk too full, that is told: it is for the operator then.
    """
    if not database.is_sqlite:
        return False
    last = database.read(_erased)
    if last is None:
        return False
    file = Path(str(database.engine.url.database))
    size = file.stat().st_size
    if size > LARGEST or shutil.disk_usage(file.parent).free < 2 * size:
        _log.warning("erased rows may stay in free pages: VACUUM by hand", bytes=size)
        return False
    database.vacuum()
    database.work(note_read, TrailReader.COMPACTION, last)
    return True


def _erased(session: Session) -> int | None:
    """The last row of the trail that tells of something erased, unless the file was written afresh after it."""
    read = read_until(session, TrailReader.COMPACTION) or 0
    erased = (col(Audit.act).in_((Act.ERASED, Act.FORGOTTEN)), col(Audit.id) > read)
    return session.execute(select(func.max(col(Audit.id))).where(*erased)).scalar()

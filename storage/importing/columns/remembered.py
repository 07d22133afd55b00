"""What a school chose before for the columns of its lists, so that it chooses once (D3)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlmodel import Session, col

from storage.importing.columns.recognition import choose, recognise, settled
from storage.importing.files.reading import Sheet
from storage.tables import School
from storage.values.normalise import name as plain_name

MOST = 300  # headers of one school


def recall(session: Session, school_id: int, headers: Sequence[str]) -> dict[str, str]:
    """Header → field for those of `headers` that were chosen before; "" is *do not import*."""
    known = _known(session, school_id)
    return {header: known[plain_name(header)] for header in headers if plain_name(header) in known}


def known(session: Session, school_id: int, sheet: Sheet) -> dict[str, str]:
    """Header → field as we think that a sheet is meant: the school's earlier choices first, else what we recognise.

    FORBIDDEN columns are among it; columns that have one header together are not.
    """
    single = [header for header in sheet.headers if header not in sheet.doubled]
    earlier = recall(session, school_id, single)
    return settled(choose(single, recognise(sheet.headers, sheet.doubled), earlier))


def remember(session: Session, school_id: int, chosen: Mapping[str, str]) -> None:
    """Keep what was chosen for each header, beside what was chosen for others before."""
    latest = {plain_name(header): field for header, field in chosen.items()}
    older = {header: field for header, field in _known(session, school_id).items() if header not in latest}
    kept = dict([*older.items(), *latest.items()][-MOST:])
    session.execute(update(School).where(col(School.id) == school_id).values(header_fields=kept))


def _known(session: Session, school_id: int) -> dict[str, str]:
    return dict(session.scalar(select(col(School.header_fields)).where(col(School.id) == school_id)) or {})

"""What the audit trail says, for tests of what staff do."""

from sqlmodel import Session, select

from storage.tables import Audit
from storage.words import Act, Actor
from tests.support.cast import Cast


def acts(cast: Cast) -> list[tuple[Act, Actor, int | None, int | None]]:
    """(what, by whom, their id, to what) of every row of De Regenboog, the oldest first."""

    def read(session: Session) -> list[tuple[Act, Actor, int | None, int | None]]:
        rows = session.exec(select(Audit).where(Audit.school_id == cast.school).order_by(Audit.id)).all()  # type: ignore[arg-type]
        return [(one.act, one.actor, one.actor_id, one.subject) for one in rows]

    return cast.database.read(read)

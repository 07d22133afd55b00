"""G18: who did what is never changed or deleted, whoever asks; a restore alone opens the trail, and closes it again."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage.audit.record import record
from storage.audit.seal import unsealed
from storage.database.engine import Database
from storage.words import Act
from tests.support.cast import OPERATOR, Cast

CHANGES = ("UPDATE audit SET act = 'booked'", "DELETE FROM audit")


def _tell(session: Session, school_id: int) -> None:
    record(session, school_id, OPERATOR, Act.SCHOOL_CHANGED, school_id)


@pytest.fixture
def told(cast: Cast) -> Database:
    cast.database.work(_tell, cast.school)
    return cast.database


def _acts(database: Database) -> list[str]:
    return database.read(lambda session: list(session.execute(text("SELECT act FROM audit")).scalars()))


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_the_trail(told: Database, change: str) -> None:
    with pytest.raises(DBAPIError, match="sealed"):
        told.work(lambda session: session.execute(text(change)))
    assert _acts(told) == ["school_changed"]


def test_the_trail_is_sealed_again_after_a_restore(told: Database) -> None:
    def empty(session: Session) -> None:
        with unsealed(session.connection()):
            session.execute(text("DELETE FROM audit"))

    told.work(empty)
    assert _acts(told) == []
    told.work(_tell, 1)
    with pytest.raises(DBAPIError, match="sealed"):
        told.work(lambda session: session.execute(text("DELETE FROM audit")))


def test_a_restore_that_fails_leaves_the_trail_sealed(told: Database) -> None:
    def fail(session: Session) -> None:
        with unsealed(session.connection()):
            session.execute(text("DELETE FROM audit"))
            raise LookupError

    with pytest.raises(LookupError):
        told.work(fail)
    with pytest.raises(DBAPIError, match="sealed"):
        told.work(lambda session: session.execute(text("DELETE FROM audit")))
    assert _acts(told) == ["school_changed"]

"""What has served its time is taken away: sessions that ended, old guesses, letters and updates."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from storage.tables import DeskSession, Guess, Letter, UpdateSeen

LONGEST_SESSION = timedelta(hours=12)  # G8
GUESSES_KEPT = timedelta(days=120)  # longer than a conference (rule 4)
LETTERS_KEPT = timedelta(days=120)  # after their last day: who scans one late is still told so
UPDATES_KEPT = timedelta(days=3)  # Telegram keeps messages for one


def tidy(session: Session, now: datetime) -> None:
    """Doing it twice changes nothing."""
    session.execute(delete(DeskSession).where(col(DeskSession.began) <= now - LONGEST_SESSION))
    session.execute(delete(Guess).where(col(Guess.at) <= now - GUESSES_KEPT))
    session.execute(delete(Letter).where(col(Letter.until) <= now - LETTERS_KEPT))
    session.execute(delete(UpdateSeen).where(col(UpdateSeen.at) <= now - UPDATES_KEPT))

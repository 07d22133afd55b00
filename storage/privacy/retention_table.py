"""How long things are kept: what, how long, since when, why (D28). The one table of it.

Whatever clears by the clock reads its period here, and the desk's privacy page and docs/operating.md tell the same. Two
things are never cleared: the audit trail, and that somebody was erased; both hold ids and no names.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.msgids import N_


@dataclass(frozen=True, slots=True)
class Period:
    """`what` is kept for `longest` after `since`, because `why`: English msgids.

    Where `chosen`, each school sets its own days; `longest` is then what it begins with.
    """

    what: str
    longest: timedelta
    since: str
    why: str
    chosen: bool = False

    def over(self, now: datetime) -> datetime:
        """What began at this moment, or before it, has been kept long enough."""
        return now - self.longest


TALKS = Period(
    N_("Talks and the messages about them"),
    timedelta(days=180),
    N_("the last talk of their round"),
    N_("for parents and teachers"),
    chosen=True,
)
LEAVERS = Period(
    N_("Children who left"),
    timedelta(days=60),
    N_("they left"),
    N_("so that a child that comes back is known again"),
    chosen=True,
)
CANCELLED = Period(
    N_("Cancelled talks in calendars that subscribe"),
    timedelta(days=30),
    N_("they were cancelled"),
    N_("so that every calendar learns of it, also one that keeps what merely disappears"),
)
SESSIONS = Period(
    N_("Sign-ins at the desk"),
    timedelta(hours=12),
    N_("they began"),
    N_("so that a computer that was left alone lets nobody in"),
)
GUESSES = Period(
    N_("Failed sign-ins of parents"),
    timedelta(days=120),
    N_("they were tried"),
    N_("so that nobody goes on guessing for as long as a round lasts; as fingerprints that cannot be read back"),
)
UPDATES = Period(
    N_("Which messages of Telegram were answered"),
    timedelta(days=3),
    N_("they came"),
    N_("so that one that comes twice does nothing twice; Telegram itself keeps them for a day"),
)
LETTERS = Period(
    N_("Codes of letters"),
    timedelta(days=90),
    N_("they stopped working"),
    N_("so that whoever scans one late is told that it is too old"),
)
STAFF_LINKS = Period(
    N_("Links for staff to choose a password"),
    timedelta(days=30),
    N_("they stopped working"),
    N_("so that the desk shows that they are over"),
)
CHATS = Period(
    N_("Chats that speak for no family"),
    timedelta(days=180),
    N_("somebody last wrote in them"),
    N_("so that who comes back need not choose a school and a language again"),
)
TYPED = Period(
    N_("What stands half typed in a chat"),
    timedelta(days=1),
    N_("somebody last wrote in it"),
    N_("so that signing in can be finished"),
)
UPLOADS = Period(
    N_("Files that are being imported"),
    timedelta(hours=1),
    N_("they were sent"),
    N_("until they have been looked at and applied"),
)
COPIES = Period(
    N_("What the database held before a backup was put back"),
    timedelta(days=30),
    N_("it was put back"),
    N_("so that a wrong backup can be undone"),
)
TABLE = (TALKS, LEAVERS, CANCELLED, SESSIONS, GUESSES, UPDATES, LETTERS, STAFF_LINKS, CHATS, TYPED, UPLOADS, COPIES)

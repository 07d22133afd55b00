"""Why something was not done: a refusal is a value with a name, and the edge turns it into a sentence.

The edge is the bot, the desk or a command; the sentence is in the language of the person who is refused.
"""

from dataclasses import dataclass
from datetime import datetime


class Refusal:
    """Why something was not done. Subclasses are frozen values."""


@dataclass(frozen=True, slots=True)
class NotFound(Refusal):
    """Not there, or not within this school or family: the two are never told apart (rule 6)."""

    what: str = ""


@dataclass(frozen=True, slots=True)
class Taken(Refusal):
    """Somebody else holds this slot, or it is a break: parents see no difference (rule 16)."""


@dataclass(frozen=True, slots=True)
class Blocked(Refusal):
    """This family has no access (rule 7)."""


@dataclass(frozen=True, slots=True)
class NotYetOpen(Refusal):
    opens: datetime


@dataclass(frozen=True, slots=True)
class Closed(Refusal):
    closed: datetime


@dataclass(frozen=True, slots=True)
class OtherGroup(Refusal):
    """The child takes part in this planning no more."""


@dataclass(frozen=True, slots=True)
class Past(Refusal):
    """The talk has begun already."""


@dataclass(frozen=True, slots=True)
class Overlaps(Refusal):
    """The family has another talk then, walking time included (rule 10)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class TeacherBusy(Refusal):
    """A teacher of this planning has another talk then (rule 10)."""


@dataclass(frozen=True, slots=True)
class AlreadyBooked(Refusal):
    """This child has its talk in this planning (rule 12)."""


@dataclass(frozen=True, slots=True)
class Booked(Refusal):
    """A slot or planning holds a booking: move or cancel that first (rule 13)."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class LetterUsed(Refusal):
    """The code of this letter let a chat in already (D25)."""


@dataclass(frozen=True, slots=True)
class LetterTooOld(Refusal):
    until: datetime


@dataclass(frozen=True, slots=True)
class LetterUnknown(Refusal):
    """No letter of this school, or one of a blocked family: the two are never told apart (rule 7)."""


@dataclass(frozen=True, slots=True)
class Invalid(Refusal):
    """Bad input: an English msgid with %(name)s values, for gettext at the edge."""

    message: str
    values: tuple[tuple[str, str], ...] = ()


class Refused(Exception):
    """Raised by an action so that `work()` rolls back. Carries one refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(type(refusal).__name__)
        self.refusal = refusal

"""The words of the field as enums and small frozen values (docs/words.md).

Imports nothing of the project, so that rules can be pure and every layer can speak one language.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody of the school may do at the desk (D1)."""

    ADMINISTRATOR = "administrator"
    TEACHER = "teacher"


class SecretKind(StrEnum):
    """What a family types beside a child's first name (D8)."""

    POSTCODE = "postcode"
    POSTCODE_HOUSE_NUMBER = "postcode_house_number"
    BIRTH_DATE = "birth_date"
    STUDENT_NUMBER = "student_number"
    CODE = "code"


class Policy(StrEnum):
    """How often one child is booked in one planning when two families share it (rule 12)."""

    TOGETHER = "together"
    EACH = "each"


class PlanningState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class SlotState(StrEnum):
    OPEN = "open"
    BREAK = "break"


class ChatKind(StrEnum):
    """Where a chat takes place; both show the same screens (P19)."""

    TELEGRAM = "telegram"
    WEB = "web"


class Actor(StrEnum):
    """Who did a thing, for the audit trail (D27)."""

    FAMILY = "family"
    STAFF = "staff"
    OPERATOR = "operator"
    CLOCK = "clock"


class Act(StrEnum):
    """What was done, for the audit trail and the digest. Past tense: it happened."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    LINKED = "linked"
    UNLINKED = "unlinked"
    IMPORTED = "imported"
    FAMILIES_MADE = "families_made"
    FAMILY_CHANGED = "family_changed"
    FAMILY_BLOCKED = "family_blocked"
    FAMILY_ADMITTED = "family_admitted"
    SECRET_CHOSEN = "secret_chosen"  # noqa: S105
    STUDENT_CHANGED = "student_changed"
    PLANNING_MADE = "planning_made"
    PLANNING_CHANGED = "planning_changed"
    PLANNING_REMOVED = "planning_removed"
    PUBLISHED = "published"
    SLOTS_ADDED = "slots_added"
    SLOT_CHANGED = "slot_changed"
    SLOT_REMOVED = "slot_removed"
    EXPORTED = "exported"
    STAFF_ADDED = "staff_added"
    STAFF_DISABLED = "staff_disabled"
    STAFF_ADMITTED = "staff_admitted"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    SIGNED_IN = "signed_in"
    SCHOOL_CHANGED = "school_changed"
    STAFF_INVITED = "staff_invited"
    STAFF_CHANGED = "staff_changed"
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    LINK_SENT = "link_sent"  # a mail with which somebody of the school chooses a new password
    SECOND_FACTOR_SET = "second_factor_set"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    FEED_RENEWED = "feed_renewed"
    LETTERS_MADE = "letters_made"
    LETTERS_WITHDRAWN = "letters_withdrawn"
    PARENTS_INVITED = "parents_invited"
    STUDENTS_LEFT = "students_left"
    CAME_BACK = "came_back"
    MOVED_UP = "moved_up"
    ERASED = "erased"
    FORGOTTEN = "forgotten"  # by the clock, after the days that the school keeps things (D28)


class Erased(StrEnum):
    """Whose data were taken away for good (D28)."""

    STUDENT = "student"
    FAMILY = "family"


class NoticeKind(StrEnum):
    """Anything that is sent to a person."""

    CARD = "card"  # a booking's calendar file, which a chat asked for: edited in place as things change (P10)
    CHANGED = "changed"  # a talk was booked, moved or cancelled, by the school or in another chat (rules 15, 35)
    PLANNING_CHANGED = "planning_changed"  # another teacher or room (rule 13)
    REMINDER = "reminder"  # the day before, per family (P11)
    LINKED = "linked"  # another chat came in with this family (rule 7)
    TEACHER_BOOKING = "teacher_booking"  # each booking, where the planning asks for it (T2)
    DIGEST = "digest"  # the teacher's day (T1)
    ALARM = "alarm"  # many wrong secrets at a school (rule 4)
    STAFF_LINK = "staff_link"  # an invitation to the desk, or a way to a new password
    INVITATION = "invitation"  # parents of a group: sign-up is open, this is how (D2)
    SIGN_UP_OPENED = "sign_up_opened"  # the same by the clock, at the family's own opening (M6)
    SIGN_UP_CLOSING = "sign_up_closing"  # by the clock, to who has not booked: it closes in a few days (M6)
    STRANGER = "stranger"  # a family says that somebody who came in with it is none of them (rule 7)


class Recipient(StrEnum):
    """Whom a notice is for; the address is looked up when it is sent."""

    CHAT = "chat"
    FAMILY = "family"  # by mail
    TEACHER = "teacher"  # by mail
    STAFF = "staff"  # by mail


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"  # no longer true when its turn came
    FAILED = "failed"  # a permanent error; the desk shows it


class TrailReader(StrEnum):
    """What the clock reads the audit trail for, each row once."""

    CHATS = "chats"  # chats show what was edited (rule 34)
    COMPACTION = "compaction"  # what was erased leaves the file's pages as well (rule 33)


class AddressOwner(StrEnum):
    """Whose an address that the school knows turns out to be, when a child gets a second household (D7)."""

    FIRST = "first"  # of the household that it has
    SECOND = "second"  # of the one that it gets
    NEITHER = "neither"


class SignInStep(StrEnum):
    """Where a chat stands while it signs in: the one dialogue that has a state (decision 3)."""

    NONE = ""
    SCHOOL = "school"
    FIRST_NAME = "first_name"
    SECRET = "secret"  # noqa: S105
    SECOND = "second"
    ADDRESS = "address"  # signed in, and asked where mail may go


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: a family through a chat, or somebody of the school at the desk."""

    actor: Actor
    id: int | None = None
    chat: int = 0  # the chat through which a family acts: what it shows already, it is not told; 0: none

    @property
    def staff(self) -> bool:
        return self.actor in (Actor.STAFF, Actor.OPERATOR)


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, and when: what every action of storage is given, for its rules and for the audit trail."""

    by: By
    now: datetime

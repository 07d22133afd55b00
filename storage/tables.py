"""Every table: the school and its staff, students, families, chats, plannings, bookings, notices, the trail.

A row belongs to one school, and composite keys say so: a foreign key always carries `school_id`, so that the
database itself refuses a row that points into another school. Only `chat` and `update_seen` stand above the
schools: one person's chat may know several of them. Tables do not validate; check before building a row.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    MetaData,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from storage.column_types import Days, UtcDateTime, Word
from storage.words import (
    Act,
    Actor,
    ChatKind,
    Erased,
    NoticeKind,
    NoticeState,
    PlanningState,
    Policy,
    Recipient,
    Role,
    SecretKind,
    SignInStep,
    SlotState,
    TrailReader,
)

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata


def _moment(nullable: bool = False, index: bool = False) -> Any:
    column: Column[datetime] = Column(UtcDateTime(), nullable=nullable, index=index)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)


def _word(words: type[StrEnum], default: Any = ...) -> Any:
    if default is ...:
        return Field(sa_column=Column(Word(words), nullable=False))
    return Field(default=default, sa_column=Column(Word(words), nullable=False))


def _of(*columns: str, table: str, delete: str = "CASCADE") -> ForeignKeyConstraint:
    """A foreign key within one school: (school_id, column) → (table.school_id, table.id)."""
    return ForeignKeyConstraint(["school_id", *columns], [f"{table}.school_id", f"{table}.id"], ondelete=delete)


_NEVER_AGAIN = {"sqlite_autoincrement": True}  # an id that was deleted stands on some phone's button


def _key(*more: Any) -> tuple[Any, ...]:
    """What composite foreign keys of other tables point at, and what the row itself points at."""
    return (UniqueConstraint("school_id", "id"), *more, _NEVER_AGAIN)


class School(SQLModel, table=True):
    """The tenant. Nothing ever crosses from one school to another."""

    __table_args__ = (_NEVER_AGAIN,)
    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=120)
    timezone: str = Field(default="Europe/Amsterdam", max_length=60)
    language: str = Field(default="nl", max_length=8)
    contact: str = Field(default="", max_length=200)  # whom a parent may ask: a phone number or an address
    secret_kind: SecretKind | None = Field(default=None, sa_type=Word(SecretKind))
    hint: str = Field(default="", max_length=200)
    codes_only_until: datetime | None = _moment(nullable=True)  # after an alarm (rule 4)
    header_fields: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created: datetime = _moment()
    bookings_kept: int = 180  # days after a conference's last talk; 0: until somebody erases them (D28)
    leavers_kept: int = 60  # days after a child left; 0: until somebody erases it
    plain_uids: int = 0  # the last booking that stands in calendars under a UID from before they were made unique


class Staff(SQLModel, table=True):
    """Somebody of the school who may sign in at the desk."""

    __table_args__ = _key(
        _of("teacher_id", table="teacher", delete="NO ACTION"), UniqueConstraint("school_id", "email")
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", ondelete="CASCADE")
    email: str = Field(max_length=254, index=True)  # lower case
    name: str = Field(default="", max_length=120)
    role: Role = _word(Role)
    password: str = Field(max_length=200)  # argon2; empty until an invitation is taken up
    link: str = Field(default="", max_length=64)  # what the mailed link to choose a password is keyed with, once
    link_until: datetime | None = _moment(nullable=True)
    totp: str = Field(default="", max_length=64)  # what the second factor is derived from; empty: none is asked
    totp_step: int = 0  # the last time step that was used: a code works once
    teacher_id: int | None = None
    language: str = Field(default="", max_length=8)
    active: bool = True


class DeskSession(SQLModel, table=True):
    """One sign-in at the desk; a row, so that it can be revoked."""

    __tablename__: ClassVar[str] = "desk_session"
    __table_args__ = (_of("staff_id", table="staff"),)
    id: str = Field(primary_key=True, max_length=64)  # SHA-256 of the cookie's token
    school_id: int
    staff_id: int
    csrf: str = Field(max_length=64)
    began: datetime = _moment()


class Group(SQLModel, table=True):
    __tablename__: ClassVar[str] = "school_group"
    __table_args__ = _key(UniqueConstraint("school_id", "name"))
    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", ondelete="CASCADE")
    name: str = Field(max_length=60)
    feed: str = Field(default="", max_length=64)  # what the address of its calendar is keyed with (D26); empty: none


class Student(SQLModel, table=True):
    __table_args__ = _key(
        Index("ix_student_number", "school_id", "student_number"),
        Index("ix_student_name", "school_id", "name_key"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", ondelete="CASCADE")
    first_name: str = Field(max_length=80)
    prefix: str = Field(default="", max_length=30)
    last_name: str = Field(max_length=80)
    call_name: str = Field(default="", max_length=80)
    postcode: str = Field(default="", max_length=12)
    house_number: str = Field(default="", max_length=12)
    birth_date: date | None = Field(default=None, sa_column=Column(Date, nullable=True))
    student_number: str = Field(default="", max_length=32)
    email: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=40)
    name_key: str = Field(max_length=80)  # normalised first name, what a parent's typing is compared with
    call_key: str = Field(default="", max_length=80)
    left: datetime | None = _moment(nullable=True)  # has no talks and no access from then on (D19)


class StudentGroup(SQLModel, table=True):
    __tablename__: ClassVar[str] = "student_group"
    __table_args__ = (_of("student_id", table="student"), _of("group_id", table="school_group"))
    school_id: int = Field(primary_key=True)
    student_id: int = Field(primary_key=True)
    group_id: int = Field(primary_key=True, index=True)


class Family(SQLModel, table=True):
    """The unit that logs in and books."""

    __table_args__ = _key()
    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=120)
    email: str = Field(default="", max_length=254)  # "a, b"; empty: of its children, where they have no other family
    by_hand: bool = False  # a later automatic run leaves it alone (D6)
    blocked: bool = False


class FamilyStudent(SQLModel, table=True):
    __tablename__: ClassVar[str] = "family_student"
    __table_args__ = (_of("family_id", table="family"), _of("student_id", table="student"))
    school_id: int = Field(primary_key=True)
    family_id: int = Field(primary_key=True)
    student_id: int = Field(primary_key=True, index=True)


class Credential(SQLModel, table=True):
    """What lets a family in with one of its children (rule 1).

    `value` is an HMAC of the normalised datum (rule 5).
    """

    __table_args__ = (
        _of("family_id", table="family"),
        _of("student_id", table="student"),
        UniqueConstraint("school_id", "student_id", "kind", "value"),
        Index("ix_credential_value", "school_id", "value"),
        Index("ix_credential_family", "school_id", "family_id"),
        _NEVER_AGAIN,
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: int
    family_id: int
    student_id: int
    kind: SecretKind = _word(SecretKind)
    value: str = Field(max_length=64)


class Chat(SQLModel, table=True):
    """One conversation with one person, in Telegram or in a browser. Stands above the schools (P5)."""

    __table_args__ = (UniqueConstraint("kind", "address"), _NEVER_AGAIN)
    id: int | None = Field(default=None, primary_key=True)
    kind: ChatKind = _word(ChatKind)
    address: str = Field(max_length=100)  # Telegram's chat id, or SHA-256 of the browser's token
    language: str = Field(default="", max_length=8)  # as chosen, else as the phone says
    school_id: int | None = Field(default=None, foreign_key="school.id", ondelete="SET NULL")
    family_id: int | None = None  # the one it looks at now; `link` says whether it may
    step: SignInStep = _word(SignInStep, SignInStep.NONE)
    first_name: str = Field(default="", max_length=80)  # normalised, while signing in
    secret: str = Field(default="", max_length=64)  # HMAC, while a second datum is asked
    failures: int = 0
    wait_until: datetime | None = _moment(nullable=True)
    reachable: bool = True
    screen: int | None = Field(default=None, sa_type=BigInteger)  # Telegram's message that shows the last screen
    drawn: datetime | None = _moment(nullable=True)  # when that message was sent
    unseen: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # notices on top of it
    seen: datetime = _moment()


class Link(SQLModel, table=True):
    """This chat speaks for this family, until it logs out or the family is blocked."""

    __table_args__ = (
        _of("family_id", table="family"),
        UniqueConstraint("school_id", "family_id", "chat_id"),
        _NEVER_AGAIN,
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: int
    family_id: int
    chat_id: int = Field(foreign_key="chat.id", ondelete="CASCADE", index=True)
    since: datetime = _moment()


class Letter(SQLModel, table=True):
    """The QR code of a family's letter: signs one chat in, once, without a secret (D25)."""

    __table_args__ = (_of("family_id", table="family"), Index("ix_letter_family", "school_id", "family_id"))
    id: str = Field(primary_key=True, max_length=64)  # SHA-256 of the code's token
    school_id: int
    family_id: int
    made: datetime = _moment()
    until: datetime = _moment()
    used: datetime | None = _moment(nullable=True)


class Guess(SQLModel, table=True):
    """A failed sign-in, for the caps of rule 4. Holds no name and no secret, only HMACs of them."""

    __table_args__ = (
        Index("ix_guess_at", "school_id", "at"),
        Index("ix_guess_name", "school_id", "first_name", "at"),
        Index("ix_guess_word", "school_id", "first_word", "at"),
        _NEVER_AGAIN,
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", ondelete="CASCADE")
    chat_id: int = Field(foreign_key="chat.id", ondelete="CASCADE", index=True)
    first_name: str = Field(max_length=64)
    first_word: str = Field(default="", max_length=64)  # of its first word alone: some type more than the name
    value: str = Field(max_length=64)
    at: datetime = _moment()


class Conference(SQLModel, table=True):
    """One round of talks."""

    __table_args__ = _key(UniqueConstraint("school_id", "name"))
    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", ondelete="CASCADE")
    name: str = Field(max_length=120)
    policy: Policy = _word(Policy, Policy.TOGETHER)
    walking_minutes: int = 0
    large_family: int = 3  # children in its groups from which a family may book early (P7)
    invitation: str = Field(default="", max_length=1000)  # the school's own sentences to the parents it invites (D2)
    tells_opening: bool = False  # parents hear of it when sign-up opens for them (M6)
    remind_days: tuple[int, ...] = Field(default=(), sa_column=Column(Days(), nullable=False))  # before it closes (M6)


class Teacher(SQLModel, table=True):
    __table_args__ = _key(UniqueConstraint("school_id", "name_key"))
    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", ondelete="CASCADE")
    name: str = Field(max_length=120)
    name_key: str = Field(max_length=120)
    email: str = Field(default="", max_length=254)
    feed: str = Field(default="", max_length=64)  # what the address of their calendar is keyed with (D26); empty: none


class Planning(SQLModel, table=True):
    """One table of a conference: who talks, for which groups, when parents may book."""

    __table_args__ = _key(
        _of("conference_id", table="conference"), UniqueConstraint("school_id", "conference_id", "title")
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: int
    conference_id: int
    title: str = Field(max_length=120)
    remarks: str = Field(default="", max_length=1000)
    room: str = Field(default="", max_length=60)
    opens: datetime = _moment()
    opens_early: datetime | None = _moment(nullable=True)
    closes: datetime = _moment()
    state: PlanningState = _word(PlanningState, PlanningState.DRAFT)
    mail_each_booking: bool = False  # T2


class PlanningTeacher(SQLModel, table=True):
    __tablename__: ClassVar[str] = "planning_teacher"
    __table_args__ = (_of("planning_id", table="planning"), _of("teacher_id", table="teacher"))
    school_id: int = Field(primary_key=True)
    planning_id: int = Field(primary_key=True)
    teacher_id: int = Field(primary_key=True, index=True)


class PlanningGroup(SQLModel, table=True):
    __tablename__: ClassVar[str] = "planning_group"
    __table_args__ = (_of("planning_id", table="planning"), _of("group_id", table="school_group"))
    school_id: int = Field(primary_key=True)
    planning_id: int = Field(primary_key=True)
    group_id: int = Field(primary_key=True, index=True)


class Slot(SQLModel, table=True):
    """A start and an end that a family can book. `end` is exclusive."""

    __table_args__ = _key(_of("planning_id", table="planning"), UniqueConstraint("school_id", "planning_id", "start"))
    id: int | None = Field(default=None, primary_key=True)
    school_id: int
    planning_id: int
    start: datetime = _moment(index=True)
    end: datetime = _moment()
    state: SlotState = _word(SlotState, SlotState.OPEN)


_LIVE = text("cancelled IS NULL")


class Booking(SQLModel, table=True):
    """A family's hold on a slot for one student. Moved in place; cancelled by a moment, never deleted.

    `one_of` makes rule 12 a constraint: 0 under the policy *together*, the family's id under *each*, NULL where
    staff overruled it.
    """

    __table_args__ = _key(
        _of("slot_id", table="slot", delete="NO ACTION"),
        _of("planning_id", table="planning", delete="NO ACTION"),
        _of("family_id", table="family", delete="NO ACTION"),
        _of("student_id", table="student", delete="NO ACTION"),
        Index("one_booking_per_slot", "slot_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index(
            "one_booking_per_student",
            "planning_id",
            "student_id",
            "one_of",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_booking_family", "school_id", "family_id"),
        Index("ix_booking_planning", "school_id", "planning_id"),
        Index("ix_booking_student", "school_id", "student_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: int
    slot_id: int
    planning_id: int
    family_id: int
    student_id: int
    one_of: int | None = 0
    revision: int = 0  # grows with every move: the calendar file's SEQUENCE
    group_name: str | None = Field(default=None, max_length=120)  # as it was then: set when it moves up (rule 32)
    made: datetime = _moment()
    cancelled: datetime | None = _moment(nullable=True)


class Owed(SQLModel, table=True):
    """What a Telegram chat must still show, or must lose: owed until it is done (rule 34).

    `message_id` is a message to take out of the chat; 0 stands for its screen, to be drawn anew: `below` all that was
    said since, or where it is; as what `tap` leads to, or as the chat stands.
    """

    chat_id: int = Field(foreign_key="chat.id", ondelete="CASCADE", primary_key=True)
    message_id: int = Field(default=0, sa_type=BigInteger, primary_key=True)
    below: bool = False
    tap: str = Field(default="", max_length=64)
    due: datetime = _moment(index=True)
    attempts: int = 0


class TrailRead(SQLModel, table=True):
    """How far the clock has read the audit trail, by what it reads it for."""

    __tablename__: ClassVar[str] = "trail_read"
    reader: TrailReader = Field(sa_column=Column(Word(TrailReader), primary_key=True))
    audit_id: int


class Card(SQLModel, table=True):
    """The message in a chat that holds a booking's calendar file, so that it can be edited as things change (P10)."""

    __table_args__ = (_of("booking_id", table="booking"),)
    school_id: int
    booking_id: int = Field(primary_key=True)
    chat_id: int = Field(foreign_key="chat.id", ondelete="CASCADE", primary_key=True)
    message_id: int = Field(sa_type=BigInteger)


class Notice(SQLModel, table=True):
    """Something to be said, written in the transaction of what it tells (M1). The outbox is the queue."""

    __table_args__ = (
        UniqueConstraint("school_id", "kind", "subject", "moment", "recipient", "recipient_id"),
        Index("ix_notice_due", "state", "due"),
        _NEVER_AGAIN,
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", ondelete="CASCADE")
    kind: NoticeKind = _word(NoticeKind)
    subject: int  # the booking, family, teacher or chat that it tells of, by kind
    moment: str = Field(max_length=40)  # what makes it new: a revision, a date, a start (rule 20)
    recipient: Recipient = _word(Recipient)
    recipient_id: int
    due: datetime = _moment()
    state: NoticeState = _word(NoticeState, NoticeState.WAITING)
    attempts: int = 0
    claimed: datetime | None = _moment(nullable=True)
    settled: datetime | None = _moment(nullable=True)
    trouble: str = Field(default="", max_length=200)  # the last error, without personal data


class Erasure(SQLModel, table=True):
    """That a student or a family was erased: ids alone, so that a restored backup can be erased again (rule 33)."""

    school_id: int = Field(primary_key=True)
    what: Erased = Field(sa_column=Column(Word(Erased), primary_key=True))
    row_id: int = Field(primary_key=True)
    at: datetime = _moment()


class Audit(SQLModel, table=True):
    """Who did what, when. Triggers refuse to change or delete a row (G18)."""

    __table_args__ = (
        Index("ix_audit_at", "school_id", "at"),
        Index("ix_audit_subject", "school_id", "subject"),
        _NEVER_AGAIN,
    )
    id: int | None = Field(default=None, primary_key=True)
    school_id: int = Field(foreign_key="school.id", ondelete="CASCADE")
    at: datetime = _moment()
    actor: Actor = _word(Actor)
    actor_id: int | None = None
    act: Act = _word(Act)
    subject: int | None = None  # the row that it was done to, by act
    planning_id: int | None = None  # for booked, moved, cancelled: what the digest asks for
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class UpdateSeen(SQLModel, table=True):
    """Telegram updates that had their effect: a redelivered one has none (rule 17)."""

    __tablename__: ClassVar[str] = "update_seen"
    bot_id: int = Field(primary_key=True, sa_type=BigInteger)
    update_id: int = Field(primary_key=True, sa_type=BigInteger)
    at: datetime = _moment(index=True)

"""Signing in: a child's first name, one datum known by heart, and what guessing costs (rules 1-4).

A wrong name and a wrong secret take the same way through the same statements and get the same answer.
Nothing typed is kept in the clear: guesses are HMACs, and what the chat remembers is forgotten with the answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, distinct, func, insert, or_, select
from sqlmodel import Session, col

from storage.access.links import children, link
from storage.access.secrets import keyed, name_mac
from storage.database.joins import same
from storage.outbox.write import enqueue
from storage.refusals import Invalid, NotFound, Refused
from storage.tables import (
    Chat,
    Credential,
    Family,
    Group,
    Guess,
    Link,
    Planning,
    School,
    Staff,
    Student,
    StudentGroup,
)
from storage.values import normalise
from storage.values.typed import Lacking, could_be_code, lacking, name_keys
from storage.words import NoticeKind, PlanningState, Recipient, Role, SecretKind, SignInStep

FAILURES_BEFORE_WAIT = 5  # in one chat (rule 4)
WAIT = timedelta(minutes=15)
VALUES_BEFORE_SECOND = 5  # different wrong values for one first name, within a conference (rule 4)
FAILURES_BEFORE_ALARM = 50  # at one school, in an hour (rule 4)
ALARM_SPAN = timedelta(hours=1)
LONGEST = 80


@dataclass(frozen=True, slots=True)
class ChatSignedIn:
    """The chat is linked. `children` are the first names of the family's children, for the greeting."""

    family_id: int
    children: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskSecond:
    """More than one family fits, or this name was guessed at: one more datum is asked."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The name or the secret, nobody is told which; the name is kept, and the secret asked for again."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """What was typed cannot be a secret of the school's kind: it counts for nothing."""

    lacking: Lacking


@dataclass(frozen=True, slots=True)
class CodesOnly:
    """After an alarm only a family's own code lets anybody in until then, whatever was typed."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime


Outcome = ChatSignedIn | AskSecond | Wrong | Incomplete | CodesOnly | Wait


@dataclass(frozen=True, slots=True)
class _Fit:
    """One child whose credential fits, of one family."""

    family_id: int
    student_id: int
    kind: SecretKind


def give_first_name(session: Session, chat_id: int, text: str, now: datetime) -> None:
    """Keep the first name and ask for the secret. Raises Refused(Invalid) for what cannot be a name.

    Nobody is asked for a secret while waiting: see `waits`.
    """
    chat = _chat(session, chat_id)
    typed = text.strip()
    if not normalise.name(typed) or len(typed) > LONGEST:
        raise Refused(Invalid("Please type only your child's first name."))
    chat.first_name, chat.secret, chat.step, chat.seen = typed, "", SignInStep.SECRET, now


def waits(session: Session, chat_id: int, now: datetime) -> Wait | None:
    """Until when this chat may try nothing, where it typed too much that was wrong."""
    return _waiting(_chat(session, chat_id), now)


def give_secret(session: Session, chat_id: int, text: str, now: datetime, pepper: bytes) -> Outcome:
    """Try the secret for the first name that was given. Raises Refused(NotFound) outside of signing in."""
    chat, school = _chat_at_school(session, chat_id)
    if (waiting := _waiting(chat, now)) is not None:
        return waiting
    codes_only = _codes_only(school, now)
    if codes_only is not None and not could_be_code(text):
        return CodesOnly(codes_only)
    if codes_only is None and (lack := lacking(school.secret_kind, text)) is not None:
        return Incomplete(lack)
    values = _values(pepper, text, school.secret_kind if codes_only is None else None)
    fits = _fits(session, school, chat.first_name, values)
    families = {fit.family_id for fit in fits}
    guessed_at = _guessed_at(session, school, chat.first_name, now, pepper)
    if not families:
        failed = _failed(session, chat, school, values, now, pepper)
        return CodesOnly(codes_only) if codes_only and isinstance(failed, Wrong) else failed
    own_code = all(fit.kind is SecretKind.CODE for fit in fits)
    if len(families) > 1 or (guessed_at and not own_code):
        chat.step, chat.secret = SignInStep.SECOND, values[0]
        return AskSecond()
    return _link(session, chat, school, families.pop(), now, pepper)


def give_second(session: Session, chat_id: int, text: str, now: datetime, pepper: bytes) -> Outcome:
    """Try the house number, last name, group or own code that tells families apart (rule 3)."""
    chat, school = _chat_at_school(session, chat_id)
    if (waiting := _waiting(chat, now)) is not None:
        return waiting
    codes_only = _codes_only(school, now)
    fits = _fits(session, school, chat.first_name, (chat.secret,)) if codes_only is None else []
    codes = _fits(session, school, chat.first_name, _values(pepper, text, None))
    families = {fit.family_id for fit in codes} or {
        fit.family_id for fit in fits if _tells_apart(session, school, fit.student_id, text)
    }
    if len(families) == 1:
        return _link(session, chat, school, families.pop(), now, pepper)
    failed = _failed(session, chat, school, _values(pepper, text, school.secret_kind), now, pepper)
    return CodesOnly(codes_only) if codes_only and isinstance(failed, Wrong) else failed


def _chat(session: Session, chat_id: int) -> Chat:
    found = select(Chat).where(col(Chat.id) == chat_id).with_for_update()
    chat: Chat | None = session.execute(found).scalar_one_or_none()
    if chat is None or chat.school_id is None:
        raise Refused(NotFound("school"))
    return chat


def _chat_at_school(session: Session, chat_id: int) -> tuple[Chat, School]:
    """Both rows locked: the caps of rule 4 are counted per school, so sign-ins of one school queue up."""
    chat = _chat(session, chat_id)
    locked = select(School).where(col(School.id) == chat.school_id).with_for_update(key_share=True)
    school = session.execute(locked).scalar_one()
    if chat.step not in (SignInStep.SECRET, SignInStep.SECOND):
        raise Refused(NotFound("question"))
    return chat, school


def _codes_only(school: School, now: datetime) -> datetime | None:
    """Until when, where an alarm holds."""
    until = school.codes_only_until
    return until if until is not None and now < until else None


def _waiting(chat: Chat, now: datetime) -> Wait | None:
    return Wait(chat.wait_until) if chat.wait_until is not None and now < chat.wait_until else None


def _values(pepper: bytes, text: str, kind: SecretKind | None) -> tuple[str, ...]:
    """What the typed text may be: of the school's kind, and a family's own code; always both, for equal time."""
    wanted = kind or SecretKind.CODE
    normalised = normalise.normalise(wanted, text)
    if normalised is None and wanted is SecretKind.POSTCODE:
        normalised = (normalise.postcode_house_number(text) or "").split(" ")[0]  # more than was asked
    code = normalise.code(text) or ""
    return keyed(pepper, wanted, normalised or f"?{text[:LONGEST]}"), keyed(pepper, SecretKind.CODE, code)


def _fits(session: Session, school: School, typed: str, values: tuple[str, ...]) -> list[_Fit]:
    """The children of that name with one of these values. Of several names that fit, as `Jan` and `Jan Willem`, the one
    that more was typed of."""
    keys = name_keys(typed)
    rows = session.execute(
        select(
            col(Credential.family_id),
            col(Credential.student_id),
            col(Credential.kind),
            col(Student.name_key),
            col(Student.call_key),
        )
        .join(Student, same(Student.id, Credential.student_id))
        .join(Family, same(Family.id, Credential.family_id))
        .where(
            col(Credential.school_id) == school.id,
            col(Credential.value).in_(values),
            or_(col(Student.name_key).in_(keys), col(Student.call_key).in_(keys)),
            col(Student.left).is_(None),
            col(Family.blocked).is_(False),
        )
    ).all()
    typed_of = [max(len(key) for key in (row.name_key, row.call_key) if key in keys) for row in rows]
    most = max(typed_of, default=0)
    return [
        _Fit(row.family_id, row.student_id, row.kind)
        for row, letters in zip(rows, typed_of, strict=True)
        if letters == most
    ]


def _guessed_at(session: Session, school: School, typed: str, now: datetime, pepper: bytes) -> bool:
    """Whether this first name had too many different wrong values since sign-up opened (rule 4).

    By each name that a child may be found by: `Sanne a`, `Sanne b` are all guesses at Sanne.
    """
    macs = [name_mac(pepper, key) for key in name_keys(typed)]
    opened = (
        select(func.min(col(Planning.opens)))
        .where(col(Planning.school_id) == school.id, col(Planning.state) == PlanningState.PUBLISHED)
        .where(col(Planning.closes) > now)
    )
    since = session.execute(opened).scalar() or now - timedelta(days=30)
    wrong = session.execute(
        select(func.count(distinct(col(Guess.value)))).where(
            col(Guess.school_id) == school.id,
            or_(col(Guess.first_name).in_(macs), col(Guess.first_word).in_(macs)),
            col(Guess.at) >= min(since, now - ALARM_SPAN),
        )
    ).scalar_one()
    return int(wrong) >= VALUES_BEFORE_SECOND


def _tells_apart(session: Session, school: School, student_id: int, text: str) -> bool:
    """Whether the text is this child's house number, last name (with or without prefix) or group."""
    student = session.execute(
        select(Student).where(col(Student.school_id) == school.id, col(Student.id) == student_id)
    ).scalar_one()
    groups = session.execute(
        select(col(Group.name))
        .join(StudentGroup, same(StudentGroup.group_id, Group.id))
        .where(col(StudentGroup.school_id) == school.id, col(StudentGroup.student_id) == student_id)
    ).scalars()
    typed = normalise.name(text)
    of_group = normalise.group(text)
    names = {normalise.name(student.last_name), normalise.name(student.prefix + student.last_name)}
    house = normalise.house_number(student.house_number)
    told = typed in names or of_group in {normalise.group(group) for group in groups}
    return bool(typed) and (told or (house is not None and house == normalise.house_number(text)))


def _failed(
    session: Session, chat: Chat, school: School, values: tuple[str, ...], now: datetime, pepper: bytes
) -> Wrong | Wait:
    assert school.id is not None
    """The name is kept. The same value for the same name again is no new guess."""
    whole, first = _name_macs(pepper, chat.first_name)
    guess = {"school_id": school.id, "chat_id": chat.id, "value": values[0], "first_name": whole}
    chat.step, chat.secret = SignInStep.SECRET, ""
    again = select(col(Guess.id)).where(*(col(getattr(Guess, name)) == value for name, value in guess.items()))
    if session.execute(again.limit(1)).first() is not None:
        return Wrong()
    session.execute(insert(Guess), {**guess, "first_word": first, "at": now})
    chat.failures += 1
    recent = select(func.count()).where(col(Guess.school_id) == school.id, col(Guess.at) > now - ALARM_SPAN)
    if session.execute(recent).scalar_one() >= _failures_before_alarm(session, school):
        _alarm(session, school, now)
    if chat.failures < FAILURES_BEFORE_WAIT:
        return Wrong()
    chat.failures, chat.wait_until = 0, now + WAIT
    return Wait(chat.wait_until)


def _name_macs(pepper: bytes, typed: str) -> tuple[str, str]:
    """Of the whole, and of the first word, by which guesses are counted."""
    return name_mac(pepper, normalise.name(typed)), name_mac(pepper, name_keys(typed)[0])


def _failures_before_alarm(session: Session, school: School) -> int:
    """How many in an hour: one for every four families, and one more for every four that are in already, for those are
    at it; never below FAILURES_BEFORE_ALARM (rule 4)."""
    families = select(func.count()).select_from(Family).where(col(Family.school_id) == school.id)
    linked = select(func.count(distinct(col(Link.family_id)))).where(col(Link.school_id) == school.id)
    grown: int = (session.execute(families).scalar_one() + session.execute(linked).scalar_one()) // 4
    return max(FAILURES_BEFORE_ALARM, grown)


def _alarm(session: Session, school: School, now: datetime) -> None:
    """Codes only for an hour, and a mail to the administrators: once per alarm."""
    if _codes_only(school, now):
        return
    assert school.id is not None
    school.codes_only_until = now + ALARM_SPAN
    administrators = session.execute(
        select(col(Staff.id)).where(
            col(Staff.school_id) == school.id, col(Staff.role) == Role.ADMINISTRATOR, col(Staff.active)
        )
    ).scalars()
    for staff_id in administrators:
        enqueue(session, school.id, NoticeKind.ALARM, school.id, now.isoformat()[:16], Recipient.STAFF, staff_id, now)


def _link(session: Session, chat: Chat, school: School, family_id: int, now: datetime, pepper: bytes) -> ChatSignedIn:
    assert school.id is not None
    assert chat.id is not None
    # Only failures with this very name are given back: else whoever has a child here could guess at others
    # for ever, signing in between.
    session.execute(
        delete(Guess).where(
            col(Guess.school_id) == school.id,
            col(Guess.chat_id) == chat.id,
            col(Guess.first_name) == _name_macs(pepper, chat.first_name)[0],
        )
    )
    chat.family_id, chat.step, chat.first_name, chat.secret = family_id, SignInStep.NONE, "", ""
    chat.failures, chat.wait_until = 0, None
    link(session, school.id, family_id, chat.id, now)
    return ChatSignedIn(family_id, children(session, school.id, family_id))

"""A letter for each family, whose code signs one chat in, once, without a secret (D25, rule 4).

A token is 128 random bits and only its SHA-256 is kept: who reads the database cannot come in, and who guesses never
gets near. Looking at a letter's page changes nothing; only `use`, after a tap, does. Knows no paper and no address:
the edges draw the letter.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlmodel import Session, col

from storage.access import codes
from storage.access.letter_recipients import LetterRecipient, LetterSelection, letter_recipients
from storage.access.links import children, link, linked
from storage.access.locking import lock
from storage.audit.record import record
from storage.database.joins import same
from storage.refusals import Invalid, LetterTooOld, LetterUnknown, LetterUsed, NotFound, Refused
from storage.tables import Chat, Family, Group, Letter, School
from storage.timezone import day_bounds, local_day
from storage.words import Act, Acting, SignInStep

# Long enough for letters that go out before sign-up opens, until the last talk; not so long that one which lies
# about still lets a stranger in at the next round.
LASTS = timedelta(weeks=6)
_BYTES = 16  # 22 letters; with a school's slug of 40 and `_` a start link of Telegram holds it (64)


@dataclass(frozen=True, slots=True)
class Written:
    """A letter to print. `token` and `code` are told here and never again; `until` is the last moment, in UTC."""

    to: LetterRecipient
    token: str
    until: datetime
    code: str = ""

    @property
    def last(self) -> datetime:
        """Within the last day on which it works, for showing it."""
        return _last(self.until)


@dataclass(frozen=True, slots=True)
class Letters:
    """How a school's or a family's letters stand: those that could still be used until a moment, those that were."""

    out: int
    used: int
    until: datetime | None

    @property
    def last(self) -> datetime | None:
        """Within the last day on which one of them works, for showing it."""
        return None if self.until is None else _last(self.until)


def write(
    session: Session, school_id: int, acting: Acting, choice: LetterSelection, pepper: bytes, *, coding: bool = False
) -> tuple[Written, ...]:
    """Make a letter for each family of the choice; earlier ones that are out keep working (both may be on paper).

    `coding`: families that only a code lets in, or nothing, get a new code with it, in the place of an older one; for
    one family: that family. Raises Refused: NotFound for a family or group that is not there; Invalid where there is
    nobody.
    """
    if choice.family_id is not None:
        lock(session, school_id, choice.family_id)
    _check_groups(session, school_id, choice)
    to = letter_recipients(session, school_id, choice)
    if not to:
        raise Refused(Invalid("There is no family for a letter here."))
    lock(session, school_id, *(one.family_id for one in to))
    until = _until(session, school_id, acting.now)
    made = []
    for one in to:
        code = codes.suggest_code() if coding and (one.coded or choice.family_id) else ""
        if code:
            codes.set_code(session, school_id, acting, one.family_id, code, pepper)
        made.append(Written(one, secrets.token_urlsafe(_BYTES), until, code))
    rows = [
        {
            "id": _kept(one.token),
            "school_id": school_id,
            "family_id": one.to.family_id,
            "made": acting.now,
            "until": until,
        }
        for one in made
    ]
    session.connection().execute(insert(Letter), rows)
    record(session, school_id, acting, Act.LETTERS_MADE, choice.family_id, letters=len(made))
    return tuple(made)


def withdraw(session: Session, school_id: int, acting: Acting, family_id: int | None = None) -> int:
    """The letters that are out let nobody in any more: of one family, or all; how many. Raises Refused(NotFound)."""
    if family_id is not None:
        lock(session, school_id, family_id)
    own = [col(Letter.school_id) == school_id, col(Letter.used).is_(None), col(Letter.until) > acting.now]
    if family_id is not None:
        own.append(col(Letter.family_id) == family_id)
    gone = session.execute(delete(Letter).where(*own).returning(col(Letter.id))).all()
    if gone:
        record(session, school_id, acting, Act.LETTERS_WITHDRAWN, family_id, letters=len(gone))
    return len(gone)


def look_at(session: Session, school_id: int, token: str, now: datetime) -> None:
    """For a page that is opened: says nothing where a tap would let this browser in. Changes nothing.

    Raises Refused: LetterUnknown, LetterUsed, LetterTooOld.
    """
    _usable(session, school_id, token, now)


def use(session: Session, school_id: int, chat_id: int, token: str, now: datetime) -> tuple[str, ...]:
    """Sign a chat in with a letter, after a tap; the first names of the family's children.

    A chat that speaks for the family already leaves the letter to the other parent. Raises Refused as `look_at`,
    before anything is changed.
    """
    found = session.execute(_letter(school_id, token).with_for_update(of=Letter)).one_or_none()
    family_id = None if found is None or found.blocked else found.family_id
    if family_id is None or not linked(session, school_id, family_id, chat_id):
        family_id = _usable(session, school_id, token, now)
        own = update(Letter).where(col(Letter.id) == _kept(token), col(Letter.used).is_(None))
        if not session.execute(own.values(used=now).returning(col(Letter.id))).all():
            raise Refused(LetterUsed())
    turned = {"family_id": family_id, "step": SignInStep.NONE, "first_name": "", "secret": "", "failures": 0}
    session.execute(update(Chat).where(col(Chat.id) == chat_id).values(school_id=school_id, wait_until=None, **turned))
    link(session, school_id, family_id, chat_id, now)
    return children(session, school_id, family_id)


def standing(session: Session, school_id: int, now: datetime, family_id: int | None = None) -> Letters:
    """Of a school or of one family. One query."""
    out = and_(col(Letter.used).is_(None), col(Letter.until) > now)
    own = [col(Letter.school_id) == school_id]
    if family_id is not None:
        own.append(col(Letter.family_id) == family_id)
    row: Any = session.execute(
        select(func.count().filter(out), func.count(col(Letter.used)), func.max(col(Letter.until)).filter(out)).where(
            *own
        )
    ).one()
    return Letters(*row)


def _check_groups(session: Session, school_id: int, choice: LetterSelection) -> None:
    wanted = choice.groups or frozenset()
    known = select(func.count()).where(col(Group.school_id) == school_id, col(Group.id).in_(wanted))
    if session.scalar(known) != len(wanted):
        raise Refused(NotFound("group"))


def _usable(session: Session, school_id: int, token: str, now: datetime) -> int:
    """The family that a letter lets in now."""
    found = session.execute(_letter(school_id, token)).one_or_none()
    if found is None or found.blocked:
        raise Refused(LetterUnknown())
    if found.used is not None:
        raise Refused(LetterUsed())
    if found.until <= now:
        raise Refused(LetterTooOld(_last(found.until)))
    family_id: int = found.family_id
    return family_id


def _letter(school_id: int, token: str) -> Any:
    return (
        select(col(Letter.family_id), col(Letter.used), col(Letter.until), col(Family.blocked))
        .join(Family, same(Family.id, Letter.family_id))
        .where(col(Letter.id) == _kept(token), col(Letter.school_id) == school_id)
    )


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _until(session: Session, school_id: int, now: datetime) -> datetime:
    """The end of its last day on the school's clock."""
    zone = session.scalar(select(col(School.timezone)).where(col(School.id) == school_id))
    if zone is None:
        raise Refused(NotFound("school"))
    return day_bounds(local_day(now, zone) + LASTS, zone)[1]


def _last(until: datetime) -> datetime:
    return until - timedelta(seconds=1)

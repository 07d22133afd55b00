"""Chats: who is on the other side, at which school, for which family.

A chat stands above the schools. What it may see is decided by its links alone, and afresh at every tap (rule 6):
`Visitor.family` is there only when the chat is linked to it and the family is not blocked (rule 7).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.audit.record import record
from storage.database.joins import same
from storage.refusals import NotFound, Refused
from storage.tables import Chat, Family, Link, School
from storage.values import normalise
from storage.words import Act, Acting, Actor, By, ChatKind, SecretKind, SignInStep

SEEN_EVERY = timedelta(hours=1)  # how precisely `chat.seen` is kept; a write at each tap would cost more than it tells


@dataclass(frozen=True, slots=True)
class SchoolView:
    """What a chat or a page needs to know of a school."""

    id: int
    slug: str
    name: str
    timezone: str
    language: str
    contact: str
    hint: str
    secret_kind: SecretKind | None
    created: datetime
    plain_uids: int


@dataclass(frozen=True, slots=True)
class FamilyView:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """One chat as it stands now. `language` is empty until chosen or told by the phone.

    `screen` is Telegram's message that shows the last screen; `unseen` are the notices that stand on top of it.
    """

    chat_id: int
    kind: ChatKind
    address: str
    language: str
    step: SignInStep
    school: SchoolView | None
    family: FamilyView | None
    screen: int | None = None
    unseen: tuple[int, ...] = ()


_SCHOOL = (
    col(School.id),
    col(School.slug),
    col(School.name),
    col(School.timezone),
    col(School.language),
    col(School.contact),
    col(School.hint),
    col(School.secret_kind),
    col(School.created),
    col(School.plain_uids),
)
_CHATS = (
    select(
        col(Chat.kind),
        col(Chat.address),
        col(Chat.id),
        col(Chat.language),
        col(Chat.step),
        col(Chat.reachable),
        col(Chat.seen),
        col(Chat.screen),
        col(Chat.unseen),
        col(Family.id),
        col(Family.name),
        *_SCHOOL,
    )
    .select_from(Chat)
    .outerjoin(School, col(School.id) == col(Chat.school_id))
    .outerjoin(
        Link,
        and_(col(Link.chat_id) == col(Chat.id), same(Link.family_id, Chat.family_id)),
    )
    .outerjoin(
        Family,
        and_(same(Family.id, Link.family_id), col(Family.blocked).is_(False)),
    )
)
_VISITOR = _CHATS.where(col(Chat.kind) == bindparam("kind"), col(Chat.address) == bindparam("address"))


def look(session: Session, kind: ChatKind, address: str) -> Visitor | None:
    """The visitor at an address, or None where nobody ever came from there. Writes nothing."""
    row = session.connection().execute(_VISITOR, {"kind": kind, "address": address}).first()
    return None if row is None else _visitor(row)


def visitor_of(session: Session, chat_id: int) -> Visitor | None:
    """The same of a chat by its id."""
    row = session.connection().execute(_CHATS.where(col(Chat.id) == chat_id)).first()
    return None if row is None else _visitor(row)


def visit(session: Session, kind: ChatKind, address: str, language: str, now: datetime) -> Visitor:
    """The visitor at an address, made if new. Whoever speaks to us can be reached again."""
    row = session.connection().execute(_VISITOR, {"kind": kind, "address": address}).first()
    if row is None:
        session.connection().execute(
            insert(Chat).on_conflict_do_nothing(),
            {
                "kind": kind,
                "address": address,
                "language": language[:8],
                "step": SignInStep.NONE,
                "first_name": "",
                "secret": "",
                "failures": 0,
                "reachable": True,
                "seen": now,
            },
        )
        row = session.connection().execute(_VISITOR, {"kind": kind, "address": address}).one()
    elif not row.reachable or now - row.seen > SEEN_EVERY:
        session.execute(update(Chat).where(col(Chat.id) == row[2]).values(reachable=True, seen=now))
    return _visitor(row)


def school_by_slug(session: Session, slug: str) -> SchoolView | None:
    """The school of a link, in any case of letters; None where there is none."""
    row = session.execute(select(*_SCHOOL).where(col(School.slug) == slug.lower())).first()
    return None if row is None else SchoolView(*row)


def school_by_id(session: Session, school_id: int) -> SchoolView | None:
    """The school of an id; None where there is none."""
    row = session.execute(select(*_SCHOOL).where(col(School.id) == school_id)).first()
    return None if row is None else SchoolView(*row)


def schools_like(session: Session, text: str, most: int = 8) -> tuple[SchoolView, ...]:
    """Schools whose name holds every word of `text` (≥ 2 letters in all), at most `most`, by name."""
    wanted = [word for part in re.split(r"[\s-]+", text) if (word := normalise.name(part))]
    if sum(map(len, wanted)) < 2:
        return ()
    # The names are few and accents many: comparing here is forgiving on both databases alike.
    rows = session.execute(select(*_SCHOOL).order_by(col(School.name), col(School.id)))
    fitting = (SchoolView(*row) for row in rows if all(word in normalise.name(row.name) for word in wanted))
    return tuple(school for school, _ in zip(fitting, range(most), strict=False))


def enter_school(session: Session, chat_id: int, school_id: int) -> None:
    """The chat turns to a school: to a family that it is linked to there, else it is asked to sign in."""
    family = session.execute(
        select(col(Link.family_id))
        .join(Family, same(Family.id, Link.family_id))
        .where(col(Link.chat_id) == chat_id, col(Link.school_id) == school_id, col(Family.blocked).is_(False))
        .order_by(col(Link.id))
    ).scalar()
    step = SignInStep.NONE if family else SignInStep.FIRST_NAME
    _turn(session, chat_id, school_id=school_id, family_id=family, step=step)


def linked_families(session: Session, chat_id: int) -> tuple[tuple[SchoolView, FamilyView], ...]:
    """Every family that this chat may speak for, over all schools (P5), blocked ones left out."""
    rows = session.execute(
        select(col(Family.id), col(Family.name), *_SCHOOL)
        .join(Link, same(Family.id, Link.family_id))
        .join(School, col(School.id) == col(Link.school_id))
        .where(col(Link.chat_id) == chat_id, col(Family.blocked).is_(False))
        .order_by(col(School.name), col(Family.name), col(Family.id))
    )
    return tuple((SchoolView(*row[2:]), FamilyView(row[0], row[1])) for row in rows)


def switch(session: Session, chat_id: int, school_id: int, family_id: int) -> None:
    """Turn to another of the chat's families. Raises Refused(NotFound) for any other."""
    for school, family in linked_families(session, chat_id):
        if (school.id, family.id) == (school_id, family_id):
            return _turn(session, chat_id, school_id=school_id, family_id=family_id, step=SignInStep.NONE)
    raise Refused(NotFound("family"))


def log_out(session: Session, chat_id: int, now: datetime) -> None:
    """Unlink the chat from the family it looks at. The school stays, so that signing in again is short."""
    found = session.execute(
        select(col(Chat.school_id), col(Chat.family_id)).where(col(Chat.id) == chat_id)
    ).one_or_none()
    if found is None or found.school_id is None or found.family_id is None:
        return
    unlinked = session.execute(
        delete(Link)
        .where(col(Link.chat_id) == chat_id, col(Link.school_id) == found.school_id)
        .where(col(Link.family_id) == found.family_id)
        .returning(col(Link.id))
    ).all()
    if unlinked:
        record(session, found.school_id, Acting(By(Actor.FAMILY, found.family_id), now), Act.UNLINKED, found.family_id)
    _turn(session, chat_id, school_id=found.school_id, family_id=None, step=SignInStep.FIRST_NAME, unseen=[])


def choose_language(session: Session, chat_id: int, language: str) -> None:
    """Set a chat's language, a code of at most 8 letters."""
    session.execute(update(Chat).where(col(Chat.id) == chat_id).values(language=language[:8]))


def set_step(session: Session, chat_id: int, step: SignInStep) -> None:
    """Where the chat stands in signing in. Going back to the first question forgets what was typed."""
    _turn(session, chat_id, step=step)


def saw(session: Session, chat_id: int, notices: Collection[int]) -> None:
    """The person has seen these notices: they stand on top of the chat's screen no more."""
    left = select(col(Chat.unseen)).where(col(Chat.id) == chat_id).with_for_update()
    unseen: list[int] = session.execute(left).scalar() or []
    kept = [notice for notice in unseen if notice not in notices]
    session.execute(update(Chat).where(col(Chat.id) == chat_id).values(unseen=kept))


def reachable(session: Session, chat_id: int) -> None:
    """Note that messages arrive in this chat again."""
    session.execute(update(Chat).where(col(Chat.id) == chat_id).values(reachable=True))


def _turn(session: Session, chat_id: int, **values: object) -> None:
    forgotten = {"first_name": "", "secret": ""}
    session.execute(update(Chat).where(col(Chat.id) == chat_id).values(**forgotten, **values))


def _visitor(row: Any) -> Visitor:
    kind, address, chat_id, language, step, _reachable, _seen, screen, unseen, family_id, family_name, *school = row
    return Visitor(
        chat_id=chat_id,
        kind=kind,
        address=address,
        language=language,
        step=step,
        school=SchoolView(*school) if school[0] is not None else None,
        family=FamilyView(family_id, family_name) if family_id is not None else None,
        screen=screen,
        unseen=tuple(unseen),
    )

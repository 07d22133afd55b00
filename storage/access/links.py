"""A chat that begins or ceases to speak for a family: what stands, whom it is told, what is written down (rule 7).

Who may come in is decided elsewhere (`signing_in`, `letters`): this never asks.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles for SQLite too
from sqlmodel import Session, col

from storage.audit.record import record
from storage.database.joins import same
from storage.outbox.owed import owe_redraw
from storage.outbox.recipients import administrators, family_addresses
from storage.outbox.write import enqueue
from storage.refusals import NotFound, Refused
from storage.tables import Chat, FamilyStudent, Link, Student
from storage.values.person_names import called
from storage.words import Act, Acting, Actor, By, ChatKind, NoticeKind, Recipient, SignInStep


def link(session: Session, school_id: int, family_id: int, chat_id: int, now: datetime) -> None:
    """The chat speaks for the family from now on and looks at it; twice is once. The others are told (rule 7)."""
    here = {"school_id": school_id, "family_id": family_id, "chat_id": chat_id, "since": now}
    made = session.execute(insert(Link).on_conflict_do_nothing().returning(col(Link.id)), here).scalar()
    if made is not None:
        record(session, school_id, Acting(By(Actor.FAMILY, family_id), now), Act.LINKED, family_id)
        _tell_the_others(session, school_id, family_id, chat_id, now)


def linked(session: Session, school_id: int, family_id: int, chat_id: int) -> bool:
    """Whether the chat speaks for the family now."""
    own = select(col(Link.id)).where(
        col(Link.school_id) == school_id, col(Link.family_id) == family_id, col(Link.chat_id) == chat_id
    )
    return session.execute(own).first() is not None


def unlink(session: Session, school_id: int, acting: Acting, family_id: int, link_id: int) -> None:
    """The desk logs one chat of a family out: a phone that was lost, or that the other parent has now.

    What is on its way to that chat is dropped when its turn comes. Raises Refused(NotFound).
    """
    _unlink(session, school_id, acting, family_id, col(Link.id) == link_id)


def disown(session: Session, school_id: int, acting: Acting, family_id: int, chat_id: int) -> None:
    """A family says that a chat which came in later than the one that acts is none of theirs.

    It is logged out at once, and the school's administrators are told: whoever it was knows the secret. A chat cannot
    do this to one that was there before it, so that a stranger cannot put the family out. Raises Refused(NotFound).
    """
    since = select(col(Link.id)).where(
        col(Link.school_id) == school_id, col(Link.family_id) == family_id, col(Link.chat_id) == acting.by.chat
    )
    own = session.execute(since).scalar()
    if own is None:
        raise Refused(NotFound("chat"))
    _unlink(session, school_id, acting, family_id, col(Link.chat_id) == chat_id, col(Link.id) > own)
    moment = f"chat {chat_id} {acting.now:%Y-%m-%dT%H:%M:%S}"
    for staff_id in administrators(session, school_id):
        enqueue(session, school_id, NoticeKind.STRANGER, family_id, moment, Recipient.STAFF, staff_id, acting.now)


def _unlink(session: Session, school_id: int, acting: Acting, family_id: int, *wanted: ColumnElement[bool]) -> None:
    own = col(Link.school_id) == school_id, col(Link.family_id) == family_id
    chat_id = session.execute(delete(Link).where(*own, *wanted).returning(col(Link.chat_id))).scalar()
    if chat_id is None:
        raise Refused(NotFound("chat"))
    looking = update(Chat).where(
        col(Chat.id) == chat_id, col(Chat.school_id) == school_id, col(Chat.family_id) == family_id
    )
    turned: dict[str, object] = {
        "family_id": None,
        "step": SignInStep.FIRST_NAME,
        "first_name": "",
        "secret": "",
        "unseen": [],
    }
    session.execute(looking.values(turned))
    owe_redraw(session, [chat_id], acting.now)
    record(session, school_id, acting, Act.UNLINKED, family_id, chat=chat_id)


def children(session: Session, school_id: int, family_id: int) -> tuple[str, ...]:
    """What a family's children who are at school are called, for the greeting, by name."""
    rows = session.execute(
        select(col(Student.first_name), col(Student.call_name))
        .join(FamilyStudent, same(FamilyStudent.student_id, Student.id))
        .where(col(FamilyStudent.school_id) == school_id, col(FamilyStudent.family_id) == family_id)
        .where(col(Student.left).is_(None))
    )
    return tuple(sorted(called(first, call) for first, call in rows))


def _tell_the_others(session: Session, school_id: int, family_id: int, chat_id: int, now: datetime) -> None:
    """Every other chat of the family. A family that is not in Telegram alone hears by mail as well (rule 35): a page
    makes no sound."""
    moment = f"chat {chat_id} {now:%Y-%m-%dT%H:%M:%S}"
    chats = session.execute(
        select(col(Chat.id), col(Chat.kind))
        .join(Link, col(Link.chat_id) == col(Chat.id))
        .where(col(Link.school_id) == school_id, col(Link.family_id) == family_id, col(Chat.reachable))
        .order_by(col(Chat.id))
    ).all()
    others = [chat for chat, _ in chats if chat is not None and chat != chat_id]
    for other in others:
        enqueue(session, school_id, NoticeKind.LINKED, family_id, moment, Recipient.CHAT, other, now)
    pushed = any(kind is ChatKind.TELEGRAM for chat, kind in chats if chat != chat_id)
    on_the_page = any(kind is ChatKind.WEB for _, kind in chats)
    if on_the_page and not pushed and family_addresses(session, school_id, family_id):
        enqueue(session, school_id, NoticeKind.LINKED, family_id, moment, Recipient.FAMILY, family_id, now)

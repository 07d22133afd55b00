"""When a planning changes its room, title, teachers or remarks, families with a talk there come to know (rule 13, P10).

Every calendar file that a chat has is drawn anew; its screen is by storage.notices.school_edits. Another teacher or
room is told as well: an edit makes no sound (rule 35).
The talks themselves stand as they were, so their revisions do not grow: what still waits to be told stays true.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from storage.database.joins import same
from storage.outbox.write import enqueue
from storage.tables import Booking, Card, Chat, Conference, Family, FamilyStudent, Link, Notice, Planning, Slot
from storage.words import ChatKind, NoticeKind, NoticeState, Policy, Recipient

_To = tuple[Recipient, int]


def draw_files_anew(session: Session, school_id: int, planning_id: int, now: datetime) -> None:
    """The calendar files that chats have of the coming talks."""
    talks = _coming_talks(session, school_id, planning_id, now)
    files: Any = session.execute(
        select(col(Booking.id), col(Booking.revision), col(Card.chat_id))
        .join(Card, col(Card.booking_id) == col(Booking.id))
        .where(col(Booking.id).in_({booking for held in talks.values() for booking in held}))
    )
    for booking_id, revision, chat_id in files:
        moment = f"{revision}+{now:%Y-%m-%dT%H:%M:%S}"
        enqueue(session, school_id, NoticeKind.CARD, booking_id, moment, Recipient.CHAT, chat_id, now)


def tell(session: Session, school_id: int, planning_id: int, now: datetime) -> int:
    """A message to each family with a coming talk: to its chats, or by mail where none can be written to (rule 23).

    Never twice: what waits already is written when it is sent, with what is true then. So whoever waits for a message
    about each of the family's talks here, or about this planning, gets no more. Returns how many families are told.
    """
    talks = _coming_talks(session, school_id, planning_id, now)
    chats, waiting = _chats(session, school_id, list(talks)), _waiting(session, school_id)
    told = 0
    for family_id, held in sorted(talks.items()):
        to: list[_To] = [(Recipient.CHAT, chat) for chat, _ in chats[family_id]]
        if not any(kind is ChatKind.TELEGRAM for _, kind in chats[family_id]):
            to.append((Recipient.FAMILY, family_id))
        new = [one for one in to if not _is_told(waiting[one], planning_id, held)]
        for recipient, recipient_id in new:
            kind, moment = NoticeKind.PLANNING_CHANGED, now.isoformat(timespec="microseconds")
            enqueue(session, school_id, kind, planning_id, moment, recipient, recipient_id, now)
        told += bool(new)
    return told


def _is_told(waiting: set[tuple[NoticeKind, int]], planning_id: int, held: set[int]) -> bool:
    of_planning = (NoticeKind.PLANNING_CHANGED, planning_id) in waiting
    return of_planning or all((NoticeKind.CHANGED, booking) in waiting for booking in held)


def _coming_talks(session: Session, school_id: int, planning_id: int, now: datetime) -> dict[int, set[int]]:
    """family → its coming talks in the planning, also those it is invited to (rule 12). Blocked ones are left out."""
    coming: Select[*tuple[Any, ...]] = (
        select(col(Family.id), col(Booking.id))
        .select_from(Booking)
        .join(Slot, same(Slot.id, Booking.slot_id))
        .where(
            col(Booking.school_id) == school_id,
            col(Booking.planning_id) == planning_id,
            col(Booking.cancelled).is_(None),
            col(Slot.start) > now,
        )
    )
    held = coming.join(Family, same(Family.id, Booking.family_id))
    invited = (
        coming.join(Planning, same(Planning.id, Booking.planning_id))
        .join(Conference, same(Conference.id, Planning.conference_id))
        .join(FamilyStudent, same(FamilyStudent.student_id, Booking.student_id))
        .join(Family, same(Family.id, FamilyStudent.family_id))
        .where(col(Conference.policy) == Policy.TOGETHER)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for asked in (held, invited):
        for family_id, booking_id in session.execute(asked.where(col(Family.blocked).is_(False))):
            found[family_id].add(booking_id)
    return found


def _chats(session: Session, school_id: int, family_ids: list[int]) -> dict[int, list[tuple[int, ChatKind]]]:
    rows: Any = session.execute(
        select(col(Link.family_id), col(Chat.id), col(Chat.kind))
        .join(Chat, col(Chat.id) == col(Link.chat_id))
        .where(col(Link.school_id) == school_id, col(Link.family_id).in_(family_ids), col(Chat.reachable))
        .order_by(col(Chat.id))
    )
    found: dict[int, list[tuple[int, ChatKind]]] = defaultdict(list)
    for family_id, chat_id, kind in rows:
        found[family_id].append((chat_id, kind))
    return found


def _waiting(session: Session, school_id: int) -> dict[_To, set[tuple[NoticeKind, int]]]:
    """recipient → what is written for it already and not on its way."""
    rows: Any = session.execute(
        select(col(Notice.recipient), col(Notice.recipient_id), col(Notice.kind), col(Notice.subject)).where(
            col(Notice.school_id) == school_id,
            col(Notice.kind).in_((NoticeKind.CHANGED, NoticeKind.PLANNING_CHANGED)),
            col(Notice.state) == NoticeState.WAITING,
        )
    )
    found: dict[_To, set[tuple[NoticeKind, int]]] = defaultdict(set)
    for recipient, recipient_id, kind, subject in rows:
        found[recipient, recipient_id].add((kind, subject))
    return found

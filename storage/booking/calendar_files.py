"""Calendar files that a Telegram chat asks for (P10). They go through the outbox, and change with the talk."""

from sqlalchemy import delete
from sqlmodel import Session, col

from storage.booking.reading import LIVE, household_talks
from storage.outbox.owed import owe_removal
from storage.outbox.write import enqueue
from storage.refusals import NotFound, Refused
from storage.tables import Booking, Card, Slot
from storage.words import Acting, NoticeKind, Recipient

MOST = 8


def ask_for_files(
    session: Session, school_id: int, acting: Acting, family_id: int, booking_id: int | None = None
) -> int:
    """The file of one talk, or of all to come, into the chat that acts; how many. Those it is invited to as well.

    A file that stands further up already is taken away: the new one is where the person looks. Raises
    Refused(NotFound) where there is none.
    """
    wanted = [LIVE, col(Slot.start) > acting.now]
    if booking_id is not None:
        wanted.append(col(Booking.id) == booking_id)
    talks = household_talks(session, school_id, family_id, *wanted)[:MOST]
    if not talks:
        raise Refused(NotFound("booking"))
    chat_id = acting.by.chat
    for talk in talks:
        own = col(Card.booking_id) == talk.id, col(Card.chat_id) == chat_id
        stands = session.execute(delete(Card).where(*own).returning(col(Card.message_id))).scalars().all()
        owe_removal(session, chat_id, [one for one in stands if one is not None], acting.now)
        moment = f"{talk.revision}+{acting.now:%Y-%m-%dT%H:%M:%S}"
        enqueue(session, school_id, NoticeKind.CARD, talk.id, moment, Recipient.CHAT, chat_id, acting.now)
    return len(talks)

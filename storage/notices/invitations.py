"""Inviting parents to sign up, and reminding those who have not (D2): with which words, and once.

Who is told is asked of `unbooked` when an administrator sends, and of the family's own overview again when the message
goes out (rule 31). A family gets one message for a conference a day, however often it is asked for (rule 20), and never
one about another household (rule 23).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from storage.audit.record import record
from storage.booking import choosing
from storage.booking.views import ChildOffers, Phase, TalkOffer
from storage.families.reachability import Channel
from storage.notices.unbooked import moment_of, policy_and_zone, unbooked
from storage.outbox.recipients import chats_of
from storage.outbox.write import enqueue
from storage.planning.validation import text_of
from storage.refusals import Invalid, NotFound, Refused
from storage.tables import Audit, Conference, Credential, School
from storage.words import Act, Acting, NoticeKind, Recipient, SecretKind

LONGEST = 1000
SENDINGS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Invitation:
    """What one family is told. `opens` is its own (P7); `children` are the first names of those without a talk.

    `secret` is what it types beside a child's name: the school's kind, its own code, or None where it has neither.
    """

    conference: str
    text: str
    opens: datetime
    closes: datetime
    open: bool
    children: tuple[str, ...]
    secret: SecretKind | None


@dataclass(frozen=True, slots=True)
class Sent:
    """How many families the message goes to, and how many nothing can be sent to."""

    families: int
    unreachable: int


@dataclass(frozen=True, slots=True)
class Sending:
    """One time that parents were invited, by the trail."""

    at: datetime
    conference: str
    families: int


def invitation(
    session: Session, school_id: int, conference_id: int, family_id: int, now: datetime, *, open_only: bool = False
) -> Invitation | None:
    """What this family is told now; None where it has nothing left to book, or may not.

    `open_only`: of what can be booked at this moment, and `closes` is the first of it to close.
    """
    found = session.execute(
        select(col(Conference.name), col(Conference.invitation)).where(
            col(Conference.school_id) == school_id, col(Conference.id) == conference_id
        )
    ).one_or_none()
    if found is None:
        return None
    name, text = found
    children = choosing.overview(session, school_id, family_id, now)
    phases = (Phase.OPEN,) if open_only else (Phase.SOON, Phase.OPEN)
    left = [(child, talks) for child in children if (talks := _left(child, name, phases))]
    if not left:
        return None
    every = [talk for _, talks in left for talk in talks]
    return Invitation(
        conference=name,
        text=text,
        opens=min(talk.opens for talk in every),
        closes=(min if open_only else max)(talk.closes for talk in every),
        open=any(talk.phase is Phase.OPEN for talk in every),
        children=tuple(child.first_name for child, _ in left),
        secret=_secret(session, school_id, family_id),
    )


def keep_text(session: Session, school_id: int, acting: Acting, conference_id: int, text: str) -> bool:
    """The school's own sentences for this conference; whether they changed. Raises Refused: NotFound, Invalid."""
    row = session.scalar(_row(school_id, conference_id).with_for_update(key_share=True))
    if row is None:
        raise Refused(NotFound("conference"))
    cleaned = text_of(text.replace("\r\n", "\n"), "Your own words", LONGEST, needed=False, lines=True)
    if cleaned == row.invitation:
        return False
    row.invitation = cleaned
    session.flush()
    record(session, school_id, acting, Act.PLANNING_CHANGED, None, conference=conference_id)
    return True


def invite(session: Session, school_id: int, acting: Acting, conference_id: int, groups: Collection[int]) -> Sent:
    """Write down a message for each of these families that had none today.

    Raises Refused: NotFound; Invalid where there is nobody to tell, or all were told today.
    """
    if session.scalar(_row(school_id, conference_id).with_for_update(key_share=True)) is None:
        raise Refused(NotFound("conference"))
    families = unbooked(session, school_id, conference_id, acting.now, groups)
    reached = [one for one in families if one.reached]
    new = [one for one in reached if not one.told]
    if not reached:
        raise Refused(Invalid("There is nobody to send this to."))
    if not new:
        raise Refused(Invalid("These parents have had this message today already."))
    moment = moment_of(conference_id, acting.now, policy_and_zone(session, school_id, conference_id)[1])
    chats = chats_of(session, school_id, [one.family_id for one in new if one.way is Channel.TELEGRAM])
    for one in new:
        to = [(Recipient.CHAT, chat) for chat in chats.get(one.family_id, ())] or [(Recipient.FAMILY, one.family_id)]
        for recipient, recipient_id in to:
            enqueue(
                session, school_id, NoticeKind.INVITATION, one.family_id, moment, recipient, recipient_id, acting.now
            )
    detail: dict[str, Any] = {"conference": conference_id, "families": len(new), "groups": sorted(groups)}
    record(session, school_id, acting, Act.PARENTS_INVITED, None, **detail)
    return Sent(len(new), len(families) - len(reached))


def send_test(
    session: Session, school_id: int, acting: Acting, conference_id: int, family_id: int, staff_id: int
) -> None:
    """The message as this family would get it, by mail to somebody of the school. Raises Refused(NotFound)."""
    if session.scalar(_row(school_id, conference_id)) is None:
        raise Refused(NotFound("conference"))
    moment = f"{conference_id} {acting.now:%Y-%m-%dT%H:%M:%S.%f}"
    enqueue(session, school_id, NoticeKind.INVITATION, family_id, moment, Recipient.STAFF, staff_id, acting.now)
    record(session, school_id, acting, Act.PARENTS_INVITED, None, conference=conference_id, test=True)


def sendings(session: Session, school_id: int) -> tuple[Sending, ...]:
    """The last times, newest first."""
    rows = session.execute(
        select(col(Audit.at), col(Audit.detail))
        .where(col(Audit.school_id) == school_id, col(Audit.act) == Act.PARENTS_INVITED)
        .order_by(col(Audit.id).desc())
        .limit(SENDINGS_SHOWN * 4)
    ).all()
    sent = [(at, detail) for at, detail in rows if not detail.get("test")][:SENDINGS_SHOWN]
    names: Any = session.execute(
        select(col(Conference.id), col(Conference.name)).where(col(Conference.school_id) == school_id)
    )
    named = dict(names.all())
    return tuple(Sending(at, named.get(detail["conference"], ""), detail["families"]) for at, detail in sent)


def conference_of(moment: str) -> int:
    """Which conference a notice of this moment is about."""
    return int(moment.partition(" ")[0])


def _left(child: ChildOffers, conference: str, phases: tuple[Phase, ...]) -> list[TalkOffer]:
    """What this child may still book there: nothing once it has one talk of the conference (rule 31)."""
    talks = [talk for talk in child.talks if talk.conference == conference]
    if any(talk.booking or talk.invited for talk in talks):
        return []
    return [talk for talk in talks if talk.phase in phases]


def _secret(session: Session, school_id: int, family_id: int) -> SecretKind | None:
    """The school's kind where this family has that, else its code."""
    kinds = set(
        session.execute(
            select(col(Credential.kind)).where(
                col(Credential.school_id) == school_id, col(Credential.family_id) == family_id
            )
        ).scalars()
    )
    chosen = session.execute(select(col(School.secret_kind)).where(col(School.id) == school_id)).scalar_one()
    return next((kind for kind in (chosen, SecretKind.CODE) if kind in kinds), None)


def _row(school_id: int, conference_id: int) -> Select[Any]:
    return select(Conference).where(col(Conference.school_id) == school_id, col(Conference.id) == conference_id)

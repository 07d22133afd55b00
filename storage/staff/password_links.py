"""The mailed link with which somebody of the school chooses a password: an invitation, or the way back in.

No token stands in any table: it is an HMAC over a nonce of the account, made when the mail is written, so that neither
a stolen database nor the outbox opens anything (rule 5). One link at a time, and it works once. Asking again while it
still works mails the same one: whichever mail is opened first is the right one.
"""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.access.chats import SchoolView
from storage.audit.record import record
from storage.outbox.write import enqueue
from storage.refusals import NotFound, Refused
from storage.schools import school
from storage.staff.accounts import end_sessions, member
from storage.tables import Notice, Staff
from storage.words import Act, Acting, Actor, By, NoticeKind, Recipient

INVITED = timedelta(days=7)  # a teacher who works two days a week sees it
FORGOTTEN = timedelta(hours=1)
MOST_MAILS, MAILS_WITHIN = 3, timedelta(hours=1)  # nobody's mailbox is filled by who only knows the address
_TOKEN = re.compile(r"([1-9][0-9]{0,9})-([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """What a link opens, and for whom. `token` is the link's secret part: never log it."""

    school: SchoolView
    staff_id: int
    email: str
    name: str
    language: str  # "" where it was never chosen
    invited: bool  # has no password yet
    until: datetime
    token: str


def send(session: Session, row: Staff, lasting: timedelta, now: datetime) -> None:
    """Let the account's link work for `lasting` at least, and mail it."""
    until = row.link_until
    if not row.link or until is None or until <= now:
        row.link, until = secrets.token_urlsafe(24), now
    row.link_until = max(until, now + lasting)
    session.flush()
    id_ = int(row.id or 0)
    enqueue(session, row.school_id, NoticeKind.STAFF_LINK, id_, now.isoformat(), Recipient.STAFF, id_, now)


def forgotten(session: Session, email: str, now: datetime) -> int:
    """Mail a link for each active account of an address, one for every school; how many mails that makes.

    What a stranger may ask for is bounded: MOST_MAILS an hour for one account.
    """
    rows = session.execute(
        select(Staff).where(col(Staff.email) == email.strip().lower(), col(Staff.active).is_(True)).with_for_update()
    ).scalars()
    sent = 0
    for row in rows:
        id_ = int(row.id or 0)
        if _mails(session, row.school_id, id_, now) < MOST_MAILS:
            send(session, row, FORGOTTEN, now)
            acting = Acting(By(Actor.STAFF, id_), now)
            record(session, row.school_id, acting, Act.LINK_SENT, id_, forgotten=True)
            sent += 1
    return sent


def send_new(session: Session, school_id: int, acting: Acting, staff_id: int) -> str:
    """An administrator mails somebody a link to a new password; the address. Raises Refused(NotFound)."""
    row = member(session, school_id, staff_id)
    if not row.active or not row.password:
        raise Refused(NotFound("staff"))
    send(session, row, FORGOTTEN, acting.now)
    record(session, school_id, acting, Act.LINK_SENT, staff_id)
    return row.email


def make(session: Session, school_id: int, acting: Acting, staff_id: int, pepper: bytes) -> PasswordLink:
    """A link that is handed over without mail. Raises Refused(NotFound), also for who is disabled."""
    row = member(session, school_id, staff_id)
    if not row.active:
        raise Refused(NotFound("staff"))
    row.link, row.link_until = secrets.token_urlsafe(24), acting.now + (FORGOTTEN if row.password else INVITED)
    session.flush()
    record(session, school_id, acting, Act.LINK_SENT, staff_id, by_hand=True)
    return _password_link(session, row, pepper)


def find(session: Session, token: str, pepper: bytes, now: datetime) -> PasswordLink | None:
    """What a link opens; None for one that was used, is over, was taken back or never was: they look the same."""
    row = _row(session, token, pepper, now)
    return _password_link(session, row, pepper) if row is not None else None


def password_link(session: Session, school_id: int, staff_id: int, pepper: bytes, now: datetime) -> PasswordLink | None:
    """What the mail to somebody tells; None where there is nothing any more that it could open."""
    asked = select(Staff).where(col(Staff.school_id) == school_id, col(Staff.id) == staff_id)
    row = session.execute(asked).scalar_one_or_none()
    return _password_link(session, row, pepper) if row is not None and _works(row, now) else None


def take_up(session: Session, token: str, password: str, pepper: bytes, now: datetime) -> PasswordLink:
    """Choose the password (as `passwords.hashed` gave it): the link is used up, and every older sign-in ends.

    Raises Refused(NotFound) as `find` gives None.
    """
    row = _row(session, token, pepper, now, lock=True)
    if row is None:
        raise Refused(NotFound("link"))
    opened = _password_link(session, row, pepper)
    row.password, row.link, row.link_until = password, "", None
    session.flush()
    end_sessions(session, row.school_id, opened.staff_id)
    acting = Acting(By(Actor.STAFF, opened.staff_id), now)
    record(session, row.school_id, acting, Act.PASSWORD_CHANGED, opened.staff_id, link=True)
    return opened


def _row(session: Session, token: str, pepper: bytes, now: datetime, *, lock: bool = False) -> Staff | None:
    found = _TOKEN.fullmatch(token)
    if found is None or int(found[1]) >= 2**31:
        return None
    asked = select(Staff).where(col(Staff.id) == int(found[1]))
    row: Staff | None = session.execute(asked.with_for_update() if lock else asked).scalar_one_or_none()
    if row is None or not _works(row, now):
        return None
    return row if hmac.compare_digest(token.encode(), _token(pepper, row).encode()) else None


def _works(row: Staff, now: datetime) -> bool:
    return row.active and bool(row.link) and row.link_until is not None and row.link_until > now


def _token(pepper: bytes, row: Staff) -> str:
    key = hmac.digest(pepper, f"staff link\0{row.id}\0{row.link}".encode(), "sha256")
    return f"{row.id}-{base64.urlsafe_b64encode(key).decode().rstrip('=')}"


def _password_link(session: Session, row: Staff, pepper: bytes) -> PasswordLink:
    assert row.id is not None
    assert row.link_until is not None
    return PasswordLink(
        school(session, row.school_id),
        row.id,
        row.email,
        row.name,
        row.language,
        not row.password,
        row.link_until,
        _token(pepper, row),
    )


def _mails(session: Session, school_id: int, staff_id: int, now: datetime) -> int:
    asked = (
        select(func.count())
        .select_from(Notice)
        .where(
            col(Notice.school_id) == school_id,
            col(Notice.kind) == NoticeKind.STAFF_LINK,
            col(Notice.subject) == staff_id,
            col(Notice.moment) > (now - MAILS_WITHIN).isoformat(),
        )
    )
    many: int = session.execute(asked).scalar_one()
    return many

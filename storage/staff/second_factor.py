"""The code of an authenticator app, asked after the password (TOTP, RFC 6238), for whoever wants it.

The app's secret is derived from the pepper and a nonce of the account and stands nowhere: a stolen database opens
nothing. A code works once: the row keeps the last time step that was used, and a conditional update decides.
"""

import base64
import hmac
import re
from datetime import datetime

import pyotp
from sqlalchemy import select, update
from sqlmodel import Session, col

from storage.audit.record import record
from storage.refusals import Invalid, Refused
from storage.staff.accounts import member
from storage.tables import Staff
from storage.words import Act, Acting

SECONDS = 30  # of one step; what every app takes for granted
APART = 1  # steps that a phone's clock may be off, each way
_CODE = re.compile(r"[0-9]{6}")


def offered(pepper: bytes, staff_id: int, step: int, session_key: str) -> str:
    """The nonce that setting up would keep: the same while a person stays signed in, so that the code that was
    scanned stays right when the page is loaded anew; another after each use. Nothing is written for it."""
    text = f"second factor offered\0{staff_id}\0{step}\0{session_key}"
    return hmac.digest(pepper, text.encode(), "sha256").hex()[:64]


def secret(pepper: bytes, staff_id: int, nonce: str) -> str:
    """What the app keeps: 32 letters and digits (160 bits)."""
    key = hmac.digest(pepper, f"second factor\0{staff_id}\0{nonce}".encode(), "sha256")
    return base64.b32encode(key[:20]).decode()


def address(of: str, email: str, school: str) -> str:
    """What the square to be scanned says."""
    return pyotp.TOTP(of).provisioning_uri(name=email, issuer_name=f"Tienminuten {school}")


def last_step(session: Session, school_id: int, staff_id: int) -> int:
    """The step of the last code that was used. Raises Refused(NotFound)."""
    return member(session, school_id, staff_id).totp_step


def switch_on(
    session: Session, school_id: int, acting: Acting, staff_id: int, nonce: str, code: str, pepper: bytes
) -> None:
    """From now on a code is asked, where this first one is right. Raises Refused: NotFound; Invalid."""
    row = member(session, school_id, staff_id)
    if row.totp:
        raise Refused(Invalid("The code is asked already."))
    step = _step(secret(pepper, staff_id, nonce), code, acting.now)
    if step is None:
        raise Refused(Invalid("That code is not right. Type the one that the app shows now."))
    row.totp, row.totp_step = nonce, step
    session.flush()
    record(session, school_id, acting, Act.SECOND_FACTOR_SET, staff_id)


def use(session: Session, school_id: int, staff_id: int, code: str, pepper: bytes, now: datetime) -> bool:
    """Whether this code is right and was not used before; it is used up by asking. Raises Refused(NotFound)."""
    row = member(session, school_id, staff_id)
    step = _step(secret(pepper, staff_id, row.totp), code, now) if row.totp else None
    if step is None:
        return False
    taken = session.execute(
        update(Staff)
        .where(col(Staff.school_id) == school_id, col(Staff.id) == staff_id, col(Staff.totp_step) < step)
        .values(totp_step=step)
        .returning(col(Staff.id))
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def switch_off(session: Session, school_id: int, acting: Acting, staff_id: int) -> None:
    """No code is asked any more: for oneself, or for somebody who lost the phone. Raises Refused(NotFound)."""
    row = member(session, school_id, staff_id)
    if row.totp:
        row.totp = ""
        session.flush()
        record(session, school_id, acting, Act.SECOND_FACTOR_REMOVED, staff_id)


def asked_of(session: Session, school_id: int, staff_id: int) -> bool:
    """Whether a code is asked of this account after its password. Raises Refused(NotFound)."""
    found = session.execute(
        select(col(Staff.totp)).where(col(Staff.school_id) == school_id, col(Staff.id) == staff_id)
    ).scalar()
    return bool(found)


def _step(of: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to, among those near now."""
    typed = "".join(code.split())
    if not _CODE.fullmatch(typed):
        return None
    app, present = pyotp.TOTP(of), int(now.timestamp()) // SECONDS
    near = range(present - APART, present + APART + 1)
    fitting = [step for step in near if hmac.compare_digest(app.generate_otp(step), typed)]
    return max(fitting, default=None)

"""A family's own code, and the school's kind of secret for a family that was made by hand (D7, rule 1).

A code is kept keyed, as every secret: the desk sees it once, when it is given, and can never read it again.
"""

import secrets

from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, col

from storage.access.credentials import renew
from storage.access.locking import lock
from storage.access.secrets import keyed
from storage.audit.record import record
from storage.refusals import Invalid, Refused
from storage.tables import Credential, FamilyStudent
from storage.values import normalise
from storage.values.typed import LONGEST_CODE, SHORTEST_CODE
from storage.words import Act, Acting, SecretKind

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another


def suggest_code() -> str:
    """A new code to give to a family: `KX7M-P2QD`, 40 bits."""
    letters = [secrets.choice(_LETTERS) for _ in range(SHORTEST_CODE)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def set_code(session: Session, school_id: int, acting: Acting, family_id: int, code: str, pepper: bytes) -> None:
    """Give a family a code of its own, in the place of an older one; '' takes it away. Its other secret stays.

    Raises Refused: NotFound; Invalid for a code that is too short or another family's.
    """
    lock(session, school_id, family_id)
    plain = normalise.code(code) or ""
    if code.strip() and not SHORTEST_CODE <= len(plain) <= LONGEST_CODE:
        values = (("least", str(SHORTEST_CODE)), ("most", str(LONGEST_CODE)))
        raise Refused(Invalid("A code has %(least)s to %(most)s letters and digits.", values))
    value = keyed(pepper, SecretKind.CODE, plain) if plain else ""
    codes = col(Credential.school_id) == school_id, col(Credential.kind) == SecretKind.CODE
    taken = select(func.count()).where(*codes, col(Credential.value) == value, col(Credential.family_id) != family_id)
    if value and session.scalar(taken):
        raise Refused(Invalid("This code cannot be used: choose another."))
    session.execute(delete(Credential).where(*codes, col(Credential.family_id) == family_id))
    children = select(col(FamilyStudent.student_id)).where(
        col(FamilyStudent.school_id) == school_id, col(FamilyStudent.family_id) == family_id
    )
    rows = [
        {"school_id": school_id, "family_id": family_id, "student_id": id_, "kind": SecretKind.CODE, "value": value}
        for id_ in session.scalars(children)
    ]
    if value and rows:
        session.execute(insert(Credential), rows)
    record(session, school_id, acting, Act.FAMILY_CHANGED, family_id, change="code" if value else "code_removed")


def give_secret(session: Session, school_id: int, acting: Acting, family_id: int, pepper: bytes) -> None:
    """Give a family made by hand the school's kind of secret. Raises Refused: NotFound; Invalid where it has none."""
    lock(session, school_id, family_id)
    renew(session, school_id, pepper, frozenset([family_id]))
    having = select(func.count()).where(
        col(Credential.school_id) == school_id,
        col(Credential.family_id) == family_id,
        col(Credential.kind) != SecretKind.CODE,
    )
    if not session.scalar(having):
        raise Refused(Invalid("The school's kind of secret opens no child of this family. Give it a code of its own."))
    record(session, school_id, acting, Act.FAMILY_CHANGED, family_id, change="secret")

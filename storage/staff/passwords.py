"""Passwords of staff: argon2 (rule 5).

Slow on purpose, so never call it within a transaction: the one writer of SQLite would stand still.
"""

from functools import lru_cache

from pwdlib import PasswordHash

from storage.refusals import Invalid, Refused

SHORTEST, LONGEST = 8, 200
_hasher = PasswordHash.recommended()


def hashed(password: str) -> str:
    """Raises Refused(Invalid) for a password that is too short or too long."""
    if len(password) < SHORTEST:
        raise Refused(Invalid("The password is too short: at least %(least)s characters.", (("least", str(SHORTEST)),)))
    if len(password) > LONGEST:
        raise Refused(Invalid("The password is too long: at most %(most)s characters.", (("most", str(LONGEST)),)))
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether it is this password. Without a kept one (None, or "" of who was only invited) it takes as long."""
    if len(password) > LONGEST:
        password, kept = "", None
    fits = _hasher.verify(password, kept or _nobodys())
    return fits and bool(kept)


@lru_cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")

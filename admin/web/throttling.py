"""Guessing a password must cost: after some failures an address or a sender waits (rule 4 for the desk).

Held in memory, bounded, and for each process apart; holds no address in the clear. A wait never tells whether the
e-mail address has an account.
"""

import hashlib
import threading
from collections import OrderedDict
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
MOST_PAIR = 5  # failures of one address from one sender
MOST_EMAIL = 30  # of one address from anywhere: others cannot easily keep its owner out
MOST_SENDER = 50  # from one sender, which may be a whole school behind one line
MOST_KEPT = 20_000


class Throttle:
    """Counts failures within the last quarter of an hour."""

    def __init__(self) -> None:
        self._failures: OrderedDict[bytes, list[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, email: str, sender: str, now: datetime) -> timedelta:
        """How long this address must wait from here; zero when it may try."""
        with self._lock:
            waits = [self._wait(key, most, now) for key, most in _keys(email, sender)]
        return max(waits)

    def failed(self, email: str, sender: str, now: datetime) -> None:
        with self._lock:
            for key, most in _keys(email, sender):
                kept = [at for at in self._failures.pop(key, []) if at > now - WINDOW]
                self._failures[key] = [*kept, now][-most:]
            while len(self._failures) > MOST_KEPT:
                self._failures.popitem(last=False)

    def succeeded(self, email: str, sender: str) -> None:
        with self._lock:
            self._failures.pop(_keys(email, sender)[0][0], None)

    def _wait(self, key: bytes, most: int, now: datetime) -> timedelta:
        kept = [at for at in self._failures.get(key, []) if at > now - WINDOW]
        return kept[-most] + WINDOW - now if len(kept) >= most else timedelta()


def _keys(email: str, sender: str) -> tuple[tuple[bytes, int], ...]:
    email = email.strip().lower()
    return (
        (_key("pair", email, sender), MOST_PAIR),
        (_key("email", email), MOST_EMAIL),
        (_key("sender", sender), MOST_SENDER),
    )


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()[:16]

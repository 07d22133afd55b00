"""What may be booked, as pure rules: values and `now` in, None or a refusal out. No session, clock or text here."""

from datetime import datetime

from storage.refusals import Closed, NotYetOpen, Past, Refusal


def opening(opens: datetime, opens_early: datetime | None, *, large: bool) -> datetime:
    """From when this family may book: earlier for a large one (P7, rule 14)."""
    return opens_early if large and opens_early is not None and opens_early < opens else opens


def window(opens: datetime, closes: datetime, now: datetime) -> Refusal | None:
    """Sign-up is open from `opens` up to, not including, `closes` (rule 14)."""
    if now < opens:
        return NotYetOpen(opens)
    if now >= closes:
        return Closed(closes)
    return None


def begun(start: datetime, now: datetime) -> Refusal | None:
    """A talk that has begun is neither taken nor left."""
    return Past() if start <= now else None

"""What a form proposes before anything is typed: when sign-up opens and closes. Pure: wall times in, wall times out.

A proposal is only ever shown or said beforehand; whoever types something else has it so.
"""

from datetime import date, datetime, time, timedelta

OPENS_AT = time(19)  # parents are home, and nobody is told at work
CLOSES_AT = time(20)
DAYS_BEFORE = 2  # so long before the first evening teachers know their list


def opening(today: date) -> datetime:
    """The next school day at 19:00: Monday to Friday."""
    day = today + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime.combine(day, OPENS_AT)


def closing(first: datetime, opens: datetime) -> datetime:
    """Two days before the first talk at 20:00; where sign-up would not be open yet, at that talk itself."""
    proposed = datetime.combine(first.date() - timedelta(days=DAYS_BEFORE), CLOSES_AT)
    return proposed if proposed > opens else first

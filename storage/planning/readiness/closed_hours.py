"""Hours at which a school is closed: nights, weekends and the public holidays of the Netherlands. Pure.

Only ever a warning: a school may well receive parents on a Saturday. School holidays differ by region and are not here.
"""

from datetime import date, datetime, time, timedelta

MORNING, NIGHT = time(7), time(22, 30)
_AFTER_EASTER = (0, 1, 39, 49, 50)  # Easter and its Monday, Ascension, Whitsun and its Monday
_FIXED = ((1, 1), (5, 5), (12, 25), (12, 26))


def is_closed(start: datetime) -> bool:
    """Whether a talk that begins at this wall time would find the door locked."""
    return start.weekday() > 4 or not MORNING <= start.time() <= NIGHT or is_holiday(start.date())


def is_holiday(day: date) -> bool:
    """Whether a day is a public holiday of the Netherlands."""
    if (day.month, day.day) in _FIXED or day == _kings_day(day.year):
        return True
    return (day - easter(day.year)).days in _AFTER_EASTER


def easter(year: int) -> date:
    """Easter Sunday (the Gregorian rule of Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    return date(year, month, (h + weekday - 7 * m + 33 * month + 19) % 32)


def _kings_day(year: int) -> date:
    """27 April; the day before where that is a Sunday."""
    day = date(year, 4, 27)
    return day - timedelta(days=1) if day.weekday() == 6 else day

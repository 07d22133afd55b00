"""Two evenings of talks in the coming weeks, as the plannings file of a school. Sign-up is open now."""

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path

from admin.demo.names import TEACHERS
from admin.demo.pupils import GROUPS

CONFERENCE = "Voortgangsgesprekken"
HEADERS = (
    "ronde", "titel", "leerkrachten", "email", "groepen", "lokaal", "opmerkingen", "opent", "opent_vroeg", "sluit",
    "datum", "van", "tot", "minuten", "pauze_na", "pauze_minuten",
)  # fmt: skip
_TUESDAY = 1
_LEAST_DAYS = 12  # from today to the first evening
# Times of the evening, at which no clock is ever changed.
_OPENS, _CLOSES, _FROM, _UNTIL = time(19, 0), time(12, 0), time(18, 0), time(21, 0)


def evenings(today: date) -> tuple[date, date]:
    """A Tuesday and the Thursday after it."""
    first = today + timedelta(days=_LEAST_DAYS)
    first += timedelta(days=(_TUESDAY - first.weekday()) % 7)
    return first, first + timedelta(days=2)


def write(today: date, file: Path) -> None:
    """`today` is the school's day."""
    days = evenings(today)
    opens = datetime.combine(today - timedelta(days=2), _OPENS)
    early, closes = opens - timedelta(days=1), datetime.combine(days[0] - timedelta(days=2), _CLOSES)
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, delimiter=";")
        rows.writerow(HEADERS)
        for place, (group, (teachers, address)) in enumerate(zip(GROUPS, TEACHERS, strict=True)):
            about = [CONFERENCE, group.capitalize(), teachers, f"{address}@regenboog.example", group]
            about += [f"lokaal {place + 1}", "Neem gerust uw kind mee." if place >= 6 else ""]
            window = [f"{moment:%Y-%m-%d %H:%M}" for moment in (opens, early, closes)]
            for day in days:
                times = [f"{day:%Y-%m-%d}", f"{_FROM:%H:%M}", f"{_UNTIL:%H:%M}", "10", "6", "10"]
                rows.writerow([*about, *window, *times])

"""Dates as people write them, in six languages and a dozen notations, to a date (rule 2).

Day before month, always: a notation that could only be month before day is not understood, for in the same
list 05/03 would be taken wrongly in silence.
"""

import re
from datetime import date

from storage.values.alphabet import plain

_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan januari january januar janner janvier janv styczen stycznia sty ocak oca",
            "feb februari february februar fevrier fevr fev luty lutego lut subat sub",
            "mrt maart mar march marz maerz mrz mars marzec marca mart",
            "apr april avril avr kwiecien kwietnia kwi nisan nis",
            "mei may mai maj maja mayis",
            "jun juni june juin czerwiec czerwca cze haziran haz",
            "jul juli july juillet juil lipiec lipca lip temmuz tem",
            "aug augustus august aout aou sierpien sierpnia sie agustos agu",
            "sep sept september septembre wrzesien wrzesnia wrz eylul eyl",
            "okt oktober oct october octobre pazdziernik pazdziernika paz ekim eki",
            "nov november novembre listopad listopada lis kasim kas",
            "dec december decembre dez dezember grudzien grudnia gru aralik ara",
        ),
        start=1,
    )
    for name in names.split()
}
_PASSED_OVER = frozenset(["de", "of", "le", "st", "nd", "rd", "th", "er", "e", "ste"])
_TOKENS = re.compile(r"\d+|[^\W\d_]+")
_NUMERIC = re.compile(r"(\d{1,4})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{1,4})")
_CLOCK = re.compile(r"(?<=\d)[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?$")


def read_date(text: str) -> date | None:
    """The date that a text holds, or None. Two-digit years are 20..: the dates here are of children.

    Understands 3-5-2014, 03/05/14, 3.5.2014, 2014-05-03 (a clock time after it is passed over), 03052014,
    20140503, 030514, `3 mei 2014`, `3 mrt. '14`, `May 3rd, 2014`; months in nl, en, de, fr, pl, tr.
    """
    if len(text) > 60:
        return None
    ascii_text = plain(text)
    ascii_text = _CLOCK.sub("", ascii_text.strip())
    if ascii_text.isdigit():
        return _of_digits(ascii_text)
    match = _NUMERIC.fullmatch(ascii_text)
    if match:
        first, middle, last = match.groups()
        if len(first) == 4:
            return _date(first, int(middle), last) if len(last) <= 2 else None
        return _date(last, int(middle), first)
    return _with_a_word(ascii_text)


def _of_digits(digits: str) -> date | None:
    if len(digits) == 8:
        # Never both: the end of a year-first date read as a year lies before 1232.
        if digits[:2] in ("19", "20") and (found := _date(digits[:4], int(digits[4:6]), digits[6:])):
            return found
        return _date(digits[4:], int(digits[2:4]), digits[:2])
    if len(digits) == 6:
        return _date(digits[4:], int(digits[2:4]), digits[:2])
    return None


def _with_a_word(text: str) -> date | None:
    tokens = _TOKENS.findall(text.casefold())
    months = [_MONTHS[token] for token in tokens if token in _MONTHS]
    numbers = [token for token in tokens if token.isdigit()]
    strange = [token for token in tokens if not (token.isdigit() or token in _MONTHS or token in _PASSED_OVER)]
    if len(months) != 1 or len(numbers) != 2 or strange:
        return None
    day, year = numbers
    if len(day) == 4:
        day, year = year, day
    return _date(year, months[0], day)


def _date(year: str, month: int, day: str) -> date | None:
    if len(day) > 2 or len(year) not in (2, 4):
        return None
    full = int(year) + (2000 if len(year) == 2 else 0)
    try:
        found = date(full, month, int(day))
    except ValueError:
        return None
    return found if 1900 <= full <= 2100 else None

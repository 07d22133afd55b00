"""A group's name, as it is typed or imported, and when two of them are one (rule 26)."""

import re
from datetime import date

from storage.msgids import N_, pairs
from storage.values.dates import read_date
from storage.values.text import BadCell, LeftOut, says_nothing, tidy

LONGEST = 60  # as wide as the column
NO_GROUP = N_("There is no group: the child comes in without one.")
_MONTH_NAMED = re.compile(r"(\d{1,2})[- ./]?([a-zé]{3,9})\.?|([a-zé]{3,9})\.?[- ./]?(\d{1,2})", re.IGNORECASE)
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_THOUSANDS = re.compile(r"[1-9]0{3,}")
_WORD = re.compile(r"^(?:groep|klas|group|class)(?![a-z])\s*", re.IGNORECASE)


def groups(text: str) -> tuple[str, ...]:
    """One or more groups, separated by commas or semicolons; () for none. Raises BadCell, LeftOut.

    Refused is what a spreadsheet made of a group: a date (of 7-8 or 1/2), a power (of 5E3).
    """
    if says_nothing(text):
        raise LeftOut((), NO_GROUP)
    if _SHORTENED.fullmatch(text.strip()) and "+" in text:  # before a comma in it would make two of it
        reason = N_("A spreadsheet shortened this group to “%(value)s”: give the column the format Text.")
        raise BadCell(reason, pairs(value=text.strip()))
    names = (tidy(part, LONGEST) for part in re.split("[,;]", text))
    found = tuple(dict.fromkeys(name for name in names if name))
    for name in found:
        if was := taken_for_date(name):
            reason = N_("“%(value)s” is a date, not a group. Did a spreadsheet make it of %(was)s?")
            raise BadCell(reason, pairs(value=name, was=was))
    thousands = [name for name in found if _THOUSANDS.fullmatch(name)]
    if thousands:
        digit, zeros = thousands[0][0], len(thousands[0]) - 1
        raise LeftOut(
            found,
            N_("Is “%(value)s” a group? A spreadsheet makes it of %(was)s: the column needs the format Text then."),
            pairs(value=thousands[0], was=f"{digit}E{zeros}"),
        )
    return found


def taken_for_date(name: str) -> str:
    """`7-8` for `7-aug`, `8-jul` and `07-08-2026`, which a spreadsheet made of it; '' where a name is no date."""
    if name.isalpha() or not any(map(str.isdigit, name)):
        return ""
    found: date | None = None
    if match := _MONTH_NAMED.fullmatch(name):
        day, month = match[1] or match[4], match[2] or match[3]
        found = read_date(f"{day} {month} 2024")
    elif re.fullmatch(r"\d{4}-\d\d-\d\d(?: 00:00)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", name):
        found = read_date(name)
    if found is None:
        return ""
    low, high = sorted((found.day, found.month))
    return f"{low}-{high}"


def same_key(name: str) -> str:
    """What is equal for two ways to write one group: `01` and `1`, `Groep 5a`, `groep 5 A` and `5a`."""
    bare = " ".join(name.split()).casefold()
    short = _WORD.sub("", bare) or bare
    return re.sub(r"\d+", lambda digits: digits[0].lstrip("0") or "0", short.replace(" ", "").replace(".", ""))

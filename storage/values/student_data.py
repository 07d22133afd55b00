"""What the school knows of a child, as it is typed or imported, to checked values (rules 26, 28).

Each function takes one text and gives the value, '' (or None) for an empty text; it raises BadCell with the sentence
for the person who typed it. The usual forms are seen by one pattern each; what is left is looked at with care.
"""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from storage.msgids import N_, pairs
from storage.values import normalise
from storage.values.dates import read_date
from storage.values.text import BadCell, LeftOut, says_nothing, tidy, whole_number

LONGEST_NAME = 80
OLDEST = 25  # years; a birth date before that is a typing error
NO_FIRST_NAME = N_("The first name is missing.")
# Longest first, as they are sought at the beginning of a last name in any case of letters.
_WRITTEN_IN_DUTCH = """van; van der; van den; van de; van 't; van het; de; den; der; ter; ten; te; 't; in 't; in de;
    in den; in der; op de; op den; op der; op 't; op ten; aan de; aan den; aan der; aan 't; uit de; uit den;
    uit der; uit 't; bij de; bij den; bij 't; onder de; onder den; over de; over den; voor de; voor den; voor 't;
    voor in 't; tot de; achter de; boven de; buiten de; von; von der; von den; von dem; vom; zum; zur; vd; v.d.;
    v/d; v.; v.d; van d'; de la; d'"""
# These are whole names in other languages (Le Tran, Da Costa as one name): only when written small.
_SMALL_PREFIXES = "le; la; les; du; des; da; do; dos; das; di; del; della; dal; dalla; lo; el; al; bin; ben; van ’t"
_HARD_TO_TELL = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
# The usual forms are seen by one pattern each; what is left is looked at with care.
_USUAL_POSTCODE = re.compile(r"[1-9]\d{3} ?[A-Z]{2}", re.ASCII)
_PHONE = re.compile(r"[+0-9 ()./-]+")
_NUMBER = re.compile(r"(?<![0-9])(?:\+|\(?0|00)?[0-9](?:[ ().-]{0,3}[0-9]){5,14}(?![0-9])")
_WITH_ZONE = re.compile(r"\d{4}-\d\d-\d\d(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)", re.ASCII)
_SERIAL = re.compile(r"\d{5}")
_DAY_ZERO = date(1899, 12, 30)  # Excel's, from March 1900 on


def official_names(text: str) -> str:
    """Given names that nobody needs in full, for there is a call name: cut at a word. Raises BadCell, LeftOut."""
    try:
        return person_name(text)
    except BadCell:
        cut = tidy(text, 10 * LONGEST_NAME)[: LONGEST_NAME + 1].rpartition(" ")[0]
        if not cut or len(text) <= LONGEST_NAME:
            raise
    raise LeftOut(
        person_name(cut), N_("“%(value)s” is longer than %(most)s characters."), pairs(value=text, most=LONGEST_NAME)
    )


def person_name(text: str) -> str:
    """A first or call name, '' for `-` and `.`; a number is refused: the columns are then mapped wrongly."""
    found = tidy(text, LONGEST_NAME)
    if found in ("-", ".", "--", "?"):
        return ""
    if found and not found.isalpha() and not any(map(str.isalpha, found)):
        raise BadCell(N_("“%(value)s” is not a name."), pairs(value=found))
    return found


DUTCH_PREFIXES = frozenset(" ".join(prefix.split()) for prefix in _WRITTEN_IN_DUTCH.split(";"))
_SMALL = frozenset(prefix.strip() for prefix in _SMALL_PREFIXES.split(";"))


def split_last_name(text: str) -> tuple[str, str]:
    """`de Vries`, `Vries, de` and `Vries (de)` → ("de", "Vries"), prefix as it is written. Raises BadCell."""
    name = person_name(text)
    if name.isalpha():
        return "", name
    plain = name.replace("’", "'").replace("`", "'").replace("´", "'")
    last, comma, prefix = plain.removesuffix(")").partition("(" if plain.endswith(")") else ",")
    if comma:
        if _is_prefix(prefix.strip()):
            return prefix.strip(), last.strip()
        raise BadCell(
            N_("“%(value)s” holds more than a last name: put the first name in a column of its own."),
            pairs(value=name),
        )
    words = plain.split(" ")
    for count in range(min(3, len(words) - 1), 0, -1):
        prefix = " ".join(words[:count])
        if _is_prefix(prefix):
            return prefix, " ".join(words[count:])
    return "", name


def _is_prefix(text: str) -> bool:
    return text in _SMALL or text.casefold() in DUTCH_PREFIXES


def postcode(text: str) -> str:
    """`1234 ab` → `1234AB`; Belgian and German ones as they are; '' stays. Raises BadCell."""
    if _USUAL_POSTCODE.fullmatch(text):
        return text[:4] + text[-2:]
    text = whole_number(text.strip())
    if says_nothing(text):
        return ""
    found = normalise.postcode(text)
    if found is None:
        raise BadCell(N_("“%(value)s” is not a postcode."), pairs(value=text))
    return found


def house_number(text: str) -> str:
    """`12 A` → `12a` (see normalise.house_number); '' stays. Raises BadCell."""
    text = whole_number(text.strip())
    if says_nothing(text):
        return ""
    found = normalise.house_number(text)
    if found is None:
        raise BadCell(N_("“%(value)s” is not a house number."), pairs(value=text))
    return found


def birth_date(text: str, *, today: date, zone: ZoneInfo) -> date | None:
    """A child's birth date in any notation, Excel's day numbers included; None for ''. Raises BadCell.

    A moment with a zone is turned to the school's day: `2016-05-02T22:00Z` is 3 May in Amsterdam.
    """
    text = whole_number(text.strip())
    if says_nothing(text):
        return None
    found = day(text, zone)
    if found is None:
        raise BadCell(N_("“%(value)s” is not a date."), pairs(value=text))
    if found > today:
        raise BadCell(N_("The birth date %(value)s lies in the future."), pairs(value=found))
    if (found.year + OLDEST, found.month, found.day) < (today.year, today.month, today.day):
        raise BadCell(
            N_("The birth date %(value)s is more than %(years)s years ago."), pairs(value=found, years=OLDEST)
        )
    return found


def day(text: str, zone: ZoneInfo) -> date | None:
    """The school's day that a cell names in any notation; None where it names none."""
    if _SERIAL.fullmatch(text):
        return _DAY_ZERO + timedelta(days=int(text))
    if _WITH_ZONE.fullmatch(text):  # a day of some zone is that day: Python would make a clock time of the zone
        return _iso(text[:10])
    if _MOMENT.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(zone).date()
        except (ValueError, OverflowError):
            return None
    if len(text) == 10 and text[4] == text[7] == "-" and text.isascii():
        return _iso(text)
    return read_date(text)


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def student_number(text: str) -> str:
    """As it stands, zeros kept; `1234.0` → `1234`; '' stays. Raises BadCell."""
    found = whole_number(tidy(text, 32))
    if says_nothing(found):
        return ""
    if _HARD_TO_TELL.fullmatch(found):
        raise BadCell(
            N_("A spreadsheet shortened this number to “%(value)s”: give the column the format Text."),
            pairs(value=found),
        )
    if found and normalise.student_number(found) is None:
        raise BadCell(N_("“%(value)s” is not a student number."), pairs(value=found))
    return found


def phone(text: str) -> str:
    """A phone number as it is written, or ''; words beside it are passed over. Raises BadCell.

    Of several numbers the first: LeftOut says which were not taken.
    """
    found = whole_number(tidy(text, 200))
    if says_nothing(found):
        return ""
    if len(found) <= 40 and _PHONE.fullmatch(found) and 6 <= sum(map(str.isdigit, found)) <= 15:
        return found
    numbers: list[str] = [] if _HARD_TO_TELL.search(found) else [one.strip() for one in _NUMBER.findall(found)]
    if not numbers or len(numbers[0]) > 40:
        raise BadCell(N_("“%(value)s” is not one phone number."), pairs(value=found))
    if len(numbers) > 1:
        reason = N_("Of “%(value)s” only %(kept)s can be used.")
        raise LeftOut(numbers[0], reason, pairs(value=found, kept=numbers[0]))
    return numbers[0]


def number_key(text: str) -> str:
    """A student number to compare: without leading zeros, which Excel drops."""
    if text.isdecimal() and text.isascii():
        return text if text[0] != "0" else text.lstrip("0") or "0"
    return normalise.student_number(text) or ""

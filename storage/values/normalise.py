"""What a family types and what the school imported, brought to one form (rule 2).

Both sides go through the same function, so a change here makes stored secrets unusable: they are HMACs of
these values. Every function is idempotent, understands any text and raises nothing.
"""

import re
from collections.abc import Callable

from storage.values.alphabet import plain
from storage.values.dates import read_date

_LONGEST = 200
# A country's letters before a code are passed over; a place after it too. What is left decides.
_COUNTRY = re.compile(
    r"^(?:postcode|pc)?\W*(?:(?:a|at|b|be|ch|d|de|dk|f|fr|i|it|l|lu|nl|pl)\b[ -]*|(?:at|b|be|de|lu)(?=\d))?"
)
_DUTCH = re.compile(r"([1-9]\d{3}) ?([a-z]{2})(?:[ ,]+\D*)?")
_ABROAD = re.compile(r"(\d{4,5})(?:[ ,]+\D{3,})?")
_BRITISH = re.compile(r"[a-z]{1,2}\d[a-z0-9]?\d[a-z]{2}")
_PLACE = re.compile(r",[^0-9,]*$")
_HOUSE = re.compile(r"\d{1,5}(?:-?[0-9a-z]{1,8})*")
_NUMBER_WORDS = re.compile(r"\b(?:huisnummer|huisnr|nummer|number|nr|no)\b\.?")
_POSTCODE_FIRST = re.compile(r"([1-9]\d{3} ?[a-z]{2}(?![a-z])|\d{4,5}(?=[ ]))[ /-]*(\d.*)")
_POSTCODE_LAST = re.compile(r"(\d.*?)[ /-]+([1-9]\d{3} ?[a-z]{2}|\d{4,5})")


def name(text: str) -> str:
    """A name as letters and digits only: `Anne-Fleur`, `anne fleur` and `Annefleur` are one. Else ''."""
    if len(text) > _LONGEST:
        return ""
    if text.isascii():
        return text.lower() if text.isalnum() else "".join(filter(str.isalnum, text.lower()))
    # Twice: folding may leave a mark (İ) or a letter that itself falls apart.
    folded = plain(plain(text).casefold()).casefold()
    kept = "".join(filter(str.isalnum, folded))
    return kept if len(kept) <= _LONGEST else ""


def postcode(text: str) -> str | None:
    """`1234 ab`, `Postcode 1234AB, Utrecht` → `1234AB`; `B-2000` → `2000`; `SW1A 1AA` → `SW1A1AA`; else None."""
    if len(text) > _LONGEST:
        return None
    alone = name(text)
    if re.fullmatch(r"[1-9]\d{3}[a-z]{2}|\d{4,5}", alone):
        return alone.upper()
    words = " ".join(re.sub(r"[^0-9a-z, -]", " ", plain(text).lower()).split())
    if _BRITISH.fullmatch(words.replace(" ", "")):
        return words.replace(" ", "").upper()
    words = _COUNTRY.sub("", words, count=1)
    words = re.sub(r"(?<=\d{4})-(?=[a-z]{2}\b)", "", words).strip(" ,-")
    if match := _DUTCH.fullmatch(words):
        return (match[1] + match[2]).upper()
    match = _ABROAD.fullmatch(words)
    return match[1] if match else None


def house_number(text: str) -> str | None:
    """`12 A`, `12-a` → `12a`; `12-2`, `12 2`, `12/2` → `12-2` (not 122); must begin with a digit, else None."""
    if len(text) > _LONGEST:
        return None
    words = _NUMBER_WORDS.sub(" ", plain(text).lower())
    parts = re.findall(r"\d+|[a-z]+", words)
    joined = ""
    for part in parts:
        joined += f"-{part}" if joined and part[0].isdigit() and joined[-1].isdigit() else part
    joined = joined.lstrip("0")
    return joined if _HOUSE.fullmatch(joined) and len(joined) <= 12 else None


def postcode_house_number(text: str) -> str | None:
    """Postcode and house number in either order, however apart: `12-a, 1234 ab` → `1234AB 12a`; else None."""
    if len(text) > _LONGEST:
        return None
    words = _NUMBER_WORDS.sub(" ", _PLACE.sub("", plain(text).lower()))
    words = _COUNTRY.sub("", " ".join(re.sub(r"[^0-9a-z/-]", " ", words).split()), count=1)
    if match := _POSTCODE_FIRST.fullmatch(words):
        code, number = match.groups()
    elif match := _POSTCODE_LAST.fullmatch(words):
        number, code = match.groups()
    else:
        return None
    known_code, known_number = postcode(code), house_number(number)
    return f"{known_code} {known_number}" if known_code and known_number else None


def birth_date(text: str) -> str | None:
    """Any notation of a date (see dates.read_date) as `2014-05-03`; else None."""
    found = read_date(text)
    return found.isoformat() if found else None


def student_number(text: str) -> str | None:
    """Letters and digits only, without leading zeros: families leave them out, Excel drops them."""
    kept = name(text)
    return (kept.lstrip("0") or "0") if kept else None


def group(text: str) -> str:
    """A group's name without the word for it: `groep 6a`, `klas 6a` and `6A` are one. Else ''."""
    return name(re.sub(r"^\s*(?:groep|klas|group|class)(?![a-z])", "", text, flags=re.IGNORECASE)) or name(text)


def code(text: str) -> str | None:
    """A family's own code: letters and digits only, in capitals."""
    return name(text).upper() or None


_KINDS: dict[str, Callable[[str], str | None]] = {
    "name": lambda text: name(text) or None,
    "postcode": postcode,
    "house_number": house_number,
    "postcode_house_number": postcode_house_number,
    "birth_date": birth_date,
    "student_number": student_number,
    "code": code,
}


def normalise(kind: str, text: str) -> str | None:
    """The one form of a value of this kind (a SecretKind's value, `name` or `house_number`); None: no such value.

    Raises KeyError for a kind that does not exist.
    """
    return _KINDS[kind](text)

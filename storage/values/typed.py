"""What a parent typed as a secret: what it lacks to be one of a kind, and a name and a secret in one message (rule 4).

Looks at the text alone: what is said of it never tells whether a child is known.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from storage.values import normalise
from storage.values.alphabet import plain
from storage.words import SecretKind

_MOST_WORDS = 7  # of a name
SHORTEST_CODE, LONGEST_CODE = 8, 40  # letters and digits of a family's own code
_THREE_NUMBERS = re.compile(r"\D*\d{1,4}\D+\d{1,2}\D+\d{1,4}\D*|\D*\d{6}(?:\d{2})?\D*")
_BEFORE_SECRET = re.compile(r"(?:[\s,;:.-]|\b(?:postcode|pc|huisnummer|nr|geboren|op|code|nummer)\b)+$", re.IGNORECASE)
_COUNTRY = re.compile(r"(?<![^\W\d_])[A-Z]{1,2}[ -]?$")


class Lack(StrEnum):
    """What is missing for a text to be a secret of the kind that was asked."""

    POSTCODE = "postcode"
    HOUSE_NUMBER = "house_number"
    BOTH = "both"
    DATE = "date"
    REAL_DATE = "real_date"  # it has the look of a date, and there is no such day
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Lacking:
    """`example` is how it would be right, with what was typed in it where that is of use."""

    what: Lack
    example: str


def lacking(kind: SecretKind | None, text: str) -> Lacking | None:
    """None where the text could be of this kind, or a family's own code: then it may be tried, and counts."""
    found = _LACKING.get(kind, _nothing)(text) if kind else None
    if found is None or (could_be_code(text) and found.what not in (Lack.HOUSE_NUMBER, Lack.REAL_DATE)):
        return None
    return found


def could_be_code(text: str) -> bool:
    """Whether it has the length of a family's own code."""
    return SHORTEST_CODE <= len(normalise.code(text) or "") <= LONGEST_CODE


def name_and_secret(text: str) -> tuple[str, str] | None:
    """`Sanne, 1234 AB 12` → (`Sanne`, `1234 AB 12`); None where the text does not hold both."""
    first = next((place for place, letter in enumerate(text) if letter.isdigit()), None)
    if first is None:
        return None
    if country := _COUNTRY.search(text[:first]):
        first = country.start()
    name = _BEFORE_SECRET.sub("", text[:first])
    return (name, text[first:].strip()) if normalise.name(name) else None


def name_keys(text: str) -> tuple[str, ...]:
    """What a child may be found by: the first word, the first two …, the whole, for some type the last name too.

    Always as many (the last one again and again), so that a question asked with them tells nothing by its length.
    """
    words = [word for word in re.split(r"[\s-]+", text) if normalise.name(word)][: _MOST_WORDS - 1]
    keys = [normalise.name("".join(words[:number])) for number in range(1, len(words) + 1)]
    return (*keys, *[normalise.name(text)] * (_MOST_WORDS - len(keys)))


def _postcode(text: str) -> Lacking | None:
    known = normalise.postcode(text) or normalise.postcode_house_number(text)
    return None if known else Lacking(Lack.POSTCODE, "1234AB")


def _postcode_house_number(text: str) -> Lacking | None:
    if normalise.postcode_house_number(text):
        return None
    if code := normalise.postcode(text):
        return Lacking(Lack.HOUSE_NUMBER, f"{code} 12")
    if number := normalise.house_number(text):
        return Lacking(Lack.POSTCODE, f"1234AB {number}")
    return Lacking(Lack.BOTH, "1234AB 12")


def _birth_date(text: str) -> Lacking | None:
    if normalise.birth_date(text):
        return None
    looks_like_one = _THREE_NUMBERS.fullmatch(plain(text).strip())
    return Lacking(Lack.REAL_DATE if looks_like_one else Lack.DATE, "3-5-2017")


def _student_number(text: str) -> Lacking | None:
    return None if any(letter.isdigit() for letter in plain(text)) else Lacking(Lack.NUMBER, "")


def _nothing(_text: str) -> Lacking | None:
    return None


_LACKING = {
    SecretKind.POSTCODE: _postcode,
    SecretKind.POSTCODE_HOUSE_NUMBER: _postcode_house_number,
    SecretKind.BIRTH_DATE: _birth_date,
    SecretKind.STUDENT_NUMBER: _student_number,
}

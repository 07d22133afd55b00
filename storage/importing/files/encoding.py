"""Which letters the bytes of a text file are (rule 25): BOM, NULs, strict UTF-8, then cp1252 or cp850.

Never replaces or drops a byte: a name with a wrong letter is worse than a refusal.
"""

import codecs
import re

from storage.importing.files.limits import Unreadable
from storage.msgids import N_, pairs

# What the desk and the command line may ask for by hand.
ENCODINGS = (
    "utf-8",
    "cp1252",
    "cp850",
    "utf-16",
    "cp1254",
    "cp1250",
    "cp857",
    "cp852",
    "iso-8859-9",
    "mac-roman",
)

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HIGH = re.compile("[\x80-\xff]")
# How often a letter stands in names of Dutch schools; the two code pages are weighed by it.
_WEIGHTS = {
    letter: weight
    for letters, weight in (
        ("éë", 8),
        ("ïöüèçóá", 6),
        ("ÖÜÇÉ", 5),
        ("íâêôîûàäßñåøúıÓ", 4),
        ("ËÏÁÅØŠšŽž", 3),
        ("ãìòùæýÿÀÂÄÈÊÎÔÑ", 2),
        ("ÆÌÍÒÕÙÚÛÃÝðÐõþÞœŒŸ", 1),
    )
    for letter in letters
}
_VOWELS = frozenset("aeiouAEIOU")
_AFTER_A_VOWEL = {"ë": 4, "ï": 4, "Ë": 4, "Ï": 4, "ß": 3, "á": -2, "Ó": -2, "Ø": -2}
_PUNCTUATION = frozenset("‘’“”–—…€\xa0´«»°·¨•")


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Text of a file without its BOM, and the name of the encoding that was used.

    `encoding` (one of ENCODINGS) overrules the guess. Raises Unreadable.
    """
    if encoding is not None:
        return _by_hand(data, encoding)
    found = _by_bom(data) or _by_nuls(data)
    if found is None:
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            return _old_code_page(data)
    start, name = found
    try:
        return data[start:].decode(name), name
    except UnicodeDecodeError:
        raise _not(name) from None


def _not(name: str) -> Unreadable:
    return Unreadable(N_("The letters of this file are not %(encoding)s all through."), pairs(encoding=name))


def _by_hand(data: bytes, encoding: str) -> tuple[str, str]:
    name = encoding.strip().lower().replace("_", "-")
    if name not in ENCODINGS:
        known = ", ".join(ENCODINGS)
        raise Unreadable(
            N_("The encoding %(encoding)s is not known here. Choose one of: %(known)s."),
            (*pairs(encoding=encoding), ("known", known)),
        )
    if name == "utf-16" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    try:
        return data.decode(name).removeprefix("\ufeff"), name
    except UnicodeDecodeError:
        raise _not(name) from None


def _by_bom(data: bytes) -> tuple[int, str] | None:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return len(bom), name
    return None


def _by_nuls(data: bytes) -> tuple[int, str] | None:
    """UTF-16 without a BOM: every plain letter has a NUL beside it, always on the same side."""
    sample = data[:4096]
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    if first + second < len(sample) / 10 or not sample:
        return None
    return 0, "utf-16-be" if first > second else "utf-16-le"


def _old_code_page(data: bytes) -> tuple[str, str]:
    # cp850 gives each byte a letter, cp1252 leaves five out: a file with one of these is not cp1252.
    dos = data.decode("cp850")
    try:
        windows = data.decode("cp1252")
    except UnicodeDecodeError:
        return dos, "cp850"
    places = [match.start() for match in _HIGH.finditer(data.decode("latin-1"))]
    if _likelihood(dos, places) > _likelihood(windows, places):
        return dos, "cp850"
    return windows, "cp1252"


def _likelihood(text: str, places: list[int]) -> int:
    last = len(text) - 1
    return sum(
        _fit(text[place], text[place - 1] if place else " ", text[place + 1] if place < last else " ")
        for place in places
    )


def _fit(letter: str, before: str, after: str) -> int:
    """How well one letter stands between its neighbours: a capital inside a word hardly ever does."""
    weight = _WEIGHTS.get(letter)
    if weight is None:
        return _fit_of_a_sign(letter, before.isalpha(), after.isalpha())
    if before in _VOWELS:
        weight += _AFTER_A_VOWEL.get(letter, 0)
    if letter in "öÖ" and after in _VOWELS:
        weight -= 5
    if letter.isupper():
        return weight - 8 if before.islower() else weight
    if before.isupper() and after.isupper():
        return weight - 8
    if not before.isalpha() and after.isalpha():
        return weight - 4
    return weight


def _fit_of_a_sign(sign: str, after_a_letter: bool, before_a_letter: bool) -> int:
    if sign == "’":
        return 3 if before_a_letter else 0
    if sign not in _PUNCTUATION or (after_a_letter and before_a_letter):
        return -6
    return 0

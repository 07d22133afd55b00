"""Letters of any script to the plain ones that people type on a phone (rule 2).

Only for comparing and for reading dates and numbers: never shows or stores what it gives as a name.
"""

import unicodedata

# Letters that do not fall apart into a plain letter and a mark.
_APART = str.maketrans(
    {
        "ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D",
        "þ": "th", "Þ": "TH", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ħ": "h", "Ħ": "H", "ŧ": "t",
        "ŋ": "n", "ß": "ss", "ẞ": "SS", "ə": "e", "ʼ": "'", "ـ": "",
    }
)  # fmt: skip
_PARTS = ("Mn", "Me", "Cf", "Cc", "Cs")


def plain(text: str) -> str:
    """Text without accents, marks, control characters; digits of any script as 0–9, wide letters as plain.

    Spaces of any kind become one plain space each; other scripts keep their letters.
    """
    if text.isascii():
        return text if text.isprintable() else "".join(_one(letter) for letter in text)
    taken_apart = unicodedata.normalize("NFKD", text.translate(_APART))
    kept = "".join(_one(letter) for letter in taken_apart)
    return kept.translate(_APART)


def _one(letter: str) -> str:
    if letter.isprintable() and letter.isascii():
        return letter
    if letter.isspace():
        return " "
    category = unicodedata.category(letter)
    if category in _PARTS:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    return letter

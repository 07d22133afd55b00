"""Checks of what is typed about conferences and plannings; tables check nothing themselves.

Pure: text in, cleaned text out, or Refused(Invalid) with a sentence that names the field.
"""

from datetime import datetime

from storage.refusals import Invalid, Refused


def text_of(text: str, field: str, most: int, *, needed: bool = True, lines: bool = False) -> str:
    """The text without control characters and stray spaces; line ends stay where `lines` may be (G14).

    `field` is an English msgid, translated at the edge like the sentence itself.
    """
    cleaned = "".join(letter if letter.isprintable() or (lines and letter == "\n") else " " for letter in text)
    if lines:
        cleaned = "\n".join(" ".join(line.split()) for line in cleaned.split("\n")).strip()
    else:
        cleaned = " ".join(cleaned.split())
    if needed and not cleaned:
        raise Refused(Invalid("%(field)s is missing.", (("field", field),)))
    if len(cleaned) > most:
        raise Refused(Invalid("%(field)s is longer than %(most)s characters.", (("field", field), ("most", str(most)))))
    return cleaned


def whole_number(number: int, field: str, least: int, most: int) -> int:
    """The number, where it is from `least` to `most`. Raises Refused(Invalid), which names the field."""
    if not least <= number <= most:
        values = (("field", field), ("least", str(least)), ("most", str(most)))
        raise Refused(Invalid("%(field)s must be from %(least)s to %(most)s.", values))
    return number


def window(opens: datetime, opens_early: datetime | None, closes: datetime) -> None:
    """Sign-up opens before it closes, and earlier is not later (D13)."""
    if closes <= opens:
        raise Refused(Invalid("Sign-up must close after it opens."))
    if opens_early is not None and opens_early > opens:
        raise Refused(Invalid("The earlier opening for large families must not be later than the opening."))

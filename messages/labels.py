"""What is said of students, families and files: the fields, the kinds of secret, and why a row or a choice is refused.

Sentences for the desk and the command line alike; it decides nothing.
"""

from collections.abc import Mapping
from dataclasses import replace

from messages.text import Words
from storage.families.proposals import Why
from storage.importing.files.limits import RowError, Unreadable
from storage.msgids import N_
from storage.words import SecretKind

KINDS: Mapping[SecretKind, str] = {
    SecretKind.POSTCODE: N_("postcode"),
    SecretKind.POSTCODE_HOUSE_NUMBER: N_("postcode and house number"),
    SecretKind.BIRTH_DATE: N_("date of birth"),
    SecretKind.STUDENT_NUMBER: N_("student number"),
    SecretKind.CODE: N_("own code"),
}
FIELDS: Mapping[str, str] = {
    "first_name": N_("first name"),
    "prefix": N_("prefix"),
    "last_name": N_("last name"),
    "call_name": N_("call name"),
    "leaves": N_("left the school on"),
    "postcode": N_("postcode"),
    "house_number": N_("house number"),
    "birth_date": N_("date of birth"),
    "student_number": N_("student number"),
    "group": N_("group"),
    "email": N_("e-mail address"),
    "phone": N_("telephone"),
    "left": N_("is back at school"),
    "conference": N_("conference"),
    "title": N_("title"),
    "teachers": N_("teachers"),
    "groups": N_("groups"),
    "room": N_("room"),
    "remarks": N_("remarks"),
    "opens": N_("sign-up opens"),
    "opens_early": N_("opens early"),
    "closes": N_("sign-up closes"),
    "date": N_("date"),
    "from": N_("from"),
    "until": N_("until"),
    "minutes": N_("minutes"),
    "break_after": N_("break after"),
    "break_minutes": N_("break minutes"),
}
# Code pages by the words that a person may know them by; "letters" is what the page calls them.
ENCODINGS: Mapping[str, str] = {
    "utf-8": N_("UTF-8 (usual)"),
    "cp1252": N_("Windows, Western Europe"),
    "cp850": N_("DOS, Western Europe"),
    "utf-16": N_("UTF-16"),
    "cp1254": N_("Windows, Turkish"),
    "cp1250": N_("Windows, Central Europe"),
    "cp857": N_("DOS, Turkish"),
    "cp852": N_("DOS, Central Europe"),
    "iso-8859-9": N_("ISO 8859-9, Turkish"),
    "mac-roman": N_("Macintosh, old"),
}
SEPARATORS: Mapping[str, str] = {
    ";": N_("semicolon ( ; )"),
    "\t": N_("tab"),
    ",": N_("comma ( , )"),
    "|": N_("bar ( | )"),
}
WHYS: Mapping[Why, str] = {
    Why.HOUSE_NUMBER: N_("Same last name and postcode, but not every house number is known. One family or not?"),
    Why.ONE_NAME: N_("A child with one name, so nothing tells which family it belongs to. It has a family of its own."),
    Why.POSTCODE: N_("No postcode, so nothing tells which family they belong to. Each has a family of its own."),
    Why.BY_HAND: N_("Same last name and address as a family that was changed by hand. One family or not?"),
    Why.MORE_FAMILIES: N_("Same last name and address in more than one family. One family or not?"),
}


def kind(of: SecretKind, words: Words) -> str:
    """`postcode and house number`, for the middle of a sentence."""
    return words.say(KINDS[of])


def field(name: str, words: Words) -> str:
    """A field of a file in the reader's words; one that we have no word for as it is."""
    return words.say(FIELDS[name]) if name in FIELDS else name


def encoding(name: str, words: Words) -> str:
    """What the letters of a file are called; `utf-16-le` and the like by their family."""
    known = next((one for one in ENCODINGS if name.startswith(one)), name)
    return words.say(ENCODINGS[known]) if known in ENCODINGS else name.upper()


def separator(sign: str, words: Words) -> str:
    """What a separator of columns is called; the sign itself where it has no name."""
    return words.say(SEPARATORS[sign]) if sign in SEPARATORS else sign


def unreadable(error: Unreadable, words: Words) -> str:
    """Why a whole file is refused."""
    return words.say(error.reason, **_filled(error.values, words))


def row(error: RowError, words: Words) -> str:
    """`Line 5, geboortedatum: “gisteren” is not a date.`; of a workbook of more sheets with the sheet before it."""
    reason = words.say(error.reason, **_filled(error.values, words))
    if error.tab:
        return f"{error.tab} · {row(replace(error, tab=''), words)}"
    if not error.line:
        return reason
    if error.column is None:
        return words.say("Line %(line)s: %(reason)s", line=error.line, reason=reason)
    return words.say("Line %(line)s, %(column)s: %(reason)s", line=error.line, column=error.column, reason=reason)


def _filled(values: tuple[tuple[str, str], ...], words: Words) -> dict[str, str]:
    """Values of a reason; what names a field is translated too."""
    filled = dict(values)
    if "what" in filled:
        filled["what"] = field(filled["what"], words)
    for names in ("fields", "columns"):
        if names in filled:
            filled[names] = ", ".join(field(name, words) for name in filled[names].split(", "))
    return filled

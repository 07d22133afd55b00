"""A sheet of students to checked rows (rules 26–29): what each field may be, and the sentence when it is not.

Reads no forbidden column, changes nothing, knows no database.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import repeat
from typing import NamedTuple

from storage.importing.checks import (
    USUAL_EMAIL,
    BadCell,
    Read,
    Table,
    email,
    list_of,
    needed,
    table,
    tidy,
    whole_number,
)
from storage.importing.columns import STUDENT_FIELDS, checked
from storage.importing.reading import Sheet
from storage.importing.reasons import N_, Unreadable, pairs
from storage.people import normalise
from storage.people.dates import read_date

OLDEST = 25  # years; a birth date before that is a typing error

NO_FIRST_NAME = N_("The first name is missing.")
NO_LAST_NAME = N_("The last name is missing.")
NO_GROUP = N_("The group is missing.")
NO_GROUPS: tuple[str, ...] = ()
_NO_COLUMN = {
    "first_name": N_("No column holds the first name."),
    "last_name": N_("No column holds the last name."),
    "group": N_("No column holds the group."),
}
# Longest first, as they are sought at the beginning of a last name in any case of letters.
_DUTCH_PREFIXES = """van; van der; van den; van de; van 't; van het; de; den; der; ter; ten; te; 't; in 't; in de;
    in den; in der; op de; op den; op der; op 't; op ten; aan de; aan den; aan der; aan 't; uit de; uit den;
    uit der; uit 't; bij de; bij den; bij 't; onder de; onder den; over de; over den; voor de; voor den; voor 't;
    voor in 't; tot de; achter de; boven de; buiten de; von; von der; von den; von dem; vom; zum; zur; vd; v.d.;
    v/d; v.; v.d; van d'; de la; d'"""
# These are whole names in other languages (Le Tran, Da Costa as one name): only when written small.
_SMALL_PREFIXES = "le; la; les; du; des; da; do; dos; das; di; del; della; dal; dalla; lo; el; al; bin; ben; van ’t"
_HARD_TO_TELL = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
# The usual forms are seen by one pattern each; what is left is looked at with care.
_USUAL_POSTCODE = re.compile(r"[1-9]\d{3} ?[A-Z]{2}", re.ASCII)
_USUAL_NUMBER = re.compile(r"[0-9A-Za-z]{1,32}")
_USUAL_PHONE = re.compile(r"0\d{1,3}-?\d{6,8}", re.ASCII)
_PHONE = re.compile(r"[+0-9 ()./-]+")
_SERIAL = re.compile(r"\d{5}")
_DAY_ZERO = date(1899, 12, 30)  # Excel's, from March 1900 on


class StudentRow(NamedTuple):
    """One student as the file has it, checked. Texts are '' and `birth_date` None where the file says nothing.

    A named tuple, not a dataclass: 50,000 of them are made from columns without running any Python.
    """

    line: int
    first_name: str
    prefix: str
    last_name: str
    postcode: str
    house_number: str
    birth_date: date | None
    student_number: str
    groups: tuple[str, ...]
    email: str
    phone: str
    call_name: str


def student_rows(sheet: Sheet, mapping: Mapping[str, str], today: date) -> Read[StudentRow]:
    """Checked students and the errors of the rows that were refused. `mapping`: header → student field.

    `today` is the school's day: nobody is born after it. Raises Unreadable when the mapping itself is wrong
    or a needed field (first name, last name, group) has no column.
    """
    chosen = checked(sheet.headers, mapping, STUDENT_FIELDS, sheet.doubled)
    fields = set(chosen.values())
    if fields & {"first_name", "call_name"} == {"call_name"}:
        chosen = {header: "first_name" if to == "call_name" else to for header, to in chosen.items()}
        fields = set(chosen.values())
    for name, reason in _NO_COLUMN.items():
        if name not in fields:
            raise Unreadable(reason)
    sheet_table = table(sheet, chosen)
    columns = _columns(sheet_table, today)
    # What StudentRow(*values) does, 50,000 times, without its Python frame.
    rows = map(tuple.__new__, repeat(StudentRow), zip(*columns, strict=True))
    return sheet_table.read(rows)


def _columns(sheet: Table, today: date) -> tuple[Sequence[object], ...]:
    """The columns of StudentRow, in its order."""
    prefixes, last_names = _last_names(sheet)
    call_names = sheet.check("call_name", person_name, "")
    return (
        sheet.lines,
        _first_names(sheet, call_names),
        prefixes,
        last_names,
        sheet.check("postcode", postcode, ""),
        sheet.check("house_number", house_number, ""),
        sheet.check("birth_date", partial(birth_date, today=today), None),
        sheet.check("student_number", student_number, "", _USUAL_NUMBER),
        sheet.check("group", needed(groups, NO_GROUP), NO_GROUPS),
        sheet.check("email", email, "", USUAL_EMAIL),
        sheet.check("phone", phone, "", _USUAL_PHONE),
        call_names,
    )


def _first_names(sheet: Table, call_names: list[str]) -> list[str]:
    if "call_name" not in sheet.places:
        return sheet.check("first_name", needed(person_name, NO_FIRST_NAME), "")
    names = sheet.check("first_name", person_name, "")
    names = [name or call_name for name, call_name in zip(names, call_names, strict=True)]
    if "" in names:
        for row, name in enumerate(names):
            if not name and row not in sheet.refused:
                sheet.refuse(row, "first_name", NO_FIRST_NAME)
    return names


def _last_names(sheet: Table) -> tuple[list[str], list[str]]:
    apart = sheet.check("last_name", needed(split_last_name, NO_LAST_NAME), ("", ""))
    prefixes, last_names = [found for found, _ in apart], [last for _, last in apart]
    if "prefix" not in sheet.places:
        return prefixes, last_names
    given = sheet.check("prefix", lambda text: tidy(text, 25), "")
    for row, found in enumerate(prefixes):
        if found and given[row]:
            given[row], last_names[row] = _with_prefix(given[row], found, last_names[row])
        elif found:
            given[row] = found
    return given, last_names


def _with_prefix(given: str, found: str, last_name: str) -> tuple[str, str]:
    """A prefix in its own column, and what stood before the last name: the same one, its end, or another."""
    small, end = given.casefold(), found.casefold()
    if small == end or small.endswith(f" {end}"):
        return given, last_name
    if f"{small} {end}" in _ANY_CASE:
        return f"{given} {found}", last_name
    return given, f"{found} {last_name}"


def person_name(text: str) -> str:
    """A first or call name; a number is refused: the columns are then mapped wrongly."""
    found = tidy(text, 80)
    if found and not found.isalpha() and not any(map(str.isalpha, found)):
        raise BadCell(N_("“%(value)s” is not a name."), pairs(value=found))
    return found


_ANY_CASE = frozenset(" ".join(prefix.split()) for prefix in _DUTCH_PREFIXES.split(";"))
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
    return text in _SMALL or text.casefold() in _ANY_CASE


def postcode(text: str) -> str:
    """`1234 ab` → `1234AB`; Belgian and German ones as they are; '' stays. Raises BadCell."""
    if _USUAL_POSTCODE.fullmatch(text):
        return text[:4] + text[-2:]
    text = whole_number(text.strip())
    if not text:
        return ""
    found = normalise.postcode(text)
    if found is None:
        raise BadCell(N_("“%(value)s” is not a postcode."), pairs(value=text))
    return found


def house_number(text: str) -> str:
    """`12 A` → `12a` (see normalise.house_number); '' stays. Raises BadCell."""
    text = whole_number(text.strip())
    if not text:
        return ""
    found = normalise.house_number(text)
    if found is None:
        raise BadCell(N_("“%(value)s” is not a house number."), pairs(value=text))
    return found


def birth_date(text: str, *, today: date) -> date | None:
    """A child's birth date in any notation, Excel's day numbers included; None for ''. Raises BadCell."""
    text = whole_number(text.strip())
    if not text:
        return None
    if _SERIAL.fullmatch(text):
        found: date | None = _DAY_ZERO + timedelta(days=int(text))
    elif len(text) == 10 and text[4] == text[7] == "-" and text.isascii():
        found = _iso(text)
    else:
        found = read_date(text)
    if found is None:
        raise BadCell(N_("“%(value)s” is not a date."), pairs(value=text))
    if found > today:
        raise BadCell(N_("The birth date %(value)s lies in the future."), pairs(value=found))
    if (found.year + OLDEST, found.month, found.day) < (today.year, today.month, today.day):
        raise BadCell(
            N_("The birth date %(value)s is more than %(years)s years ago."), pairs(value=found, years=OLDEST)
        )
    return found


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def student_number(text: str) -> str:
    """As it stands, zeros kept; `1234.0` → `1234`; '' stays. Raises BadCell."""
    found = whole_number(tidy(text, 32))
    if _HARD_TO_TELL.fullmatch(found):
        raise BadCell(
            N_("A spreadsheet shortened this number to “%(value)s”: give the column the format Text."),
            pairs(value=found),
        )
    if found and normalise.student_number(found) is None:
        raise BadCell(N_("“%(value)s” is not a student number."), pairs(value=found))
    return found


def groups(text: str) -> tuple[str, ...]:
    """One or more groups, separated by commas; at least one. Raises BadCell."""
    found = list_of(text, 40)
    if not found:
        raise BadCell(NO_GROUP)
    return found


def phone(text: str) -> str:
    """A phone number as it is written, or ''. Raises BadCell."""
    found = whole_number(tidy(text, 40))
    if found and not (_PHONE.fullmatch(found) and 6 <= sum(map(str.isdigit, found)) <= 15):
        raise BadCell(N_("“%(value)s” is not one phone number."), pairs(value=found))
    return found

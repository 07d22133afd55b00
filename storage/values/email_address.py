"""What a mail address is, wherever one is typed, pasted or imported: of a family, a student, a teacher, of staff.

One plausible address: letters, digits and the usual signs of ASCII before the @, a domain with a dot behind it. A
domain may have letters of any alphabet, for it has a form in ASCII that every mail server takes (`ascii_form`); before
the @ there is no such form, and most servers refuse it. Whether the address exists, the mail server knows.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

from storage.msgids import N_, pairs
from storage.refusals import Invalid, Refused
from storage.values.text import BadCell, LeftOut, says_nothing, tidy

LONGEST = 254
# Most addresses, told at a glance; the rule takes each of them.
USUAL_EMAIL = re.compile(r"(?=.{6,64}\Z)\w+(?:[.+-]\w+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}", re.ASCII)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_SEPARATORS = re.compile(r"[;,/|]+|\s(?:en|and|&)\s")
_IN_BRACKETS = re.compile(r"<([^<>]*@[^<>]*)>")
_BESIDE = re.compile(r"\([^()@]*\)|^[^:@]{1,30}:")
_LOCAL = re.compile(rf"(?=.{{1,64}}\Z){_ATOM}(?:\.{_ATOM})*")


def email(text: str) -> str:
    """One plausible e-mail address as it was typed, or '' for an empty text. Raises BadCell."""
    address = tidy(text, LONGEST)
    if not address or USUAL_EMAIL.fullmatch(address):
        return address
    local, _, domain = address.rpartition("@")
    if not _domain(domain) or not local or "@" in local:
        raise BadCell(N_("“%(value)s” is not one e-mail address."), pairs(value=address))
    if not local.isascii():
        raise BadCell(
            N_("“%(value)s” has a letter with an accent before the @: mail cannot be sent there."), pairs(value=address)
        )
    if not _LOCAL.fullmatch(local):
        raise BadCell(N_("“%(value)s” is not one e-mail address."), pairs(value=address))
    return address


def emails(text: str) -> str:
    """Every address of a cell, as `anna@x.example, bo@y.example`: two parents', `Anna <anna@x.example>`.

    '' where a cell says nothing. Raises BadCell, or LeftOut where only some of it are addresses.
    """
    if not text or USUAL_EMAIL.fullmatch(text):
        return text
    if says_nothing(text):
        return ""
    found: dict[str, str] = {}
    bad: list[str] = []
    for address in _addresses(tidy(text, 1000)):
        try:
            found.setdefault(email(address).casefold(), address)
        except BadCell:
            bad.append(address)
    kept = ", ".join(found.values())
    while len(kept) > LONGEST:
        bad.append(found.popitem()[1])
        kept = ", ".join(found.values())
    if not found:
        email(text)  # says what is wrong with the one that there is
        raise BadCell(N_("“%(value)s” is not one e-mail address."), pairs(value=text))
    if bad:
        reason = N_("Of “%(value)s” only %(kept)s can be used.")
        raise LeftOut(kept, reason, pairs(value=", ".join(bad), kept=kept))
    return kept


def _addresses(text: str) -> Iterator[str]:
    """What stands in a cell between its separators: without `moeder:`, `(oma)` and the name before `<…>`."""
    for part in _SEPARATORS.split(text):
        if match := _IN_BRACKETS.search(part):
            yield match[1].strip()
            continue
        bare = _BESIDE.sub(" ", part.replace("mailto:", "")).strip(" '\"[]<>").rstrip(".")
        words = bare.split()
        if words and all("@" in word for word in words):
            yield from words
        elif "@" in bare:
            yield bare  # `jan jansen@x.nl` may be anybody's


def each(kept: str) -> tuple[str, ...]:
    """The addresses of a student or a family, one by one, as `emails` puts them together."""
    return tuple(kept.split(", ")) if kept else ()


def typed_emails(text: str) -> str:
    """As `emails`, for a field of a form, where nothing is left out. Raises Refused(Invalid)."""
    try:
        return emails(text.strip())
    except BadCell as bad:
        raise Refused(Invalid(bad.reason, bad.values)) from None


def typed_email(text: str) -> str:
    """As `email`, for a field of a form. Raises Refused(Invalid)."""
    try:
        return email(text.strip())
    except BadCell as bad:
        raise Refused(Invalid(bad.reason, bad.values)) from None


def ascii_form(address: str) -> str:
    """The address as mail servers take it: `anna@xn--mller-kva.example`. What is no domain stays as it is."""
    if address.isascii():
        return address
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{_domain(domain) or domain}"


def _domain(domain: str) -> str:
    """A domain with a dot in its ASCII form, or ''.

    Letters that this form would turn into others (`ß` into `ss`) are refused: that is another domain.
    """
    labels = domain.split(".")
    if len(labels) < 2 or not all(_label(label) for label in labels):
        return ""
    with suppress(UnicodeError):
        form = domain.lower().encode("idna")
        return form.decode("ascii") if form.decode("idna") == domain.lower() else ""
    return ""


def _label(label: str) -> bool:
    return label.replace("-", "").isalnum() and label.strip("-") == label

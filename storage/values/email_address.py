"""What a mail address is, wherever one is typed, pasted or imported: of a family, a student, a teacher, of staff.

One plausible address: letters, digits and the usual signs of ASCII before the @, a domain with a dot behind it. A
domain may have letters of any alphabet, for it has a form in ASCII that every mail server takes (`ascii_form`); before
the @ there is no such form, and most servers refuse it. Whether the address exists, the mail server knows.
"""

import re
from contextlib import suppress

from storage.msgids import N_, pairs
from storage.refusals import Invalid, Refused
from storage.values.text import BadCell, tidy

LONGEST = 254
# Most addresses, told at a glance; the rule takes each of them.
USUAL_EMAIL = re.compile(r"(?=.{6,64}\Z)\w+(?:[.+-]\w+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}", re.ASCII)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
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


def typed_email(text: str) -> str:
    """The same for a field of a form. Raises Refused(Invalid)."""
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

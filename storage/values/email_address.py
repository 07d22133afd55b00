"""What a mail address is, wherever one is typed or imported."""

import re

from storage.msgids import N_, pairs
from storage.values.text import BadCell, tidy

USUAL_EMAIL = re.compile(r"(?=.{6,64}\Z)\w+(?:[.+-]\w+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}", re.ASCII)


def email(text: str) -> str:
    """One plausible e-mail address, or ''. Raises BadCell."""
    address = tidy(text, 254)
    if not address:
        return ""
    local, at, domain = address.rpartition("@")
    labels = domain.split(".")
    plausible = (
        at
        and 0 < len(local) <= 64
        and len(labels) > 1
        and all(labels)
        and not set(address) & set(' ,;:<>()[]"\\')
        and "@" not in local
        and not (local.startswith(".") or local.endswith(".") or ".." in local)
        and all(label.replace("-", "").isalnum() and label.strip("-") == label for label in labels)
    )
    if not plausible:
        raise BadCell(N_("“%(value)s” is not one e-mail address."), pairs(value=address))
    return address

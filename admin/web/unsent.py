"""A form that came when its sender was no longer signed in: what was typed goes through the sign-in, and then on.

Nothing is kept here: the pages of the sign-in carry it as a hidden field, and after it a page shows what was typed and
sends it by a button. Never a password or a code, nor a file; nor anything of a browser that does not say itself that
the form was of our own site (G7).
"""

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request

from admin.web.desk import inner_path
from admin.web.middleware import MOST_FIELDS
from messages.web_safety import says_ours

MOST = 200_000  # characters
TELLING = 12  # shorter than this is a number or a date, and is not shown again
_NEVER = {"password", "now", "new", "code", "file", "csrf"}
Unsent = Annotated[str, Form(max_length=MOST)]


@dataclass(frozen=True, slots=True)
class UnsentForm:
    """Where it was going, and its fields in order."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """What a person would be sorry to type again."""
        return tuple(value for _, value in self.fields if len(value) > TELLING and not value.isdigit())


async def pack(request: Request) -> str:
    """The form of this request as one text, or '' where there is nothing that may be carried."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    kind = request.headers.get("content-type", "")
    if (
        not says_ours(request.headers)
        or not kind.startswith("application/x-www-form-urlencoded")
        or path != inner_path(path)
    ):
        return ""
    pairs = (await request.form(max_fields=MOST_FIELDS)).multi_items()
    fields = [(name, value) for name, value in pairs if isinstance(value, str) and name != "csrf"]
    if not fields or any(name in _NEVER for name, _ in fields):
        return ""
    packed = json.dumps([path, fields], ensure_ascii=False)
    return packed if len(packed) <= MOST else ""


def unpack(packed: str) -> UnsentForm | None:
    """What `pack` made; None for anything else."""
    try:
        path, fields = json.loads(packed)
        pairs = tuple((name, value) for name, value in fields)
    except (ValueError, TypeError):
        return None
    if not isinstance(path, str) or path != inner_path(path):
        return None
    if not all(isinstance(part, str) for pair in pairs for part in pair) or any(name in _NEVER for name, _ in pairs):
        return None
    return UnsentForm(path, pairs)

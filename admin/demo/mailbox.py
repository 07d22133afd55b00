"""Reading the demo's folder of sent mails (.eml files). Reads no other file, and trusts nothing in them."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

MOST_SHOWN = 200
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,120}\.eml")


@dataclass(frozen=True, slots=True)
class MailboxFile:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    name: str  # of its file
    to: str
    subject: str
    sent: datetime | None
    text: str
    attachments: tuple[MailboxFile, ...]


def newest(folder: Path) -> tuple[Mail, ...]:
    """The last mails, the newest first."""
    if not folder.is_dir():
        return ()
    files = sorted(folder.glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    return tuple(found for file in files[:MOST_SHOWN] if (found := read(folder, file.name)) is not None)


def read(folder: Path, name: str) -> Mail | None:
    """One mail, or None where there is none of that name."""
    file = folder / name
    if not _NAME.fullmatch(name) or not file.is_file():
        return None
    message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    return Mail(
        name,
        str(message.get("To", "")),
        str(message.get("Subject", "")),
        _moment(message),
        str(body.get_content()) if body is not None else "",
        tuple(_attachment(part) for part in message.iter_attachments()),
    )


def _attachment(part: EmailMessage) -> MailboxFile:
    content = part.get_content()
    return MailboxFile(part.get_filename() or "", content if isinstance(content, bytes) else str(content).encode())


def _moment(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return None

"""Mail: writing a letter safely, and the transports that carry it.

A name, subject or address with a line end is refused: it could make headers (rule 24, G14). A letter keeps its
Message-ID however often it is sent, so that a mail server or reader can tell a duplicate.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from messages.channels.troubles import NoAddress
from messages.notices import MailText
from storage.refusals import Invalid, Refused
from storage.settings import WrongSettings
from storage.values.email_address import ascii_form

_PATIENCE_SECONDS = 30.0
_FRESH_SECONDS = 5.0  # a connection that rested longer is asked whether it still lives


class Transport(Protocol):
    """Carries one message, or raises: see `troubles`."""

    async def send(self, message: EmailMessage) -> None: ...

    async def close(self) -> None: ...


def write(
    letter: MailText, *, sender: str, sender_name: str, to: Sequence[str], number: str, now: datetime
) -> EmailMessage:
    """The message: text, HTML beside it, and the calendar file where it tells of a booking.

    `sender` is MAIL_FROM, shown under the school's name; `number` makes the Message-ID, `<number@host>`. Of several in
    `to`, who cannot be written to does not keep it from the others. Raises Refused(Invalid) for a line end in a name,
    subject or address and for a sender that is none; NoAddress where nobody of `to` can be written to.
    """
    from_address = ascii_form(parseaddr(sender)[1])
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = _address(from_address, sender_name)
        message["To"] = _addresses(to)
        message["Subject"] = _one_line(letter.subject)
    except (ValueError, MessageError, IndexError) as error:
        raise Refused(Invalid("That is not a mail address.")) from error
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{_one_line(number)}@{from_address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    if letter.calendar is not None:
        file = letter.calendar
        kind = {"method": file.method, "charset": "utf-8"}
        message.add_attachment(file.content, maintype="text", subtype="calendar", filename=file.name, params=kind)
    return message


def _addresses(to: Sequence[str]) -> tuple[Address, ...]:
    found = []
    for one in to:
        with contextlib.suppress(ValueError, MessageError, IndexError):
            found.append(_address(one))
    if not found:
        raise NoAddress
    return tuple(found)


def _address(address: str, name: str = "") -> Address:
    return Address(display_name=_one_line(name), addr_spec=ascii_form(_one_line(address)))


def _one_line(text: str) -> str:
    if len(text.splitlines()) > 1 or text != text.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"):
        raise Refused(Invalid("A name, a subject or an address cannot hold a line end."))
    return text


class Smtp:
    """A mail server by its address: `smtp://user:password@host:587` (STARTTLS where offered) or `smtps://…`.

    One connection, reused; one message at a time. Raises WrongSettings for an address that is none.
    """

    def __init__(self, url: str, *, patience: float = _PATIENCE_SECONDS) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise WrongSettings("SMTP_URL is not an address.") from None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise WrongSettings("SMTP_URL must begin with smtp:// or smtps:// and name a host.")
        secure = parts.scheme == "smtps"
        self._client = aiosmtplib.SMTP(
            hostname=parts.hostname,
            port=port or (465 if secure else 587 if parts.username else 25),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=secure,
            start_tls=False if secure else None,
            timeout=patience,
            tls_context=ssl.create_default_context(),
        )
        self._longest = 3 * patience  # for all the steps of one message
        self._one = asyncio.Lock()
        self._used = 0.0

    async def send(self, message: EmailMessage) -> None:
        async with self._one:
            try:
                async with asyncio.timeout(self._longest):
                    await self._connected()
                    await self._client.send_message(message)
            except TimeoutError:
                self._client.close()
                raise
            self._used = asyncio.get_running_loop().time()

    async def close(self) -> None:
        async with self._one:
            if self._client.is_connected:
                with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                    await self._client.quit()
            self._client.close()

    async def _connected(self) -> None:
        rested = asyncio.get_running_loop().time() - self._used > _FRESH_SECONDS
        if self._client.is_connected and rested:
            try:
                await self._client.noop()
            except (aiosmtplib.SMTPException, OSError):
                self._client.close()
        if not self._client.is_connected:
            await self._client.connect()


class Mailbox:
    """A folder of .eml files, for a school to try out: nothing leaves the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._keep, message)

    async def close(self) -> None:
        """Nothing is held open."""

    def _keep(self, message: EmailMessage) -> None:
        """Whole or not at all; the same letter sent again takes the place of the first."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        unfinished = self._folder / f"{name}.part"
        unfinished.write_bytes(message.as_bytes())
        unfinished.replace(self._folder / f"{name}.eml")

"""A mail server on loopback (aiosmtpd) that keeps what it is given and fails as a test wants."""

import asyncio
import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from enum import Enum
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailFault(Enum):
    """The ways in which a message can fail."""

    NO_MAILBOX = "550 at RCPT"
    LATER = "451 after DATA"
    REFUSED = "554 after DATA"
    DROP = "taken, but the connection is cut before the answer"


class MailServer:
    """`with MailServer() as server:` runs it in a thread of its own; `server.url` is its address.

    `server.mails` are the messages as they came in; `server.fail(fault, times)` plans faults.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.connections = 0
        self.port = 0
        self._faults: list[MailFault] = []
        self._controller: Controller | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen: on a free port, after a stop on the same one again."""
        self._controller = _Controller(self, self.port)
        self._controller.start()
        self.port = self._controller.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def fail(self, fault: MailFault, times: int = 1) -> None:
        """Let the next `times` messages fail."""
        self._faults += [fault] * times

    def mailed_to(self, address: str) -> list[EmailMessage]:
        pairs = zip(self.mails, self.recipients, strict=True)
        return [mail for mail, recipients in pairs if address in recipients]

    # What aiosmtpd calls

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._struck(MailFault.NO_MAILBOX):
            return f"550 5.1.1 <{address}>: no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self._struck(MailFault.LATER):
            return "451 4.7.1 greylisted, come back later"
        if self._struck(MailFault.REFUSED):
            return "554 5.6.0 no"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        self.recipients.append(list(envelope.rcpt_tos))
        if self._struck(MailFault.DROP) and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 OK"

    def _struck(self, fault: MailFault) -> bool:
        if self._faults and self._faults[0] is fault:
            self._faults.pop(0)
            return True
        return False


class _Controller(Controller):
    """One that listens on the port that the system chooses."""

    def __init__(self, server: MailServer, port: int) -> None:
        super().__init__(server, hostname="127.0.0.1", port=port)

    def _trigger_server(self) -> None:
        """Nobody needs to knock: it listens once the socket stands."""
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]

    factory: Callable[[], Any]

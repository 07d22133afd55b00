"""Every error of every channel, classified once (rule 22). What is said of it holds no personal data and no address.

Order matters: the first row that fits an error decides.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import aiosmtplib
import httpx
from telegram import error as telegram

from messages.pace import Silenced
from storage.msgids import N_
from storage.refusals import Refused


class Outcome(StrEnum):
    """What an error means for the notice."""

    GONE = "gone"  # this address will never answer again: retire it, fall back, show it
    PERMANENT = "permanent"  # this message will never be taken: fall back, show it
    TEMPORARY = "temporary"  # not taken now: later again
    AMBIGUOUS = "ambiguous"  # perhaps taken, nobody answered


@dataclass(frozen=True, slots=True)
class Trouble:
    """`words` is an English msgid for the desk; `wait` is how long the other side asked us to be silent."""

    outcome: Outcome
    words: str
    wait: timedelta | None = None


class NotSet(Exception):
    """The channel has no address yet: a setting is missing. The message names it."""


class NoAddress(Exception):
    """None of the addresses can stand in a mail: they have letters before the @ that few servers take."""


NO_ANSWER = N_("no answer came")
_TOO_MANY = N_("too many messages at once")
_AWAY = N_("the other side cannot be reached")
_GONE = N_("the person blocked the bot or left")
_WRONG = N_("our settings are refused")
_BUSY = N_("the mail server says: later")
_REFUSED = N_("the message is refused")
_NO_MAILBOX = N_("the mail address is refused")
_UNWRITABLE = N_("a line end in a name, a subject or an address")
_NO_ADDRESS = N_("the mail address has letters that mail servers do not take")
_UNKNOWN = N_("an unexpected error")

_Fits = Callable[[Any], bool]


def classify(error: BaseException) -> Trouble:
    """What to do about an error that a channel raised."""
    for kind, fits, outcome, words in _TABLE:
        if isinstance(error, kind) and fits(error):
            return Trouble(outcome, words, _wait(error))
    return Trouble(Outcome.TEMPORARY, _UNKNOWN)


def _any(_error: BaseException) -> bool:
    return True


def _says(*parts: str) -> _Fits:
    """python-telegram-bot rewrites some texts: by part of it, in any case."""
    return lambda error: any(part in str(error).lower() for part in parts)


def _from(*causes: type[BaseException]) -> _Fits:
    return lambda error: isinstance(error.__cause__, causes)


def _code(first: int) -> _Fits:
    return lambda error: bool(error.code // 100 == first)


def _all_refused_for_good(error: aiosmtplib.SMTPRecipientsRefused) -> bool:
    return all(one.code // 100 == 5 for one in error.recipients)


def _wait(error: BaseException) -> timedelta | None:
    if isinstance(error, Silenced):
        return error.wait
    if isinstance(error, telegram.RetryAfter):
        with warnings.catch_warnings():  # seconds today, a timedelta in a later version: both will do
            warnings.simplefilter("ignore")
            asked = error.retry_after
        return asked if isinstance(asked, timedelta) else timedelta(seconds=asked)
    return None


_CHAT_GONE = _says("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "bot was kicked")
_TABLE: tuple[tuple[type[BaseException], _Fits, Outcome, str], ...] = (
    (Refused, _any, Outcome.PERMANENT, _UNWRITABLE),
    (NoAddress, _any, Outcome.PERMANENT, _NO_ADDRESS),
    (NotSet, _any, Outcome.TEMPORARY, _WRONG),
    # Telegram
    (Silenced, _any, Outcome.TEMPORARY, _TOO_MANY),
    (telegram.RetryAfter, _any, Outcome.TEMPORARY, _TOO_MANY),
    (telegram.Forbidden, _any, Outcome.GONE, _GONE),
    (telegram.BadRequest, _CHAT_GONE, Outcome.GONE, _GONE),
    (telegram.BadRequest, _any, Outcome.PERMANENT, _REFUSED),
    (telegram.InvalidToken, _any, Outcome.TEMPORARY, _WRONG),  # any 401 and 404
    (telegram.TimedOut, _from(httpx.ConnectTimeout, httpx.PoolTimeout), Outcome.TEMPORARY, _AWAY),
    (telegram.TimedOut, _any, Outcome.AMBIGUOUS, NO_ANSWER),
    (telegram.NetworkError, _any, Outcome.TEMPORARY, _AWAY),  # 5xx, HTML pages and broken lines
    (telegram.TelegramError, _any, Outcome.TEMPORARY, _UNKNOWN),
    # Mail. A refusal of ourselves is the operator's to mend, and no fault of the message.
    (aiosmtplib.SMTPAuthenticationError, _any, Outcome.TEMPORARY, _WRONG),
    (aiosmtplib.SMTPSenderRefused, _any, Outcome.TEMPORARY, _WRONG),
    (aiosmtplib.SMTPHeloError, _any, Outcome.TEMPORARY, _WRONG),
    (aiosmtplib.SMTPNotSupported, _any, Outcome.TEMPORARY, _WRONG),
    (aiosmtplib.SMTPConnectError, _any, Outcome.TEMPORARY, _AWAY),
    (aiosmtplib.SMTPRecipientsRefused, _all_refused_for_good, Outcome.PERMANENT, _NO_MAILBOX),
    (aiosmtplib.SMTPRecipientsRefused, _any, Outcome.TEMPORARY, _BUSY),
    (aiosmtplib.SMTPRecipientRefused, _code(5), Outcome.PERMANENT, _NO_MAILBOX),
    (aiosmtplib.SMTPResponseException, _code(5), Outcome.PERMANENT, _REFUSED),
    (aiosmtplib.SMTPResponseException, _any, Outcome.TEMPORARY, _BUSY),
    (aiosmtplib.SMTPServerDisconnected, _any, Outcome.AMBIGUOUS, NO_ANSWER),
    (aiosmtplib.SMTPReadTimeoutError, _any, Outcome.AMBIGUOUS, NO_ANSWER),
    (aiosmtplib.SMTPException, _any, Outcome.TEMPORARY, _AWAY),
    (OSError, _any, Outcome.TEMPORARY, _AWAY),
)

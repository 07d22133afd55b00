"""Every error has its place in the one table (rule 22), and what is kept of it holds nothing personal."""

import ssl
from datetime import timedelta

import aiosmtplib
import httpx
import pytest
from telegram import error as telegram

from messages.channels.troubles import NotSet, Outcome, classify
from messages.pace import Silenced
from storage.refusals import Invalid, Refused

GONE, PERMANENT = Outcome.GONE, Outcome.PERMANENT
TEMPORARY, AMBIGUOUS = Outcome.TEMPORARY, Outcome.AMBIGUOUS


def timed_out(cause: Exception) -> telegram.TimedOut:
    error = telegram.TimedOut()
    error.__cause__ = cause
    return error


def refused(code: int) -> aiosmtplib.SMTPRecipientRefused:
    return aiosmtplib.SMTPRecipientRefused(code, "<mirjam@example.org>: no", "mirjam@example.org")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (telegram.Forbidden("Forbidden: bot was blocked by the user"), GONE),
        (telegram.Forbidden("Forbidden: user is deactivated"), GONE),
        (telegram.BadRequest("Chat not found"), GONE),
        (telegram.BadRequest("chat NOT found"), GONE),
        (telegram.BadRequest("Message caption is too long"), PERMANENT),
        (telegram.RetryAfter(30), TEMPORARY),
        (Silenced(timedelta(seconds=30)), TEMPORARY),
        (telegram.InvalidToken("Unauthorized"), TEMPORARY),
        (telegram.NetworkError("Bad Gateway (502)"), TEMPORARY),
        (telegram.NetworkError("httpx.ConnectError"), TEMPORARY),
        (timed_out(httpx.ConnectTimeout("")), TEMPORARY),
        (timed_out(httpx.PoolTimeout("")), TEMPORARY),
        (timed_out(httpx.ReadTimeout("")), AMBIGUOUS),
        (timed_out(httpx.WriteTimeout("")), AMBIGUOUS),
        (telegram.ChatMigrated(7), TEMPORARY),
        (aiosmtplib.SMTPRecipientsRefused([refused(550)]), PERMANENT),
        (aiosmtplib.SMTPRecipientsRefused([refused(550), refused(451)]), TEMPORARY),
        (refused(550), PERMANENT),
        (refused(451), TEMPORARY),
        (aiosmtplib.SMTPDataError(554, "no"), PERMANENT),
        (aiosmtplib.SMTPDataError(451, "later"), TEMPORARY),
        (aiosmtplib.SMTPConnectResponseError(554, "no"), TEMPORARY),
        (aiosmtplib.SMTPAuthenticationError(535, "wrong password"), TEMPORARY),
        (aiosmtplib.SMTPSenderRefused(550, "no", "post@school.example"), TEMPORARY),
        (aiosmtplib.SMTPConnectError("no"), TEMPORARY),
        (aiosmtplib.SMTPConnectTimeoutError("no"), TEMPORARY),
        (aiosmtplib.SMTPReadTimeoutError("no"), AMBIGUOUS),
        (aiosmtplib.SMTPServerDisconnected("gone"), AMBIGUOUS),
        (ConnectionRefusedError(), TEMPORARY),
        (ssl.SSLError("certificate"), TEMPORARY),
        (NotSet("SMTP_URL"), TEMPORARY),
        (Refused(Invalid("A name, a subject or an address cannot hold a line end.")), PERMANENT),
        (KeyError("anything else"), TEMPORARY),
    ],
    ids=lambda value: f"{value!r}"[:60] if isinstance(value, Exception) else str(value),
)
def test_an_error_is_what_the_table_says(error: Exception, outcome: Outcome) -> None:
    assert classify(error).outcome is outcome


@pytest.mark.parametrize("error", [telegram.RetryAfter(30), Silenced(timedelta(seconds=30))])
def test_the_wait_that_was_asked_for_is_kept(error: Exception) -> None:
    assert classify(error).wait == timedelta(seconds=30)


@pytest.mark.parametrize("error", [refused(550), refused(451), telegram.NetworkError("https://api/bot123:SECRET/x")])
def test_what_is_written_down_of_an_error_names_nobody(error: Exception) -> None:
    words = classify(error).words
    assert [part for part in ("mirjam", "example", "SECRET", "bot123") if part in words] == []

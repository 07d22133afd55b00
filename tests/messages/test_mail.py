"""Mail: a real server that fails in every way, and letters that cannot be abused (N6, G14)."""

import asyncio
import email
import email.policy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from messages.channels.mail import Mailbox, Smtp, write
from messages.channels.troubles import NoAddress
from messages.notices import Attachment, MailText
from storage.database.engine import Database
from storage.refusals import Refused
from storage.settings import WrongSettings
from storage.tables import Family, Planning, School
from storage.words import NoticeKind, NoticeState
from tests.messages.stage import Stage, staged, story
from tests.support.cast import NOW, Cast
from tests.support.mail_server import MailFault
from tests.support.notices import book, forget, told

SENT, FAILED, WAITING = NoticeState.SENT, NoticeState.FAILED, NoticeState.WAITING
LETTER = MailText(
    "Your talk", "Until then!\n", "<p>Until then!</p>\n", Attachment("talk.ics", b"BEGIN:VCALENDAR", "PUBLISH")
)


@pytest.fixture
def database(sqlite: Database) -> Database:
    """What a mail server does plays no part in the kind of database."""
    return sqlite


def letter(subject: str = "Your talk") -> MailText:
    return MailText(subject=subject, text="Until then!\n", html="<p>Until then!</p>\n")


def booked(stage: Stage, child: str = "sanne") -> None:
    """One mail to the family De Vries."""
    slot = stage.cast.noor_slots[0] if child == "sanne" else stage.cast.bram_slots[5]
    book(stage.cast, "de_vries", child, slot)
    forget(stage.cast, NoticeKind.TEACHER_BOOKING)


def ids(stage: Stage) -> list[str]:
    return [mail["Message-ID"] for mail in stage.mail.mails]


@story
async def test_a_mailbox_that_does_not_exist_ends_it_and_the_desk_sees_why(cast: Cast) -> None:
    async with staged(cast) as stage:
        booked(stage)
        stage.mail.fail(MailFault.NO_MAILBOX)
        for _ in range(2):
            await stage.send(after=timedelta(hours=1))
        assert told(cast, NoticeKind.CHANGED) == [(FAILED, "the mail address is refused")]
        assert ids(stage) == []


@story
async def test_a_message_that_is_refused_ends_it(cast: Cast) -> None:
    async with staged(cast) as stage:
        booked(stage)
        stage.mail.fail(MailFault.REFUSED)
        await stage.send()
        assert told(cast, NoticeKind.CHANGED) == [(FAILED, "the message is refused")]


@story
async def test_a_server_that_says_later_is_asked_later(cast: Cast) -> None:
    async with staged(cast) as stage:
        booked(stage)
        stage.mail.fail(MailFault.LATER, 2)
        await stage.send()
        assert told(cast, NoticeKind.CHANGED) == [(WAITING, "the mail server says: later")]
        for _ in range(2):
            await stage.send(after=timedelta(minutes=1))
        assert (told(cast, NoticeKind.CHANGED), len(ids(stage))) == ([(SENT, "")], 1)


@story
async def test_a_message_whose_answer_was_lost_is_sent_again_under_the_same_message_id(cast: Cast) -> None:
    async with staged(cast) as stage:
        booked(stage)
        stage.mail.fail(MailFault.DROP)
        await stage.send()
        assert told(cast, NoticeKind.CHANGED) == [(WAITING, "no answer came")]
        await stage.send(after=timedelta(minutes=1))
        first, again = ids(stage)
        assert (first, told(cast, NoticeKind.CHANGED)) == (again, [(SENT, "")])
        assert first.endswith("@tienminuten.example>")


@story
async def test_a_server_that_is_away_is_tried_again(cast: Cast) -> None:
    async with staged(cast) as stage:
        booked(stage)
        stage.mail.stop()
        await stage.send()
        assert told(cast, NoticeKind.CHANGED) == [(WAITING, "the other side cannot be reached")]
        stage.mail.start()
        await stage.send(after=timedelta(minutes=1))
        assert (told(cast, NoticeKind.CHANGED), len(ids(stage))) == ([(SENT, "")], 1)


@story
async def test_one_connection_carries_many_mails_and_a_broken_one_is_made_anew(cast: Cast) -> None:
    async with staged(cast) as stage:
        for number in range(4):
            book(cast, "de_vries", "sanne", cast.noor_slots[number])
        forget(cast, NoticeKind.TEACHER_BOOKING)
        await stage.send()
        assert (len(ids(stage)), stage.mail.connections) == (4, 1)
        stage.mail.stop()
        stage.mail.start()
        book(cast, "de_vries", "sanne", cast.noor_slots[4])
        forget(cast, NoticeKind.TEACHER_BOOKING)
        for _ in range(2):
            await stage.send(after=timedelta(minutes=1))
        assert len(ids(stage)) == 5


@story
async def test_a_line_end_in_a_schools_name_is_a_clear_refusal_and_no_header(cast: Cast) -> None:
    async with staged(cast) as stage:
        booked(stage)

        def spoil(session: Session) -> None:
            school = session.get(School, cast.school)
            assert school
            school.name = "De Regenboog\r\nBcc: everybody@example.org"

        cast.database.work(spoil)
        await stage.send()
        assert told(cast, NoticeKind.CHANGED) == [(FAILED, "a line end in a name, a subject or an address")]
        assert ids(stage) == []


@story
async def test_a_line_end_in_a_title_is_shown_and_makes_no_header(cast: Cast) -> None:
    async with staged(cast) as stage:
        booked(stage)

        def spoil(session: Session) -> None:
            planning = session.get(Planning, cast.noor_planning)
            assert planning
            planning.title = "Groep 4\r\nBcc: everybody@example.org"

        cast.database.work(spoil)
        await stage.send()
        (mail,) = stage.mail.mails
        assert (mail["Bcc"], stage.mail.recipients) == (None, [["devries@example.org"]])


@story
async def test_an_address_with_a_line_end_is_a_clear_refusal(cast: Cast) -> None:
    async with staged(cast) as stage:
        booked(stage)

        def spoil(session: Session) -> None:
            family = session.get(Family, cast.de_vries)
            assert family
            family.email = "devries@example.org\nBcc: everybody@example.org"

        cast.database.work(spoil)
        await stage.send()
        assert told(cast, NoticeKind.CHANGED) == [(FAILED, "a line end in a name, a subject or an address")]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("place", ["subject", "sender_name", "to"])
def test_no_kind_of_line_end_gets_into_a_header(end: str, place: str) -> None:
    for text in (f"one{end}Bcc: two@example.org", f"one@example.org{end}"):
        given: dict[str, Any] = {"sender_name": "De Regenboog", "to": ["one@example.org"]}
        given[place] = [text] if place == "to" else text
        subject = given.pop("subject", "Your talk")
        with pytest.raises(Refused) as refused:
            write(letter(subject=subject), sender="post@school.example", number="notice-1", now=NOW, **given)
        assert refused.value.refusal.message in (  # type: ignore[attr-defined]
            "A name, a subject or an address cannot hold a line end.",
            "That is not a mail address.",
        )


@pytest.mark.parametrize("address", ["", "nobody", "a b@example.org", "<x@example.org>", "a@b@c", "a,b@example.org"])
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    with pytest.raises(NoAddress):
        write(letter(), sender="post@school.example", sender_name="S", to=[address], number="n", now=NOW)


@story
async def test_an_address_that_no_server_takes_is_tried_once_and_the_other_parent_is_served(cast: Cast) -> None:
    """Letters before the @ have no form in ASCII. No form of ours takes them; a row of an older version may."""
    async with staged(cast) as stage:

        def enter(session: Session, address: str) -> None:
            session.get_one(Family, cast.de_vries).email = address

        cast.database.work(enter, "jané@example.org, pieter@example.org")
        booked(stage)
        await stage.send()
        assert stage.mail.recipients == [["pieter@example.org"]]
        cast.database.work(enter, "jané@example.org")
        booked(stage, "daan")
        await stage.send()
        *_, last = told(cast, NoticeKind.CHANGED)
        assert last == (FAILED, "the mail address has letters that mail servers do not take")
        assert len(stage.mail.recipients) == 1


def test_a_domain_with_letters_of_any_alphabet_is_written_as_servers_take_it() -> None:
    made = write(LETTER, sender="post@schüle.example", sender_name="S", to=["anna@müller.example"], number="n", now=NOW)
    assert (made["To"], made["Message-ID"]) == ("anna@xn--mller-kva.example", "<n@xn--schle-mva.example>")
    assert made.as_bytes().isascii()


@pytest.mark.parametrize(
    "name", ["De Regenboog", 'OBS "De Boom", locatie 2', "Şükrü & Łukasz", "École <été>", "x" * 120]
)
def test_a_schools_name_comes_out_as_it_was_written(name: str) -> None:
    made = write(LETTER, sender="Tien <post@school.example>", sender_name=name, to=["a@b.example"], number="n", now=NOW)
    read = email.message_from_bytes(made.as_bytes(), policy=email.policy.default)
    (sender,) = read["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "post@school.example")


def test_a_letter_has_a_text_the_same_as_html_and_its_calendar_file() -> None:
    made = write(LETTER, sender="post@school.example", sender_name="S", to=["a@b.example"], number="notice-7", now=NOW)
    read = email.message_from_bytes(made.as_bytes(), policy=email.policy.default)
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert (read["Message-ID"], read["Auto-Submitted"]) == ("<notice-7@school.example>", "auto-generated")


def test_the_mailbox_keeps_a_mail_as_a_file_and_the_same_mail_once(tmp_path: Path) -> None:
    made = write(LETTER, sender="post@school.example", sender_name="S", to=["a@b.example"], number="notice-7", now=NOW)
    mailbox = Mailbox(tmp_path / "mails")
    for _ in range(2):
        asyncio.run(mailbox.send(made))
    assert {file.name: file.read_bytes() for file in (tmp_path / "mails").iterdir()} == {
        "notice-7.eml": made.as_bytes()
    }


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://host:port"])
def test_a_wrong_mail_server_address_is_told_without_showing_it(url: str) -> None:
    with pytest.raises(WrongSettings) as wrong:
        Smtp(url)
    assert str(wrong.value).startswith("SMTP_URL ")

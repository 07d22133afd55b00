"""The mail with a link to a password, through a real mail server: what it opens, and when it is not sent at all."""

import re
from datetime import timedelta

import pytest

from storage.database.engine import Database
from storage.staff import accounts, invitations, password_links
from storage.staff.invitations import Invitee
from storage.words import NoticeKind, NoticeState, Role
from tests.messages.stage import BASE_URL, Stage, staged, story
from tests.support.browser import DIRECTOR, NOOR, everything, hire
from tests.support.cast import NOW, OPERATOR, PEPPER, Cast
from tests.support.mail_server import MailFault
from tests.support.notices import told

SENT, DROPPED, FAILED = NoticeState.SENT, NoticeState.DROPPED, NoticeState.FAILED


@pytest.fixture
def database(sqlite: Database) -> Database:
    """What a mail server does plays no part in the kind of database."""
    return sqlite


def invite(cast: Cast, *people: Invitee) -> list[int]:
    return [one.id for one in cast.database.work(invitations.invite, cast.school, OPERATOR, people)]


def token_in(stage: Stage, address: str) -> str:
    """The secret part of the link in the last mail to somebody: the same in the text and in the HTML."""
    mail = stage.mail.mailed_to(address)[-1]
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    found: set[str] = {link for text in parts for link in re.findall(rf"{BASE_URL}/desk/welcome/([\w-]+)", text)}
    assert (len(parts), len(found)) == (2, 1)
    return found.pop()


@story
async def test_everybody_who_is_invited_gets_a_mail_whose_link_opens_their_own_account(cast: Cast) -> None:
    async with staged(cast) as stage:
        noor, bram = invite(cast, Invitee(NOOR), Invitee("bram@regenboog.example"))
        await stage.send()
        (mail,) = stage.mail.mailed_to(NOOR)
        assert mail["Subject"] == "Uw account bij De Regenboog: kies een wachtwoord"
        assert mail["From"].addresses[0].display_name == "De Regenboog"
        for id_, address in ((noor, NOOR), (bram, "bram@regenboog.example")):
            door = cast.database.read(password_links.find, token_in(stage, address), PEPPER, NOW)
            assert door
            assert (door.staff_id, door.email) == (id_, address)
        assert told(cast, NoticeKind.STAFF_LINK) == [(SENT, ""), (SENT, "")]


@story
async def test_the_token_is_in_the_mail_alone(cast: Cast) -> None:
    async with staged(cast) as stage:
        invite(cast, Invitee(NOOR))
        await stage.send()
        assert token_in(stage, NOOR).partition("-")[2] not in repr(everything(cast.database))


@story
async def test_a_mail_speaks_the_language_that_its_reader_chose(cast: Cast) -> None:
    async with staged(cast) as stage:
        director = hire(cast.database, cast.school)
        cast.database.work(accounts.choose_language, cast.school, director, "en")
        cast.database.work(password_links.forgotten, DIRECTOR, NOW)
        await stage.send()
        (mail,) = stage.mail.mailed_to(DIRECTOR)
        assert mail["Subject"] == "A new password for the desk of De Regenboog"


@story
async def test_an_invitation_that_was_taken_back_or_used_is_not_mailed(cast: Cast) -> None:
    async with staged(cast) as stage:
        noor, bram = invite(cast, Invitee(NOOR), Invitee("bram@regenboog.example"))
        cast.database.work(invitations.take_back, cast.school, OPERATOR, noor)
        door = cast.database.read(password_links.password_link, cast.school, bram, PEPPER, NOW)
        assert door
        cast.database.work(password_links.take_up, door.token, "a hash", PEPPER, NOW)
        await stage.send()
        assert stage.mail.mails == []
        assert told(cast, NoticeKind.STAFF_LINK) == [(DROPPED, "what it tells of is gone")] * 2


@story
async def test_who_is_disabled_before_the_mail_leaves_gets_none(cast: Cast) -> None:
    async with staged(cast) as stage:
        noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
        cast.database.work(password_links.forgotten, NOOR, NOW)
        cast.database.work(accounts.set_active, cast.school, OPERATOR, noor, False)
        await stage.send()
        assert stage.mail.mails == []


@story
async def test_a_link_that_is_over_when_the_mail_server_is_back_is_not_mailed(cast: Cast) -> None:
    async with staged(cast) as stage:
        hire(cast.database, cast.school)
        cast.database.work(password_links.forgotten, DIRECTOR, NOW)
        await stage.send(after=timedelta(hours=1))
        assert told(cast, NoticeKind.STAFF_LINK) == [(DROPPED, "what it tells of is gone")]


@story
async def test_who_asked_three_times_while_mail_was_away_gets_one_mail(cast: Cast) -> None:
    async with staged(cast) as stage:
        hire(cast.database, cast.school)
        for minute in range(3):
            cast.database.work(password_links.forgotten, DIRECTOR, NOW + timedelta(minutes=minute))
        await stage.send(after=timedelta(minutes=10))
        later = "a later notice tells it"
        assert told(cast, NoticeKind.STAFF_LINK) == [(DROPPED, later), (DROPPED, later), (SENT, "")]
        assert len(stage.mail.mailed_to(DIRECTOR)) == 1


@story
async def test_an_address_that_does_not_exist_is_known_to_the_desk(cast: Cast) -> None:
    async with staged(cast) as stage:
        (noor,) = invite(cast, Invitee(NOOR))
        stage.mail.fail(MailFault.NO_MAILBOX)
        await stage.send()
        assert told(cast, NoticeKind.STAFF_LINK) == [(FAILED, "the mail address is refused")]
        assert cast.database.read(invitations.undelivered, cast.school) == {noor: "the mail address is refused"}


@story
async def test_a_hostile_name_is_shown_as_typed_and_makes_no_header(cast: Cast) -> None:
    async with staged(cast) as stage:
        invite(cast, Invitee(NOOR, "<b>Noor</b> %(name)s {{ 7 * 7 }}"))
        await stage.send()
        (mail,) = stage.mail.mailed_to(NOOR)
        text, page = (part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
        assert text.splitlines()[0] == "Beste <b>Noor</b> %(name)s {{ 7 * 7 }},"
        assert "Beste &lt;b&gt;Noor&lt;/b&gt; %(name)s {{ 7 * 7 }}," in page
        assert stage.mail.recipients == [[NOOR]]

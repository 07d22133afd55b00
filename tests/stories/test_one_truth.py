"""Whoever changes a talk, each chat of each household shows it, in the one message that stands last (rules 34, 35)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from messages.channels.mail import Smtp
from storage.booking import booking
from storage.families import blocking, families
from storage.planning import bulk, publishing
from storage.planning.bulk import SignUp
from storage.school_year import leaving
from storage.tables import Booking, Chat, Notice, Staff
from storage.words import NoticeKind, Recipient, Role
from tests.botapi import Fault
from tests.support.cast import CLOSES, DESK, OPENS, PEPPER, Cast
from tests.support.mail_server import MailServer
from tests.support.phone import BrowserPhone, Street, TelegramPhone, browser, story, street

BOOKED = "Daan · di 24 nov 18:00 ✓"


async def in_telegram(lived: Street, name: str, child: str = "Sanne", secret: str = "3511AB") -> TelegramPhone:
    phone = lived.telegram(name)
    await phone.start("regenboog")
    await phone.send(child)
    await phone.send(secret)
    return phone


async def in_a_browser(lived: Street, child: str = "Sanne", secret: str = "3511AB") -> BrowserPhone:
    client = browser(lived.database, lived.clock)
    lived.clients.append(client)
    phone = BrowserPhone(client)
    await phone.start("regenboog")
    await phone.send(child)
    await phone.send(secret)
    return phone


async def books_daan(phone: TelegramPhone | BrowserPhone, time: str = "18:00") -> None:
    await phone.tap("Kies tijd voor Daan")
    await phone.tap(time)


def held(cast: Cast) -> int:
    """The one booking that there is."""
    found = cast.database.read(lambda session: session.exec(select(Booking.id).where(Booking.cancelled == None)).one())  # noqa: E711
    assert found is not None
    return found


def the_school_moves(cast: Cast, lived: Street, slot: int) -> None:
    acting = replace(DESK, now=lived.clock.now())
    cast.database.work(booking.move, cast.school, acting, booking_id=held(cast), slot_id=slot)


def the_school_cancels(cast: Cast, lived: Street) -> None:
    cast.database.work(booking.cancel, cast.school, replace(DESK, now=lived.clock.now()), booking_id=held(cast))


def from_the_bot(phone: TelegramPhone) -> list[str]:
    return [message.text for message in phone.user.chat if message.from_bot]


@story
async def test_after_the_school_moves_a_talk_nothing_of_the_old_time_is_left(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await in_telegram(lived, "Anouk")
        await books_daan(phone)
        the_school_moves(cast, lived, cast.bram_slots[3])
        await lived.tell(minutes=1)
        assert from_the_bot(phone) == [phone.screen], "one message, and it is the last"
        assert phone.screen.startswith("🔁 De Regenboog heeft het gesprek over Daan verzet.")
        assert "Daan · di 24 nov 18:30 ✓" in phone.buttons
        assert BOOKED not in phone.buttons


@story
async def test_after_the_school_cancels_no_button_offers_to_cancel(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await in_telegram(lived, "Anouk")
        await books_daan(phone)
        await phone.tap(BOOKED)
        old = phone.packed("Afzeggen")
        the_school_cancels(cast, lived)
        await lived.tell(minutes=1)
        assert from_the_bot(phone) == [phone.screen]
        assert phone.screen.startswith("❌ De Regenboog heeft het gesprek over Daan afgezegd.")
        assert "Kies tijd voor Daan" in phone.buttons
        await phone.tap_packed(old)
        assert phone.alert == "Dat is er niet meer."
        assert from_the_bot(phone) == [phone.screen]


@story
async def test_the_other_parents_phone_hears_of_each_turn_with_a_new_message(cast: Cast) -> None:
    async with street(cast.database) as lived:
        anouk, mirjam = await in_telegram(lived, "Anouk"), await in_telegram(lived, "Mirjam")
        assert lived.api is not None
        await lived.tell(seconds=1)
        for label, word in (
            ("18:00", "✓ Er is een gesprek over Daan"),
            ("18:20", "🔁 Het gesprek over Daan is verzet."),
        ):
            if word.startswith("🔁"):
                await anouk.tap(BOOKED)
                await anouk.tap("Andere tijd")
            else:
                await anouk.tap("Kies tijd voor Daan")
            await anouk.tap(label)
            before = len(lived.api.calls_of("sendMessage"))
            await lived.tell(seconds=1)
            (sent,) = lived.api.calls_of("sendMessage")[before:]
            assert "disable_notification" not in sent.params, "it makes a sound"
            assert mirjam.screen.startswith(word)
            assert from_the_bot(mirjam) == [mirjam.screen]
        assert "🔁" not in anouk.screen, "who did it is not told"


@story
async def test_what_was_read_is_put_away_and_what_was_not_stays(cast: Cast) -> None:
    async with street(cast.database) as lived:
        anouk, mirjam = await in_telegram(lived, "Anouk"), await in_telegram(lived, "Mirjam")
        await books_daan(anouk)
        the_school_moves(cast, lived, cast.bram_slots[3])
        await lived.tell(seconds=1)
        the_school_cancels(cast, lived)
        await lived.tell(seconds=1)
        assert mirjam.screen.startswith("❌ De Regenboog heeft het gesprek over Daan afgezegd.")
        assert "👋" not in mirjam.screen, "of the sign-in before it is nothing to be said"
        await mirjam.tap("Gelezen")
        assert mirjam.screen.startswith("De Regenboog · de Vries")
        assert "Gelezen" not in mirjam.buttons


@story
async def test_a_page_in_a_browser_shows_what_happened_until_it_was_read(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone, page = await in_telegram(lived, "Anouk"), await in_a_browser(lived)
        await books_daan(phone)
        await lived.tell(seconds=1)
        for _ in range(2):
            await page.start("regenboog")
            assert "Er is een gesprek over Daan afgesproken." in page.screen
            assert BOOKED in page.buttons
        await page.tap("Gelezen")
        assert "Er is een gesprek" not in page.screen
        await page.start("regenboog")
        assert "Er is een gesprek" not in page.screen
        await phone.tap("Kies tijd voor Sanne")
        await page.tap(BOOKED)
        await page.tap("Afzeggen")
        await page.tap("Ja, zeg de afspraak af")
        await lived.tell(seconds=1)
        assert phone.screen.startswith("❌ Het gesprek over Daan is afgezegd.")


@story
async def test_whoever_lets_the_bot_in_again_sees_how_it_stands(cast: Cast) -> None:
    async with street(cast.database) as lived:
        assert lived.api is not None
        phone = await in_telegram(lived, "Anouk")
        await books_daan(phone)
        await phone.user.block()
        await lived.api.idle()
        the_school_moves(cast, lived, cast.bram_slots[3])
        await lived.tell(minutes=1)
        await phone.user.unblock()
        await lived.api.idle()
        await lived.tell(seconds=1)
        assert from_the_bot(phone) == [phone.screen]
        assert "Daan · di 24 nov 18:30 ✓" in phone.buttons


@story
async def test_a_family_that_is_blocked_is_shown_nothing_more_and_all_of_it_when_it_is_let_in(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await in_telegram(lived, "Anouk")
        await books_daan(phone)
        for act, shown in ((blocking.block, False), (blocking.admit, True)):
            cast.database.work(act, cast.school, replace(DESK, now=lived.clock.now()), cast.de_vries)
            await lived.tell(seconds=10)
            assert (BOOKED in phone.buttons, "Daan" in phone.screen) == (shown, shown)
            assert from_the_bot(phone) == [phone.screen]


@story
async def test_what_the_school_edits_stands_in_the_chat_some_seconds_later_without_a_sound(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await in_telegram(lived, "Anouk")
        assert lived.api is not None
        later = SignUp(OPENS, CLOSES + timedelta(days=1))
        sent = len(lived.api.calls_of("sendMessage"))
        for act, given, shown in (
            (bulk.set_window, (cast.autumn, later), "Dat kan tot maandag 23 november, 12:00."),
            (publishing.unpublish, (cast.noor_planning,), None),
            (publishing.publish, (), "Groep 4 · juf Noor"),
            (leaving.leave, ([cast.sanne],), None),
            (leaving.come_back, ([cast.sanne], PEPPER), "Groep 4 · juf Noor"),
            (families.take_out, (cast.sanne, cast.de_vries, PEPPER), None),
            (families.add, (cast.sanne, cast.de_vries, PEPPER), "Groep 4 · juf Noor"),
        ):
            of_school: Any = act
            cast.database.work(of_school, cast.school, replace(DESK, now=lived.clock.now()), *given)
            await lived.tell(seconds=9)
            before = phone.screen
            await lived.tell(seconds=1)
            assert before != phone.screen, "it settles for ten seconds"
            assert ("Sanne" in phone.screen) == (shown is not None), act
            assert (shown or "Daan") in phone.screen
            assert from_the_bot(phone) == [phone.screen]
        assert len(lived.api.calls_of("sendMessage")) == sent


@story
async def test_a_tap_on_a_message_that_is_old_brings_the_screen_down(cast: Cast) -> None:
    async with street(cast.database) as lived:
        assert lived.api is not None
        phone = await in_telegram(lived, "Anouk")
        old = phone.user.chat[-1].message_id
        packed = phone.packed("Kies tijd voor Daan")
        lived.api.faults.next("deleteMessage", Fault.SERVER_ERROR, times=9)
        await phone.send("hallo")
        assert len(from_the_bot(phone)) == 2, "the old one could not be taken away"
        lived.api.faults.clear()
        await phone.tap_at(old, packed)
        await lived.tell(minutes=1)
        assert from_the_bot(phone) == [phone.screen]
        assert phone.screen.startswith("Daan · Groep 7")


@story
async def test_a_parent_who_lives_apart_is_invited_told_and_given_the_file(cast: Cast) -> None:
    """Lotte has two families, and the school wants one talk for both (rule 12)."""
    async with street(cast.database) as lived:
        one, other = (
            await in_telegram(lived, "Eva", "Lotte", "3513EF"),
            await in_telegram(lived, "Tom", "Lotte", "blauwe-olifant"),
        )
        await one.tap("Kies tijd voor Lotte")
        await one.tap("di 24 nov")
        await one.tap("18:00")
        await lived.tell(seconds=1)
        assert other.screen.startswith(
            "✓ De andere ouder heeft een gesprek over Lotte afgesproken. U bent ook uitgenodigd."
        )
        assert "Jansen" not in other.screen
        await other.tap("In mijn agenda")
        await lived.tell(seconds=1)
        (file,) = [message for message in other.user.chat if message.document]
        assert file.text.startswith("✓ Afgesproken: een gesprek over Lotte")
        await one.tap("Lotte · di 24 nov 18:00 ✓")
        await one.tap("Afzeggen")
        await one.tap("Ja, zeg de afspraak af")
        await lived.tell(seconds=1)
        assert other.screen.startswith("❌ De andere ouder heeft het gesprek over Lotte afgezegd.")
        assert "Kies tijd voor Lotte" in other.buttons
        (file,) = [message for message in other.user.chat if message.document]
        assert file.text.startswith("❌ Afgezegd: het gesprek over Lotte")


@story
async def test_a_family_on_the_web_page_hears_by_mail_of_all_that_is_done_in_its_name(cast: Cast) -> None:
    with MailServer() as post:
        async with street(cast.database, "web") as lived:
            lived.mail = Smtp(post.url)
            first, second = await in_a_browser(lived), await in_a_browser(lived)
            await books_daan(first)
            await second.start("regenboog")
            await second.tap(BOOKED)
            await second.tap("Afzeggen")
            await second.tap("Ja, zeg de afspraak af")
            await lived.tell(seconds=1)
            subjects = [mail["Subject"] for mail in post.mailed_to("devries@example.org")]
            assert subjects == [
                "Er is ingelogd voor uw familie bij De Regenboog",
                "Er is ingelogd voor uw familie bij De Regenboog",
                "Afgezegd: het gesprek over Daan op dinsdag 24 november, 18:00",
            ]
            await lived.mail.close()


@story
async def test_a_family_that_only_the_page_reaches_may_give_an_address_and_hears_by_it(cast: Cast) -> None:
    with MailServer() as post:
        async with street(cast.database, "web") as lived:
            lived.mail = Smtp(post.url)
            page = await in_a_browser(lived, "stephanie", "3514GH")
            assert "Mail mij als er iets verandert" not in page.buttons, "there is nothing yet to be told of"
            await page.tap("Kies tijd voor Stéphanie")
            await page.tap("18:00")
            await page.tap("Mail mij als er iets verandert")
            assert page.screen.startswith("Naar welk e-mailadres mogen we schrijven")
            await page.send("geen adres")
            assert "geen adres" in page.alert
            await page.send("smit@example.org")
            assert page.screen.endswith("✓ Voortaan krijgt u een mail op smit@example.org als er iets verandert.")
            assert "Mail mij als er iets verandert" not in page.buttons
            the_school_moves(cast, lived, cast.bram_slots[3])
            await lived.tell(seconds=1)
            (mail,) = post.mailed_to("smit@example.org")
            assert mail["Subject"] == "Verzet: het gesprek over Stéphanie is nu op dinsdag 24 november, 18:30"
            await lived.mail.close()


@story
async def test_who_came_in_and_is_none_of_theirs_is_logged_out_and_the_school_hears_it(cast: Cast) -> None:
    cast.database.work(_hire, cast.school)
    async with street(cast.database) as lived:
        anouk = await in_telegram(lived, "Anouk")
        stranger = await in_telegram(lived, "Wie dan ook")
        await lived.tell(seconds=1)
        assert "Dat waren wij niet" in anouk.buttons
        packed = anouk.packed("Dat waren wij niet")
        await anouk.tap("Dat waren wij niet")
        assert "Die telefoon of browser is uitgelogd en de school heeft bericht gekregen." in anouk.screen
        await lived.tell(seconds=1)
        assert stranger.screen.startswith("Welkom bij De Regenboog."), "nothing of the family is left there"
        assert from_the_bot(stranger) == [stranger.screen]
        assert cast.database.read(_strangers) == [(cast.de_vries, Recipient.STAFF)]
        await anouk.tap_packed(packed)
        assert anouk.alert == "Dat is er niet meer."


@story
async def test_a_stranger_cannot_log_out_who_was_there_before(cast: Cast) -> None:
    async with street(cast.database) as lived:
        anouk, stranger = await in_telegram(lived, "Anouk"), await in_telegram(lived, "Wie dan ook")
        chats = cast.database.read(lambda session: session.exec(select(Chat.id).order_by(Chat.id)).all())  # type: ignore[arg-type]
        await stranger.tap_packed(f"disown.{cast.de_vries}.{chats[0]}")
        assert stranger.alert == "Dat is er niet meer."
        await anouk.start()
        assert "De Regenboog · de Vries" in anouk.screen


@story
async def test_after_three_childrens_talks_the_next_button_and_the_last_word_are_side_by_side(cast: Cast) -> None:
    async with street(cast.database) as lived:
        phone = await in_telegram(lived, "Anouk")
        await books_daan(phone)
        assert phone.screen.splitlines()[-1] == "✓ Afgesproken voor Daan: dinsdag 24 november, 18:00"
        assert phone.buttons[:2] == [BOOKED, "Kies tijd voor Sanne"]
        assert from_the_bot(phone) == [phone.screen]


def _hire(session: Session, school_id: int) -> None:
    session.add(Staff(school_id=school_id, email="directie@regenboog.example", role=Role.ADMINISTRATOR, password="x"))


def _strangers(session: Session) -> list[tuple[int, Recipient]]:
    found = session.exec(select(Notice).where(Notice.kind == NoticeKind.STRANGER)).all()
    return [(one.subject, one.recipient) for one in found]

"""What reaches people, through both real channels and on both databases (M1–M3, P10, rules 6, 17, 19, 23)."""

from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar
from sqlmodel import Session, select

from messages.sending.sender import NO_ADDRESS
from storage.access.chats import log_out
from storage.notices.contents import LATER, LOGGED_OUT
from storage.notices.due import plan
from storage.tables import Card, Chat, Conference, Family, Link, Notice, Student
from storage.words import ChatKind, NoticeKind, NoticeState, Recipient
from tests.botapi import Message, User
from tests.messages.stage import staged, story
from tests.support.cast import NOW, OPENS, Cast
from tests.support.notices import ask_for_file, book, cancel, link_chat, move, outbox, told

SENT, DROPPED, FAILED, WAITING = NoticeState.SENT, NoticeState.DROPPED, NoticeState.FAILED, NoticeState.WAITING


def event(message: Message) -> tuple[object, object, date | None]:
    """(SEQUENCE, STATUS, DTSTART) of the calendar file in a chat."""
    assert message.document
    (found,) = Calendar.from_ical(message.document.content).events
    return found["SEQUENCE"], found["STATUS"], found.DTSTART


def first_line(text: str) -> str:
    return text.splitlines()[0]


def files(user: User) -> list[Message]:
    """The messages that hold a file, oldest first."""
    return [message for message in user.chat if message.document]


def screens(user: User) -> list[Message]:
    """The messages of the bot that hold none."""
    return [message for message in user.chat if message.from_bot and not message.document]


@story
async def test_a_calendar_file_is_one_message_whatever_becomes_of_the_talk(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        booked = book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
        await stage.send()
        assert files(mirjam) == [], "nobody asked for it"
        ask_for_file(cast, booked, stage.chat_of(mirjam))
        await stage.send()
        (file,) = files(mirjam)
        start = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
        assert (first_line(file.text), event(file)) == (
            "✓ Afgesproken: een gesprek over Sanne",
            (0, "CONFIRMED", start),
        )
        assert file.document
        assert file.document.file_name == "gesprek-sanne-24-nov.ics"
        moved = move(cast, booked, cast.noor_slots[3], NOW, by_staff=False)
        await stage.send()
        assert event(files(mirjam)[0]) == (1, "CONFIRMED", start + timedelta(minutes=30))
        assert files(mirjam)[0].text.endswith("open dit bestand opnieuw, dan staat de nieuwe tijd in uw agenda.")
        cancel(cast, moved, NOW, by_staff=False)
        await stage.send()
        (last,) = files(mirjam)
        assert (first_line(last.text), event(last)[:2], last.message_id) == (
            "❌ Afgezegd: het gesprek over Sanne",
            (2, "CANCELLED"),
            file.message_id,
        )
        assert last.text.endswith("Open dit bestand, dan verdwijnt het gesprek uit uw agenda.")


@story
async def test_the_screen_comes_down_below_a_file(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
        await stage.send()
        ask_for_file(cast, booked, stage.chat_of(mirjam))
        await stage.send()
        assert [mirjam.chat[-1]] == screens(mirjam)


@story
async def test_a_file_that_is_asked_for_again_stands_where_the_person_looks(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        booked = book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
        for later in range(2):
            ask_for_file(cast, booked, stage.chat_of(mirjam), NOW + timedelta(minutes=later))
            await stage.send(after=timedelta(minutes=1))
        kept = cast.database.read(lambda session: session.exec(select(Card.message_id)).one())
        assert [file.message_id for file in files(mirjam)] == [kept]


@story
async def test_a_file_that_was_deleted_is_shown_anew(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        booked = book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
        ask_for_file(cast, booked, stage.chat_of(mirjam))
        await stage.send()
        del mirjam.conversation.messages[files(mirjam)[0].message_id]
        move(cast, booked, cast.noor_slots[3], NOW, by_staff=False)
        await stage.send()
        kept = cast.database.read(lambda session: session.exec(select(Card.message_id)).one())
        (file,) = files(mirjam)
        assert (event(file)[0], file.message_id) == (1, kept)


@story
async def test_what_changed_before_it_was_sent_is_told_once_as_it_is(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        move(cast, book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False), cast.noor_slots[2], NOW)
        await stage.send()
        (screen,) = screens(mirjam)
        assert first_line(screen.text) == "🔁 De Regenboog heeft het gesprek over Sanne verzet."
        assert "✓ dinsdag 24 november, 18:20" in screen.text
        assert told(cast, NoticeKind.CHANGED) == [(DROPPED, LATER), (SENT, "")]


@story
async def test_what_was_booked_and_cancelled_before_it_was_sent_is_told_as_cancelled(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        cancel(cast, book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False), NOW, by_staff=False)
        await stage.send()
        assert [first_line(screen.text) for screen in screens(mirjam)] == ["❌ Het gesprek over Sanne is afgezegd."]
        assert stage.mail.mails == []


@story
async def test_the_school_moves_a_talk_and_every_chat_of_the_family_shows_it_and_nothing_else(cast: Cast) -> None:
    async with staged(cast) as stage:
        people = [await stage.person("de_vries", "Mirjam"), await stage.person("de_vries", "Joost", "en")]
        booked = book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
        await stage.send()
        move(cast, booked, cast.noor_slots[3], NOW)
        await stage.send()
        shown = [screens(person) for person in people]
        assert [[first_line(screen.text) for screen in each] for each in shown] == [
            ["🔁 De Regenboog heeft het gesprek over Sanne verzet."],
            ["🔁 De Regenboog has moved the talk about Sanne."],
        ]
        assert [["18:00 ✓" in button["text"] for button in each[0].buttons] for each in shown] == [[False] * 5] * 2
        assert stage.mail.mailed_to("devries@example.org") == []


@story
async def test_a_family_without_a_chat_hears_from_the_school_by_mail_with_a_calendar_file(cast: Cast) -> None:
    async with staged(cast) as stage:
        booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
        await stage.send()
        cancel(cast, booked, NOW)
        await stage.send()
        mails = stage.mail.mailed_to("devries@example.org")
        assert [mail["Subject"].strip() for mail in mails] == [
            "Afgesproken: een gesprek over Sanne op dinsdag 24 november, 18:00",
            "Afgezegd: het gesprek over Sanne op dinsdag 24 november, 18:00",
        ]
        files = [part for mail in mails for part in mail.iter_attachments()]
        assert [(part.get_content_type(), (part.get_params() or [])[1:2]) for part in files] == [
            ("text/calendar", [("method", "PUBLISH")]),
            ("text/calendar", [("method", "CANCEL")]),
        ]
        assert mails[0]["From"] == "De Regenboog <post@tienminuten.example>"


@story
async def test_a_teacher_who_asked_for_it_hears_of_each_turn_by_mail(cast: Cast) -> None:
    async with staged(cast) as stage:
        booked = book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
        book(cast, "de_vries", "daan", cast.bram_slots[5], by_staff=False)
        await stage.send()
        moved = move(cast, booked, cast.noor_slots[3], NOW, by_staff=False)
        await stage.send()
        cancel(cast, moved, NOW, by_staff=False)
        await stage.send()
        mails = [mail for mail in stage.mail.mails if mail["To"] != "devries@example.org"]
        assert [(mail["To"], mail["Subject"]) for mail in mails] == [
            ("noor@regenboog.example", "Afgesproken: Sanne de Vries, dinsdag 24 november, 18:00"),
            ("noor@regenboog.example", "Verzet: Sanne de Vries, nu dinsdag 24 november, 18:30"),
            ("noor@regenboog.example", "Afgezegd: Sanne de Vries, dinsdag 24 november, 18:30"),
        ]


@story
async def test_a_chat_that_logged_out_gets_nothing_more(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        before = len(mirjam.chat)
        book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
        chat = stage.chat_of(mirjam)

        def leave(session: Session) -> None:
            found = session.get(Chat, chat)
            assert found
            found.school_id, found.family_id = cast.school, cast.de_vries
            session.flush()
            log_out(session, chat, NOW)

        cast.database.work(leave)
        await stage.send()
        assert (len(mirjam.chat), told(cast, NoticeKind.CHANGED)) == (before, [(DROPPED, LOGGED_OUT)])


@story
async def test_a_blocked_family_is_told_nothing(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        before = len(mirjam.chat)
        book(cast, "de_vries", "sanne", cast.noor_slots[0])

        def block(session: Session) -> None:
            family = session.get(Family, cast.de_vries)
            assert family
            family.blocked = True

        cast.database.work(block)
        await stage.send()
        assert (len(mirjam.chat), stage.mail.mailed_to("devries@example.org")) == (before, [])


@story
async def test_a_browser_page_is_never_pushed_to_and_shows_what_came_when_it_is_opened(cast: Cast) -> None:
    async with staged(cast) as stage:
        page = link_chat(cast, cast.de_vries, "page", ChatKind.WEB)
        book(cast, "de_vries", "sanne", cast.noor_slots[0])
        await stage.send()
        (notice,) = [id_ for id_, kind in cast.database.read(sent_to, page) if kind is NoticeKind.CHANGED]
        unseen = cast.database.read(lambda session: session.exec(select(Chat.unseen).where(Chat.id == page)).one())
        assert (unseen, stage.api.calls) == ([notice], [])
        assert [mail["Subject"] for mail in stage.mail.mailed_to("devries@example.org")] == [
            "Afgesproken: een gesprek over Sanne op dinsdag 24 november, 18:00"
        ]


def sent_to(session: Session, chat: int) -> list[tuple[int | None, NoticeKind]]:
    found = session.exec(select(Notice).where(Notice.recipient == Recipient.CHAT, Notice.recipient_id == chat)).all()
    return [(one.id, one.kind) for one in found if one.state is SENT]


@story
async def test_one_chat_of_two_families_gets_a_reminder_for_each(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        chat = stage.chat_of(mirjam)
        cast.database.work(
            lambda session: session.add(
                Link(school_id=cast.school, family_id=cast.jansen, chat_id=chat, since=NOW)
            )
        )  # fmt: skip
        book(cast, "de_vries", "sanne", cast.noor_slots[0])
        book(cast, "jansen", "lotte", cast.noor_slots[1])
        stage.now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
        cast.database.work(plan, stage.now)
        await stage.send()
        (screen,) = screens(mirjam)
        assert [part.splitlines()[2] for part in screen.text.split("🔔")[1:]] == ["Lotte", "Sanne"]
        assert "De Regenboog · Jansen" in screen.text


@story
async def test_a_reminder_has_a_part_for_each_child_and_leaves_out_what_was_cancelled_since(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        book(cast, "de_vries", "sanne", cast.noor_slots[0])
        later = book(cast, "de_vries", "daan", cast.bram_slots[5])
        stage.now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
        await stage.send()
        cast.database.work(plan, stage.now)
        cancel(cast, later, stage.now)
        await stage.send()
        (screen,) = screens(mirjam)
        reminder = screen.text[screen.text.index("🔔") :].partition("De Regenboog ·")[0].partition("❌")[0]
        assert reminder.splitlines()[2:4] == ["Sanne", "18:00–18:10 · juf Noor · lokaal 3"]
        assert "Daan" not in reminder


@story
async def test_a_reminder_that_comes_too_late_is_dropped(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        book(cast, "de_vries", "sanne", cast.noor_slots[0])
        await stage.send()
        before = len(mirjam.chat)
        cast.database.work(plan, datetime(2026, 11, 24, 16, 0, tzinfo=UTC))
        stage.now = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
        await stage.send()
        assert len(mirjam.chat) == before
        assert [state for state, _ in told(cast, NoticeKind.REMINDER)] == [DROPPED]


@story
async def test_a_files_name_in_another_alphabet_arrives_in_the_chat_and_by_mail(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")

        def rename(session: Session) -> None:
            for student_id in (cast.sanne, cast.emir):
                session.get_one(Student, student_id).first_name = "Арина"

        cast.database.work(rename)
        ask_for_file(cast, book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False), stage.chat_of(mirjam))
        book(cast, "yilmaz", "emir", cast.noor_slots[1])
        await stage.send()
        (file,) = files(mirjam)
        assert file.document
        assert file.document.file_name == "gesprek-арина-24-nov.ics"
        (mail,) = stage.mail.mailed_to("yilmaz@example.org")
        assert [part.get_filename() for part in mail.iter_attachments()] == ["gesprek-арина-24-nov.ics"]


@story
async def test_that_sign_up_opened_and_will_close_reaches_the_chat_and_the_mailbox_each_once(cast: Cast) -> None:
    async with staged(cast) as stage:
        mirjam = await stage.person("de_vries")
        seen: list[str] = []

        def choose(session: Session) -> None:
            conference = session.get(Conference, cast.autumn)
            assert conference
            conference.tells_opening, conference.remind_days = True, (2,)

        cast.database.work(choose)
        for moment in (OPENS, OPENS + timedelta(minutes=1), datetime(2026, 11, 20, 17, 0, tzinfo=UTC)):
            stage.now = moment
            cast.database.work(plan, moment)
            await stage.send()
            seen.append(mirjam.chat[-1].text)
        opened, again, closing = seen
        assert (first_line(opened), again) == ("📅 Herfstgesprekken op De Regenboog", opened)
        assert (
            "Er is nog geen tijd gekozen voor Daan en Sanne.\nInschrijven kan tot zondag 22 november, 12:00." in closing
        )
        assert [mail["Subject"].strip() for mail in stage.mail.mailed_to("yilmaz@example.org")] == [
            "Herfstgesprekken op De Regenboog: kies een tijd",
            "Herfstgesprekken op De Regenboog: inschrijven sluit op zondag 22 november",
        ]


@story
async def test_the_digest_reaches_the_teacher_with_what_is_true_then(cast: Cast) -> None:
    async with staged(cast) as stage:
        book(cast, "de_vries", "daan", cast.bram_slots[0])
        stage.now = datetime(2026, 11, 11, 6, 0, tzinfo=UTC)
        cast.database.work(plan, stage.now)
        await stage.send()
        (mail,) = stage.mail.mailed_to("bram@regenboog.example")
        assert mail["Subject"] == "Uw gesprekken: woensdag 11 november"
        body = mail.get_body(("plain",))
        assert body
        assert body.get_content().splitlines()[:5] == [
            "Goedemorgen! Dit is uw dag.",
            "",
            "Nieuw afgesproken",
            "  di 24 nov 18:00  Daan de Vries (Groep 7)",
            "",
        ]


@story
async def test_a_mail_without_an_address_fails_and_says_so(cast: Cast) -> None:
    async with staged(cast) as stage:
        book(cast, "smit", "stephanie", cast.bram_slots[0])
        await stage.send()
        assert told(cast, NoticeKind.CHANGED) == [(FAILED, NO_ADDRESS)]
        assert stage.mail.mails == []


@story
async def test_without_channels_notices_wait_and_the_reason_is_kept(cast: Cast) -> None:
    async with staged(cast) as stage:
        await stage.person("de_vries")
        book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
        stage.sender._chat = stage.sender._mail = None
        await stage.send()
        trouble = [(WAITING, "our settings are refused")]
        assert (told(cast, NoticeKind.CHANGED), told(cast, NoticeKind.TEACHER_BOOKING)) == (trouble, trouble)


@story
async def test_a_notice_to_a_neighbours_chat_is_never_sent(cast: Cast) -> None:
    """A row that should not be there: the link is what counts (rule 6)."""
    async with staged(cast) as stage:
        stranger = await stage.person("jansen", "Eva")
        before = len(stranger.chat)
        stage.tell_linked(stranger, "de_vries")
        await stage.send()
        assert len(stranger.chat) == before
        assert [row[4] for row in outbox(cast, NoticeKind.LINKED)] == [DROPPED]

"""The words of every notice, held to a golden text: one file for each, in every language.

`TIENMINUTEN_GOLDEN=1` writes the files anew; read what changed before committing it.
"""

import os
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from messages.notices import banner, calendar_file, mail_text
from messages.screen import Button
from messages.taps import Disown
from messages.text import languages
from storage.booking.views import BookingView
from storage.notices.contents import Doer, NoticeContents
from storage.notices.digests import Digest, News
from storage.notices.invitations import Invitation
from storage.outbox.recipients import ChatView
from storage.staff.password_links import PasswordLink
from storage.words import Act, ChatKind, NoticeKind, SecretKind
from tests.messages.test_calendar import BOOKING, SCHOOL, START
from tests.support.cast import NOW

GOLDEN = Path(__file__).parent / "golden"
CHAT = ChatView(1, ChatKind.TELEGRAM, "410000001", "", True)
SANNE = replace(BOOKING, teachers=("juf Noor",), remarks="")
DAAN = replace(
    SANNE,
    id=8,
    student_id=9,
    first_name="Daan",
    student_name="Daan de Vries",
    title="Groep 7",
    teachers=("meester Bram",),
    start=START + timedelta(hours=1),
    end=START + timedelta(minutes=70),
)
EARLIER = START - timedelta(minutes=40)
CANCELLED = replace(SANNE, revision=1, cancelled=True)
DIGEST = Digest(
    date(2026, 11, 23),
    (
        News(Act.BOOKED, "Groep 4", "Sanne de Vries", START),
        News(Act.BOOKED, "Groep 4", "", START),
        News(Act.MOVED, "Groep 7", "Daan de Vries", START, EARLIER),
        News(Act.CANCELLED, "Groep 4", "Emir Yılmaz", START),
    ),
    (SANNE,),
    (DAAN,),
)
DOOR = PasswordLink(
    SCHOOL, 5, "noor@regenboog.example", "juf Noor", "", invited=True, until=NOW + timedelta(days=7), token="5-secret"
)
INVITATION = Invitation(
    conference="Herfstgesprekken",
    text="Wij praten graag met u over het rapport.\nNeem het mee!",
    opens=NOW + timedelta(days=1),
    closes=START - timedelta(days=2),
    open=True,
    children=("Daan", "Sanne"),
    secret=SecretKind.POSTCODE,
)
FAMILIES = {
    "card_booked": (NoticeKind.CARD, NoticeContents(SCHOOL, CHAT, talks=(BOOKING,))),
    "card_cancelled": (NoticeKind.CARD, NoticeContents(SCHOOL, CHAT, talks=(CANCELLED,), act=Act.CANCELLED)),
    "changed_booked": (NoticeKind.CHANGED, NoticeContents(SCHOOL, CHAT, talks=(SANNE,))),
    "changed_moved": (
        NoticeKind.CHANGED,
        NoticeContents(SCHOOL, CHAT, talks=(SANNE,), act=Act.MOVED, from_start=EARLIER),
    ),
    "changed_cancelled": (NoticeKind.CHANGED, NoticeContents(SCHOOL, CHAT, talks=(CANCELLED,), act=Act.CANCELLED)),
    "changed_on_another_phone": (
        NoticeKind.CHANGED,
        NoticeContents(SCHOOL, CHAT, talks=(SANNE,), act=Act.MOVED, from_start=EARLIER, doer=Doer.FAMILY),
    ),
    "changed_by_the_other_parent": (
        NoticeKind.CHANGED,
        NoticeContents(SCHOOL, CHAT, talks=(SANNE,), doer=Doer.OTHER),
    ),
    "planning_changed": (NoticeKind.PLANNING_CHANGED, NoticeContents(SCHOOL, CHAT, talks=(SANNE, DAAN))),
    "reminder": (NoticeKind.REMINDER, NoticeContents(SCHOOL, CHAT, talks=(SANNE, DAAN))),
    "linked": (NoticeKind.LINKED, NoticeContents(SCHOOL, CHAT, family_id=1, family_name="de Vries", other_chat=7)),
    "invitation": (
        NoticeKind.INVITATION,
        NoticeContents(replace(SCHOOL, hint="Uw postcode (1234AB)"), CHAT, family_id=1, invitation=INVITATION),
    ),
    "sign_up_opened": (
        NoticeKind.SIGN_UP_OPENED,
        NoticeContents(replace(SCHOOL, hint="Uw postcode (1234AB)"), CHAT, family_id=1, invitation=INVITATION),
    ),
    "sign_up_closing": (
        NoticeKind.SIGN_UP_CLOSING,
        NoticeContents(replace(SCHOOL, hint="Uw postcode (1234AB)"), CHAT, family_id=1, invitation=INVITATION),
    ),
    "invitation_early": (
        NoticeKind.INVITATION,
        NoticeContents(
            SCHOOL, CHAT, family_id=1, invitation=replace(INVITATION, text="", open=False, secret=SecretKind.CODE)
        ),
    ),
}
STAFF = {
    "teacher_booked": (NoticeKind.TEACHER_BOOKING, NoticeContents(SCHOOL, talks=(SANNE,))),
    "teacher_moved": (
        NoticeKind.TEACHER_BOOKING,
        NoticeContents(SCHOOL, talks=(SANNE,), act=Act.MOVED, from_start=EARLIER),
    ),
    "teacher_cancelled": (NoticeKind.TEACHER_BOOKING, NoticeContents(SCHOOL, talks=(CANCELLED,), act=Act.CANCELLED)),
    "digest": (NoticeKind.DIGEST, NoticeContents(SCHOOL, digest=DIGEST)),
    "alarm": (NoticeKind.ALARM, NoticeContents(SCHOOL)),
    "stranger": (NoticeKind.STRANGER, NoticeContents(SCHOOL, family_id=5, family_name="de Vries")),
    "staff_link_invited": (NoticeKind.STAFF_LINK, NoticeContents(SCHOOL, password_link=DOOR)),
    "staff_link_forgotten": (
        NoticeKind.STAFF_LINK,
        NoticeContents(SCHOOL, password_link=replace(DOOR, invited=False, name="")),
    ),
}
TELEGRAM_CAPTION = 1024


def spoken_in(told: NoticeContents, language: str) -> NoticeContents:
    return replace(told, school=replace(told.school, language=language))


def shown(name: str, language: str) -> str:
    """Everything that this notice looks like: in the chat, and as a mail."""
    kind, told = (FAMILIES | STAFF)[name]
    told = spoken_in(told, language)
    parts = []
    if name in FAMILIES:
        parts.append(f"=== chat\n{banner(kind, told, NOW).text}\n")
    mail = mail_text(kind, told, "https://tienminuten.example", NOW)
    parts += [f"=== subject\n{mail.subject}\n", f"=== text\n{mail.text}", f"=== html\n{mail.html}\n"]
    return "\n".join(parts)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", [*FAMILIES, *STAFF])
def test_a_notice_reads_as_it_should(name: str, language: str) -> None:
    file = GOLDEN / f"{name}.{language}.txt"
    if os.environ.get("TIENMINUTEN_GOLDEN"):
        file.write_text(shown(name, language))
    assert shown(name, language) == file.read_text()


def test_there_is_a_golden_text_for_every_kind_and_none_is_left_over() -> None:
    assert {kind for kind, _ in (FAMILIES | STAFF).values()} == set(NoticeKind)
    names = {f"{name}.{language}.txt" for name in FAMILIES | STAFF for language in languages()}
    assert {file.name for file in GOLDEN.iterdir()} == names


def test_a_chat_is_spoken_to_in_its_own_language_and_else_in_the_schools() -> None:
    kind, told = FAMILIES["linked"]
    texts = [
        banner(kind, replace(told, chat=replace(CHAT, language=language)), NOW).text.split(" ")[1]
        for language in ("en", "nl-NL", "xx", "")
    ]
    assert texts == ["<b>Somebody", "<b>Er", "<b>Er", "<b>Er"]


def test_whoever_hears_of_a_sign_in_can_say_that_it_was_none_of_theirs() -> None:
    kind, told = FAMILIES["linked"]
    buttons = [banner(kind, spoken_in(told, language), NOW).button for language in ("en", "nl")]
    disown = Disown(family_id=1, chat_id=7)
    assert buttons == [Button("That was not us", disown), Button("Dat waren wij niet", disown)]


def test_the_schools_own_words_are_shown_as_typed() -> None:
    kind, told = FAMILIES["invitation"]
    words = "<b>Dik</b> {{ 7*7 }} %(names)s %x%\n& tot dan"
    told = replace(told, invitation=replace(INVITATION, text=words))
    assert "&lt;b&gt;Dik&lt;/b&gt; {{ 7*7 }} %(names)s %x%\n&amp; tot dan\n" in banner(kind, told, NOW).text
    assert f"\n{words}\n" in mail_text(kind, told, "https://tienminuten.example", NOW).text


@pytest.mark.parametrize("name", ["Jip & Janneke", "<b>Sanne</b>", "{{ 7 * 7 }}", "%(child)s", "Şükrü", "O'Neill"])
def test_a_hostile_name_is_shown_as_typed_in_chat_and_mail(name: str) -> None:
    kind, told = FAMILIES["card_booked"]
    told = replace(spoken_in(told, "en"), talks=(replace(SANNE, first_name=name),))
    escaped = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
    assert banner(kind, told, NOW).text.splitlines()[0] == f"✓ <b>Booked: a talk about {escaped}</b>"
    mail = mail_text(kind, told, "https://tienminuten.example", NOW)
    assert mail.text.splitlines()[0] == f"✓ Booked: a talk about {name}"
    assert mail.subject == f"Booked: a talk about {name} on Tuesday 24 November, 18:20"


def longest() -> BookingView:
    """Everything as long as its column allows."""
    return replace(
        SANNE,
        first_name="é" * 80,
        title="t" * 120,
        conference="c" * 120,
        teachers=("juf " + "n" * 100, "meester " + "b" * 100),
        room="r" * 60,
        remarks="😀" * 1000,
    )


@pytest.mark.parametrize("language", languages())
def test_the_longest_card_fits_a_caption(language: str) -> None:
    told = spoken_in(NoticeContents(replace(SCHOOL, name="S" * 120), CHAT, talks=(longest(),)), language)
    caption = calendar_file(told, NOW).caption
    text = re.sub(r"</?[bi]>", "", caption)
    assert TELEGRAM_CAPTION - 2 <= len(text.encode("utf-16-le")) // 2 <= TELEGRAM_CAPTION
    assert text.splitlines()[-3].endswith("😀…")

"""Who is reached and how, for the lists and counts of the desk: as the sender itself would do it (M3, rule 23)."""

from collections.abc import Collection

import pytest
from sqlmodel import Session

from storage.families import blocking, family_list, reachability
from storage.families.reachability import Channel, Reach, Unsent
from storage.outbox import delivery
from storage.outbox.queue import claim, fail, settle
from storage.outbox.recipients import family_addresses, pushable_chats
from storage.outbox.write import enqueue
from storage.tables import Family, Student
from storage.words import ChatKind, NoticeKind, Recipient
from tests.support.cast import DESK, NOW, Cast
from tests.support.notices import link_chat
from tests.support.statements import statements

FAMILIES = ("de_vries", "yilmaz", "jansen", "bakker", "smit")


def ways(cast: Cast, names: Collection[str] = FAMILIES) -> dict[str, Channel]:
    found = cast.database.read(reachability.channels, cast.school, [cast.ids[name] for name in names])
    return {name: found[cast.ids[name]] for name in names}


def without_mail(cast: Cast, *names: str) -> None:
    def take(session: Session) -> None:
        for name in names:
            session.get_one(Family, cast.ids[name]).email = ""

    cast.database.work(take)


def address(cast: Cast, student: str, email: str) -> None:
    def give(session: Session) -> None:
        session.get_one(Student, cast.ids[student]).email = email

    cast.database.work(give)


def failed(cast: Cast, family: int, why: str = "the address is refused") -> None:
    cast.database.work(
        enqueue, cast.school, NoticeKind.REMINDER, family, f"{family} {why}", Recipient.FAMILY, family, NOW
    )
    cast.database.work(fail, cast.database.work(claim, NOW, 1)[0].id, NOW, why)


def test_first_the_chat_then_mail_then_only_the_page(cast: Cast) -> None:
    link_chat(cast, cast.de_vries, "1")
    link_chat(cast, cast.yilmaz, "2")
    cast.database.work(delivery.unreachable, link_chat(cast, cast.jansen, "3"))
    link_chat(cast, cast.smit, "page", ChatKind.WEB)
    without_mail(cast, "bakker")
    assert ways(cast) == {
        "de_vries": Channel.TELEGRAM,
        "yilmaz": Channel.TELEGRAM,
        "jansen": Channel.MAIL,
        "smit": Channel.PAGE,
        "bakker": Channel.NONE,
    }
    assert cast.database.read(reachability.reach, cast.school) == Reach(telegram=2, mail=1, page=1, none=1)
    assert cast.database.read(reachability.lost, cast.school) == ((cast.jansen, "Jansen", Channel.MAIL),)


def test_a_child_of_two_families_lends_its_address_to_neither(cast: Cast) -> None:
    without_mail(cast, "jansen", "bakker", "de_vries")
    address(cast, "lotte", "moeder@example.org")
    address(cast, "sanne", "ouders@example.org")
    assert ways(cast, ("jansen", "bakker", "de_vries")) == {
        "jansen": Channel.NONE, "bakker": Channel.NONE, "de_vries": Channel.MAIL
    }  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_it_says_what_the_sender_does(cast: Cast, family: str) -> None:
    link_chat(cast, cast.yilmaz, "2")
    link_chat(cast, cast.smit, "page", ChatKind.WEB)
    without_mail(cast, "de_vries", "jansen")
    address(cast, "daan", "daan@example.org")
    address(cast, "lotte", "lotte@example.org")
    way = ways(cast)[family]
    pushed = cast.database.read(pushable_chats, cast.school, cast.ids[family])
    mailed = cast.database.read(family_addresses, cast.school, cast.ids[family])
    assert (way is Channel.TELEGRAM, way is Channel.MAIL) == (bool(pushed), bool(mailed) and not pushed)


def test_blocked_families_and_those_who_left_are_not_counted(cast: Cast) -> None:
    cast.database.work(blocking.block, cast.school, DESK, cast.smit)

    def leave(session: Session) -> None:
        session.get_one(Student, cast.lotte).left = NOW

    cast.database.work(leave)
    assert cast.database.read(reachability.reach, cast.school).families == 2


def test_what_did_not_arrive_is_named(cast: Cast) -> None:
    failed(cast, cast.jansen)
    cast.database.work(
        enqueue, cast.school, NoticeKind.DIGEST, cast.noor, "2026-11-10", Recipient.TEACHER, cast.noor, NOW
    )
    cast.database.work(fail, cast.database.work(claim, NOW, 1)[0].id, NOW, "the mailbox is full")
    chat = link_chat(cast, cast.smit, "9")
    cast.database.work(enqueue, cast.school, NoticeKind.LINKED, cast.smit, "x", Recipient.CHAT, chat, NOW)
    cast.database.work(fail, cast.database.work(claim, NOW, 1)[0].id, NOW, "the message is refused")
    assert cast.database.read(reachability.unsent, cast.school) == (
        Unsent(NoticeKind.LINKED, Recipient.CHAT, cast.smit, "Smit", NOW, "the message is refused"),
        Unsent(NoticeKind.DIGEST, Recipient.TEACHER, None, "juf Noor", NOW, "the mailbox is full"),
        Unsent(NoticeKind.REMINDER, Recipient.FAMILY, cast.jansen, "Jansen", NOW, "the address is refused"),
    )
    assert cast.database.read(reachability.unsent, cast.horizon) == ()


def test_a_mail_that_arrives_later_ends_the_trouble(cast: Cast) -> None:
    failed(cast, cast.jansen)
    troubled = cast.database.read(family_list.families, cast.school, show="troubled")
    assert [line.name for line in troubled.lines] == ["Jansen"]
    cast.database.work(enqueue, cast.school, NoticeKind.REMINDER, cast.jansen, "y", Recipient.FAMILY, cast.jansen, NOW)
    later = NOW.replace(hour=19)
    cast.database.work(settle, cast.database.work(claim, later, 1)[0].id, later)
    assert cast.database.read(family_list.families, cast.school, show="troubled").lines == ()


def test_one_query_for_all(cast: Cast) -> None:
    with statements(cast.database) as asked:
        cast.database.read(reachability.reach, cast.school)
        cast.database.read(reachability.channels, cast.school, list(range(300)))
    assert len([one for one in asked if one.lstrip().startswith("SELECT")]) == 2

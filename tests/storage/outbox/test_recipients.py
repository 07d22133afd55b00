"""Whom a notice reaches, and that separate households share nothing (rule 23)."""

import pytest
from sqlmodel import Session

from storage.outbox.queue import claim, fail, settle
from storage.outbox.recipients import family_addresses, linked_chat, pushable_chats
from storage.outbox.status import Failure, OutboxStatus, failures, outbox_status
from storage.outbox.write import enqueue
from storage.tables import Family, Student
from storage.words import ChatKind, NoticeKind, Recipient
from tests.support.cast import NOW, Cast
from tests.support.notices import link_chat


def write_to(cast: Cast, **emails: str) -> None:
    """Give people an address: `de_vries` and the like are families, other names students."""

    def give(session: Session) -> None:
        for name, email in emails.items():
            table = Family if name in ("de_vries", "yilmaz", "jansen", "bakker", "smit") else Student
            row = session.get(table, cast.ids[name])
            assert row
            row.email = email

    cast.database.work(give)


def addresses(cast: Cast, family: str) -> tuple[str, ...]:
    return cast.database.read(family_addresses, cast.school, cast.ids[family])


def test_a_family_is_written_to_at_its_own_address(cast: Cast) -> None:
    write_to(cast, sanne="sanne@example.org")
    assert addresses(cast, "de_vries") == ("devries@example.org",)


def test_else_at_its_childrens_each_address_once(cast: Cast) -> None:
    write_to(cast, de_vries="", sanne="ouders@example.org", daan="Ouders@example.org")
    assert addresses(cast, "de_vries") == ("ouders@example.org",)
    write_to(cast, daan="vader@example.org")
    assert addresses(cast, "de_vries") == ("ouders@example.org", "vader@example.org")


@pytest.mark.parametrize("family", ["jansen", "bakker"])
def test_a_child_of_two_families_lends_its_address_to_neither(cast: Cast, family: str) -> None:
    write_to(cast, jansen="", bakker="", lotte="moeder@example.org")
    assert addresses(cast, family) == ()


def test_a_family_without_any_address_has_none(cast: Cast) -> None:
    assert addresses(cast, "smit") == ()


def test_the_neighbours_family_has_no_address_here(cast: Cast) -> None:
    assert cast.database.read(family_addresses, cast.horizon, cast.de_vries) == ()


def test_a_chat_speaks_only_for_the_family_that_it_is_linked_to(cast: Cast) -> None:
    chat = link_chat(cast, cast.de_vries)
    found = [
        cast.database.read(linked_chat, school, family, chat)
        for school, family in ((cast.school, cast.de_vries), (cast.school, cast.jansen), (cast.horizon, cast.de_vries))
    ]
    assert [one is not None for one in found] == [True, False, False]


def test_only_telegram_is_pushed_to(cast: Cast) -> None:
    link_chat(cast, cast.de_vries, "page", ChatKind.WEB)
    phone = link_chat(cast, cast.de_vries, "1")
    assert cast.database.read(pushable_chats, cast.school, cast.de_vries) == (phone,)


def test_the_desk_sees_how_the_outbox_stands_and_what_failed(cast: Cast) -> None:
    for number in (1, 2, 3):
        cast.database.work(
            enqueue, cast.school, NoticeKind.LINKED, cast.de_vries, f"link {number}", Recipient.CHAT, number, NOW
        )
    one, two = cast.database.work(claim, NOW, 2)
    cast.database.work(settle, one.id, NOW)
    cast.database.work(fail, two.id, NOW, "the message is refused")
    assert cast.database.read(outbox_status, cast.school) == OutboxStatus(
        waiting=1, sending=0, sent=1, dropped=0, failed=1, oldest=NOW
    )
    assert cast.database.read(outbox_status, cast.horizon) == OutboxStatus(0, 0, 0, 0, 0, None)
    assert cast.database.read(failures, cast.school) == (
        Failure(two.id, NoticeKind.LINKED, cast.de_vries, Recipient.CHAT, 2, NOW, "the message is refused"),
    )

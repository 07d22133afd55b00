"""Erased means erased: who and what goes, what stays, and what is written down of it (rule 33, G17)."""

import pytest
from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from storage.access.credentials import renew
from storage.access.secrets import name_mac
from storage.notices.digests import digest
from storage.outbox.write import enqueue
from storage.privacy import erasure_requests
from storage.refusals import Invalid, NotFound, Refused
from storage.tables import (
    Audit,
    Booking,
    Card,
    Chat,
    Credential,
    Erasure,
    Family,
    Guess,
    Link,
    Notice,
    Student,
)
from storage.words import Act, Erased, NoticeKind, NoticeState, Recipient, SignInStep
from tests.support.cast import DESK, NOW, PEPPER, Cast
from tests.support.notices import book, link_chat


def erase(cast: Cast, name: str, typed: str = "") -> erasure_requests.ErasurePreview:
    word = typed or {"sanne": "sanne", "stephanie": "Stephanie", "lotte": " LOTTE "}[name]
    return cast.database.work(erasure_requests.erase_student, cast.school, DESK, cast.ids[name], word, PEPPER)


def erase_family(cast: Cast, name: str, typed: str) -> erasure_requests.ErasurePreview:
    return cast.database.work(erasure_requests.erase_family, cast.school, DESK, cast.ids[name], typed, PEPPER)


def ids(cast: Cast, table: type[SQLModel]) -> set[int]:
    return set(cast.database.read(lambda session: session.scalars(select(table.id)).all()))  # type: ignore[attr-defined]


def erasures(cast: Cast) -> set[tuple[Erased, int]]:
    rows = select(col(Erasure.what), col(Erasure.row_id))
    return {tuple(row) for row in cast.database.read(lambda session: session.execute(rows).all())}


def test_a_child_goes_and_its_sister_or_brother_and_family_stay(cast: Cast) -> None:
    goes = erase(cast, "sanne")
    assert (goes.name, goes.families, goes.students) == ("Sanne de Vries", (), ((cast.sanne, "Sanne de Vries"),))
    assert cast.sanne not in ids(cast, Student)
    assert {cast.daan} <= ids(cast, Student)
    assert {cast.de_vries} <= ids(cast, Family)
    assert erasures(cast) == {(Erased.STUDENT, cast.sanne)}


def test_with_the_last_child_the_family_goes_and_its_chat(cast: Cast) -> None:
    link_chat(cast, cast.smit)
    assert erase(cast, "stephanie").families == ((cast.smit, "Smit"),)
    assert cast.smit not in ids(cast, Family)
    assert (ids(cast, Link), ids(cast, Chat)) == (set(), set())
    assert erasures(cast) == {(Erased.STUDENT, cast.stephanie), (Erased.FAMILY, cast.smit)}


def test_a_chat_that_speaks_for_another_family_too_stays(cast: Cast) -> None:
    chat = link_chat(cast, cast.smit)
    cast.database.work(
        lambda session: session.add(Link(school_id=cast.school, family_id=cast.de_vries, chat_id=chat, since=NOW))
    )
    erase(cast, "stephanie")
    assert ids(cast, Chat) == {chat}


def test_both_families_of_a_shared_only_child_go(cast: Cast) -> None:
    assert [name for _, name in erase(cast, "lotte").families] == ["Jansen", "Bakker"]


def test_a_family_takes_its_children_along_but_not_those_of_another_family(cast: Cast) -> None:
    goes = erase_family(cast, "jansen", "Lotte")
    assert (goes.students, goes.stay) == ((), ("Lotte Jansen",))
    assert {cast.lotte} <= ids(cast, Student)
    goes = erase_family(cast, "yilmaz", "emir")
    assert [name for _, name in goes.students] == ["Emir Yılmaz", "Elif Yılmaz"]
    assert {cast.emir, cast.ids["elif"]} & ids(cast, Student) == set()


def test_talks_cards_notices_and_ways_in_go_and_the_time_is_free(cast: Cast) -> None:
    chat = link_chat(cast, cast.smit)
    booked = book(cast, "smit", "stephanie", cast.bram_slots[0], by_staff=False)
    cast.database.work(
        lambda session: session.add(Card(school_id=cast.school, booking_id=booked.id, chat_id=chat, message_id=7))
    )
    assert ids(cast, Notice) != set()
    erase(cast, "stephanie")
    assert (ids(cast, Booking), ids(cast, Notice)) == (set(), set())
    assert cast.database.read(lambda session: session.scalars(select(Card)).all()) == []
    book(cast, "de_vries", "daan", cast.bram_slots[0], by_staff=False)


def test_the_teacher_reads_that_a_talk_is_off_and_no_name(cast: Cast) -> None:
    book(cast, "smit", "stephanie", cast.bram_slots[0], now=NOW.replace(day=8))
    told = (NoticeKind.DIGEST, cast.bram, "2026-11-10", Recipient.TEACHER, cast.bram)
    cast.database.work(enqueue, cast.school, *told, NOW)
    cast.database.work(lambda session: setattr(session.scalars(select(Notice)).all()[-1], "state", NoticeState.SENT))
    erase(cast, "stephanie")
    day = NOW.date().replace(day=11)
    found = cast.database.read(digest, cast.school, cast.bram, day, "Europe/Amsterdam", NOW.replace(day=11))
    assert [(one.act, one.student_name, one.planning) for one in found.news] == [(Act.CANCELLED, "", "Groep 7")]


def test_nobody_comes_in_with_what_was_the_erased_childs(cast: Cast) -> None:
    cast.database.work(renew, cast.school, PEPPER)
    erase(cast, "sanne")
    of_child = select(col(Credential.id)).where(col(Credential.student_id) == cast.sanne)
    assert cast.database.read(lambda session: session.scalars(of_child).all()) == []


def test_what_was_typed_in_a_chat_goes_too(cast: Cast) -> None:
    chat = link_chat(cast, cast.de_vries)

    def type_it(session: Session) -> None:
        row = session.get_one(Chat, chat)
        row.school_id, row.step, row.first_name, row.secret = cast.school, SignInStep.SECRET, "sanne", "x" * 64
        mac = name_mac(PEPPER, "sanne")
        session.add(Guess(school_id=cast.school, chat_id=chat, first_name=mac, value="y" * 64, at=NOW))

    cast.database.work(type_it)
    erase(cast, "sanne")
    assert ids(cast, Guess) == set()
    row = cast.database.read(lambda session: session.get_one(Chat, chat))
    assert (row.step, row.first_name, row.secret) == (SignInStep.FIRST_NAME, "", "")


def test_the_trail_keeps_ids_alone(cast: Cast) -> None:
    erase(cast, "stephanie")
    rows = select(col(Audit.act), col(Audit.subject), col(Audit.detail))
    ((act, subject, detail),) = cast.database.read(lambda session: session.execute(rows).all())
    assert (act, subject) == (Act.ERASED, cast.stephanie)
    assert detail == {"what": "student", "ids": [cast.stephanie], "families_ids": [cast.smit]}


@pytest.mark.parametrize("typed", ["", " ", "Daan", "Sann", "Sanne de Vries"])
def test_without_the_right_name_nothing_is_erased(cast: Cast, typed: str) -> None:
    with pytest.raises(Refused) as refused:
        cast.database.work(erasure_requests.erase_student, cast.school, DESK, cast.sanne, typed, PEPPER)
    assert isinstance(refused.value.refusal, Invalid)
    assert {cast.sanne} <= ids(cast, Student)


def test_a_child_or_family_of_another_school_is_not_found(cast: Cast) -> None:
    for do, other in ((erasure_requests.erase_student, cast.other_sanne), (erasure_requests.erase_family, cast.mulder)):
        with pytest.raises(Refused) as refused:
            cast.database.work(do, cast.school, DESK, other, "Sanne", PEPPER)
        assert isinstance(refused.value.refusal, NotFound)
    assert {cast.other_sanne} <= ids(cast, Student)


def test_what_would_go_is_told_before(cast: Cast) -> None:
    link_chat(cast, cast.smit)
    book(cast, "smit", "stephanie", cast.bram_slots[2])
    goes = cast.database.read(erasure_requests.of_student, cast.school, cast.stephanie, NOW)
    assert (goes.word, goes.talks, goes.chats) == ("Stéphanie", 1, 1)
    assert [(one.student, one.planning) for one in goes.ahead] == [("Stéphanie Smit", "Groep 7")]

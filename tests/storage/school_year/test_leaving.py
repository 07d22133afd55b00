"""Children who leave and who come back: talks, ways in and chats (D19)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.access import credentials
from storage.booking import choosing
from storage.outbox.recipients import family_addresses
from storage.refusals import NotFound, Refused
from storage.school_year.leaving import come_back, leave, let_go
from storage.tables import Audit, Booking, Credential, Letter, Link, Notice, Student
from storage.words import Act, ChatKind, NoticeKind, NoticeState, Recipient
from tests.support.cast import DESK, NOW, PEPPER, Cast
from tests.support.notices import add_slot, book, link_chat, outbox


def left(cast: Cast, *names: str, now: datetime = NOW, since: datetime | None = None) -> int:
    return cast.database.work(leave, cast.school, replace(DESK, now=now), [cast.ids[name] for name in names], since)


def back(cast: Cast, *names: str) -> int:
    ids = [cast.ids[name] for name in names]
    return cast.database.work(come_back, cast.school, replace(DESK, now=NOW + timedelta(days=1)), ids, PEPPER)


def moment_of(cast: Cast, name: str) -> datetime | None:
    return cast.database.read(lambda session: session.get_one(Student, cast.ids[name]).left)


def ways_in(cast: Cast, name: str) -> int:
    count = select(func.count()).where(col(Credential.student_id) == cast.ids[name])
    return cast.database.read(lambda session: session.scalar(count)) or 0


def links(cast: Cast) -> int:
    return cast.database.read(lambda session: session.scalar(select(func.count()).select_from(Link))) or 0


def trail(cast: Cast) -> list[tuple[Act, int | None]]:
    rows = select(col(Audit.act), col(Audit.subject)).order_by(col(Audit.id))
    return cast.database.read(lambda session: [tuple(row) for row in session.execute(rows)])


def test_who_leaves_has_no_talk_ahead_and_the_family_and_teacher_are_told(cast: Cast) -> None:
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    assert left(cast, "sanne") == 1
    assert cast.database.read(lambda session: session.get_one(Booking, booked.id).cancelled) == NOW
    family = (booked.id, "1", Recipient.FAMILY, cast.de_vries, NoticeState.WAITING)
    assert outbox(cast, NoticeKind.CHANGED)[1:] == [family]
    assert [row[1:4] for row in outbox(cast, NoticeKind.TEACHER_BOOKING)] == [
        ("0", Recipient.TEACHER, cast.noor),
        ("1", Recipient.TEACHER, cast.noor),
    ]
    assert trail(cast)[1:] == [(Act.CANCELLED, booked.id), (Act.STUDENTS_LEFT, cast.sanne)]


def test_a_talk_that_has_been_stays(cast: Cast) -> None:
    past = add_slot(cast, cast.noor_planning, NOW - timedelta(days=3))
    booked = book(cast, "de_vries", "sanne", past, NOW - timedelta(days=4))
    left(cast, "sanne")
    assert cast.database.read(lambda session: session.get_one(Booking, booked.id).cancelled) is None


def test_nobody_comes_in_with_a_child_that_left_also_after_the_secrets_are_renewed(cast: Cast) -> None:
    assert (ways_in(cast, "sanne"), ways_in(cast, "daan")) == (1, 1)
    left(cast, "sanne")
    cast.database.work(credentials.renew, cast.school, PEPPER)
    assert (ways_in(cast, "sanne"), ways_in(cast, "daan")) == (0, 1)


def test_a_family_without_a_child_here_loses_its_chats_and_letters(cast: Cast) -> None:
    link_chat(cast, cast.de_vries, "1", ChatKind.WEB)
    link_chat(cast, cast.yilmaz, "2")
    cast.database.work(lambda session: session.add(_letter(cast)))
    left(cast, "sanne")
    assert links(cast) == 2
    left(cast, "daan")
    assert links(cast) == 1
    assert cast.database.read(lambda session: session.scalar(select(func.count()).select_from(Letter))) == 0


def _letter(cast: Cast) -> Letter:
    return Letter(id="x" * 64, school_id=cast.school, family_id=cast.de_vries, made=NOW, until=NOW)


def test_a_chat_is_let_go_once_it_was_told(cast: Cast) -> None:
    link_chat(cast, cast.smit)
    book(cast, "smit", "stephanie", cast.bram_slots[0], by_staff=False)
    left(cast, "stephanie")
    assert [row[1:3] for row in outbox(cast, NoticeKind.CHANGED)] == [("0", Recipient.CHAT), ("1", Recipient.CHAT)]
    assert links(cast) == 1
    assert cast.database.read(choosing.overview, cast.school, cast.smit, NOW) == ()
    cast.database.work(_all_sent)
    cast.database.work(let_go, NOW)
    assert links(cast) == 0


def _all_sent(session: Session) -> None:
    for notice in session.scalars(select(Notice)):
        notice.state = NoticeState.SENT


def test_a_family_of_which_everybody_left_is_told_at_its_childs_address(cast: Cast) -> None:
    def set_address(session: Session) -> None:
        session.get_one(Student, cast.stephanie).email = "ouders@example.org"

    cast.database.work(set_address)
    left(cast, "stephanie")
    assert cast.database.read(family_addresses, cast.school, cast.smit) == ("ouders@example.org",)


def test_leaving_twice_is_leaving_once(cast: Cast) -> None:
    assert (left(cast, "sanne", "daan"), left(cast, "sanne", now=NOW + timedelta(days=1))) == (2, 0)
    assert moment_of(cast, "sanne") == NOW
    assert trail(cast) == [(Act.STUDENTS_LEFT, cast.sanne), (Act.STUDENTS_LEFT, cast.daan)]


def test_the_days_are_counted_from_the_date_that_was_given_but_from_no_later_one(cast: Cast) -> None:
    july = datetime(2026, 7, 10, 22, 0, tzinfo=UTC)
    left(cast, "sanne", since=july)
    left(cast, "daan", since=NOW + timedelta(days=9))
    assert (moment_of(cast, "sanne"), moment_of(cast, "daan")) == (july, NOW)


def test_a_child_of_another_school_is_not_found_and_nobody_leaves(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        left(cast, "sanne", "other_sanne")
    assert refused.value.refusal == NotFound("student")
    assert (moment_of(cast, "sanne"), moment_of(cast, "other_sanne")) == (None, None)


def test_who_comes_back_is_in_its_group_and_its_parents_can_sign_in(cast: Cast) -> None:
    left(cast, "sanne", "daan")
    assert (back(cast, "sanne"), back(cast, "sanne")) == (1, 0)
    assert (moment_of(cast, "sanne"), ways_in(cast, "sanne"), ways_in(cast, "daan")) == (None, 1, 0)
    children = cast.database.read(choosing.overview, cast.school, cast.de_vries, NOW)
    assert [(child.first_name, [talk.title for talk in child.talks]) for child in children] == [("Sanne", ["Groep 4"])]
    assert trail(cast)[-1] == (Act.CAME_BACK, cast.sanne)


def test_the_other_family_of_a_child_that_leaves_is_told_too(cast: Cast) -> None:
    book(cast, "bakker", "lotte", cast.noor_slots[3], by_staff=False)
    left(cast, "lotte")
    cancelled = [row[2:4] for row in outbox(cast, NoticeKind.CHANGED) if row[1] == "1"]
    assert sorted(cancelled) == [(Recipient.FAMILY, cast.jansen), (Recipient.FAMILY, cast.bakker)]
    assert ways_in(cast, "lotte") == 0

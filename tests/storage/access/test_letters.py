"""Letters with a code that signs one chat in, once (D25; rules 4, 6, 7)."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from storage.access import letters
from storage.access.letter_recipients import LetterRecipient, LetterSelection, Who, letter_recipients
from storage.access.letters import LASTS, Letters, Written
from storage.database.engine import Database
from storage.families import blocking, families, merging
from storage.privacy.retention import clear_common
from storage.refusals import Invalid, LetterTooOld, LetterUnknown, LetterUsed, NotFound, Refusal, Refused
from storage.tables import Audit, Letter, Notice, Student
from storage.words import Act, ChatKind, NoticeKind, Recipient
from tests.support.arriving import arrives, looks, tries
from tests.support.cast import DESK, NOW, PEPPER, Cast
from tests.support.notices import link_chat

UNTIL = datetime(2026, 12, 22, 23, 0, tzinfo=UTC)  # the end of Tuesday 22 December on the school's clock


def written(cast: Cast, choice: LetterSelection | None = None, **more: Any) -> tuple[Written, ...]:
    return cast.database.work(letters.write, cast.school, DESK, choice or LetterSelection(), PEPPER, **more)


def one(cast: Cast, family_id: int, **more: Any) -> Written:
    return written(cast, LetterSelection(family_id=family_id), **more)[0]


def used(cast: Cast, chat: int, token: str, now: datetime = NOW, school: int = 0) -> tuple[str, ...] | Refusal:
    try:
        return cast.database.work(letters.use, school or cast.school, chat, token, now)
    except Refused as refused:
        return refused.refusal


def looked_at(cast: Cast, token: str, now: datetime = NOW, school: int = 0) -> Refusal | None:
    try:
        cast.database.read(letters.look_at, school or cast.school, token, now)
    except Refused as refused:
        return refused.refusal
    return None


def acts(database: Database) -> list[tuple[Any, ...]]:
    return database.read(
        lambda session: [
            (row.act, row.subject, row.detail) for row in session.exec(select(Audit).order_by(col(Audit.id)))
        ]
    )


def told(database: Database) -> list[int]:
    """The chats that are told of another one."""
    return database.read(
        lambda session: list(
            session.exec(
                select(Notice.recipient_id).where(Notice.kind == NoticeKind.LINKED, Notice.recipient == Recipient.CHAT)
            )
        )
    )


def test_each_family_gets_one_letter_on_the_pile_of_its_youngest_child(cast: Cast) -> None:
    found = cast.database.read(letter_recipients, cast.school, LetterSelection())
    assert [(one.group, one.child, one.family) for one in found] == [
        ("groep 4", "Jansen, Lotte", "Jansen"),
        ("groep 4", "Jansen, Lotte", "Bakker"),
        ("groep 4", "Vries, Sanne de", "de Vries"),
        ("groep 4", "Yılmaz, Elif", "Yılmaz"),
        ("groep 7", "Smit, Stéphanie", "Smit"),
    ]
    assert found[2] == LetterRecipient(
        cast.de_vries, "de Vries", ("Daan", "Sanne"), "Vries, Sanne de", "groep 4", False
    )


def test_of_one_group_those_with_a_child_in_it(cast: Cast) -> None:
    found = cast.database.read(letter_recipients, cast.school, LetterSelection(groups=frozenset({cast.groep7})))
    assert [(one.group, one.child) for one in found] == [("groep 7", "Smit, Stéphanie"), ("groep 7", "Vries, Daan de")]
    assert cast.database.read(letter_recipients, cast.horizon, LetterSelection(groups=frozenset({cast.groep7}))) == ()


def test_blocked_families_and_leavers_get_none(cast: Cast) -> None:
    cast.database.work(blocking.block, cast.school, DESK, cast.smit)

    def leave(session: Any) -> None:
        session.get(Student, cast.sanne).left = NOW
        session.get(Student, cast.lotte).left = NOW

    cast.database.work(leave)
    found = cast.database.read(letter_recipients, cast.school, LetterSelection())
    assert [(one.family, one.group, one.children) for one in found] == [
        ("Yılmaz", "groep 4", ("Emir", "Elif")),
        ("de Vries", "groep 7", ("Daan",)),
    ]


@pytest.mark.parametrize(("who", "names"), [(Who.UNLINKED, ["Bakker", "Yılmaz", "Smit"]), (Who.BARE, ["Bakker"])])
def test_only_those_without_a_chat_or_without_a_secret(cast: Cast, who: Who, names: list[str]) -> None:
    link_chat(cast, cast.de_vries)
    link_chat(cast, cast.jansen, "page", ChatKind.WEB)
    assert [one.family for one in cast.database.read(letter_recipients, cast.school, LetterSelection(who=who))] == names


def test_only_a_digest_of_the_code_is_kept_and_the_making_is_written_down_once(cast: Cast) -> None:
    made = written(cast)
    rows = cast.database.read(lambda session: list(session.exec(select(Letter))))
    assert len({one.token for one in made}) == 5
    assert sorted(len(one.token) for one in made) == [22] * 5
    assert {one.token for one in made} & {row.id for row in rows} == set()
    assert {(row.school_id, row.until, row.used) for row in rows} == {(cast.school, UNTIL, None)}
    assert acts(cast.database) == [(Act.LETTERS_MADE, None, {"letters": 5})]
    assert cast.database.read(letters.standing, cast.school, NOW) == Letters(5, 0, UNTIL)
    assert cast.database.read(letters.standing, cast.horizon, NOW) == Letters(0, 0, None)


def test_a_letter_signs_a_chat_in_once(cast: Cast) -> None:
    token = one(cast, cast.de_vries).token
    assert looked_at(cast, token) is None
    phone = arrives(cast, "1")
    assert used(cast, phone, token) == ("Daan", "Sanne")
    seen = looks(cast, "1")
    assert (seen.family and seen.family.id, seen.step) == (cast.de_vries, "")
    assert used(cast, arrives(cast, "2"), token) == LetterUsed()
    assert looked_at(cast, token) == LetterUsed()
    assert acts(cast.database)[1:] == [(Act.LINKED, cast.de_vries, {})]


def test_a_chat_that_is_in_already_leaves_the_letter_to_the_other_parent(cast: Cast) -> None:
    token = one(cast, cast.de_vries).token
    tries(cast, mother := arrives(cast, "1"), "Sanne", "3511AB")
    assert used(cast, mother, token) == ("Daan", "Sanne")
    assert used(cast, arrives(cast, "2"), token) == ("Daan", "Sanne")
    assert told(cast.database) == [mother]


def test_the_other_chats_of_the_family_are_told(cast: Cast) -> None:
    phone = link_chat(cast, cast.de_vries, "77")
    link_chat(cast, cast.smit, "78")
    used(cast, arrives(cast, "1"), one(cast, cast.de_vries).token)
    assert told(cast.database) == [phone]


def test_a_letter_is_too_old_after_its_last_day(cast: Cast) -> None:
    token = one(cast, cast.de_vries).token
    assert timedelta(0) < UNTIL - NOW - LASTS < timedelta(days=1)
    assert looked_at(cast, token, UNTIL - timedelta(seconds=1)) is None
    chat = arrives(cast, "1")
    assert used(cast, chat, token, UNTIL) == LetterTooOld(UNTIL - timedelta(seconds=1))
    assert looks(cast, "1").family is None


def test_a_blocked_familys_letter_does_nothing_and_works_again_when_it_is_let_in(cast: Cast) -> None:
    token = one(cast, cast.de_vries).token
    cast.database.work(blocking.block, cast.school, DESK, cast.de_vries)
    chat = arrives(cast, "1")
    assert (used(cast, chat, token), looked_at(cast, token)) == (LetterUnknown(), LetterUnknown())
    cast.database.work(blocking.admit, cast.school, DESK, cast.de_vries)
    assert used(cast, chat, token) == ("Daan", "Sanne")


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "\udcff", "1" * 10_000])
def test_a_guessed_code_is_unknown(cast: Cast, token: str) -> None:
    one(cast, cast.de_vries)
    assert used(cast, arrives(cast, "1"), token) == LetterUnknown()


def test_a_letter_is_unknown_at_another_school(cast: Cast) -> None:
    token = one(cast, cast.de_vries).token
    assert used(cast, arrives(cast, "1", cast.horizon), token, school=cast.horizon) == LetterUnknown()
    assert looked_at(cast, token, school=cast.horizon) == LetterUnknown()


def test_two_phones_with_one_letter_at_the_same_moment(cast: Cast) -> None:
    token = one(cast, cast.de_vries).token
    chats = [arrives(cast, str(number)) for number in range(6)]
    ready, outcomes = threading.Barrier(6), []

    def come_in(chat: int) -> None:
        ready.wait(10)
        outcomes.append(used(cast, chat, token))

    threads = [threading.Thread(target=come_in, args=(chat,)) for chat in chats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes, key=str) == [("Daan", "Sanne")] + [LetterUsed()] * 5


def test_families_without_the_schools_secret_get_a_code_on_their_letter(cast: Cast) -> None:
    made = {one.to.family_id: one.code for one in written(cast, coding=True)}
    assert {family_id: bool(code) for family_id, code in made.items()} == {
        cast.de_vries: False, cast.yilmaz: False, cast.jansen: False, cast.smit: False, cast.bakker: True
    }  # fmt: skip
    assert tries(cast, arrives(cast, "1"), "Lotte", made[cast.bakker]) is not None
    assert looks(cast, "1").family is not None
    assert [act for act, _, _ in acts(cast.database)][:2] == [Act.FAMILY_CHANGED, Act.LETTERS_MADE]
    assert one(cast, cast.smit).code == ""
    assert len(one(cast, cast.smit, coding=True).code) == 9


def test_there_must_be_somebody_to_write_to(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        written(cast, LetterSelection(groups=frozenset()))
    assert refused.value.refusal == Invalid("There is no family for a letter here.")
    with pytest.raises(Refused) as refused:
        one(cast, cast.mulder)
    assert refused.value.refusal == NotFound("family")


def test_letters_that_are_out_can_be_withdrawn(cast: Cast) -> None:
    tokens = [one.token for one in written(cast)]
    used(cast, arrives(cast, "1"), tokens[0])
    assert cast.database.work(letters.withdraw, cast.school, DESK, cast.smit) == 1
    assert cast.database.work(letters.withdraw, cast.school, DESK) == 3
    assert cast.database.work(letters.withdraw, cast.school, DESK) == 0
    assert [looked_at(cast, token) for token in tokens] == [LetterUsed(), *[LetterUnknown()] * 4]
    assert acts(cast.database)[2:] == [
        (Act.LETTERS_WITHDRAWN, cast.smit, {"letters": 1}),
        (Act.LETTERS_WITHDRAWN, None, {"letters": 3}),
    ]


def test_letters_go_with_a_merge_and_lose_their_power_when_a_family_is_split(cast: Cast) -> None:
    bakker, smit = one(cast, cast.bakker).token, one(cast, cast.smit).token
    cast.database.work(merging.merge, cast.school, DESK, cast.jansen, cast.bakker, PEPPER)
    assert used(cast, arrives(cast, "1"), bakker) == ("Lotte",)
    cast.database.work(families.move, cast.school, DESK, cast.stephanie, cast.smit, cast.jansen, PEPPER)
    assert looked_at(cast, smit) == LetterUnknown()
    vries = one(cast, cast.de_vries).token
    cast.database.work(families.take_out, cast.school, DESK, cast.daan, cast.de_vries, PEPPER)
    assert looked_at(cast, vries) == LetterUnknown()


def test_a_letter_is_cleared_away_long_after_its_last_day(cast: Cast) -> None:
    token = one(cast, cast.de_vries).token
    cast.database.work(clear_common, UNTIL + timedelta(days=89))
    assert looked_at(cast, token, UNTIL + timedelta(days=89)) == LetterTooOld(UNTIL - timedelta(seconds=1))
    cast.database.work(clear_common, UNTIL + timedelta(days=90))
    assert looked_at(cast, token, UNTIL + timedelta(days=90)) == LetterUnknown()

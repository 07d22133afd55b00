"""Chats: who is there, at which school, for which family, decided afresh at every look (P4, P5, rules 6, 7)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Concatenate, ParamSpec, TypeVar

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from storage.access import chats
from storage.access.chats import FamilyView
from storage.outbox import delivery
from storage.refusals import NotFound, Refused
from storage.tables import Audit, Chat, Family, Link, School
from storage.words import Act, ChatKind, SecretKind, SignInStep
from tests.support.arriving import arrives, comes_in, count, family_of, looks, moves_in, school_of, tries
from tests.support.cast import NOW, Cast

P = ParamSpec("P")
T = TypeVar("T")


def do(cast: Cast, action: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    return cast.database.work(action, *args, **kwargs)


def families(cast: Cast, chat: int) -> list[tuple[str, str]]:
    found = cast.database.read(chats.linked_families, chat)
    return [(school.slug, family.name) for school, family in found]


def block(cast: Cast, family: int, blocked: bool = True) -> None:
    cast.database.work(
        lambda session: session.execute(update(Family).where(col(Family.id) == family).values(blocked=blocked))
    )


def test_whoever_never_came_is_nobody(cast: Cast) -> None:
    assert cast.database.read(chats.look, ChatKind.TELEGRAM, "1") is None


def test_a_new_chat_knows_no_school_and_no_family(cast: Cast) -> None:
    visitor = do(cast, chats.visit, ChatKind.TELEGRAM, "1", "pl", NOW)
    assert (visitor.school, visitor.family, visitor.language, visitor.step) == (None, None, "pl", SignInStep.NONE)
    assert looks(cast, "1") == visitor


def test_a_chat_is_found_again_and_keeps_its_language(cast: Cast) -> None:
    first = do(cast, chats.visit, ChatKind.TELEGRAM, "1", "pl", NOW)
    do(cast, chats.choose_language, first.chat_id, "en")
    again = do(cast, chats.visit, ChatKind.TELEGRAM, "1", "tr", NOW + timedelta(days=1))
    assert (again.chat_id, again.language) == (first.chat_id, "en")
    assert count(cast.database, Chat) == 1


def test_one_address_in_telegram_and_on_the_web_are_two_chats(cast: Cast) -> None:
    one = do(cast, chats.visit, ChatKind.TELEGRAM, "1", "nl", NOW)
    other = do(cast, chats.visit, ChatKind.WEB, "1", "nl", NOW)
    assert one.chat_id != other.chat_id


def test_whoever_blocked_us_is_reachable_again_when_they_speak(cast: Cast) -> None:
    chat = do(cast, chats.visit, ChatKind.TELEGRAM, "1", "nl", NOW).chat_id
    do(cast, delivery.unreachable, chat)
    assert _reachable(cast) == [False]
    do(cast, chats.visit, ChatKind.TELEGRAM, "1", "nl", NOW + timedelta(seconds=1))
    assert _reachable(cast) == [True]


def _reachable(cast: Cast) -> list[bool]:
    return cast.database.read(lambda session: list(session.scalars(select(col(Chat.reachable)))))


def test_a_school_is_found_by_its_link_in_any_case(cast: Cast) -> None:
    found = cast.database.read(chats.school_by_slug, "Regenboog")
    assert found is not None
    assert (found.id, found.name, found.hint, found.secret_kind) == (
        cast.school,
        "De Regenboog",
        "Uw postcode (1234AB)",
        SecretKind.POSTCODE,
    )
    assert cast.database.read(chats.school_by_slug, "nowhere") is None


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("regenboog", ["regenboog"]),
        ("  DE   regen ", ["regenboog"]),
        ("de", ["horizon", "regenboog"]),
        ("horizon de", ["horizon"]),
        ("d", []),
        ("", []),
        ("%", []),
        ("__", []),
        ("regenboog horizon", []),
    ],
)
def test_a_school_is_found_by_words_of_its_name(cast: Cast, text: str, slugs: list[str]) -> None:
    assert [school.slug for school in cast.database.read(chats.schools_like, text)] == slugs


def test_a_school_is_found_without_its_accents_and_hyphens(cast: Cast) -> None:
    def rename(session: Session) -> None:
        session.execute(update(School).where(col(School.id) == cast.school).values(name="Sint-Jozefschool André"))

    do(cast, rename)
    for text in ("andre", "sint jozef", "Sint-Jozef", "ANDRÉ", "st-jozef andre"):
        found = [school.id for school in cast.database.read(chats.schools_like, text)]
        assert found == ([] if text.startswith("st") else [cast.school])


def test_no_more_schools_are_shown_than_asked(cast: Cast) -> None:
    assert [school.slug for school in cast.database.read(chats.schools_like, "de", 1)] == ["horizon"]


def test_a_chat_stays_logged_in(cast: Cast) -> None:
    comes_in(cast, "1", "Sanne", "3511AB")
    later = do(cast, chats.visit, ChatKind.TELEGRAM, "1", "nl", NOW + timedelta(days=300))
    assert (later.family, later.step) == (FamilyView(cast.de_vries, "de Vries"), SignInStep.NONE)


def test_entering_the_school_again_keeps_the_family(cast: Cast) -> None:
    comes_in(cast, "1", "Sanne", "3511AB")
    arrives(cast, "1")
    assert looks(cast, "1").family == FamilyView(cast.de_vries, "de Vries")


def test_both_parents_come_in_and_one_goes(cast: Cast) -> None:
    first = comes_in(cast, "1", "Sanne", "3511AB")
    comes_in(cast, "2", "Daan", "3511AB")
    do(cast, chats.log_out, first, NOW)
    assert (looks(cast, "1").family, looks(cast, "2").family) == (None, FamilyView(cast.de_vries, "de Vries"))
    assert (school_of(cast, "1").slug, looks(cast, "1").step) == ("regenboog", SignInStep.FIRST_NAME)


def test_logging_out_is_in_the_audit_trail_and_twice_is_once(cast: Cast) -> None:
    chat = comes_in(cast, "1", "Sanne", "3511AB")
    do(cast, chats.log_out, chat, NOW)
    do(cast, chats.log_out, chat, NOW)
    do(cast, chats.log_out, chat + 1, NOW)
    assert count(cast.database, Audit, col(Audit.act) == Act.UNLINKED) == 1
    assert count(cast.database, Link) == 0


def test_one_chat_speaks_for_several_families_of_several_schools(cast: Cast) -> None:
    chat = comes_in(cast, "1", "Sanne", "3511AB")
    do(cast, chats.set_step, chat, SignInStep.FIRST_NAME)
    tries(cast, chat, "Lotte", "blauwe-olifant")
    arrives(cast, "1", cast.horizon)
    assert (looks(cast, "1").family, looks(cast, "1").step) == (None, SignInStep.FIRST_NAME)
    tries(cast, chat, "Sanne", "3511AB")
    expected = [("horizon", "Mulder"), ("regenboog", "Bakker"), ("regenboog", "de Vries")]
    assert sorted(families(cast, chat)) == expected
    for school, family in ((cast.school, cast.bakker), (cast.horizon, cast.mulder), (cast.school, cast.de_vries)):
        do(cast, chats.switch, chat, school, family)
        assert (school_of(cast, "1").id, family_of(cast, "1").id) == (school, family)


def test_while_another_family_is_added_the_first_is_still_there(cast: Cast) -> None:
    chat = comes_in(cast, "1", "Sanne", "3511AB")
    do(cast, chats.set_step, chat, SignInStep.FIRST_NAME)
    tries(cast, chat, "Lotte", "wrong")
    assert (family_of(cast, "1").name, looks(cast, "1").step) == ("de Vries", SignInStep.SECRET)
    do(cast, chats.switch, chat, cast.school, cast.de_vries)
    assert looks(cast, "1").step is SignInStep.NONE


def test_logging_out_of_one_family_leaves_the_others(cast: Cast) -> None:
    chat = comes_in(cast, "1", "Sanne", "3511AB")
    do(cast, chats.set_step, chat, SignInStep.FIRST_NAME)
    tries(cast, chat, "Lotte", "3513EF")
    do(cast, chats.log_out, chat, NOW)
    assert families(cast, chat) == [("regenboog", "de Vries")]
    assert looks(cast, "1").family is None


def test_a_stranger_s_family_is_not_found(cast: Cast) -> None:
    chat = comes_in(cast, "1", "Sanne", "3511AB")
    comes_in(cast, "2", "Emir", "3512CD")
    elsewhere = [
        (cast.school, cast.yilmaz),
        (cast.horizon, cast.mulder),
        (cast.horizon, cast.de_vries),
        (cast.school, 0),
        (-1, cast.de_vries),
    ]
    for school, family in elsewhere:
        with pytest.raises(Refused) as caught:
            do(cast, chats.switch, chat, school, family)
        assert caught.value.refusal == NotFound("family")
    assert looks(cast, "1").family == FamilyView(cast.de_vries, "de Vries")


def test_a_blocked_family_is_out_at_once_and_in_again_when_admitted(cast: Cast) -> None:
    chat = comes_in(cast, "1", "Lotte", "3513EF")
    block(cast, cast.jansen)
    assert looks(cast, "1").family is None
    assert families(cast, chat) == []
    with pytest.raises(Refused):
        do(cast, chats.switch, chat, cast.school, cast.jansen)
    block(cast, cast.jansen, False)
    assert looks(cast, "1").family == FamilyView(cast.jansen, "Jansen")


def test_the_other_family_of_a_blocked_family_s_child_is_untouched(cast: Cast) -> None:
    comes_in(cast, "1", "Lotte", "3513EF")
    comes_in(cast, "2", "Lotte", "blauwe-olifant")
    block(cast, cast.jansen)
    assert looks(cast, "2").family == FamilyView(cast.bakker, "Bakker")


def test_a_blocked_family_does_not_hide_another_in_the_same_chat(cast: Cast) -> None:
    chat = comes_in(cast, "1", "Sanne", "3511AB")
    do(cast, chats.set_step, chat, SignInStep.FIRST_NAME)
    tries(cast, chat, "Lotte", "3513EF")
    block(cast, cast.jansen)
    arrives(cast, "1")
    assert looks(cast, "1").family == FamilyView(cast.de_vries, "de Vries")


def test_without_a_link_a_remembered_family_is_nothing(cast: Cast) -> None:
    """The chat's row says which family it looks at; only its link says that it may."""
    comes_in(cast, "1", "Sanne", "3511AB")
    cast.database.work(lambda session: session.execute(delete(Link)))
    assert looks(cast, "1").family is None


def test_a_look_at_another_s_family_number_shows_nothing(cast: Cast) -> None:
    comes_in(cast, "1", "Sanne", "3511AB")
    comes_in(cast, "2", "Emir", "3512CD")
    turned = update(Chat).where(col(Chat.address) == "1")
    cast.database.work(lambda session: session.execute(turned.values(family_id=cast.yilmaz)))
    assert looks(cast, "1").family is None


def test_going_back_to_the_first_question_forgets_what_was_typed(cast: Cast) -> None:
    moves_in(cast, "Berg", "Sanne", last="Berg")
    chat = arrives(cast, "1")
    tries(cast, chat, "Sanne", "3511AB")
    do(cast, chats.set_step, chat, SignInStep.FIRST_NAME)
    remembered = select(col(Chat.step), col(Chat.first_name), col(Chat.secret))
    rows = cast.database.read(lambda session: session.execute(remembered).all())
    assert [tuple(row) for row in rows] == [(SignInStep.FIRST_NAME, "", "")]

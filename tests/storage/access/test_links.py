"""A chat that ceases to speak for a family: the desk logs a lost phone out (rule 7)."""

import pytest
from sqlmodel import Session, select

from storage.access import links
from storage.refusals import NotFound, Refused
from storage.tables import Audit, Chat, Link
from storage.words import Act, Actor, SignInStep
from tests.support.arriving import arrives, looks, tries
from tests.support.cast import DESK, NOW, Cast
from tests.support.notices import link_chat


def link_of(cast: Cast, chat: int) -> int:
    found = cast.database.read(lambda session: session.exec(select(Link.id).where(Link.chat_id == chat)).one())
    assert found is not None
    return found


def test_the_desk_logs_one_chat_out_and_the_other_stays(cast: Cast) -> None:
    tries(cast, lost := arrives(cast, "1"), "Sanne", "3511AB")
    kept = link_chat(cast, cast.de_vries, "2")
    cast.database.work(links.unlink, cast.school, DESK, cast.de_vries, link_of(cast, lost))
    assert cast.database.read(links.linked, cast.school, cast.de_vries, lost) is False
    assert cast.database.read(links.linked, cast.school, cast.de_vries, kept) is True
    seen = looks(cast, "1")
    assert (seen.family, seen.step, seen.school and seen.school.id) == (None, SignInStep.FIRST_NAME, cast.school)
    rows = cast.database.read(
        lambda session: [(row.act, row.actor, row.subject) for row in session.exec(select(Audit))]
    )
    assert rows == [(Act.LINKED, Actor.FAMILY, cast.de_vries), (Act.UNLINKED, Actor.STAFF, cast.de_vries)]


def test_a_chat_that_looks_at_another_family_goes_on_there(cast: Cast) -> None:
    chat = link_chat(cast, cast.de_vries, "1")
    cast.database.work(links.link, cast.school, cast.smit, chat, NOW)

    def look(session: Session) -> None:
        row = session.get_one(Chat, chat)
        row.school_id, row.family_id = cast.school, cast.smit

    cast.database.work(look)
    cast.database.work(links.unlink, cast.school, DESK, cast.de_vries, link_of_family(cast, cast.de_vries))
    family = looks(cast, "1").family
    assert family is not None
    assert family.id == cast.smit


def link_of_family(cast: Cast, family: int) -> int:
    found = cast.database.read(lambda session: session.exec(select(Link.id).where(Link.family_id == family)).one())
    assert found is not None
    return found


@pytest.mark.parametrize("foreign", ["family", "school", "link"])
def test_a_chat_of_another_family_or_school_is_not_there(cast: Cast, foreign: str) -> None:
    link = link_of(cast, link_chat(cast, cast.de_vries, "1"))
    school = cast.horizon if foreign == "school" else cast.school
    family = cast.smit if foreign == "family" else cast.de_vries
    with pytest.raises(Refused) as refused:
        cast.database.work(links.unlink, school, DESK, family, 0 if foreign == "link" else link)
    assert refused.value.refusal == NotFound("chat")

"""The mailed link to a password: once, for a while, and in no table (rule 5)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from storage.database.engine import Database
from storage.refusals import NotFound, Refused
from storage.staff import accounts, invitations, password_links, passwords, sessions
from storage.staff.invitations import Invitee
from storage.staff.password_links import PasswordLink
from storage.words import Act, Actor, NoticeKind, NoticeState, Recipient, Role
from tests.support.browser import DIRECTOR, NOOR, everything, hire, unchanged
from tests.support.cast import NOW, OPERATOR, PEPPER, Cast
from tests.support.notices import outbox
from tests.support.trail import acts

HASH = "a hash of a new password"


def invite(cast: Cast, email: str = NOOR, now: datetime = NOW) -> int:
    (made,) = cast.database.work(invitations.invite, cast.school, replace(OPERATOR, now=now), [Invitee(email)])
    return made.id


def door(cast: Cast, staff_id: int, now: datetime = NOW) -> PasswordLink:
    found = cast.database.read(password_links.password_link, cast.school, staff_id, PEPPER, now)
    assert found is not None
    return found


def opens(cast: Cast, token: str, now: datetime = NOW, pepper: bytes = PEPPER) -> bool:
    return cast.database.read(password_links.find, token, pepper, now) is not None


def test_an_invitation_opens_for_seven_days(cast: Cast) -> None:
    noor = invite(cast)
    found = door(cast, noor)
    assert (found.email, found.name, found.invited, found.school.name) == (NOOR, "juf Noor", True, "De Regenboog")
    last = NOW + timedelta(days=7)
    assert found.until == last
    assert [opens(cast, found.token, at) for at in (NOW, last - timedelta(seconds=1), last)] == [True, True, False]
    assert outbox(cast, NoticeKind.STAFF_LINK) == [(noor, NOW.isoformat(), Recipient.STAFF, noor, NoticeState.WAITING)]


def test_it_works_once_and_the_person_is_in_with_the_new_password(cast: Cast) -> None:
    noor = invite(cast)
    token = door(cast, noor).token
    taken = cast.database.work(password_links.take_up, token, HASH, PEPPER, NOW)
    assert (taken.staff_id, taken.email) == (noor, NOOR)
    assert cast.database.read(accounts.password_of, cast.school, noor) == HASH
    assert not opens(cast, token)
    with unchanged(cast.database), pytest.raises(Refused) as refused:
        cast.database.work(password_links.take_up, token, "another", PEPPER, NOW)
    assert refused.value.refusal == NotFound("link")
    assert acts(cast)[-1] == (Act.PASSWORD_CHANGED, Actor.STAFF, noor, noor)


def test_a_new_password_ends_every_session_of_the_old_one(cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    session = cast.database.work(sessions.begin, cast.school, noor, NOW)
    cast.database.work(password_links.forgotten, NOOR, NOW)
    assert cast.database.read(sessions.look, session, NOW) is not None
    cast.database.work(password_links.take_up, door(cast, noor).token, HASH, PEPPER, NOW)
    assert cast.database.read(sessions.look, session, NOW) is None


def test_no_token_stands_in_any_table(cast: Cast) -> None:
    noor = invite(cast)
    token = door(cast, noor).token
    assert token.partition("-")[2] not in repr(everything(cast.database))


def test_without_the_pepper_a_stolen_database_opens_nothing(cast: Cast) -> None:
    noor = invite(cast)
    stolen = cast.database.read(
        password_links.password_link, cast.school, noor, b"another pepper, also 32 bytes or more", NOW
    )
    assert stolen is not None
    assert not opens(cast, stolen.token)


def test_another_token_opens_nothing(cast: Cast) -> None:
    token = door(cast, invite(cast)).token
    secret = token.partition("-")[2]
    last = "A" if token[-1] != "A" else "B"
    wrong = [token[:-1] + last, f"9{token}", secret, f"99999999999-{secret}", f"2147483648-{secret}", f"{token}é", ""]
    assert [one for one in wrong if opens(cast, one)] == []


def test_the_token_of_one_account_does_not_open_another(cast: Cast) -> None:
    noor, director = invite(cast), hire(cast.database, cast.school)
    cast.database.work(password_links.forgotten, DIRECTOR, NOW)
    assert not opens(cast, f"{director}-{door(cast, noor).token.partition('-')[2]}")


def test_a_forgotten_password_opens_for_an_hour(cast: Cast) -> None:
    director = hire(cast.database, cast.school)
    assert cast.database.work(password_links.forgotten, f"  {DIRECTOR.upper()} ", NOW) == 1
    found = door(cast, director)
    assert (found.invited, found.until) == (False, NOW + timedelta(hours=1))
    assert not opens(cast, found.token, NOW + timedelta(hours=1))
    assert acts(cast)[-1] == (Act.LINK_SENT, Actor.STAFF, director, director)


def test_who_asks_twice_gets_the_same_link_twice(cast: Cast) -> None:
    """Whichever of the two mails is opened first is the right one."""
    director = hire(cast.database, cast.school)
    cast.database.work(password_links.forgotten, DIRECTOR, NOW)
    first = door(cast, director).token
    later = NOW + timedelta(minutes=5)
    cast.database.work(password_links.forgotten, DIRECTOR, later)
    assert door(cast, director, later).token == first
    after_it_ended = NOW + timedelta(hours=2)
    cast.database.work(password_links.forgotten, DIRECTOR, after_it_ended)
    assert door(cast, director, after_it_ended).token != first


def test_nobodys_mailbox_is_filled(cast: Cast) -> None:
    hire(cast.database, cast.school)
    asked = [NOW + timedelta(minutes=minute) for minute in range(20)]
    assert [cast.database.work(password_links.forgotten, DIRECTOR, at) for at in asked] == [1, 1, 1] + [0] * 17
    assert cast.database.work(password_links.forgotten, DIRECTOR, NOW + timedelta(minutes=61)) == 1


def test_an_unknown_address_and_a_disabled_account_leave_no_trace(cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    cast.database.work(accounts.set_active, cast.school, OPERATOR, noor, False)
    with unchanged(cast.database):
        assert cast.database.work(password_links.forgotten, "nobody@regenboog.example", NOW) == 0
        assert cast.database.work(password_links.forgotten, NOOR, NOW) == 0


def test_who_works_at_two_schools_gets_a_link_for_each(cast: Cast) -> None:
    here, there = hire(cast.database, cast.school), hire(cast.database, cast.horizon)
    assert cast.database.work(password_links.forgotten, DIRECTOR, NOW) == 2
    tokens = {
        door(cast, here).token,
        cast.database.read(password_links.password_link, cast.horizon, there, PEPPER, NOW).token,  # type: ignore[union-attr]
    }
    found = [cast.database.read(password_links.find, token, PEPPER, NOW) for token in tokens]
    assert {one.school.id for one in found if one} == {cast.school, cast.horizon}


def test_who_was_invited_long_ago_helps_themselves(cast: Cast) -> None:
    noor = invite(cast)
    late = NOW + timedelta(days=30)
    assert cast.database.work(password_links.forgotten, NOOR, late) == 1
    assert door(cast, noor, late).until == late + timedelta(hours=1)


def test_asking_for_a_link_does_not_shorten_an_invitation(cast: Cast) -> None:
    noor = invite(cast)
    cast.database.work(password_links.forgotten, NOOR, NOW + timedelta(hours=1))
    assert door(cast, noor).until == NOW + timedelta(days=7)


def test_disabling_takes_the_link_away_for_good(cast: Cast) -> None:
    hire(cast.database, cast.school)
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    cast.database.work(password_links.forgotten, NOOR, NOW)
    token = door(cast, noor).token
    for active in (False, True):
        cast.database.work(accounts.set_active, cast.school, OPERATOR, noor, active)
        assert not opens(cast, token)


def test_another_password_takes_the_link_away(cast: Cast) -> None:
    director = hire(cast.database, cast.school)
    cast.database.work(password_links.forgotten, DIRECTOR, NOW)
    token = door(cast, director).token
    cast.database.work(accounts.set_password, cast.school, OPERATOR, director, HASH)
    assert not opens(cast, token)


def test_the_link_of_another_school_cannot_be_asked_for(cast: Cast) -> None:
    there = hire(cast.database, cast.horizon, "directie@horizon.example")
    with unchanged(cast.database), pytest.raises(Refused):
        cast.database.work(password_links.send_new, cast.school, OPERATOR, there)
    assert cast.database.read(password_links.password_link, cast.school, there, PEPPER, NOW) is None


def test_who_was_only_invited_signs_in_with_no_password(cast: Cast) -> None:
    """Also not with the one that stands in for a missing hash, so that answers take the same time."""
    invite(cast)
    assert cast.database.read(sessions.accounts, NOOR) == ()
    assert not passwords.matches("the password of nobody", "")
    assert not passwords.matches("the password of nobody", None)


def test_two_who_open_one_link_at_once_choose_one_password(database: Database, cast: Cast) -> None:
    token = door(cast, invite(cast)).token
    outcomes: list[str] = []

    def twice(session: Session) -> None:
        for hash_ in ("first", "second"):
            try:
                password_links.take_up(session, token, hash_, PEPPER, NOW)
                outcomes.append(hash_)
            except Refused:
                outcomes.append("refused")

    database.work(twice)
    assert outcomes == ["first", "refused"]

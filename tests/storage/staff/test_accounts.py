"""Accounts at the desk: roles, letting in and out, and that somebody is always in charge (D1, G8)."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from storage.refusals import Invalid, NotFound, Refused
from storage.school import feeds
from storage.school.feeds import Whose
from storage.staff import accounts, invitations, sessions
from storage.staff.accounts import StaffView
from storage.staff.invitations import Invitee
from storage.words import Act, Acting, Actor, By, Role
from tests.support.browser import DIRECTOR, NOOR, hire, unchanged
from tests.support.cast import NOW, OPERATOR, PEPPER, Cast
from tests.support.trail import acts

ADMINISTRATOR, TEACHER = Role.ADMINISTRATOR, Role.TEACHER


def change(cast: Cast, staff_id: int, name: str, role: Role, acting: Acting = OPERATOR) -> StaffView:
    return cast.database.work(accounts.change, cast.school, acting, staff_id, name=name, role=role)


def refusal(cast: Cast, staff_id: int, name: str, role: Role, acting: Acting = OPERATOR) -> str:
    with unchanged(cast.database), pytest.raises(Refused) as refused:
        change(cast, staff_id, name, role, acting)
    assert isinstance(refused.value.refusal, Invalid)
    return refused.value.refusal.message


def test_a_name_and_a_role_are_changed_and_the_next_page_knows_it(cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, TEACHER)
    token = cast.database.work(sessions.begin, cast.school, noor, NOW)
    changed = change(cast, noor, "  juf   Noor ", ADMINISTRATOR)
    assert (changed.name, changed.role) == ("juf Noor", ADMINISTRATOR)
    found = cast.database.read(sessions.look, token, NOW)
    assert found
    assert found.staff.administrator
    assert acts(cast)[-1] == (Act.STAFF_CHANGED, Actor.OPERATOR, None, noor)


def test_what_stays_the_same_is_no_change(cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, TEACHER)
    with unchanged(cast.database):
        change(cast, noor, "Noor", TEACHER)


def test_nobody_takes_away_their_own_role_but_may_change_their_name(cast: Cast) -> None:
    hire(cast.database, cast.school)
    second = hire(cast.database, cast.school, NOOR)
    themselves = Acting(By(Actor.STAFF, second), NOW)
    assert refusal(cast, second, "Noor", TEACHER, themselves) == "You cannot change your own role."
    assert change(cast, second, "juf Noor", ADMINISTRATOR, themselves).name == "juf Noor"


def test_the_last_administrator_stays_one(cast: Cast) -> None:
    director = hire(cast.database, cast.school)
    assert refusal(cast, director, "x", TEACHER) == "This is the last administrator: there must be one."
    people = [Invitee(NOOR, role=ADMINISTRATOR)]
    cast.database.work(invitations.invite, cast.school, OPERATOR, people)
    assert refusal(cast, director, "x", TEACHER) == "This is the last administrator: there must be one."
    hire(cast.database, cast.school, "adjunct@regenboog.example")
    assert change(cast, director, "x", TEACHER).role is TEACHER


def test_a_name_that_is_too_long_is_refused(cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, TEACHER)
    assert refusal(cast, noor, "x" * 121, TEACHER) == "The name is too long: at most %(most)s characters."


def test_somebody_of_another_school_is_not_there(cast: Cast) -> None:
    there = hire(cast.database, cast.horizon)
    with unchanged(cast.database), pytest.raises(Refused) as refused:
        change(cast, there, "x", TEACHER)
    assert refused.value.refusal == NotFound("staff")


def test_who_is_disabled_is_out_and_so_is_the_calendar_that_they_had(cast: Cast) -> None:
    hire(cast.database, cast.school)
    noor = hire(cast.database, cast.school, NOOR, TEACHER)
    token = cast.database.work(sessions.begin, cast.school, noor, NOW)
    for teacher in (cast.noor, cast.bram):
        cast.database.work(feeds.renew, cast.school, OPERATOR, Whose.TEACHER, teacher, PEPPER)
    cast.database.work(accounts.set_active, cast.school, OPERATOR, noor, False)
    assert cast.database.read(sessions.look, token, NOW) is None
    shown = cast.database.read(feeds.addresses, cast.school, Whose.TEACHER, PEPPER)
    assert [(one.name, bool(one.token)) for one in shown] == [("juf Noor", False), ("meester Bram", True)]


def test_the_list_says_who_is_in_and_who_is_only_invited(cast: Cast) -> None:
    hire(cast.database, cast.school)
    cast.database.work(invitations.invite, cast.school, OPERATOR, [Invitee(NOOR)])
    people = cast.database.read(accounts.staff_list, cast.school)
    assert [(one.email, one.active, one.invited, one.link_until, one.second_factor) for one in people] == [
        (DIRECTOR, True, False, None, False),
        (NOOR, True, True, NOW + timedelta(days=7), False),
    ]


def test_where_somebody_is_signed_in(cast: Cast) -> None:
    director, noor = hire(cast.database, cast.school), hire(cast.database, cast.school, NOOR, TEACHER)
    moments = [NOW - timedelta(hours=13), NOW - timedelta(hours=2), NOW - timedelta(hours=1)]
    tokens = [cast.database.work(sessions.begin, cast.school, director, at) for at in moments]
    cast.database.work(sessions.begin, cast.school, noor, NOW)
    opened = cast.database.read(sessions.opened, cast.school, director, tokens[1], NOW)
    assert [(one.began, one.here) for one in opened] == [(moments[2], False), (moments[1], True)]


def test_signing_out_everywhere_ends_all_of_one_person_and_nobody_elses(cast: Cast) -> None:
    director, noor = hire(cast.database, cast.school), hire(cast.database, cast.school, NOOR, TEACHER)
    tokens = [cast.database.work(sessions.begin, cast.school, who, NOW) for who in (director, director, noor)]
    acting = Acting(By(Actor.STAFF, director), NOW)
    assert cast.database.work(sessions.end_everywhere, cast.school, acting, director) == 2
    found = [cast.database.read(sessions.look, token, NOW) is not None for token in tokens]
    assert found == [False, False, True]
    assert acts(cast)[-1] == (Act.SIGNED_OUT_EVERYWHERE, Actor.STAFF, director, director)


def test_two_administrators_cannot_put_each_other_out_at_once(cast: Cast) -> None:
    """Each would leave one in charge; together they would leave none."""
    one, two = hire(cast.database, cast.school), hire(cast.database, cast.school, NOOR)

    def both(session: Session) -> None:
        accounts.set_active(session, cast.school, Acting(By(Actor.STAFF, one), NOW), two, False)
        accounts.set_active(session, cast.school, Acting(By(Actor.STAFF, two), NOW), one, False)

    with unchanged(cast.database), pytest.raises(Refused):
        cast.database.work(both)

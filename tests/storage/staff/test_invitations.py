"""Inviting one or many, and taking it back: nobody twice, nobody of another school (D1)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from storage.refusals import Invalid, NotFound, Refused
from storage.staff import accounts, invitations, password_links
from storage.staff.invitations import Invitee, Pasted, read_list
from storage.tables import Notice, PlanningTeacher, Teacher
from storage.words import Act, Actor, NoticeKind, NoticeState, Role
from tests.support.browser import BRAM, DIRECTOR, NOOR, hire, unchanged
from tests.support.cast import DESK, NOW, PEPPER, Cast
from tests.support.notices import outbox
from tests.support.trail import acts


def states(cast: Cast) -> dict[str, tuple[str, Role, bool]]:
    """By address: name, role, and whether only invited."""
    people = cast.database.read(accounts.staff_list, cast.school)
    return {one.email: (one.name, one.role, one.invited) for one in people}


def test_every_teacher_of_the_plannings_without_an_account_is_offered(cast: Cast) -> None:
    hire(cast.database, cast.school)
    shown = cast.database.read(invitations.uninvited, cast.school)
    assert [(one.name, one.email, one.plannings) for one in shown] == [
        ("juf Noor", NOOR, 1), ("meester Bram", BRAM, 1)
    ]  # fmt: skip
    hire(cast.database, cast.school, NOOR, Role.TEACHER)
    assert [one.email for one in cast.database.read(invitations.uninvited, cast.school)] == [BRAM]
    assert cast.database.read(invitations.uninvited, cast.horizon) == ()


def test_a_teacher_without_planning_or_address_is_not_offered_and_a_shared_address_once(cast: Cast) -> None:
    def add(name: str, email: str, planning: int | None) -> None:
        def do(session: Session) -> None:
            row = Teacher(school_id=cast.school, name=name, name_key=name, email=email)
            session.add(row)
            session.flush()
            if planning and row.id:
                session.add(PlanningTeacher(school_id=cast.school, planning_id=planning, teacher_id=row.id))

        cast.database.work(do)

    add("elders", "elders@regenboog.example", None)
    add("zonder", "", cast.noor_planning)
    add("zus", NOOR.upper(), cast.bram_planning)
    assert [one.name for one in cast.database.read(invitations.uninvited, cast.school)] == ["juf Noor", "meester Bram"]


def test_many_are_invited_in_one_go_each_with_a_mail_and_a_row(cast: Cast) -> None:
    ids = [cast.noor, cast.bram]
    made = cast.database.work(invitations.invite_teachers, cast.school, DESK, ids)
    assert states(cast) == {NOOR: ("juf Noor", Role.TEACHER, True), BRAM: ("meester Bram", Role.TEACHER, True)}
    assert sorted(subject for subject, *_ in outbox(cast, NoticeKind.STAFF_LINK)) == [one.id for one in made]
    assert acts(cast) == [(Act.STAFF_INVITED, Actor.STAFF, 1, one.id) for one in made]
    assert [one.teacher_id for one in made] == ids


def test_inviting_them_again_in_one_go_changes_nothing(cast: Cast) -> None:
    ids = [cast.noor, cast.bram]
    cast.database.work(invitations.invite_teachers, cast.school, DESK, ids)
    with unchanged(cast.database):
        assert cast.database.work(invitations.invite_teachers, cast.school, DESK, ids) == ()


def test_a_teacher_of_another_school_is_not_there(cast: Cast) -> None:
    def neighbour(session: Session) -> int:
        row = Teacher(school_id=cast.horizon, name="x", name_key="x", email="x@horizon.example")
        session.add(row)
        session.flush()
        return int(row.id or 0)

    id_ = cast.database.work(neighbour)
    with unchanged(cast.database), pytest.raises(Refused) as refused:
        cast.database.work(invitations.invite_teachers, cast.school, DESK, [cast.noor, id_])
    assert refused.value.refusal == NotFound("teacher")


def test_who_has_an_account_is_left_alone(cast: Cast) -> None:
    hire(cast.database, cast.school)
    people = [Invitee(DIRECTOR.upper(), "Iemand anders"), Invitee(NOOR)]
    made = cast.database.work(invitations.invite, cast.school, DESK, people)
    assert [one.email for one in made] == [NOOR]
    assert states(cast)[DIRECTOR] == ("Directie", Role.ADMINISTRATOR, False)


def test_the_same_address_may_work_at_two_schools(cast: Cast) -> None:
    hire(cast.database, cast.horizon, NOOR, Role.TEACHER)
    assert len(cast.database.work(invitations.invite, cast.school, DESK, [Invitee(NOOR)])) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([Invitee("noor")], "“%(value)s” is not one e-mail address."),
        ([Invitee(NOOR, "x" * 121)], "The name is too long: at most %(most)s characters."),
        ([Invitee(f"{number}@x.example") for number in range(301)], "At most %(most)s people in one go."),
    ],
)
def test_what_is_wrong_invites_nobody(cast: Cast, wrong: list[Invitee], message: str) -> None:
    with unchanged(cast.database), pytest.raises(Refused) as refused:
        cast.database.work(invitations.invite, cast.school, DESK, [*wrong, Invitee(BRAM)])
    assert isinstance(refused.value.refusal, Invalid)
    assert refused.value.refusal.message == message


def test_inviting_again_gives_seven_days_from_then_on_and_the_same_link_while_it_works(cast: Cast) -> None:
    (noor,) = cast.database.work(invitations.invite, cast.school, DESK, [Invitee(NOOR)])
    first = cast.database.read(password_links.password_link, cast.school, noor.id, PEPPER, NOW)
    later = NOW + timedelta(days=3)
    again = cast.database.work(invitations.invite_again, cast.school, replace(DESK, now=later), noor.id)
    assert again.link_until == later + timedelta(days=7)
    second = cast.database.read(password_links.password_link, cast.school, noor.id, PEPPER, later)
    assert first
    assert second
    assert first.token == second.token
    assert len(outbox(cast, NoticeKind.STAFF_LINK)) == 2


def test_an_invitation_that_is_taken_back_opens_nothing_and_can_be_made_anew(cast: Cast) -> None:
    (noor,) = cast.database.work(invitations.invite, cast.school, DESK, [Invitee(NOOR)])
    door = cast.database.read(password_links.password_link, cast.school, noor.id, PEPPER, NOW)
    assert door
    assert cast.database.work(invitations.take_back, cast.school, DESK, noor.id) == NOOR
    assert (cast.database.read(password_links.find, door.token, PEPPER, NOW), states(cast)) == (None, {})
    assert acts(cast)[-1] == (Act.INVITATION_WITHDRAWN, Actor.STAFF, 1, noor.id)
    (anew,) = cast.database.work(invitations.invite, cast.school, DESK, [Invitee(NOOR)])
    assert anew.id != noor.id
    assert cast.database.read(password_links.find, door.token, PEPPER, NOW) is None


@pytest.mark.parametrize("do", [invitations.invite_again, invitations.take_back])
def test_an_account_that_is_in_use_is_neither_invited_nor_taken_back(cast: Cast, do: object) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    for school, refusal in ((cast.school, Invalid), (cast.horizon, NotFound)):
        with unchanged(cast.database), pytest.raises(Refused) as refused:
            cast.database.work(do, school, DESK, noor)  # type: ignore[arg-type]
        assert isinstance(refused.value.refusal, refusal)


def test_a_mail_that_could_not_be_delivered_is_known_until_another_one_leaves(cast: Cast) -> None:
    (noor,) = cast.database.work(invitations.invite, cast.school, DESK, [Invitee(NOOR)])
    assert cast.database.read(invitations.undelivered, cast.school) == {}

    def fail(session: Session) -> None:
        notice = session.exec(select(Notice)).one()
        notice.state, notice.trouble = NoticeState.FAILED, "the mail address is refused"

    cast.database.work(fail)
    assert cast.database.read(invitations.undelivered, cast.school) == {noor.id: "the mail address is refused"}
    assert cast.database.read(invitations.undelivered, cast.horizon) == {}
    cast.database.work(invitations.invite_again, cast.school, replace(DESK, now=NOW + timedelta(minutes=1)), noor.id)
    assert cast.database.read(invitations.undelivered, cast.school) == {}


@pytest.mark.parametrize(
    ("pasted", "people"),
    [
        ("noor@x.nl", [("noor@x.nl", "")]),
        ("Noor@X.nl\r\nbram@x.nl\n\n", [("noor@x.nl", ""), ("bram@x.nl", "")]),
        ("noor@x.nl, bram@x.nl; kim@x.nl", [("noor@x.nl", ""), ("bram@x.nl", ""), ("kim@x.nl", "")]),
        (
            "juf Noor <noor@x.nl>, Bram Visser <bram@x.nl>",
            [("noor@x.nl", "juf Noor"), ("bram@x.nl", "Bram Visser")],
        ),
        ('"Wit, Noor de" <noor@x.nl>', [("noor@x.nl", "Wit, Noor de")]),
        ("juf Noor\tnoor@x.nl\nmeester Bram\tbram@x.nl", [("noor@x.nl", "juf Noor"), ("bram@x.nl", "meester Bram")]),
        ("noor@x.nl\tjuf Noor", [("noor@x.nl", "juf Noor")]),
        ("mailto:noor@x.nl", [("noor@x.nl", "")]),
        ("noor@x.nl noor@x.nl", [("noor@x.nl", "")]),
        ("noor@x.nl.", [("noor@x.nl", "")]),
    ],
)
def test_a_list_is_read_as_it_is_pasted(pasted: str, people: list[tuple[str, str]]) -> None:
    assert read_list(pasted) == Pasted(tuple(Invitee(email, name) for email, name in people), ())


@pytest.mark.parametrize("line", ["juf Noor", "noor@", "@x.nl", "noor@localhost", "noor(at)x.nl"])
def test_a_line_without_an_address_is_named(line: str) -> None:
    read = read_list(f"bram@x.nl\n{line}\nkim@x.nl")
    assert ([one.email for one in read.people], len(read.wrong)) == (["bram@x.nl", "kim@x.nl"], 1)

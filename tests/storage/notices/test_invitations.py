"""Who has not booked, and inviting them: once a day, each household by itself (rules 20, 23, 31)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, col, select

from storage import tables
from storage.families.reachability import Channel
from storage.notices import invitations, unbooked
from storage.notices.contents import NOTHING_LEFT, ByMail, NoticeContents, Untrue, contents
from storage.notices.invitations import Invitation, Sent
from storage.notices.unbooked import OpenConference, Unbooked
from storage.outbox import queue
from storage.outbox.queue import Claimed
from storage.refusals import Invalid, NotFound, Refused
from storage.words import Act, ChatKind, NoticeKind, PlanningState, Policy, Recipient, Role, SecretKind
from tests.support.cast import CLOSES, DESK, NOW, OPENS, PEPPER, Cast
from tests.support.notices import book, cancel, forget, link_chat
from tests.support.notices import outbox as written
from tests.support.statements import statements

TODAY = "2026-11-10"
FAMILIES = ("de_vries", "yilmaz", "jansen", "bakker", "smit")


def change(cast: Cast, table: type[SQLModel], row_id: int, **values: object) -> None:
    def put(session: Session) -> None:
        row = session.get(table, row_id)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)

    cast.database.work(put)


def left(cast: Cast, *groups: int, later: timedelta = timedelta()) -> dict[str, tuple[str, ...]]:
    found = cast.database.read(unbooked.unbooked, cast.school, cast.autumn, NOW + later, groups)
    return {one.name: one.children for one in found}


def invite(cast: Cast, *groups: int, later: timedelta = timedelta()) -> Sent:
    return cast.database.work(invitations.invite, cast.school, replace(DESK, now=NOW + later), cast.autumn, groups)


def refused(do: Callable[[], Any]) -> Any:
    with pytest.raises(Refused) as caught:
        do()
    return caught.value.refusal


def told(cast: Cast, later: timedelta = timedelta()) -> list[tuple[str, object]]:
    """(family, what it is told now) of every invitation in the outbox, as the sender would find it."""

    def read(session: Session) -> list[tuple[str, object]]:
        notices = session.exec(select(tables.Notice).where(tables.Notice.kind == NoticeKind.INVITATION)).all()
        claims = [Claimed(**{name: getattr(one, name) for name in Claimed.__slots__}) for one in notices]
        names = {cast.ids[name]: name for name in FAMILIES}
        return [(names[one.subject], contents(session, one, NOW + later, PEPPER)) for one in claims]

    return cast.database.read(read)


def audited(cast: Cast) -> list[dict[str, Any]]:
    def read(session: Session) -> list[dict[str, Any]]:
        rows = session.exec(select(tables.Audit).where(col(tables.Audit.act) == Act.PARENTS_INVITED))
        return [row.detail for row in rows]

    return cast.database.read(read)


def test_what_parents_can_be_invited_to(cast: Cast) -> None:
    groups = ((cast.groep4, "groep 4"), (cast.groep7, "groep 7"))
    assert cast.database.read(unbooked.open_conferences, cast.school, NOW) == (
        OpenConference(cast.autumn, "Herfstgesprekken", "", OPENS, CLOSES, groups),
    )
    change(cast, tables.Planning, cast.bram_planning, state=PlanningState.DRAFT)
    assert cast.database.read(unbooked.open_conferences, cast.school, NOW)[0].groups == groups[:1]
    assert cast.database.read(unbooked.open_conferences, cast.school, CLOSES) == ()


def test_everyone_who_has_not_booked_by_child(cast: Cast) -> None:
    everyone = {
        "Bakker": ("Lotte",),
        "de Vries": ("Daan", "Sanne"),
        "Jansen": ("Lotte",),
        "Smit": ("Stéphanie",),
        "Yılmaz": ("Elif", "Emir"),
    }
    assert left(cast) == everyone
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    held = book(cast, "smit", "stephanie", cast.bram_slots[0])
    assert left(cast) == {**{name: own for name, own in everyone.items() if name != "Smit"}, "de Vries": ("Daan",)}
    cancel(cast, held, NOW)
    assert left(cast)["Smit"] == ("Stéphanie",)


def test_only_of_the_groups_that_are_ticked(cast: Cast) -> None:
    assert left(cast, cast.groep7) == {"de Vries": ("Daan",), "Smit": ("Stéphanie",)}
    assert len(left(cast, cast.groep4, cast.groep7)) == 5
    assert left(cast, 99) == {}


def test_one_talk_is_enough_for_a_child_with_several_plannings(cast: Cast) -> None:
    """Rule 31: nobody who has booked is reminded, though another teacher may be booked too."""

    def join(session: Session) -> None:
        session.add(tables.StudentGroup(school_id=cast.school, student_id=cast.sanne, group_id=cast.groep7))

    cast.database.work(join)
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    assert left(cast)["de Vries"] == ("Daan",)


def test_of_two_households_that_are_invited_together_none_once_one_has_booked(cast: Cast) -> None:
    book(cast, "jansen", "lotte", cast.noor_slots[0])
    assert {"Jansen", "Bakker"} & set(left(cast)) == set()


def test_under_the_other_policy_the_second_household_is_still_invited(cast: Cast) -> None:
    change(cast, tables.Conference, cast.autumn, policy=Policy.EACH)
    book(cast, "jansen", "lotte", cast.noor_slots[0])
    assert "Jansen" not in left(cast)
    assert left(cast)["Bakker"] == ("Lotte",)


def test_nobody_who_is_blocked_has_left_or_can_book_nothing(cast: Cast) -> None:
    change(cast, tables.Family, cast.yilmaz, blocked=True)
    change(cast, tables.Student, cast.stephanie, left=NOW)
    change(cast, tables.Planning, cast.bram_planning, state=PlanningState.DRAFT)
    assert left(cast) == {"Bakker": ("Lotte",), "de Vries": ("Sanne",), "Jansen": ("Lotte",)}
    assert left(cast, later=CLOSES - NOW) == {}


def test_how_each_is_reached(cast: Cast) -> None:
    link_chat(cast, cast.de_vries)
    link_chat(cast, cast.yilmaz, "page", ChatKind.WEB)
    found = cast.database.read(unbooked.unbooked, cast.school, cast.autumn, NOW)
    assert [(one.name, one.way, one.reached) for one in found] == [
        ("Bakker", Channel.MAIL, True),
        ("de Vries", Channel.TELEGRAM, True),
        ("Jansen", Channel.MAIL, True),
        ("Smit", Channel.NONE, False),
        ("Yılmaz", Channel.MAIL, True),
    ]


def test_another_school_is_never_in_it(cast: Cast) -> None:
    assert refused(lambda: cast.database.read(unbooked.unbooked, cast.horizon, cast.autumn, NOW)) == NotFound(
        "conference"
    )
    (other,) = cast.database.read(unbooked.open_conferences, cast.horizon, NOW)
    found = cast.database.read(unbooked.unbooked, cast.horizon, other.id, NOW)
    assert found == (Unbooked(cast.mulder, "Mulder", ("Sanne",), Channel.NONE),)


def test_a_message_for_each_household_by_chat_or_by_mail(cast: Cast) -> None:
    first, second = link_chat(cast, cast.de_vries), link_chat(cast, cast.de_vries, "410000002")
    assert invite(cast) == Sent(families=4, unreachable=1)
    moment = f"{cast.autumn} {TODAY}"
    found = {(subject, at, to, id_) for subject, at, to, id_, _ in written(cast, NoticeKind.INVITATION)}
    assert found == {
        (cast.de_vries, moment, Recipient.CHAT, first),
        (cast.de_vries, moment, Recipient.CHAT, second),
        (cast.yilmaz, moment, Recipient.FAMILY, cast.yilmaz),
        (cast.jansen, moment, Recipient.FAMILY, cast.jansen),
        (cast.bakker, moment, Recipient.FAMILY, cast.bakker),
    }
    assert audited(cast) == [{"conference": cast.autumn, "families": 4, "groups": []}]


def test_a_second_click_or_colleague_sends_nothing_twice(cast: Cast) -> None:
    invite(cast, cast.groep7)
    before = written(cast, NoticeKind.INVITATION)
    assert refused(lambda: invite(cast, cast.groep7)) == Invalid("These parents have had this message today already.")
    assert written(cast, NoticeKind.INVITATION) == before
    assert invite(cast) == Sent(families=3, unreachable=1)
    assert len(audited(cast)) == 2
    assert len({row[0] for row in written(cast, NoticeKind.INVITATION)}) == 4
    assert invite(cast, later=timedelta(days=1)) == Sent(families=4, unreachable=1)


def test_nobody_to_tell_is_said(cast: Cast) -> None:
    change(cast, tables.Student, cast.daan, left=NOW)
    assert refused(lambda: invite(cast, cast.groep7)) == Invalid("There is nobody to send this to.")
    assert (audited(cast), written(cast, NoticeKind.INVITATION)) == ([], [])


def test_a_family_is_told_what_is_true_when_it_is_sent(cast: Cast) -> None:
    change(cast, tables.Conference, cast.autumn, invitation="Tot ziens!")
    invite(cast)
    book(cast, "yilmaz", "emir", cast.noor_slots[1])
    book(cast, "de_vries", "sanne", cast.noor_slots[2])
    book(cast, "de_vries", "daan", cast.bram_slots[4])
    said = dict(told(cast))
    assert said["de_vries"] == Untrue(NOTHING_LEFT)
    yilmaz = said["yilmaz"]
    assert isinstance(yilmaz, NoticeContents)
    assert yilmaz.addresses == ("yilmaz@example.org",)
    assert yilmaz.invitation == Invitation(
        "Herfstgesprekken", "Tot ziens!", OPENS, CLOSES, True, ("Elif",), SecretKind.POSTCODE
    )
    bakker = said["bakker"]
    assert isinstance(bakker, NoticeContents)
    assert bakker.invitation is not None
    assert bakker.invitation.secret is SecretKind.CODE
    assert [one for one in told(cast, CLOSES - NOW) if not isinstance(one[1], Untrue)] == []


def test_who_is_listed_is_who_is_told(cast: Cast) -> None:
    """The list of the desk and the family's own overview agree, child by child."""
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    book(cast, "jansen", "lotte", cast.noor_slots[1])
    change(cast, tables.Family, cast.smit, email="smit@example.org")

    def by_family(session: Session) -> dict[str, tuple[str, ...]]:
        found = {}
        for family in FAMILIES:
            said = invitations.invitation(session, cast.school, cast.autumn, cast.ids[family], NOW)
            if said is not None:
                found[session.get_one(tables.Family, cast.ids[family]).name] = said.children
        return found

    assert cast.database.read(by_family) == left(cast)


def test_a_large_family_is_told_its_own_earlier_moment(cast: Cast) -> None:
    late, early = NOW + timedelta(days=3), NOW + timedelta(days=1)
    for planning in (cast.noor_planning, cast.bram_planning):
        change(cast, tables.Planning, planning, opens=late, opens_early=early)
    change(cast, tables.Conference, cast.autumn, large_family=2)
    invite(cast)
    opening = {
        family: (said.invitation.opens, said.invitation.open)
        for family, said in told(cast)
        if isinstance(said, NoticeContents) and said.invitation
    }
    assert opening == {
        "de_vries": (early, False),
        "yilmaz": (early, False),
        "jansen": (late, False),
        "bakker": (late, False),
    }


def test_a_chat_that_was_lost_meanwhile_gets_a_mail_instead(cast: Cast) -> None:
    chat = link_chat(cast, cast.de_vries)
    invite(cast)
    change(cast, tables.Chat, chat, reachable=False)
    assert isinstance(dict(told(cast))["de_vries"], ByMail)


def test_a_family_that_is_blocked_meanwhile_is_told_nothing(cast: Cast) -> None:
    invite(cast)
    change(cast, tables.Family, cast.yilmaz, blocked=True)
    assert isinstance(dict(told(cast))["yilmaz"], Untrue)


def test_a_test_goes_to_whoever_asked_and_counts_for_no_family(cast: Cast) -> None:
    staff = tables.Staff(school_id=cast.school, email="m@x.example", role=Role.ADMINISTRATOR, password="x")

    def hire(session: Session) -> int:
        session.add(staff)
        session.flush()
        return staff.id or 0

    who = cast.database.work(hire)
    for _ in range(2):
        cast.database.work(
            invitations.send_test,
            cast.school,
            replace(DESK, now=NOW + timedelta(seconds=_)),
            cast.autumn,
            cast.de_vries,
            who,
        )
    said = told(cast)
    assert [(family, one.addresses) for family, one in said if isinstance(one, NoticeContents)] == [
        ("de_vries", ("m@x.example",)),
        ("de_vries", ("m@x.example",)),
    ]
    assert [detail.get("test") for detail in audited(cast)] == [True, True]
    assert invite(cast).families == 4
    assert [one.families for one in cast.database.read(invitations.sendings, cast.school)] == [4]


def test_the_schools_own_words_are_kept_with_the_conference(cast: Cast) -> None:
    def keep(text: str) -> bool:
        return cast.database.work(invitations.keep_text, cast.school, DESK, cast.autumn, text)

    assert keep("Wij zien u graag.\r\nNeem  het\x07 rapport mee!\r\n") is True
    assert (
        cast.database.read(unbooked.open_conferences, cast.school, NOW)[0].text
        == "Wij zien u graag.\nNeem het rapport mee!"
    )
    assert keep("Wij zien u graag.\nNeem het rapport mee!") is False
    assert isinstance(refused(lambda: keep("x" * 1001)), Invalid)
    assert keep("") is True
    other = (cast.horizon, DESK, cast.autumn, "x")
    assert refused(lambda: cast.database.work(invitations.keep_text, *other)) == NotFound("conference")


def test_a_large_school_takes_no_more_statements(cast: Cast) -> None:
    def asked() -> int:
        with statements(cast.database) as texts:
            cast.database.read(unbooked.unbooked, cast.school, cast.autumn, NOW)
            cast.database.read(unbooked.open_conferences, cast.school, NOW)
        return len(texts)

    many = asked()
    for student in ("sanne", "emir", "elif", "lotte"):
        change(cast, tables.Student, cast.ids[student], left=NOW)
    assert asked() == many


def test_a_message_that_was_claimed_is_not_written_again(cast: Cast) -> None:
    invite(cast)
    forget(cast, NoticeKind.CARD)
    assert len(cast.database.work(queue.claim, NOW, 10)) == 4
    assert isinstance(refused(lambda: invite(cast)), Invalid)

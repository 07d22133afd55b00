"""All that is known of a family, and nothing of another household (right of access, rule 23)."""

from dataclasses import replace

import pytest
from sqlmodel import Session

from storage.privacy import subject_access
from storage.privacy.subject_access import Known
from storage.refusals import NotFound, Refused
from storage.school_year import leavers
from storage.school_year.leaving import leave
from storage.tables import Letter, School, Student
from storage.words import Act, ChatKind, NoticeKind, SecretKind
from tests.support.cast import DESK, NOW, Cast
from tests.support.notices import book, cancel, link_chat

ZONE = "Europe/Amsterdam"


def known(cast: Cast, family: str) -> Known:
    return cast.database.read(subject_access.known, cast.school, cast.ids[family], ZONE)


def test_every_part_is_there(cast: Cast) -> None:
    link_chat(cast, cast.de_vries)
    cast.database.work(
        lambda session: session.add(
            Letter(id="x" * 64, school_id=cast.school, family_id=cast.de_vries, made=NOW, until=NOW)
        )
    )
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    cancel(cast, booked, NOW)
    found = known(cast, "de_vries")
    assert [child.name for child in found.children] == ["Sanne de Vries", "Daan de Vries"]
    assert found.children[0].signs_in_with == (SecretKind.POSTCODE,)
    assert [chat.kind for chat in found.chats] == [ChatKind.TELEGRAM]
    assert len(found.letters) == 1
    assert [(talk.child, talk.group, talk.teachers, talk.cancelled) for talk in found.talks] == [
        ("Sanne de Vries", "groep 4", ("juf Noor",), NOW)
    ]
    assert [notice.kind for notice in found.notices] == [NoticeKind.CHANGED, NoticeKind.CHANGED]
    assert [deed.act for deed in found.deeds] == [Act.BOOKED, Act.CANCELLED]


def test_a_child_of_two_families_brings_no_address_along(cast: Cast) -> None:
    book(cast, "jansen", "lotte", cast.noor_slots[3], by_staff=False)
    found = known(cast, "bakker")
    (lotte,) = found.children
    assert (lotte.shared, lotte.postcode, lotte.house_number, lotte.email, lotte.phone) == (True, "", "", "", "")
    assert (found.mail, found.talks, found.deeds) == (("bakker@example.org",), (), ())
    assert [notice.kind for notice in found.notices] == [NoticeKind.CHANGED], "it is invited"


def test_a_family_of_another_school_is_not_found(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        known(cast, "mulder")
    assert refused.value.refusal == NotFound("family")


def test_leavers_stand_by_the_day_they_left(cast: Cast) -> None:
    cast.database.work(leave, cast.school, replace(DESK, now=NOW.replace(day=1)), [cast.sanne])
    cast.database.work(leave, cast.school, DESK, [cast.daan])
    page = cast.database.read(leavers.leavers, cast.school)
    assert [(one.name, one.groups, one.left) for one in page.leavers] == [
        ("Vries, Daan de", "groep 7", NOW),
        ("Vries, Sanne de", "groep 4", NOW.replace(day=1)),
    ]
    assert [one.goes for one in page.leavers] == [NOW.replace(2027, 1, 9), NOW.replace(2026, 12, 31)]
    assert cast.database.read(leavers.leavers, cast.school, search="daan").total == 1


def test_where_leavers_are_kept_until_then_no_day_is_told(cast: Cast) -> None:
    def keep(session: Session) -> None:
        session.get_one(Student, cast.sanne).left = NOW
        session.get_one(School, cast.school).leavers_kept = 0

    cast.database.work(keep)
    assert [one.goes for one in cast.database.read(leavers.leavers, cast.school).leavers] == [None]

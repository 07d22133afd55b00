"""Families changed by hand, and how the desk sees them (D7; rules 1, 7, 13)."""

from typing import Any

import pytest
from sqlalchemy import event, text, update

from storage.database.engine import Database
from storage.families import blocking, families, family_list, family_views, merging, students
from storage.refusals import Booked, Invalid, NotFound, Refused
from storage.tables import Student
from storage.words import AddressOwner, ChatKind, SecretKind
from tests.support.cast import DESK, PEPPER, Cast


def sql(cast: Cast, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    def run(session: Any) -> list[tuple[Any, ...]]:
        result = session.execute(text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []

    return cast.database.work(run)


def booked(cast: Cast, family: int, student: int, slot: int, planning: int, one_of: int = 0) -> None:
    sql(
        cast,
        "INSERT INTO booking (school_id, slot_id, planning_id, family_id, student_id, one_of, revision, made)"
        " VALUES (:school, :slot, :planning, :family, :student, :one_of, 0, '2026-11-09 10:00:00')",
        school=cast.school, slot=slot, planning=planning, family=family, student=student, one_of=one_of,
    )  # fmt: skip


def chat(cast: Cast, family: int, address: str, reachable: bool = True) -> None:
    sql(
        cast,
        "INSERT INTO chat (kind, address, language, school_id, family_id, step, first_name, secret, failures,"
        " reachable, seen) VALUES ('telegram', :address, 'nl', :school, :family, '', '', '', 0, :reachable,"
        " '2026-11-09 10:00:00')",
        address=address, school=cast.school, family=family, reachable=reachable,
    )  # fmt: skip
    sql(
        cast,
        "INSERT INTO link (school_id, family_id, chat_id, since)"
        " SELECT :school, :family, id, '2026-11-09 10:00:00' FROM chat WHERE address = :address",
        school=cast.school, family=family, address=address,
    )  # fmt: skip


def detail(cast: Cast, family_id: int) -> family_views.FamilyDetail:
    return cast.database.read(family_views.family, cast.school, family_id)


def names(cast: Cast, family_id: int) -> list[str]:
    return [child.name for child in detail(cast, family_id).children]


def refusal(cast: Cast, do: Any, *values: Any) -> object:
    with pytest.raises(Refused) as refused:
        cast.database.work(do, cast.school, DESK, *values)
    return refused.value.refusal


def test_a_child_moves_to_another_family_and_an_emptied_family_is_gone(cast: Cast) -> None:
    cast.database.work(families.move, cast.school, DESK, cast.stephanie, cast.smit, cast.yilmaz, PEPPER)
    assert names(cast, cast.yilmaz) == ["Stéphanie Smit", "Emir Yılmaz", "Elif Yılmaz"]
    assert refusal(cast, families.rename, cast.smit, "Smit") == NotFound("family")
    assert sql(cast, "SELECT act, subject FROM audit") == [("family_changed", cast.yilmaz)]


def test_a_child_with_a_talk_ahead_stays_where_the_talk_is(cast: Cast) -> None:
    booked(cast, cast.de_vries, cast.daan, cast.bram_slots[0], cast.bram_planning)
    for to in (None, cast.smit):
        assert refusal(cast, families.move, cast.daan, cast.de_vries, to, PEPPER) == Booked(1)
    assert refusal(cast, families.take_out, cast.daan, cast.de_vries, PEPPER) == Booked(1)
    cast.database.work(families.take_out, cast.school, DESK, cast.sanne, cast.de_vries, PEPPER)
    assert names(cast, cast.de_vries) == ["Daan de Vries"]


def test_old_talks_go_with_the_last_child(cast: Cast) -> None:
    booked(cast, cast.smit, cast.stephanie, cast.bram_slots[0], cast.bram_planning)
    sql(cast, "UPDATE booking SET cancelled = made")
    cast.database.work(families.move, cast.school, DESK, cast.stephanie, cast.smit, cast.jansen, PEPPER)
    assert sql(cast, "SELECT family_id FROM booking") == [(cast.jansen,)]


def test_children_get_a_family_of_their_own_together(cast: Cast) -> None:
    chat(cast, cast.yilmaz, "1")
    both = frozenset([cast.emir, cast.ids["elif"]])
    for chosen, why in (
        ((), "Tick the children who get a family of their own."),
        (both, "At least one child stays in this family."),
    ):
        assert refusal(cast, families.split, cast.yilmaz, chosen, PEPPER) == Invalid(why)
    cast.database.work(families.move, cast.school, DESK, cast.stephanie, cast.smit, cast.yilmaz, PEPPER)
    new = cast.database.work(families.split, cast.school, DESK, cast.yilmaz, both, PEPPER, "Kaya")
    seen = detail(cast, new)
    assert (seen.name, names(cast, new), seen.bare, seen.by_hand, seen.chats) == (
        "Kaya", ["Emir Yılmaz", "Elif Yılmaz"], True, True, ()
    )  # fmt: skip
    assert (names(cast, cast.yilmaz), len(detail(cast, cast.yilmaz).chats)) == (["Stéphanie Smit"], 1)
    assert sql(cast, "SELECT act, subject FROM audit ORDER BY id") == [
        ("family_changed", cast.yilmaz),
        ("family_changed", new),
    ]


def test_a_family_with_a_talk_ahead_of_one_of_them_is_not_split(cast: Cast) -> None:
    booked(cast, cast.de_vries, cast.daan, cast.bram_slots[0], cast.bram_planning)
    assert refusal(cast, families.split, cast.de_vries, [cast.daan], PEPPER) == Booked(1)
    assert refusal(cast, families.split, cast.de_vries, [cast.lotte], PEPPER) == NotFound("student")
    assert refusal(cast, families.split, cast.mulder, [cast.other_sanne], PEPPER) == NotFound("family")


def test_a_child_taken_out_of_one_of_two_families_stays_in_the_other(cast: Cast) -> None:
    assert cast.database.work(families.take_out, cast.school, DESK, cast.lotte, cast.bakker, PEPPER) is None
    assert names(cast, cast.jansen) == ["Lotte Jansen"]
    assert refusal(cast, families.take_out, cast.lotte, cast.jansen, PEPPER) == Invalid(
        "This child is the only one of its family already."
    )


def test_divorced_parents_get_a_family_of_their_own_without_a_secret(cast: Cast) -> None:
    new = cast.database.work(families.add, cast.school, DESK, cast.stephanie, None, PEPPER, "de Wit")
    seen = detail(cast, new)
    assert (seen.name, seen.bare, seen.by_hand) == ("de Wit", True, True)
    assert seen.children[0].elsewhere == ((cast.smit, "Smit"),)
    assert detail(cast, cast.smit).kinds == (SecretKind.POSTCODE,)
    assert refusal(cast, families.add, cast.stephanie, new, PEPPER) == Invalid("This child is in that family already.")


def test_with_a_second_household_each_address_becomes_of_one_and_nobody_is_lost_unseen(cast: Cast) -> None:
    """The child's own address stands for neither any more (rule 23): before, its first family just heard no more."""
    both = "mirjam@example.org, pieter@example.org"
    cast.database.work(lambda session: session.execute(update(Student).values(email=both)))
    known = cast.database.read(families.shared_addresses, cast.school, cast.stephanie)
    assert known == ("mirjam@example.org", "pieter@example.org")
    half = {"mirjam@example.org": AddressOwner.FIRST}
    untold = Invalid("Say of each address whose it is.")
    assert refusal(cast, families.add, cast.stephanie, None, PEPPER, "de Wit", half) == untold
    owners = {**half, "pieter@example.org": AddressOwner.SECOND, "stranger@example.org": AddressOwner.SECOND}
    new = cast.database.work(families.add, cast.school, DESK, cast.stephanie, None, PEPPER, "de Wit", owners)
    assert (detail(cast, cast.smit).mail, detail(cast, new).mail) == ("mirjam@example.org", "pieter@example.org")
    assert cast.database.read(families.shared_addresses, cast.school, cast.stephanie) == (), "they are divided"


def test_a_second_household_that_has_an_address_keeps_it(cast: Cast) -> None:
    owners = {"devries@example.org": AddressOwner.SECOND}
    cast.database.work(families.add, cast.school, DESK, cast.sanne, cast.jansen, PEPPER, owners=owners)
    assert detail(cast, cast.jansen).mail == "jansen@example.org, devries@example.org"
    assert detail(cast, cast.de_vries).mail == ""


def test_a_merge_takes_children_chats_bookings_and_codes_along(cast: Cast) -> None:
    booked(cast, cast.bakker, cast.lotte, cast.noor_slots[0], cast.noor_planning, one_of=cast.bakker)
    chat(cast, cast.bakker, "1")
    chat(cast, cast.smit, "2")
    cast.database.work(merging.merge, cast.school, DESK, cast.smit, cast.bakker, PEPPER)
    seen = detail(cast, cast.smit)
    assert (len(seen.chats), seen.email) == (2, "bakker@example.org")
    assert sorted(names(cast, cast.smit)) == ["Lotte Jansen", "Stéphanie Smit"]
    assert seen.kinds == (SecretKind.POSTCODE, SecretKind.CODE)
    assert sql(cast, "SELECT family_id, one_of FROM booking") == [(cast.smit, cast.smit)]
    assert sql(cast, "SELECT DISTINCT family_id FROM chat") == [(cast.smit,)]
    assert refusal(cast, merging.merge, cast.smit, cast.bakker, PEPPER) == NotFound("family")


def test_two_families_of_one_child_become_one(cast: Cast) -> None:
    cast.database.work(merging.merge, cast.school, DESK, cast.jansen, cast.bakker, PEPPER)
    assert names(cast, cast.jansen) == ["Lotte Jansen"]
    assert detail(cast, cast.jansen).kinds == (SecretKind.POSTCODE, SecretKind.CODE)


def test_families_that_both_hold_a_talk_of_one_child_are_not_merged(cast: Cast) -> None:
    booked(cast, cast.jansen, cast.lotte, cast.noor_slots[0], cast.noor_planning, one_of=cast.jansen)
    booked(cast, cast.bakker, cast.lotte, cast.noor_slots[1], cast.noor_planning, one_of=cast.bakker)
    assert refusal(cast, merging.merge, cast.jansen, cast.bakker, PEPPER) == Booked(1)


def test_a_blocked_family_does_not_come_in_by_a_merge(cast: Cast) -> None:
    cast.database.work(blocking.block, cast.school, DESK, cast.bakker)
    assert refusal(cast, merging.merge, cast.jansen, cast.bakker, PEPPER) == Invalid(
        "The family %(name)s is blocked: let it in before it becomes part of another.", (("name", "Bakker"),)
    )


@pytest.mark.parametrize("foreign", ["student", "family", "target"])
def test_nothing_crosses_to_another_school(cast: Cast, foreign: str) -> None:
    student = cast.other_sanne if foreign == "student" else cast.daan
    family = cast.mulder if foreign == "family" else cast.de_vries
    target = cast.mulder if foreign == "target" else cast.smit
    found = refusal(cast, families.move, student, family, target, PEPPER)
    assert found == NotFound("student" if foreign == "student" else "family")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("  ", "A family needs a name."),
        ("a\nBcc: x", "“%(value)s” holds a line end or a control character."),
        ("x" * 121, "“%(value)s” is longer than %(most)s characters."),
    ],
)
def test_a_family_is_called_by_one_line_of_text(cast: Cast, name: str, message: str) -> None:
    found = refusal(cast, families.rename, cast.smit, name)
    assert isinstance(found, Invalid)
    assert found.message == message


def test_mail_goes_to_the_family_else_to_its_childrens_address(cast: Cast) -> None:
    sql(
        cast,
        "UPDATE student SET email = 'thuis@example.org' WHERE id IN (:one, :two)",
        one=cast.stephanie,
        two=cast.lotte,
    )
    assert detail(cast, cast.smit).mail == "thuis@example.org"
    cast.database.work(families.set_email, cast.school, DESK, cast.smit, "smit@example.org")
    assert detail(cast, cast.smit).mail == "smit@example.org"
    cast.database.work(families.set_email, cast.school, DESK, cast.bakker, "")
    assert (detail(cast, cast.bakker).mail, detail(cast, cast.bakker).reachable) == ("", False)
    found = refusal(cast, families.set_email, cast.smit, "smit@")
    assert isinstance(found, Invalid)


def test_a_family_page_tells_how_it_is_reached(cast: Cast) -> None:
    chat(cast, cast.smit, "1", reachable=False)
    seen = detail(cast, cast.smit)
    assert [(line.kind, line.reachable) for line in seen.chats] == [(ChatKind.TELEGRAM, False)]
    assert seen.reachable is False


def test_the_list_is_searched_and_filtered(cast: Cast) -> None:
    cast.database.work(families.add, cast.school, DESK, cast.stephanie, None, PEPPER, "de Wit")
    cast.database.work(blocking.block, cast.school, DESK, cast.yilmaz)
    chat(cast, cast.de_vries, "1")

    def found(**asked: Any) -> list[str]:
        return [line.name for line in cast.database.read(family_list.families, cast.school, **asked).lines]

    assert found() == ["Bakker", "de Vries", "de Wit", "Jansen", "Smit", "Yılmaz"]
    assert found(search="stephanie") == ["de Wit", "Smit"]
    assert found(search="de vries") == ["de Vries"]
    assert found(search="100%") == []
    assert found(search="yilmaz") == found(search="YILMAZ elif") == ["Yılmaz"]
    assert found(show="bare") == ["de Wit"]
    assert found(show="blocked") == ["Yılmaz"]
    assert found(show="together") == ["Bakker", "de Wit", "Jansen", "Smit"]
    assert found(show="not_linked") == ["Bakker", "de Wit", "Jansen", "Smit", "Yılmaz"]
    assert found(show="by_hand") == ["Bakker", "de Wit"]
    assert found(show="telegram") == ["de Vries"]
    assert found(show="mail") == ["Bakker", "Jansen"]
    assert found(show="unreachable") == ["de Wit", "Smit"]
    assert found(group_id=cast.groep7) == ["de Vries", "de Wit", "Smit"]
    assert found(group_id=cast.groep7, show="unreachable", search="wit") == ["de Wit"]
    page = cast.database.read(family_list.families, cast.school, page=99, size=4)
    assert (page.page, page.pages, page.total, len(page.lines)) == (2, 2, 6, 2)


def test_a_list_costs_as_many_queries_for_many_rows_as_for_one(cast: Cast) -> None:
    def cost(do: Any, **asked: Any) -> int:
        return queries(cast.database, do, cast.school, **asked)

    assert cost(family_list.families, size=1) == cost(family_list.families, size=50)
    assert cost(students.students, size=1) == cost(students.students, size=50)


def queries(database: Database, do: Any, *values: Any, **asked: Any) -> int:
    count = []
    event.listen(database.engine, "before_cursor_execute", lambda *_: count.append(1))
    database.read(do, *values, **asked)
    return len(count)


def test_the_counts_of_the_school(cast: Cast) -> None:
    chat(cast, cast.de_vries, "1")
    chat(cast, cast.de_vries, "2")
    cast.database.work(blocking.block, cast.school, DESK, cast.yilmaz)
    cast.database.work(families.add, cast.school, DESK, cast.stephanie, None, PEPPER, "de Wit")
    assert cast.database.read(family_views.counts, cast.school) == family_views.FamilyCounts(
        students=6, groups=2, families=6, without_family=0, bare=1, blocked=1, linked=1
    )

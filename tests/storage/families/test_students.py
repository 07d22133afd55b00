"""Students at the desk: the list, and one that is changed by hand."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from storage.database.engine import Database
from storage.families import enrolling, student_page, students
from storage.families.enrolling import StudentForm
from storage.importing.students import applying
from storage.refusals import Invalid, NotFound, Refused
from storage.school_year import leaving
from storage.words import SecretKind
from tests.storage.importing.lists import HEADER
from tests.storage.importing.lists import students as read
from tests.support import cast as people
from tests.support.cast import DESK, NOW, PEPPER, Cast, settle
from tests.support.statements import statements


def form(cast: Cast, **changed: Any) -> StudentForm:
    typed = StudentForm(
        first_name="Daan", prefix="de", last_name="Vries", call_name="", postcode="3511 ab", house_number="12",
        birth_date="11 februari 2014", student_number="1002", email="", phone="", group_ids=frozenset([cast.groep7]),
    )  # fmt: skip
    return replace(typed, **changed)


def edited(cast: Cast, typed: StudentForm, student: int | None = None) -> None:
    cast.database.work(enrolling.edit, cast.school, DESK, student or cast.daan, typed, PEPPER)


def test_the_list_is_in_order_of_last_name_and_filtered_by_group(cast: Cast) -> None:
    def found(**asked: Any) -> list[str]:
        return [line.name for line in cast.database.read(students.students, cast.school, **asked).lines]

    assert found() == [
        "Jansen, Lotte",
        "Smit, Stéphanie",
        "Vries, Daan de",
        "Vries, Sanne de",
        "Yılmaz, Elif",
        "Yılmaz, Emir",
    ]
    assert found(group_id=cast.groep7) == ["Smit, Stéphanie", "Vries, Daan de"]
    assert found(search="stephanie") == ["Smit, Stéphanie"]
    assert found(search="de vries sa") == ["Vries, Sanne de"]
    assert found(search="1003") == ["Yılmaz, Emir"]
    assert found(search="3513ef") == ["Jansen, Lotte"]
    assert found(show="family") == []


def test_groups_are_counted_and_groep_10_comes_after_groep_4(cast: Cast) -> None:
    add = text("INSERT INTO school_group (school_id, name) VALUES (:school, 'groep 10')")
    cast.database.work(lambda session: session.execute(add, {"school": cast.school}) and None)
    views = cast.database.read(students.groups, cast.school)
    assert [(view.name, view.students) for view in views] == [("groep 4", 4), ("groep 7", 2), ("groep 10", 0)]


def test_a_student_is_changed_and_its_credentials_follow(cast: Cast) -> None:
    edited(cast, form(cast, first_name="Daniël", postcode="3599 zz", group_ids=frozenset([cast.groep4, cast.groep7])))
    view = cast.database.read(student_page.about, cast.school, cast.daan, NOW)
    assert (view.name, view.postcode, view.groups) == ("Daniël de Vries", "3599ZZ", "groep 4, groep 7")
    values = text("SELECT value FROM credential WHERE student_id = :id")
    found = cast.database.read(lambda session: session.execute(values, {"id": cast.daan}).scalars().all())
    assert sorted(found) == sorted(people.credential(SecretKind.POSTCODE, one) for one in ("3511AB", "3599ZZ"))


def test_changing_nothing_keeps_every_credential(cast: Cast) -> None:
    ids = text("SELECT id FROM credential ORDER BY id")
    before = cast.database.read(lambda session: session.execute(ids).scalars().all())
    edited(cast, form(cast))
    assert cast.database.read(lambda session: session.execute(ids).scalars().all()) == before


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"first_name": ""}, "The first name is missing."),
        ({"birth_date": "gisteren"}, "“%(value)s” is not a date."),
        ({"postcode": "thuis"}, "“%(value)s” is not a postcode."),
        ({"email": "x@y\nBcc: z@y.nl"}, "“%(value)s” holds a line end or a control character."),
        ({"prefix": "de\nBcc"}, "“%(value)s” holds a line end or a control character."),
        ({"student_number": "1001"}, "Another student has this student number."),
        ({"group_ids": frozenset()}, "Choose a group."),
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_sentence(cast: Cast, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as refused:
        edited(cast, form(cast, **changed))
    assert isinstance(refused.value.refusal, Invalid)
    assert refused.value.refusal.message == message


def test_a_student_of_the_neighbour_is_not_found(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        edited(cast, form(cast), cast.other_sanne)
    assert refused.value.refusal == NotFound("student")


def test_a_name_is_found_with_and_without_its_accents_anywhere_in_it(cast: Cast) -> None:
    def found(search: str) -> list[str]:
        return [line.name for line in cast.database.read(students.students, cast.school, search=search).lines]

    assert found("yilmaz") == found("YILMAZ") == ["Yılmaz, Elif", "Yılmaz, Emir"]
    assert found("Stéph") == found("stephanie smit") == ["Smit, Stéphanie"]
    assert found("3511 ab") == ["Vries, Daan de", "Vries, Sanne de"]
    assert found("3513") == ["Jansen, Lotte"]
    assert found("1006") == found("01006") == ["Smit, Stéphanie"]
    assert found("100") == []
    assert found("%") == found("-") == found("")
    assert cast.database.read(students.named, cast.school, "ylmaz") == []


def test_names_are_in_order_whatever_their_letters(cast: Cast) -> None:
    added = "first_name, last_name, name_key, prefix, call_name, postcode, house_number, student_number, email, phone"
    with cast.database.engine.begin() as connection:
        for last in ("Özdemir", "zwart", "Ångström", "Zijlstra"):
            connection.exec_driver_sql(
                f"INSERT INTO student (school_id, {added}, call_key) "
                f"VALUES ({cast.school}, 'Kim', '{last}', 'kim', '', '', '', '', '', '', '', '')"
            )
    names = [line.name for line in cast.database.read(students.students, cast.school).lines]
    assert [name for name in names if name.endswith("Kim")] == [
        "Ångström, Kim",
        "Özdemir, Kim",
        "Zijlstra, Kim",
        "zwart, Kim",
    ]
    assert names.index("Özdemir, Kim") < names.index("Smit, Stéphanie")


def test_leavers_are_apart_and_told_of_where_they_fit(cast: Cast) -> None:
    cast.database.work(leaving.leave, cast.school, DESK, [cast.daan])
    here = cast.database.read(students.students, cast.school, search="vries")
    assert ([line.name for line in here.lines], here.leavers) == (["Vries, Sanne de"], 1)
    gone = cast.database.read(students.students, cast.school, search="vries", show="left")
    assert ([(line.name, line.left) for line in gone.lines], gone.leavers) == ([("Vries, Daan de", True)], 0)
    assert cast.database.read(students.groups, cast.school)[1].students == 1


def test_the_list_may_be_in_order_of_group(cast: Cast) -> None:
    found = cast.database.read(students.students, cast.school, sort="group")
    assert [line.groups for line in found.lines] == ["groep 4"] * 4 + ["groep 7"] * 2
    assert [line.name for line in found.lines][:2] == ["Jansen, Lotte", "Vries, Sanne de"]


@pytest.mark.parametrize("asked", [{}, {"search": "kind"}, {"show": "family"}, {"sort": "group"}])
def test_three_students_and_three_hundred_cost_the_same(sqlite: Database, asked: dict[str, Any]) -> None:
    cast = settle(sqlite)
    with statements(sqlite) as few:
        sqlite.read(students.students, cast.school, **asked)
    rows = "".join(f"Kind;;Nr{number};;;;{number};groep {number % 9}\n" for number in range(5000, 5300))
    sqlite.work(applying.apply, cast.school, DESK, read(f"{HEADER}\n{rows}"), PEPPER)
    with statements(sqlite) as many:
        assert sqlite.read(students.students, cast.school, **asked).total >= 300
    assert len(few) == len(many)


def test_a_page_past_the_end_is_the_last(cast: Cast) -> None:
    found = cast.database.read(students.students, cast.school, page=9, size=4)
    assert (found.page, found.pages, len(found.lines)) == (2, 2, 2)

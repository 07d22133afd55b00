"""Students at the desk: the list, and one that is changed by hand."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from storage.people import about, enrolling, students
from storage.people.enrolling import StudentForm
from storage.words import Actor, By, Invalid, NotFound, Refused
from tests import cast as people
from tests.cast import NOW, PEPPER, Cast

BY = By(Actor.STAFF, 1)


def form(cast: Cast, **changed: Any) -> StudentForm:
    typed = StudentForm(
        first_name="Daan", prefix="de", last_name="Vries", call_name="", postcode="3511 ab", house_number="12",
        birth_date="11 februari 2014", student_number="1002", email="", phone="", group_ids=frozenset([cast.groep7]),
    )  # fmt: skip
    return replace(typed, **changed)


def edited(cast: Cast, typed: StudentForm, student: int | None = None) -> None:
    cast.database.work(enrolling.edit, cast.school, student or cast.daan, typed, BY, NOW, PEPPER)


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
    view = cast.database.read(about.about, cast.school, cast.daan, NOW)
    assert (view.name, view.postcode, view.groups) == ("Daniël de Vries", "3599ZZ", "groep 4, groep 7")
    values = text("SELECT value FROM credential WHERE student_id = :id")
    found = cast.database.read(lambda session: session.execute(values, {"id": cast.daan}).scalars().all())
    assert sorted(found) == sorted(people.credential(people.SecretKind.POSTCODE, one) for one in ("3511AB", "3599ZZ"))


def test_changing_nothing_keeps_every_credential(cast: Cast) -> None:
    ids = text("SELECT id FROM credential ORDER BY id")
    before = cast.database.read(lambda session: session.execute(ids).scalars().all())
    edited(cast, form(cast))
    assert cast.database.read(lambda session: session.execute(ids).scalars().all()) == before


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"first_name": ""}, "The first name is missing."),
        ({"last_name": " "}, "The last name is missing."),
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

"""One student by hand: a child who comes in during the year (rule 26), with what is typed checked as an import is."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from storage.database.engine import Database
from storage.families import enrolling, student_page, students
from storage.families.enrolling import StudentForm
from storage.families.missing_data import missing_data
from storage.families.student_page import StudentDetails
from storage.refusals import Invalid, NotFound, Refused
from storage.school_year import leaving
from tests.support.cast import DESK, NOW, PEPPER, Cast, settle

FIEN = StudentForm(
    first_name="Fien", last_name="van der Mól", postcode="3511 ab", birth_date="1 februari 2018", student_number="0042"
)


def enrolled(cast: Cast, **changed: Any) -> StudentDetails:
    form = replace(FIEN, **{"group_ids": frozenset([cast.groep4]), **changed})
    student_id = cast.database.work(enrolling.enrol, cast.school, DESK, form)
    return cast.database.read(student_page.about, cast.school, student_id, NOW)


def refused(cast: Cast, **changed: Any) -> Any:
    before = cast.database.read(students.students, cast.school).total
    with pytest.raises(Refused) as why:
        enrolled(cast, **changed)
    assert cast.database.read(students.students, cast.school).total == before
    return why.value.refusal


def audited(cast: Cast) -> list[tuple[str, int, str]]:
    rows = cast.database.read(lambda session: session.execute(text("SELECT act, subject, detail FROM audit")).all())
    return [(act, subject, str(detail)) for act, subject, detail in rows]


def test_a_new_child_is_in_its_groups_and_in_no_family(cast: Cast) -> None:
    view = enrolled(cast, new_group="plusgroep")
    assert (view.name, view.prefix, view.postcode, view.groups) == (
        "Fien van der Mól", "van der", "3511AB", "groep 4, plusgroep",
    )  # fmt: skip
    assert view.families == ()
    assert cast.database.read(missing_data, cast.school)["family"] == 1
    assert [(act, subject) for act, subject, _ in audited(cast)] == [("student_changed", view.id)]
    assert "enrolled" in audited(cast)[0][2]


def test_a_group_that_is_typed_and_stands_there_is_not_made_twice(cast: Cast) -> None:
    view = enrolled(cast, group_ids=frozenset(), new_group=" Groep  4 ")
    assert view.group_ids == {cast.groep4}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"first_name": " "}, "The first name is missing."),
        ({"first_name": "12"}, "“%(value)s” is not a name."),
        ({"birth_date": "31-2-2018"}, "“%(value)s” is not a date."),
        ({"birth_date": "1-1-2030"}, "The birth date %(value)s lies in the future."),
        ({"email": "x@"}, "“%(value)s” is not one e-mail address."),
        ({"group_ids": frozenset()}, "Choose a group."),
        ({"group_ids": frozenset(), "new_group": "x" * 61}, "“%(value)s” is longer than %(most)s characters."),
        ({"student_number": "01001"}, "Another student has this student number."),
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_sentence(sqlite: Database, changed: Any, sentence: str) -> None:
    refusal = refused(settle(sqlite), **changed)
    assert isinstance(refusal, Invalid)
    assert refusal.message == sentence


def test_a_child_who_is_here_already_is_not_added_twice(cast: Cast) -> None:
    sanne = {"first_name": "sanne", "last_name": "Vries, de", "birth_date": "2017-05-03", "student_number": ""}
    assert refused(cast, **sanne) == Invalid("A student with this name and date of birth is here already.")
    cast.database.work(leaving.leave, cast.school, DESK, [cast.sanne])
    assert refused(cast, **sanne) == Invalid(
        "This child was at school before: look among the leavers and let it come back."
    )
    assert enrolled(cast, **{**sanne, "birth_date": "2018-05-03"}).name == "sanne de Vries"


def test_a_group_of_another_school_is_not_found(cast: Cast) -> None:
    other = cast.database.read(
        lambda session: session.execute(
            text("SELECT id FROM school_group WHERE school_id = :s"), {"s": cast.horizon}
        ).scalar()
    )
    assert refused(cast, group_ids=frozenset([other])) == NotFound("group")


def test_what_was_changed_is_named_in_the_trail_and_nothing_is_written_for_nothing(cast: Cast) -> None:
    form = StudentForm(
        first_name="Daan", prefix="de", last_name="Vries", postcode="3511AB", house_number="14",
        birth_date="2014-02-11", student_number="1002", group_ids=frozenset([cast.groep4]),
    )  # fmt: skip
    for _ in range(2):
        cast.database.work(enrolling.edit, cast.school, DESK, cast.daan, form, PEPPER)
    ((act, subject, detail),) = audited(cast)
    assert (act, subject) == ("student_changed", cast.daan)
    assert "['house_number', 'group']" in detail.replace('"', "'")

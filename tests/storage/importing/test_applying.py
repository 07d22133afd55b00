"""A list of students is shown against the school, then applied whole or not at all (D5, rule 26)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from storage.access.secrets import keyed
from storage.booking import booking
from storage.database.engine import Database
from storage.families import student_page, students
from storage.importing.students import applying
from storage.importing.students.comparing import Change, Changed, Difference, ProposedLeaver
from storage.refusals import Refused
from storage.words import SecretKind
from tests.storage.importing.lists import HEADER, REGENBOOG
from tests.storage.importing.lists import students as read
from tests.support.cast import DESK, NOW, PEPPER, Cast


def brought_in(cast: Cast, content: str) -> Difference:
    return cast.database.work(applying.apply, cast.school, DESK, read(content), PEPPER)


def without(*first_names: str) -> str:
    """The list of De Regenboog without these children."""
    return "".join(line for line in REGENBOOG.splitlines(keepends=True) if not line.startswith(first_names))


def book(database: Database, cast: Cast, slot: int, student: int, family: int) -> int:
    return database.work(booking.book, cast.school, DESK, family_id=family, student_id=student, slot_id=slot).id


def everything(database: Database) -> list[Any]:
    """All that an import may touch."""
    tables = {
        "student": "id",
        "student_group": "student_id, group_id",
        "school_group": "id",
        "credential": "id",
        "audit": "id",
    }
    read_all = [f"SELECT * FROM {name} ORDER BY {order}" for name, order in tables.items()]
    return database.read(lambda session: [[tuple(r) for r in session.execute(text(one))] for one in read_all])


def test_a_first_import_makes_students_and_their_groups(cast: Cast) -> None:
    cast.database.work(lambda session: session.execute(text("DELETE FROM student_group")) and None)
    difference = brought_in(cast, f"{HEADER}\nOlivier;van der;Berg;3515IJ;9;1-2-2018;0042;groep 3, Plusklas\n")
    assert difference.counts() == {"read": 1, "new": 1, "changed": 0, "unchanged": 0, "refused": 0}
    assert difference.new_groups == ("groep 3", "Plusklas")
    page = cast.database.read(students.students, cast.school, search="olivier berg")
    assert [(line.name, line.groups) for line in page.lines] == [("Berg, Olivier van der", "groep 3, Plusklas")]
    view = cast.database.read(student_page.about, cast.school, page.lines[0].id, NOW)
    assert (view.student_number, view.postcode, view.birth_date) == ("0042", "3515IJ", date(2018, 2, 1))


def test_the_same_file_a_second_time_changes_nothing(cast: Cast) -> None:
    brought_in(cast, REGENBOOG + "Noa;;Bos;3516KL;1;2-2-2019;;groep 3\n")
    before = everything(cast.database)
    difference = brought_in(cast, REGENBOOG + "Noa;;Bos;3516KL;1;2-2-2019;;groep 3\n")
    assert difference.counts() == {"read": 7, "new": 0, "changed": 0, "unchanged": 7, "refused": 0}
    assert everything(cast.database) == before


def test_a_preview_writes_nothing(cast: Cast) -> None:
    before = everything(cast.database)
    difference = cast.database.work(
        applying.preview, cast.school, read(f"{HEADER}\nNoa;;Bos;3516KL;1;2-2-2019;;groep 3\n"), NOW
    )
    assert (difference.new, difference.newcomers, difference.new_groups) == (1, ("Noa Bos",), ("groep 3",))
    assert everything(cast.database) == before


def test_what_changes_is_shown_field_by_field(cast: Cast) -> None:
    moved = REGENBOOG.replace("Sanne;de;Vries;3511AB;12", "Sanne;de;Vries;3599ZZ;14").replace(
        "1006;groep 7", "1006;groep 8"
    )
    difference = cast.database.read(applying.preview, cast.school, read(moved), NOW)
    assert difference.changes == (
        Changed(
            cast.sanne, "Sanne de Vries", (Change("postcode", "3511AB", "3599ZZ"), Change("house_number", "12", "14"))
        ),
        Changed(cast.stephanie, "Stéphanie Smit", (Change("group", "groep 7", "groep 8"),)),
    )


def test_students_who_are_gone_are_named_and_stay(cast: Cast) -> None:
    difference = brought_in(cast, without("Stéphanie"))
    assert difference.gone == (ProposedLeaver(cast.stephanie, "Stéphanie Smit", ("groep 7",), 0, True),)
    assert cast.database.read(student_page.about, cast.school, cast.stephanie, NOW).left is None


def test_who_is_gone_has_likely_left_only_where_the_file_lists_the_group_without_it(cast: Cast) -> None:
    def likely(*gone: str) -> list[str]:
        found = cast.database.read(applying.preview, cast.school, read(without(*gone)), NOW)
        return [one.name for one in found.gone if one.likely]

    assert likely("Stéphanie") == ["Stéphanie Smit"]
    assert likely("Stéphanie", "Daan") == []  # all of groep 7, and a third of the school: a list of groep 4 alone
    book(cast.database, cast, cast.noor_slots[0], cast.lotte, cast.jansen)
    assert likely("Lotte") == []  # she has a talk ahead


def test_leavers_who_are_ticked_leave_with_the_import_and_nobody_else(cast: Cast) -> None:
    book(cast.database, cast, cast.noor_slots[0], cast.lotte, cast.jansen)
    text_of = without("Stéphanie", "Lotte").replace("3511AB;12", "3599ZZ;14")
    left = cast.database.work(applying.apply, cast.school, DESK, read(text_of), PEPPER, leavers=[cast.lotte])
    assert [(one.name, one.talks) for one in left.gone] == [("Lotte Jansen", 1), ("Stéphanie Smit", 0)]
    lotte = cast.database.read(student_page.about, cast.school, cast.lotte, NOW)
    assert (lotte.left, lotte.ahead, [one.kinds for one in lotte.families]) == (NOW, (), [(), ()])
    assert cast.database.read(student_page.about, cast.school, cast.stephanie, NOW).left is None
    assert cast.database.read(student_page.about, cast.school, cast.sanne, NOW).postcode == "3599ZZ"


def test_leavers_leave_though_nothing_else_changes_and_only_those_who_are_gone(cast: Cast) -> None:
    before = everything(cast.database)
    for other in (cast.sanne, cast.other_sanne):
        with pytest.raises(Refused):
            cast.database.work(applying.apply, cast.school, DESK, read(without("Stéphanie")), PEPPER, leavers=[other])
    assert everything(cast.database) == before
    listed = read(without("Stéphanie"))
    cast.database.work(applying.apply, cast.school, DESK, listed, PEPPER, leavers=[cast.stephanie])
    assert cast.database.read(applying.preview, cast.school, listed, NOW).gone == ()


def test_who_is_in_the_list_again_is_back_and_let_in_again(cast: Cast) -> None:
    listed = read(without("Stéphanie"))
    cast.database.work(applying.apply, cast.school, DESK, listed, PEPPER, leavers=[cast.stephanie])
    difference = brought_in(cast, REGENBOOG)
    assert difference.changes == (Changed(cast.stephanie, "Stéphanie Smit", (Change("left", "", ""),)),)
    back = cast.database.read(student_page.about, cast.school, cast.stephanie, NOW)
    assert (back.left, [one.kinds for one in back.families]) == (None, [(SecretKind.POSTCODE,)])


def test_a_booking_keeps_the_group_that_its_child_was_in_when_a_list_moves_it_up(cast: Cast) -> None:
    held = book(cast.database, cast, cast.noor_slots[0], cast.sanne, cast.de_vries)
    brought_in(cast, REGENBOOG.replace("1001;groep 4", "1001;groep 5"))
    kept = f"SELECT group_name FROM booking WHERE id = {held}"
    assert cast.database.read(lambda session: session.execute(text(kept)).scalar()) == "groep 4"


def test_an_import_says_how_far_it_is(cast: Cast) -> None:
    rows = "".join(f"Kind;;Nr{number};;;;{number};groep 4\n" for number in range(5000, 6200))
    parts: list[float] = []
    cast.database.work(applying.apply, cast.school, DESK, read(REGENBOOG + rows), PEPPER, heard=parts.append)
    assert parts == sorted(parts)
    assert (parts[0], parts[-1], len(parts)) == (applying.COMPARED, applying.WRITTEN, 5)


def test_a_missing_field_can_be_added_later_and_one_without_a_column_stays(cast: Cast) -> None:
    short = "voornaam;achternaam;groep\nOlivier;van der Berg;groep 3\n"
    brought_in(cast, short)
    difference = brought_in(cast, f"{HEADER}\nOlivier;van der;Berg;3515IJ;9;1-2-2018;0042;groep 3\n")
    assert (difference.new, difference.changed) == (0, 1)
    difference = brought_in(cast, short)
    assert (difference.new, difference.changed, difference.unchanged) == (0, 0, 1)
    found = cast.database.read(students.students, cast.school, search="0042")
    assert [(line.postcode, line.house_number) for line in found.lines] == [("3515IJ", "9")]


def test_a_number_that_lost_its_zeros_to_a_spreadsheet_is_the_same_student(cast: Cast) -> None:
    brought_in(cast, f"{HEADER}\nOlivier;van der;Berg;3515IJ;9;1-2-2018;0042;groep 3\n")
    difference = brought_in(cast, f"{HEADER}\nOlivier;van der;Berg;3515IJ;9;1-2-2018;42;groep 3\n")
    assert (difference.new, difference.unchanged) == (0, 1)
    assert cast.database.read(students.students, cast.school, search="0042").total == 1


def test_two_rows_for_one_student_are_refused_with_both_lines(cast: Cast) -> None:
    before = everything(cast.database)
    difference = brought_in(cast, REGENBOOG + "Sanne;de;Vries;3511AB;12;4-5-2017;1001;groep 4\n")
    assert [(error.line, str(error)) for error in difference.errors] == [
        (8, "Sanne de Vries stands in the file twice: line 2 is the same student.")
    ]
    assert (difference.refused, difference.unchanged) == (1, 6)
    assert everything(cast.database) == before


def test_one_bad_row_and_nothing_at_all_is_applied(cast: Cast) -> None:
    before = everything(cast.database)
    difference = brought_in(cast, f"{HEADER}\nNoa;;Bos;3516KL;1;2-2-2019;;groep 3\nKees;;12;3516KL;1;;;groep 3\n")
    assert difference.counts() == {"read": 2, "new": 1, "changed": 0, "unchanged": 0, "refused": 1}
    assert everything(cast.database) == before


def test_twins_are_two_students_and_namesakes_are_told_apart_by_group(cast: Cast) -> None:
    header = "voornaam;achternaam;groep"
    twice = f"{header}\nSam;Bos;groep 3\nSam;Bos;groep 5\nTim;Bos;groep 3\n"
    assert brought_in(cast, twice).new == 3
    assert brought_in(cast, twice).unchanged == 3
    unsure = brought_in(cast, f"{header}\nSam;Bos;groep 6\n")
    assert [str(error) for error in unsure.errors] == [
        "Sam Bos fits more than one student: give the student number or the birth date."
    ]


def test_a_namesake_who_arrives_is_new_and_the_one_who_was_there_stays(cast: Cast) -> None:
    header = "voornaam;achternaam;groep"
    brought_in(cast, f"{header}\nSam;Bos;groep 3\n")
    difference = brought_in(cast, f"{header}\nSam;Bos;groep 3\nSam;Bos;groep 5\n")
    assert (difference.new, difference.unchanged, difference.errors) == (1, 1, ())


def test_a_call_name_finds_the_same_child(cast: Cast) -> None:
    content = "roepnaam;voornamen;achternaam;geboortedatum;groep\nSanne;Susanna Maria;de Vries;3-5-2017;groep 4\n"
    difference = brought_in(cast, content)
    assert [changed.student_id for changed in difference.changes] == [cast.sanne]
    view = cast.database.read(student_page.about, cast.school, cast.sanne, NOW)
    assert (view.first_name, view.call_name, view.name) == ("Susanna Maria", "Sanne", "Sanne de Vries")


def test_names_that_look_like_formulas_are_kept_as_text(cast: Cast) -> None:
    assert brought_in(cast, f"{HEADER}\n=Max+1;;Bos;3516KL;1;;;groep 3\n").new == 1
    assert [line.name for line in cast.database.read(students.students, cast.school, search="=Max").lines] == [
        "Bos, =Max+1"
    ]


def test_credentials_follow_a_changed_postcode(cast: Cast) -> None:
    values = "SELECT count(*) FROM credential WHERE family_id = :family AND kind = 'postcode' AND value = :value"

    def count(postcode: str) -> int:
        value = keyed(PEPPER, SecretKind.POSTCODE, postcode)
        found = {"family": cast.smit, "value": value}
        return cast.database.read(lambda session: int(session.execute(text(values), found).scalar_one()))

    assert (count("3514GH"), count("3599ZZ")) == (1, 0)
    brought_in(cast, REGENBOOG.replace("3514GH", "3599ZZ"))
    assert (count("3514GH"), count("3599ZZ")) == (0, 1)


def test_the_neighbour_school_is_not_touched(cast: Cast) -> None:
    brought_in(cast, REGENBOOG.replace("Sanne", "Susan"))
    assert cast.database.read(student_page.about, cast.horizon, cast.other_sanne, NOW).first_name == "Sanne"
    assert cast.database.read(students.students, cast.horizon).total == 1


def test_the_id_of_a_student_who_is_erased_is_never_given_out_again(cast: Cast) -> None:
    """It may stand on a button of somebody's phone."""
    one = f"{HEADER}\nNoa;;Bos;3516KL;1;2-2-2019;;groep 3\n"
    brought_in(cast, one)
    first = cast.database.read(students.students, cast.school, search="Noa").lines[0].id
    erase = text("DELETE FROM student WHERE id = :id")
    cast.database.work(lambda session: session.execute(erase, {"id": first}) and None)
    brought_in(cast, one)
    assert cast.database.read(students.students, cast.school, search="Noa").lines[0].id > first


def test_two_imports_at_once_make_each_student_once(cast: Cast) -> None:
    content = f"{HEADER}\nNoa;;Bos;3516KL;1;2-2-2019;;groep 3\nSam;;Bos;3516KL;1;2-2-2019;77;groep 3\n"
    with ThreadPoolExecutor(4) as together:
        done = list(together.map(lambda _: brought_in(cast, content), range(4)))
    assert sorted(one.new for one in done) == [0, 0, 0, 2]
    assert cast.database.read(students.students, cast.school, search="Bos").total == 2

"""A list that comes again: what was typed by hand stays, another number is the same child, and nothing is silent."""

import pytest

from storage.families import student_page
from storage.importing.students import applying
from storage.importing.students.comparing import Difference
from storage.outbox.recipients import family_addresses
from tests.storage.importing.lists import HEADER, REGENBOOG
from tests.storage.importing.lists import students as read
from tests.storage.importing.test_applying import book, brought_in, everything
from tests.support.cast import DESK, NOW, PEPPER, Cast


def preview(cast: Cast, content: str) -> Difference:
    return cast.database.read(applying.preview, cast.school, read(content), NOW)


def changes(difference: Difference) -> list[tuple[str, list[tuple[str, str, str]]]]:
    return [
        (one.name, [(change.field, change.old, change.new) for change in one.changes]) for one in difference.changes
    ]


def test_an_empty_cell_wipes_nothing(cast: Cast) -> None:
    before = everything(cast.database)
    emptied = f"{HEADER};e-mail;telefoon\n" + "".join(
        f"{first};;{last};;;{born};{number};;;\n"
        for first, last, born, number in (("Sanne", "de Vries", "3-5-2017", "1001"), ("Daan", "de Vries", "", "1002"))
    )
    assert changes(brought_in(cast, emptied)) == []
    assert everything(cast.database) == before


@pytest.mark.parametrize("proof", ["birth date", "address"])
def test_a_list_in_which_every_number_is_new_is_of_the_same_children(cast: Cast, proof: str) -> None:
    """A school that changes its administration: nobody is doubled, and nobody is gone."""
    brought_in(cast, REGENBOOG)
    renumbered = REGENBOOG.replace(";100", ";91")
    if proof == "address":
        renumbered = "\n".join(
            ";".join("" if place == 5 else cell for place, cell in enumerate(line.split(";")))
            for line in renumbered.splitlines()
        ).replace(HEADER.replace("geboortedatum", ""), HEADER)
    difference = brought_in(cast, renumbered)
    assert (difference.new, difference.changed, difference.gone) == (0, 6, ())
    assert ("Sanne de Vries", [("student_number", "1001", "911")]) in changes(difference)


def test_a_namesake_with_another_number_birth_date_and_address_is_another_child(cast: Cast) -> None:
    difference = preview(cast, f"{HEADER}\nSanne;de;Vries;9999ZZ;1;1-1-2016;2001;groep 4\n")
    assert (difference.new, difference.changed) == (1, 0)


@pytest.mark.parametrize("written", ["4", "04", "Groep 4", "groep  4", "GROEP 4", "klas 4"])
def test_a_group_that_is_written_otherwise_is_the_same_group(cast: Cast, written: str) -> None:
    difference = preview(cast, REGENBOOG.replace("groep 4", written))
    assert (difference.new_groups, difference.changed, difference.emptied) == ((), 0, ())


def test_two_spellings_in_one_list_are_two_groups(cast: Cast) -> None:
    difference = preview(cast, REGENBOOG.replace("1001;groep 4", "1001;4"))
    assert difference.new_groups == ("4",)


def test_a_published_planning_that_would_lose_its_children_is_named(cast: Cast) -> None:
    difference = preview(cast, REGENBOOG.replace("groep 4", "de kevers"))
    assert list(difference.emptied) == ["Groep 4"]
    assert preview(cast, REGENBOOG.replace("1001;groep 4", "1001;de kevers")).emptied == ()


def test_a_child_that_leaves_the_group_of_its_talk_is_named(cast: Cast) -> None:
    book(cast.database, cast, cast.noor_slots[0], cast.sanne, cast.de_vries)
    difference = preview(cast, REGENBOOG.replace("1001;groep 4", "1001;groep 7"))
    assert [(one.name, one.title) for one in difference.regrouped] == [("Sanne de Vries", "Groep 4")]
    assert preview(cast, REGENBOOG.replace("1001;groep 4", '1001;"groep 4, koor"')).regrouped == ()
    assert preview(cast, REGENBOOG.replace("1003;groep 4", "1003;groep 7")).regrouped == ()


def test_a_change_can_be_left_out(cast: Cast) -> None:
    moved = REGENBOOG.replace("3511AB;12", "3511XX;1").replace("1001;groep 4", "1001;de kevers")
    difference = cast.database.work(
        applying.apply, cast.school, DESK, read(moved), PEPPER, kept=frozenset({cast.sanne})
    )
    assert [name for name, _ in changes(difference)] == ["Daan de Vries"]
    assert difference.new_groups == ()
    view = cast.database.read(student_page.about, cast.school, cast.sanne, NOW)
    assert (view.postcode, difference.gone) == ("3511AB", ())


def test_wrong_rows_are_left_out_by_choice_and_whose_they_are_is_not_gone(cast: Cast) -> None:
    wrong = REGENBOOG.replace("Emir;;Yılmaz", "Emir;;12") + "Noa;;Bos;3516KL;1;2-2-2019;;groep 4\n"
    assert brought_in(cast, wrong).refused == 1
    assert preview(cast, wrong).new == 1
    difference = cast.database.work(applying.apply, cast.school, DESK, read(wrong), PEPPER, without_wrong=True)
    assert (difference.new, difference.refused) == (1, 1)
    assert [(one.name, one.likely) for one in difference.gone] == [("Emir Yılmaz", False)]
    assert preview(cast, REGENBOOG).counts()["changed"] == 0
    assert [one.name for one in preview(cast, REGENBOOG).gone] == ["Noa Bos"]


def test_rows_that_fit_two_children_are_left_out_by_choice_too(cast: Cast) -> None:
    header = "voornaam;achternaam;groep"
    brought_in(cast, f"{header}\nSam;Bos;groep 3\nSam;Bos;groep 5\n")
    unsure = read(f"{header}\nSam;Bos;groep 6\nTim;Bos;groep 3\n")
    difference = cast.database.work(applying.apply, cast.school, DESK, unsure, PEPPER, without_wrong=True)
    assert (difference.newcomers, difference.refused) == (("Tim Bos",), 1)


def test_a_child_without_a_group_comes_in_and_keeps_the_one_it_had(cast: Cast) -> None:
    difference = brought_in(
        cast, f"{HEADER}\nNoa;;Bos;3516KL;1;2-2-2023;2001;\nSanne;de;Vries;3511AB;12;3-5-2017;1001;\n"
    )
    assert (difference.new, difference.changed, difference.errors) == (1, 0, ())
    assert [str(remark) for remark in difference.remarks] == ["There is no group: the child comes in without one."] * 2


def test_both_parents_of_a_child_are_written_to(cast: Cast) -> None:
    both = REGENBOOG.replace(HEADER, f"{HEADER};e-mail moeder;e-mail vader").replace(
        "1006;groep 7", "1006;groep 7;anna@ouder.example;bo@ouder.example"
    )
    short = "\n".join(line if line.count(";") > 8 else line + ";;" for line in both.splitlines())
    brought_in(cast, short)
    found = cast.database.read(family_addresses, cast.school, cast.smit)
    assert found == ("anna@ouder.example", "bo@ouder.example")

"""The field that finds a child, a family or a planning from any page of the desk."""

from datetime import timedelta
from pathlib import Path

import pytest

from storage.database.engine import Database
from storage.planning.views import search
from storage.school_year import leaving
from storage.words import Role
from tests.support.browser import NOOR
from tests.support.cast import NOW, OPERATOR, Cast, settle
from tests.support.clerk import Clerk


@pytest.fixture
def regenboog(sqlite: Database) -> Cast:
    return settle(sqlite)


@pytest.fixture
def marijke(regenboog: Cast, tmp_path: Path) -> Clerk:
    return Clerk(regenboog, tmp_path, Role.ADMINISTRATOR, "marijke@regenboog.example")


def led_to(clerk: Clerk, words: str) -> str:
    return clerk.client.get("/desk/find", params={"q": words}).url.path


def test_one_child_that_fits_is_the_page_that_opens(regenboog: Cast, marijke: Clerk) -> None:
    assert led_to(marijke, "stephanie") == f"/desk/students/{regenboog.stephanie}"
    assert led_to(marijke, "1002") == f"/desk/students/{regenboog.daan}"


def test_a_child_of_two_families_is_one_child(regenboog: Cast, marijke: Clerk) -> None:
    assert led_to(marijke, "Lotte Jansen") == f"/desk/students/{regenboog.lotte}"


def test_children_of_one_family_lead_to_their_family(regenboog: Cast, marijke: Clerk) -> None:
    assert led_to(marijke, "yilmaz") == f"/desk/families/{regenboog.yilmaz}"
    assert led_to(marijke, "3511 AB") == f"/desk/families/{regenboog.de_vries}"


def test_a_family_whose_children_have_another_name_is_found_by_its_own(regenboog: Cast, marijke: Clerk) -> None:
    assert led_to(marijke, "Bakker") == f"/desk/families/{regenboog.bakker}"


def test_where_there_is_a_choice_it_is_shown(regenboog: Cast, marijke: Clerk) -> None:
    page = marijke.get("/desk/find?q=an")  # Sanne, Stéphanie; Daan; Jansen
    assert page.url.path == "/desk/find"
    for child in (regenboog.sanne, regenboog.daan, regenboog.lotte, regenboog.stephanie):
        assert f'href="/desk/students/{child}"' in page.text
    assert f'href="/desk/students/{regenboog.emir}"' not in page.text


def test_a_teacher_or_a_title_leads_to_the_planning(regenboog: Cast, marijke: Clerk) -> None:
    assert led_to(marijke, "juf noor") == f"/desk/plannings/{regenboog.noor_planning}"
    assert led_to(marijke, "7 bram") == f"/desk/plannings/{regenboog.bram_planning}"


def test_a_group_is_shown_with_its_planning_and_its_lists(regenboog: Cast, marijke: Clerk) -> None:
    page = marijke.get("/desk/find?q=groep+4").text
    assert f'href="/desk/plannings/{regenboog.noor_planning}"' in page
    assert f'href="/desk/plannings/{regenboog.bram_planning}"' not in page
    assert f'href="/desk/students?group={regenboog.groep4}"' in page
    assert 'action="/desk/exports/parents"' in page


def test_a_planning_that_is_over_is_found_no_more(regenboog: Cast) -> None:
    later = NOW + timedelta(days=60)
    found = [regenboog.database.read(search.find, regenboog.school, "noor", at) for at in (NOW, later)]
    assert [[one.id for one in some] for some in found] == [[regenboog.noor_planning], []]


def test_nobody_and_nothing_are_said_in_words(marijke: Clerk) -> None:
    assert "Nobody fits" in marijke.get("/desk/find?q=xyzzy").text
    assert "Nobody fits" not in marijke.get("/desk/find").text


def test_who_left_is_looked_for_among_the_leavers(regenboog: Cast, marijke: Clerk) -> None:
    regenboog.database.work(leaving.leave, regenboog.school, OPERATOR, [regenboog.stephanie])
    page = marijke.get("/desk/find?q=Stéphanie")
    assert "Look among the leavers" in page.text


def test_the_neighbours_children_are_found_by_nobody_here(regenboog: Cast, marijke: Clerk) -> None:
    assert f"/desk/students/{regenboog.other_sanne}" not in marijke.get("/desk/find?q=Mulder").text
    assert "Nobody fits" in marijke.get("/desk/find?q=Mulder").text


def test_a_teacher_has_no_such_field(regenboog: Cast, tmp_path: Path) -> None:
    noor = Clerk(regenboog, tmp_path, Role.TEACHER, NOOR)
    assert 'action="/desk/find"' not in noor.get("/desk").text
    assert noor.client.get("/desk/find?q=Sanne").status_code == 403

"""Making a whole conference in one page, and the board of one planning by hand, by keys and without any script."""

import re

import pytest
from playwright.sync_api import Locator, ViewportSize, expect
from sqlmodel import Session

from storage import tables
from storage.booking import booking
from storage.booking.reading import bookings
from storage.planning.views import planning_list
from tests.stories.desk.conftest import Sit
from tests.support.cast import DESK, Cast
from tests.support.desk_browser import LAPTOP, PHONE, Sitting

pytestmark = pytest.mark.browser
TEN = [f"groep {number}{letter}" for number in (1, 2, 3, 5, 6) for letter in "ab"]


def add_groups(session: Session, cast: Cast) -> None:
    """Ten groups more, of one child each; the last is of fourteen."""
    for name in TEN:
        group = tables.Group(school_id=cast.school, name=name)
        session.add(group)
        session.flush()
        assert group.id is not None
        for number in range(14 if name == TEN[-1] else 1):
            child = tables.Student(
                school_id=cast.school, first_name=f"Kind {number}", last_name=name.title(), name_key=f"kind{number}"
            )
            session.add(child)
            session.flush()
            assert child.id is not None
            session.add(tables.StudentGroup(school_id=cast.school, student_id=child.id, group_id=group.id))


def talks(cast: Cast, planning: int) -> list[tuple[str, int]]:
    """Who is booked on which time."""
    found = cast.database.read(bookings, cast.school, planning_id=planning)
    return [(one.student_name, one.slot_id) for one in found]


def booked(cast: Cast, family: int, student: int, slot: int) -> None:
    cast.database.work(booking.book, cast.school, DESK, family_id=family, student_id=student, slot_id=slot)


def block(who: Sitting, slot: int) -> Locator:
    return who.page.locator(f'[data-slot="{slot}"]')


def child(who: Sitting, name: str, family: str) -> Locator:
    return who.page.locator(".child", has_text=re.compile(f"{name}.*{family}", re.DOTALL))


def focused(who: Sitting) -> str:
    return str(who.page.evaluate("document.activeElement.dataset.slot"))


def tray(who: Sitting, text: str) -> None:
    """What the board says of the last act, also to who hears the page."""
    expect(who.page.locator("#tray [data-tray=said]")).to_contain_text(text)
    expect(who.page.locator("#told")).to_contain_text(text)


def test_from_nothing_to_ten_draft_plannings_with_times_in_one_page(sit: Sit, regenboog: Cast) -> None:
    regenboog.database.work(add_groups, regenboog)
    who = sit(path="/desk/plannings")
    who.link("Planningen voor alle groepen", "Een hele gespreksronde in één keer")
    who.fill("Naam van de nieuwe gespreksronde", "Wintergesprekken")
    who.fill("Datum", "2027-01-19")
    who.fill("Gesprekken zonder pauze", "6")
    who.fill("Duur van een pauze in minuten", "10")
    for name in ("groep 4", "groep 7"):
        who.clicks += 1
        who.page.get_by_role("checkbox", name=re.compile(name)).uncheck()
    who.says("10 conceptplanningen met elk 11 gesprekken. 110 gesprekken in totaal.")
    who.says("Inschrijven sluit op zondag 17 januari, 20:00.")
    who.says("Te weinig gesprekken voor: groep 6b (3). Met 14 gesprekken heeft elk kind er een.")
    who.fill("Leerkracht bij groep 1a", "juf Noor")
    who.page.get_by_label("Titel bij groep 1a").focus()
    expect(who.page.get_by_label("E-mailadres bij groep 1a")).to_have_value("noor@regenboog.example")
    who.fill("Leerkracht bij groep 6b", "meester Bram, juf Els")
    who.picture("planningen-maken", "main")
    who.button("Deze planningen maken", "10 conceptplanningen zijn gemaakt, elk met 11 momenten.")
    assert who.clicks == 4, "the way there, two ticks taken away, and one button"
    rows = [row for row in regenboog.database.read(planning_list.plannings, regenboog.school) if row.free == 11]
    assert [row.groups for row in rows] == [(name,) for name in TEN]
    assert (rows[0].teachers, rows[-1].teachers) == (("juf Noor",), ("juf Els", "meester Bram"))
    assert {row.conference for row in rows} == {"Wintergesprekken"}
    who.link("In één oogopslag", "Dinsdag 19 januari")
    expect(who.page.locator("td .block.free")).to_have_count(110)
    who.picture("planningen-oogopslag", "main")


def test_a_family_is_booked_moved_and_cancelled_by_dragging_and_all_of_it_undone(sit: Sit, regenboog: Cast) -> None:
    planning, slots = regenboog.noor_planning, regenboog.noor_slots
    who = sit(path=f"/desk/plannings/{planning}")
    child(who, "Emir", "Yılmaz").drag_to(block(who, slots[2]))
    tray(who, "Emir Yılmaz heeft een gesprek op dinsdag 24 november, 18:20. De familie krijgt bericht.")
    assert talks(regenboog, planning) == [("Emir Yılmaz", slots[2])]
    expect(child(who, "Emir", "Yılmaz")).to_have_count(0)
    block(who, slots[2]).drag_to(block(who, slots[5]))
    tray(who, "Het gesprek van Emir Yılmaz is nu op dinsdag 24 november, 18:50.")
    assert talks(regenboog, planning) == [("Emir Yılmaz", slots[5])]
    who.picture("planning-slepen", "main")
    who.page.get_by_role("button", name="Ongedaan maken").click()
    tray(who, "Het gesprek van Emir Yılmaz is nu op dinsdag 24 november, 18:20.")
    grab(who, block(who, slots[2]))
    drop(who, who.page.get_by_role("button", name="Dit gesprek afzeggen"))
    tray(who, "Het gesprek van Emir Yılmaz op dinsdag 24 november, 18:20 is afgezegd.")
    assert talks(regenboog, planning) == []
    who.page.get_by_role("button", name="Ongedaan maken").click()
    tray(who, "Emir Yılmaz heeft een gesprek op dinsdag 24 november, 18:20.")
    assert talks(regenboog, planning) == [("Emir Yılmaz", slots[2])]
    who.look()


def grab(who: Sitting, what: Locator) -> None:
    what.scroll_into_view_if_needed()
    box = what.bounding_box()
    assert box is not None
    who.page.mouse.move(box["x"] + 20, box["y"] + 20)
    who.page.mouse.down()
    who.page.mouse.move(box["x"] + 50, box["y"] + 50, steps=4)


def drop(who: Sitting, where: Locator) -> None:
    expect(where).to_be_visible()
    box = where.bounding_box()
    assert box is not None
    who.page.mouse.move(box["x"] + 20, box["y"] + 15, steps=6)
    who.page.mouse.up()


def test_the_same_by_keyboard_and_every_step_is_said(sit: Sit, regenboog: Cast) -> None:
    planning, slots = regenboog.noor_planning, regenboog.noor_slots
    who = sit(path=f"/desk/plannings/{planning}")
    press = who.page.keyboard.press
    child(who, "Emir", "Yılmaz").focus()
    press("Enter")
    tray(who, "Emir Yılmaz: kies een vrij moment.")
    assert focused(who) == str(slots[0]), "on the first free time"
    press("ArrowRight")
    press("ArrowRight")
    assert focused(who) == str(slots[2])
    press("Enter")
    tray(who, "Emir Yılmaz heeft een gesprek op dinsdag 24 november, 18:20.")
    assert focused(who) == str(slots[2]), "the keys stay where they were"
    press("Enter")
    tray(who, "Emir Yılmaz, 18:20: kies een ander vrij moment.")
    press("Escape")
    expect(who.page.locator("#told")).to_contain_text("Teruggelegd.")
    press("Enter")
    press("End")
    press("Enter")
    tray(who, "Het gesprek van Emir Yılmaz is nu op donderdag 26 november, 18:50.")
    assert talks(regenboog, planning) == [("Emir Yılmaz", slots[17])]
    press("Enter")
    press("Delete")
    tray(who, "Het gesprek van Emir Yılmaz op donderdag 26 november, 18:50 is afgezegd.")
    assert talks(regenboog, planning) == []
    press("Home")
    press("Space")
    tray(who, "18:00 is nu een pauze.")
    expect(block(who, slots[0])).to_have_class(re.compile("break"))
    press("Space")
    tray(who, "18:00 is weer vrij.")
    expect(block(who, slots[0])).to_have_class(re.compile("free"))
    who.look()


def test_a_time_taken_meanwhile_is_said_and_the_board_is_fresh(sit: Sit, regenboog: Cast) -> None:
    planning, slots = regenboog.noor_planning, regenboog.noor_slots
    who = sit(path=f"/desk/plannings/{planning}")
    booked(regenboog, regenboog.de_vries, regenboog.sanne, slots[3])
    child(who, "Emir", "Yılmaz").drag_to(block(who, slots[3]))
    tray(who, "Dat moment is net bezet")
    expect(block(who, slots[3])).to_contain_text("Sanne de Vries")
    assert talks(regenboog, planning) == [("Sanne de Vries", slots[3])]
    child(who, "Emir", "Yılmaz").drag_to(block(who, slots[4]))
    tray(who, "Emir Yılmaz heeft een gesprek op dinsdag 24 november, 18:40.")


def test_a_talk_is_moved_in_the_evening_at_a_glance_and_only_within_its_planning(sit: Sit, regenboog: Cast) -> None:
    slots = regenboog.noor_slots
    booked(regenboog, regenboog.de_vries, regenboog.sanne, slots[0])
    who = sit(path=f"/desk/plannings/conferences/{regenboog.autumn}/evening")
    block(who, slots[0]).drag_to(block(who, regenboog.bram_slots[4]))
    assert talks(regenboog, regenboog.noor_planning) == [("Sanne de Vries", slots[0])]
    block(who, slots[0]).drag_to(block(who, slots[4]))
    tray(who, "Het gesprek van Sanne de Vries is nu op dinsdag 24 november, 18:40.")
    expect(block(who, slots[4])).to_contain_text("Sanne de Vries")
    block(who, slots[4]).click()
    tray(who, "Sanne de Vries, 18:40: kies een ander vrij moment.")
    who.page.keyboard.press("Escape")
    block(who, slots[4]).focus()
    who.page.keyboard.press("ArrowRight")
    assert focused(who) == str(regenboog.bram_slots[4]), "beside it stands the colleague's time"
    who.look()


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_without_a_script_two_taps_book_and_two_taps_move(sit: Sit, regenboog: Cast, size: ViewportSize) -> None:
    planning, slots = regenboog.noor_planning, regenboog.noor_slots
    who = sit(path=f"/desk/plannings/{planning}", script=False, size=size)
    who.tap(child(who, "Elif", "Yılmaz"), "Tik op een vrij moment om het af te spreken.")
    who.tap(who.page.get_by_role("button", name=re.compile("^18:10–")).first, "Elif Yılmaz heeft een gesprek")
    assert who.clicks == 2
    who.tap(block(who, slots[1]), "Tik op een vrij moment om het gesprek daarheen te verzetten.")
    who.tap(who.page.get_by_role("button", name=re.compile("^19:00–")).first, "is nu op dinsdag 24 november, 19:00.")
    assert (who.clicks, talks(regenboog, planning)) == (4, [("Elif Yılmaz", slots[6])])
    who.tap(block(who, slots[6]), "verzetten")
    who.link("Dit gesprek afzeggen", "Dit gesprek afzeggen?")
    who.button("Dit gesprek afzeggen", "is afgezegd.")
    assert talks(regenboog, planning) == []
    who.link("Pauzes", "Ouders zien een pauze als bezet.")
    who.button(re.compile("^18:00–"), "pauze (1)")
    who.go("/desk/plannings/many")
    who.fill("Naam van de nieuwe gespreksronde", "Lente")
    who.fill("Datum", "2027-04-06")
    who.button("Bekijk wat eruit komt", "2 conceptplanningen met elk 12 gesprekken. 24 gesprekken in totaal.")
    who.button("Deze planningen maken", "2 conceptplanningen zijn gemaakt, elk met 12 momenten.")

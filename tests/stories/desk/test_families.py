"""Families at the desk: made, brought together, taken apart, given a secret, shut out (D6–D9, D18)."""

import re

import pytest
from playwright.sync_api import ViewportSize
from sqlmodel import Session, col, select

from storage.booking import booking
from storage.families import family_views
from storage.tables import FamilyStudent, Student, StudentGroup
from storage.words import ChatKind, SecretKind
from tests.stories.desk.conftest import Sit
from tests.support.cast import DESK, Cast
from tests.support.desk_browser import LAPTOP, PHONE
from tests.support.notices import link_chat

pytestmark = pytest.mark.browser


def detail(cast: Cast, family_id: int) -> family_views.FamilyDetail:
    return cast.database.read(family_views.family, cast.school, family_id)


def enrol(cast: Cast, *rows: tuple[str, str, str, str]) -> None:
    """Children without a family: first name, last name, postcode, house number."""

    def add(session: Session) -> None:
        for first, last, postcode, number in rows:
            child = Student(
                school_id=cast.school, first_name=first, last_name=last, name_key=first.lower(), postcode=postcode,
                house_number=number,
            )  # fmt: skip
            session.add(child)
            session.flush()
            session.add(StudentGroup(school_id=cast.school, student_id=child.id or 0, group_id=cast.groep4))

    cast.database.work(add)


def book(cast: Cast, family: int, student: int, slot: int) -> None:
    held = {"family_id": family, "student_id": student, "slot_id": slot}
    cast.database.work(booking.book, cast.school, DESK, **held)


def test_families_are_made_in_two_clicks_and_the_doubt_is_settled(sit: Sit, regenboog: Cast) -> None:
    """In Schoolgesprek: menu families, `automatisch indelen in families`. Here what will be made is seen first."""
    enrol(regenboog, ("Tim", "Bos", "3515IJ", "9"), ("Kim", "Bos", "3515IJ", "9"), ("Sam", "Bos", "3515IJ", ""))
    who = sit(path="/desk/families")
    who.link("Families maken (3)", "Er is nog niets gewijzigd.")
    who.says("2 nieuwe families")
    who.picture("families-maken-1")
    who.button("Maak deze families", "Gemaakte families: 2.")
    assert who.clicks == 2
    who.link("Eén familie", "Alle ouders zien al deze kinderen en plannen voor ze.")
    who.picture("families-maken-2")
    who.button("Samenvoegen", "Het is nu één familie.")
    children = select(FamilyStudent.family_id).join(Student, col(Student.id) == col(FamilyStudent.student_id))
    of_bos = children.where(Student.last_name == "Bos")
    assert len(set(regenboog.database.read(lambda session: list(session.exec(of_bos))))) == 1


@pytest.mark.parametrize(("size", "script"), [(LAPTOP, True), (PHONE, False)], ids=["laptop", "phone without scripts"])
def test_parents_who_live_apart_get_an_extra_family_with_a_code(
    sit: Sit, regenboog: Cast, size: ViewportSize, script: bool
) -> None:
    """In Schoolgesprek: leerlingen, the child, `toevoegen aan familie`, a name, `nieuwe familie aanmaken`, a secret."""
    who = sit(path="/desk/students", size=size, script=script)
    who.link(re.compile("Stéphanie"), "Stéphanie Smit")
    who.link("Nog een familie", "Nog een familie voor Stéphanie Smit")
    who.picture("familie-extra-1")
    who.fill("Naam van de nieuwe familie", "de Wit")
    who.button("Familie maken", "Die heeft nog geen wachtwoord: geef het hier.")
    assert who.clicks == 3
    code = who.page.get_by_label("Code", exact=True).input_value()
    who.button("Code opslaan", f"De code van deze familie is nu {code}")
    who.picture("familie-extra-2")
    assert who.clicks == 4
    new = int(who.page.url.split("/")[5])
    seen = detail(regenboog, new)
    assert (seen.name, seen.kinds, seen.children[0].elsewhere) == (
        "de Wit", (SecretKind.CODE,), ((regenboog.smit, "Smit"),)
    )  # fmt: skip


@pytest.mark.parametrize(("size", "script"), [(LAPTOP, True), (PHONE, False)], ids=["laptop", "phone without scripts"])
def test_a_merge_warns_of_talks_that_nobody_can_both_come_to(
    sit: Sit, regenboog: Cast, size: ViewportSize, script: bool
) -> None:
    book(regenboog, regenboog.smit, regenboog.stephanie, regenboog.bram_slots[0])
    book(regenboog, regenboog.yilmaz, regenboog.emir, regenboog.noor_slots[0])
    who = sit(path=f"/desk/families/{regenboog.smit}", size=size, script=script)
    who.link("Samenvoegen met een andere familie", "Welke familie wordt één met de familie Smit?")
    who.fill("Naam van de familie of een kind", "yilmaz")
    who.button("Zoeken", "Emir")
    who.link(re.compile("Deze"), "Niemand kan bij allebei deze gesprekken zijn:")
    who.picture("familie-samenvoegen")
    assert detail(regenboog, regenboog.yilmaz).name == "Yılmaz"
    who.button("Samenvoegen", "Het is nu één familie.")
    assert [child.name for child in detail(regenboog, regenboog.smit).children] == [
        "Stéphanie Smit", "Emir Yılmaz", "Elif Yılmaz"
    ]  # fmt: skip


def test_a_family_is_split_and_a_child_moved_by_hand(sit: Sit, regenboog: Cast) -> None:
    book(regenboog, regenboog.de_vries, regenboog.daan, regenboog.bram_slots[0])
    who = sit(path=f"/desk/families/{regenboog.de_vries}")
    who.link("Deze familie splitsen", "Een kind dat nog een gesprek heeft, blijft bij de familie die het plande.")
    who.tick("Sanne de Vries groep 4")
    who.fill("Naam van de nieuwe familie", "Bos")
    who.picture("familie-splitsen")
    who.button("Splitsen", "Die heeft nog geen wachtwoord")
    new = int(who.page.url.rsplit("/", 1)[1])
    assert [child.name for child in detail(regenboog, new).children] == ["Sanne de Vries"]
    who.link(re.compile("Andere familie"), "Een familie die er al is")
    who.fill("Naam van de familie of een kind", "vries")
    who.button("Zoeken", "Daan")
    who.link(re.compile("Deze"), "Sanne de Vries komt bij de familie de Vries.")
    who.button("In deze familie zetten", "Het kind zit nu in deze familie.")
    assert len(detail(regenboog, regenboog.de_vries).children) == 2


def test_the_text_is_seen_as_parents_see_it_and_changed_by_itself(sit: Sit, regenboog: Cast) -> None:
    """In Schoolgesprek: families, `wachtwoord instellen`, a kind; then planningen, inschrijfinstellingen, the text."""
    who = sit(path="/desk/families")
    who.link("Het wachtwoord", "Elke familie heeft dit gegeven.")
    who.link("postcode en huisnummer", "Wat een ouder ziet")
    who.picture("wachtwoord-1")
    who.button("Kies postcode en huisnummer", "families in met postcode en huisnummer.")
    assert who.clicks == 3
    field = who.page.get_by_label("Wachtwoordtekst")
    field.press("End")
    field.press_sequentially(" :-)")
    who.says("Dank u. En nu:")
    assert who.page.locator("#asked b").inner_text() == "Uw postcode en huisnummer (1234AB 12) :-)"
    who.fill("Wachtwoordtekst", "Uw huisdier")
    who.button("Tekst opslaan", "Ouders lezen vanaf nu deze tekst.")
    who.says("Deze tekst gaat niet over postcode en huisnummer.")
    who.picture("wachtwoord-2")
    kinds = {one: detail(regenboog, regenboog.ids[one]).kinds for one in ("smit", "bakker")}
    assert kinds == {"smit": (SecretKind.POSTCODE_HOUSE_NUMBER,), "bakker": (SecretKind.CODE,)}


def test_who_lacks_a_datum_is_led_to_and_a_bare_postcode_is_warned_for(sit: Sit, regenboog: Cast) -> None:
    def forget(session: Session) -> None:
        session.get_one(Student, regenboog.daan).birth_date = None

    regenboog.database.work(forget)
    who = sit(path="/desk/families/secret")
    who.says("Klasgenoten kennen elkaars postcode")
    who.link(re.compile("geboortedatum"), "Wie het mist")
    who.link("Daan de Vries", "Geboortedatum")


def test_a_family_is_shut_out_and_let_in_again(sit: Sit, regenboog: Cast) -> None:
    book(regenboog, regenboog.smit, regenboog.stephanie, regenboog.bram_slots[0])
    who = sit(path=f"/desk/families/{regenboog.smit}")
    who.link("Familie blokkeren", "De afspraak blijft staan, totdat u die afzegt:")
    who.picture("familie-blokkeren")
    who.button("Familie blokkeren", "Deze familie is geblokkeerd")
    who.says("Stéphanie Smit")
    who.button("Weer toegang geven", "Deze familie heeft weer toegang.")


def test_a_lost_phone_is_logged_out_and_those_who_are_not_reached_are_seen(sit: Sit, regenboog: Cast) -> None:
    link_chat(regenboog, regenboog.de_vries, "1")
    link_chat(regenboog, regenboog.smit, "page", ChatKind.WEB)
    who = sit(path="/desk/families")
    who.picture("families")
    who.link("Wie wordt bereikt", "Alles kwam aan.")
    who.picture("families-bereik")
    who.link(re.compile("alleen op de chatpagina"), "1 familie")
    who.link("Smit", "Berichten bereiken deze familie niet.")
    who.go(f"/desk/families/{regenboog.de_vries}")
    who.picture("familie")
    who.link(re.compile("Uitloggen"), "Voor een telefoon die kwijt is")
    who.button("Deze chat uitloggen", "Die chat is uitgelogd en ziet niets meer.")
    assert detail(regenboog, regenboog.de_vries).chats == ()

"""Students at the desk before a real browser: a list comes in, a child comes in, somebody leaves and comes back."""

import re
from typing import Any

import pytest

from storage.families import student_page, students
from tests.storage.importing.edexml import edexml
from tests.storage.importing.files import many
from tests.stories.desk.conftest import Sit
from tests.support.cast import NOW, Cast
from tests.support.desk_browser import PHONE, Sitting

pytestmark = pytest.mark.browser

# As an old Excel writes it: DOS letters. Sanne moved, Zoë is new, Stéphanie is not in it.
LIST = (
    "Stamnummer;Roepnaam;Tussenvoegsel;Achternaam;Klasje;Postcode;Huisnr;Geboortedatum;BSN\r\n"
    "1001;Sanne;de;Vries;groep 4;3599 ZZ;14;3-5-2017;123456782\r\n"
    "1002;Daan;de;Vries;groep 7;3511 AB;12;11-2-2014;123456782\r\n"
    "1003;Emir;;Yilmaz;groep 4;3512 CD;3;30-8-2017;123456782\r\n"
    "1004;Elif;;Yilmaz;groep 4;3512 CD;3;30-8-2017;123456782\r\n"
    "1005;Lotte;;Jansen;groep 4;3513 EF;7;19-1-2017;123456782\r\n"
    "0042;Zoë;van der;Meer;groep 7;3515 IJ;9;1-2-2014;123456782\r\n"
)


def school(cast: Cast, **asked: Any) -> list[str]:
    return [line.name for line in cast.database.read(students.students, cast.school, **asked).lines]


def sent(who: Sitting, name: str, content: bytes, kind: str = "text/csv") -> None:
    who.link("Lijst importeren", "Een lijst uit uw leerlingadministratie")
    who.picture("leerlingen-importeren-1")
    who.upload("Een lijst uit uw leerlingadministratie", name, content, kind)
    who.button("Versturen", "Zeg boven elke kolom")


def test_a_list_of_an_old_excel_comes_in_with_its_letters_put_right(sit: Sit, regenboog: Cast) -> None:
    who = sit(path="/desk/students")
    sent(who, "leerlingen.csv", LIST.encode("cp850"))
    who.says("Niet gelezen, omdat het niet mag van de wet of hier niet nodig is: BSN.")
    who.says_not("123456782")
    preview = who.page.locator("#preview")
    who.choose("Lettertekens", "Windows, West-Europa")  # at once, without a button
    preview.get_by_text("Zo‰").wait_for()
    who.look()
    who.choose("Lettertekens", "zoals gevonden: DOS, West-Europa")
    preview.get_by_text("Zoë").wait_for()
    who.choose("Wat er in “Klasje” staat", "groep")
    who.picture("leerlingen-importeren-2")
    who.button("Verder: bekijk wat er wijzigt", "Er is nog niets gewijzigd")
    who.says("3511AB → 3599ZZ")
    who.says("Zoë van der Meer")
    box = who.page.get_by_role("checkbox", name="Stéphanie Smit")
    assert box.is_checked()
    who.page.get_by_role("button", name="Niemand aanvinken").click()
    assert not box.is_checked()
    who.tick("Stéphanie Smit (groep 7)")
    who.picture("leerlingen-importeren-3")
    who.button("Importeren", "1 nieuw, 3 gewijzigd, 2 ongewijzigd. 1 leerling is als vertrokken gemarkeerd.")
    assert school(regenboog, show="left") == ["Smit, Stéphanie"]
    assert "Meer, Zoë van der" in school(regenboog, search="zoe")
    assert who.clicks == 9  # two of them to look at other letters


def test_the_same_on_a_phone_without_scripts(sit: Sit, regenboog: Cast) -> None:
    who = sit(path="/desk/students", size=PHONE, script=False, dark=True)
    sent(who, "leerlingen.csv", LIST.encode("cp850"))
    who.choose("Lettertekens", "Windows, West-Europa")
    who.button("Opnieuw lezen", "Zo‰")
    who.choose("Lettertekens", "zoals gevonden: DOS, West-Europa")
    who.button("Opnieuw lezen", "Zoë")
    who.choose("Wat er in “Klasje” staat", "groep")
    who.button("Verder: bekijk wat er wijzigt", "Stéphanie Smit")
    who.button("Importeren", "1 leerling is als vertrokken gemarkeerd.")
    assert school(regenboog, show="left") == ["Smit, Stéphanie"]


def test_edexml_needs_no_column_chosen_by_hand(sit: Sit, regenboog: Cast) -> None:
    who = sit(path="/desk/students")
    sent(who, "edex.xml", edexml().encode(), "text/xml")
    who.says("Niet gelezen, omdat het niet mag van de wet of hier niet nodig is: geslacht, land, bsn, fotourl")
    who.button("Verder: bekijk wat er wijzigt", "Olivier Çelik & Zonen")
    who.says("Niemand is vooraf aangevinkt")
    who.button("Importeren", "De lijst is geïmporteerd: 1 nieuw, 1 gewijzigd")
    assert "Çelik & Zonen, Olivier" in school(regenboog, search="celik")


@pytest.mark.parametrize("script", [True, False][: many(1, 2)], ids=["with scripts", "without scripts"][: many(1, 2)])
def test_a_long_list_shows_how_far_it_is_and_what_came_of_it(sit: Sit, regenboog: Cast, script: bool) -> None:
    rows = "".join(f"{number};Kind;;Nummer{number};groep 4;;;;\r\n" for number in range(5000, 7001))
    who = sit(path="/desk/students/import", script=script)
    who.upload("Een lijst uit uw leerlingadministratie", "lang.csv", (LIST.splitlines()[0] + "\r\n" + rows).encode())
    who.button("Versturen", "2001 regels")
    who.choose("Wat er in “Klasje” staat", "groep")
    who.button("Verder: bekijk wat er wijzigt", "2001")
    who.button("Importeren", "2001")
    who.says("De lijst is geïmporteerd: 2001 nieuw, 0 gewijzigd, 0 ongewijzigd.")  # by itself
    who.look()
    who.link("Naar de leerlingen", "2007 leerlingen")
    who.link(re.compile("Volgende"), "Pagina 2 van 41")
    assert len(school(regenboog)) == students.PAGE


def test_a_child_comes_in_during_the_year(sit: Sit, regenboog: Cast) -> None:
    who = sit(path="/desk/students", size=PHONE)
    who.link("Leerling toevoegen", "Leerling toevoegen")
    who.fill("Voornaam", "Ayşe")
    who.fill("Achternaam", "van der Özdemir")
    who.fill("Postcode", "thuis")
    who.tick("groep 4")
    who.page.get_by_role("button", name="Toevoegen").click()
    who.says("“thuis” is geen postcode.")
    who.faults.clear()  # the browser's own word about the status of that answer
    who.look()
    who.fill("Postcode", "3511 kl")
    who.button("Toevoegen", "Kies nu een familie")
    who.says("Ayşe van der Özdemir")
    who.says("Nog geen familie")
    who.go("/desk/students")
    who.fill("Naam, nummer of postcode", "ozdemir ayse")
    who.button("Zoeken", "1 leerling")
    who.says("Özdemir, Ayşe van der")
    who.picture("leerlingen")


def test_a_child_leaves_and_comes_back(sit: Sit, regenboog: Cast) -> None:
    who = sit(path=f"/desk/students/{regenboog.stephanie}")
    who.says("Smit")
    who.picture("leerling")
    who.link("Gaat van school", "Er wordt niets gewist")
    who.button("Markeren als vertrokken", "Dit kind is van school")
    assert cast_view(regenboog).left == NOW
    who.go("/desk/students")
    who.says_not("Stéphanie")
    who.choose("Welke", "vertrokken leerlingen")
    who.says("Smit, Stéphanie")
    who.link("Smit, Stéphanie", "Vertrokken op")
    who.button("Terug op school", "Dit kind is terug op school")
    assert cast_view(regenboog).left is None


def cast_view(cast: Cast) -> student_page.StudentDetails:
    return cast.database.read(student_page.about, cast.school, cast.stephanie, NOW)

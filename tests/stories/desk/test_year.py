"""The end of the school year before a real browser: groups go up in two pages, leavers leave and come back (D19)."""

import pytest

from storage.families import students
from tests.stories.desk.conftest import Sit
from tests.support.cast import Cast
from tests.support.desk_browser import PHONE

pytestmark = pytest.mark.browser


def groups_of(cast: Cast, *names: str) -> list[str]:
    found = cast.database.read(students.groups_of, cast.school, [cast.ids[name] for name in names])
    return [found.get(cast.ids[name], "") for name in names]


def test_the_school_goes_up_a_year_and_one_child_stays(sit: Sit, regenboog: Cast) -> None:
    who = sit(path="/desk/students")
    who.link("Nieuw schooljaar", "Waar gaat elke groep heen?")
    who.choose("Waar groep 7 heen gaat", "gaat van school")
    who.picture("schooljaar-1")
    who.button("Bekijk wat er gebeurt", "gaan naar een andere groep")
    who.says("Nieuwe groepen: groep 5.")
    who.page.locator("summary", has_text="groep 4").click()
    who.tick("Jansen, Lotte")
    who.look()
    who.picture("schooljaar-2")
    who.button("Begin het nieuwe schooljaar", "Het nieuwe schooljaar staat klaar.")
    who.says("De school is vandaag al een jaar verder gegaan")
    assert groups_of(regenboog, "sanne", "emir", "lotte") == ["groep 5", "groep 5", "groep 4"]
    assert who.clicks == 5  # opening the group is one more
    who.link("Van school", "Vries, Daan de")
    who.picture("van-school")
    who.button("Vries, Daan de is terug", "1 kind is weer op school.")


def test_on_a_phone_without_scripts_groups_change_places_and_do_not_merge(sit: Sit, regenboog: Cast) -> None:
    who = sit(path="/desk/students/year", size=PHONE, script=False)
    who.choose("Waar groep 7 heen gaat", "→ groep 4")
    who.choose("Waar groep 4 heen gaat", "→ groep 7")
    who.button("Bekijk wat er gebeurt", "gaan naar een andere groep")
    who.says_not("dat wordt één groep")
    who.button("Begin het nieuwe schooljaar", "Het nieuwe schooljaar staat klaar.")
    assert groups_of(regenboog, "sanne", "daan") == ["groep 7", "groep 4"]


def test_groups_that_would_become_one_are_told_before(sit: Sit) -> None:
    who = sit(path="/desk/students/year")
    who.choose("Waar groep 4 heen gaat", "→ groep 7")
    who.choose("Waar groep 7 heen gaat", "blijft zoals het is")
    who.button("Bekijk wat er gebeurt", "groep 7 houdt de eigen kinderen en krijgt die van groep 4 erbij")

"""Families at the desk: made, changed by hand, given a secret, shut out (D6–D9, D18)."""

import html
import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import text, update
from sqlmodel import Session

from storage.access.secrets import keyed
from storage.booking import booking
from storage.families import family_list, family_views
from storage.importing.students import applying
from storage.tables import Family, FamilyStudent, School, Student
from storage.words import Role, SecretKind
from tests.storage.importing.lists import HEADER
from tests.storage.importing.lists import students as read
from tests.support.browser import unchanged
from tests.support.cast import DESK, PEPPER, Cast
from tests.support.clerk import Clerk, said
from tests.support.statements import statements

NO_SECRET = "This family has no secret yet, so nobody can sign in with it. Give it one below."


@pytest.fixture
def marijke(cast: Cast, tmp_path: Path) -> Clerk:
    return Clerk(cast, tmp_path, Role.ADMINISTRATOR, "marijke@regenboog.example")


def brought_in(cast: Cast, *rows: str) -> None:
    checked = read("\n".join([HEADER, *rows, ""]))
    assert cast.database.work(applying.apply, cast.school, DESK, checked, PEPPER).errors == ()


def detail(cast: Cast, family_id: int) -> family_views.FamilyDetail:
    return cast.database.read(family_views.family, cast.school, family_id)


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_list_shows_children_secrets_and_who_is_blocked(cast: Cast, marijke: Clerk) -> None:
    marijke.post(f"/desk/families/{cast.smit}/block")
    page = plain(marijke.get("/desk/families").text)
    assert "5 families" in page
    assert "Smit blocked Stéphanie Smit (groep 7) postcode –" in page
    assert "Bakker Lotte Jansen (groep 4) own code –" in page
    assert plain(marijke.get("/desk/families?only=blocked").text).count("1 family") == 1


def test_families_are_shown_before_they_are_made_and_doubts_are_settled_by_hand(cast: Cast, marijke: Clerk) -> None:
    brought_in(
        cast,
        "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5",
        "Kim;;Bos;3515IJ;9;3-4-2017;5;groep 4",
        "Sam;;Bos;3515IJ;;3-4-2018;6;groep 3",
    )
    with unchanged(cast.database):
        page = plain(marijke.get("/desk/families/make").text)
    assert "2 new families" in page
    assert "Nothing has been changed yet." in page
    made = marijke.post("/desk/families/make")
    assert said(made) == ["Families made: 2. Children who joined a family: 0."]
    ids = re.findall(r'name="family" value="(\d+)"', made.text)[:2]
    together = marijke.post("/desk/families/together", family=ids)
    assert said(together) == ["They are one family now."]
    found = cast.database.read(family_list.families, cast.school, search="Bos").lines
    assert [[child.name for child in line.children] for line in found] == [["Tim Bos", "Kim Bos", "Sam Bos"]]
    assert "cases to look at" not in plain(marijke.get("/desk/families/make").text)


def test_different_families_are_not_asked_about_again(cast: Cast, marijke: Clerk) -> None:
    brought_in(cast, "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5", "Sam;;Bos;3515IJ;;3-4-2018;6;groep 3")
    made = marijke.post("/desk/families/make")
    ids = re.findall(r'name="family" value="(\d+)"', made.text)[:2]
    marijke.post("/desk/families/apart", family=ids)
    assert "Look at these yourself" not in marijke.get("/desk/families/make").text


def test_a_child_moves_to_a_new_family_that_has_no_secret_until_it_gets_one(cast: Cast, marijke: Clerk) -> None:
    moved = marijke.post(f"/desk/families/{cast.de_vries}/move", student=cast.daan, to=0)
    new = int(moved.url.path.rpartition("/")[2])
    assert NO_SECRET in said(moved)
    given = marijke.post(f"/desk/families/{new}/secret")
    assert said(given)[0] == "This family signs in with the school's kind of secret now."
    assert detail(cast, new).kinds == (SecretKind.POSTCODE,)


def test_a_code_is_shown_once_and_kept_keyed(cast: Cast, marijke: Clerk) -> None:
    suggested = re.search(r'name="code"[^>]*value="([A-Z0-9-]+)"', marijke.get(f"/desk/families/{cast.smit}").text)
    assert suggested is not None
    shown = marijke.post(f"/desk/families/{cast.smit}/code", code=suggested[1])
    assert f"The code of this family is now {suggested[1]} ." in plain(shown.text)
    assert suggested[1] not in str(shown.headers)
    assert suggested[1] not in marijke.get(f"/desk/families/{cast.smit}").text
    value = keyed(PEPPER, SecretKind.CODE, suggested[1].replace("-", ""))
    held = text("SELECT count(*) FROM credential WHERE value = :value")
    assert cast.database.read(lambda session: session.execute(held, {"value": value}).scalar_one()) == 1
    wrong = marijke.post(f"/desk/families/{cast.smit}/code", code="kort")
    assert (wrong.status_code, said(wrong)[0]) == (422, "A code has 8 to 40 letters and digits.")
    marijke.post(f"/desk/families/{cast.smit}/code", remove="true")
    assert detail(cast, cast.smit).kinds == (SecretKind.POSTCODE,)


def test_name_and_address_are_changed_and_refused_with_a_sentence(cast: Cast, marijke: Clerk) -> None:
    renamed = marijke.post(f"/desk/families/{cast.smit}/name", name="Smit-Jansen")
    assert said(renamed)[0] == "The name has been changed."
    wrong = marijke.post(f"/desk/families/{cast.smit}/email", email="smit@")
    assert said(wrong)[0] == "“smit@” is not one e-mail address."
    assert detail(cast, cast.smit).name == "Smit-Jansen"


def test_blocking_and_letting_in_again(cast: Cast, marijke: Clerk) -> None:
    out = marijke.post(f"/desk/families/{cast.smit}/block")
    assert "This family is out: none of its chats can see or do anything. Its bookings stay." in said(out)
    assert detail(cast, cast.smit).blocked is True
    marijke.post(f"/desk/families/{cast.smit}/admit")
    assert detail(cast, cast.smit).blocked is False


def test_families_are_merged_and_a_child_is_taken_out(cast: Cast, marijke: Clerk) -> None:
    merged = marijke.post(f"/desk/families/{cast.smit}/merge", other=cast.yilmaz)
    assert said(merged) == ["They are one family now."]
    assert len(detail(cast, cast.smit).children) == 3
    out = marijke.post(f"/desk/families/{cast.smit}/out", student=cast.stephanie)
    assert NO_SECRET in said(out)
    assert marijke.get(f"/desk/families/{cast.yilmaz}").status_code == 404


def test_parents_who_live_apart_get_a_second_family(cast: Cast, marijke: Clerk) -> None:
    made = marijke.post(f"/desk/families/extra/{cast.stephanie}", to=0, name="de Wit")
    assert NO_SECRET in said(made)
    assert "also in the family Smit" in plain(made.text)
    path, whose = f"/desk/families/extra/{cast.daan}", {"address": ["devries@example.org"]}
    assert re.findall(r'name="address" value="([^"]+)"', marijke.get(path).text) == whose["address"]
    refused = marijke.post(path, to=cast.smit, name="", **whose, owner=[""])
    assert (refused.status_code, said(refused)[0]) == (422, "Say of each address whose it is.")
    added = marijke.post(path, to=cast.smit, name="", **whose, owner=["second"])
    assert said(added)[0] == "The child is in this family now."
    assert (detail(cast, cast.de_vries).mail, detail(cast, cast.smit).mail) == ("", "devries@example.org")


@pytest.mark.parametrize("what", ["name", "email", "code", "secret", "block", "admit", "merge", "move", "out"])
def test_a_family_of_the_neighbour_does_not_exist(cast: Cast, marijke: Clerk, what: str) -> None:
    with unchanged(cast.database):
        answer = marijke.post(f"/desk/families/{cast.mulder}/{what}", name="x", other=cast.smit, student=cast.daan)
        assert answer.status_code == 404
        own = marijke.post(f"/desk/families/{cast.smit}/merge", other=cast.mulder)
        assert own.status_code == 404
    assert marijke.get(f"/desk/families/{cast.mulder}").status_code == 404


def test_a_kind_of_secret_is_chosen_with_its_text(cast: Cast, marijke: Clerk) -> None:
    page = plain(marijke.get("/desk/families/secret?kind=birth_date").text)
    assert "Every family has it." in page
    assert "De geboortedatum van uw kind (31-12-2015)" in page
    done = marijke.post("/desk/families/secret", kind="birth_date", hint="Wanneer is uw kind geboren?")
    assert said(done)[0] == "4 families sign in with date of birth from now on."
    assert detail(cast, cast.smit).kinds == (SecretKind.BIRTH_DATE,)
    doubted = marijke.post("/desk/families/secret", kind="birth_date", hint="Uw huisdier?")
    assert "This text does not speak of the date of birth. Do parents understand what to type?" in said(doubted)


def test_who_lacks_a_datum_is_named_and_the_kind_cannot_be_chosen(cast: Cast, marijke: Clerk) -> None:
    without = text("UPDATE student SET birth_date = NULL WHERE id = :id")
    cast.database.work(lambda session: session.execute(without, {"id": cast.daan}) and None)
    page = marijke.get("/desk/families/secret?kind=birth_date")
    assert "Not possible yet: 1 family has no date of birth." in plain(page.text)
    assert "Daan de Vries family de Vries" in plain(page.text)
    assert f"/desk/students/{cast.daan}" in page.text
    with unchanged(cast.database):
        refused = marijke.post("/desk/families/secret", kind="birth_date", hint="")
    assert said(refused)[0] == "1 family has no date of birth: de Vries."


def test_secrets_that_fit_two_families_are_listed_before_the_choice(cast: Cast, marijke: Clerk) -> None:
    moved = text("UPDATE student SET postcode = '3511AB', name_key = 'sanne' WHERE id = :id")
    cast.database.work(lambda session: session.execute(moved, {"id": cast.stephanie}) and None)
    page = plain(marijke.get("/desk/families/secret?kind=postcode").text)
    assert "In 1 case two families would fit the same first name and secret." in page
    assert "de Vries , Smit Sanne de Vries, Stéphanie Smit" in page


def test_a_family_with_a_booking_shows_it_and_keeps_its_child(cast: Cast, marijke: Clerk) -> None:
    held = {"family_id": cast.smit, "student_id": cast.stephanie, "slot_id": cast.bram_slots[0]}
    cast.database.work(booking.book, cast.school, DESK, **held)
    page = plain(marijke.get(f"/desk/families/{cast.smit}").text)
    assert "Tuesday 24 November, 18:00 Stéphanie Smit Groep 7 · Herfstgesprekken" in page
    moved = marijke.post(f"/desk/families/{cast.smit}/move", student=cast.stephanie, to=cast.jansen)
    assert said(moved)[0] == "There is 1 booking on it: move or cancel that first."


def test_who_changed_a_family_is_written_down(cast: Cast, marijke: Clerk) -> None:
    marijke.post(f"/desk/families/{cast.smit}/name", name="Smit-Jansen")
    acts = text("SELECT actor, act, subject FROM audit WHERE act = 'family_changed'")
    rows = cast.database.read(lambda session: [tuple(row) for row in session.execute(acts)])
    assert rows == [("staff", "family_changed", cast.smit)]


def test_those_who_cannot_be_reached_are_as_many_in_the_list_as_on_the_first_page(marijke: Clerk) -> None:
    assert "1 family cannot be reached" in plain(marijke.get("/desk").text)
    assert plain(marijke.get("/desk/families?only=unreachable").text).count("1 family") == 1


def test_the_list_page_costs_as_much_with_three_rows_as_with_three_hundred(cast: Cast, marijke: Clerk) -> None:
    def cost() -> int:
        with statements(cast.database) as asked:
            assert marijke.get("/desk/families?q=fam").status_code == 200
        return len(asked)

    def move_in(first: int, many: int) -> None:
        def add(session: Session) -> None:
            for number in range(first, first + many):
                family = Family(school_id=cast.school, name=f"Fam {number:03}", email=f"f{number}@example.org")
                child = Student(school_id=cast.school, first_name="Kim", last_name=f"Fam{number}", name_key="kim")
                session.add(family)
                session.add(child)
                session.flush()
                joined = {"school_id": cast.school, "family_id": family.id or 0, "student_id": child.id or 0}
                session.add(FamilyStudent(**joined))

        cast.database.work(add)

    move_in(0, 3)
    few = cost()
    move_in(3, 297)
    assert "300 families" in plain(marijke.get("/desk/families?q=fam").text)
    assert cost() == few


def test_pages_keep_the_words_that_were_sought(cast: Cast, marijke: Clerk) -> None:
    found = marijke.get(f"/desk/families?q=smit&only=telegram&group={cast.groep7}&page=9").text
    assert "No family fits." in found
    assert 'value="smit"' in found
    assert f'<option value="{cast.groep7}" selected>' in found


def test_a_merge_is_asked_first_and_says_what_clashes(cast: Cast, marijke: Clerk) -> None:
    one, two = (cast.smit, cast.stephanie, cast.bram_slots[0]), (cast.yilmaz, cast.emir, cast.noor_slots[0])
    for family, child, slot in (one, two):
        held = {"family_id": family, "student_id": child, "slot_id": slot}
        cast.database.work(booking.book, cast.school, DESK, **held)
    with unchanged(cast.database):
        page = marijke.get(f"/desk/families/{cast.smit}/merge?other={cast.yilmaz}")
    assert said(page)[0].startswith("Nobody can be at both of these talks:")
    chosen = plain(marijke.get(f"/desk/families/{cast.smit}/merge?q=yilmaz").text)
    assert "Yılmaz Emir Yılmaz (groep 4) , Elif Yılmaz (groep 4) This one : Yılmaz" in chosen


def test_the_hint_is_changed_without_choosing_the_kind_again(cast: Cast, marijke: Clerk) -> None:
    cast.database.work(lambda session: session.execute(update(School).values(secret_kind=None)) and None)
    none_yet = marijke.post("/desk/families/secret/hint", hint="Uw huisdier?")
    assert said(none_yet)[0] == "Choose what families type first."
    marijke.post("/desk/families/secret", kind="postcode", hint="")
    before = detail(cast, cast.smit).kinds
    changed = marijke.post("/desk/families/secret/hint", hint="Uw postcode, als op een brief")
    assert said(changed)[0] == "Parents read this text from now on."
    assert "<b>Uw postcode, als op een brief</b>" in changed.text
    assert detail(cast, cast.smit).kinds == before
    wrong = marijke.post("/desk/families/secret/hint", hint="x" * 201)
    assert (wrong.status_code, said(wrong)[0]) == (422, "The hint is longer than 200 characters.")


def test_what_a_parent_sees_is_the_chats_own_screen(cast: Cast, marijke: Clerk) -> None:
    marijke.post("/desk/families/secret", kind="postcode", hint="<i>Uw postcode</i>")
    page = marijke.get("/desk/families/secret").text
    assert "Dank u. En nu:" in page
    assert "<b>&lt;i&gt;Uw postcode&lt;/i&gt;</b>" in page


def test_a_code_on_a_letter_lets_in_and_is_on_no_page(cast: Cast, marijke: Clerk) -> None:
    file = marijke.post("/desk/families/letters", family=cast.smit, coding="true")
    assert (file.status_code, file.headers["content-type"]) == (200, "application/pdf")
    assert file.content.startswith(b"%PDF")
    assert detail(cast, cast.smit).kinds == (SecretKind.POSTCODE, SecretKind.CODE)


def test_letters_of_groups_that_nobody_is_in_are_refused_with_a_sentence(cast: Cast, marijke: Clerk) -> None:
    empty = marijke.post("/desk/families/letters", who="bare", group=[cast.groep7])
    assert (empty.status_code, said(empty)[0]) == (422, "There is no family for a letter here.")
    counted = plain(marijke.get(f"/desk/families/letters?chosen=true&group={cast.groep7}").text)
    assert "2 letters groep 7 2" in counted
    assert "0 letters" in plain(marijke.get("/desk/families/letters?chosen=true").text)


def test_a_hostile_name_comes_out_of_a_letter_as_typed(cast: Cast, marijke: Clerk) -> None:
    name = '#strong[x] $x$ "q" \\ @a <b>'
    change = text("UPDATE student SET first_name = :name WHERE id = :id")
    cast.database.work(lambda session: session.execute(change, {"name": name, "id": cast.stephanie}) and None)
    file = marijke.post("/desk/families/letters", family=cast.smit)
    words = " ".join(PdfReader(io.BytesIO(file.content)).pages[0].extract_text().split())
    assert f"Aan de ouders van {name}" in words

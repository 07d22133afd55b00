"""Students at the desk: imported in steps, looked up, changed by hand (D3–D5; rules 25–29)."""

import html
import io
import os
import re
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from storage.database.engine import Database
from storage.families import student_page, students
from storage.words import Role
from tests.admin.web.test_jobs import over
from tests.storage.importing.edexml import edexml
from tests.storage.importing.lists import REGENBOOG
from tests.support.browser import BRAM, everything, unchanged
from tests.support.cast import NOW, Cast, settle
from tests.support.clerk import Clerk, said

HEADER = "Voornaam;Tussenvoegsel;Achternaam;Postcode;Huisnr;Geboortedatum;Stamnummer;Klasje;BSN"
FILE = f"""{HEADER}
Sanne;de;Vries;3599ZZ;14;3-5-2017;1001;groep 4;123456782
Olivier;van der;Berg;3515IJ;9;1-2-2018;0042;groep 3;123456782
"""
OVER = "This file is no longer here. Nothing has been changed; please send it again."


@pytest.fixture
def cast(sqlite: Database) -> Cast:
    """On SQLite alone: what the pages ask for is tested on both databases where it is done."""
    return settle(sqlite)


@pytest.fixture
def marijke(cast: Cast, tmp_path: Path) -> Clerk:
    return Clerk(cast, tmp_path, Role.ADMINISTRATOR, "marijke@regenboog.example")


def sent(clerk: Clerk, content: str = FILE, name: str = "leerlingen.csv", encoding: str = "utf-8") -> str:
    """The path of the upload after the first step."""
    answer = clerk.send("/desk/students/import", name, content.encode(encoding))
    assert answer.status_code == 200, said(answer)
    return answer.url.path


def chosen(page: str) -> dict[str, str]:
    """Column → what it is said to hold, as the page presets it; columns that are locked are not there."""
    selects = re.findall(r'<select name="(column-\d+)".*?</select>', page, re.DOTALL)
    found = {}
    for name in selects:
        options = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)
        assert options is not None
        picked = re.search(r'value="(\w+)" selected', options[0])
        found[name] = picked[1] if picked else ""
    return found


def checked(clerk: Clerk, path: str, **changed: str) -> str:
    """The page that shows what would change."""
    fields = {**chosen(clerk.get(path).text), "column-7": "group", **changed}
    return clerk.post(path, step="next", **fields).text


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found is not None, page
    return found[1]


def leavers(page: str) -> dict[str, bool]:
    """Who is proposed as a leaver, and whether the box is ticked."""
    boxes = re.findall(r'name="leaver" value="\d+"( checked)?> <span>(.*?)<(?:span|/span)', page, re.DOTALL)
    return {html.unescape(name).strip(): bool(ticked) for ticked, name in boxes}


def test_known_columns_are_preset_unknown_ones_are_not_imported_and_forbidden_ones_locked(marijke: Clerk) -> None:
    page = marijke.get(sent(marijke)).text
    assert chosen(page) == {
        "column-0": "first_name",
        "column-1": "prefix",
        "column-2": "last_name",
        "column-3": "postcode",
        "column-4": "house_number",
        "column-5": "birth_date",
        "column-6": "student_number",
        "column-7": "",
    }
    assert "123456782" not in page
    assert "Nothing has been changed yet." in page


def test_a_list_is_imported_in_three_steps_and_the_choice_is_remembered(cast: Cast, marijke: Clerk) -> None:
    with unchanged(cast.database):
        path = sent(marijke)
        page = checked(marijke, path)
        assert "<del>3511AB</del> → <ins>3599ZZ</ins>" in page
        assert "Olivier van der Berg" in page
        assert leavers(page) == {
            "Daan de Vries": False,
            "Elif Yılmaz": False,
            "Emir Yılmaz": False,
            "Lotte Jansen": False,
            "Stéphanie Smit": False,
        }
    answer = marijke.post(f"{path}/apply", seen=seen(page))
    assert answer.url.path == "/desk/families/make"  # Olivier has none yet
    assert said(answer)[0] == "The list has been imported: 1 new, 1 changed, 0 as they were."
    found = cast.database.read(students.students, cast.school, search="0042")
    assert [(line.name, line.groups) for line in found.lines] == [("Berg, Olivier van der", "groep 3")]
    assert chosen(marijke.get(sent(marijke)).text)["column-7"] == "group"
    assert OVER in marijke.get(path).text


def test_a_workbook_is_imported_with_its_dates_and_zeros(cast: Cast, marijke: Clerk) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Roepnaam", "Achternaam", "Geboortedatum", "Stamnummer", "Groep"])
    sheet.append(["Olivier", "Berg, van der", date(2018, 2, 1), "0042", "groep 3"])
    data = io.BytesIO()
    book.save(data)
    answer = marijke.send("/desk/students/import", "leerlingen.xlsx", data.getvalue())
    path = answer.url.path
    assert 'name="encoding"' not in answer.text
    page = marijke.post(path, step="next", **chosen(answer.text)).text
    marijke.post(f"{path}/apply", seen=seen(page))
    line = cast.database.read(students.students, cast.school, search="0042").lines[0]
    view = cast.database.read(student_page.about, cast.school, line.id, NOW)
    assert (view.name, view.birth_date, view.groups) == ("Olivier van der Berg", date(2018, 2, 1), "groep 3")


def test_the_same_list_again_has_nothing_to_import(marijke: Clerk) -> None:
    path = sent(marijke)
    marijke.post(f"{path}/apply", seen=seen(checked(marijke, path)))
    page = checked(marijke, sent(marijke))
    assert "Everything in this list is here already." in page
    assert "Import</button>" not in page


def test_wrong_rows_are_named_and_nothing_is_applied(cast: Cast, marijke: Clerk) -> None:
    with unchanged(cast.database):
        path = sent(marijke, FILE + "12;;Bos;3515IJ;1;3-2-2018;;2-jan;\n")
        page = checked(marijke, path)
        assert "Line 4, Voornaam: “12” is not a name." in html.unescape(page)
        assert "Line 4, Klasje: “2-jan” is a date, not a group." in html.unescape(page)
        answer = marijke.post(f"{path}/apply", seen=seen(page))
        assert answer.status_code == 409


def test_what_changed_meanwhile_is_looked_at_once_more(cast: Cast, marijke: Clerk) -> None:
    path = sent(marijke)
    page = checked(marijke, path)
    other = sent(marijke, FILE.replace("3599ZZ", "3588YY"))
    marijke.post(f"{other}/apply", seen=seen(checked(marijke, other)))
    answer = marijke.post(f"{path}/apply", seen=seen(page))
    assert answer.status_code == 409
    assert said(answer) == ["Meanwhile something changed at the school. Please look at the list once more."]
    assert marijke.post(f"{path}/apply", seen=seen(answer.text)).url.path == "/desk/families/make"


def test_another_encoding_is_read_at_once(marijke: Clerk) -> None:
    path = sent(marijke, FILE.replace("Sanne", "Zoë"), encoding="cp850")
    assert "Zoë" in marijke.get(path).text
    page = marijke.post(path, step="again", encoding="cp1252", **chosen(marijke.get(path).text)).text
    assert "Zo‰" in page
    page = marijke.post(path, step="again", encoding="cp850", **chosen(page)).text
    assert "Zoë" in page
    assert chosen(page)["column-0"] == "first_name"


def test_two_columns_for_one_thing_and_a_missing_group_are_told(marijke: Clerk) -> None:
    path = sent(marijke)
    fields = chosen(marijke.get(path).text)
    assert "No column holds the group." in said(marijke.post(path, step="next", **fields))
    fields["column-7"] = "last_name"
    assert "Two columns are chosen for one thing: “Klasje” and another." in said(
        marijke.post(path, step="next", **fields)
    )
    fields["column-7"] = "group"
    forced = marijke.post(path, step="next", **fields, **{"column-8": "student_number"})
    assert "The column “BSN” may not be stored; choose “do not import” for it." in said(forced)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("leeg.csv", b"", "leeg.csv is empty."),
        ("lijst.pdf", b"%PDF-1.7", "This is a PDF. Export the list as CSV or as .xlsx."),
        ("groot.csv", b"a;b\n" + b"x;y\n" * 1_400_000, "groot.csv is larger than 5 MB."),
        ("veel.csv", b"a;b\n" + b"x;y\n" * 5001, "There are more than 5000 rows."),
    ],
)
def test_a_file_that_is_no_list_gets_a_sentence(marijke: Clerk, name: str, data: bytes, sentence: str) -> None:
    answer = marijke.send("/desk/students/import", name, data)
    assert (answer.status_code, said(answer)) == (422, [sentence])


def test_a_request_that_is_far_too_large_is_not_read(marijke: Clerk) -> None:
    answer = marijke.send("/desk/students/import", "groot.csv", b"x" * 8_000_000)
    assert answer.status_code == 413
    assert "A file may be at most 5 MB." in answer.text


def test_an_upload_belongs_to_the_session_that_sent_it(cast: Cast, marijke: Clerk, tmp_path: Path) -> None:
    path = sent(marijke)
    other = Clerk(cast, tmp_path, Role.ADMINISTRATOR, "els@regenboog.example")
    assert OVER in other.get(path).text
    assert "Sanne" in marijke.get(path).text


def test_an_upload_is_kept_for_this_process_alone_and_thrown_away(marijke: Clerk, tmp_path: Path) -> None:
    path = sent(marijke)
    folder = tmp_path / "uploads"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
    answer = marijke.post(f"{path}/forget")
    assert said(answer) == ["The import was stopped. Nothing has been changed."]
    assert list(folder.iterdir()) == []


def test_a_teacher_neither_sees_nor_imports_students(cast: Cast, tmp_path: Path) -> None:
    bram = Clerk(cast, tmp_path, Role.TEACHER, BRAM)
    before = everything(cast.database)
    for path in ("/desk/students", "/desk/students/import", f"/desk/students/{cast.daan}", "/desk/families"):
        assert bram.get(path).status_code == 403
    assert bram.send("/desk/students/import", "leerlingen.csv", FILE.encode()).status_code == 403
    assert everything(cast.database) == before


def test_the_list_is_searched_and_shows_who_has_no_family(cast: Cast, marijke: Clerk) -> None:
    path = sent(marijke)
    marijke.post(f"{path}/apply", seen=seen(checked(marijke, path)))
    page = marijke.get("/desk/students?q=olivier").text
    assert page.count("no family</span>") == 1
    assert "Vries, Sanne de" not in page
    assert "Nobody fits." in marijke.get("/desk/students?q=niemand").text
    assert marijke.get("/desk/students?group=none").text.count("<strong>Berg, Olivier van der") == 1


def test_a_student_is_changed_by_hand_and_what_is_wrong_is_told_with_what_was_typed(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/students/{cast.daan}"
    typed = {"first_name": "Daan", "prefix": "de", "last_name": "Vries", "group": cast.groep7}
    wrong = marijke.post(path, **{**typed, "postcode": "thuis"})
    assert (wrong.status_code, said(wrong)) == (422, ["“thuis” is not a postcode."])
    assert 'value="thuis"' in wrong.text
    done = marijke.post(path, **{**typed, "postcode": "3599 zz", "email": "daan@example.org"})
    assert said(done) == ["The student has been changed."]
    view = cast.database.read(student_page.about, cast.school, cast.daan, NOW)
    assert (view.postcode, view.house_number, view.email) == ("3599ZZ", "", "daan@example.org")


def test_a_name_with_markup_is_shown_as_typed(marijke: Clerk) -> None:
    path = sent(marijke, FILE.replace("Olivier", "<b>Olivier</b>"))
    assert "&lt;b&gt;Olivier&lt;/b&gt;" in marijke.get(path).text


def test_the_pages_speak_dutch(marijke: Clerk) -> None:
    marijke.client.headers["accept-language"] = "nl"
    path = sent(marijke, FILE + "Kees;;Bos;thuis;1;;;groep 3;\n")
    page = html.unescape(checked(marijke, path))
    assert "Regel 4, Postcode: “thuis” is geen postcode." in page
    assert "Er is nog niets gewijzigd" in page


def test_columns_with_one_name_cannot_be_chosen_and_the_page_says_why(marijke: Clerk) -> None:
    path = sent(marijke, "Voornaam;Achternaam;Groep;Mail;Mail\nNoa;Bos;groep 3;a@b.nl;c@d.nl\n")
    page = marijke.get(path).text
    assert chosen(page) == {"column-0": "first_name", "column-1": "last_name", "column-2": "group"}
    assert "so these columns are not read: Mail." in page
    forced = marijke.post(path, step="next", **chosen(page), **{"column-4": "email"})
    assert said(forced)[0].startswith("Two columns are called “Mail”")
    assert "Noa Bos" in marijke.post(path, step="next", **chosen(page)).text


def test_another_separator_is_read_at_once_and_begins_anew(marijke: Clerk) -> None:
    path = sent(marijke, "Achternaam, Voornaam, x;Groep\nBos, Noa, y;groep 3\n")
    assert list(chosen(marijke.get(path).text)) == ["column-0", "column-1", "column-2"]
    page = marijke.post(path, separator=";").text
    assert list(chosen(page)) == ["column-0", "column-1"]
    assert "as found: comma ( , )" in page
    assert list(chosen(marijke.post(path, separator="x", encoding="nonsense").text)) == [
        "column-0",
        "column-1",
        "column-2",
    ]


def test_edexml_is_imported_and_its_bsn_never_kept(cast: Cast, marijke: Clerk, tmp_path: Path) -> None:
    path = sent(marijke, edexml(), "edex.xml")
    kept = b"".join(one.read_bytes() for one in (tmp_path / "uploads").iterdir())
    assert (b"Sanne" in kept, b"123456782" in kept) == (True, False)
    page = marijke.get(path).text
    assert "nobody needs it here: geslacht, land, bsn, fotourl, onderwijsnummer." in page
    page = marijke.post(path, step="next", **chosen(page)).text
    marijke.post(f"{path}/apply", seen=seen(page))
    found = cast.database.read(students.students, cast.school, search="celik")
    assert [(line.name, line.groups) for line in found.lines] == [("Çelik & Zonen, Olivier", "groep 7 de uilen")]


def test_leavers_are_proposed_ticked_where_it_is_likely_and_leave_only_when_ticked(cast: Cast, marijke: Clerk) -> None:
    listed = REGENBOOG.replace("\nStéphanie;;Smit;3514GH;21;1-11-2014;1006;groep 7", "")
    path = sent(marijke, listed)
    page = marijke.post(path, step="next", **chosen(marijke.get(path).text)).text
    assert leavers(page) == {"Stéphanie Smit": True}
    answer = marijke.post(f"{path}/apply", seen=seen(page), leaver=cast.sanne)
    assert answer.status_code == 404  # she is in the list
    marijke.post(f"{path}/apply", seen=seen(page))
    assert about_of(cast, cast.stephanie).left is None
    path = sent(marijke, listed)
    page = marijke.post(path, step="next", **chosen(marijke.get(path).text)).text
    assert "Mark who is ticked as left</button>" in page
    answer = marijke.post(f"{path}/apply", seen=seen(page), leaver=cast.stephanie)
    assert said(answer)[0].endswith("1 student is marked as left.")
    assert about_of(cast, cast.stephanie).left is not None


def about_of(cast: Cast, student_id: int) -> student_page.StudentDetails:
    return cast.database.read(student_page.about, cast.school, student_id, NOW)


def test_a_long_list_is_refused_at_the_end_where_something_changed_meanwhile(cast: Cast, marijke: Clerk) -> None:
    rows = "".join(f"Kind;;Nr{number};;;;{number};groep 4;\n" for number in range(5000, 7001))
    path = sent(marijke, f"{HEADER}\n{rows}")
    page = checked(marijke, path)
    other = sent(marijke)
    marijke.post(f"{other}/apply", seen=seen(checked(marijke, other)))
    before = everything(cast.database)
    answer = marijke.post(f"{path}/apply", seen=seen(page))
    assert answer.url.path == f"{path}/progress"
    over()
    told = marijke.get(f"{path}/progress")
    assert said(told) == ["Meanwhile something changed at the school. Please look at the list once more."]
    assert everything(cast.database) == before
    marijke.post(f"{path}/apply", seen=seen(marijke.get(f"{path}/check").text))
    over()
    told = marijke.get(f"{path}/progress")
    assert said(told) == ["The list has been imported: 2001 new, 0 changed, 0 as they were."]
    assert "This file has been imported already." in marijke.get(f"{path}/check").text


def test_an_import_that_was_interrupted_says_so_and_nothing_of_it_was_kept(
    cast: Cast, marijke: Clerk, tmp_path: Path
) -> None:
    path = sent(marijke)
    upload = next((tmp_path / "uploads").glob("*.json"))
    work = upload.with_suffix(".work")
    work.write_text('{"part": 0.7, "over": false, "said": "", "kind": "good"}')
    assert 'value="70"' in marijke.get(f"{path}/progress").text
    os.utime(work, (0, 0))
    with unchanged(cast.database):
        told = marijke.get(f"{path}/progress")
    assert said(told) == ["The work was interrupted before it was done. Nothing has been changed. Please try again."]
    marijke.post(f"{path}/forget")
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_student_is_added_by_hand(cast: Cast, marijke: Clerk) -> None:
    typed = {"first_name": "Fien", "last_name": "Mol", "postcode": "3511AB", "new_group": "groep 1"}
    wrong = marijke.post("/desk/students/new", **{**typed, "birth_date": "gisteren"})
    assert (wrong.status_code, said(wrong)) == (422, ["“gisteren” is not a date."])
    assert 'value="gisteren"' in wrong.text
    done = marijke.post("/desk/students/new", **typed)
    assert said(done)[0] == "The student has been added. Choose a family now, so that parents can book."
    assert "No family yet, so nobody can book for this child." in said(done)
    again = marijke.get("/desk/students?show=family").text
    assert again.count("<strong>Mol, Fien") == 1
    assert marijke.get("/desk/students?group=none").text.count("<strong>Mol, Fien") == 1


def test_the_list_is_asked_by_what_is_lacking_and_keeps_what_was_asked(cast: Cast, marijke: Clerk) -> None:
    with cast.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE student SET birth_date = NULL WHERE first_name = 'Daan'")
    page = marijke.get("/desk/students?lack=birth_date").text
    assert re.findall(r'<td data-label="Name"><a [^>]*><strong>(.*?)</strong>', page) == ["Vries, Daan de"]
    assert '<option value="birth_date" selected>' in page
    assert "Nobody: complete." in marijke.get("/desk/students?show=postcode").text
    assert "Nobody has left." in marijke.get("/desk/students?show=left").text
    assert marijke.get("/desk/students?show=nonsense&sort=nonsense&group=x&page=-3").status_code == 200


def test_a_student_leaves_after_a_question_and_comes_back(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/students/{cast.daan}"
    with unchanged(cast.database):
        assert "Nothing is erased: the child can come back." in marijke.get(f"{path}/leave").text
    assert said(marijke.post(f"{path}/leave"))[0].startswith("This child has left")
    assert about_of(cast, cast.daan).left == NOW
    assert "1 leaver fits too" in marijke.get("/desk/students?q=vries").text
    assert said(marijke.post(f"{path}/back"))[0].startswith("This child is back at school")
    assert about_of(cast, cast.daan).left is None


def test_a_students_page_leads_to_a_talk_for_each_of_its_families(cast: Cast, marijke: Clerk) -> None:
    page = marijke.get(f"/desk/students/{cast.lotte}").text
    links = re.findall(r'href="(/desk/plannings/[^"]*pick=[^"]*)">(.*?)</a>', page)
    assert links == [
        (f"/desk/plannings/{cast.noor_planning}?pick=c{cast.lotte}-{cast.jansen}#board", "Book for Jansen"),
        (f"/desk/plannings/{cast.noor_planning}?pick=c{cast.lotte}-{cast.bakker}#board", "Book for Bakker"),
    ]

"""The year, the trail, privacy, leavers, erasing and a family's file, as somebody at the desk meets them (D19, D27,
D28)."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select
from sqlmodel import Session, col

from storage.database.engine import Database
from storage.families import students
from storage.privacy import retention
from storage.tables import Audit, Family, School, Student
from storage.words import Act, Role
from tests.support.browser import everything, unchanged
from tests.support.cast import NOW, Cast, settle
from tests.support.clerk import Clerk, said
from tests.support.notices import book, link_chat

YEAR = "/desk/students/year"


@pytest.fixture
def cast(sqlite: Database) -> Cast:
    """On SQLite alone: what these pages ask is tested on both databases beside the storage."""
    return settle(sqlite)


@pytest.fixture
def marijke(cast: Cast, tmp_path: Path) -> Clerk:
    return Clerk(cast, tmp_path, Role.ADMINISTRATOR, "marijke@regenboog.example")


def rows(page: str) -> list[str]:
    """The lines of the trail."""
    found = re.findall(r'<td class="who">(.*?)</td><td class="what">(.*?)</td>', page)
    return [f"{who} {what}" for who, what in found]


def mark(page: str) -> str:
    found = re.search(r'name="mark" value="(\w+)"', page)
    assert found is not None, page
    return found[1]


def ways(cast: Cast, four: str, seven: str, names: tuple[str, str] = ("", "")) -> str:
    """The address of the second page."""
    return (
        f"{YEAR}/check?group={cast.groep7}&way={seven}&name={names[1]}&group={cast.groep4}&way={four}&name={names[0]}"
    )


def groups_of(cast: Cast) -> dict[str, str]:
    names = ("sanne", "lotte", "daan")
    found = cast.database.read(students.groups_of, cast.school, [cast.ids[name] for name in names])
    return {name: found.get(cast.ids[name], "") for name in names}


def test_the_year_is_proposed_looked_at_and_done(cast: Cast, marijke: Clerk) -> None:
    page = marijke.get(YEAR).text
    assert re.findall(r'<option value="new" selected>', page) == ['<option value="new" selected>'] * 2
    page = marijke.get(ways(cast, "new", "leave", ("groep 5", ""))).text
    assert "groep 5" in page
    answer = marijke.post(
        YEAR,
        group=[str(cast.groep7), str(cast.groep4)],
        way=["leave", "new"],
        name=["", "groep 5"],
        stay=[f"{cast.groep4}-{cast.lotte}"],
        mark=mark(page),
    )
    assert said(answer)[0] == "The new school year stands. Children in another group: 3. Children who left: 2."
    assert groups_of(cast) == {"sanne": "groep 5", "lotte": "groep 4", "daan": "groep 7"}
    assert "has gone up today already" in said(answer)[1]


def test_groups_that_would_merge_are_named_before(cast: Cast, marijke: Clerk) -> None:
    page = marijke.get(ways(cast, str(cast.groep7), "stay"))
    assert said(page) == ["groep 7 keeps its own children and gets those of groep 4: they become one group."]
    page = marijke.get(ways(cast, "new", "new", ("groep 8", "Groep 8")))
    assert "groep 7, groep 4 go together to Groep 8: they become one group." in said(page)


def test_looking_changes_nothing_and_a_stranger_word_is_refused(cast: Cast, marijke: Clerk) -> None:
    with unchanged(cast.database):
        assert marijke.get(ways(cast, "new", "new")).status_code == 422
        assert marijke.get(ways(cast, "fly", "stay")).status_code == 422
        assert marijke.get(f"{YEAR}/check?group=1&way=stay").status_code == 422


def test_a_page_that_was_left_open_does_nothing(cast: Cast, marijke: Clerk) -> None:
    page = marijke.get(ways(cast, str(cast.groep7), "leave")).text
    fields = {"group": [str(cast.groep4)], "way": [str(cast.groep7)], "name": [""], "mark": mark(page)}
    assert marijke.post(YEAR, **fields).status_code == 200
    with unchanged(cast.database):
        again = marijke.post(YEAR, **fields)
    assert again.status_code == 422
    assert said(again)[0] == "The groups have changed since you looked: please look once more."


def test_leavers_are_listed_with_the_day_they_go_and_come_back(cast: Cast, marijke: Clerk) -> None:
    marijke.post(f"/desk/students/{cast.sanne}/leave")
    page = marijke.get("/desk/students/leavers").text
    assert "Vries, Sanne de" in page
    assert "9 January 2027" in page
    assert "Vries" not in marijke.get("/desk/students/leavers?q=smit").text
    answer = marijke.post("/desk/students/leavers/back", student=[str(cast.sanne)])
    assert said(answer) == ["1 child is at school again."]
    assert marijke.post("/desk/students/leavers/back", student=[str(cast.other_sanne)]).status_code == 404


def test_the_trail_tells_who_did_what_in_plain_sentences(cast: Cast, marijke: Clerk) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    marijke.post(f"/desk/families/{cast.smit}/block")
    assert rows(marijke.get("/desk/school/audit").text)[:2] == [
        "Marijke blocked the family Smit",
        "Family de Vries booked a talk for Sanne de Vries, Groep 4: Tue 24 Nov 2026, 18:00",
    ]


def test_the_trail_is_narrowed_by_who_what_when_and_whom(cast: Cast, marijke: Clerk) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    marijke.post(f"/desk/families/{cast.smit}/block")

    def shown(query: str) -> list[str]:
        return [row.split(" ")[1 if row.startswith("Marijke") else 3] for row in rows(read(query))]

    def read(query: str) -> str:
        return marijke.get(f"/desk/school/audit?{query}").text

    assert shown("act=family_blocked") == ["blocked"]
    assert shown("act=0") == ["booked"]
    assert shown("who=family") == ["booked"]
    assert shown(f"student={cast.sanne}") == ["booked"]
    assert shown(f"family={cast.smit}") == ["blocked"]
    assert shown(f"planning={cast.noor_planning}") == ["booked"]
    assert shown("last=2026-11-09") == []
    assert "is not a date" in read("first=yesterday")
    assert "Only what is about" in read(f"student={cast.sanne}")
    for odd in ("who=999999999999999999999", "act=99", "student=x", "page=0", "page=999999999999"):
        assert marijke.get(f"/desk/school/audit?{odd}").status_code == 200


def test_the_trail_as_a_file_is_written_down_itself(cast: Cast, marijke: Clerk) -> None:
    def rename(session: Session) -> None:
        session.get_one(Family, cast.smit).name = "=1+1"

    cast.database.work(rename)
    marijke.post(f"/desk/families/{cast.smit}/block")
    answer = marijke.post("/desk/school/audit/file?act=family_blocked")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [line[1:] for line in lines] == [
        ["Who", "What", "Details"],
        ["Marijke", "family blocked", "blocked the family =1+1"],
    ]
    assert rows(marijke.get("/desk/school/audit").text)[0] == "Marijke made a file of the audit trail"


@pytest.mark.parametrize(("talks", "leavers"), [("6", "30"), ("0", "3651"), ("x", "30"), ("", "30"), ("-5", "30")])
def test_days_out_of_bounds_are_refused_with_what_was_typed(
    cast: Cast, marijke: Clerk, talks: str, leavers: str
) -> None:
    with unchanged(cast.database):
        answer = marijke.post("/desk/school/privacy", bookings_kept=talks, leavers_kept=leavers)
    assert answer.status_code == 422
    assert len(said(answer)) >= 1
    assert f'value="{leavers}"' in answer.text


def test_the_days_are_set_and_the_page_says_what_the_next_night_does(cast: Cast, marijke: Clerk) -> None:
    def end_long_ago(session: Session) -> None:
        session.get_one(Student, cast.stephanie).left = NOW.replace(month=1)

    cast.database.work(end_long_ago)
    assert "1 leaver is erased" in marijke.get("/desk/school/privacy").text
    answer = marijke.post("/desk/school/privacy", bookings_kept="0", leavers_kept="0")
    assert said(answer) == ["Saved."]
    school = cast.database.read(lambda session: session.get_one(School, cast.school))
    assert (school.bookings_kept, school.leavers_kept) == (0, 0)
    assert "Nothing is due" in marijke.get("/desk/school/privacy").text
    assert cast.database.read(retention.kept, cast.school, NOW).leavers == 0


def test_a_familys_file_holds_all_of_it_to_read_and_for_a_machine(cast: Cast, marijke: Clerk) -> None:
    link_chat(cast, cast.de_vries)
    book(cast, "de_vries", "sanne", cast.noor_slots[0], by_staff=False)
    answer = marijke.post(f"/desk/families/{cast.de_vries}/file")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        page, plain = archive.read("our-data.html").decode(), json.loads(archive.read("our-data.json"))
    for known in ("Sanne", "Daan", "3511AB", "3 May 2017", "1001", "devries@example.org", "juf Noor", "Telegram"):
        assert known in page
    family = plain["family"]
    assert [child["first_name"] for child in family["children"]] == ["Sanne", "Daan"]
    assert family["children"][0]["signs_in_with"] == ["postcode"]
    assert [(talk["planning"], talk["group"]) for talk in family["talks"]] == [("Groep 4", "groep 4")]
    assert [notice["kind"] for notice in family["notices"]] == ["changed"]
    assert [deed["act"] for deed in family["deeds"]] == ["booked"]
    assert "Marijke" not in page
    assert rows(marijke.get(f"/desk/school/audit?family={cast.de_vries}").text)[0] == (
        "Marijke made a file of all that is known of the family de Vries"
    )


def test_the_file_of_one_parent_tells_nothing_of_the_other(cast: Cast, marijke: Clerk) -> None:
    book(cast, "jansen", "lotte", cast.noor_slots[3], by_staff=False)
    answer = marijke.post(f"/desk/families/{cast.bakker}/file")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "Lotte" in whole
    assert [secret for secret in ("3513EF", "jansen@example.org", "booked a talk", "18:30") if secret in whole] == []


def test_erasing_asks_for_the_name_and_then_nothing_is_found_anywhere(
    cast: Cast, marijke: Clerk, tmp_path: Path
) -> None:
    cast.database.work(_rename, cast.stephanie, cast.smit)
    book(cast, "smit", "stephanie", cast.bram_slots[0], by_staff=False)
    marijke.send("/desk/students/import", "x.csv", "Voornaam;Achternaam\nZoëlla;Quispel\n".encode())
    assert found_in(exports(marijke)) != []
    path = f"/desk/students/{cast.stephanie}/erase"
    assert "Erase Zoëlla Quispel for good?" in marijke.get(path).text
    with unchanged(cast.database):
        wrong = marijke.post(path, name="Quispel")
    assert (wrong.status_code, said(wrong)[0]) == (422, "Type the name as it stands here. Nothing has been erased.")
    assert said(marijke.post(path, name="zoella")) == ["The student has been erased for good."]
    assert marijke.get(path).status_code == 404
    assert found_in(exports(marijke)) == []
    assert found_in([str(everything(cast.database))]) == []
    kept = [file.read_bytes().decode("utf-8", "replace") for file in (tmp_path / "uploads").rglob("*")]
    assert found_in(kept) == []


def _rename(session: Session, student_id: int, family_id: int) -> None:
    child = session.get_one(Student, student_id)
    child.first_name, child.last_name, child.name_key = "Zoëlla", "Quispel", "zoella"
    child.phone, child.email = "0655501234", "quispel@example.org"
    session.get_one(Family, family_id).name = "Quispel"


def found_in(texts: list[str]) -> list[str]:
    return [one for one in ("Zoëlla", "Quispel", "quispel", "0655501234") if any(one in text for text in texts)]


def exports(clerk: Clerk) -> list[str]:
    """Every file and every page that holds lists, as text."""
    texts = []
    for path in ("talks", "parents"):
        for kind in ("excel", "csv", "pdf"):
            answer = clerk.post(f"/desk/exports/{path}", kind=kind, what="all", group="all", contact="true")
            assert answer.status_code == 200, (path, kind, said(answer))
            texts.append(_text(kind, answer.content))
    pages = ("students", "families", "plannings", "school/audit", "students/leavers", "exports")
    return texts + [clerk.get(f"/desk/{page}").text for page in pages]


def _text(kind: str, content: bytes) -> str:
    if kind == "csv":
        return content.decode("utf-8-sig")
    if kind == "pdf":
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    book = load_workbook(io.BytesIO(content))
    return str([[cell.value for row in sheet.iter_rows() for cell in row] for sheet in book])


def test_a_family_is_erased_with_its_children(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/families/{cast.yilmaz}/erase"
    assert "Emir Yılmaz" in marijke.get(path).text
    assert said(marijke.post(path, name="emir")) == ["The family has been erased for good."]
    there = cast.database.read(lambda session: session.scalars(select(col(Student.first_name))).all())
    assert sorted(there) == ["Daan", "Lotte", "Sanne", "Sanne", "Stéphanie"]


def test_only_administrators_come_here(cast: Cast, tmp_path: Path) -> None:
    bram = Clerk(cast, tmp_path, Role.TEACHER, "bram@regenboog.example")
    for page in ("students/year", "students/leavers", "school/audit", "school/privacy", f"students/{cast.sanne}/erase"):
        assert bram.get(f"/desk/{page}").status_code == 403


def test_a_clearing_by_the_clock_stands_in_the_trail(cast: Cast, marijke: Clerk) -> None:
    def leave_long_ago(session: Session) -> None:
        session.get_one(Student, cast.stephanie).left = NOW.replace(month=1)

    cast.database.work(leave_long_ago)
    cast.database.work(retention.clear, cast.school, NOW, b"pepper")
    page = marijke.get("/desk/school/audit?who=clock").text
    assert rows(page) == ["the clock cleared away what was kept long enough; talks: 0, leavers: 1"]
    acts = cast.database.read(lambda session: session.scalars(select(col(Audit.act))).all())
    assert acts.count(Act.FORGOTTEN) == 1

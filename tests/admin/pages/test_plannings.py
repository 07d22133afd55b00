"""Plannings at the desk: what an administrator can do, and what a teacher can and cannot (D1, D10–D14, T3)."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, col, select

from storage import tables
from storage.booking import booking
from storage.planning.views import planning_board, planning_list
from storage.words import Act, NoticeKind, PlanningState, Role
from tests.support.browser import NOOR, everything
from tests.support.cast import DESK, Cast
from tests.support.clerk import Clerk, blocks, said

# The words of a form and a page are the same on every database.
one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PLANNING = {
    "title": "Groep 4 en 7",
    "room": "aula",
    "remarks": "Neem het rapport mee.\r\nTot dan!",
    "opens": "2026-11-10T19:00",
    "opens_early": "2026-11-09T19:00",
    "closes": "2026-11-20T12:00",
    "teacher": ["juf Els", "juf Noor", ""],
    "email": ["els@regenboog.example", "", ""],
}


@pytest.fixture
def marijke(cast: Cast, tmp_path: Path) -> Clerk:
    return Clerk(cast, tmp_path, Role.ADMINISTRATOR, "marijke@regenboog.example")


@pytest.fixture
def noor(cast: Cast, tmp_path: Path) -> Clerk:
    """Her account is found by her address: it is the teacher's."""
    return Clerk(cast, tmp_path, Role.TEACHER, NOOR)


def book(cast: Cast, family: int, student: int, slot: int) -> int:
    held = cast.database.work(booking.book, cast.school, DESK, family_id=family, student_id=student, slot_id=slot)
    return held.id


def view(cast: Cast, planning: int) -> planning_board.PlanningView:
    return cast.database.read(planning_board.planning, cast.school, planning)


def test_the_list_shows_how_full_each_planning_is(cast: Cast, marijke: Clerk) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    page = marijke.get("/desk/plannings")
    assert page.status_code == 200
    assert page.text.count("1 booked, 17 free") == 1
    assert page.text.count("0 booked, 12 free") == 1
    assert page.text.count("Tue 24 Nov – Thu 26 Nov") == 1


def test_a_planning_is_made_given_times_and_published(cast: Cast, marijke: Clerk) -> None:
    made = marijke.post("/desk/plannings/new", **PLANNING, conference=cast.autumn, group=[cast.groep4, cast.groep7])
    assert said(made) == ["The planning has been made. Now give it times."]
    id_ = next(
        row.id for row in cast.database.read(planning_list.plannings, cast.school) if row.title == "Groep 4 en 7"
    )
    added = marijke.post(
        f"/desk/plannings/{id_}/times",
        way="clock", minutes="10", break_after="2", break_minutes="10",
        day=["2026-11-25", "", ""], start=["18:00", "", ""], until=["19:00", "", ""],
    )  # fmt: skip
    assert said(added)[0] == "4 times have been added."
    assert blocks(added) == ["18:00–18:10 free", "18:10–18:20 free", "18:30–18:40 free", "18:40–18:50 free"]
    assert said(marijke.post(f"/desk/plannings/{id_}/publish"))[0] == "Published: parents see it now."
    planning = view(cast, id_)
    assert planning.state is PlanningState.PUBLISHED
    assert planning.remarks == "Neem het rapport mee.\nTot dan!"
    assert planning.opens.isoformat() == "2026-11-10T18:00:00+00:00"
    # Her address was known and is not lost by leaving the field empty here.
    assert [(one.name, one.email) for one in planning.teachers] == [
        ("juf Els", "els@regenboog.example"),
        ("juf Noor", "noor@regenboog.example"),
    ]


def test_so_many_talks_over_two_days(cast: Cast, marijke: Clerk) -> None:
    added = marijke.post(
        f"/desk/plannings/{cast.bram_planning}/times",
        way="number", talks="5", minutes="15",
        day=["2026-12-01", "2026-12-02"], start=["18:00", "18:00"], until=["19:00", "19:00"],
    )  # fmt: skip
    assert said(added)[0] == "5 times have been added."
    assert [len(day.blocks) for day in view(cast, cast.bram_planning).days] == [12, 4, 1]


@one_database
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"minutes": "ten"}, "The length of a talk is not a whole number: ten"),
        ({"day": ["31-11-2026"]}, "The date is not a date: 31-11-2026"),
        ({"until": ["17:00"]}, "The end must be later than the beginning: 01-12-2026 18:00–17:00."),
        ({"day": [""], "start": [""], "until": [""]}, "The date is missing."),
        (
            {"day": ["2026-11-24"]},
            "24-11-2026 18:00–18:10 would overlap 24-11-2026 18:00–18:10, which is there already.",
        ),
        (
            {"day": ["2027-03-28"], "start": ["01:50"], "until": ["03:30"]},
            "28-03-2027 02:00 does not exist: the clock is put forward then.",
        ),
    ],
)
def test_wrong_times_get_a_sentence_and_the_form_again(
    cast: Cast, marijke: Clerk, fields: dict[str, Any], sentence: str
) -> None:
    good = {"way": "clock", "minutes": "10", "day": ["2026-12-01"], "start": ["18:00"], "until": ["19:00"]}
    before = everything(cast.database)
    answer = marijke.post(f"/desk/plannings/{cast.noor_planning}/times", **{**good, **fields})
    assert (answer.status_code, said(answer)) == (422, [sentence])
    assert everything(cast.database) == before


@one_database
def test_a_wrong_planning_keeps_what_was_typed(cast: Cast, marijke: Clerk) -> None:
    typed = {**PLANNING, "closes": "2026-11-01T12:00", "title": "<b>Groep</b>"}
    answer = marijke.post("/desk/plannings/new", **typed, conference=cast.autumn, group=[cast.groep4])
    assert (answer.status_code, said(answer)) == (422, ["Sign-up must close after it opens."])
    assert 'value="&lt;b&gt;Groep&lt;/b&gt;"' in answer.text
    assert 'value="els@regenboog.example"' in answer.text


@one_database
def test_moments_in_the_hour_that_comes_twice_are_refused(cast: Cast, marijke: Clerk) -> None:
    typed = {**PLANNING, "opens": "2026-10-25T02:30", "opens_early": ""}
    answer = marijke.post("/desk/plannings/new", **typed, conference=cast.autumn, group=[cast.groep4])
    assert said(answer) == ["25-10-2026 02:30 happens twice: the clock is put back then."]


def test_a_tap_makes_a_break_and_another_opens_it(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/{cast.noor_planning}/slots/{cast.noor_slots[0]}/state"
    assert blocks(marijke.post(path, state="break", back="breaks"))[0] == "18:00–18:10 break – open it again"
    assert blocks(marijke.post(path, state="break", back="breaks"))[0] == "18:00–18:10 break – open it again"
    assert blocks(marijke.post(path, state="open"))[0] == "18:00–18:10 free"


def test_a_booked_time_shows_the_child_and_cannot_be_a_break(cast: Cast, marijke: Clerk) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    path = f"/desk/plannings/{cast.noor_planning}/slots/{cast.noor_slots[0]}"
    answer = marijke.post(f"{path}/state", state="break")
    assert said(answer)[0] == "There is 1 booking on it: move or cancel that first."
    assert blocks(answer)[0] == "18:00–18:10 booked: Sanne de Vries"
    assert said(marijke.post(f"{path}/remove"))[0] == "There is 1 booking on it: move or cancel that first."


def test_a_parent_phones_and_is_booked_moved_and_cancelled(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/{cast.noor_planning}"
    found = marijke.get(f"{path}/slots/{cast.noor_slots[0]}?name=yilm")
    assert (found.text.count("Emir Yılmaz, Yılmaz"), found.text.count("Sanne de Vries")) == (1, 0)
    who = {"student": cast.emir, "family": cast.yilmaz}
    question = marijke.get(f"{path}/slots/{cast.noor_slots[0]}/book?student={cast.emir}&family={cast.yilmaz}")
    assert "Book this talk?" in question.text
    booked = marijke.post(f"{path}/slots/{cast.noor_slots[0]}/book", **who)
    assert said(booked)[0] == "Emir Yılmaz has a talk on Tuesday 24 November, 18:00. The family is told."
    held = view(cast, cast.noor_planning).block(cast.noor_slots[0]).booking
    assert held is not None
    question = marijke.get(f"{path}/talks/{held.id}/move?to={cast.noor_slots[4]}")
    assert question.text.count("18:40–18:50") == 1
    moved = marijke.post(f"{path}/talks/{held.id}/move", to=cast.noor_slots[4])
    assert said(moved)[0] == "The talk of Emir Yılmaz is now on Tuesday 24 November, 18:40. The family is told."
    assert "Cancel this talk?" in marijke.get(f"{path}/talks/{held.id}/cancel").text
    gone = marijke.post(f"{path}/talks/{held.id}/cancel")
    assert (
        said(gone)[0] == "The talk of Emir Yılmaz on Tuesday 24 November, 18:40 has been cancelled. The family is told."
    )

    def told(session: Session) -> int:
        wanted = select(tables.Notice).where(col(tables.Notice.kind) == NoticeKind.CHANGED)
        return len(session.exec(wanted).all())

    assert cast.database.read(told) == 3


def test_who_cannot_be_reached_is_said(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/{cast.bram_planning}/slots/{cast.bram_slots[0]}/book"
    assert said(marijke.post(path, student=cast.stephanie, family=cast.smit)) == [
        "Stéphanie Smit has a talk on Tuesday 24 November, 18:00. "
        "This family has no chat and no e-mail address here: tell them yourself."
    ]


def test_a_time_taken_meanwhile_is_said(cast: Cast, marijke: Clerk) -> None:
    slot = cast.noor_slots[0]
    book(cast, cast.de_vries, cast.sanne, slot)
    path = f"/desk/plannings/{cast.noor_planning}/slots/{slot}/book"
    answer = marijke.post(path, student=cast.emir, family=cast.yilmaz)
    assert (answer.status_code, said(answer)) == (422, ["That time has just been taken. Please choose another one."])


def test_a_child_that_has_a_talk_is_offered_to_be_moved(cast: Cast, marijke: Clerk) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    path = f"/desk/plannings/{cast.noor_planning}/slots/{cast.noor_slots[5]}/book"
    page = marijke.get(f"{path}?student={cast.sanne}&family={cast.de_vries}")
    assert said(page) == [
        "There is a talk already, on Tuesday 24 November, 18:00. Move that one here, or book a second one."
    ]


def test_only_children_of_the_planning_and_of_that_family_can_be_booked(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/{cast.noor_planning}/slots/{cast.noor_slots[0]}/book"
    before = everything(cast.database)
    for student, family in (
        (cast.sanne, cast.yilmaz),
        (cast.daan, cast.de_vries),
        (cast.other_sanne, cast.mulder),
        (10**30, 1),
        (0, 0),
    ):
        assert marijke.get(f"{path}?student={student}&family={family}").status_code == 404
        assert marijke.post(path, student=student, family=family).status_code == 404
    assert everything(cast.database) == before


def test_the_check_stands_beside_what_it_speaks_of_and_stops_publishing(cast: Cast, marijke: Clerk) -> None:
    marijke.post("/desk/plannings/new", **PLANNING, conference=cast.autumn, group=[cast.groep4])
    path = f"/desk/plannings/conferences/{cast.autumn}/publish"
    assert said(marijke.get(path)) == ["Wrong: There are no times yet. Add times"]
    answer = marijke.post(path)
    assert (answer.status_code, said(answer)) == (
        422,
        ["Nothing was published. First this must be put right:", "Wrong: There are no times yet. Add times"],
    )
    states = {row.title: row.state for row in cast.database.read(planning_list.plannings, cast.school)}
    assert states["Groep 4 en 7"] is PlanningState.DRAFT


def test_back_to_draft_only_without_bookings(cast: Cast, marijke: Clerk) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    told = said(marijke.post(f"/desk/plannings/{cast.noor_planning}/unpublish"))
    assert told[0] == "There is 1 booking on it: move or cancel that first."
    assert said(marijke.post(f"/desk/plannings/{cast.bram_planning}/unpublish"))[0] == "Parents no longer see it."


def test_a_planning_is_removed_after_a_question(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/{cast.bram_planning}/remove"
    assert "Remove “Groep 7”?" in marijke.get(path).text
    assert said(marijke.post(path)) == ["“Groep 7” has been removed."]
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    answer = marijke.post(f"/desk/plannings/{cast.noor_planning}/remove")
    assert (answer.status_code, said(answer)) == (422, ["There is 1 booking on it: move or cancel that first."])


def test_a_conference_is_made_changed_and_removed(cast: Cast, marijke: Clerk) -> None:
    typed = {"name": "Lente", "policy": "each", "walking_minutes": "5", "large_family": "3"}
    assert said(marijke.post("/desk/plannings/conferences/new", **typed)) == ["Now the first planning of it."]
    made = max(row.id or 0 for row in cast.database.read(lambda session: session.exec(select(tables.Conference)).all()))
    path = f"/desk/plannings/conferences/{made}"
    wrong = marijke.post(path, **{**typed, "walking_minutes": "90"})
    assert (wrong.status_code, said(wrong)) == (422, ["Walking time in minutes must be from 0 to 60."])
    assert said(marijke.post(path, **{**typed, "name": "Voorjaar"})) == ["Saved."]
    assert said(marijke.post(f"{path}/remove")) == ["The conference has been removed."]
    stays = marijke.post(f"/desk/plannings/conferences/{cast.autumn}/remove")
    assert said(stays) == ["This conference still has plannings. Remove those first."]


def ticked(page: str, name: str) -> list[str]:
    """The values of the ticked boxes of this name."""
    return re.findall(rf'<input type="checkbox" name="{name}" value="(\w+)" checked>', page)


def test_what_a_conference_tells_parents_is_ticked_and_kept(cast: Cast, marijke: Clerk) -> None:
    new = marijke.get("/desk/plannings/conferences/new").text
    assert (ticked(new, "tells_opening"), ticked(new, "remind_days")) == (["true"], ["2"])
    path = f"/desk/plannings/conferences/{cast.autumn}"
    old = marijke.get(path).text
    assert (ticked(old, "tells_opening"), ticked(old, "remind_days")) == ([], [])
    typed = {"name": "Herfst", "policy": "together", "walking_minutes": "5", "large_family": "3"}
    assert said(marijke.post(path, **typed, tells_opening="true", remind_days=["1", "7"])) == ["Saved."]
    kept = marijke.get(path).text
    assert (ticked(kept, "tells_opening"), ticked(kept, "remind_days")) == (["true"], ["7", "1"])
    wrong = marijke.post(path, **typed, remind_days=["4", "3"])
    assert (wrong.status_code, said(wrong)) == (422, ["Please choose from the list."])
    assert (ticked(wrong.text, "tells_opening"), ticked(wrong.text, "remind_days")) == ([], ["3"])


FILE = (
    "ronde;titel;leerkrachten;groepen;opent;sluit;datum;van;tot;minuten\n"
    "Herfstgesprekken;Groep 7b;juf Els;groep 7;2026-11-10 19:00;2026-11-20 12:00;{day};18:00;19:00;10\n"
)


def test_a_list_of_plannings_is_seen_before_it_is_imported(cast: Cast, marijke: Clerk) -> None:
    seen = marijke.send("/desk/plannings/import", "plannen.csv", FILE.format(day="24-11-2026").encode())
    assert (seen.status_code, seen.text.count("6 times more")) == (200, 1)
    assert len(cast.database.read(planning_list.plannings, cast.school)) == 2
    digest = seen.text.split('name="seen" value="')[1].split('"')[0]
    path = str(seen.url.path)
    done = marijke.post(path, seen=digest)
    assert said(done)[0] == "The list has been imported: 1 new, 0 changed, 0 as they were."
    rows = cast.database.read(planning_list.plannings, cast.school)
    assert [(row.title, row.free) for row in rows if row.title == "Groep 7b"] == [("Groep 7b", 6)]
    marijke.get("/desk/plannings")
    again = marijke.post(path, seen=digest)
    assert (again.status_code, again.text.count("This file is no longer here.")) == (422, 1)


def test_a_list_with_a_wrong_row_changes_nothing(cast: Cast, marijke: Clerk) -> None:
    seen = marijke.send("/desk/plannings/import", "plannen.csv", FILE.format(day="31-11-2026").encode())
    assert said(seen) == ["Nothing can be imported yet. Put these rows right in the file and send it again."]
    assert 'name="seen"' not in seen.text
    before = everything(cast.database)
    answer = marijke.post(str(seen.url.path), seen="")
    assert answer.status_code == 409
    assert everything(cast.database) == before


@one_database
def test_a_file_that_is_no_list_gets_a_sentence(marijke: Clerk) -> None:
    marijke.get("/desk/plannings/import")
    answer = marijke.send("/desk/plannings/import", "foto.csv", b"\x89PNG\r\n\x1a\n\x00\x00")
    assert answer.status_code == 422
    assert len(said(answer)) == 1


def test_the_excel_file_is_written_in_the_audit_trail(cast: Cast, marijke: Clerk) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    answer = marijke.post("/desk/exports/talks", what=f"conference:{cast.autumn}")
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Herfstgesprekken 2026-11-10.xlsx\"; filename*=UTF-8''Herfstgesprekken%202026-11-10.xlsx"
    )
    sheet = load_workbook(io.BytesIO(answer.content))["All talks"]
    assert [sheet["H2"].value, sheet["J2"].value] == ["Sanne", "Vries"]

    def exports(session: Session) -> int:
        return len(session.exec(select(tables.Audit).where(col(tables.Audit.act) == Act.EXPORTED)).all())

    assert cast.database.read(exports) == 1


def test_a_teacher_sees_books_and_breaks_in_their_own_planning(cast: Cast, noor: Clerk) -> None:
    listed = noor.get("/desk/plannings")
    assert (listed.text.count(f'href="/desk/plannings/{cast.noor_planning}"'), listed.text.count("Groep 7")) == (1, 0)
    path = f"/desk/plannings/{cast.noor_planning}"
    assert noor.get(path).text.count("Add times") == 0
    broken = noor.post(f"{path}/slots/{cast.noor_slots[1]}/state", state="break")
    assert blocks(broken)[1] == "18:10–18:20 break"
    booked = noor.post(f"{path}/slots/{cast.noor_slots[0]}/book", student=cast.sanne, family=cast.de_vries)
    assert said(booked)[0] == "Sanne de Vries has a talk on Tuesday 24 November, 18:00. The family is told."
    answer = noor.post("/desk/exports/talks")
    assert load_workbook(io.BytesIO(answer.content)).sheetnames == ["All talks", "juf Noor"]


def test_a_teacher_makes_removes_and_publishes_nothing(cast: Cast, noor: Clerk) -> None:
    before = everything(cast.database)
    own = f"/desk/plannings/{cast.noor_planning}"
    for path in ("/desk/plannings/new", "/desk/plannings/import", f"{own}/edit", f"{own}/times", f"{own}/remove",
                 "/desk/plannings/conferences/new", f"/desk/plannings/conferences/{cast.autumn}",
                 f"/desk/plannings/conferences/{cast.autumn}/publish"):  # fmt: skip
        assert (path, noor.get(path).status_code) == (path, 403)
        assert (path, noor.post(path).status_code) == (path, 403)
    for path in (f"{own}/publish", f"{own}/unpublish", f"{own}/slots/{cast.noor_slots[0]}/remove",
                 f"/desk/plannings/conferences/{cast.autumn}/remove"):  # fmt: skip
        assert (path, noor.post(path).status_code) == (path, 403)
    assert everything(cast.database) == before


def test_another_teachers_planning_is_not_there(cast: Cast, noor: Clerk) -> None:
    held = book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])
    _nothing_there(cast, noor, cast.bram_planning, cast.bram_slots[1], held)


def test_another_schools_planning_is_not_there(cast: Cast, marijke: Clerk) -> None:
    held = cast.database.work(
        booking.book,
        cast.horizon,
        DESK,
        family_id=cast.mulder,
        student_id=cast.other_sanne,
        slot_id=cast.horizon_slots[0],
    )
    _nothing_there(cast, marijke, cast.horizon_planning, cast.horizon_slots[1], held.id)
    before = everything(cast.database)
    path = f"/desk/plannings/{cast.horizon_planning}"
    for ending in ("edit", "times", "remove", "publish", "unpublish"):
        sent = {"way": "clock", "minutes": "10", "day": "2026-12-01", "start": "18:00", "until": "19:00"}
        assert (ending, marijke.post(f"{path}/{ending}", **{**PLANNING, **sent}).status_code) == (ending, 404)
    marijke.post(f"{path}/slots/{cast.horizon_slots[1]}/remove")
    assert everything(cast.database) == before


def _nothing_there(cast: Cast, clerk: Clerk, planning: int, slot: int, held: int) -> None:
    before = everything(cast.database)
    path = f"/desk/plannings/{planning}"
    for ending in ("", f"/slots/{slot}", f"/slots/{slot}/book", f"/talks/{held}/move", f"/talks/{held}/cancel"):
        assert (ending, clerk.get(path + ending).status_code) == (ending, 404)
    posts: dict[str, dict[str, Any]]
    posts = {f"/slots/{slot}/state": {"state": "break"}, f"/slots/{slot}/book": {"student": cast.sanne, "family": 1},
             f"/talks/{held}/move": {"to": slot}, f"/talks/{held}/cancel": {}}  # fmt: skip
    for ending, fields in posts.items():
        assert (ending, clerk.post(path + ending, **fields).status_code) == (ending, 404)
    assert clerk.post("/desk/exports/talks", what=f"planning:{planning}").status_code == 404
    assert everything(cast.database) == before


def test_a_booking_of_another_planning_is_not_moved_here(cast: Cast, marijke: Clerk) -> None:
    held = book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])
    before = everything(cast.database)
    path = f"/desk/plannings/{cast.noor_planning}/talks/{held}"
    assert marijke.post(f"{path}/move", to=cast.noor_slots[0]).status_code == 404
    assert marijke.post(f"{path}/cancel").status_code == 404
    own = f"/desk/plannings/{cast.bram_planning}/talks/{held}"
    assert marijke.post(f"{own}/move", to=cast.noor_slots[0]).status_code == 404
    assert everything(cast.database) == before


@pytest.mark.parametrize("id_", ["0", "99999999", str(2**31), str(10**25)])
def test_ids_that_no_row_has_are_not_found(marijke: Clerk, id_: str) -> None:
    assert marijke.get(f"/desk/plannings/{id_}").status_code == 404
    assert marijke.get(f"/desk/plannings/conferences/{id_}/publish").status_code == 404


@one_database
def test_the_pages_speak_dutch_to_the_end(cast: Cast, marijke: Clerk) -> None:
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    marijke.get("/desk/plannings")
    marijke.post("/desk/language", language="nl", next="/desk/plannings")
    page = marijke.get(f"/desk/plannings/{cast.noor_planning}")
    assert blocks(page)[:2] == ["18:00–18:10 bezet: Sanne de Vries", "18:10–18:20 vrij"]

"""Many plannings in one page, the board and the evening at a glance, what is found and its mending, old conferences."""

import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlmodel import Session, col, select, update

from storage import tables
from storage.planning.views import planning_board, planning_list
from storage.words import PlanningState, Role, SlotState
from tests.support.browser import NOOR, Turned, unchanged
from tests.support.cast import NOW, Cast
from tests.support.clerk import Clerk, blocks, said
from tests.support.notices import book
from tests.support.statements import statements

# The words of a form and a page are the same on every database.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TIMES = {"way": "clock", "minutes": "10", "day": ["2027-01-19", ""], "start": ["18:00", ""], "until": ["19:00", ""]}


@pytest.fixture
def marijke(cast: Cast, tmp_path: Path) -> Clerk:
    return Clerk(cast, tmp_path, Role.ADMINISTRATOR, "marijke@regenboog.example")


@pytest.fixture
def noor(cast: Cast, tmp_path: Path) -> Clerk:
    return Clerk(cast, tmp_path, Role.TEACHER, NOOR)


def many(cast: Cast, **changes: Any) -> dict[str, Any]:
    """The page as it is sent for both groups of the school, in a new conference."""
    return {
        **TIMES,
        "conference": "0",
        "name": "Winter",
        "opens": "2027-01-06T19:00",
        "closes": "",
        "group": [cast.groep4, cast.groep7],
        "row": [cast.groep4, cast.groep7],
        "title": ["Groep 4", "Groep 7"],
        "teacher": ["juf Noor", "meester Bram, juf Els"],
        "email": ["", ", els@regenboog.example"],
        "room": ["lokaal 3", ""],
        **changes,
    }


def value(answer: Response, name: str) -> list[str]:
    """What stands in the fields of this name."""
    return [html.unescape(found) for found in re.findall(rf'name="{name}"[^>]* value="([^"]*)"', answer.text)]


def links(answer: Response, text: str) -> list[str]:
    found = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', answer.text, re.DOTALL)
    return [href for href, inside in found if " ".join(re.sub("<[^>]+>", "", inside).split()) == text]


def rows(cast: Cast) -> list[planning_list.PlanningLine]:
    return list(cast.database.read(planning_list.plannings, cast.school))


def test_the_page_begins_with_what_was_so_last_time(marijke: Clerk) -> None:
    page = marijke.get("/desk/plannings/many")
    assert value(page, "title") == ["Groep 4", "Groep 7"]
    assert value(page, "teacher") == ["juf Noor", "meester Bram"]
    assert value(page, "email") == ["noor@regenboog.example", "bram@regenboog.example"]
    assert value(page, "opens") == ["2026-11-11T19:00"], "the next school day"
    assert (value(page, "start")[0], value(page, "until")[0]) == ("18:00", "20:00")
    assert page.text.count("checked") == 3, "both groups, and by the clock"


def test_groups_that_are_in_the_conference_already_are_not_ticked(cast: Cast, marijke: Clerk) -> None:
    page = marijke.get(f"/desk/plannings/many?conference={cast.autumn}")
    assert page.text.count("checked") == 1
    assert f'<option value="{cast.autumn}" selected>' in page.text


def test_looking_says_what_comes_out_and_makes_nothing(cast: Cast, marijke: Clerk) -> None:
    with unchanged(cast.database):
        page = marijke.post("/desk/plannings/many", **many(cast, until=["18:30", ""]), step="look")
    assert page.status_code == 200
    text = " ".join(re.sub("<[^>]+>", " ", page.text).split())
    assert "2 draft plannings with 3 talks each. 6 talks in all. Sign-up closes on Sunday 17 January, 20:00." in text
    assert said(page) == ["Too few talks for: groep 4 (1). With 4 talks every child has one."]


def test_looking_at_half_a_form_says_what_is_wrong_with_it(cast: Cast, marijke: Clerk) -> None:
    page = marijke.post("/desk/plannings/many", **many(cast, minutes="ten"), step="look")
    assert said(page) == ["The length of a talk is not a whole number: ten"]
    nothing = marijke.post("/desk/plannings/many", **many(cast, day=["", ""]), step="look")
    assert "Choose a date, and here you see the talks that come out." in nothing.text


def test_two_plannings_are_made_at_once(cast: Cast, marijke: Clerk) -> None:
    done = marijke.post("/desk/plannings/many", **many(cast))
    assert said(done)[0] == "2 draft plannings have been made, each with 6 times."
    made = [row for row in rows(cast) if row.conference == "Winter"]
    assert [(row.title, row.teachers, row.room, row.free, row.state) for row in made] == [
        ("Groep 4", ("juf Noor",), "lokaal 3", 6, PlanningState.DRAFT),
        ("Groep 7", ("juf Els", "meester Bram"), "", 6, PlanningState.DRAFT),
    ]
    view = cast.database.read(planning_board.planning, cast.school, made[1].id)
    assert [(line.name, line.email) for line in view.teachers] == [
        ("juf Els", "els@regenboog.example"),
        ("meester Bram", "bram@regenboog.example"),
    ]
    assert view.closes.isoformat() == "2027-01-17T19:00:00+00:00", "two days before, at 20:00 on the school's clock"


def test_what_is_wrong_marks_its_group_and_keeps_all_that_was_typed(cast: Cast, marijke: Clerk) -> None:
    with unchanged(cast.database):
        answer = marijke.post("/desk/plannings/many", **many(cast, title=["<b>4</b>", ""]))
    assert (answer.status_code, said(answer)[0]) == (422, "groep 7: The title is missing.")
    assert value(answer, "title") == ["<b>4</b>", ""]
    assert answer.text.count('<tr class="wrong">') == 1
    for changes, sentence in (
        ({"group": []}, "Tick at least one group."),
        ({"name": ""}, "The name of the conference is missing."),
        ({"opens": ""}, "“Sign-up opens” is missing."),
        ({"email": ["geen adres", ""]}, "groep 4: “geen adres” is not one e-mail address."),
        ({"closes": "2027-01-05T12:00"}, "groep 4: Sign-up must close after it opens."),
        ({"day": ["2027-01-19", "2027-01-19"]}, "19-01-2027 is there twice, with times that overlap."),
    ):
        with unchanged(cast.database):
            answer = marijke.post("/desk/plannings/many", **many(cast, **changes))
        assert (answer.status_code, said(answer)[0]) == (422, sentence)


def test_a_group_that_no_form_offers_is_not_there(cast: Cast, marijke: Clerk) -> None:
    with unchanged(cast.database):
        answer = marijke.post("/desk/plannings/many", **many(cast, group=[77], row=[77, cast.groep7]))
    assert answer.status_code == 404


def test_more_days_take_the_hours_of_the_first(cast: Cast, marijke: Clerk) -> None:
    days = {"day": ["2027-01-19", "2027-01-21", ""], "start": ["18:00", "", ""], "until": ["18:30", "", ""]}
    added = marijke.post(f"/desk/plannings/{cast.bram_planning}/times", **{**TIMES, **days})
    assert said(added)[0] == "6 times have been added."
    view = cast.database.read(planning_board.planning, cast.school, cast.bram_planning)
    assert [len(day.blocks) for day in view.days] == [12, 3, 3]


def test_times_are_looked_at_before_they_are_added(cast: Cast, marijke: Clerk) -> None:
    with unchanged(cast.database):
        page = marijke.post(f"/desk/plannings/{cast.bram_planning}/times", **TIMES, step="look")
    text = " ".join(re.sub("<[^>]+>", " ", page.text).split())
    assert "Tuesday 19 January 18:00–19:00 · 6 talks" in text
    assert "enough 18 talks, 2 children" in text


def test_the_times_of_a_colleague_are_taken_over(cast: Cast, marijke: Clerk) -> None:
    marijke.post("/desk/plannings/many", **many(cast))
    bare = marijke.post(
        "/desk/plannings/new", conference=cast.autumn, title="Extra", opens="2026-11-11T19:00",
        closes="2026-11-22T12:00", group=[cast.groep4],
    )  # fmt: skip
    path = str(bare.url.path)
    assert bare.text.count("Take over these times") == 1
    done = marijke.post(f"{path}/same", planning=cast.noor_planning)
    assert said(done)[0] == "18 times have been added."
    again = marijke.post(f"{path}/same", planning=cast.noor_planning)
    assert (again.status_code, said(again)[0].endswith("which is there already.")) == (422, True)
    assert marijke.post(f"{path}/same", planning=cast.horizon_planning).status_code == 404


def test_the_same_times_for_many_plannings(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/conferences/{cast.autumn}/times"
    assert marijke.get(path).text.count('name="planning"') == 2
    both = [cast.noor_planning, cast.bram_planning]
    looked = marijke.post(path, **TIMES, planning=both, step="look")
    assert looked.text.count("24 talks") == 1
    assert said(marijke.post(path, **TIMES, planning=both))[0] == "12 times have been added."
    assert [row.free for row in rows(cast)] == [24, 18]
    again = marijke.post(path, **TIMES, planning=both)
    assert (again.status_code, again.text.count('<li class="wrong">')) == (422, 1)
    assert said(marijke.post(path, **TIMES, planning=[]))[0] == "Tick at least one planning."
    assert marijke.post(path, **TIMES, planning=[cast.horizon_planning]).status_code == 404


def test_a_child_is_taken_up_and_put_down_without_a_script(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/{cast.noor_planning}"
    page = marijke.get(f"{path}?pick=c{cast.emir}-{cast.yilmaz}")
    assert page.text.count(f'action="{path}/slots/') == 18
    assert "Tap a free time to book it." in page.text
    held = book(cast, "yilmaz", "emir", cast.noor_slots[0])
    page = marijke.get(f"{path}?pick=t{held.id}")
    assert page.text.count(f'action="{path}/talks/{held.id}/move"') == 17
    assert "Tuesday 24 November, 18:00" in page.text


@pytest.mark.parametrize("pick", ["", "c1", "t999999", "c999999-1", "t" + "9" * 30, "<b>", "c{daan}-{de_vries}", "x1"])
def test_what_cannot_be_taken_up_here_is_not(cast: Cast, marijke: Clerk, pick: str) -> None:
    filled = pick.format(daan=cast.daan, de_vries=cast.de_vries)
    page = marijke.get(f"/desk/plannings/{cast.noor_planning}?pick={filled}")
    assert (page.status_code, page.text.count("Tap a free time to book it.")) == (200, 0)


def test_who_has_no_talk_yet_is_listed_and_goes_when_booked(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/{cast.noor_planning}"
    assert "Not yet booked (5)" in marijke.get(path).text, "Lotte once for each of her families"
    book(cast, "jansen", "lotte", cast.noor_slots[0])
    assert "Not yet booked (3)" in marijke.get(path).text
    for number, (family, child) in enumerate((("de_vries", "sanne"), ("yilmaz", "emir"), ("yilmaz", "elif"))):
        book(cast, family, child, cast.noor_slots[number + 1])
    assert "Every child has its talk." in marijke.get(path).text


def test_an_act_on_a_board_leads_back_to_that_board_and_nowhere_else(cast: Cast, marijke: Clerk) -> None:
    evening = f"/desk/plannings/conferences/{cast.autumn}/evening"
    path = f"/desk/plannings/{cast.noor_planning}"
    where = f"{path}/slots/{cast.noor_slots[0]}/state"
    for back, lands in (
        (evening, evening),
        ("breaks", path),
        ("https://evil.example", path),
        ("//evil.example/desk/plannings/", path),
        ("/desk/plannings/\\evil", "/desk"),
    ):
        assert str(marijke.post(where, state="break", back=back).url.path) == lands


def test_the_evening_shows_names_as_typed(cast: Cast, marijke: Clerk) -> None:
    def rename(session: Session) -> None:
        changed = {"first_name": "<b>\"Sanne'", "last_name": "& Co"}
        session.execute(update(tables.Student).where(col(tables.Student.id) == cast.sanne).values(**changed))

    cast.database.work(rename)
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    page = marijke.get(f"/desk/plannings/conferences/{cast.autumn}/evening")
    shown = "&lt;b&gt;&#34;Sanne&#39; de &amp; Co"
    assert f'aria-label="18:00 booked: {shown}"' in page.text
    assert f'data-name="{shown}">{shown}</a>' in page.text
    assert "<b>" not in page.text


def test_a_teacher_sees_the_evening_of_the_own_plannings_alone(cast: Cast, noor: Clerk) -> None:
    page = noor.get(f"/desk/plannings/conferences/{cast.autumn}/evening?on=2026-11-24")
    assert (page.text.count("Groep 4"), page.text.count("Groep 7")) == (1, 0)
    assert noor.get(f"/desk/plannings/conferences/{cast.autumn}/evening?on=gisteren").status_code == 200
    for path in ("many", f"conferences/{cast.autumn}/times", f"{cast.noor_planning}/step?as={cast.bram_planning}"):
        assert (path, noor.get(f"/desk/plannings/{path}").status_code) == (path, 403)
    with unchanged(cast.database):
        for path in (
            "many",
            f"conferences/{cast.autumn}/times",
            f"{cast.noor_planning}/step",
            f"{cast.noor_planning}/times/same",
        ):
            assert (path, noor.post(f"/desk/plannings/{path}", **many(cast)).status_code) == (path, 403)


def test_what_is_found_stands_where_it_speaks_of_with_the_link_that_mends_it(cast: Cast, marijke: Clerk) -> None:
    def spoil(session: Session) -> None:
        session.execute(update(tables.Teacher).where(col(tables.Teacher.id) == cast.noor).values(email=""))
        session.execute(
            update(tables.Slot).where(col(tables.Slot.id).in_(cast.bram_slots[1:])).values(state=SlotState.BREAK)
        )
        late = {"closes": NOW + timedelta(days=30)}
        session.execute(update(tables.Planning).where(col(tables.Planning.id) == cast.noor_planning).values(**late))

    cast.database.work(spoil)
    edit = f"/desk/plannings/{cast.noor_planning}/edit"
    page = marijke.get(f"/desk/plannings/{cast.noor_planning}")
    assert links(page, "Give it a teacher or an address") == [f"{edit}#teachers"]
    assert links(page, "Give an address") == [f"{edit}#teachers"]
    assert links(page, "Change it") == [f"{edit}#closes"]
    listed = marijke.get("/desk/plannings")
    assert listed.text.count("3 warnings") == 1
    assert links(listed, "Add times")[-1] == f"/desk/plannings/{cast.bram_planning}/times"
    form = marijke.get(edit)
    assert said(form)[0].startswith("Look at this: juf Noor has no e-mail address")
    assert links(form, "Give it a teacher or an address") == [], "this is where it is mended"


def test_a_teacher_is_given_no_link_that_would_refuse_them(cast: Cast, noor: Clerk) -> None:
    def spoil(session: Session) -> None:
        late = {"closes": NOW + timedelta(days=30)}
        session.execute(update(tables.Planning).where(col(tables.Planning.id) == cast.noor_planning).values(**late))

    cast.database.work(spoil)
    page = noor.get(f"/desk/plannings/{cast.noor_planning}")
    assert len(said(page)) == 1
    assert links(page, "Change it") == []


def test_an_evening_is_put_in_step_with_one_button(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/{cast.bram_planning}"
    marijke.post(f"{path}/times", **{**TIMES, "day": ["2026-11-26"], "start": ["18:05"], "until": ["19:05"]})
    page = marijke.get(path)
    [step] = links(page, "Put them in step")
    assert step == f"{path}/step?as={cast.noor_planning}"
    question = marijke.get(step)
    assert re.findall(r'name="minutes" value="(-?\d+)"', question.text) == ["-5", "5"]
    done = marijke.post(f"{path}/step", beside=cast.noor_planning, day="2026-11-26", minutes="-5")
    assert said(done) == ["6 times have been moved."]
    assert blocks(done)[12] == "18:00–18:10 free"
    wrong = marijke.post(f"{path}/step", beside=cast.noor_planning, day="2026-11-26", minutes="-x")
    assert (wrong.status_code, said(wrong)) == (422, ["The number of minutes is not a whole number: x"])
    assert "These two keep in step." in marijke.get(step).text


def test_a_conference_that_is_over_is_folded_away_and_can_be_opened(cast: Cast, tmp_path: Path, marijke: Clerk) -> None:
    del marijke
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    later = Clerk(cast, tmp_path, Role.ADMINISTRATOR, "later@regenboog.example", Turned(NOW + timedelta(days=30)))
    page = later.get("/desk/plannings")
    assert (page.text.count("Groep 4"), page.text.count("2 plannings, the last talk on Thursday 26 November")) == (0, 1)
    [opened] = links(page, "Herfstgesprekken")
    page = later.get(opened)
    assert page.text.count(f'href="/desk/plannings/{cast.noor_planning}"') == 1
    assert "/ 4" not in page.text, "the group may hold other children by now"
    assert "Not yet booked" not in later.get(f"/desk/plannings/{cast.noor_planning}").text


def test_a_file_with_other_headers_is_explained_once(cast: Cast, marijke: Clerk) -> None:
    head = "Wat;Wie;Voor;Ronde;Open;Dicht;Dag;Begin;Eind;Lang\n"
    row = "Groep 7b;juf Els;groep 7;Herfstgesprekken;2026-11-10 19:00;2026-11-20 12:00;24-11-2026;18:00;19:00;10\n"
    asked = marijke.send("/desk/plannings/import", "plannen.csv", (head + row).encode())
    path = str(asked.url.path)
    assert path.endswith("/columns")
    assert said(asked)[0].startswith("These columns are missing:")
    fields = ["title", "teachers", "groups", "conference", "opens", "closes", "date", "from", "until", "minutes"]
    half = marijke.post(path, **{f"column-{place}": name for place, name in enumerate(fields[:-1])})
    assert (half.status_code, said(half)) == (422, ["These columns are missing: minutes."])
    seen = marijke.post(path, **{f"column-{place}": name for place, name in enumerate(fields)})
    assert seen.text.count("6 times more") == 1
    digest = seen.text.split('name="seen" value="')[1].split('"')[0]
    assert said(marijke.post(str(seen.url.path), seen=digest))[0].startswith("The list has been imported: 1 new")
    again = marijke.send("/desk/plannings/import", "plannen.csv", (head + row.replace("7b", "7c")).encode())
    assert again.text.count("6 times more") == 1, "the school's choice was remembered"
    recalled = marijke.get(f"{again.url.path}/columns")
    assert recalled.text.count(" selected>") == 10


def test_every_page_takes_as_many_statements_for_300_rows_as_for_three(cast: Cast, marijke: Clerk) -> None:
    paths = (
        "/desk/plannings", "/desk/plannings/many", f"/desk/plannings/conferences/{cast.autumn}/evening",
        f"/desk/plannings/conferences/{cast.autumn}/times", f"/desk/plannings/conferences/{cast.autumn}/publish",
        f"/desk/plannings/{cast.noor_planning}", f"/desk/plannings/{cast.noor_planning}/times",
    )  # fmt: skip

    def asked() -> list[int]:
        found = []
        for path in paths:
            with statements(cast.database) as texts:
                assert marijke.get(path).status_code == 200
            found.append(len(texts))
        return found

    few = asked()
    cast.database.work(_three_hundred, cast)
    assert asked() == few


def _three_hundred(session: Session, cast: Cast) -> None:
    at = session.exec(select(tables.Slot).where(tables.Slot.id == cast.noor_slots[0])).one().start
    for number in range(300):
        group = tables.Group(school_id=cast.school, name=f"extra {number}")
        planning = tables.Planning(
            school_id=cast.school, conference_id=cast.autumn, title=f"Extra {number}", opens=NOW, closes=at
        )
        session.add_all([group, planning])
        session.flush()
        assert planning.id is not None
        assert group.id is not None
        session.add(tables.PlanningGroup(school_id=cast.school, planning_id=planning.id, group_id=group.id))
        session.add(
            tables.Slot(school_id=cast.school, planning_id=planning.id, start=at, end=at + timedelta(minutes=10))
        )


def test_the_window_of_all_plannings_is_set_on_the_conferences_page(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/conferences/{cast.autumn}"
    assert value(marijke.get(path), "closes") == ["2026-11-22T12:00"]
    done = marijke.post(f"{path}/window", opens="2026-11-12T19:00", opens_early="", closes="2026-11-22T20:00")
    assert said(done)[0] == "2 plannings have another sign-up window now."
    wrong = marijke.post(f"{path}/window", opens="2026-11-12T19:00", closes="2026-11-01T20:00")
    assert (wrong.status_code, said(wrong)) == (422, ["Sign-up must close after it opens."])
    assert value(wrong, "closes") == ["2026-11-01T20:00"]


def test_the_free_times_of_a_day_go_at_once(cast: Cast, marijke: Clerk) -> None:
    path = f"/desk/plannings/{cast.noor_planning}"
    assert marijke.get(f"{path}?mode=breaks").text.count("Remove what is not booked") == 2
    assert said(marijke.post(f"{path}/days/remove", day="2026-11-26"))[0] == "6 times have been removed."
    assert marijke.post(f"{path}/days/remove", day="2026-11-26").status_code == 404


def test_who_is_elsewhere_is_said_before_a_time_is_booked_and_only_then_overruled(cast: Cast, marijke: Clerk) -> None:
    book(cast, "de_vries", "daan", cast.bram_slots[1])
    path = f"/desk/plannings/{cast.noor_planning}/slots/{cast.noor_slots[1]}"
    who = {"student": str(cast.sanne), "family": str(cast.de_vries)}
    assert "busy elsewhere then" in marijke.get(f"{path}?name=sanne").text
    asked = marijke.get(f"{path}/book?student={cast.sanne}&family={cast.de_vries}")
    told = "This family has a talk about Daan then, or too close to it (Groep 7, 18:10–18:20)."
    assert told in said(asked)
    unseen = marijke.post(f"{path}/book", **who)
    assert (unseen.status_code, told in said(unseen)) == (409, True)
    done = marijke.post(f"{path}/book", **who, seen=value(unseen, "seen")[0])
    assert said(done)[0].startswith("Sanne de Vries has a talk on")
    for planning, other in ((cast.noor_planning, "in “Groep 7”"), (cast.bram_planning, "in “Groep 4”")):
        page = html.unescape(marijke.get(f"/desk/plannings/{planning}").text)
        assert "The family de Vries cannot be at both" in page, "the check finds it afterwards as well"
        assert f"here (Tuesday 24 November, 18:10) and {other} (Tuesday 24 November, 18:10)." in page


def test_a_talk_that_is_moved_does_not_stand_in_its_own_way_but_a_siblings_does(cast: Cast, marijke: Clerk) -> None:
    book(cast, "de_vries", "daan", cast.bram_slots[1])
    held = book(cast, "de_vries", "sanne", cast.noor_slots[5])
    path = f"/desk/plannings/{cast.noor_planning}/talks/{held.id}/move"
    list_of_times = marijke.get(path)
    assert re.findall(r"(\d\d:\d\d)–\d\d:\d\d</span> <span>free, but busy elsewhere", list_of_times.text) == ["18:10"]
    asked = marijke.get(f"{path}?to={cast.noor_slots[1]}")
    assert any("a talk about Daan then" in one for one in said(asked))
    assert marijke.post(path, to=cast.noor_slots[1]).status_code == 409
    assert said(marijke.post(path, to=cast.noor_slots[4]))[0].endswith("18:40. The family is told.")
    assert said(marijke.post(path, to=cast.noor_slots[1], seen=value(asked, "seen")[0]))[0].endswith(
        "18:10. The family is told."
    )


def test_a_teacher_at_another_table_is_named_and_the_board_shows_those_times_differently(
    cast: Cast, marijke: Clerk
) -> None:
    book(cast, "smit", "stephanie", cast.bram_slots[3])
    with_bram_too = tables.PlanningTeacher(
        school_id=cast.school, planning_id=cast.noor_planning, teacher_id=cast.ids["bram"]
    )
    cast.database.work(lambda session: session.add(with_bram_too))
    pick = f"c{cast.sanne}-{cast.de_vries}"
    board = marijke.get(f"/desk/plannings/{cast.noor_planning}?pick={pick}")
    assert re.findall(r'data-clash="(\d+)"', board.text) == [str(cast.noor_slots[3])]
    assert links(board, "18:30–18:40 free, but busy elsewhere – Sanne de Vries") == [
        f"/desk/plannings/{cast.noor_planning}/slots/{cast.noor_slots[3]}/book"
        f"?student={cast.sanne}&amp;family={cast.de_vries}"
    ]
    asked = marijke.get(f"/desk/plannings/{cast.noor_planning}/slots/{cast.noor_slots[3]}")
    assert "meester Bram has a talk about Stéphanie then (Groep 7, 18:30–18:40)." in said(asked)


def test_a_way_between_two_rooms_is_in_the_way_too(cast: Cast, marijke: Clerk) -> None:
    book(cast, "de_vries", "daan", cast.bram_slots[1])
    walking = update(tables.Conference).values(walking_minutes=5)
    cast.database.work(lambda session: session.execute(walking))
    board = marijke.get(f"/desk/plannings/{cast.noor_planning}?pick=c{cast.sanne}-{cast.de_vries}")
    assert re.findall(r'data-clash="(\d+)"', board.text) == [str(slot) for slot in cast.noor_slots[:3]]

"""Lists and files at the desk, read back (D17, G5, G9, G15)."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlmodel import Session, SQLModel, col, select

from storage import tables
from storage.booking import booking
from storage.words import Act, Role
from tests.support.browser import BRAM, DIRECTOR, unchanged
from tests.support.cast import DESK, Cast
from tests.support.clerk import Clerk

HOSTILE = ('=HYPERLINK("http://x")', "#import $x$ ]", "Şükrü 😀", "<b>Łukasz</b>", "*dik* @SUM(A1)", "محمد")
one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = one_database


@pytest.fixture
def marijke(cast: Cast, tmp_path: Path) -> Clerk:
    return Clerk(cast, tmp_path, Role.ADMINISTRATOR, DIRECTOR)


@pytest.fixture
def bram(cast: Cast, tmp_path: Path) -> Clerk:
    """A teacher with an account, who teaches groep 7."""
    clerk = Clerk(cast, tmp_path, Role.TEACHER, BRAM)
    change(cast, tables.Staff, _staff(cast, BRAM), teacher_id=cast.bram)
    return clerk


def _staff(cast: Cast, email: str) -> int:
    asked = select(tables.Staff.id).where(tables.Staff.email == email)
    return cast.database.read(lambda session: session.exec(asked).one()) or 0


def change(cast: Cast, table: type[SQLModel], row_id: int, **values: object) -> None:
    def put(session: Session) -> None:
        row = session.get(table, row_id)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)

    cast.database.work(put)


def book(cast: Cast, family: int, student: int, slot: int) -> int:
    return cast.database.work(booking.book, cast.school, DESK, family_id=family, student_id=student, slot_id=slot).id


@pytest.fixture
def booked(cast: Cast) -> Cast:
    """Sanne with juf Noor, Stéphanie and Daan with meester Bram; Emir's talk was cancelled."""
    book(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[2])
    book(cast, cast.de_vries, cast.daan, cast.bram_slots[4])
    gone = book(cast, cast.yilmaz, cast.emir, cast.noor_slots[1])
    cast.database.work(booking.cancel, cast.school, DESK, booking_id=gone)
    return cast


def pages(answer: Response) -> list[str]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    return [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]


def book_of(answer: Response) -> Any:
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def exported(cast: Cast) -> list[tuple[Act, dict[str, Any]]]:
    def read(session: Session) -> list[tuple[Act, dict[str, Any]]]:
        rows = session.exec(select(tables.Audit).where(col(tables.Audit.act) == Act.EXPORTED)).all()
        return [(row.act, row.detail) for row in rows]

    return cast.database.read(read)


def test_the_page_offers_all_that_there_is(booked: Cast, marijke: Clerk) -> None:
    page = marijke.get("/desk/exports").text
    for offered in (
        f'value="conference:{booked.autumn}" selected',
        'value="day:2026-11-24">Tuesday 24 November – 3 talks',
        'value="day:2026-11-26">Thursday 26 November – 0 talks',
        f'value="planning:{booked.noor_planning}">Groep 4',
        f'value="teacher:{booked.bram}">meester Bram',
        f'value="{booked.groep7}">groep 7',
        "all groups, each on its own page",
    ):
        assert page.count(offered) == 1, offered


def test_a_teacher_is_offered_their_own_alone(booked: Cast, bram: Clerk) -> None:
    page = bram.get("/desk/exports").text
    assert page.count('<option value="planning:') == 1
    assert page.count('<option value="teacher:') == 1
    assert page.count(f'<option value="{booked.groep7}">groep 7') == 1
    assert (page.count("groep 4"), page.count("Groep 4"), page.count("juf Noor")) == (0, 0, 0)


def test_a_conference_on_paper_has_a_page_for_each_planning(booked: Cast, marijke: Clerk) -> None:
    answer = marijke.post("/desk/exports/talks", what=f"conference:{booked.autumn}", kind="pdf", contact="true")
    first, second = pages(answer)
    assert first.splitlines()[:5] == [
        "Groep 4",
        "juf Noor · lokaal 3 · groep 4 · Herfstgesprekken",
        "Tuesday 24 November",
        "Time Child Group Family Phone E-mail",
        "18:00–18:10 Sanne de Vries groep 4 de Vries devries@example.org",
    ]
    assert first.splitlines()[5] == "18:10–18:20 free"
    assert first.splitlines()[-1] == "De Regenboog Made on Tuesday 10 November, 19:00 Page 1 of 2"
    assert [line for line in second.splitlines() if "Daan" in line] == [
        "18:40–18:50 Daan de Vries groep 7 de Vries devries@example.org"
    ]
    assert "Emir" not in first + second
    assert exported(booked) == [(Act.EXPORTED, {"rows": 3, "kind": "pdf"})]


def test_without_telephone_and_mail_when_a_teacher_wants_none(booked: Cast, marijke: Clerk) -> None:
    (page,) = pages(marijke.post("/desk/exports/talks", what=f"planning:{booked.noor_planning}", kind="pdf"))
    assert page.splitlines()[3:5] == ["Time Child Group Family", "18:00–18:10 Sanne de Vries groep 4 de Vries"]


def test_a_day_of_the_whole_school_in_one_list(booked: Cast, marijke: Clerk) -> None:
    answer = marijke.post("/desk/exports/talks", what="day:2026-11-24", kind="pdf", layout="time")
    (page,) = pages(answer)
    assert page.splitlines()[:7] == [
        "Talks on Tuesday 24 November",
        "3 talks",
        "Tuesday 24 November",
        "Time Child Group Family Teachers Room",
        "18:00–18:10 Sanne de Vries groep 4 de Vries juf Noor lokaal 3",
        "18:20–18:30 Stéphanie Smit groep 7 Smit meester Bram lokaal 3",
        "18:40–18:50 Daan de Vries groep 7 de Vries meester Bram lokaal 3",
    ]


@pytest.mark.parametrize("layout", ["plannings", "time"])
def test_a_day_without_talks_is_a_paper_that_says_so(booked: Cast, marijke: Clerk, layout: str) -> None:
    (page,) = pages(marijke.post("/desk/exports/talks", what="day:2026-12-25", kind="pdf", layout=layout))
    assert "No talks." in page.splitlines()


def test_a_blocked_familys_talk_is_on_paper_without_its_address(booked: Cast, marijke: Clerk) -> None:
    change(booked, tables.Family, booked.de_vries, blocked=True)
    (page,) = pages(
        marijke.post("/desk/exports/talks", what=f"planning:{booked.noor_planning}", kind="pdf", contact="true")
    )
    assert page.splitlines()[4] == "18:00–18:10 Sanne de Vries groep 4 de Vries (blocked)"


def test_excel_of_one_teacher(booked: Cast, marijke: Clerk) -> None:
    made = book_of(marijke.post("/desk/exports/talks", what=f"teacher:{booked.bram}", kind="excel"))
    assert made.sheetnames == ["All talks", "meester Bram"]
    assert [row[7].value for row in made["meester Bram"].iter_rows(min_row=2)] == ["Stéphanie", "Daan"]


def test_csv_of_a_planning(booked: Cast, marijke: Clerk) -> None:
    answer = marijke.post("/desk/exports/talks", what=f"planning:{booked.bram_planning}", kind="csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="Groep 7 2026-11-10.csv"')
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[7] for row in rows] == ["First name", "Stéphanie", "Daan"]


def test_the_parents_of_a_group_on_paper(booked: Cast, marijke: Clerk) -> None:
    change(booked, tables.Family, booked.jansen, blocked=True)
    (page,) = pages(marijke.post("/desk/exports/parents", group=str(booked.groep4), kind="pdf"))
    assert page.splitlines()[:-1] == [
        "groep 4",
        "4 children",
        "Child Other groups Family Brothers and sisters Phone E-mail",
        "Jansen, Lotte Bakker bakker@example.org",
        "Vries, Sanne de de Vries Daan (groep 7) devries@example.org",
        "Yılmaz, Elif Yılmaz Emir (groep 4) yilmaz@example.org",
        "Yılmaz, Emir Yılmaz Elif (groep 4) yilmaz@example.org",
    ]
    assert exported(booked) == [(Act.EXPORTED, {"group": booked.groep4, "children": 4, "kind": "pdf"})]


def test_all_groups_have_a_page_or_a_sheet_each(booked: Cast, marijke: Clerk) -> None:
    assert len(pages(marijke.post("/desk/exports/parents", group="all", kind="pdf"))) == 2
    assert book_of(marijke.post("/desk/exports/parents", group="all", kind="excel")).sheetnames == [
        "groep 4",
        "groep 7",
    ]
    answer = marijke.post("/desk/exports/parents", group="all", kind="csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == [
        "Child", "Jansen, Lotte", "Jansen, Lotte", "Vries, Sanne de", "Yılmaz, Elif", "Yılmaz, Emir",
        "Smit, Stéphanie", "Vries, Daan de",
    ]  # fmt: skip


def test_a_teacher_takes_their_own_and_nothing_else(booked: Cast, bram: Clerk) -> None:
    made = book_of(bram.post("/desk/exports/talks", what="all", kind="excel"))
    assert made.sheetnames == ["All talks", "meester Bram"]
    assert [row[7].value for row in made["All talks"].iter_rows(min_row=2)] == ["Stéphanie", "Daan"]
    (page,) = pages(bram.post("/desk/exports/talks", what="day:2026-11-24", kind="pdf"))
    assert page.splitlines()[0] == "Groep 7"
    (page,) = pages(bram.post("/desk/exports/parents", group="all", kind="pdf"))
    assert page.splitlines()[0] == "groep 7"


def test_what_is_not_theirs_is_not_found(booked: Cast, bram: Clerk) -> None:
    with unchanged(booked.database):
        for what in (f"planning:{booked.noor_planning}", f"teacher:{booked.noor}"):
            assert bram.post("/desk/exports/talks", what=what, kind="pdf").status_code == 404
        assert bram.post("/desk/exports/parents", group=str(booked.groep4)).status_code == 404


def test_another_schools_things_are_not_found(booked: Cast, marijke: Clerk) -> None:
    with unchanged(booked.database):
        for what in (f"planning:{booked.horizon_planning}", "conference:2", "teacher:99", f"planning:{2**40}"):
            assert marijke.post("/desk/exports/talks", what=what).status_code == 404
        for group in ("3", "99", "-1", "x"):
            assert marijke.post("/desk/exports/parents", group=group).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [{"what": "x"}, {"what": "day:x"}, {"what": "planning:"}, {"what": "all", "kind": "exe"}, {"layout": "x"}],
    ids=str,
)
def test_what_no_form_sends_is_a_sentence(booked: Cast, marijke: Clerk, fields: dict[str, str]) -> None:
    with unchanged(booked.database):
        answer = marijke.post("/desk/exports/talks", **fields)
    assert (answer.status_code, answer.text.count("Please choose from the list.")) == (422, 1)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_out_as_typed_in_every_file(booked: Cast, marijke: Clerk, name: str) -> None:
    change(booked, tables.Student, booked.sanne, first_name=name, prefix="", last_name="Vos")
    change(booked, tables.Planning, booked.noor_planning, title=name, room=name)
    what = f"planning:{booked.noor_planning}"
    sheet = book_of(marijke.post("/desk/exports/talks", what=what, kind="excel"))["All talks"]
    assert (sheet["H2"].data_type, sheet["H2"].value, sheet["G2"].value) == ("s", name, name)
    for layout in ("plannings", "time"):
        (page,) = pages(marijke.post("/desk/exports/talks", what=what, kind="pdf", layout=layout))
        assert page.splitlines()[0] == name
        assert f"{name} Vos" in page or name == "محمد"  # joined letters come out of a PDF in reading order of Arabic
    (page,) = pages(marijke.post("/desk/exports/parents", group=str(booked.groep4), kind="pdf"))
    letters = "".join(page.split())  # a long word goes on in the next line
    assert "".join(f"Vos,{name}".split()) in letters or name == "محمد"
    row = marijke.post("/desk/exports/talks", what=what, kind="csv").content.decode("utf-8-sig").splitlines()[1]
    assert row.count(f"'{name[0]}" if name[0] in "=@" else name[:3]) >= 1

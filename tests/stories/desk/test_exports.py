"""Lists that somebody takes along, from a real browser: read back as who gets them would (D17)."""

import csv
import io

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlmodel import Session, select

from storage import tables
from storage.words import Role
from tests.stories.desk.conftest import Sit
from tests.support.browser import BRAM, hire
from tests.support.cast import Cast
from tests.support.desk_browser import PHONE
from tests.support.notices import book

pytestmark = pytest.mark.browser


@pytest.fixture
def evening(regenboog: Cast) -> Cast:
    """Three talks on the first evening."""
    book(regenboog, "de_vries", "sanne", regenboog.noor_slots[0])
    book(regenboog, "yilmaz", "emir", regenboog.noor_slots[2])
    book(regenboog, "smit", "stephanie", regenboog.bram_slots[1])
    return regenboog


def lines(content: bytes) -> list[list[str]]:
    return [page.extract_text().splitlines() for page in PdfReader(io.BytesIO(content)).pages]


def test_a_conference_as_excel_with_one_click_where_one_stands(sit: Sit, evening: Cast) -> None:
    who = sit(path="/desk/plannings")
    name, content = who.download(who.page.get_by_role("button", name="Excel-bestand van Herfstgesprekken").first)
    assert (name, who.clicks) == ("Herfstgesprekken 2026-11-10.xlsx", 1)
    made = load_workbook(io.BytesIO(content))
    assert made.sheetnames == ["Alle gesprekken", "juf Noor", "meester Bram"]
    assert [row[7].value for row in made["Alle gesprekken"].iter_rows(min_row=2)] == ["Sanne", "Stéphanie", "Emir"]


def test_a_planning_on_paper_with_one_click_where_one_stands(sit: Sit, evening: Cast) -> None:
    who = sit(path=f"/desk/plannings/{evening.noor_planning}")
    name, content = who.download(who.page.get_by_role("button", name="PDF-bestand van Groep 4").first)
    assert (name, who.clicks) == ("Groep 4 2026-11-10.pdf", 1)
    (page,) = lines(content)
    assert page[3:7] == [
        "Tijd Kind Groep Familie Telefoon E-mail",
        "18:00–18:10 Sanne de Vries groep 4 de Vries devries@example.org",
        "18:10–18:20 vrij",
        "18:20–18:30 Emir Yılmaz groep 4 Yılmaz yilmaz@example.org",
    ]


def test_everything_else_from_one_page(sit: Sit, evening: Cast) -> None:
    who = sit(path="/desk/plannings")
    who.link("Lijsten en bestanden", "Ouders en kinderen van een groep")
    who.picture("lijsten-1")
    who.choose("Welke gesprekken", "Dinsdag 24 november – 3 gesprekken")
    who.tick("één lijst op volgorde van tijd")
    name, content = who.download(who.page.get_by_role("button", name="PDF").first)
    assert name == "Gesprekken op dinsdag 24 november 2026-11-10.pdf"
    (page,) = lines(content)
    assert page[4:7] == [
        "18:00–18:10 Sanne de Vries groep 4 de Vries juf Noor lokaal 3 devries@example.org",
        "18:10–18:20 Stéphanie Smit groep 7 Smit meester Bram lokaal 3",
        "18:20–18:30 Emir Yılmaz groep 4 Yılmaz juf Noor lokaal 3 yilmaz@example.org",
    ]
    name, content = who.download(who.page.get_by_role("button", name="CSV").first)
    assert name == "Gesprekken op dinsdag 24 november 2026-11-10.csv"
    assert len(list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))) == 4


def test_the_parents_of_a_group_on_paper(sit: Sit, evening: Cast) -> None:
    who = sit(path="/desk/exports")
    who.choose("Groep", "groep 7")
    name, content = who.download(who.page.get_by_role("button", name="PDF").last)
    assert (name, who.clicks) == ("Ouders van groep 7 2026-11-10.pdf", 2)
    (page,) = lines(content)
    assert page[:-1] == [
        "groep 7",
        "2 kinderen",
        "Kind Andere groepen Familie Broers en zussen Telefoon E-mail",
        "Smit, Stéphanie Smit",
        "Vries, Daan de de Vries Sanne (groep 4) devries@example.org",
    ]


def test_a_teacher_on_a_phone_without_script_takes_their_own(sit: Sit, evening: Cast) -> None:
    hire(evening.database, evening.school, BRAM, Role.TEACHER)

    def teach(session: Session) -> None:
        account = session.exec(select(tables.Staff).where(tables.Staff.email == BRAM)).one()
        account.teacher_id = evening.bram

    evening.database.work(teach)
    who = sit(BRAM, path="/desk/exports", size=PHONE, script=False)
    who.says("Lijsten en bestanden")
    who.says_not("groep 4")
    name, content = who.download(who.page.get_by_role("button", name="PDF").first)
    assert (name, who.clicks) == ("Herfstgesprekken 2026-11-10.pdf", 1)
    assert [page[0] for page in lines(content)] == ["Groep 7"]
    assert "Stéphanie" in " ".join(lines(content)[0])

"""Names as people send them: shown as they were typed on every page, in every file and mail (G15), and never a formula
in a file (G9). The pages and downloads come from the route table; 1,000 names in the long run, fewer in the quick one.
"""

import csv
import html
import io
import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from httpx import Response
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import update
from sqlmodel import Session, col

from messages.notices import banner, mail_text
from storage import tables
from tests.admin.walks.route_table import Ground, Route, Way, routes
from tests.admin.walks.routes import WAYS
from tests.messages.test_calendar import BOOKING
from tests.messages.test_notices import FAMILIES
from tests.support.cast import NOW

LONG = bool(os.environ.get("TIENMINUTEN_LONG"))
NAMES = 1000 if LONG else 60
AT_ONCE = 20
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "{% raw %}", "%(name)s", "%s%d%n",
    "'; DROP TABLE student; --", "O'Neill & Zn.", "=1+1", "+31", "-2", "@SUM(A1)", "\\evil{}", "#set page", "$x^2$",
    "Ω≈ç√", "مرحبا", "José-María", "ǅ", "𝒜nna", "&lt;b&gt;", "</title>", "${jndi}", "`id`",
]  # fmt: skip
# What one line of a form may hold: no control characters, no line ends, single spaces.
LETTERS = st.characters(blacklist_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Zs", "Cn", "Co"))
NAME = st.sampled_from(HOSTILE) | st.text(LETTERS, min_size=1, max_size=30)
PLAIN = settings(
    max_examples=NAMES // AT_ONCE, phases=(Phase.generate,), deadline=None, database=None, derandomize=not LONG,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def called(session: Session, ids: dict[str, int], names: list[str]) -> None:
    """The people of the school get these names, one after the other."""
    for place, name in enumerate(names):
        which = place % 5
        if which == 0:
            row = update(tables.Student).where(col(tables.Student.id) == ids["student_id"]).values(first_name=name)
        elif which == 1:
            row = update(tables.Student).where(col(tables.Student.id) == ids["student_id"]).values(last_name=name)
        elif which == 2:
            row = update(tables.Family).where(col(tables.Family.id) == ids["family_id"]).values(name=name)
        elif which == 3:
            row = update(tables.Planning).where(col(tables.Planning.id) == ids["planning_id"]).values(title=name)
        else:
            row = update(tables.Teacher).where(col(tables.Teacher.id) == ids["teacher_id"]).values(name=name)
        session.execute(row)


@PLAIN
@given(names=st.lists(NAME, min_size=AT_ONCE, max_size=AT_ONCE))
def shown_as_typed(ground: Ground, names: list[str]) -> None:
    places = {
        0: "/desk/students/{student_id}", 1: "/desk/students/{student_id}", 2: "/desk/families/{family_id}",
        3: "/desk/plannings/{planning_id}", 4: "/desk/plannings/{planning_id}",
    }  # fmt: skip
    for start in range(0, len(names), 5):
        some = names[start : start + 5]
        ground.database.work(called, ground.ids, some)
        for which, name in enumerate(some):
            answer = ground.browser.get(places[which].format_map(ground.ids))
            assert answer.status_code == 200
            assert name in html.unescape(answer.text), (name, places[which])
            assert "<script>alert" not in answer.text
            assert "<img src=x" not in answer.text


def test_any_name_is_shown_as_it_was_typed(ground: Ground) -> None:
    shown_as_typed(ground)


@pytest.mark.parametrize("route", [one for one in routes() if one.reading and not one.public], ids=str)
def test_no_page_takes_a_name_for_markup(ground: Ground, route: Route) -> None:
    ground.database.work(called, ground.ids, ["<b>0</b>", "<i>1</i>", "<u>2</u>", "<s>3</s>", "<q>4</q>"])
    way = WAYS.get(route.key, Way())
    text = ground.browser.get(ground.address(route, way, ground.made_ready(way))).text
    assert [one for one in ("<b>0", "<i>1", "<u>2", "<s>3", "<q>4") if one in text] == []


def downloads(ground: Ground) -> Iterator[tuple[str, Response]]:
    """Every file that the route table gives: each POST with its fields, and with each kind of file."""
    for route in routes():
        way = WAYS.get(route.key, Way())
        if route.public or route.uploads or "mailbox" in route.path or not (way.fields or route.reading):
            continue
        ready = ground.made_ready(way)
        address = ground.address(route, way, ready)
        kinds = ("excel", "csv", "pdf") if "kind" in way.fields and "kinds" not in way.fields else ("",)
        for kind in kinds:
            fields = {**ground.typed(way, ready), **({"kind": kind} if kind else {})}
            if "exports" in route.path or "file" in route.path or "letters" in route.path or route.reading:
                answer = ground.browser.get(address) if route.reading else ground.send(address, fields, way)
                if answer.status_code == 200 and "html" not in answer.headers["content-type"]:
                    yield f"{route.key} {kind}", answer


FORMULAS = ["=1+1", "+31612", "@SUM(A1)", "-2+3", "=cmd|' /C calc'!A0"]


def test_no_file_holds_a_formula_and_every_name_is_there_as_typed(ground: Ground) -> None:
    ground.database.work(called, ground.ids, FORMULAS)
    seen = set()
    for key, answer in downloads(ground):
        kind = answer.headers["content-type"].partition(";")[0]
        seen.add(kind)
        if "spreadsheet" in kind:
            book = load_workbook(io.BytesIO(answer.content))
            cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
            assert [(key, cell.coordinate) for cell in cells if cell.data_type == "f"] == []
            assert any(str(cell.value).lstrip("'").startswith(tuple("=+@-")) for cell in cells), key
        elif kind == "text/csv":
            rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
            wrong = [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]
            assert (key, wrong) == (key, [])
        elif kind == "application/pdf":
            text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
            assert any(name in text for name in FORMULAS), key
    assert {"application/pdf", "text/csv"} <= seen
    assert any("spreadsheet" in kind for kind in seen)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_mail_and_a_chat_say_a_name_as_it_was_typed(name: str) -> None:
    kind, told = FAMILIES["changed_booked"]
    told = replace(told, talks=(replace(BOOKING, first_name=name, student_name=name, title=name),))
    mail, chat = mail_text(kind, told, "https://tienminuten.example", NOW), banner(kind, told, NOW)
    assert name in mail.text
    for marked in (mail.html, chat.text):
        assert name in html.unescape(marked)
        assert "<script" not in marked
        assert "<img src=x" not in marked

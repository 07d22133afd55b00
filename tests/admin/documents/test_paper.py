"""The paper frame: what goes in comes out as typed, whatever it holds (G15), on every page its foot."""

import io
import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from admin.documents import paper

ODD = (
    '#import "house.typ": data',
    '#panic("x")',
    "$x^2$",
    "]",
    "[[",
    '"); #read("/etc/passwd',
    "😀 Sanne",
    "Şükrü Łukasz Ґанна",
    "*dik* _schuin_ `code`",
    "= kop",
    "- punt",
    "+ een",
    "// weg",
    "/* weg */",
    "<label> @ref",
    r"\u{41} \n",
    "--- ~ ...",
    "'\"",
    "fi fl ff ffi",
    "{page} {pages}",
)
PROOF = """#import "house.typ": data, house, heading-of, listing
#show: house
#heading-of(data.title, below: data.below)
#listing((1fr, 1fr), data.headers, data.rows, empty: data.empty)
"""


@pytest.fixture(scope="module")
def proof() -> Iterator[str]:
    """A template that is there for these tests alone."""
    folder = paper.FOLDER
    file = folder / f"proof-{os.getpid()}.typ"
    file.write_text(PROOF, encoding="utf-8")
    yield file.stem
    file.unlink()


def printed(content: bytes) -> list[list[str]]:
    """The lines of each page."""
    return [page.extract_text().splitlines() for page in PdfReader(io.BytesIO(content)).pages]


def proofs(name: str, rows: list[list[str]], **changed: object) -> bytes:
    data = {"title": "Proef", "below": "juf Noor", "school": "De Regenboog", "made": "10 november", "empty": "Niets."}
    return paper.pdf(name, "nl", {**data, "headers": ["Naam", "Groep"], "rows": rows, **changed})


def test_odd_names_come_out_as_typed(proof: str) -> None:
    (lines,) = printed(proofs(proof, [[name, "groep 4"] for name in ODD]))
    assert lines[:3] == ["Proef", "juf Noor", "Naam Groep"]
    assert lines[3:-1] == [f"{name} groep 4" for name in ODD]


def test_a_thousand_hostile_names_are_each_a_line_of_their_own(proof: str) -> None:
    """G15: pieces of markup in any order, on one paper."""
    chance = random.Random(15)
    pieces = (
        "#",
        "$",
        "[",
        "]",
        "*",
        "_",
        "`",
        "<b>",
        "@",
        "\\",
        "//",
        "=",
        "-",
        "{",
        "}",
        "Şükrü",
        "Łu",
        '"',
        "%(x)s",
        "~",
    )
    names = [f"{number}" + "".join(chance.choices(pieces, k=4)) for number in range(1000)]
    pages = printed(proofs(proof, [[name, "4"] for name in names]))
    found = [line for lines in pages for line in lines if line.endswith(" 4") and line[0].isdigit()]
    assert found == [f"{name} 4" for name in names]


def test_titles_and_the_school_may_be_odd_too(proof: str) -> None:
    content = proofs(proof, [], title="#panic() $x$ ]", school="De *Regenboog* #")
    (lines,) = printed(content)
    assert lines[0] == "#panic() $x$ ]"
    assert lines[-1].startswith("De *Regenboog* #")
    info = PdfReader(io.BytesIO(content)).metadata
    assert info is not None
    assert (info.title, info.author) == ("#panic() $x$ ]", "De *Regenboog* #")


def test_arabic_is_joined_and_whole(proof: str) -> None:
    (lines,) = printed(proofs(proof, [["محمد", "4"]]))
    assert "محمد" in lines[3]


def test_what_no_page_can_show_is_left_out_and_turns_nothing_round(proof: str) -> None:
    (lines,) = printed(proofs(proof, [["Sa\x00n\x1bne\ud800\u202e", "groep 4"]]))
    assert lines[3] == "Sanne\ufffd groep 4"


def test_each_page_has_its_headers_and_its_foot(proof: str) -> None:
    pages = printed(proofs(proof, [[f"kind {number}", "groep 4"] for number in range(100)]))
    assert [lines[-1] for lines in pages] == [
        f"De Regenboog 10 november Pagina {number} van {len(pages)}" for number in range(1, len(pages) + 1)
    ]
    assert len(pages) > 1
    assert [lines[0] for lines in pages[1:]] == ["Naam Groep"] * (len(pages) - 1)


def test_an_empty_list_says_so(proof: str) -> None:
    (lines,) = printed(proofs(proof, []))
    assert lines[2] == "Niets."


def test_several_are_made_at_once(proof: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda number: proofs(proof, [[f"kind {number}", "4"]]), range(16)))
    assert [printed(content)[0][3] for content in made] == [f"kind {number} 4" for number in range(16)]


@settings(max_examples=40, deadline=None)
@given(name=st.text(max_size=40))
def test_no_name_whatever_breaks_a_paper(proof: str, name: str) -> None:
    assert proofs(proof, [[name, name]], title=name, school=name).startswith(b"%PDF-")


def test_every_template_stands_in_the_folder_that_the_wheel_takes() -> None:
    assert {file.suffix for file in Path(paper.FOLDER).iterdir() if file.is_file()} <= {".py", ".typ"}
    assert (paper.FOLDER / "house.typ").exists()

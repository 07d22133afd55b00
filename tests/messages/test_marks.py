"""One sign for each thing: the templates take them from the one table."""

from pathlib import Path

from messages.marks import MARKS
from messages.text import TEMPLATES


def test_no_two_things_share_a_sign() -> None:
    assert len(set(MARKS.values())) == len(MARKS)


def test_no_template_holds_a_sign_of_its_own() -> None:
    files = [path for kind in ("*.html", "*.txt") for path in Path(TEMPLATES).rglob(kind)]
    assert [path.name for path in files for sign in MARKS.values() if sign in path.read_text(encoding="utf-8")] == []

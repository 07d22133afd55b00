"""Every word that a parent reads in the chat stands in every language that there is."""

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from messages.text import LOCALES, TEMPLATES, languages

ROOT = Path(__file__).parents[2]
KEYWORDS = {"say": None, "count": (1, 2), "_": None, "gettext": None, "ngettext": (1, 2)}


def spoken_in_the_chat() -> set[str]:
    code = extract_from_dir(str(ROOT / "bot"), [("**.py", "python")], keywords=KEYWORDS)
    options = {"**": {"trimmed": "false", "silent": "false"}}
    pages = extract_from_dir(
        str(TEMPLATES / "chat"), [("**.html", "jinja2.ext:babel_extract")], options, keywords=KEYWORDS
    )
    found: set[str] = set()
    for _, _, message, _, _ in (*code, *pages):
        found.update([message] if isinstance(message, str) else message)
    return found


def test_every_message_is_translated() -> None:
    wanted = spoken_in_the_chat()
    assert "Booked!" in wanted
    assert "Which day suits you?" in wanted
    for language in languages()[1:]:
        known = set()
        for path in (LOCALES / language).glob("*.po"):
            with path.open("rb") as source:
                known |= {str(one.id) for one in read_po(source) if one.id and one.string}
        assert sorted(wanted - known) == []


def test_no_translation_stands_there_for_nothing() -> None:
    with (LOCALES / "nl" / "chat.po").open("rb") as source:
        known = {str(one.id) for one in read_po(source) if one.id}
    assert sorted(known - spoken_in_the_chat()) == []

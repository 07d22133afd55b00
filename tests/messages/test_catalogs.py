"""Every word of the notices, the refusals and the mails stands in every language that there is."""

from pathlib import Path

from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po

from messages.notices import trouble
from messages.text import LOCALES, TEMPLATES, languages, words
from storage.outbox.queue import GAVE_UP, INTERRUPTED

MESSAGES = TEMPLATES.parent
OURS = ("calendar.py", "notices.py", "refusals.py", "sending/sender.py", "channels/mail.py", "channels/troubles.py")
KEYWORDS = {"say": None, "count": (1, 2), "N_": None, "Invalid": None, "gettext": None, "ngettext": (1, 2), "_": None}
OF_THE_MOMENTS = {  # storage.timezone refuses with these; nothing else of that folder is ours
    "%(moment)s does not exist: the clock is put forward then.",
    "%(moment)s happens twice: the clock is put back then.",
}


def said() -> set[str]:
    found: set[str] = {GAVE_UP, INTERRUPTED} | OF_THE_MOMENTS
    for name in OURS:
        for _, message, _, _ in extract_from_file("python", str(MESSAGES / name), keywords=KEYWORDS):
            found.update([message] if isinstance(message, str) else message)
    for suffix in ("txt", "html"):
        pages = extract_from_dir(
            str(TEMPLATES / "notices"),
            [(f"**.{suffix}", "jinja2.ext:babel_extract")],
            {"**": {"trimmed": "false", "silent": "false"}},
            keywords=KEYWORDS,
        )
        for _, _, message, _, _ in pages:
            found.update([message] if isinstance(message, str) else message)
    return {message for message in found if message}


def kept(*files: Path) -> set[str]:
    known: set[str] = set()
    for file in files:
        with file.open("rb") as source:
            for one in read_po(source):
                if one.id and one.string:
                    known.update([one.id] if isinstance(one.id, str) else one.id)
    return known


def test_every_message_is_translated() -> None:
    assert {"Talks tomorrow", "the mail address is refused", "That is not a mail address."} - said() == set()
    for language in languages()[1:]:
        assert sorted(said() - kept(*(LOCALES / language).glob("*.po"))) == []


def test_no_translation_stands_there_for_nothing() -> None:
    for language in languages()[1:]:
        ours = kept(LOCALES / language / "notices.po", LOCALES / language / "refusals.po")
        assert sorted(ours - said()) == []


def test_a_trouble_is_told_in_the_readers_language() -> None:
    assert trouble(f"{GAVE_UP}: the message is refused", words("nl")) == (
        "na twee dagen opgegeven: het bericht wordt geweigerd"
    )

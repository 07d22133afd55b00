"""The languages that there are. Light: the command line names them without loading a catalog or a template."""

from functools import lru_cache
from pathlib import Path

LOCALES = Path(__file__).parent / "locales"
SOURCE_LANGUAGE = "en"


@lru_cache
def languages() -> tuple[str, ...]:
    """English, and each folder of `locales`."""
    return (SOURCE_LANGUAGE, *sorted(folder.name for folder in LOCALES.iterdir() if any(folder.glob("*.po"))))


def spoken(*wanted: str | None) -> str:
    """The first of `wanted` (e.g. a choice, the phone's `nl-NL`, the school's) that we speak; else English."""
    for language in wanted:
        short = (language or "").replace("_", "-").split("-")[0].lower()
        if short in languages():
            return short
    return SOURCE_LANGUAGE

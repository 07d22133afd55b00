"""Words in the reader's language: gettext catalogs and jinja2 templates.

Messages are written in English in the code and templates; `locales/<language>/*.po` holds each language, a file per
area, read and merged at first use (no compiled files). Nothing here guesses a person's language: the caller gives it.
"""

import io
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from messages.languages import LOCALES as LOCALES
from messages.languages import SOURCE_LANGUAGE as SOURCE_LANGUAGE
from messages.languages import languages as languages
from messages.languages import spoken as spoken
from messages.marks import MARKS
from storage.timezone import to_local

TEMPLATES = Path(__file__).parent / "templates"


class Words:
    """One language: `say` translates, the others write days and times the way its readers do."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalog = _catalog(language)
        self._locale = Locale.parse(language)

    def say(self, message: str, **values: Any) -> str:
        """The message in this language, with %(name)s filled in."""
        translated = self._catalog.gettext(message) if message else ""
        return translated % values if values else translated

    def count(self, one: str, many: str, number: int, **values: Any) -> str:
        """As `say`, in the plural form that `number` takes; %(number)s is filled in too."""
        return self._catalog.ngettext(one, many, number) % {"number": number, **values}

    def day(self, moment: datetime | date, zone: str = "") -> str:
        """`Tuesday 24 November`."""
        return _plain(format_date(_local(moment, zone), "EEEE d MMMM", locale=self._locale))

    def year(self, moment: datetime, zone: str) -> str:
        """`2026`."""
        return str(to_local(moment, zone).year)

    def short_day(self, moment: datetime | date, zone: str = "") -> str:
        """`Tue 24 Nov`, for buttons."""
        return _plain(format_date(_local(moment, zone), "EEE d MMM", locale=self._locale)).replace(".", "")

    def date_alone(self, moment: datetime | date, zone: str = "") -> str:
        """`24 Nov`."""
        return _plain(format_date(_local(moment, zone), "d MMM", locale=self._locale)).replace(".", "")

    def time(self, moment: datetime, zone: str) -> str:
        """`14:20`."""
        return format_time(to_local(moment, zone).time(), "HH:mm", locale=self._locale)

    def moment(self, moment: datetime, zone: str) -> str:
        """`Tuesday 24 November, 14:20`."""
        return _plain(format_datetime(to_local(moment, zone), "EEEE d MMMM, HH:mm", locale=self._locale))

    def stamp(self, moment: datetime, zone: str) -> str:
        """`Tue 24 Nov 2026, 14:20`: where the year matters, as in what was done."""
        return _plain(format_datetime(to_local(moment, zone), "EEE d MMM yyyy, HH:mm", locale=self._locale))

    def dated(self, moment: datetime | date, zone: str = "") -> str:
        """`24 November 2026`."""
        return _plain(format_date(_local(moment, zone), "d MMMM yyyy", locale=self._locale))

    @property
    def right_to_left(self) -> bool:
        return str(self._locale.text_direction) == "rtl"

    @property
    def name(self) -> str:
        """The language in its own words: `Nederlands`."""
        return (self._locale.get_display_name(self._locale) or self.language).capitalize()


@lru_cache
def words(language: str) -> Words:
    """The words of a language that `spoken` gave."""
    return Words(language)


def environment(folder: Path, **more: Any) -> Environment:
    """A jinja2 environment over a folder of templates: escaping on, unknown names an error, {% trans %} known."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        **more,
    )


@lru_cache
def _environment(folder: Path, language: str) -> Environment:
    made = environment(folder)
    made.install_gettext_translations(_catalog(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["words"] = words(language)
    made.globals["marks"] = MARKS
    return made


def render(template: str, language: str, values: Mapping[str, Any], folder: Path = TEMPLATES) -> str:
    """A template of `folder` in a language. In it: {% trans %}, `words`, and the values."""
    return _environment(folder, language).get_template(template).render(values)


def markup(text: str) -> Markup:
    """Text that is HTML already, written by us."""
    return Markup(text)  # noqa: S704


@lru_cache
def _catalog(language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    merged: GNUTranslations | None = None
    for path in sorted((LOCALES / language).glob("*.po")):
        compiled = io.BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=language, domain=path.stem))
        compiled.seek(0)
        one = GNUTranslations(compiled)
        if merged is None:
            merged = one
        else:
            merged.add_fallback(one)
    return merged or NullTranslations()


def _local(moment: datetime | date, zone: str) -> datetime | date:
    return to_local(moment, zone) if isinstance(moment, datetime) and zone else moment


def _plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")

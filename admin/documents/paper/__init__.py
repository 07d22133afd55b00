"""What goes on paper: a typst template beside this file, filled with plain values, as a PDF.

The values go in as JSON and come out as typed: a name is never read as markup, whatever it holds (G15). A template
reads no file but `house.typ`, and no network. Nothing is translated here but the foot of the page: words go in
translated. A compile takes tens of milliseconds of CPU: call it from a plain `def` route, never on the event loop.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from messages.text import words

FOLDER = Path(__file__).parent
PDF = "application/pdf"
_FONTS = ("DejaVu Sans", "Libertinus Serif")  # the second comes with typst; others of the system fill their gaps
_NOT_PRINTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)  # the last three turn text round
_HALVES = re.compile("[\ud800-\udfff]")


def pdf(name: str, language: str, data: Mapping[str, Any]) -> bytes:
    """`<name>.typ` here, filled. `data` holds `title`, `school` and `made` (when, in words), and what the template
    asks for besides: texts, numbers, booleans, None, and lists and mappings of those. Pictures go in as SVG text.
    """
    speech = words(language)
    given = {
        "language": language,
        "right_to_left": speech.right_to_left,
        "fonts": [font for font in _FONTS if font in _known().families()],
        "page": speech.say("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        "data": _plain(data),
    }
    inputs = {"given": json.dumps(given, ensure_ascii=False)}
    made: bytes = typst.compile(str(FOLDER / f"{name}.typ"), root=str(FOLDER), font_paths=_known(), sys_inputs=inputs)
    return made


@lru_cache
def _known() -> typst.Fonts:
    """The fonts of the system and typst's own, sought once."""
    return typst.Fonts()


def _plain(value: Any) -> Any:
    """The value as JSON carries it, without what no page can show."""
    if isinstance(value, str):
        return _HALVES.sub("\N{REPLACEMENT CHARACTER}", _NOT_PRINTED.sub("", value))
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, date | datetime):
        raise TypeError("words go in translated: a moment is no text yet")
    if isinstance(value, Sequence | frozenset | set):
        return [_plain(one) for one in value]
    return value

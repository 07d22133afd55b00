"""The chat's pages as HTML, with the headers that keep them ours: no inline script or style, no frames, no caches."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.conversation import reads_only
from messages.screen import Button, Screen
from messages.text import markup, render
from messages.web_safety import HEADERS, attachment
from storage.access.chats import SchoolView

STATIC = Path(__file__).parent / "static"


def chat(language: str, school: SchoolView, screen: Screen, *, csrf: str, said: str, stand: str) -> Response:
    """The conversation: the newest message with its buttons, what the person said before it, a field to type in.

    `stand` is what the page's script compares: how the family's talks stood when it was drawn.
    """
    values = {
        "school": school,
        "screen": screen,
        "text": markup(screen.text),
        "banners": [markup(banner) for banner in screen.banners],
        "rows": [[_key(school.slug, button) for button in row] for row in screen.rows],
        "csrf": csrf,
        "said": said,
        "stand": stand,
        "version": version(),
    }
    return HTMLResponse(render("chat/page.html", language, values), headers=HEADERS)


def letter(language: str, school: SchoolView, token: str, *, csrf: str, trouble: str, telegram: str) -> Response:
    """What a letter's code opens: a button that comes in here, and one that leads to Telegram; or `trouble`."""
    values = {
        "school": school,
        "token": token,
        "csrf": csrf,
        "trouble": trouble,
        "telegram": telegram,
        "version": version(),
    }
    return HTMLResponse(render("chat/letter.html", language, values), headers=HEADERS)


def pick(
    language: str, wanted: str, found: Sequence[SchoolView], known: Sequence[SchoolView], *, unknown: bool
) -> Response:
    """Pick a school. `unknown`: the address led nowhere."""
    values = {"wanted": wanted, "found": found, "known": known, "unknown": unknown, "version": version()}
    page = render("chat/pick.html", language, values)
    return HTMLResponse(page, status_code=404 if unknown else 200, headers=HEADERS)


def refused(language: str, school: SchoolView) -> Response:
    """A form that is not ours, or a browser without cookies."""
    page = render("chat/refused.html", language, {"school": school, "version": version()})
    return HTMLResponse(page, status_code=403, headers=HEADERS)


def redirect(path: str) -> Response:
    """On to another page, read anew: after a form was sent."""
    return RedirectResponse(path, status_code=303, headers=HEADERS)


def file(content: bytes, kind: str, name: str) -> Response:
    """A download of this media type under this name."""
    headers = {**HEADERS, "Content-Disposition": attachment(name)}
    return Response(content, media_type=kind, headers=headers)


def stand(said: str) -> Response:
    """How the family's talks stand, for the script of an open page; nothing (204) where nobody is signed in."""
    return Response(said, status_code=200 if said else 204, media_type="text/plain", headers=HEADERS)


def css() -> Response:
    """The style of the chat's pages."""
    return _static("chat.css", "text/css")


def js() -> Response:
    """The script of the chat's pages, which work without it too."""
    return _static("chat.js", "text/javascript")


@lru_cache
def version() -> str:
    """Changes with the style or the script, so that browsers may keep them for long."""
    both = b"".join((STATIC / name).read_bytes() for name in ("chat.css", "chat.js"))
    return hashlib.sha256(both).hexdigest()[:12]


def _static(name: str, kind: str) -> Response:
    headers = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response((STATIC / name).read_bytes(), media_type=kind, headers=headers)


def _key(slug: str, button: Button) -> dict[str, object]:
    """A button for the page: a link where it only reads or opens, else a button that posts.

    Another school is another page here: its list of schools, not a question in this one.
    """
    packed = button.tap.pack() if button.tap else ""
    if packed == "other":
        return {"label": button.label, "tap": packed, "link": "/", "strong": button.strong}
    link = button.url or (f"/{slug}?at={packed}" if reads_only(packed) else "")
    return {"label": button.label, "tap": packed, "link": link, "strong": button.strong}

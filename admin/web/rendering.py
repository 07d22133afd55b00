"""How a page of the desk comes out: its template, the frame around it and the words of its reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from admin.web import cookies
from admin.web.desk import Desk, reading
from messages import text
from storage.msgids import N_

TEMPLATES = Path(__file__).parents[1] / "templates"
STATIC = Path(__file__).parents[1] / "static"


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the desk's navigation."""

    path: str
    label: str  # msgid
    administrators: bool = True  # for them alone


SECTIONS = (
    Section("/desk/students", N_("Students")),
    Section("/desk/families", N_("Families")),
    Section("/desk/plannings", N_("Plannings"), administrators=False),
    Section("/desk/invite", N_("Invite")),
    Section("/desk/school", N_("School")),
)


def show(desk: Desk, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """A page for somebody who is signed in.

    The template (below admin/templates, extending layout.html) knows: `desk`, `words`, `csrf` (the hidden field that
    every form must hold), `sections`, `here` (the path), `said`, and `values`.
    """
    path = desk.request.url.path
    sections = [
        (section, path == section.path or path.startswith(f"{section.path}/"))
        for section in (*SECTIONS, *((Section("/desk/mailbox", N_("Mailbox")),) if desk.mailbox else ()))
        if desk.administrator or not section.administrators
    ]
    idle = int(cookies.IDLE.total_seconds())
    frame: dict[str, Any] = {"desk": desk, "sections": sections, "said": cookies.said(desk.request), "idle": idle}
    return page(desk.request, template, desk.language, desk.csrf, status, {**frame, **values})


def show_outside(
    request: Request, template: str, csrf: str = "", status: int = 200, /, *, language: str = "", **values: Any
) -> HTMLResponse:
    """A page for somebody who is not signed in, in the language of the browser."""
    frame: dict[str, Any] = {"desk": None, "sections": [], "said": None}
    return page(request, template, language or reading(request), csrf, status, {**frame, **values})


def page(
    request: Request, template: str, language: str, csrf: str, status: int, values: Mapping[str, Any]
) -> HTMLResponse:
    """A template with what every page needs: words, languages, the address and, with `csrf`, the form's token."""
    hidden = text.markup('<input type="hidden" name="csrf" value="{}">').format(csrf) if csrf else ""
    more = {
        "csrf": hidden,
        "here": request.url.path,
        "languages": [text.words(language) for language in text.languages()],
        "static": _static,
    }
    return HTMLResponse(text.render(template, language, {**more, **values}, TEMPLATES), status)


def _static(name: str) -> str:
    """The address of a file in admin/static, new whenever it changes."""
    changed = (STATIC / name).stat().st_mtime_ns if (STATIC / name).exists() else 0
    return f"/desk/static/{name}?{changed // 1_000_000:x}"

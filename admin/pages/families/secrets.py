"""What families type beside a child's first name: which kinds can be chosen, who lacks what, and the hint (D8, D9)."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from admin.web.desk import Administrator, Desk
from admin.web.forms import Line, chosen
from admin.web.rendering import show
from messages import labels
from messages.text import markup, render, words
from storage.access import credentials, hints
from storage.refusals import Refused
from storage.words import SecretKind

router = APIRouter(prefix="/desk/families/secret")

MOST = 50  # families or collisions named for one kind; how many there are is told


@router.get("")
def secrets(desk: Administrator, kind: str = "") -> HTMLResponse:
    """The kinds of secret, and what choosing the one that was asked for would bring about."""
    return _page(desk, 200, SecretKind(kind) if kind in credentials.CHOICES else None)


@router.post("")
def choose(desk: Administrator, kind: Annotated[str, Form()] = "", hint: Line = "") -> Response:
    """Set the school's kind of secret and its hint; the page again with a sentence where it is refused."""
    choice = SecretKind(chosen(kind, tuple(map(str, credentials.CHOICES))))
    try:
        count = desk.database.work(
            credentials.choose, desk.school.id, desk.acting, choice, desk.settings.pepper, hint=hint
        )
    except Refused as refused:
        return _page(desk, 422, choice, hint, desk.told(refused))
    said = desk.words.count(
        "%(number)s family signs in with %(kind)s from now on.",
        "%(number)s families sign in with %(kind)s from now on.",
        count,
        kind=labels.kind(choice, desk.words),
    )
    return desk.go("/desk/families/secret", said)


@router.post("/hint")
def reword(desk: Administrator, hint: Line = "") -> Response:
    """The text alone; the kind stays."""
    try:
        desk.database.work(credentials.reword, desk.school.id, desk.acting, hint)
    except Refused as refused:
        return _page(desk, 422, desk.school.secret_kind, hint, desk.told(refused))
    return desk.go("/desk/families/secret", desk.words.say("Parents read this text from now on."))


def _page(desk: Desk, status: int, choice: SecretKind | None, hint: str | None = None, wrong: str = "") -> HTMLResponse:
    views = desk.database.read(credentials.kinds, desk.school.id)
    standing = next((view.kind for view in views if view.chosen), None)
    first = next((view.kind for view in views if view.offered), None)
    looked_at = choice or standing or first or SecretKind.POSTCODE_HOUSE_NUMBER
    if hint is None:
        hint = desk.school.hint if hints.fits(looked_at, desk.school.hint) or looked_at == standing else ""
    hint = hint or hints.default(looked_at, desk.school.language)
    return show(
        desk,
        "families/secret.html",
        status,
        views=views,
        view=next(view for view in views if view.kind == looked_at),
        standing=standing,
        hint=hint,
        asked=_asked(desk, hint),
        fits=hints.fits(looked_at, hint),
        bare=desk.database.read(credentials.bare, desk.school.id),
        kind={one: labels.kind(one, desk.words) for one in labels.KINDS},
        most=MOST,
        wrong=wrong,
    )


def _asked(desk: Desk, hint: str) -> dict[str, str]:
    """The chat's own screens, as a parent of this school reads them."""
    language = desk.school.language
    values = {"school": desk.school, "zone": desk.zone, "hint": hint}
    pages = {name: markup(_tidy(render(f"chat/{name}.html", language, values))) for name in ("first_name", "secret")}
    return {**pages, "example": words(language).say("First name of one child")}


def _tidy(text: str) -> str:
    """Without the empty lines that a template leaves; the bubble keeps the others."""
    lines = [line.strip() for line in text.strip().split("\n")]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept)

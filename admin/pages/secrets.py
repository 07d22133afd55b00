"""What families type beside a child's first name: which kinds can be chosen, who lacks what, and the hint (D8, D9)."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from admin.forms import Line, chosen
from admin.layout import show
from admin.sessions import Administrator, Desk
from messages import people
from storage.people import credentials, hints
from storage.words import Refused, SecretKind

router = APIRouter(prefix="/desk/families/secret")

MOST = 50  # families or collisions named for one kind; how many there are is told


@router.get("")
def secrets(desk: Administrator, kind: str = "") -> HTMLResponse:
    return _page(desk, 200, SecretKind(kind) if kind in credentials.CHOICES else None)


@router.post("")
def choose(desk: Administrator, kind: Annotated[str, Form()] = "", hint: Line = "") -> Response:
    choice = SecretKind(chosen(kind, tuple(map(str, credentials.CHOICES))))
    try:
        count = desk.database.work(
            credentials.choose, desk.school.id, choice, desk.by, desk.now, desk.settings.pepper, hint=hint
        )
    except Refused as refused:
        return _page(desk, 422, choice, hint, desk.told(refused))
    said = desk.words.count(
        "%(number)s family signs in with %(kind)s from now on.",
        "%(number)s families sign in with %(kind)s from now on.",
        count,
        kind=people.kind(choice, desk.words),
    )
    return desk.go("/desk/families/secret", said)


def _page(desk: Desk, status: int, choice: SecretKind | None, hint: str | None = None, wrong: str = "") -> HTMLResponse:
    views = desk.database.read(credentials.kinds, desk.school.id)
    standing = next((view.kind for view in views if view.chosen), None)
    first = next((view.kind for view in views if view.offered), None)
    looked_at = choice or standing or first or SecretKind.POSTCODE_HOUSE_NUMBER
    if hint is None:
        hint = desk.school.hint if hints.fits(looked_at, desk.school.hint) or looked_at == standing else ""
    return show(
        desk,
        "families/secret.html",
        status,
        views=views,
        view=next(view for view in views if view.kind == looked_at),
        standing=standing,
        hint=hint,
        default=hints.default(looked_at, desk.school.language),
        fits=not hint or hints.fits(looked_at, hint),
        bare=desk.database.read(credentials.bare, desk.school.id),
        kind={one: people.kind(one, desk.words) for one in people.KINDS},
        most=MOST,
        wrong=wrong,
    )

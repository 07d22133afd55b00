"""Families at the desk: the list, making them, and one family with all that is done by hand (D6, D7, D18)."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator
from sqlmodel import Session

from admin import typed
from admin.forms import Line
from admin.layout import show
from admin.sessions import Administrator, Desk
from messages import people
from messages.marking import N_
from storage.booking import reading
from storage.people import blocking, codes, families, family_views, making, merging
from storage.words import Refused

router = APIRouter(prefix="/desk/families")

Id = Annotated[int, Path(), AfterValidator(typed.known_id)]
SHOWS = {
    "": N_("all families"),
    "bare": N_("without a secret"),
    "not_linked": N_("no chat yet"),
    "blocked": N_("blocked"),
    "by_hand": N_("changed by hand"),
    "together": N_("children in two families"),
    "unreachable": N_("cannot be reached"),
}


@router.get("")
def families_list(desk: Administrator, q: str = "", only: str = "", page: int = 1) -> HTMLResponse:
    return _list(desk, q, only, page)


@router.get("/{family_id:int}")
def family(desk: Administrator, family_id: Id) -> HTMLResponse:
    return _page(desk, 200, family_id)


@router.get("/make")
def proposal(desk: Administrator) -> HTMLResponse:
    proposed = desk.database.read(making.propose, desk.school.id)
    return show(desk, "families/make.html", proposal=proposed, why=lambda one: desk.words.say(people.WHYS[one.why]))


@router.post("/make")
def make(desk: Administrator) -> Response:
    made = desk.database.work(making.make, desk.school.id, desk.by, desk.now, desk.settings.pepper)
    said = desk.words.say("Families made: %(families)s. Children who joined a family: %(joined)s.", **made.counts())
    if made.review:
        return desk.go("/desk/families/make", said)
    return desk.go("/desk/families", said)


@router.post("/together")
def together(desk: Administrator, family: Annotated[list[int], Form()] = []) -> Response:  # noqa: B006
    """From the review list: these families are one."""
    desk.database.work(_merge_all, desk, sorted({typed.known_id(one) for one in family}))
    return desk.go("/desk/families/make", desk.words.say("They are one family now."))


@router.post("/apart")
def apart(desk: Administrator, family: Annotated[list[int], Form()] = []) -> Response:  # noqa: B006
    """From the review list: these families are not one, and nobody asks again."""
    desk.database.work(families.keep_apart, desk.school.id, list(map(typed.known_id, family)), desk.by, desk.now)
    return desk.go("/desk/families/make", desk.words.say("They stay apart."))


@router.post("/{family_id:int}/name")
def rename(desk: Administrator, family_id: Id, name: Line = "") -> Response:
    return _change(desk, family_id, N_("The name has been changed."), families.rename, name)


@router.post("/{family_id:int}/email")
def email(desk: Administrator, family_id: Id, email: Line = "") -> Response:
    return _change(desk, family_id, N_("The e-mail address has been changed."), families.set_email, email)


@router.post("/{family_id:int}/code")
def code(desk: Administrator, family_id: Id, code: Line = "", remove: Annotated[bool, Form()] = False) -> Response:
    """The code is shown once, on this answer: it is kept keyed and in no cookie."""
    given = "" if remove else code
    if not remove and not given:
        given = codes.suggest_code()
    try:
        desk.database.work(codes.set_code, desk.school.id, family_id, given, desk.by, desk.now, desk.settings.pepper)
    except Refused as refused:
        return _page(desk, 422, family_id, desk.told(refused))
    if remove:
        return desk.go(f"/desk/families/{family_id}", desk.words.say("The code no longer lets anybody in."))
    return _page(desk, 200, family_id, code=given)


@router.post("/{family_id:int}/secret")
def give_secret(desk: Administrator, family_id: Id) -> Response:
    said = N_("This family signs in with the school's kind of secret now.")
    return _change(desk, family_id, said, codes.give_secret, keyed=True)


@router.post("/{family_id:int}/block")
def block(desk: Administrator, family_id: Id) -> Response:
    said = N_("This family is out: none of its chats can see or do anything. Its bookings stay.")
    return _change(desk, family_id, said, blocking.block)


@router.post("/{family_id:int}/admit")
def admit(desk: Administrator, family_id: Id) -> Response:
    return _change(desk, family_id, N_("This family may come in again."), blocking.admit)


@router.post("/{family_id:int}/merge")
def merge(desk: Administrator, family_id: Id, other: Annotated[int, Form()] = 0) -> Response:
    said = N_("They are one family now.")
    return _change(desk, family_id, said, merging.merge, typed.known_id(other), keyed=True)


@router.post("/{family_id:int}/move")
def move(
    desk: Administrator,
    family_id: Id,
    student: Annotated[int, Form()] = 0,
    to: Annotated[int, Form()] = 0,
    name: Line = "",
) -> Response:
    """A child to another family; `to` 0 is a new one."""
    values = (typed.known_id(student), family_id, typed.known_id(to) or None)
    try:
        target = desk.database.work(
            families.move, desk.school.id, *values, desk.by, desk.now, desk.settings.pepper, name
        )
    except Refused as refused:
        return _page(desk, 422, family_id, desk.told(refused))
    if not to:
        said = desk.words.say("The family has been made. It has no secret yet: give it one here.")
        return desk.go(f"/desk/families/{target}", said, kind="warn")
    return desk.go(f"/desk/families/{target}", desk.words.say("The child is in this family now."))


@router.post("/{family_id:int}/out")
def take_out(desk: Administrator, family_id: Id, student: Annotated[int, Form()] = 0) -> Response:
    """A child out of this family; it stays in its other one, or gets one of its own."""
    try:
        new = desk.database.work(
            families.take_out,
            desk.school.id,
            typed.known_id(student),
            family_id,
            desk.by,
            desk.now,
            desk.settings.pepper,
        )
    except Refused as refused:
        return _page(desk, 422, family_id, desk.told(refused))
    if new is None:
        return desk.go("/desk/families", desk.words.say("The child is no longer in that family."))
    said = desk.words.say("The child has a family of its own now. It has no secret yet: give it one here.")
    return desk.go(f"/desk/families/{new}", said, kind="warn")


def _merge_all(session: Session, desk: Desk, ids: list[int]) -> None:
    for other in ids[1:]:
        merging.merge(session, desk.school.id, ids[0], other, desk.by, desk.now, desk.settings.pepper)


def _change(
    desk: Desk, family_id: int, said: str, do: Callable[..., None], *values: Any, keyed: bool = False
) -> Response:
    """One change of one family, then its page with what was done; or the page with why not."""
    pepper = (desk.settings.pepper,) if keyed else ()
    try:
        desk.database.work(do, desk.school.id, family_id, *values, desk.by, desk.now, *pepper)
    except Refused as refused:
        return _page(desk, 422, family_id, desk.told(refused))
    return desk.go(f"/desk/families/{family_id}", desk.words.say(said))


def _list(desk: Desk, q: str, shown: str, page: int) -> HTMLResponse:
    shown = shown if shown in SHOWS else ""
    found = desk.database.read(
        family_views.families, desk.school.id, search=q[:200], show=shown, page=min(max(page, 1), 100_000)
    )
    counts = desk.database.read(family_views.counts, desk.school.id)
    shows = [(key, desk.words.say(label)) for key, label in SHOWS.items()]
    kind = {one: people.kind(one, desk.words) for one in people.KINDS}
    return show(desk, "families/list.html", found=found, counts=counts, shows=shows, q=q[:200], shown=shown, kind=kind)


def _page(desk: Desk, status: int, family_id: int, wrong: str = "", code: str = "") -> HTMLResponse:
    view = desk.database.read(family_views.family, desk.school.id, family_id)
    choices = desk.database.read(family_views.names, desk.school.id)
    return show(
        desk,
        "families/family.html",
        status,
        family=view,
        choices=[choice for choice in choices if choice[0] != family_id],
        bookings=desk.database.read(reading.bookings, desk.school.id, family_id=family_id),
        kind={one: people.kind(one, desk.words) for one in people.KINDS},
        suggested=codes.suggest_code(),
        wrong=wrong,
        code=code,
    )

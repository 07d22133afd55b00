"""What brings families together or takes them apart: each a page that says what will happen, then a button (D7, D18).

No page here changes anything when it is opened, and every step works without a script.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator
from sqlmodel import Session

from admin.pages.families.families import LONGEST_SEARCH, MOST_PAGE, said_of_families
from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.forms import Line
from admin.web.rendering import show
from storage.access import letters, links
from storage.booking import reading
from storage.booking.views import BookingView
from storage.families import blocking, families, family_list, family_views, merging
from storage.msgids import N_
from storage.refusals import Refused
from storage.words import AddressOwner

router = APIRouter(prefix="/desk/families")

Id = Annotated[int, Path(), AfterValidator(form_values.known_id)]
Ids = Annotated[list[int], Form()]
CHOICES = 20  # families to choose from on a page; a search finds the others
NEW = N_("The family has been made. It has no secret yet: give it one here.")


@router.get("/together")
def ask_together(desk: Administrator, family: Annotated[list[int], Query()] = []) -> HTMLResponse:  # noqa: B006
    """From the review list: are these one family?"""
    ids = sorted({form_values.known_id(one) for one in family})
    views = [desk.database.read(family_views.family, desk.school.id, one) for one in ids]
    return show(desk, "families/together.html", families=views)


@router.post("/together")
def together(desk: Administrator, family: Ids = []) -> Response:  # noqa: B006
    """Make one family of all that were ticked: the oldest takes in the others. Raises Refused as `merging.merge`."""
    desk.database.work(_merge_all, desk, sorted({form_values.known_id(one) for one in family}))
    return desk.go("/desk/families/make", desk.words.say("They are one family now."))


@router.post("/apart")
def apart(desk: Administrator, family: Ids = []) -> Response:  # noqa: B006
    """From the review list: these families are not one, and nobody asks again."""
    desk.database.work(families.keep_apart, desk.school.id, desk.acting, list(map(form_values.known_id, family)))
    return desk.go("/desk/families/make", desk.words.say("They stay apart."))


@router.get("/{family_id:int}/merge")
def ask_merge(desk: Administrator, family_id: Id, other: int = 0, q: str | None = None, page: int = 1) -> HTMLResponse:
    """Choose the other family (those of one name first), then look at what comes together."""
    if other:
        return _merge_page(desk, 200, family_id, form_values.known_id(other))
    own = desk.database.read(family_views.family, desk.school.id, family_id)
    return _choose(desk, "families/merge_with.html", q if q is not None else own.name, page, {family_id}, family=own)


@router.post("/{family_id:int}/merge")
def merge(desk: Administrator, family_id: Id, other: Annotated[int, Form()] = 0) -> Response:
    """Make one family of two; the page again with a sentence where they cannot be."""
    other_id = form_values.known_id(other)
    try:
        desk.database.work(merging.merge, desk.school.id, desk.acting, family_id, other_id, desk.settings.pepper)
    except Refused as refused:
        return _merge_page(desk, 422, family_id, other_id, desk.told(refused))
    return desk.go(f"/desk/families/{family_id}", desk.words.say("They are one family now."))


@router.get("/{family_id:int}/split")
def ask_split(desk: Administrator, family_id: Id) -> HTMLResponse:
    """The page that asks which children go to a family of their own."""
    return _split_page(desk, 200, family_id)


@router.post("/{family_id:int}/split")
def split(desk: Administrator, family_id: Id, student: Ids = [], name: Line = "") -> Response:  # noqa: B006
    """Put the ticked children into a new family; the page again with a sentence where that cannot be."""
    chosen = sorted({form_values.known_id(one) for one in student})
    values = family_id, chosen, desk.settings.pepper, name
    try:
        new = desk.database.work(families.split, desk.school.id, desk.acting, *values)
    except Refused as refused:
        return _split_page(desk, 422, family_id, frozenset(chosen), name, desk.told(refused))
    return desk.go(f"/desk/families/{new}", desk.words.say(NEW), kind="warn")


@router.get("/{family_id:int}/move/{student_id:int}")
def ask_move(
    desk: Administrator, family_id: Id, student_id: Id, to: int = 0, q: str = "", page: int = 1
) -> HTMLResponse:
    """A child to another family: which one, then what will happen."""
    return _place(desk, 200, student_id, family_id, form_values.known_id(to), q, page)


@router.post("/{family_id:int}/move")
def move(
    desk: Administrator,
    family_id: Id,
    student: Annotated[int, Form()] = 0,
    to: Annotated[int, Form()] = 0,
    name: Line = "",
) -> Response:
    """A child to another family; `to` 0 is a new one."""
    student_id, target = form_values.known_id(student), form_values.known_id(to) or None
    values = student_id, family_id, target, desk.settings.pepper, name
    try:
        new = desk.database.work(families.move, desk.school.id, desk.acting, *values)
    except Refused as refused:
        return _place(desk, 422, student_id, family_id, target or 0, wrong=desk.told(refused), name=name)
    return _placed(desk, new, made=target is None)


@router.post("/{family_id:int}/out")
def take_out(desk: Administrator, family_id: Id, student: Annotated[int, Form()] = 0) -> Response:
    """A child out of this family; it stays in its other one, or gets one of its own."""
    student_id = form_values.known_id(student)
    values = student_id, family_id, desk.settings.pepper
    try:
        new = desk.database.work(families.take_out, desk.school.id, desk.acting, *values)
    except Refused as refused:
        return _place(desk, 422, student_id, family_id, wrong=desk.told(refused))
    if new is not None:
        return _placed(desk, new, made=True)
    return desk.go("/desk/families", desk.words.say("The child is no longer in that family."))


@router.get("/extra/{student_id:int}")
def ask_extra(desk: Administrator, student_id: Id, to: int = 0, q: str = "", page: int = 1) -> HTMLResponse:
    """One more family for a child (parents who live apart), or its first."""
    return _place(desk, 200, student_id, None, form_values.known_id(to), q, page)


@router.post("/extra/{student_id:int}")
def extra(
    desk: Administrator,
    student_id: Id,
    to: Annotated[int, Form()] = 0,
    name: Line = "",
    address: Annotated[list[str], Form()] = [],  # noqa: B006
    owner: Annotated[list[str], Form()] = [],  # noqa: B006
) -> Response:
    """Give a child its second family: an existing one, or a new one where none was chosen.

    `owner` says of each `address` whose it is (AddressOwner), in the same order.
    """
    target = form_values.known_id(to) or None
    said = {one: AddressOwner(whose) for one, whose in zip(address, owner, strict=False) if whose in set(AddressOwner)}
    values = student_id, target, desk.settings.pepper, name, said
    try:
        new = desk.database.work(families.add, desk.school.id, desk.acting, *values)
    except Refused as refused:
        return _place(desk, 422, student_id, None, target or 0, wrong=desk.told(refused), name=name, owners=said)
    return _placed(desk, new, made=target is None)


@router.get("/{family_id:int}/block")
def ask_block(desk: Administrator, family_id: Id) -> HTMLResponse:
    """Says what blocking would do, with the bookings that would stay, and asks."""
    family = desk.database.read(family_views.family, desk.school.id, family_id)
    return show(desk, "families/block.html", family=family, bookings=_ahead(desk, family_id))


@router.post("/{family_id:int}/block")
def block(desk: Administrator, family_id: Id) -> Response:
    """Shut a family out of every chat at once; its bookings stay."""
    desk.database.work(blocking.block, desk.school.id, desk.acting, family_id)
    said = desk.words.say("This family is out: none of its chats can see or do anything. Its bookings stay.")
    return desk.go(f"/desk/families/{family_id}", said)


@router.get("/{family_id:int}/chats/{link_id:int}")
def ask_unlink(desk: Administrator, family_id: Id, link_id: Id) -> HTMLResponse:
    """Asks whether a chat is to be cut off from its family; 404 where it is not linked."""
    family = desk.database.read(family_views.family, desk.school.id, family_id)
    chat = next((one for one in family.chats if one.id == link_id), None)
    return show(desk, "families/chat.html", 200 if chat else 404, family=family, chat=chat)


@router.post("/{family_id:int}/chats/{link_id:int}")
def unlink(desk: Administrator, family_id: Id, link_id: Id) -> Response:
    """A phone that was lost is logged out."""
    desk.database.work(links.unlink, desk.school.id, desk.acting, family_id, link_id)
    return desk.go(f"/desk/families/{family_id}", desk.words.say("That chat is logged out: it sees nothing any more."))


@router.post("/{family_id:int}/letters/withdraw")
def withdraw(desk: Administrator, family_id: Id) -> Response:
    """Make the letters of one family worthless."""
    desk.database.work(letters.withdraw, desk.school.id, desk.acting, family_id)
    return desk.go(f"/desk/families/{family_id}", desk.words.say("Letters that are out do not work any more."))


def _merge_all(session: Session, desk: Desk, ids: list[int]) -> None:
    for other in ids[1:]:
        merging.merge(session, desk.school.id, desk.acting, ids[0], other, desk.settings.pepper)


def _merge_page(desk: Desk, status: int, family_id: int, other: int, wrong: str = "") -> HTMLResponse:
    try:
        seen = desk.database.read(merging.merging, desk.school.id, family_id, other, desk.now)
    except Refused as refused:
        own = desk.database.read(family_views.family, desk.school.id, family_id)
        return _choose(
            desk, "families/merge_with.html", own.name, 1, {family_id}, 422, family=own, wrong=desk.told(refused)
        )
    return show(desk, "families/merge.html", status, merging=seen, wrong=wrong)


def _split_page(
    desk: Desk, status: int, family_id: int, chosen: frozenset[int] = frozenset(), name: str = "", wrong: str = ""
) -> HTMLResponse:
    family = desk.database.read(family_views.family, desk.school.id, family_id)
    talks = _ahead(desk, family_id)
    values = {"family": family, "chosen": chosen, "name": name or family.name, "wrong": wrong}
    return show(desk, "families/split.html", status, talks=talks, booked={one.student_id for one in talks}, **values)


def _place(
    desk: Desk,
    status: int,
    student_id: int,
    family_id: int | None,
    to: int = 0,
    q: str = "",
    page: int = 1,
    *,
    wrong: str = "",
    name: str = "",
    owners: Mapping[str, AddressOwner] | None = None,
) -> HTMLResponse:
    """Where a child goes: out of `family_id`, or (None) to one more."""
    child = desk.database.read(family_views.placed, desk.school.id, student_id)
    out = None
    if family_id is not None:
        out = desk.database.read(family_views.family, desk.school.id, family_id)
    target = desk.database.read(family_views.family, desk.school.id, to) if to else None
    talks = [one for one in _ahead(desk, family_id) if one.student_id == student_id] if family_id else []
    own = {id_ for id_, _ in child.families}
    values = {"child": child, "out": out, "target": target, "talks": talks, "wrong": wrong, "owners": owners or {}}
    return _choose(desk, "families/place.html", q, page, own, status, name=name or child.family_name, **values)


def _choose(
    desk: Desk, template: str, q: str, page: int, without: set[int], status: int = 200, /, **values: Any
) -> HTMLResponse:
    """A page with families to choose from, once something is sought."""
    q = " ".join(q[:LONGEST_SEARCH].split())
    found = None
    if q:
        page = min(max(page, 1), MOST_PAGE)
        found = desk.database.read(family_list.families, desk.school.id, search=q, page=page, size=CHOICES)
    lines = [line for line in found.lines if line.id not in without] if found else []
    more = {"wrong": ""} | values | said_of_families(desk)
    return show(desk, template, status, q=q, found=found, lines=lines, **more)


def _ahead(desk: Desk, family_id: int) -> list[BookingView]:
    """The family's talks that are not over."""
    held = desk.database.read(reading.bookings, desk.school.id, family_id=family_id)
    return [one for one in held if one.end > desk.now]


def _placed(desk: Desk, family_id: int, *, made: bool) -> Response:
    path = f"/desk/families/{family_id}"
    if made:
        return desk.go(path, desk.words.say(NEW), kind="warn")
    return desk.go(path, desk.words.say("The child is in this family now."))

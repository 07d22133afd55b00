"""A new school year at the desk: where each group goes, a look at what comes of it, then all of it at once (D19)."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.rendering import show
from storage.refusals import Invalid, Refused
from storage.school_year import promotion
from storage.school_year.next_groups import Destination, NextGroup, Picture
from storage.school_year.preview import preview

router = APIRouter(prefix="/desk/students/year")

LONGEST_NAME = 200  # of what is typed; storage says how long a name may be


@router.get("")
def groups(desk: Administrator) -> HTMLResponse:
    """Every group with children, and what we think of it."""
    picture = _picture(desk)
    return _groups(desk, 200, picture, {group.id: group.way for group in picture.groups})


@router.get("/check")
def check(
    desk: Administrator,
    group: Annotated[list[int], Query()] = [],  # noqa: B006
    way: Annotated[list[str], Query()] = [],  # noqa: B006
    name: Annotated[list[str], Query()] = [],  # noqa: B006
) -> HTMLResponse:
    """What would come of it. Changes nothing."""
    picture = _picture(desk)
    try:
        ways = _ways(group, way, name)
    except Refused as refused:
        return _groups(desk, 422, picture, {one.id: one.way for one in picture.groups}, desk.told(refused))
    nameless = [one for one in ways.values() if one.goes is Destination.NEW and not one.name.strip()]
    if nameless:
        return _groups(desk, 422, picture, ways, desk.sentence(Invalid("A new group needs a name.")))
    return show(desk, "year/check.html", picture=picture, found=preview(picture, ways), Destination=Destination)


@router.post("")
def go_up(
    desk: Administrator,
    group: Annotated[list[int], Form()] = [],  # noqa: B006
    way: Annotated[list[str], Form()] = [],  # noqa: B006
    name: Annotated[list[str], Form()] = [],  # noqa: B006
    stay: Annotated[list[str], Form()] = [],  # noqa: B006
    mark: Annotated[str, Form(max_length=64)] = "",
    again: Annotated[bool, Form()] = False,
) -> Response:
    """All of it, or nothing."""
    try:
        done = desk.database.work(
            promotion.go_up,
            desk.school.id,
            desk.acting,
            _ways(group, way, name),
            _staying(stay),
            mark=mark,
            again=again,
        )
    except Refused as refused:
        picture = _picture(desk)
        return _groups(desk, 422, picture, {one.id: one.way for one in picture.groups}, desk.told(refused))
    said = desk.words.say(
        "The new school year stands. Children in another group: %(moved)s. Children who left: %(left)s.",
        moved=done.moved,
        left=done.left,
    )
    return desk.go("/desk/students/year", said)


def _picture(desk: Desk) -> Picture:
    return desk.database.read(promotion.picture, desk.school.id, desk.now)


def _groups(desk: Desk, status: int, picture: Picture, ways: dict[int, NextGroup], wrong: str = "") -> HTMLResponse:
    return show(desk, "year/groups.html", status, picture=picture, ways=ways, wrong=wrong, Destination=Destination)


def _ways(ids: list[int], ways: list[str], names: list[str]) -> dict[int, NextGroup]:
    """The three lists go side by side, a row of the page each. `way`: a word of Destination, or a group's id."""
    if not len(ids) == len(ways) == len(names):
        raise Refused(Invalid("Please choose from the list."))
    return {form_values.known_id(id_): _way(way, name) for id_, way, name in zip(ids, ways, names, strict=True)}


def _way(way: str, name: str) -> NextGroup:
    if way.isascii() and way.isdigit():
        return NextGroup(Destination.GROUP, form_values.known_id(int(way[:12])))
    if way not in (Destination.STAY, Destination.LEAVE, Destination.NEW):
        raise Refused(Invalid("Please choose from the list."))
    return NextGroup(Destination(way), name=name[:LONGEST_NAME] if way == Destination.NEW else "")


def _staying(ticked: list[str]) -> set[tuple[int, int]]:
    """`12-345`: group 12, student 345."""
    pairs = (one.split("-") for one in ticked)
    known = [pair for pair in pairs if len(pair) == 2 and all(part.isascii() and part.isdigit() for part in pair)]
    return {(int(group[:12]), int(student[:12])) for group, student in known}

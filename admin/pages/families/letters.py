"""A letter for each family, to print: whose, how many, and the file (D25).

Several groups are a PDF each in one ZIP, for the letters go home class by class: who prints a group's pile has no other
group's letter in hand, and a letter in the wrong schoolbag is a leak. One group, or one family, is that PDF itself.
"""

import io
import zipfile
from collections.abc import Iterable
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from admin.documents import paper
from admin.documents.paper.letters import content
from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.downloads import file_answer
from admin.web.rendering import show
from messages.text import words
from storage.access import letter_recipients, letters
from storage.access.letter_recipients import LetterSelection, Who
from storage.access.letters import Written
from storage.families import family_views, students
from storage.msgids import N_
from storage.refusals import Refused

router = APIRouter(prefix="/desk/families/letters")

WHOSE = {
    Who.ALL: N_("every family"),
    Who.UNLINKED: N_("families without a chat"),
    Who.BARE: N_("families without the school's kind of secret"),
}


@router.get("")
def choosing(desk: Administrator, who: str = "", family: int = 0, chosen: bool = False) -> HTMLResponse:
    """The groups are in the address as `group=1&group=2`; without `chosen` it is all of them."""
    picked = desk.request.query_params.getlist("group")
    ids = {form_values.known_id(int(one)) for one in picked if one.isascii() and one.isdigit() and len(one) < 11}
    return _page(desk, 200, _choice(who, family, ids if chosen else None))


@router.post("")
def make(
    desk: Administrator,
    who: Annotated[str, Form()] = "",
    family: Annotated[int, Form()] = 0,
    group: Annotated[list[int], Form()] = [],  # noqa: B006
    everybody: Annotated[bool, Form()] = False,
    coding: Annotated[bool, Form()] = False,
) -> Response:
    """The letters as a file. Their codes are in it alone: they are kept keyed, and made anew each time."""
    choice = _choice(who, family, None if everybody else {form_values.known_id(one) for one in group})
    try:
        made = desk.database.work(
            letters.write, desk.school.id, desk.acting, choice, desk.settings.pepper, coding=coding
        )
    except Refused as refused:
        return _page(desk, 422, choice, desk.told(refused))
    return _file(desk, made)


@router.post("/withdraw")
def withdraw(desk: Administrator) -> Response:
    """Make all letters of the school that are out worthless, and say how many they were."""
    gone = desk.database.work(letters.withdraw, desk.school.id, desk.acting)
    said = desk.words.count(
        "%(number)s letter does not work any more.", "%(number)s letters do not work any more.", gone
    )
    return desk.go("/desk/families/letters", said)


def _choice(who: str, family: int, ids: set[int] | None) -> LetterSelection:
    chosen = Who(who) if who in {one.value for one in Who} else Who.ALL
    return LetterSelection(None if ids is None else frozenset(ids), chosen, form_values.known_id(family) or None)


def _page(desk: Desk, status: int, choice: LetterSelection, wrong: str = "") -> HTMLResponse:
    to = desk.database.read(letter_recipients.letter_recipients, desk.school.id, choice)
    family = None
    if choice.family_id is not None:
        family = desk.database.read(family_views.family, desk.school.id, choice.family_id)
    return show(
        desk,
        "families/letters.html",
        status,
        choice=choice,
        to=to,
        piles=[(name, sum(1 for _ in pile)) for name, pile in groupby(to, key=lambda one: one.group)],
        coded=sum(one.coded for one in to),
        groups=desk.database.read(students.groups, desk.school.id),
        family=family,
        whose=[(who.value, desk.words.say(label)) for who, label in WHOSE.items()],
        standing=desk.database.read(letters.standing, desk.school.id, desk.now, choice.family_id),
        bot=desk.settings.telegram_bot_name,
        wrong=wrong,
    )


def _file(desk: Desk, made: tuple[Written, ...]) -> Response:
    piles = [(name, list(pile)) for name, pile in groupby(made, key=lambda one: one.to.group)]
    said = words(desk.school.language)
    if len(made) == 1:
        name = f"{said.say('letter')} {made[0].to.family}"
        return file_answer(_pdf(desk, made), f"{name}.pdf", paper.PDF)
    if len(piles) == 1:
        return file_answer(_pdf(desk, made), f"{_pile_name(desk, piles[0][0])}.pdf", paper.PDF)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, pile) in enumerate(piles, 1):
            archive.writestr(f"{number:02} {_pile_name(desk, name).replace('/', '-')}.pdf", _pdf(desk, pile))
    return file_answer(packed.getvalue(), f"{said.say('letters')} {desk.school.slug}.zip", "application/zip")


def _pdf(desk: Desk, pile: Iterable[Written]) -> bytes:
    return paper.pdf("letter", desk.school.language, content(desk.school, desk.settings, pile, desk.now))


def _pile_name(desk: Desk, group: str) -> str:
    said = words(desk.school.language)
    return f"{said.say('letters')} {group or said.say('without a group')}"

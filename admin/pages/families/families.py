"""Families at the desk: the list, making them, who can be reached, and one family with its own small changes
(D6, D7, D18).

What brings families together or takes them apart is `changes`: each of those is a page of its own.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator
from sqlmodel import Session

from admin.web import form_values
from admin.web.desk import Administrator, Desk
from admin.web.forms import Line
from admin.web.rendering import show
from messages import labels
from messages.notices import trouble
from storage.access import codes, letters
from storage.booking import reading
from storage.families import blocking, families, family_list, family_views, proposals, reachability, students
from storage.families.reachability import Channel
from storage.msgids import N_
from storage.refusals import Refused
from storage.words import Acting, Recipient

router = APIRouter(prefix="/desk/families")

Id = Annotated[int, Path(), AfterValidator(form_values.known_id)]
LONGEST_SEARCH = 100
MOST_PAGE = 100_000
SHOWS = {
    "": N_("all families"),
    "bare": N_("without a secret"),
    "not_linked": N_("no chat yet"),
    "telegram": N_("reached in Telegram"),
    "mail": N_("reached by mail"),
    "page": N_("only on the chat page"),
    "unreachable": N_("cannot be reached"),
    "troubled": N_("a message did not arrive"),
    "blocked": N_("blocked"),
    "by_hand": N_("changed by hand"),
    "together": N_("children in two families"),
}
WAYS = {
    Channel.TELEGRAM: (N_("in Telegram"), "good"),
    Channel.MAIL: (N_("by mail"), "good"),
    Channel.PAGE: (N_("only on the chat page"), "warn"),
    Channel.NONE: (N_("not at all"), "bad"),
}
RECIPIENTS = {
    Recipient.CHAT: N_("chat"),
    Recipient.FAMILY: N_("mail"),
    Recipient.TEACHER: N_("mail to a teacher"),
    Recipient.STAFF: N_("mail to the desk"),
}


@router.get("")
def families_list(desk: Administrator, q: str = "", only: str = "", group: str = "", page: int = 1) -> HTMLResponse:
    """One page of the school's families: those that fit `q`, `only` (a key of SHOWS) and the group of an id."""
    shown, search = only if only in SHOWS else "", " ".join(q[:LONGEST_SEARCH].split())
    group_id = form_values.known_id(int(group)) if group.isascii() and group.isdigit() and len(group) < 11 else None
    found = desk.database.read(
        family_list.families,
        desk.school.id,
        search=search,
        show=shown,
        group_id=group_id,
        page=min(max(page, 1), MOST_PAGE),
    )
    return show(
        desk,
        "families/list.html",
        found=found,
        counts=desk.database.read(family_views.counts, desk.school.id),
        groups=desk.database.read(students.groups, desk.school.id),
        shows=[(key, desk.words.say(label)) for key, label in SHOWS.items()],
        asked={name: value for name, value in (("q", search), ("only", shown), ("group", group_id)) if value},
        q=search,
        shown=shown,
        group=group_id,
        **said_of_families(desk),
    )


@router.get("/reach")
def reach(desk: Administrator) -> HTMLResponse:
    """Who can be told anything, and how; and what could not be delivered (M3)."""
    return show(
        desk,
        "families/reach.html",
        reach=desk.database.read(reachability.reach, desk.school.id),
        unsent=desk.database.read(reachability.unsent, desk.school.id),
        lost=desk.database.read(reachability.lost, desk.school.id),
        why=lambda said: trouble(said, desk.words),
        recipient=lambda one: desk.words.say(RECIPIENTS[one]),
    )


@router.get("/make")
def proposal(desk: Administrator) -> HTMLResponse:
    """Which families would be made of the children without one, and why."""
    proposed = desk.database.read(proposals.propose, desk.school.id)
    return show(desk, "families/make.html", proposal=proposed, why=lambda one: desk.words.say(labels.WHYS[one.why]))


@router.post("/make")
def make(desk: Administrator) -> Response:
    """Make the families that are proposed, and go where something is left to do."""
    made = desk.database.work(proposals.make, desk.school.id, desk.acting, desk.settings.pepper)
    said = desk.words.say("Families made: %(families)s. Children who joined a family: %(joined)s.", **made.counts())
    if made.review:
        return desk.go("/desk/families/make", said)
    chosen = desk.school.secret_kind is not None
    return desk.go("/desk/families" if chosen else "/desk/families/secret", said)


@router.get("/{family_id:int}")
def family(desk: Administrator, family_id: Id) -> HTMLResponse:
    """One family: its children, chats, bookings and way of signing in."""
    return _page(desk, 200, family_id)


@router.post("/{family_id:int}/name")
def rename(desk: Administrator, family_id: Id, name: Line = "") -> Response:
    """Change the family's name."""
    return _change(desk, family_id, partial(families.rename, name=name), N_("The name has been changed."))


@router.post("/{family_id:int}/email")
def email(desk: Administrator, family_id: Id, email: Line = "") -> Response:
    """Change where mail for the family goes; empty is to its children's address."""
    said = N_("The e-mail address has been changed.")
    return _change(desk, family_id, partial(families.set_email, email=email), said)


@router.post("/{family_id:int}/code")
def code(desk: Administrator, family_id: Id, code: Line = "", remove: Annotated[bool, Form()] = False) -> Response:
    """The code is shown once, on this answer: it is kept keyed and in no cookie."""
    given = "" if remove else code
    if not remove and not given:
        given = codes.suggest_code()
    try:
        desk.database.work(codes.set_code, desk.school.id, desk.acting, family_id, given, desk.settings.pepper)
    except Refused as refused:
        return _page(desk, 422, family_id, desk.told(refused))
    if remove:
        return desk.go(f"/desk/families/{family_id}", desk.words.say("The code no longer lets anybody in."))
    return _page(desk, 200, family_id, code=given)


@router.post("/{family_id:int}/secret")
def give_secret(desk: Administrator, family_id: Id) -> Response:
    """Give a family made by hand the school's kind of secret."""
    said = N_("This family signs in with the school's kind of secret now.")
    return _change(desk, family_id, partial(codes.give_secret, pepper=desk.settings.pepper), said)


@router.post("/{family_id:int}/admit")
def admit(desk: Administrator, family_id: Id) -> Response:
    """Let a blocked family in again."""
    return _change(desk, family_id, blocking.admit, N_("This family may come in again."))


def said_of_families(desk: Desk) -> dict[str, Any]:
    """What templates need to speak of families: `kind` of secret, and `way` in which one is reached with its colour."""
    return {
        "kind": {one: labels.kind(one, desk.words) for one in labels.KINDS},
        "way": {one: (desk.words.say(label), colour) for one, (label, colour) in WAYS.items()},
    }


def _change(desk: Desk, family_id: int, do: Callable[[Session, int, Acting, int], None], said: str) -> Response:
    """One change of one family, then its page, which says so once; or the page with why not."""
    try:
        desk.database.work(do, desk.school.id, desk.acting, family_id)
    except Refused as refused:
        return _page(desk, 422, family_id, desk.told(refused))
    return desk.go(f"/desk/families/{family_id}", desk.words.say(said))


def _page(desk: Desk, status: int, family_id: int, wrong: str = "", code: str = "") -> HTMLResponse:
    return show(
        desk,
        "families/family.html",
        status,
        family=desk.database.read(family_views.family, desk.school.id, family_id),
        bookings=desk.database.read(reading.bookings, desk.school.id, family_id=family_id),
        letters=desk.database.read(letters.standing, desk.school.id, desk.now, family_id),
        suggested=codes.suggest_code(),
        why=lambda said: trouble(said, desk.words),
        wrong=wrong,
        code=code,
        **said_of_families(desk),
    )

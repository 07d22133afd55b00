"""Inviting parents (D2): the address to pass on, letters, and a message to those who have not booked.

The message is seen exactly as a parent gets it before it goes out, and goes out once a day for each family. Nobody is
told who has nothing left to book: that is asked again at the last moment.
"""

import io
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

import segno
from fastapi import APIRouter, Form, HTTPException, Query
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from admin.pages.plannings.plannings import Id
from admin.web.desk import Administrator, Desk
from admin.web.downloads import file_answer
from admin.web.form_values import known_id
from admin.web.rendering import show
from messages.notices import Banner, MailText, banner, mail_text
from messages.text import markup
from storage.families.reachability import Channel
from storage.notices import invitations, unbooked
from storage.notices.contents import NoticeContents
from storage.notices.invitations import LONGEST
from storage.notices.unbooked import OpenConference, Unbooked
from storage.outbox.recipients import ChatView
from storage.refusals import NotFound, Refused
from storage.words import ChatKind, NoticeKind

router = APIRouter(prefix="/desk/invite")
PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
NAMES_SHOWN = 8
PREVIEWED = 5  # families among whom one that signs in as most do is sought
Groups = Annotated[list[int], Form()]


@dataclass(frozen=True, slots=True)
class _Preview:
    """The message of one family in the list, in its chat and by mail."""

    family_id: int
    family: str
    chat: Banner
    mail: MailText


@dataclass(frozen=True, slots=True)
class _Audience:
    """The families that a message would go to, by how they are reached."""

    families: tuple[Unbooked, ...]

    def count(self, *ways: Channel) -> int:
        return sum(one.way in ways for one in self.families)

    @property
    def reached(self) -> tuple[Unbooked, ...]:
        return tuple(one for one in self.families if one.reached)

    @property
    def unreached(self) -> tuple[Unbooked, ...]:
        return tuple(one for one in self.families if not one.reached)

    @property
    def told(self) -> int:
        return sum(one.told for one in self.families)

    @property
    def new(self) -> int:
        return sum(not one.told for one in self.reached)


@router.get("")
def invite_page(
    desk: Administrator,
    conference: int = 0,
    group: Annotated[list[int], Query()] = [],  # noqa: B006
) -> HTMLResponse:
    """`conference` and `group`: what is chosen and ticked beforehand."""
    conferences = desk.database.read(unbooked.open_conferences, desk.school.id, desk.now)
    chosen = next((one for one in conferences if one.id == conference), conferences[0] if conferences else None)
    return _page(desk, conferences, chosen, group)


@router.get("/qr/{file}")
def picture(desk: Administrator, file: str, keep: bool = False) -> Response:
    """`web.svg`, `web.png`, and with a bot `telegram.svg`, `telegram.png`: the code of an address; `keep` as a file."""
    name, _, kind = file.partition(".")
    address = _addresses(desk).get(name)
    if not address or kind not in PICTURES:
        raise HTTPException(404)
    drawn = io.BytesIO()
    looks = {"scale": 10} if kind == "png" else {"xmldecl": False}
    segno.make(address, error="m", micro=False).save(drawn, kind=kind, border=4, light="#fff", **looks)
    content = drawn.getvalue()
    if keep:
        return file_answer(content, f"{desk.school.name} {name}.{kind}", PICTURES[kind])
    return Response(content, media_type=PICTURES[kind], headers={"Content-Disposition": "inline"})


@router.post("/{conference_id}")
def write(
    desk: Administrator,
    conference_id: Id,
    text: Annotated[str, Form(max_length=LONGEST * 4)] = "",
    group: Groups = [],  # noqa: B006
) -> Response:
    """Keep the school's own words, then show what parents get."""
    try:
        desk.database.work(invitations.keep_text, desk.school.id, desk.acting, conference_id, text)
    except Refused as refused:
        wrong = desk.told(refused)
        conferences = desk.database.read(unbooked.open_conferences, desk.school.id, desk.now)
        chosen = next((replace(one, text=text) for one in conferences if one.id == conference_id), None)
        return _page(desk, conferences, chosen, group, wrong, 422)
    return desk.go(_there(conference_id, group))


@router.get("/{conference_id}")
def check(desk: Administrator, conference_id: Id, group: Annotated[list[int], Query()] = []) -> HTMLResponse:  # noqa: B006
    """Whom a message about a conference would reach, how, and what it says, before it is sent."""
    groups = [known_id(one) for one in group]
    found = _conference(desk, conference_id)
    audience = _Audience(desk.database.read(unbooked.unbooked, desk.school.id, conference_id, desk.now, groups))
    preview = desk.database.read(_preview, desk, conference_id, audience.reached or audience.families)
    return show(
        desk,
        "invite/check.html",
        conference=found,
        audience=audience,
        names=[one.name for one in audience.unreached[:NAMES_SHOWN]],
        preview=preview,
        groups=[(id_, name) for id_, name in found.groups if id_ in groups],
        ways=Channel,
        no_mail=not (desk.settings.smtp_url.get_secret_value() or desk.mailbox),
    )


@router.post("/{conference_id}/test")
def send_test(desk: Administrator, conference_id: Id, group: Groups = []) -> Response:  # noqa: B006
    """The message as it is shown, by mail to whoever asks."""
    groups = [known_id(one) for one in group]
    desk.database.work(_send_test, desk, conference_id, groups)
    said = desk.words.say("The message is on its way to %(email)s.", email=desk.staff.email)
    return desk.go(_there(conference_id, groups), said)


@router.post("/{conference_id}/send")
def send(desk: Administrator, conference_id: Id, group: Groups = []) -> Response:  # noqa: B006
    """Send the message to those who have not booked; back with a sentence where it is refused."""
    groups = [known_id(one) for one in group]
    try:
        sent = desk.database.work(invitations.invite, desk.school.id, desk.acting, conference_id, groups)
    except Refused as refused:
        return desk.go("/desk/invite", desk.told(refused), kind="warn")
    said = desk.words.count(
        "The message is on its way to %(number)s family.",
        "The message is on its way to %(number)s families.",
        sent.families,
    )
    return desk.go("/desk/invite", said)


def _page(
    desk: Desk,
    conferences: tuple[OpenConference, ...],
    chosen: OpenConference | None,
    ticked: list[int],
    wrong: str = "",
    status: int = 200,
) -> HTMLResponse:
    waiting: tuple[Unbooked, ...] = ()
    if chosen is not None:
        waiting = desk.database.read(unbooked.unbooked, desk.school.id, chosen.id, desk.now)
    return show(
        desk,
        "invite/page.html",
        status,
        addresses=_addresses(desk),
        conferences=conferences,
        conference=chosen,
        ticked=ticked,
        waiting=len(waiting),
        sendings=desk.database.read(invitations.sendings, desk.school.id),
        longest=LONGEST,
        wrong=wrong,
    )


def _there(conference_id: int, groups: list[int]) -> str:
    """The page that shows what parents of these groups get."""
    query = urlencode([("group", known_id(one)) for one in groups])
    return f"/desk/invite/{conference_id}" + (f"?{query}" if query else "")


def _addresses(desk: Desk) -> dict[str, str]:
    """Where parents come in: in the browser, and in Telegram where there is a bot with a known name."""
    found = {"web": f"{desk.settings.base_url}/{desk.school.slug}"}
    if desk.settings.telegram_bot_name:
        found["telegram"] = f"https://t.me/{desk.settings.telegram_bot_name}?start={desk.school.slug}"
    return found


def _conference(desk: Desk, conference_id: int) -> OpenConference:
    """Raises Refused(NotFound) for what nobody can sign up for."""
    for one in desk.database.read(unbooked.open_conferences, desk.school.id, desk.now):
        if one.id == conference_id:
            return one
    raise Refused(NotFound("conference"))


def _preview(session: Session, desk: Desk, conference_id: int, families: tuple[Unbooked, ...]) -> _Preview | None:
    """The message of one of these families, of the first that signs in with what the school chose."""
    found = [
        (family, one)
        for family in families[:PREVIEWED]
        if (one := invitations.invitation(session, desk.school.id, conference_id, family.family_id, desk.now))
    ]
    if not found:
        return None
    family, shown = next((one for one in found if one[1].secret is desk.school.secret_kind), found[0])
    chat = ChatView(0, ChatKind.TELEGRAM, "", "", reachable=True)
    told = NoticeContents(desk.school, chat, family_id=family.family_id, family_name=family.name, invitation=shown)
    said = banner(NoticeKind.INVITATION, told, desk.now)
    mail = mail_text(NoticeKind.INVITATION, told, desk.settings.base_url, desk.now)
    return _Preview(family.family_id, family.name, replace(said, text=markup(said.text)), mail)


def _send_test(session: Session, desk: Desk, conference_id: int, groups: list[int]) -> None:
    """Raises Refused(NotFound) where there is nobody whose message it could be."""
    families = unbooked.unbooked(session, desk.school.id, conference_id, desk.now, groups)
    shown = _preview(session, desk, conference_id, tuple(one for one in families if one.reached) or families)
    if shown is None:
        raise Refused(NotFound("family"))
    invitations.send_test(session, desk.school.id, desk.acting, conference_id, shown.family_id, desk.staff.id)

"""Who sits at the desk: what a page asks for to know its reader, its school and its words.

A page takes `desk: SignedIn` (anybody of the school) or `desk: Administrator`; whoever is not signed in is sent to the
sign-in page. The entrance of staff is apart from the parents' (D1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request
from fastapi.responses import RedirectResponse

from admin.web import cookies
from messages import text
from messages.refusals import sentence
from storage.access.chats import SchoolView
from storage.database.engine import Database
from storage.refusals import NotFound, Refusal, Refused
from storage.settings import Settings
from storage.staff.accounts import StaffView
from storage.words import Acting, Actor, By


@dataclass(frozen=True)
class Frame:
    """What the whole desk stands on; `app.state.frame`."""

    database: Database
    settings: Settings
    now: Callable[[], datetime]
    mailbox: Path | None = None  # where the demo keeps the mails that it sent

    @property
    def https(self) -> bool:
        return self.settings.base_url.startswith("https://")

    @property
    def mails(self) -> bool:
        """Whether mail leaves this installation; without, links are handed over by hand."""
        return bool(self.settings.smtp_url.get_secret_value()) or self.mailbox is not None


@dataclass(frozen=True)
class Desk:
    """One request of somebody who is signed in."""

    request: Request
    database: Database
    settings: Settings
    school: SchoolView
    staff: StaffView
    words: text.Words
    csrf: str
    now: datetime
    mailbox: bool

    @property
    def acting(self) -> Acting:
        """For what this request does."""
        return Acting(By(Actor.STAFF, self.staff.id), self.now)

    @property
    def zone(self) -> str:
        """The school's time zone, for `words.moment(at, desk.zone)`."""
        return self.school.timezone

    @property
    def language(self) -> str:
        return self.words.language

    @property
    def administrator(self) -> bool:
        return self.staff.administrator

    @property
    def mails(self) -> bool:
        """Whether mail leaves this installation."""
        frame: Frame = self.request.app.state.frame
        return frame.mails

    def sentence(self, refusal: Refusal) -> str:
        """Why something was not done, in the reader's words."""
        return sentence(refusal, self.words, self.zone, self.school.contact)

    def told(self, refused: Refused) -> str:
        """The sentence of a refusal that a page caught. What was not found is raised on: that is another page."""
        if isinstance(refused.refusal, NotFound):
            raise refused
        return self.sentence(refused.refusal)

    def go(self, path: str, said: str = "", *, kind: str = "good") -> RedirectResponse:
        """After a change: on to a page of the desk, which says `said` once. `kind` is good, warn or bad."""
        if said:
            cookies.say_once(self.request, said, kind)
        return RedirectResponse(path, 303)


class NotSignedIn(Exception):
    """Nobody is signed in, or no longer."""


async def desk_of(request: Request) -> Desk:
    """Raises NotSignedIn."""
    signed_in = await cookies.session(request)
    if signed_in is None:
        raise NotSignedIn
    frame: Frame = request.app.state.frame
    return Desk(
        request,
        frame.database,
        frame.settings,
        signed_in.school,
        signed_in.staff,
        text.words(reading(request, signed_in.staff.language, signed_in.school.language)),
        signed_in.csrf,
        frame.now(),
        frame.mailbox is not None,
    )


def require_administrator(desk: Annotated[Desk, Depends(desk_of)]) -> Desk:
    """Raises 403 for a teacher (D1)."""
    if not desk.administrator:
        raise HTTPException(403, "administrators")
    return desk


SignedIn = Annotated[Desk, Depends(desk_of)]
Administrator = Annotated[Desk, Depends(require_administrator)]


def reading(request: Request, chosen: str = "", fallback: str = "nl") -> str:
    """The language to write in: as chosen, else as the browser asks, else the school's."""
    asked = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    return text.spoken(chosen, cookies.read(request, cookies.LANGUAGE), *asked, fallback)


def sign_in_address(path: str) -> str:
    """The form to sign in, which goes on to `path` afterwards."""
    return f"/desk/sign-in?next={quote(path, safe='/')}" if path not in ("/desk", "") else "/desk/sign-in"


def inner_path(path: str) -> str:
    """`path` where it is a page of the desk, else the desk's first page: nobody is sent elsewhere."""
    inside = path == "/desk" or path.startswith("/desk/")
    return path if inside and path.isprintable() and "\\" not in path and not path.startswith("/desk//") else "/desk"

"""The same conversation as a chat page in the browser (P19): `/` to pick a school, `/{slug}` to talk.

Works without scripts: buttons that only read are links, the others post a form and are redirected. No GET changes the
database: a visitor's row is made at the first POST. What was typed as a secret is never shown again.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col

from bot.conversation import Deps, VisitorKey, answer_letter, answer_tap, answer_text, clean, reads_only, standing
from bot.web import pages
from bot.web.cookies import Cookies, Flash
from messages.calendar import file_name, ics
from messages.refusals import sentence
from messages.screen import Button, Screen
from messages.text import languages, spoken, words
from messages.web_safety import from_elsewhere
from storage.access.chats import SchoolView, linked_families, look, school_by_slug, schools_like
from storage.access.letters import look_at
from storage.booking.reading import household_talks
from storage.booking.views import BookingView
from storage.database.engine import Database
from storage.outbox.delivery import talks_mark
from storage.refusals import Refused
from storage.settings import Settings
from storage.tables import Booking
from storage.words import ChatKind

MOST_BYTES = 16 * 1024  # of a posted form
MOST_NUMBER = 2**31 - 1


def router(database: Database, settings: Settings, now: Callable[[], datetime]) -> APIRouter:
    """The chat's routes. To be included after all others: `/{slug}` takes every single word."""
    web = Web(Deps(database, settings.pepper, now), settings)
    routes = APIRouter(include_in_schema=False)
    routes.add_api_route("/chat.css", pages.css, methods=["GET"])
    routes.add_api_route("/chat.js", pages.js, methods=["GET"])
    routes.add_api_route("/", web.pick, methods=["GET"])
    routes.add_api_route("/{slug}", web.show, methods=["GET"])
    routes.add_api_route("/{slug}", web.hear, methods=["POST"])
    routes.add_api_route("/{slug}/stand", web.stand, methods=["GET"])
    routes.add_api_route("/{slug}/letter/{token}", web.letter, methods=["GET"])
    routes.add_api_route("/{slug}/letter/{token}", web.come_in, methods=["POST"])
    routes.add_api_route("/{slug}/calendar/{booking_id}.ics", web.calendar, methods=["GET"])
    return routes


class Web:
    """The handlers, around what they need."""

    def __init__(self, deps: Deps, settings: Settings) -> None:
        self._deps, self._base, self._bot = deps, settings.base_url, settings.telegram_bot_name
        self._cookies = Cookies(deps.pepper, secure=settings.base_url.startswith("https://"))

    async def pick(self, request: Request) -> Response:
        """Which school? A form that reads, and the schools that this browser knows."""
        return await self._picker(request)

    async def show(self, request: Request, slug: str) -> Response:
        """The conversation as it stands, or where a reading button (`?at=`) leads."""
        school = await self._deps.database.read_async(school_by_slug, slug)
        if school is None:
            return await self._picker(request, unknown=True)
        token = self._cookies.token(request)
        key = self._key(request, token, school)
        at = request.query_params.get("at", "")
        flash = self._cookies.read_flash(request, token) if not at else None
        if flash is not None and flash.screen.text:
            screen = flash.screen
        else:
            answer = await (answer_tap(self._deps, key, at) if reads_only(at) else standing(self._deps, key))
            screen = answer.screen
        return await self._page(request, school, token, screen, flash)

    async def hear(self, request: Request, slug: str) -> Response:
        """What was tapped or typed; then a redirect, so that a reload says it no second time."""
        school = await self._deps.database.read_async(school_by_slug, slug)
        form = await _form(request)
        token = self._cookies.token(request)
        if school is None:
            return await self._picker(request, unknown=True)
        if form is None or not token or not self._ours(request, form, token):
            return pages.refused(self._language(request), school)
        key = self._key(request, token, school)
        if "tap" in form:
            said = ""
            answer = await answer_tap(self._deps, key, form["tap"])
        else:
            said = clean(form.get("text", ""))[:200]
            answer = await answer_text(self._deps, key, said)
        screen = answer.screen
        response = pages.redirect(f"/{await self._slug_now(key, school)}")
        self._cookies.keep_token(response, token)
        self._cookies.keep_flash(response, token, Flash(screen, "" if screen.delete_typed else said))
        return response

    async def letter(self, request: Request, slug: str, token: str) -> Response:
        """What a scanned letter opens: a button. Names nobody and uses nothing up, for previews open it too (D25)."""
        school = await self._deps.database.read_async(school_by_slug, slug)
        if school is None:
            return await self._picker(request, unknown=True)
        browser = self._cookies.token(request)
        kept = browser or self._cookies.new_token()
        language = self._language(request, school)
        trouble = await self._trouble(school, token, language)
        telegram = f"https://t.me/{self._bot}?start={school.slug}_{token}" if self._bot and not trouble else ""
        response = pages.letter(
            language, school, token, csrf=self._cookies.csrf(kept), trouble=trouble, telegram=telegram
        )
        if not browser:
            self._cookies.keep_token(response, kept)
        return response

    async def come_in(self, request: Request, slug: str, token: str) -> Response:
        """The button was tapped: this browser is in, or is told why not."""
        school = await self._deps.database.read_async(school_by_slug, slug)
        form = await _form(request)
        browser = self._cookies.token(request)
        if school is None:
            return await self._picker(request, unknown=True)
        if form is None or not browser or not self._ours(request, form, browser):
            return pages.refused(self._language(request), school)
        answer = await answer_letter(self._deps, self._key(request, browser, school), token)
        response = pages.redirect(f"/{school.slug}")
        self._cookies.keep_token(response, browser)
        self._cookies.keep_flash(response, browser, Flash(answer.screen))
        return response

    async def _trouble(self, school: SchoolView, token: str, language: str) -> str:
        """Why this letter lets nobody in now, in a sentence; empty where it does."""
        try:
            await self._deps.database.read_async(look_at, school.id, token, self._deps.now())
        except Refused as refused:
            return sentence(refused.refusal, words(language), school.timezone, school.contact)
        return ""

    async def stand(self, request: Request, slug: str) -> Response:
        """A digest of how this browser's family stands, so that an open page knows when it is old. Changes nothing."""
        token = self._cookies.token(request)
        school = await self._deps.database.read_async(school_by_slug, slug) if token else None
        if school is None:
            return pages.stand("")
        return pages.stand(await self._stand(self._key(request, token, school)))

    async def _stand(self, key: VisitorKey) -> str:
        """The family's talks and what was not seen yet, keyed with the browser's address: it tells nobody a thing."""
        marks = await self._deps.database.read_async(_marks, key.address, key.slug)
        return hashlib.sha256(f"{key.address} {marks}".encode()).hexdigest()[:16] if marks else ""

    async def calendar(self, request: Request, slug: str, booking_id: str) -> Response:
        """The calendar file of a booking of this browser's family; of any other there is none."""
        token = self._cookies.token(request)
        number = int(booking_id) if booking_id.isascii() and booking_id.isdigit() and len(booking_id) < 11 else 0
        found = None
        if token and 0 < number <= MOST_NUMBER:
            found = await self._deps.database.read_async(_of_family, self._cookies.address(token), slug, number)
        if found is None:
            return await self._picker(request, unknown=True)
        view, school, language = found
        speech = words(language or self._language(request, school))
        content = ics(view, school, speech, now=self._deps.now())
        return pages.file(content, "text/calendar; charset=utf-8", file_name(view, school, speech))

    def _key(self, request: Request, token: str, school: SchoolView) -> VisitorKey:
        address = self._cookies.address(token) if token else ""
        return VisitorKey(ChatKind.WEB, address, self._language(request, school), school.slug)

    def _language(self, request: Request, school: SchoolView | None = None) -> str:
        """The browser's first language that we speak, else the school's."""
        header = request.headers.get("accept-language", "")[:200]
        wanted = [part.split(";")[0].strip() for part in header.split(",")]
        known = [one for one in wanted if one.split("-")[0].lower() in languages()]
        return spoken(*known, school.language if school else "nl")

    def _ours(self, request: Request, form: Mapping[str, str], token: str) -> bool:
        """Sent from our own page: by what the browser says of it, and by the form's token (G7)."""
        if from_elsewhere(request.headers, self._base):
            return False
        return self._cookies.same_csrf(token, form.get("csrf", ""))

    async def _slug_now(self, key: VisitorKey, school: SchoolView) -> str:
        """The school that the chat looks at now: a tap may have switched."""
        visitor = await self._deps.database.read_async(look, key.kind, key.address)
        return visitor.school.slug if visitor and visitor.school else school.slug

    async def _page(
        self, request: Request, school: SchoolView, token: str, screen: Screen, flash: Flash | None
    ) -> Response:
        key = self._key(request, token, school)
        visitor = await self._deps.database.read_async(look, key.kind, key.address) if token else None
        language = spoken(visitor.language if visitor else "", key.language)
        kept = token or self._cookies.new_token()
        if flash is not None and not flash.screen.text:
            carried = flash.screen
            screen = replace(
                screen,
                note=carried.note,
                alert=carried.alert,
                calendar=carried.calendar,
                calendar_label=carried.calendar_label,
            )
        said = flash.said if flash else ""
        if screen.unreached and self._bot:
            to_telegram = Button(
                words(language).say("Go on in Telegram"), url=f"https://t.me/{self._bot}?start={school.slug}"
            )
            screen = replace(screen, rows=(*screen.rows, (to_telegram,)))
        stand = await self._stand(key) if token else ""
        response = pages.chat(language, school, screen, csrf=self._cookies.csrf(kept), said=said, stand=stand)
        if not token:
            self._cookies.keep_token(response, kept)
        if flash is not None:
            self._cookies.drop_flash(response)
        return response

    async def _picker(self, request: Request, *, unknown: bool = False) -> Response:
        wanted = clean(request.query_params.get("q", ""))[:80]
        token = self._cookies.token(request)
        address = self._cookies.address(token) if token else ""
        found, known, language = await self._deps.database.read_async(_schools, wanted, address)
        language = spoken(language or self._language(request))
        return pages.pick(language, wanted, found, known, unknown=unknown)


def _marks(session: Session, address: str, slug: str) -> tuple[object, ...]:
    """What changes whenever a talk of the chat's families does, or news comes; nothing where nobody is signed in."""
    visitor = look(session, ChatKind.WEB, address)
    if visitor is None:
        return ()
    here = [family.id for school, family in linked_families(session, visitor.chat_id) if school.slug == slug]
    return (talks_mark(session, visitor.chat_id), visitor.unseen, *here) if here else ()


def _schools(session: Session, wanted: str, address: str) -> tuple[tuple[SchoolView, ...], tuple[SchoolView, ...], str]:
    """Schools of that name, those that the browser is signed in at, and its language."""
    visitor = look(session, ChatKind.WEB, address) if address else None
    linked = linked_families(session, visitor.chat_id) if visitor else ()
    known = tuple({school.id: school for school, _ in linked}.values())
    return schools_like(session, wanted), known, visitor.language if visitor else ""


def _of_family(
    session: Session, address: str, slug: str, booking_id: int
) -> tuple[BookingView, SchoolView, str] | None:
    """The booking, when one of the browser's families at this school holds it or is invited to it (rules 6, 12)."""
    visitor = look(session, ChatKind.WEB, address)
    if visitor is None:
        return None
    for school, family in linked_families(session, visitor.chat_id):
        if school.slug == slug:
            for view in household_talks(session, school.id, family.id, col(Booking.id) == booking_id):
                return view, school, visitor.language
    return None


async def _form(request: Request) -> dict[str, str] | None:
    """The posted fields, the last of each name; None for anything but a small form."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    return {name: values[-1] for name, values in fields.items()}

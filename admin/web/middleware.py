"""What every request and answer goes through: where a change comes from, its token, and the headers of each answer.

No page decides any of this for itself: the desk's router carries `guard`, so a page that is added is guarded (G7).
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter

from fastapi import HTTPException, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin.observability.metrics import Metrics
from admin.web import cookies
from messages.web_safety import HEADERS, from_elsewhere

_MOST_READ_AWAY = 64 * 1024 * 1024
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class SafeAnswers:
    """ASGI: the safe headers on every answer that does not set its own, and the cookies that a request asked for.

    HEAD is answered as GET, without the body: what watches a server asks so. A request over `most` bytes is refused
    unread. An exception that nobody foresaw ends here, in `broken`'s page:
    further out it would be logged with what was typed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        https: bool,
        broken: Callable[[Request, Exception], Awaitable[Response]],
        measures: Metrics,
        most: int,
    ) -> None:
        self._app = app
        self._broken = broken
        self._measures = measures
        self._most = most
        self._headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        only_head = scope["method"] == "HEAD"
        if only_head:
            scope = {**scope, "method": "GET"}
        wanted: list[str] = []
        scope.setdefault("state", {})["cookies"] = wanted

        begun = False
        since = perf_counter()

        async def send_safely(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._measures.requests.labels(message["status"]).inc()
                self._measures.seconds.observe(perf_counter() - since)
                self._complete(MutableHeaders(scope=message), wanted)
            elif only_head:
                message = {**message, "body": b""}
            await send(message)

        try:
            wrong = _wrong(scope, self._most)
            if wrong is not None:
                await _read_away(receive)
                answer = await self._broken(Request(scope, receive), wrong)
                return await answer(scope, receive, send_safely)
            await self._app(scope, _counted(receive, self._most), send_safely)
        except Exception as error:
            if begun:
                raise
            answer = await self._broken(Request(scope, receive), error)
            await answer(scope, receive, send_safely)

    def _complete(self, headers: MutableHeaders, cookies_wanted: list[str]) -> None:
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        for cookie in cookies_wanted:
            headers.append("set-cookie", cookie)


def _wrong(scope: Scope, most: int) -> HTTPException | None:
    """What no page should have to think of: too much, or a NUL in the address, which PostgreSQL takes in no text."""
    if _length(scope) > most:
        return HTTPException(413)
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return HTTPException(404)
    return None


def _length(scope: Scope) -> int:
    """What the request says of its size; one that says nothing is counted while it is read."""
    said = Request(scope).headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else 0


def _counted(receive: Receive, most: int) -> Receive:
    read = 0

    async def receive_so_far() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise HTTPException(413)
        return message

    return receive_so_far


async def _read_away(receive: Receive) -> None:
    """Take what is sent, for a browser reads no answer before it has sent all; up to a point."""
    read = 0
    while read < _MOST_READ_AWAY:
        message = await receive()
        read += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return


# A tick box for each of the 5,000 students that a list may have, twice, and the rest of the form.
MOST_FIELDS = 12_000


async def guard(request: Request) -> None:
    """A dependency of every desk route. Raises 403 for a change from another site or without the form's token."""
    if request.method in READING:
        return
    if from_elsewhere(request.headers, request.app.state.frame.settings.base_url):
        raise HTTPException(403, "elsewhere")
    expected = await form_token(request)
    given = request.headers.get("x-desk-token", "")
    if not given and request.headers.get("content-type", "").startswith(
        ("multipart/form-data", "application/x-www-form-urlencoded")
    ):
        field = (await request.form(max_fields=MOST_FIELDS)).get("csrf", "")
        given = field if isinstance(field, str) else ""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise HTTPException(403, "token")


async def form_token(request: Request) -> str:
    """What the `csrf` field of a form must say: of the session, else of the cookie set before signing in ("" without).

    Before signing in, the field is keyed to the cookie and nothing is kept here.
    """
    signed_in = await cookies.session(request)
    if signed_in is not None:
        return signed_in.csrf
    before = cookies.read(request, cookies.BEFORE)
    return cookies.mac(request, "form", before) if before else ""


async def new_form_token(request: Request) -> str:
    """As `form_token`, for a page that is shown: makes the cookie where there is none."""
    token = await form_token(request)
    if not token:
        before = secrets.token_urlsafe(24)
        cookies.put(request, cookies.BEFORE, before, seconds=12 * 3600)
        token = cookies.mac(request, "form", before)
    return token

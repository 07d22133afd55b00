"""The desk's cookies: the session, the form before signing in, a sentence to show once, a language.

`__Host-` wherever BASE_URL is https (browsers demand Secure for that name), so no other host can set or read them.
The session's cookie carries its token and, signed, when it was last seen: reading a page writes nothing (G7).
"""

import base64
import binascii
import hmac
import json
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

from fastapi import Request

from storage.staff import sessions
from storage.staff.sessions import SignedInStaff

SESSION, BEFORE, SAID, LANGUAGE = "desk", "desk-form", "desk-said", "desk-language"
IDLE = timedelta(minutes=30)
RENEW = timedelta(minutes=1)  # how stale "last seen" may be
_MOST_SAID = 900


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if request.app.state.frame.https else name


def read(request: Request, name: str) -> str:
    """What the browser sent under one of our names, or nothing; not checked."""
    return request.cookies.get(_name(request, name), "")


def put(request: Request, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie with this request's answer; "" takes it away."""
    cookie: SimpleCookie = SimpleCookie()
    full = _name(request, name)
    cookie[full] = value
    cookie[full]["path"] = "/"
    cookie[full]["httponly"] = True
    cookie[full]["samesite"] = "Lax"
    if request.app.state.frame.https:
        cookie[full]["secure"] = True
    if not value:
        seconds = 0
    if seconds is not None:
        cookie[full]["max-age"] = str(seconds)
    request.state.cookies.append(cookie[full].OutputString())


def mac(request: Request, purpose: str, text: str) -> str:
    """Our signature under a text, for one purpose."""
    key: bytes = request.app.state.frame.settings.pepper
    return hmac.digest(key, f"desk {purpose}\0{text}".encode(), "sha256").hex()[:43]


def signed(request: Request, purpose: str, text: str) -> str:
    """A text with our signature behind it, for `unsigned` to check."""
    return f"{text}.{mac(request, purpose, text)}"


def unsigned(request: Request, purpose: str, text: str) -> str | None:
    """What `signed` was given, or None for anything that we did not sign."""
    plain, _, signature = text.rpartition(".")
    return plain if hmac.compare_digest(signature.encode(), mac(request, purpose, plain).encode()) else None


def put_session(request: Request, token: str, now: datetime) -> None:
    """Set the session's cookie: its token and when it was seen last, signed."""
    put(request, SESSION, signed(request, "seen", f"{token}.{int(now.timestamp())}"))


def session_token(request: Request, now: datetime) -> str | None:
    """The session's token, unless it was last seen more than half an hour ago; renews that moment now and then."""
    plain = unsigned(request, "seen", read(request, SESSION))
    if plain is None:
        return None
    token, _, seconds = plain.partition(".")
    age = now - datetime.fromtimestamp(int(seconds), UTC)
    if age > IDLE:
        return None
    if age > RENEW:
        put_session(request, token, now)
    return token


async def session(request: Request) -> SignedInStaff | None:
    """Who is signed in; looked up once for each request."""
    if not hasattr(request.state, "signed_in"):
        frame = request.app.state.frame
        now = frame.now()
        token = session_token(request, now)
        found = None if token is None else await frame.database.read_async(sessions.look, token, now)
        request.state.signed_in = found
    found_earlier: SignedInStaff | None = request.state.signed_in
    return found_earlier


def say_once(request: Request, text: str, kind: str) -> None:
    """A sentence for the next page. Signed: nobody else can put words into the desk's mouth."""
    packed = base64.urlsafe_b64encode(json.dumps([kind, text[:_MOST_SAID]]).encode()).decode()
    put(request, SAID, signed(request, "said", packed), seconds=60)


def said(request: Request) -> tuple[str, str] | None:
    """(kind, sentence) of the page before, once."""
    kept = read(request, SAID)
    if not kept:
        return None
    put(request, SAID, "")
    plain = unsigned(request, "said", kept)
    try:
        kind, text = json.loads(base64.urlsafe_b64decode(plain or ""))
    except (ValueError, TypeError, binascii.Error):
        return None
    return str(kind), str(text)

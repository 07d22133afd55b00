"""Who a browser is, and what it is told once.

The visitor's cookie holds a random token; the database knows its SHA-256 alone. The flash cookie carries the screen
that a POST led to over the redirect: signed, so that nobody can put words in our mouth, and shown once.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import zlib
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response

from messages.screen import Button, Screen
from messages.taps import unpack

LASTS = 200 * 24 * 3600  # seconds that a visitor stays signed in without coming back
FLASH_LASTS = 120
MOST_FLASH = 3500  # bytes; browsers keep 4096 a cookie
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Flash:
    """The screen that a POST led to, and what the person said, when that may be seen."""

    screen: Screen
    said: str = ""


class Cookies:
    """Names by the site's address: behind https they are bound to this very host."""

    def __init__(self, pepper: bytes, *, secure: bool) -> None:
        self._pepper, self._secure = pepper, secure
        before = "__Host-" if secure else ""
        self.visitor, self.flash = f"{before}chat", f"{before}said"

    def token(self, request: Request) -> str:
        """The browser's token, or an empty text."""
        token = request.cookies.get(self.visitor, "")
        return token if _TOKEN.fullmatch(token) else ""

    def new_token(self) -> str:
        return secrets.token_urlsafe(32)

    def address(self, token: str) -> str:
        """The chat's address of a token."""
        return hashlib.sha256(token.encode()).hexdigest()

    def csrf(self, token: str) -> str:
        """What a form of this browser must carry."""
        return self._mac("csrf", token)

    def same_csrf(self, token: str, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.csrf(token).encode())

    def keep_token(self, response: Response, token: str) -> None:
        self._set(response, self.visitor, token, LASTS)

    def keep_flash(self, response: Response, token: str, flash: Flash) -> None:
        """Where the screen is too large for a cookie, only the newest word of it is carried."""
        packed = _packed(flash)
        if len(packed) > MOST_FLASH:
            shown = flash.screen
            newest = Screen(
                "",
                note=shown.note[:500],
                alert=shown.alert[:500],
                calendar=shown.calendar,
                calendar_label=shown.calendar_label,
            )
            packed = _packed(Flash(newest))
        self._set(response, self.flash, f"{packed}.{self._mac('flash', token, packed)}", FLASH_LASTS)

    def read_flash(self, request: Request, token: str) -> Flash | None:
        packed, _, mac = request.cookies.get(self.flash, "").partition(".")
        if not packed or not token or not hmac.compare_digest(mac.encode(), self._mac("flash", token, packed).encode()):
            return None
        return _unpacked(packed)

    def drop_flash(self, response: Response) -> None:
        response.delete_cookie(self.flash, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _set(self, response: Response, name: str, value: str, lasts: int) -> None:
        response.set_cookie(name, value, max_age=lasts, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _mac(self, *parts: str) -> str:
        return hmac.digest(self._pepper, "\n".join(("web", *parts)).encode(), "sha256").hex()


def _packed(flash: Flash) -> str:
    screen = asdict(flash.screen)
    screen["rows"] = [
        [[button.label, button.tap.pack() if button.tap else "", button.url, button.strong] for button in row]
        for row in flash.screen.rows
    ]
    text = json.dumps({"screen": screen, "said": flash.said[:200]}, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def _unpacked(packed: str) -> Flash | None:
    """Only ever given what we signed; an older version's cookie may still be strange."""
    try:
        text = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        read = json.loads(text)
        screen = read["screen"]
        rows = tuple(
            tuple(Button(label, unpack(tap) if tap else None, url, strong) for label, tap, url, strong in row)
            for row in screen.pop("rows")
        )
        for name in ("calendar", "banners"):
            screen[name] = tuple(screen[name])
        return Flash(Screen(rows=rows, **screen), read["said"])
    except (ValueError, KeyError, TypeError, zlib.error, binascii.Error):
        return None

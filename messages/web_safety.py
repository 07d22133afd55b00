"""What both web fronts, the chat's pages and the desk, hold every browser to: whence a form comes, headers, file names.

Stands here, below both, because neither may import the other; it reads headers as a mapping and knows no web library.
"""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|\ud800-\udfff]')

# Only what we serve ourselves is run, shown, sent to or framed.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: under that browsers send `Origin: null` with our own forms, and null must stay refused.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def from_elsewhere(headers: Mapping[str, str], base_url: str) -> bool:
    """Whether another site sent this form (G7). Browsers say so themselves; other clients are held by its token alone.

    `headers` by their names in small letters, or without regard to case; ours are `base_url` and the `host` asked.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    sender = urlsplit(origin).netloc  # "" for `null`
    return not sender or sender not in {urlsplit(base_url).netloc, headers.get("host", "")}


def says_ours(headers: Mapping[str, str]) -> bool:
    """Whether the browser itself says where this form is from, and `from_elsewhere` did not find it another site."""
    return "origin" in headers or headers.get("sec-fetch-site") == "same-origin"


def attachment(name: str) -> str:
    """A Content-Disposition that carries any name (RFC 6266): plain letters for old readers, itself for the others."""
    cleaned = " ".join(_NOT_IN_NAMES.sub(" ", name).split())
    plain = unicodedata.normalize("NFKD", cleaned).encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(cleaned)}"

"""A file as an answer: to be kept, under a name that may hold any letter (G14)."""

import re
import unicodedata
from urllib.parse import quote

from fastapi.responses import Response

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|\ud800-\udfff]')


def file_answer(content: bytes, name: str, media_type: str) -> Response:
    """The answer that a browser keeps as `name`."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": attachment(name)})


def attachment(name: str) -> str:
    """A header that carries any name: plain letters for old readers, the name itself for others."""
    cleaned = " ".join(_NOT_IN_NAMES.sub(" ", name).split())
    plain = unicodedata.normalize("NFKD", cleaned).encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(cleaned)}"

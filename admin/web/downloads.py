"""A file as an answer: to be kept, under a name that may hold any letter (G14)."""

from fastapi.responses import Response

from messages.web_safety import attachment


def file_answer(content: bytes, name: str, media_type: str) -> Response:
    """The answer that a browser keeps as `name`."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": attachment(name)})

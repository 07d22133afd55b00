"""Reads the parameters of a call: query, JSON, urlencoded and multipart, all into one `Ask`.

The same reader serves the calls that a bot puts into its answer to a webhook.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.botapi.words import bad_request


@dataclass(frozen=True)
class Part:
    """A file that came along in a multipart body."""

    file_name: str
    mime_type: str
    content: bytes = field(repr=False)


@dataclass
class Ask:
    """The parameters of one call; values are strings, or what JSON made of them."""

    params: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Part] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """A text as it was sent."""
        value = self.params.get(name)
        return default if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """A whole number, `default` where there is none."""
        try:
            return int(self.text(name))
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """A boolean in any of the forms that clients use."""
        return self.text(name).lower() in {"true", "1", "yes"}

    def data(self, name: str) -> Any:
        """A list or object, sent as JSON or as text that holds JSON. Raises Refused (400)."""
        value = self.params.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def objects(self, name: str) -> list[dict[str, Any]]:
        """A list of objects, empty where none was sent. Raises Refused (400)."""
        value = self.data(name) or []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise bad_request(f"expected an Array of Objects in {name}")
        return value


async def read_request(request: web.Request) -> Ask:
    """All parameters of a request to the API. Raises Refused (400) for JSON that is none."""
    ask = Ask(dict(request.query))
    if request.content_type == "multipart/form-data":
        await _read_parts(await request.multipart(), ask)
    elif request.content_type == "application/json":
        _read_json(await request.text(), ask)
    else:
        ask.params.update(await request.post())
    return ask


async def read_reply(reply: aiohttp.ClientResponse) -> Ask:
    """The call that a webhook's answer holds; without `method` in it there is none."""
    ask = Ask()
    if reply.content_type.startswith("multipart/"):
        await _read_parts(aiohttp.MultipartReader.from_response(reply), ask)
    elif reply.content_type == "application/json":
        _read_json(await reply.text(), ask)
    return ask


def _read_json(body: str, ask: Ask) -> None:
    try:
        values = json.loads(body or "{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if isinstance(values, dict):
        ask.params.update(values)


async def _read_parts(reader: Any, ask: Ask) -> None:
    async for part in reader:
        content = bytes(await part.read(decode=True))
        if part.filename is None:
            ask.params[part.name] = content.decode()
        else:
            mime_type = part.headers.get("Content-Type", "application/octet-stream")
            ask.files[part.name] = Part(part.filename, mime_type, content)

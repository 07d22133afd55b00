"""Updates by webhook: `/telegram/{name}`, a bot for each name, a secret for each bot.

An update is handled before it is answered with 200. Unknown names get 404, a wrong or missing secret 401, and neither
reaches a handler.
"""

import hmac
import logging
from collections.abc import Mapping

from aiogram.types import Update
from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from bot.telegram.listener import Listener

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
MOST_BYTES = 1024 * 1024

log = logging.getLogger(__name__)


def router(listeners: Mapping[str, Listener]) -> APIRouter:
    """The route. A listener without a secret is not reachable by it."""
    routes = APIRouter()

    @routes.post("/telegram/{name}", include_in_schema=False)
    async def hear(name: str, request: Request) -> Response:
        listener = listeners.get(name)
        if listener is None or not listener.secret:
            return Response(status_code=404)
        given = request.headers.get(SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, listener.secret.encode()):
            return Response(status_code=401)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        try:
            update = Update.model_validate_json(body, context={"bot": listener.bot})
        except ValidationError:
            log.error("telegram: an update that cannot be read is set aside")
            return Response(status_code=200)
        return Response(status_code=200 if await listener.hear(update) else 500)

    return routes


async def _body(request: Request) -> bytes | None:
    """The whole body, or None where it is larger than any update."""
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > MOST_BYTES:
            return None
    return bytes(read)

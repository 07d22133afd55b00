"""What machines ask: `/health` for a load balancer, `/metrics` for Prometheus, `/robots.txt` for search engines (O4).

Figures alone, nothing of any person or school.
"""

import asyncio
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from admin.observability.metrics import Metrics
from admin.web.desk import Frame
from storage.migrations import upgrading

router = APIRouter()


class Leading(Protocol):
    """The clock of this process, which the `run` command puts in the app's state."""

    async def leads(self) -> bool: ...


def _frame(request: Request) -> Frame:
    frame: Frame = request.app.state.frame
    return frame


AFrame = Annotated[Frame, Depends(_frame)]


@router.get("/health")
async def health(request: Request, frame: AFrame) -> JSONResponse:
    """200 when this process can do its work, else 503.

    `leads`: whether this process's clock is the one that ticks; null in a process without a clock.
    """
    reachable, schema = await asyncio.to_thread(_look, frame)
    clock: Leading | None = getattr(request.app.state, "clock", None)
    leads = await clock.leads() if clock is not None and reachable else None
    well = reachable and schema
    return JSONResponse({"well": well, "database": reachable, "schema": schema, "leads": leads}, 200 if well else 503)


def _look(frame: Frame) -> tuple[bool, bool]:
    """Whether the database answers, and whether its schema is ours."""
    try:
        return True, upgrading.is_current(frame.database)
    except SQLAlchemyError:
        return False, False


@router.get("/robots.txt")
def robots() -> PlainTextResponse:
    """Nothing here is for a search engine: chats are of families, the desk is of staff."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """All that this process counts, in the text format of Prometheus."""
    measures: Metrics = request.app.state.measures
    return Response(generate_latest(measures.registry), media_type=CONTENT_TYPE_LATEST)

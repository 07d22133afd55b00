"""Structured logs without personal data (O4): one JSON object a line on standard error, ours and the libraries'.

Libraries that would log addresses with tokens, people's addresses or what they typed are kept quiet.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

# httpx logs the bot's token in addresses; aiogram and telegram what people typed; uvicorn.access who reads which page.
QUIET = (
    "alembic",
    "httpx",
    "httpcore",
    "aiogram",
    "telegram",
    "apscheduler",
    "uvicorn.access",
    "aiosmtplib",
    "asyncio",
)


def configure(level: str) -> None:
    """Everything that is logged goes through here from now on. `level` is a name of logging's."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(allow=()), _without_trace],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_trace,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to standard error as it is now, not as it was when logging began."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _without_trace(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception by its class and its place: its message may hold what somebody typed."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        event["error"] = type(error).__name__
        if trace is not None:
            event["where"] = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
    event.pop("exception", None)
    event.pop("stack_info", None)
    return event

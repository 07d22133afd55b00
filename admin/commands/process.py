"""The process that serves: web, bot and messages as asked for, in one event loop, stopped cleanly together.

The only place that knows all of desk, chats and messages; each of them knows none of the others. Imported by the
commands `run` and `demo` alone, for it costs seconds.
"""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable, Collection, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI

from admin.app import create
from admin.commands.output import Stop, opened
from admin.observability import logs
from bot.board import board
from bot.web import routes
from messages.channels.mail import Mailbox
from messages.channels.troubles import NotSet
from messages.pace import Pace
from messages.sending.clock import Clock, clock
from storage import timezone
from storage.database.engine import Database
from storage.settings import Settings, WrongSettings, read_settings

log = structlog.get_logger("run")
_GRACE_SECONDS = 10


@dataclass(frozen=True)
class Process:
    """What one process serves, over which database."""

    database: Database
    settings: Settings
    parts: Collection[str]  # of web, bot, messages
    mailbox: Path | None = None  # the demo keeps its mails here instead of sending them
    now: Callable[[], datetime] = timezone.now


def serve(parts: Collection[str], port: int) -> int:
    """`tienminuten run`: until a signal asks to stop. Raises what commands tell as sentences."""
    settings = read_settings()
    logs.configure(settings.log_level)
    with opened(settings) as database:
        _ = settings.pepper
        process = Process(database, settings, parts)
        listening_ = listen(settings.host, port) if "web" in parts else None
        if "bot" in parts and not _token(settings):
            if len(parts) == 1:
                raise Stop("TELEGRAM_BOT_TOKEN is not set: there is no bot to run.")
            print("TELEGRAM_BOT_TOKEN is not set: the chat is in the browser only.", file=sys.stderr)
        if "messages" in parts and not settings.smtp_url.get_secret_value():
            print("SMTP_URL is not set: mails wait until it is.", file=sys.stderr)
        if listening_ is not None:
            print(f"Serving on {address(listening_)}", flush=True)
        asyncio.run(live(process, listening_))
    return 0


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises Stop where the port is taken or may not be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(2048)
    except OSError as error:
        bound.close()
        raise Stop(f"Port {port} of {host} cannot be used ({error.strerror}). Choose another with --port.") from None
    return bound


def address(bound: socket.socket) -> str:
    """`http://host:port` of a socket that is bound; an IPv6 host in brackets."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def live(process: Process, bound: socket.socket | None, stop: asyncio.Event | None = None) -> None:
    """Serve until `stop`, a signal, or the first part that fails, whose error is raised. Everything is closed then."""
    stop = stop or asyncio.Event()
    with _signals(stop):
        async with contextlib.AsyncExitStack() as closing:
            tasks = [asyncio.create_task(part) for part in await _parts(process, bound, stop, closing)]
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            stop.set()
            log.info("stopping")
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def _parts(
    process: Process, bound: socket.socket | None, stop: asyncio.Event, closing: contextlib.AsyncExitStack
) -> list[Coroutine[Any, Any, None]]:
    """The coroutines to run, one for each part that serves; what must be closed is put on `closing`."""
    parts: list[Coroutine[Any, Any, None]] = []
    ticking, pace = None, Pace(process.now, process.settings.telegram_per_second)
    if "messages" in process.parts:
        ticking = _clock(process, pace)
        closing.push_async_callback(ticking.stop)
        await ticking.start()
    if bound is not None:
        app = application(process)
        app.state.clock = ticking
        if _token(process.settings):
            await _hear_by_webhook(app, process, pace, closing)
        app.include_router(routes.router(process.database, process.settings, process.now))  # last: it takes /{slug}
        parts.append(_serve(app, bound, stop))
    if "bot" in process.parts and _token(process.settings):
        from bot.telegram import serving

        parts.append(serving.serve(process.settings, process.database, process.now, pace, stop))
    return parts


async def _hear_by_webhook(app: FastAPI, process: Process, pace: Pace, closing: contextlib.AsyncExitStack) -> None:
    """Telegram's updates come to the web process where a secret for them is set.

    aiogram is imported by whom it serves alone: reading its types takes longer than all the rest of a start.
    """
    from bot.telegram import listener, serving, webhook

    if serving.by_webhook(process.settings):
        heard = listener.listener(process.settings, process.database, process.now, pace)
        closing.push_async_callback(heard.close)
        app.include_router(webhook.router({serving.NAME: heard}))


def application(process: Process) -> FastAPI:
    """The desk; the chat page's routes are added to it."""
    return create(process.database, process.settings, now=process.now, mailbox=process.mailbox)


def _clock(process: Process, pace: Pace) -> Clock:
    mail = Mailbox(process.mailbox) if process.mailbox is not None else None
    try:
        return clock(process.database, process.settings, board, pace, mail=mail, now=process.now)
    except NotSet as wrong:
        raise WrongSettings(str(wrong)) from None


async def _serve(app: FastAPI, bound: socket.socket, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config)
    serving_ = asyncio.create_task(server.serve(sockets=[bound]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving_, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving_


class _Server(uvicorn.Server):
    """Leaves signals to us: all parts stop together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Ctrl-C and a service manager's request set `stop`; a second one ends at once. Only in the main thread."""
    loop = asyncio.get_running_loop()
    taken = []
    for which in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(ValueError, RuntimeError):
            loop.add_signal_handler(which, _asked, stop)
            taken.append(which)
    try:
        yield
    finally:
        for which in taken:
            loop.remove_signal_handler(which)


def _asked(stop: asyncio.Event) -> None:
    if stop.is_set():
        raise KeyboardInterrupt
    stop.set()


def _token(settings: Settings) -> str:
    return settings.telegram_bot_token.get_secret_value()

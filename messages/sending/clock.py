"""The clock: three ticking jobs and nothing else (rule 19). Each asks the database; no job is ever stored.

Only the leader ticks. Nothing stands at a time of day here, so no clock change can skip or repeat it: what "18:00"
means is asked of the school's wall in `storage.notices`.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from messages.channels.mail import Smtp, Transport
from messages.channels.telegram import TelegramChat
from messages.pace import Pace
from messages.sending.debts import Board
from messages.sending.leader import leader
from messages.sending.sender import Sender
from storage import timezone
from storage.database.engine import Database
from storage.notices import due
from storage.privacy import compaction, leftover_files, retention
from storage.settings import Settings

_DUE_SECONDS = 30
_SEND_SECONDS = 1
_TIDY_SECONDS = 3600
_TIDIED = timedelta(minutes=90)  # longer than from one tidying to the next: none of the days is left out
_GRACE_SECONDS = 10  # what is cut off then is given back and sent again: a duplicate at worst
_log = structlog.get_logger("clock")


class Clock:
    """`start` it in an event loop and `stop` it there; the ticks may be called by hand."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        *,
        now: Callable[[], datetime] = timezone.now,
        pepper: bytes = b"",
        folder: Path | None = None,
    ) -> None:
        self._database, self._sender, self._now = database, sender, now
        self._pepper, self._folder = pepper, folder
        self._leader = leader(database)
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for tick, seconds in (
            (self.tick_due, _DUE_SECONDS),
            (self.tick_send, _SEND_SECONDS),
            (self.tick_tidy, _TIDY_SECONDS),
        ):
            self._scheduler.add_job(self._safely, "interval", [tick], seconds=seconds, name=tick.__name__)

    async def start(self) -> None:
        """Begin to tick, and look at once at what became due while nobody ticked."""
        # A tick that still runs is skipped: that is meant, and no warning each second.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        await self._safely(self.tick_due)
        self._scheduler.start()

    async def stop(self) -> None:
        """Finish what is in flight, let another process lead, and close the channels."""
        if self._scheduler.running:
            self._scheduler.pause()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._sender.finish(), _GRACE_SECONDS)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await self._leader.step_down()
        await self._sender.close()

    async def leads(self) -> bool:
        return await self._leader.leads()

    async def tick_due(self) -> None:
        """Write down what is due now."""
        if await self._leader.leads():
            await self._database.work_async(due.plan, self._now(), self._sender.holding)

    async def tick_send(self) -> None:
        """Send what is due now, as long as this process leads."""
        await self._sender.send_due(self._leader.leads)

    async def tick_tidy(self) -> None:
        """What is over is cleared away; once a day, at a school's calm hour, what it has kept long enough too."""
        if not await self._leader.leads():
            return
        now = self._now()
        await self._database.work_async(retention.clear_common, now)
        calm = await self._database.read_async(retention.due, now - _TIDIED, now)
        for school_id in calm:
            await self._database.work_async(retention.clear, school_id, now, self._pepper)
        if calm:
            await asyncio.to_thread(compaction.compact, self._database)
        if self._folder is not None:
            await asyncio.to_thread(leftover_files.sweep, self._folder, now)
        await asyncio.to_thread(self._database.scrub)

    async def _safely(self, tick: Callable[[], Awaitable[None]]) -> None:
        """A tick that fails (the database is away) is told and tried again at the next."""
        try:
            await tick()
        except Exception as error:
            _log.error("a tick failed", tick=getattr(tick, "__name__", ""), error=type(error).__name__)


def clock(
    database: Database,
    settings: Settings,
    board: Board,
    pace: Pace,
    *,
    mail: Transport | None = None,
    now: Callable[[], datetime] = timezone.now,
) -> Clock:
    """The clock of one process, as the settings say; `mail` takes the place of SMTP_URL. Call it in the event loop.

    `board` draws a chat's screen, `pace` is the bot's.

    Raises WrongSettings for an SMTP_URL that is none.
    """
    token, smtp = settings.telegram_bot_token.get_secret_value(), settings.smtp_url.get_secret_value()
    sender = Sender(
        database,
        board=board,
        chat=TelegramChat(token, settings.telegram_api_base, pace=pace) if token else None,
        mail=mail or (Smtp(smtp) if smtp else None),
        mail_from=settings.mail_from,
        base_url=settings.base_url,
        pepper=settings.pepper,
        now=now,
    )
    return Clock(database, sender, now=now, pepper=settings.pepper, folder=settings.data_dir)

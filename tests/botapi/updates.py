"""A bot's updates: kept, handed out by long polling, or posted to its webhook.

Order as at Telegram: messages of one chat follow each other, taps of one user follow each other, and
between these lanes there is no order at all. In each lane one post is in flight.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.botapi.requests import Ask, read_reply
from tests.botapi.words import Changes, Refused

MESSAGE_LIFE, QUERY_LIFE = 24 * 3600, 150
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"

Lane = tuple[str, int]


@dataclass(frozen=True)
class Update:
    """One update, as it goes over the line, with its lane and the moment at which it is forgotten."""

    update_id: int
    lane: Lane
    expires: float
    body: dict[str, Any]


@dataclass(frozen=True)
class Webhook:
    """Where updates are posted."""

    url: str
    secret: str = ""
    max_connections: int = 40


@dataclass(frozen=True)
class Delivery:
    """One post to a webhook; `status` 0 where nobody answered."""

    update_id: int
    started: float
    ended: float
    status: int


@dataclass(frozen=True)
class Patience:
    """How webhooks are tried: seconds for an answer, posts before an update is given up, seconds between."""

    timeout: float = 10.0
    attempts: int = 5
    pause: float = 0.02


@dataclass
class Poll:
    """A getUpdates that waits; `ended` says why it may not go on."""

    ended: str = ""


class Updates:
    """All updates of one bot."""

    def __init__(
        self,
        clock: Callable[[], float],
        changes: Changes,
        patience: Patience,
        perform: Callable[[Ask], Awaitable[None]],
    ) -> None:
        self.pending: dict[int, Update] = {}
        self.made: dict[int, Update] = {}
        self.given_up: list[Update] = []
        self.deliveries: list[Delivery] = []
        self.allowed: tuple[str, ...] = ()
        self.webhook: Webhook | None = None
        self.last_error: tuple[int, str] | None = None
        self._clock, self._changes, self._patience, self._perform = clock, changes, patience, perform
        self._polling: Poll | None = None
        self._posting: dict[Lane, asyncio.Task[None]] = {}
        self._connections = asyncio.Semaphore(40)
        self._next_id = 100_001
        self.http: aiohttp.ClientSession | None = None

    @property
    def idle(self) -> bool:
        """Nothing waits and nothing is being posted."""
        return not self.pending and not self._posting

    @property
    def polling(self) -> bool:
        """Whether a getUpdates waits right now."""
        return self._polling is not None

    def add(self, kind: str, content: dict[str, Any], lane: Lane) -> int | None:
        """Keep an update; its id, or None where the bot did not ask for this kind."""
        if kind not in self.allowed if self.allowed else kind in UNASKED:
            return None
        life = QUERY_LIFE if kind == "callback_query" else MESSAGE_LIFE
        body = {"update_id": self._next_id, kind: content}
        update = Update(self._next_id, lane, self._clock() + life, body)
        self.pending[self._next_id] = self.made[self._next_id] = update
        self._next_id += 1
        self._post_lanes()
        self._changes.changed()
        return update.update_id

    def allow(self, kinds: Any) -> None:
        """Which kinds are made from now on; an empty list: the usual ones; None: as before."""
        if isinstance(kinds, list):
            self.allowed = tuple(str(kind) for kind in kinds)

    def _forget_old(self) -> None:
        for update in [one for one in self.pending.values() if one.expires <= self._clock()]:
            del self.pending[update.update_id]

    # Long polling

    async def poll(self, offset: int, limit: int, timeout: float, allowed: Any) -> list[dict[str, Any]]:
        """getUpdates: at once where there is something, else within `timeout` seconds. Raises Refused (409)."""
        if self.webhook:
            raise Refused(409, f"Conflict: {WEBHOOK_ACTIVE}")
        self._end_poll(OTHER_POLLER)
        self.allow(allowed)
        self._confirm(offset)
        poll = self._polling = Poll()
        self._changes.changed()
        try:
            await self._changes.until(lambda: poll.ended or self.pending, timeout)
        except TimeoutError:
            pass
        finally:
            if self._polling is poll:
                self._polling = None
        if poll.ended:
            raise Refused(409, f"Conflict: {poll.ended}")
        self._forget_old()
        return [update.body for update in self.pending.values()][: min(max(limit, 1), 100)]

    def _confirm(self, offset: int) -> None:
        """Forget what came before `offset`; a negative one keeps only the last so many."""
        self._forget_old()
        known = list(self.pending)
        gone = known[:offset] if offset < 0 else [one for one in known if one < offset]
        for update_id in gone:
            del self.pending[update_id]
        if gone:
            self._changes.changed()

    def _end_poll(self, reason: str) -> None:
        if self._polling:
            self._polling.ended = reason
            self._polling = None
            self._changes.changed()

    # Webhooks

    def set_webhook(self, webhook: Webhook | None, drop_pending: bool) -> None:
        """Post to `webhook` from now on; None: back to polling. What was in flight stays pending."""
        self._end_poll("terminated by setWebhook request")
        self._stop_posting()
        if drop_pending:
            self.pending.clear()
        self.webhook, self.last_error = webhook, None
        if webhook:
            self._connections = asyncio.Semaphore(webhook.max_connections)
        self._post_lanes()
        self._changes.changed()

    async def close(self) -> None:
        """End every post and poll."""
        self._end_poll("the server stops")
        posting = self._stop_posting()
        await asyncio.gather(*posting, return_exceptions=True)

    async def post_again(self, update_id: int, times: int = 1, secret: str | None = None) -> list[int]:
        """Redelivery: post one update `times` times at once, outside its lane. The statuses that came back."""
        update = self.made[update_id]
        return list(await asyncio.gather(*(self._post(update, secret) for _ in range(times))))

    def _stop_posting(self) -> list[asyncio.Task[None]]:
        posting = list(self._posting.values())
        self._posting.clear()
        for task in posting:
            task.cancel()
        return posting

    def _post_lanes(self) -> None:
        """Start a task for each lane that has work and none."""
        if self.webhook and self.http:
            for lane in {update.lane for update in self.pending.values()} - self._posting.keys():
                self._posting[lane] = asyncio.create_task(self._post_lane(lane))

    async def _post_lane(self, lane: Lane) -> None:
        """Post what waits in one lane, one after another, until it is empty."""
        while update := next((one for one in self.pending.values() if one.lane == lane), None):
            await self._deliver(update)
            if self._posting.get(lane) is not asyncio.current_task():
                return
            self.pending.pop(update.update_id, None)
            self._changes.changed()
        del self._posting[lane]
        self._changes.changed()

    async def _deliver(self, update: Update) -> None:
        """Post one update until it is taken, too old, or tried often enough."""
        for _ in range(self._patience.attempts):
            if update.expires <= self._clock():
                return
            if 200 <= await self._post(update) < 300:
                return
            await asyncio.sleep(self._patience.pause)
        self.given_up.append(update)

    async def _post(self, update: Update, secret: str | None = None) -> int:
        """One post; carries out the call that the answer may hold. The status, 0 for no answer."""
        assert self.webhook, "no webhook is set"
        assert self.http, "the server does not run"
        secret = self.webhook.secret if secret is None else secret
        headers = {"Content-Type": "application/json"}
        headers |= {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        started, status, reason = self._clock(), 0, "Connection refused"
        limit = aiohttp.ClientTimeout(total=self._patience.timeout)
        body = json.dumps(update.body).encode()
        try:
            async with (
                self._connections,
                self.http.post(self.webhook.url, data=body, headers=headers, timeout=limit) as reply,
            ):
                status, reason = reply.status, f"Wrong response from the webhook: {reply.status} {reply.reason}"
                if 200 <= status < 300 and (ask := await read_reply(reply)).text("method"):
                    await self._perform(ask)
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = "Connection timed out" if isinstance(error, TimeoutError) else reason
        if not 200 <= status < 300:
            self.last_error = int(self._clock()), reason
        self.deliveries.append(Delivery(update.update_id, started, self._clock(), status))
        self._changes.changed()
        return status

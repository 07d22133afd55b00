"""The rush: everybody starts the bot in the same second, and Telegram takes thirty messages a second.

Ours is what is answered a second, from the first answer to the last; the other is what Telegram allows. None may be
lost: that is asserted, not measured. Real polling, dispatcher and pace, against the local Bot API with its limiter.
"""

import asyncio
from pathlib import Path

from messages.pace import Pace
from storage.database.engine import Database
from storage.migrations import upgrading
from tests.bench.measuring import Pair, Speed
from tests.botapi import BotApi
from tests.support.cast import settle
from tests.support.phone import Clock, polling

PARENTS = 150
ALLOWED = 30  # a second
WANTED = 0.9


def measure(folder: Path) -> list[Pair]:
    """One rush."""
    database = Database(f"sqlite:///{folder / 'rush.db'}")
    try:
        upgrading.upgrade(database)
        settle(database)
        answered = asyncio.run(_rush(database))
    finally:
        database.close()
    name = f"answers when {PARENTS} start at once, and Telegram's limit"
    return [Pair(name, Speed(answered), Speed(ALLOWED), WANTED)]


async def _rush(database: Database) -> float:
    """How many were answered a second."""
    clock = Clock()
    async with BotApi() as api, polling(api, database, clock, Pace(clock.now)):
        api.limiter.set(overall=ALLOWED)
        people = [api.user(f"Parent {number}", "nl") for number in range(PARENTS)]
        await asyncio.gather(*(person.start("regenboog") for person in people))
        await api.idle(60)
        answered = sum(any(message.from_bot for message in person.chat) for person in people)
        assert answered == PARENTS, f"{PARENTS - answered} were never answered"
        calls = api.calls_of("sendMessage")
        assert {call.status for call in calls} == {200}
    return (len(calls) - 1) / (calls[-1].time - calls[0].time)

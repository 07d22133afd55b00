"""What every handler is given."""

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.conversation import Deps
from bot.telegram.client import TelegramClient

REMEMBERED = 10_000


@dataclass(slots=True)
class Answered:
    """The last updates that were answered in full: a redelivered one is not answered again (rule 17)."""

    updates: OrderedDict[int, None] = field(default_factory=OrderedDict)

    def __contains__(self, update_id: int) -> bool:
        return update_id in self.updates

    def add(self, update_id: int) -> None:
        self.updates[update_id] = None
        if len(self.updates) > REMEMBERED:
            self.updates.popitem(last=False)


@dataclass(frozen=True, slots=True)
class HandlerContext:
    """What a conversation needs, the way to Telegram, and what was answered."""

    deps: Deps
    client: TelegramClient
    answered: Answered = field(default_factory=Answered)

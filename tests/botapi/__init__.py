"""A local Bot API below the Telegram libraries, for tests: people above it, unmodified libraries beside it."""

from tests.botapi.bots import Bot
from tests.botapi.faults import Fault
from tests.botapi.people import User
from tests.botapi.server import BotApi
from tests.botapi.threads import BotApiThread, ThreadUser
from tests.botapi.updates import Delivery, Patience
from tests.botapi.words import Answer, Call, Document, Message

__all__ = [
    "Answer", "Bot", "BotApi", "BotApiThread", "Call", "Delivery", "Document", "Fault", "Message", "Patience",
    "ThreadUser", "User",
]  # fmt: skip

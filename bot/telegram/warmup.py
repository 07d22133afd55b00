"""Made ready before the first parent taps: models built and held, and what is loaded kept away from the collector.

aiogram builds a response model at first use and lets go of it again: each would cost a tap tens of milliseconds.
"""

import gc
from datetime import UTC, datetime
from functools import lru_cache

from aiogram.methods import Response
from aiogram.types import CallbackQuery, Chat, Message, Update, User
from aiogram.types import MessageId as _MessageId

_PINNED = (Response[bool], Response[Message], Response[Message | bool], Response[list[Update]], Response[_MessageId])


@lru_cache
def warm() -> None:
    """Read and write one of each; then freeze. Once in a process."""
    chat, user = Chat(id=1, type="private"), User(id=1, is_bot=False, first_name="a")
    message = Message(message_id=1, date=datetime.now(UTC), chat=chat, from_user=user, text="a")
    query = CallbackQuery(id="1", from_user=user, chat_instance="1", message=message, data="a")
    for update in (Update(update_id=1, message=message), Update(update_id=1, callback_query=query)):
        Update.model_validate_json(update.model_dump_json(exclude_none=True))
    for model in _PINNED:
        model.model_rebuild()
    gc.collect()
    gc.freeze()

"""One update of a person at a time, and nothing remembered of anybody.

aiogram's SimpleEventIsolation keeps a lock, and its MemoryStorage a record, for everybody who ever wrote; ours are gone
with the last update. Where a chat stands while signing in is kept in its row, never here (decision 3).
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseEventIsolation, BaseStorage, StorageKey


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


class OneAtATime(BaseEventIsolation):
    """As SimpleEventIsolation, without what it leaves behind."""

    def __init__(self) -> None:
        self._turns: dict[StorageKey, _Turn] = {}

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncGenerator[None, None]:
        turn = self._turns.setdefault(key, _Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._turns[key]

    async def close(self) -> None:
        self._turns.clear()

    def __len__(self) -> int:
        """How many people are being answered now."""
        return len(self._turns)


class NoStorage(BaseStorage):
    """aiogram asks for one; it is never written to."""

    async def set_state(self, key: StorageKey, state: str | State | None = None) -> None:
        raise NotImplementedError("no dialogue state is kept here")

    async def get_state(self, key: StorageKey) -> str | None:  # noqa: ARG002
        return None

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        raise NotImplementedError("no dialogue state is kept here")

    async def get_data(self, key: StorageKey) -> dict[str, Any]:  # noqa: ARG002
        return {}

    async def close(self) -> None:
        """Nothing to close."""

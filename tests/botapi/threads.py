"""The same local Bot API for tests without an event loop: the server runs in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from tests.botapi.people import PATIENCE, User
from tests.botapi.server import BotApi
from tests.botapi.words import Message

T = TypeVar("T")
LONGEST = 60.0  # seconds that one step may take before the test gives up


class BotApiThread:
    """`with BotApiThread() as server:` runs it; `server.api` is the BotApi.

    Whatever changes something goes through `run` (a coroutine) or `do` (a plain call), so that it happens
    in the server's own loop. Reading lists such as `server.api.calls` is safe from anywhere.
    """

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="botapi", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the thread and listen."""
        self._thread.start()
        self.api = self.do(lambda: BotApi(**self._settings))
        self.run(self.api.start())

    def stop(self) -> None:
        """End the server and the thread."""
        self.run(self.api.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONGEST)
        self._loop.close()

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the server's loop and wait for what it returns."""
        return asyncio.run_coroutine_threadsafe(step, self._loop).result(LONGEST)

    def do(self, step: Callable[[], T]) -> T:
        """Call a plain function in the server's loop."""

        async def call() -> T:
            return step()

        return self.run(call())

    def user(self, first_name: str, language_code: str | None = None) -> "ThreadUser":
        """A new person."""
        return ThreadUser(self.do(lambda: self.api.user(first_name, language_code)), self)

    def idle(self, timeout: float = PATIENCE) -> None:
        """See BotApi.idle."""
        self.run(self.api.idle(timeout))


class ThreadUser:
    """A person whose steps wait until they are done; `user` is the person within the server's loop."""

    def __init__(self, user: User, server: BotApiThread) -> None:
        self.user, self._server = user, server
        self.id = user.id

    @property
    def chat(self) -> list[Message]:
        """The messages on the screen now."""
        return self._server.do(lambda: self.user.chat)

    @property
    def alerts(self) -> list[str]:
        """The texts that popped up as an answer to a tap."""
        return self._server.do(lambda: self.user.alerts)

    def start(self, payload: str = "") -> Message:
        """See User.start."""
        return self._server.run(self.user.start(payload))

    def send(self, text: str) -> Message:
        """See User.send."""
        return self._server.run(self.user.send(text))

    def tap(self, message_id: int, callback_data: str) -> str:
        """See User.tap."""
        return self._server.run(self.user.tap(message_id, callback_data))

    def block(self) -> None:
        """See User.block."""
        self._server.run(self.user.block())

    def unblock(self) -> None:
        """See User.unblock."""
        self._server.run(self.user.unblock())

    def deactivate(self) -> None:
        """See User.deactivate."""
        self._server.run(self.user.deactivate())

    def wait_for(self, fact: Callable[[User], Any], timeout: float = PATIENCE) -> None:
        """See User.wait_for; `fact` is called in the server's loop and gets the inner User."""
        self._server.run(self.user.wait_for(fact, timeout))

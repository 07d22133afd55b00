"""What is worked out once for each worker instead of once for each test, and passwords that cost next to nothing.

Every test has a database of its own, hence an engine of its own, whose SQL is compiled anew; every bot and every mail
client reads the machine's certificates anew. None of that differs from one test to the next.

Passwords are cheap by a patch of this process, not by a setting: what could be set could be left set where it serves.
tests/storage/staff/test_passwords.py holds what they cost there.
"""

import ssl
from functools import cache

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from storage.staff import passwords

CHEAP = Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1)
_MOST_STATEMENTS = 5000  # kept compiled; the tests know some two thousand
_engines: dict[str, Engine] = {}


def share(patch: pytest.MonkeyPatch) -> None:
    """From now on, in this process."""
    patch.setattr(DefaultDialect, "engine_created", classmethod(_compiles_no_more))
    patch.setattr(passwords, "_hasher", PasswordHash((CHEAP,)))
    patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))


def _compiles_no_more(_dialect: type[DefaultDialect], engine: Engine) -> None:
    """An engine goes by what the first of its kind has compiled, and so by its dialect, which that SQL belongs to.

    The first is one that has been connected: until then a dialect knows nothing of its server.
    """
    kind = f"{engine.dialect.name}+{engine.dialect.driver}"
    if first := _engines.get(kind):
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
    else:
        engine._compiled_cache = LRUCache(_MOST_STATEMENTS)
        event.listen(engine, "connect", lambda *_: _engines.setdefault(kind, engine), once=True)

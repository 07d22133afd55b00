"""A browser at the desk: keeps its cookies, fills forms with their hidden token, and a clock that tests can turn."""

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx import Client, Response
from pydantic import SecretStr
from starlette.testclient import TestClient

from admin.app import create
from storage import tables
from storage.database.engine import Database
from storage.settings import Settings
from storage.staff import accounts, passwords
from storage.words import Role
from tests.support.cast import NOW, OPERATOR, PEPPER

PASSWORD = "vier gele laarzen"
DIRECTOR, NOOR, BRAM = "directie@regenboog.example", "noor@regenboog.example", "bram@regenboog.example"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@lru_cache
def hashed() -> str:
    """PASSWORD, as it is kept."""
    return passwords.hashed(PASSWORD)


@dataclass
class Turned:
    """A clock that stands where a test puts it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **more: float) -> None:
        self.now += timedelta(**more)


def settings(**changed: Any) -> Settings:
    made = Settings(_env_file=None, secret_key=SecretStr(PEPPER.decode()))
    return made.model_copy(update=changed)


class Browser:
    """One person's browser. `get` and `post` give the response; redirects are followed by hand, as tests want."""

    def __init__(
        self,
        database: Database,
        clock: Turned,
        *,
        mailbox: Path | None = None,
        app: FastAPI | None = None,
        **changed: Any,
    ) -> None:
        self.app = app or create(database, settings(**changed), now=clock, mailbox=mailbox)
        base = "https://testserver" if changed.get("base_url", "").startswith("https") else "http://testserver"
        self.client: Client = TestClient(self.app, base_url=base, follow_redirects=False, raise_server_exceptions=False)
        self.client.headers["accept-language"] = "en"
        self._tokens: dict[tuple[tuple[str, str], ...], str] = {}

    def get(self, path: str, **more: Any) -> Response:
        return self.client.get(path, **more)

    def post(
        self, path: str, fields: Mapping[str, str | list[str]] | None = None, *, token: str | None = None, **more: Any
    ) -> Response:
        """Send a form, with the token that the pages of this browser show."""
        shown = self.token() if token is None else token
        return self.client.post(path, data={"csrf": shown, **(fields or {})}, **more)

    def token(self) -> str:
        """The token of this browser's forms: it lasts as long as its cookies."""
        if self._cookies() not in self._tokens:
            shown = self._shown()  # which may set a cookie
            self._tokens = {self._cookies(): shown}
        return self._tokens[self._cookies()]

    def _cookies(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.client.cookies.items()))

    def _shown(self) -> str:
        page = self.client.get("/desk/sign-in")
        if page.status_code != 200:
            page = self.client.get("/desk/account")
        found = _TOKEN.search(page.text)
        assert found is not None
        return html.unescape(found[1])

    def sign_in(self, email: str = DIRECTOR, password: str = PASSWORD, **more: str) -> Response:
        """As they would who see its page now, whatever ran out meanwhile."""
        return self.post("/desk/sign-in", {"email": email, "password": password, **more}, token=self._shown())

    def carry(self, cookie: str, value: str) -> None:
        """Put a cookie in the place of the one that the desk set."""
        self.client.cookies.set(cookie, value, domain="testserver.local")

    @property
    def inside(self) -> bool:
        return self.client.get("/desk").status_code == 200


def hire(database: Database, school_id: int, email: str = DIRECTOR, role: Role = Role.ADMINISTRATOR) -> int:
    """An account with PASSWORD; its id."""
    return database.work(
        accounts.add_staff,
        school_id,
        OPERATOR,
        email=email,
        name=email.partition("@")[0].capitalize(),
        role=role,
        password=hashed(),
    ).id


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, to see whether anything changed."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in tables.metadata.sorted_tables
        }


@contextmanager
def unchanged(database: Database) -> Iterator[None]:
    """Fails where the block changed any row."""
    before = everything(database)
    yield
    assert everything(database) == before

"""The desk of De Regenboog, with its chat beside it, before real browsers."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from admin.app import create
from bot.web import routes
from storage.database.engine import Database
from tests.support import desk_browser
from tests.support.browser import DIRECTOR, PASSWORD, Turned, hire, settings
from tests.support.cast import Cast, settle
from tests.support.desk_browser import Sitting

Sit = Callable[..., Sitting]


@pytest.fixture
def regenboog(sqlite: Database) -> Cast:
    """The cast on SQLite alone: pages are the same on either database, and their actions are tested on both."""
    return settle(sqlite)


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def base(regenboog: Cast, clock: Turned, tmp_path: Path) -> Iterator[str]:
    """The address of the desk and the chat, with an administrator DIRECTOR hired."""
    hire(regenboog.database, regenboog.school)
    set_so = settings(data_dir=tmp_path)
    app = create(regenboog.database, set_so, now=clock)
    app.include_router(routes.router(regenboog.database, set_so, clock))
    with desk_browser.served(app) as address:
        yield address


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One for all these stories; each person in them has a context of their own in it.

    No wider than they are: while it is open no event loop can be run in this thread, and other tests run theirs.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def sit(base: str, browser: Browser) -> Iterator[Sit]:
    """`who = sit()`: signed in as DIRECTOR, on a laptop. `sit(None)`: before a closed door. More as `sitting` takes."""
    with ExitStack() as open_:

        def begin(email: str | None = DIRECTOR, path: str = "/desk", **how: Any) -> Sitting:
            sits: AbstractContextManager[Sitting] = desk_browser.sitting(browser, base, **how)
            who = open_.enter_context(sits)
            who.go(path if email is None else f"/desk/sign-in?next={path}")
            if email is not None:
                who.page.fill("#email", email)
                who.page.fill("#password", PASSWORD)
                who.page.locator("main form button").first.click()
                who.page.wait_for_url(f"**{path}")
                who.look()
                who.clicks = 0
            return who

        yield begin

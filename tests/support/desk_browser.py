"""Somebody who sits at the desk with a real browser: a laptop or a phone, with the desk's script or without.

Whatever they open is looked at on the way: nothing sticks out of the screen, the browser complains of nothing, and axe
finds nothing serious. Their clicks are counted, for the count against the manuals. `make pictures` keeps what
`picture` sees for the school's manual.
"""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Download, Locator, Page, ViewportSize, expect

PICTURES = Path(__file__).parents[2] / "docs" / "pictures" / "handleiding"
TAKEN = bool(os.environ.get("TIENMINUTEN_PICTURES"))
PATIENCE = 15_000  # milliseconds
LAPTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
SERIOUS = ("serious", "critical")


@dataclass
class Sitting:
    """One person before one browser. Texts are looked for in `main`, names are accessible names."""

    page: Page
    script: bool = True
    faults: list[str] = field(default_factory=list)
    clicks: int = 0
    _looked_at: set[str] = field(default_factory=set)

    def go(self, path: str) -> None:
        """Open an address, as from a bookmark or a mail: no click."""
        self.page.goto(path)
        self.look()

    def link(self, name: str | re.Pattern[str], then: str) -> None:
        self.tap(self.page.locator("main, header").get_by_role("link", name=name).first, then)

    def button(self, name: str | re.Pattern[str], then: str) -> None:
        self.tap(self.page.get_by_role("button", name=name, exact=isinstance(name, str)).first, then)

    def tap(self, what: Locator, then: str) -> None:
        """Tap it; the page that stands then says `then`."""
        self.clicks += 1
        what.click()
        self.says(then)
        self.look()

    def fill(self, label: str, value: str) -> None:
        """Type into a field; typing is no click."""
        self.page.get_by_label(label, exact=True).first.fill(value)

    def choose(self, label: str, option: str) -> None:
        """From a drop-down list, by what the option says: one click."""
        self.clicks += 1
        self.page.get_by_label(label, exact=True).first.select_option(label=option)

    def tick(self, label: str) -> None:
        self.clicks += 1
        self.page.get_by_label(label, exact=True).first.check()

    def upload(self, label: str, name: str, content: bytes, kind: str = "text/csv") -> None:
        """A file into a form: one click, as choosing it in the system's own window is."""
        self.clicks += 1
        file: Any = {"name": name, "mimeType": kind, "buffer": content}
        self.page.get_by_label(label, exact=True).first.set_input_files(file)

    def download(self, what: Locator) -> tuple[str, bytes]:
        """The file that tapping this brings: its name and what is in it."""
        self.clicks += 1
        with self.page.expect_download() as coming:
            what.click()
        came: Download = coming.value
        return came.suggested_filename, Path(came.path()).read_bytes()

    def says(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def says_not(self, text: str) -> None:
        expect(self.page.locator("main")).not_to_contain_text(text)

    def look(self) -> None:
        """What anybody would mind on the page that stands."""
        self.page.wait_for_load_state()  # its styles too: a page that is not dressed yet sticks out
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} sticks out by {wide} pixels"
        place = re.sub(r"\d+", "1", self.page.url.partition("?")[0])
        if self.script and place not in self._looked_at:  # axe is a script itself
            self._looked_at.add(place)
            assert serious(self.page) == [], self.page.url
        assert self.faults == []

    def picture(self, name: str, of: str = "body") -> None:
        """Keep the page, or a part of it, for the school's manual: docs/pictures/handleiding/<name>.png."""
        if TAKEN:
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.locator(of).first.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def serious(page: Page) -> list[str]:
    """What axe finds that is serious or worse, one line each."""
    page.evaluate(_axe())
    found = page.evaluate(
        "() => axe.run({resultTypes: ['violations'], selectors: false}).then(({violations}) => violations)"
    )
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in SERIOUS]


@cache
def _axe() -> str:
    script: str = Axe().axe_script
    return script


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """A real web server in a thread of its own, on a port that the system chooses; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    started = threading.Event()
    startup = server.startup

    async def and_tell(*given: Any, **named: Any) -> None:
        await startup(*given, **named)
        started.set()

    server.startup = and_tell  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(30)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


@contextmanager
def sitting(
    browser: Browser,
    base: str,
    *,
    size: ViewportSize = LAPTOP,
    script: bool = True,
    language: str = "nl-NL",
    dark: bool = False,
) -> Iterator[Sitting]:
    """A browser at `base`, nobody signed in yet: it shares nothing but its process with others of that browser."""
    context = browser.new_context(
        viewport=size,
        locale=language,
        java_script_enabled=script,
        base_url=base,
        accept_downloads=True,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        timezone_id="Europe/Amsterdam",
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    who = Sitting(context.new_page(), script)
    who.page.on("pageerror", lambda error: who.faults.append(str(error)))
    who.page.on("console", lambda said: who.faults.append(said.text) if said.type == "error" else None)
    try:
        yield who
    finally:
        context.close()

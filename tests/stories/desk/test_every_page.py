"""Every page of the desk's route table before a real browser: in Dutch, light and dark, on a laptop and on a phone.

On none: anything serious for axe, anything that sticks out, an error in the console, an English sentence; on each one
heading, a title, the way past the header first, and a focus that is seen. The route table is the test's input.
"""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from messages.text import words
from storage.words import Role
from tests.admin.walks.route_table import Ground, Route, Walked, Way, routes
from tests.admin.walks.routes import WAYS
from tests.support import desk_browser
from tests.support.databases import SqliteDatabases
from tests.support.desk_browser import LAPTOP, PHONE, Sitting, serious
from tests.test_translations import said

pytestmark = pytest.mark.browser
LONG = bool(os.environ.get("TIENMINUTEN_LONG"))
LOOKS = [(LAPTOP, False), (PHONE, True), *([(LAPTOP, True), (PHONE, False)] if LONG else [])]
AXE = LOOKS if LONG else LOOKS[:1]
PAGES = [route for route in routes() if route.reading and not route.path.startswith("/desk/mailbox")]


@pytest.fixture(scope="module")
def walked(sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    folder = tmp_path_factory.mktemp("every-page")
    with sqlite_databases.fresh(folder) as database:
        yield Walked(database, folder)


@pytest.fixture(scope="module")
def sittings(walked: Walked, browser: Browser) -> Iterator[dict[Role, Sitting]]:
    """One sitting for each role, signed in."""
    with ExitStack() as open_:
        base = open_.enter_context(desk_browser.served(walked.pair[0].browser.app))
        found = {}
        for role, walks in ((Role.ADMINISTRATOR, walked.pair[0].browser), (Role.TEACHER, walked.teacher)):
            who = found[role] = open_.enter_context(desk_browser.sitting(browser, base))
            # The same session as the walk's, for what was uploaded in it is there for nobody else.
            kept = [{"name": name, "value": value, "url": base} for name, value in walks.client.cookies.items()]
            who.page.context.add_cookies(kept)  # type: ignore[arg-type]
        yield found


def page_address(ground: Ground, route: Route) -> str:
    way = WAYS.get(route.key, Way())
    ready = dict(ground.made_ready(way))
    return ground.address(route, way, ready)


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_the_administrators_page(walked: Walked, sittings: dict[Role, Sitting], route: Route) -> None:
    look_at(sittings[Role.ADMINISTRATOR], walked.again()[0], route)


@pytest.mark.parametrize("route", [one for one in PAGES if not one.administrators and not one.public], ids=str)
def test_the_teachers_page(walked: Walked, sittings: dict[Role, Sitting], route: Route) -> None:
    look_at(sittings[Role.TEACHER], walked.again()[0], route)


def look_at(who: Sitting, ground: Ground, route: Route) -> None:
    address, page = page_address(ground, route), who.page
    answer = page.request.get(address, max_redirects=0)
    if answer.status in (303, 404) or not answer.headers["content-type"].startswith("text/html"):
        return  # leads on, is not there for this person, or is a file
    who.faults.clear()
    page.goto(address)
    for size, dark in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark" if dark else "light")
        where = (route.key, size["width"], "dark" if dark else "light")
        assert (where, sticking_out(page)) == (where, 0)
        if (size, dark) in AXE:
            assert (where, serious(page)) == (where, [])
    assert (route.key, who.faults) == (route.key, [])
    assert (route.key, outline(page)) == (route.key, {"headings": 1, "language": "nl", "main": 1})
    assert re.fullmatch(r"\S.* · Tienminuten", page.title()), route.key
    assert (route.key, sorted(english(page))) == (route.key, [])
    assert skips_first(page), f"{route.key}: the first tab stop is not the way past the header"
    assert unseen_focus(page) == [], route.key


def sticking_out(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def outline(page: Page) -> Any:
    return page.evaluate(
        """() => ({headings: document.querySelectorAll("h1").length, language: document.documentElement.lang,
        main: document.querySelectorAll("main").length})"""
    )


def skips_first(page: Page) -> bool:
    """The skip link is the first that the tab key comes to, unless a field asks for the focus itself."""
    return bool(page.evaluate("document.querySelector('a[href], button, input, select, textarea').matches('.skip')"))


def unseen_focus(page: Page) -> list[str]:
    """What the tab key comes to without its looking any different; the first dozen after the header.

    The key is pressed once: what a script focuses after that looks as it does for whoever goes by keys.
    """
    page.evaluate("document.querySelector('main').focus()")
    page.keyboard.press("Tab")
    found: list[str] = page.evaluate(
        """() => {
          const stops = [...document.querySelectorAll("main :is(a[href], button, input, select, textarea, summary)")];
          // A date is several fields in one, and the browser shows itself which of them has the focus.
          const dates = "[type=date], [type=time], [type=datetime-local]";
          const reached = stops.filter((one) => one.tabIndex >= 0 && one.checkVisibility() && !one.disabled);
          return reached.slice(0, 12).filter((one) => {
            one.focus();
            if (document.activeElement !== one || one.matches(dates)) return false;
            const style = getComputedStyle(one);
            return style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2;
          }).map((one) => one.outerHTML.slice(0, 120));
        }"""
    )
    return found


@cache
def untranslated() -> dict[str, str]:
    """English sentences of ours whose Dutch is another."""
    dutch = words("nl")
    return {text: dutch.say(text) for text in said() if "%(" not in text and dutch.say(text) != text}


SAME_IN_DUTCH = {"Mila", "Privacy", "Chats", "van", "Student", "Excel"}


def english(page: Page) -> set[str]:
    """The texts of a page, and of its labels, that are one of our English sentences."""
    texts = page.evaluate(
        """() => {
          const found = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const parent = walk.currentNode.parentElement;
            const theirs = parent.closest("script, style, code, .columns, [lang]:not(html)");
            if (!theirs) found.push(walk.currentNode.textContent);
          }
          for (const one of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
            for (const name of ["aria-label", "title", "placeholder", "alt"])
              if (one.getAttribute(name)) found.push(one.getAttribute(name));
          return found;
        }"""
    )
    dutch = set(untranslated().values())
    return {
        text for text in (" ".join(one.split()) for one in texts)
        if text in untranslated() and text not in dutch and text not in SAME_IN_DUTCH
    }  # fmt: skip

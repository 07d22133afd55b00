"""The chat page on a small phone: the newest word and the next button are in view; an open page stays true."""

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.async_api import Locator, Page, ViewportSize, async_playwright, expect

from bot.web.routes import router
from storage.booking import booking
from storage.database.engine import Database
from tests.stories.test_parent_browser import say, tap
from tests.support.arriving import moves_in
from tests.support.cast import DESK, Cast, settle
from tests.support.notices import book
from tests.support.phone import Clock, served, settings, story

pytestmark = pytest.mark.browser
SMALL = ViewportSize(width=360, height=640)


def pages(database: Database) -> FastAPI:
    app = FastAPI()
    app.include_router(router(database, settings(), Clock().now))
    return app


async def in_view(found: Locator) -> bool:
    """Whether all of it can be seen without scrolling."""
    box = await found.bounding_box()
    assert box is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= SMALL["height"]


async def signs_in(page: Page, address: str) -> None:
    await page.goto(f"{address}/regenboog")
    await say(page, "Sanne", "Uw postcode")
    await say(page, "3511 ab", "Welkom! U bent ingelogd voor")


def three_children(cast: Cast) -> None:
    moves_in(cast, "de Vries", "Tygo", "de", "Vries", group="groep7", family_id=cast.de_vries)


@pytest.mark.parametrize("script", [True, False], ids=["with its script", "without scripts"])
@story
async def test_the_newest_word_and_the_next_button_are_in_view_with_three_children(
    sqlite: Database, chromium: str, tmp_path: Path, script: bool
) -> None:
    cast = settle(sqlite)
    three_children(cast)
    async with served(pages(sqlite)) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context(viewport=SMALL, locale="nl-NL", java_script_enabled=script)
        page = await context.new_page()
        await signs_in(page, address)
        await tap(page, "Kies tijd voor Daan", "Welke tijd past u?")
        assert await page.locator(".key", has_text=":").count() == 12, "an evening on one page"
        await tap(page, "18:20", "✓ dinsdag 24 november, 18:20")
        await expect(page.locator(".note")).to_contain_text("Afgesproken voor Daan: dinsdag 24 november, 18:20")
        await page.screenshot(path=tmp_path / "booked.png")
        assert await in_view(page.locator(".note"))
        assert await in_view(page.locator(".key", has_text="Kies tijd voor Sanne"))
        await tap(page, "Kies tijd voor Tygo", "Welke tijd past u?")
        book(cast, "smit", "stephanie", cast.bram_slots[5])
        await page.locator(".key", has_text="18:50").click()
        await expect(page.locator(".alert")).to_contain_text("Dat moment is net bezet")
        assert await in_view(page.locator(".alert"))
        assert await in_view(page.locator(".key", has_text="Overzicht"))
        await browser.close()


@story
async def test_a_page_that_stands_open_is_read_anew_when_the_school_moves_a_talk(
    sqlite: Database, chromium: str
) -> None:
    cast = settle(sqlite)
    async with served(pages(sqlite)) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await (await browser.new_context(viewport=SMALL, locale="nl-NL")).new_page()
        await signs_in(page, address)
        booked = book(cast, "de_vries", "daan", cast.bram_slots[0])
        await turned_to(page)
        await expect(page.locator("#newest")).to_contain_text("✓ dinsdag 24 november, 18:00")
        acting = replace(DESK)
        sqlite.work(booking.move, cast.school, acting, booking_id=booked.id, slot_id=cast.bram_slots[3])
        await turned_to(page)
        await expect(page.locator(".key", has_text="18:30 ✓")).to_be_visible()
        await browser.close()


async def turned_to(page: Page) -> None:
    """The person comes back to the page."""
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

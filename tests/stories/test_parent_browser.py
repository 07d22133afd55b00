"""A parent with a real browser on a phone: books in the chat page, with its script and without."""

from pathlib import Path
from typing import Literal

import pytest
from fastapi import FastAPI
from playwright.async_api import Page, ViewportSize, async_playwright, expect

from bot.web.routes import router
from storage.database.engine import Database
from tests.stories.test_parent import held
from tests.support.cast import settle
from tests.support.phone import Clock, served, settings, story

pytestmark = pytest.mark.browser
PHONE = ViewportSize(width=390, height=844)


async def say(page: Page, text: str, then: str) -> None:
    await page.fill("#text", text)
    await page.click(".send")
    await expect(page.locator("#newest")).to_contain_text(then)


async def tap(page: Page, label: str, then: str) -> None:
    await page.locator(".key", has_text=label).click()
    await expect(page.locator("#newest")).to_contain_text(then)


async def book(page: Page, address: str) -> None:
    await page.goto(f"{address}/regenboog")
    await say(page, "Sanne", "Uw postcode")
    await say(page, "3511 ab", "Welkom! U bent ingelogd voor Daan en Sanne.")
    await tap(page, "Kies tijd voor Daan", "Welke tijd past u?")
    await tap(page, "18:20", "✓ dinsdag 24 november, 18:20")


@pytest.mark.parametrize("script", [True, False], ids=["with its script", "without scripts"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@story
async def test_a_parent_books_in_the_chat_page(
    sqlite: Database, chromium: str, tmp_path: Path, scheme: Literal["light", "dark"], script: bool
) -> None:
    cast = settle(sqlite)
    app = FastAPI()
    app.include_router(router(sqlite, settings(), Clock().now))
    async with served(app) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context(
            viewport=PHONE, locale="nl-NL", color_scheme=scheme, java_script_enabled=script, has_touch=True
        )
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        await book(page, address)
        await page.screenshot(path=tmp_path / "booked.png")
        assert (tmp_path / "booked.png").stat().st_size > 10_000
        box = await page.locator(".key", has_text="Instellingen").bounding_box()
        assert box is not None
        assert box["height"] >= 44, "a thumb's breadth"
        assert box["x"] + box["width"] <= PHONE["width"]
        await tap(page, "Daan · di 24 nov 18:20 ✓", "dinsdag 24 november, 18:20 – 18:30")
        await tap(page, "Overzicht", "✓ dinsdag 24 november, 18:20")
        assert await page.locator("html").get_attribute("lang") == "nl"
        assert faults == []
        await browser.close()
    assert held(cast) == [(cast.de_vries, cast.daan, cast.bram_slots[2])]

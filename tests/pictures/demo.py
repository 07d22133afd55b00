"""The README's pictures, taken of a demo that runs. Nothing in them is drawn by hand."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.tools import BROWSERS

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PATIENCE = 120_000  # milliseconds


def main() -> None:
    """Start a demo in a folder of its own, look at it as a parent and as an administrator, stop it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "admin.commands", "demo", "--port", "0", "--directory", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
            try:
                told = _told(demo)
                with sync_playwright() as playwright:
                    browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
                    _chat(browser, told)
                    _desk(browser, told)
                    browser.close()
            finally:
                demo.terminate()
                demo.wait(30)


def _told(demo: subprocess.Popen[str]) -> dict[str, str]:
    """What the demo prints: its two addresses and the sign-ins."""
    assert demo.stdout is not None
    text = ""
    for line in demo.stdout:
        text += line
        if "/desk/mailbox" in line:
            break
    patterns = {
        "chat": r"Parents\s+(\S+)",
        "first name": r"first name: (\S+)",
        "postcode": r"postcode: (.+)",
        "desk": r"Desk\s+(\S+)",
        "e-mail": r"e-mail: (\S+)",
        "password": r"password: (\S+)",
    }
    return {name: re.search(pattern, text)[1].strip() for name, pattern in patterns.items()}  # type: ignore[index]


def _chromium() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _chat(browser: Browser, told: dict[str, str]) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 700}, device_scale_factor=2, locale="nl-NL", reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(told["chat"])
    for answer in (told["first name"], told["postcode"]):
        page.fill("#text", answer)
        _answered(page, ".send")
    for _ in ("a child", "a day"):
        _answered(page, ".key >> nth=0")
    page.screenshot(path=PICTURES / "chat.png")
    context.close()


def _answered(page: Page, button: str) -> None:
    """Tap, and wait until the chat has answered."""
    before = page.inner_text("main")
    page.click(button)
    page.wait_for_function("before => document.querySelector('main')?.innerText !== before", arg=before)
    page.wait_for_load_state("networkidle")


def _desk(browser: Browser, told: dict[str, str]) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 760}, locale="nl-NL")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(told["desk"])
    page.fill("input[type=email]", told["e-mail"])
    page.fill("input[type=password]", told["password"])
    page.keyboard.press("Enter")
    page.click("a[href='/desk/plannings']")
    page.click("main tbody td:first-child a >> nth=3")  # the fourth planning, not what is found wrong with one
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / "desk.png")
    context.close()


if __name__ == "__main__":
    main()

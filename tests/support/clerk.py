"""Somebody at work at the desk: follows where a form leads, and reads what a page says."""

import html
import re
from pathlib import Path
from typing import Any

from httpx import Response

from storage.words import Role
from tests.support.browser import Browser, Turned, hire
from tests.support.cast import Cast

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


class Clerk:
    """Signed in with an account of their own; English, so that tests read as they are written."""

    def __init__(self, cast: Cast, folder: Path, role: Role, email: str, clock: Turned | None = None) -> None:
        hire(cast.database, cast.school, email, role)
        browser = Browser(cast.database, clock or Turned(), data_dir=folder)
        assert browser.sign_in(email).status_code == 303
        self.client = browser.client
        self.client.follow_redirects = True
        self.csrf = ""
        self.get("/desk/account")

    def get(self, path: str) -> Response:
        return self._read(self.client.get(path))

    def post(self, path: str, **fields: Any) -> Response:
        """A form with the token of the page that was read last. A list is a field that is there several times."""
        return self._read(self.client.post(path, data={"csrf": self.csrf, **fields}))

    def send(self, path: str, name: str, data: bytes) -> Response:
        """A form with a file."""
        return self._read(self.client.post(path, data={"csrf": self.csrf}, files={"file": (name, data)}))

    def _read(self, answer: Response) -> Response:
        if token := _CSRF.search(answer.text if "html" in answer.headers.get("content-type", "") else ""):
            self.csrf = token[1]
        return answer


def said(answer: Response) -> list[str]:
    """The sentences that stand out on a page."""
    notices = re.findall(r'<p class="notice[^"]*"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", "", notice)).split()) for notice in notices]


def blocks(answer: Response) -> list[str]:
    """The blocks of a planning, in order, as a reader hears them."""
    found = re.findall(r'<(?:a|button) class="block [^"]*"[^>]*>(.*?)</(?:a|button)>', answer.text, re.DOTALL)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", "", block)).split()) for block in found]

"""The chat's pages and the desk hold a browser to one rule, and send one set of headers (G7)."""

import re
from pathlib import Path

import pytest

from bot.web.pages import redirect
from messages.web_safety import HEADERS, from_elsewhere

ROOT = Path(__file__).parents[2]
BASE = "https://tienminuten.example"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
        {"origin": "https://evil.example"},
        {"origin": "https://tienminuten.example.evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "null", "host": ""},
    ],
)
def test_what_another_site_sends_is_from_elsewhere(headers: dict[str, str]) -> None:
    assert from_elsewhere(headers, BASE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": BASE},
        {"origin": BASE},
        {"origin": "http://10.0.0.5:8000", "host": "10.0.0.5:8000"},
    ],
)
def test_our_own_form_and_a_client_that_says_nothing_are_not(headers: dict[str, str]) -> None:
    assert not from_elsewhere(headers, BASE)


def test_the_chat_sends_every_header_of_the_desk() -> None:
    """By itself too, without what is around the desk: `Cross-Origin-Resource-Policy` was once missing there."""
    sent = redirect("/").headers
    assert {name: sent.get(name) for name in HEADERS} == HEADERS


def test_neither_front_has_a_rule_of_its_own() -> None:
    own = re.compile(r"sec-fetch-site|default-src")
    fronts = [path for folder in ("bot", "admin") for path in (ROOT / folder).rglob("*.py")]
    assert [str(path) for path in fronts if own.search(path.read_text(encoding="utf-8"))] == []

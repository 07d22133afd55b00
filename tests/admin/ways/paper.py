"""Exports, paper, and inviting."""

from tests.admin.walking import Way

WAYS: dict[str, Way] = {}

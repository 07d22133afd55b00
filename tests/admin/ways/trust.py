"""The audit trail, privacy, the year."""

from tests.admin.walking import Way

WAYS: dict[str, Way] = {}

"""Secrets as they are kept: keyed with the pepper, never in the clear (rule 5)."""

import hmac

from storage.words import SecretKind


def keyed(pepper: bytes, kind: SecretKind, normalised: str) -> str:
    """The HMAC (64 hex digits) of a normalised datum of a kind; equal data of two kinds differ."""
    return _mac(pepper, f"{kind}:{normalised}")


def name_mac(pepper: bytes, name_key: str) -> str:
    """The HMAC of a normalised first name, for counting guesses without keeping names (rule 4)."""
    return _mac(pepper, f"name:{name_key}")


def _mac(pepper: bytes, text: str) -> str:
    return hmac.digest(pepper, text.encode(), "sha256").hex()

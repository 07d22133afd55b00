"""Marks a text for the catalogs where it is kept in a value and only translated when it is shown."""


def N_(msgid: str) -> str:
    """The text itself."""
    return msgid

"""Texts that are kept as English msgids in values, and translated where they are shown."""

Values = tuple[tuple[str, str], ...]


def N_(msgid: str) -> str:
    """Mark a text for the catalogs; it is translated where it is shown."""
    return msgid


def pairs(**values: object) -> Values:
    """Values for a reason, cut so that a strange cell cannot fill the screen."""
    return tuple((name, _cut(str(value))) for name, value in values.items())


def _cut(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text[:60])
    return plain if len(text) <= 60 else plain + "…"

"""Names in the order in which people read them, and how many words of a search are looked at."""

MOST_WORDS = 6


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """To order by: `groep 2` before `groep 10`."""
    parts: list[tuple[int, str]] = []
    digits = ""
    for letter in [*name.casefold(), ""]:
        if letter.isdecimal():
            digits += letter
            continue
        if digits:
            parts.append((int(digits), ""))
            digits = ""
        parts.append((-1, letter))
    return tuple(parts)

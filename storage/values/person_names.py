"""A student's name: how it is shown, and by which keys a parent's typing finds it (rule 2)."""

from functools import lru_cache

from storage.values.normalise import name

_LONGEST_KEY = 80


@lru_cache(maxsize=20_000)
def key(text: str) -> str:
    """The normalised form of one name, as long as its column."""
    return name(text)[:_LONGEST_KEY]


def keys(first_name: str, call_name: str) -> tuple[str, str]:
    """(name_key, call_key) of a student.

    Where the school has both, the call name is one key and the first of the given names the other: nobody calls a
    child by all three of them (rule 2).
    """
    if not call_name:
        return key(first_name), ""
    return key(first_name.split(" ", 1)[0]) or key(first_name), key(call_name)


def full(first_name: str, prefix: str, last_name: str, call_name: str = "") -> str:
    """`Sanne de Vries`, by the call name where there is one."""
    return " ".join(part for part in (call_name or first_name, prefix, last_name) if part)


def sorted_form(first_name: str, prefix: str, last_name: str, call_name: str = "") -> str:
    """`Vries, Sanne de`: how a list is read and sorted."""
    return f"{last_name}, " + " ".join(part for part in (call_name or first_name, prefix) if part)


def group_key(text: str) -> str:
    """A group's name to compare: `Groep 4` is `groep 4`; `1/2` is not `12`."""
    return " ".join(text.split()).casefold()

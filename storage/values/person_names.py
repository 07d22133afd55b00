"""A student's name: how it is shown, and by which keys a parent's typing finds it (rule 2).

Whoever shows a child asks here. Each form takes the call name too, and shows it wherever there is one: the parent who
books for Sanne is reminded of Sanne, not of Susanna Maria Elisabeth.
"""

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


def called(first_name: str, call_name: str) -> str:
    """`Sanne`: the call name where there is one, else the given names. The other forms begin with it."""
    return call_name or first_name


def surname(prefix: str, last_name: str) -> str:
    """`de Vries`."""
    return " ".join(part for part in (prefix, last_name) if part)


def family_name(first_name: str, prefix: str, last_name: str, call_name: str) -> str:
    """What a child's family is called: `de Vries`, and the child's only name where it has one."""
    return surname(prefix, last_name) or called(first_name, call_name)


def full(first_name: str, prefix: str, last_name: str, call_name: str) -> str:
    """`Sanne de Vries`; a part that is not known leaves no gap."""
    return " ".join(part for part in (called(first_name, call_name), prefix, last_name) if part)


def sorted_form(first_name: str, prefix: str, last_name: str, call_name: str) -> str:
    """`Vries, Sanne de`: how a list is read and sorted."""
    given = " ".join(part for part in (called(first_name, call_name), prefix) if part)
    return f"{last_name}, {given}" if last_name else given


def initialled(first_name: str, last_name: str, call_name: str) -> str:
    """`Sanne V.`: what may be told of a child where others look on."""
    given = called(first_name, call_name)
    return f"{given} {last_name[:1].upper()}." if last_name else given


def group_key(text: str) -> str:
    """A group's name to compare: `Groep 4` is `groep 4`; `1/2` is not `12`."""
    return " ".join(text.split()).casefold()

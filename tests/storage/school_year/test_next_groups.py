"""Where a group goes at the end of the year, by its name (D19)."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pytest

from storage.school_year.next_groups import Destination, NextGroup, proposals, stays_down, year

STAYS = NextGroup(Destination.STAY, known=False)
WHOLE = [f"groep {number}" for number in range(1, 9)]


def ways(*names: str) -> dict[str, str]:
    """Name → the name of the group it goes to, `leave`, `stay`, or `+` and the name of one that is made."""
    found = proposals(dict(enumerate(names)))
    words: dict[Destination, Callable[[NextGroup], str]] = {
        Destination.LEAVE: lambda _: "leave",
        Destination.STAY: lambda _: "stay",
        Destination.NEW: lambda way: f"+{way.name}",
    }
    return {
        names[id_]: names[way.group_id] if way.group_id is not None else words[way.goes](way)
        for id_, way in found.items()
    }


def test_eight_leaves_and_the_others_go_up_one() -> None:
    assert ways(*WHOLE) == {**dict(pairwise(WHOLE)), "groep 8": "leave"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("1a", "1b", "2a", "2b"), {"1a": "2a", "1b": "2b", "2a": "+3a", "2b": "+3b"}),
        (("6A", "6B", "7a", "7b", "8"), {"6A": "7a", "6B": "7b", "7a": "8", "7b": "8", "8": "leave"}),
        (("1/2", "3/4", "5/6", "7/8"), {"1/2": "3/4", "3/4": "5/6", "5/6": "7/8", "7/8": "leave"}),
        (("6", "7", "7/8"), {"6": "stay", "7": "7/8", "7/8": "leave"}),
        (("6/7", "7/8"), {"6/7": "7/8", "7/8": "leave"}),
        (("Groep 5 en 6", "gr. 7"), {"Groep 5 en 6": "gr. 7", "gr. 7": "+gr. 8"}),
        (("klas 3C", "klas 4C"), {"klas 3C": "klas 4C", "klas 4C": "leave"}),
        (("havo 4", "havo 5", "vwo 5"), {"havo 4": "havo 5", "havo 5": "leave", "vwo 5": "leave"}),
        (("vwo 5", "vwo 6"), {"vwo 5": "vwo 6", "vwo 6": "leave"}),
        (("6", "7a", "7b"), {"6": "stay", "7a": "+8a", "7b": "+8b"}),
        (("Kleuters", "plusgroep 2", "lokaal 3", "groep 12", "groep 2/5", ""), dict.fromkeys(
            ("Kleuters", "plusgroep 2", "lokaal 3", "groep 12", "groep 2/5", ""), "stay"
        )),
    ],
)  # fmt: skip
def test_names_of_all_kinds(names: tuple[str, ...], expected: dict[str, str]) -> None:
    assert ways(*names) == expected


def test_the_desk_is_told_which_name_says_nothing() -> None:
    assert proposals({1: "Kleuters", 2: "groep 8"}) == {1: STAYS, 2: NextGroup(Destination.LEAVE)}


@pytest.mark.parametrize("day", [date(2027, 7, 1), date(2027, 8, 20), date(2027, 10, 20)])
def test_of_a_combined_group_the_younger_ones_stay(day: date) -> None:
    combined = year("7/8")
    assert combined is not None
    assert not stays_down(combined, date(2015, 3, 1), day)  # eleven in the autumn of 2026: an eight
    assert stays_down(combined, date(2016, 3, 1), day)
    assert stays_down(combined, date(2015, 12, 1), day)
    assert not stays_down(combined, None, day)


def test_of_a_plain_group_nobody_is_thought_to_stay() -> None:
    plain = year("groep 7")
    assert plain is not None
    assert not stays_down(plain, date(2020, 1, 1), date(2027, 7, 1))

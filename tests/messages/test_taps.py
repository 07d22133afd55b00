"""Taps on the wire: what stands in the chats today must be read tomorrow, and nothing else is a tap."""

from dataclasses import MISSING, fields

import pytest

from messages import taps
from messages.taps import KINDS, MOST_NUMBER, Tap, unpack

# As buttons carry them in chats by now. A line may be added, never changed: somebody may tap it any day.
IN_CHATS = {
    "days.1.2.3": taps.ShowDays(family_id=1, student_id=2, planning_id=3),
    "days.1.2.3.0": taps.ShowDays(family_id=1, student_id=2, planning_id=3),
    "days.a.1x.zz.2": taps.ShowDays(family_id=10, student_id=69, planning_id=1295, page=2),
    "times.1.2.3.fuy0": taps.ShowTimes(family_id=1, student_id=2, planning_id=3, day=739944),
    "times.1.2.3.fuy0.1": taps.ShowTimes(family_id=1, student_id=2, planning_id=3, day=739944, page=1),
    "book.1.2.3.fuy0.5": taps.Book(family_id=1, student_id=2, planning_id=3, day=739944, slot_id=5),
    "mine.761.2a": taps.ShowBooking(family_id=9289, booking_id=82),
    "move.1.9": taps.ShowDaysToMove(family_id=1, booking_id=9),
    "move.1.9.1": taps.ShowDaysToMove(family_id=1, booking_id=9, page=1),
    "when.1.9.fuy0": taps.ShowTimesToMove(family_id=1, booking_id=9, day=739944),
    "when.1.9.fuy0.3": taps.ShowTimesToMove(family_id=1, booking_id=9, day=739944, page=3),
    "moveto.1.9.fuy0.5": taps.MoveTo(family_id=1, booking_id=9, day=739944, slot_id=5),
    "cancel.1.9": taps.AskCancel(family_id=1, booking_id=9),
    "drop.1.9": taps.Cancel(family_id=1, booking_id=9),
    "file.1.9": taps.SendFile(family_id=1, booking_id=9),
    "files": taps.SendFiles(),
    "seen": taps.Seen(),
    "disown.1.7": taps.Disown(family_id=1, chat_id=7),
    "home": taps.ShowOverview(),
    "home.0": taps.ShowOverview(),
    "home.1": taps.ShowOverview(page=1),
    "settings": taps.ShowSettings(),
    "speak.nl": taps.ChooseLanguage(letters=849),
    "families": taps.ShowFamilies(),
    "switch.1.2": taps.SwitchFamily(school_id=1, family_id=2),
    "school.7": taps.EnterSchool(school_id=7),
    "other": taps.AskSchool(),
    "add": taps.AddFamily(),
    "again": taps.AskFirstNameAgain(),
    "back": taps.BackToFamily(),
    "mailme": taps.AskAddress(),
    "leave": taps.AskLogOut(),
    "logout.2": taps.LogOut(family_id=2),
}


@pytest.mark.parametrize("packed", IN_CHATS)
def test_a_button_that_stands_in_a_chat_keeps_its_meaning(packed: str) -> None:
    assert unpack(packed) == IN_CHATS[packed]
    assert unpack(IN_CHATS[packed].pack()) == IN_CHATS[packed]


def test_a_tap_is_packed_as_short_as_it_goes() -> None:
    shortest: dict[Tap, str] = {}
    for packed, tap in IN_CHATS.items():
        shortest[tap] = min(packed, shortest.get(tap, packed), key=len)
    assert {tap: tap.pack() for tap in shortest} == shortest


def test_every_kind_of_tap_is_known_by_its_verb_and_has_an_example() -> None:
    kinds = {
        one for one in vars(taps).values() if isinstance(one, type) and issubclass(one, Tap) and "verb" in vars(one)
    }
    assert set(KINDS.values()) == kinds == {type(tap) for tap in IN_CHATS.values()}
    assert all(KINDS[kind.verb] is kind and kind.verb.isalpha() and kind.verb.islower() for kind in kinds)


def test_numbers_that_may_be_left_out_come_last() -> None:
    for kind in KINDS.values():
        optional = [field.default is not MISSING for field in fields(kind)]
        assert optional == sorted(optional), kind


@pytest.mark.parametrize("kind", KINDS.values())
def test_too_few_or_too_many_numbers_or_one_too_large_are_no_tap(kind: type[Tap]) -> None:
    least = sum(field.default is MISSING for field in fields(kind))
    most = len(fields(kind))
    read = [unpack(".".join((kind.verb, *["1"] * count))) is not None for count in range(most + 3)]
    assert read == [least <= count <= most for count in range(most + 3)]
    if most:
        largest = kind(**{field.name: MOST_NUMBER for field in fields(kind)})
        assert unpack(largest.pack()) == largest
        assert unpack(kind(**{field.name: MOST_NUMBER + 1 for field in fields(kind)}).pack()) is None


@pytest.mark.parametrize("noise", ["", "x", "HOME", "home.", "home..1", "home.-1", "home. 1", "home.é", "mine.1.2 "])
def test_anything_else_is_no_tap(noise: str) -> None:
    assert unpack(noise) is None


def test_two_taps_with_the_same_numbers_are_not_the_same() -> None:
    assert len({taps.AskCancel(family_id=1, booking_id=9), taps.Cancel(family_id=1, booking_id=9)}) == 2


def test_a_number_below_zero_cannot_be_packed() -> None:
    with pytest.raises(ValueError, match="negative"):
        taps.LogOut(family_id=-1).pack()

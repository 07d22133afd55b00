"""What a merge of two families would bring together, shown before it is done (D7; rules 8, 10)."""

from datetime import timedelta

import pytest

from storage.booking import booking
from storage.families import blocking, merging
from storage.refusals import Invalid, NotFound, Refused
from tests.storage.families.test_families import sql
from tests.support.cast import DESK, NOW, PEPPER, Cast
from tests.support.notices import link_chat


def book(cast: Cast, family: int, student: int, slot: int) -> None:
    held = {"family_id": family, "student_id": student, "slot_id": slot}
    cast.database.work(booking.book, cast.school, DESK, **held)


def seen(cast: Cast, into: int, other: int) -> merging.Merging:
    return cast.database.read(merging.merging, cast.school, into, other, NOW)


def test_children_chats_and_talks_of_both_are_shown(cast: Cast) -> None:
    link_chat(cast, cast.smit)
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[3])
    found = seen(cast, cast.yilmaz, cast.smit)
    assert (found.into.children, found.into.chats, found.into.talks) == (("Emir Yılmaz", "Elif Yılmaz"), 0, ())
    assert (found.other.name, found.other.children, found.other.chats) == ("Smit", ("Stéphanie Smit",), 1)
    assert [talk.slot_id for talk in found.other.talks] == [cast.bram_slots[3]]
    assert (found.clashes, found.possible) == ((), True)


def test_talks_at_one_time_are_warned_of_and_the_merge_is_done_all_the_same(cast: Cast) -> None:
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])
    book(cast, cast.yilmaz, cast.emir, cast.noor_slots[0])
    book(cast, cast.yilmaz, cast.ids["elif"], cast.noor_slots[1])
    found = seen(cast, cast.yilmaz, cast.smit)
    assert [(one.one.student_id, one.other.student_id, one.double) for one in found.clashes] == [
        (cast.emir, cast.stephanie, False)
    ]
    assert found.possible
    cast.database.work(merging.merge, cast.school, DESK, cast.yilmaz, cast.smit, PEPPER)
    assert len(cast.database.read(merging.merging, cast.school, cast.yilmaz, cast.jansen, NOW).into.talks) == 3


def test_walking_time_counts(cast: Cast) -> None:
    sql(cast, "UPDATE conference SET walking_minutes = 5")
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])
    book(cast, cast.yilmaz, cast.emir, cast.noor_slots[1])
    assert len(seen(cast, cast.yilmaz, cast.smit).clashes) == 1


def test_two_talks_of_one_child_in_one_planning_stand_in_the_way(cast: Cast) -> None:
    sql(cast, "UPDATE conference SET policy = 'each'")
    book(cast, cast.jansen, cast.lotte, cast.noor_slots[0])
    book(cast, cast.bakker, cast.lotte, cast.noor_slots[5])
    found = seen(cast, cast.jansen, cast.bakker)
    assert ([clash.double for clash in found.clashes], found.possible) == ([True], False)


def test_a_blocked_family_stands_in_the_way_and_past_talks_do_not(cast: Cast) -> None:
    book(cast, cast.smit, cast.stephanie, cast.bram_slots[0])
    cast.database.work(blocking.block, cast.school, DESK, cast.smit)
    later = cast.database.read(merging.merging, cast.school, cast.yilmaz, cast.smit, NOW + timedelta(days=30))
    assert (later.other.talks, later.possible) == ((), False)


@pytest.mark.parametrize("foreign", ["into", "other", "same"])
def test_families_of_another_school_are_not_there(cast: Cast, foreign: str) -> None:
    into = cast.mulder if foreign == "into" else cast.smit
    other = cast.smit if foreign == "same" else cast.yilmaz if foreign == "into" else cast.mulder
    with pytest.raises(Refused) as refused:
        seen(cast, into, other)
    why = Invalid("This is one family already.") if foreign == "same" else NotFound("family")
    assert refused.value.refusal == why

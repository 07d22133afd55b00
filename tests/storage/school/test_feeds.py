"""Calendar feeds: whose talks, how little of a child, and an address that dies at once (D26)."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from storage.planning import slots
from storage.privacy.retention_table import CANCELLED
from storage.refusals import NotFound, Refused
from storage.school import feeds
from storage.school.feeds import Feed, FeedTalk, Whose
from storage.tables import Booking, PlanningTeacher, Student
from storage.words import Act, Actor, SlotState
from tests.support.browser import everything, unchanged
from tests.support.cast import DESK, NOW, PEPPER, Cast
from tests.support.notices import add_slot, book, cancel, move
from tests.support.trail import acts

LATER = NOW + timedelta(hours=3)


def token(cast: Cast, whose: Whose, row_id: int) -> str:
    return cast.database.work(feeds.renew, cast.school, DESK, whose, row_id, PEPPER).token


def feed(cast: Cast, whose: Whose, row_id: int, now: datetime = NOW) -> Feed:
    found = cast.database.read(feeds.read, token(cast, whose, row_id), PEPPER, now)
    assert found
    return found


def shown(found: Feed) -> list[tuple[str, tuple[str, ...], str]]:
    return [(talk.child, talk.groups, talk.title) for talk in found.talks]


def test_a_teacher_has_the_talks_of_all_own_plannings_and_a_group_those_of_its_children(cast: Cast) -> None:
    book(cast, "de_vries", "daan", cast.bram_slots[4])
    book(cast, "de_vries", "sanne", cast.noor_slots[3])
    book(cast, "yilmaz", "emir", cast.noor_slots[1])
    sanne, emir = ("Sanne V.", ("groep 4",), "Groep 4"), ("Emir Y.", ("groep 4",), "Groep 4")
    daan = ("Daan V.", ("groep 7",), "Groep 7")
    assert shown(feed(cast, Whose.TEACHER, cast.noor)) == [emir, sanne]
    assert shown(feed(cast, Whose.TEACHER, cast.bram)) == [daan]
    assert shown(feed(cast, Whose.GROUP, cast.groep4)) == [emir, sanne]
    assert shown(feed(cast, Whose.GROUP, cast.groep7)) == [daan]

    def teach_together(session: Session) -> None:
        seat = {"planning_id": cast.noor_planning, "teacher_id": cast.bram}
        session.add(PlanningTeacher(school_id=cast.school, **seat))

    cast.database.work(teach_together)
    together = feed(cast, Whose.TEACHER, cast.bram)
    assert shown(together) == [emir, sanne, daan]
    assert together.talks[0].teachers == ("juf Noor", "meester Bram")


def test_of_a_child_it_holds_no_more_than_a_first_name_and_a_letter(cast: Cast) -> None:
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    (talk,) = feed(cast, Whose.TEACHER, cast.noor).talks
    assert talk == FeedTalk(
        booking_id=booked.id,
        revision=0,
        start=booked.start,
        end=booked.end,
        child="Sanne V.",
        groups=("groep 4",),
        conference="Herfstgesprekken",
        title="Groep 4",
        teachers=("juf Noor",),
        room="lokaal 3",
        changed=NOW,
    )


def test_the_call_name_and_the_group_of_then_are_shown(cast: Cast) -> None:
    booked = book(cast, "smit", "stephanie", cast.bram_slots[0])

    def change(session: Session) -> None:
        session.get_one(Student, cast.stephanie).call_name = "Fanny"
        session.get_one(Booking, booked.id).group_name = "groep 7 van toen"

    cast.database.work(change)
    assert shown(feed(cast, Whose.GROUP, cast.groep7)) == [("Fanny S.", ("groep 7 van toen",), "Groep 7")]


def test_a_moved_talk_counts_up_and_a_cancelled_one_stays_as_such_and_each_says_when(cast: Cast) -> None:
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    other = book(cast, "yilmaz", "emir", cast.noor_slots[1])
    move(cast, booked, cast.noor_slots[8], LATER)
    cancel(cast, other, LATER)
    gone, moved = feed(cast, Whose.TEACHER, cast.noor).talks
    assert (moved.booking_id, moved.revision, moved.changed, moved.cancelled) == (booked.id, 1, LATER, False)
    assert moved.start == booked.start + timedelta(minutes=80)
    assert (gone.booking_id, gone.revision, gone.changed, gone.cancelled) == (other.id, 1, LATER, True)
    assert gone.start == other.start


def test_a_cancelled_talk_stays_as_long_as_the_table_says(cast: Cast) -> None:
    """Of a round so far ahead that its talks are all still to come."""
    slot = add_slot(cast, cast.noor_planning, NOW + timedelta(days=90))
    cancel(cast, book(cast, "de_vries", "sanne", slot), NOW)
    end = NOW + CANCELLED.longest
    counts = [len(feed(cast, Whose.TEACHER, cast.noor, now).talks) for now in (NOW, end - timedelta(seconds=1), end)]
    assert counts == [1, 1, 0]


def test_when_all_talks_are_cancelled_each_one_says_so(cast: Cast) -> None:
    """A synchroniser that finds nothing left keeps what it has: it must never come to that."""
    booked = [
        book(cast, "de_vries", "sanne", cast.noor_slots[0]),
        book(cast, "yilmaz", "emir", cast.noor_slots[1]),
        book(cast, "yilmaz", "elif", cast.noor_slots[2]),
    ]
    for talk in booked:
        cancel(cast, talk, LATER)
    for whose, row_id in ((Whose.TEACHER, cast.noor), (Whose.GROUP, cast.groep4)):
        assert [(talk.booking_id, talk.cancelled) for talk in feed(cast, whose, row_id).talks] == [
            (talk.id, True) for talk in booked
        ]


def test_talks_of_more_than_a_month_ago_are_no_longer_in_it(cast: Cast) -> None:
    old, recent = (add_slot(cast, cast.noor_planning, NOW - timedelta(days=days)) for days in (31, 29))
    before = NOW - timedelta(days=60)
    book(cast, "de_vries", "sanne", old, before)
    book(cast, "yilmaz", "emir", recent, before)
    assert shown(feed(cast, Whose.TEACHER, cast.noor)) == [("Emir Y.", ("groep 4",), "Groep 4")]


def test_renewing_kills_the_old_address_at_once(cast: Cast) -> None:
    first = token(cast, Whose.TEACHER, cast.noor)
    second = token(cast, Whose.TEACHER, cast.noor)
    assert cast.database.read(feeds.read, first, PEPPER, NOW) is None
    assert cast.database.read(feeds.read, second, PEPPER, NOW) is not None
    assert acts(cast) == [(Act.FEED_RENEWED, Actor.STAFF, 1, cast.noor)] * 2


def test_it_can_be_stopped_and_shown_again_as_it_is(cast: Cast) -> None:
    made = token(cast, Whose.GROUP, cast.groep4)
    whose = (Whose.GROUP, cast.groep4)
    assert cast.database.read(feeds.address, cast.school, *whose, PEPPER).token == made
    cast.database.work(feeds.stop, cast.school, DESK, *whose)
    assert cast.database.read(feeds.read, made, PEPPER, NOW) is None
    assert cast.database.read(feeds.address, cast.school, *whose, PEPPER).token == ""
    with unchanged(cast.database):
        cast.database.work(feeds.stop, cast.school, DESK, *whose)


def test_no_address_stands_in_any_table_and_a_stolen_database_makes_none(cast: Cast) -> None:
    made = token(cast, Whose.TEACHER, cast.noor)
    assert made.partition("-")[2] not in repr(everything(cast.database))
    other = b"another pepper, also 32 bytes or more"
    stolen = cast.database.read(feeds.address, cast.school, Whose.TEACHER, cast.noor, other).token
    assert cast.database.read(feeds.read, stolen, PEPPER, NOW) is None


def test_another_address_shows_nothing(cast: Cast) -> None:
    made = token(cast, Whose.TEACHER, cast.noor)
    whole, secret = made[1:], made.partition("-")[2]
    fixed = ["", "x", "t1-", f"t1-{'A' * 43}", f"g{whole}", f"T{whole}", f"t{whole}é"]
    wrong = [*fixed, f"t0-{secret}", f"t2147483648-{secret}", f"t{secret}"]
    assert [one for one in wrong if cast.database.read(feeds.read, one, PEPPER, NOW)] == []


def test_an_empty_nonce_is_no_address(cast: Cast) -> None:
    """Nobody who knew how tokens are made could ask for the calendar of a teacher who has none."""
    none = feeds._token(PEPPER, Whose.TEACHER, cast.noor, "")
    assert cast.database.read(feeds.read, none, PEPPER, NOW) is None


def test_of_a_school_every_group_and_every_teacher_of_a_planning_is_named(cast: Cast) -> None:
    made = token(cast, Whose.GROUP, cast.groep7)
    groups, teachers = (cast.database.read(feeds.addresses, cast.school, whose, PEPPER) for whose in reversed(Whose))
    assert [(one.name, one.token) for one in groups] == [("groep 4", ""), ("groep 7", made)]
    assert [one.name for one in teachers] == ["juf Noor", "meester Bram"]


@pytest.mark.parametrize("whose", list(Whose))
def test_what_is_another_schools_is_not_there(cast: Cast, whose: Whose) -> None:
    row_id = cast.ids["groep4" if whose is Whose.GROUP else "noor"]
    for do in (
        lambda session: feeds.renew(session, cast.horizon, DESK, whose, row_id, PEPPER),
        lambda session: feeds.stop(session, cast.horizon, DESK, whose, row_id),
        lambda session: feeds.address(session, cast.horizon, whose, row_id, PEPPER),
    ):
        with unchanged(cast.database), pytest.raises(Refused) as refused:
            cast.database.work(do)
        assert refused.value.refusal == NotFound(str(whose))


def test_a_feed_never_crosses_to_another_school(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    neighbours = cast.database.read(feeds.addresses, cast.horizon, Whose.GROUP, PEPPER)
    made = cast.database.work(feeds.renew, cast.horizon, DESK, Whose.GROUP, neighbours[0].id, PEPPER)
    found = cast.database.read(feeds.read, made.token, PEPPER, NOW)
    assert found
    assert (found.school.slug, found.talks) == ("horizon", ())


def test_breaks_and_free_times_are_not_in_it(cast: Cast) -> None:
    change = (cast.noor_planning, cast.noor_slots[0], SlotState.BREAK)
    cast.database.work(slots.change, cast.school, DESK, *change)
    assert feed(cast, Whose.TEACHER, cast.noor).talks == ()

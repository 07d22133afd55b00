"""The round in counts (D2): of this school alone, of the conference that counts, in as many statements as ever."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from storage import tables
from storage.booking.booking import book
from storage.school import progress
from storage.school.progress_views import ConferenceCounts, PlanningCounts, Progress
from storage.words import PlanningState, Policy, SecretKind, SlotState
from tests.support.cast import CLOSES, NOW, OPENS, Cast, parent
from tests.support.statements import statements

PUBLISHED = PlanningState.PUBLISHED


def stand(cast: Cast, now: datetime = NOW, conference_id: int | None = None) -> Progress:
    return cast.database.read(progress.progress, cast.school, now, conference_id)


def talks_of(found: Progress) -> ConferenceCounts:
    assert found.talks is not None
    return found.talks


def booked(cast: Cast, family: int, student: int, slot: int) -> None:
    who = {"family_id": family, "student_id": student, "slot_id": slot}
    cast.database.work(book, cast.school, parent(family), **who)


def test_the_people_of_the_school_and_nobody_of_another(cast: Cast) -> None:
    people = stand(cast).people
    assert (people.students, people.groups, people.families, people.leavers) == (6, 2, 5, 0)
    assert (people.bare, people.lettered, people.linked, people.unreachable, people.review) == (0, 0, 0, 1, 0)
    assert people.lacking == {"family": 0, "postcode": 0, "house_number": 0, "birth_date": 0, "student_number": 0}
    assert people.lacked == {}
    next_door = cast.database.read(progress.progress, cast.horizon, NOW)
    assert (next_door.people.students, next_door.people.families, next_door.people.unreachable) == (1, 1, 1)
    assert len(talks_of(next_door).tables) == 1


def test_what_the_chosen_kind_of_secret_is_made_of_is_what_is_lacked(cast: Cast) -> None:
    def lose(session: Session) -> None:
        session.get_one(tables.Student, cast.sanne).postcode = ""
        session.get_one(tables.Student, cast.daan).birth_date = None
        session.get_one(tables.Student, cast.emir).house_number = ""
        session.get_one(tables.Student, cast.ids["elif"]).left = NOW

    cast.database.work(lose)
    people = stand(cast).people
    assert people.lacked == {"postcode": 1}
    assert replace(people, kind=SecretKind.POSTCODE_HOUSE_NUMBER).lacked == {"postcode": 1, "house_number": 1}
    assert replace(people, kind=SecretKind.BIRTH_DATE).lacked == {"birth_date": 1}
    assert replace(people, kind=None).lacked == {}
    assert (people.students, people.leavers) == (5, 1)


def test_plannings_with_their_children_times_and_talks(cast: Cast) -> None:
    booked(cast, cast.de_vries, cast.sanne, cast.noor_slots[0])
    booked(cast, cast.yilmaz, cast.emir, cast.noor_slots[3])

    def breaks(session: Session) -> None:
        for slot_id in cast.bram_slots[1:]:
            session.get_one(tables.Slot, slot_id).state = SlotState.BREAK

    cast.database.work(breaks)
    talks = talks_of(stand(cast))
    noor = PlanningCounts(cast.noor_planning, "Groep 4", PUBLISHED, children=4, talks=4, booked=2, times=18)
    bram = PlanningCounts(cast.bram_planning, "Groep 7", PUBLISHED, children=2, talks=2, booked=0, times=1)
    assert talks.tables == (noor, bram)
    assert (noor.waiting, noor.short, bram.waiting, bram.short) == (2, 0, 2, 1)
    assert (talks.opens, talks.closes) == (OPENS, CLOSES)
    assert (talks.families, talks.families_booked) == (5, 2)
    assert (talks.teachers, talks.teachers_without_mail, talks.teachers_at_desk) == (2, 0, 0)


def test_where_parents_each_have_a_talk_two_are_wanted_for_a_child_of_two_families(cast: Cast) -> None:
    def each(session: Session) -> None:
        session.get_one(tables.Conference, cast.autumn).policy = Policy.EACH

    cast.database.work(each)
    noor, bram = talks_of(stand(cast)).tables
    assert ((noor.children, noor.talks), (bram.children, bram.talks)) == ((4, 5), (2, 2))


def test_the_conference_that_counts_runs_now_or_comes_first(cast: Cast) -> None:
    def later(session: Session) -> int:
        made = tables.Conference(school_id=cast.school, name="Voorjaarsgesprekken")
        session.add(made)
        session.flush()
        return int(made.id or 0)

    spring = cast.database.work(later)
    found = stand(cast)
    assert (talks_of(found).id, found.over, found.others) == (cast.autumn, False, ((spring, "Voorjaarsgesprekken"),))
    assert talks_of(stand(cast, conference_id=spring)).tables == ()
    afterwards = stand(cast, NOW + timedelta(days=30))
    assert (talks_of(afterwards).id, afterwards.over) == (spring, False)


def test_a_round_is_over_when_its_last_talk_is(cast: Cast) -> None:
    last = talks_of(stand(cast)).last
    assert last is not None
    assert (stand(cast, last - timedelta(minutes=1)).over, stand(cast, last).over) == (False, True)


def test_the_conference_of_another_school_is_not_there(cast: Cast) -> None:
    other = cast.database.read(lambda session: session.get_one(tables.Planning, cast.horizon_planning).conference_id)
    assert talks_of(stand(cast, conference_id=other)).id == cast.autumn


@pytest.mark.parametrize("more", [0, 60])
def test_as_many_statements_for_a_large_school_as_for_a_small_one(cast: Cast, more: int) -> None:
    def grow(session: Session) -> None:
        kept: dict[str, Any] = {
            "school_id": cast.school,
            "conference_id": cast.autumn,
            "opens": OPENS,
            "closes": CLOSES,
        }
        session.add_all(tables.Planning(title=f"P{number}", **kept) for number in range(more))

    cast.database.work(grow)
    with statements(cast.database) as asked:
        stand(cast)
    assert len([one for one in asked if one.startswith("SELECT")]) == 12

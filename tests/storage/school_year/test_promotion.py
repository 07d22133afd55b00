"""The whole school goes up a year: in one go, nobody merged, and what was booked keeps its group's name (rule 32)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.booking import choosing
from storage.families import students
from storage.refusals import Invalid, NotFound, Refused
from storage.school_year import promotion
from storage.school_year.next_groups import Destination, NextGroup, Picture
from storage.school_year.promotion import Promoted
from storage.tables import Audit, Booking, Credential, FamilyStudent, Group, Link, Student, StudentGroup
from storage.words import Act
from tests.support.cast import DESK, NOW, Cast
from tests.support.notices import book, link_chat
from tests.support.statements import statements

JULY = datetime.fromisoformat("2027-07-10T09:00:00+00:00")


def picture(cast: Cast, now: datetime = JULY) -> Picture:
    return cast.database.read(promotion.picture, cast.school, now)


def go_up(
    cast: Cast,
    ways: dict[int, NextGroup],
    staying: tuple[tuple[int, int], ...] = (),
    now: datetime = JULY,
    *,
    mark: str = "",
    again: bool = False,
) -> Promoted:
    seen = mark or picture(cast).mark
    return cast.database.work(
        promotion.go_up, cast.school, replace(DESK, now=now), ways, staying, mark=seen, again=again
    )


def proposed(cast: Cast) -> dict[int, NextGroup]:
    return {group.id: group.way for group in picture(cast).groups}


def groups_of(cast: Cast, *names: str) -> dict[str, str]:
    ids = [cast.ids[name] for name in names]
    found = cast.database.read(students.groups_of, cast.school, ids)
    return {name: found.get(cast.ids[name], "") for name in names}


def make_group(cast: Cast, name: str, *children: str) -> int:
    def make(session: Session) -> int:
        group = Group(school_id=cast.school, name=name)
        session.add(group)
        session.flush()
        for child in children:
            session.add(StudentGroup(school_id=cast.school, student_id=cast.ids[child], group_id=group.id or 0))
        return group.id or 0

    return cast.database.work(make)


def refusal(cast: Cast, ways: dict[int, NextGroup], now: datetime = JULY, *, mark: str = "") -> object:
    with pytest.raises(Refused) as refused:
        go_up(cast, ways, now=now, mark=mark)
    return refused.value.refusal


def test_the_picture_shows_every_group_top_down_and_what_we_think(cast: Cast) -> None:
    make_group(cast, "plusklas", "daan")
    found = [(group.name, len(group.children), group.way.goes) for group in picture(cast).groups]
    assert found == [
        ("groep 7", 2, Destination.NEW),
        ("groep 4", 4, Destination.NEW),
        ("plusklas", 1, Destination.STAY),
    ]
    assert [child.name for child in picture(cast).groups[1].children] == [
        "Jansen, Lotte",
        "Vries, Sanne de",
        "Yılmaz, Elif",
        "Yılmaz, Emir",
    ]


def test_four_goes_to_five_seven_to_eight_and_eight_leaves(cast: Cast) -> None:
    eight = make_group(cast, "groep 8", "emir")
    with_one_group_each(cast, "emir", eight)
    assert go_up(cast, proposed(cast)) == Promoted(moved=5, left=1, made=1)
    assert groups_of(cast, "sanne", "daan", "stephanie", "lotte") == {
        "sanne": "groep 5",
        "daan": "groep 8",
        "stephanie": "groep 8",
        "lotte": "groep 5",
    }
    left = select(col(Student.id)).where(col(Student.left).is_not(None))
    assert cast.database.read(lambda session: list(session.scalars(left))) == [cast.emir]


def with_one_group_each(cast: Cast, name: str, group_id: int) -> None:
    def only(session: Session) -> None:
        for row in session.scalars(select(StudentGroup).where(col(StudentGroup.student_id) == cast.ids[name])):
            if row.group_id != group_id:
                session.delete(row)

    cast.database.work(only)


def test_two_groups_change_places_and_do_not_merge(cast: Cast) -> None:
    ways = {
        cast.groep4: NextGroup(Destination.GROUP, cast.groep7),
        cast.groep7: NextGroup(Destination.GROUP, cast.groep4),
    }
    go_up(cast, ways)
    assert groups_of(cast, "sanne", "daan") == {"sanne": "groep 7", "daan": "groep 4"}


def test_who_is_ticked_stays_and_other_groups_of_a_child_are_left_alone(cast: Cast) -> None:
    plus = make_group(cast, "plusklas", "sanne")
    go_up(cast, proposed(cast), ((cast.groep4, cast.lotte),))
    assert groups_of(cast, "lotte", "sanne") == {"lotte": "groep 4", "sanne": "groep 5, plusklas"}
    assert plus in {group.id for group in picture(cast).groups}


def test_bookings_keep_the_name_of_the_old_group_for_good(cast: Cast) -> None:
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    go_up(cast, proposed(cast))
    go_up(cast, proposed(cast), now=JULY + timedelta(days=360))
    assert cast.database.read(lambda session: session.get_one(Booking, booked.id).group_name) == "groep 4"
    assert groups_of(cast, "sanne") == {"sanne": "groep 6"}


def test_families_secrets_and_chats_survive(cast: Cast) -> None:
    link_chat(cast, cast.de_vries)

    def standing(session: Session) -> list[int]:
        return [session.scalar(select(func.count()).select_from(one)) or 0 for one in (FamilyStudent, Credential, Link)]

    before = cast.database.read(standing)
    go_up(cast, proposed(cast))
    assert cast.database.read(standing) == before


def test_an_old_planning_is_not_offered_to_the_children_who_are_new_in_its_group(cast: Cast) -> None:
    go_up(cast, {cast.groep4: NextGroup(Destination.GROUP, cast.groep7), cast.groep7: NextGroup(Destination.LEAVE)})
    children = cast.database.read(choosing.overview, cast.school, cast.yilmaz, JULY)
    assert [(child.first_name, child.talks) for child in children] == [("Elif", ()), ("Emir", ())]


def test_a_talk_that_a_child_had_is_still_shown_to_its_parents(cast: Cast) -> None:
    booked = book(cast, "de_vries", "sanne", cast.noor_slots[0])
    go_up(cast, proposed(cast))
    children = cast.database.read(choosing.overview, cast.school, cast.de_vries, JULY)
    shown = {child.first_name: [talk.booking.id for talk in child.talks if talk.booking] for child in children}
    assert shown == {"Sanne": [booked.id], "Daan": []}


def test_pressed_twice_is_done_once(cast: Cast) -> None:
    seen, ways = picture(cast).mark, proposed(cast)
    go_up(cast, ways, mark=seen)
    assert refusal(cast, ways, mark=seen) == Invalid("The groups have changed since you looked: please look once more.")
    assert groups_of(cast, "sanne") == {"sanne": "groep 5"}


def test_a_second_time_on_one_day_has_to_be_asked_for(cast: Cast) -> None:
    go_up(cast, proposed(cast))
    assert (picture(cast).today, picture(cast, JULY + timedelta(days=1)).today) == (True, False)
    said = Invalid("The school has gone up today already: tick that you want it once more.")
    assert refusal(cast, proposed(cast), now=JULY + timedelta(hours=2)) == said
    go_up(cast, proposed(cast), again=True)
    assert groups_of(cast, "sanne") == {"sanne": "groep 6"}


def test_it_is_one_line_in_the_trail_and_one_for_each_child_that_leaves(cast: Cast) -> None:
    go_up(cast, {cast.groep7: NextGroup(Destination.LEAVE), cast.groep4: NextGroup(Destination.GROUP, cast.groep7)})
    rows = select(col(Audit.act), col(Audit.subject), col(Audit.detail)).order_by(col(Audit.id))
    found = cast.database.read(lambda session: [tuple(row) for row in session.execute(rows)])
    assert [row[:2] for row in found] == [
        (Act.STUDENTS_LEFT, cast.daan),
        (Act.STUDENTS_LEFT, cast.stephanie),
        (Act.MOVED_UP, None),
    ]
    assert found[-1][2] == {"moved": 4, "left": 2, "groups": 0}


def test_a_group_of_another_school_is_not_found(cast: Cast) -> None:
    other = cast.database.read(
        lambda session: session.scalar(select(col(Group.id)).where(col(Group.school_id) == cast.horizon))
    )
    assert other is not None
    for ways in ({other: NextGroup(Destination.LEAVE)}, {cast.groep4: NextGroup(Destination.GROUP, other)}):
        assert refusal(cast, ways) == NotFound("group")


def test_a_new_group_that_is_there_already_is_that_group(cast: Cast) -> None:
    assert go_up(cast, {cast.groep4: NextGroup(Destination.NEW, name=" Groep 7 ")}).made == 0
    assert groups_of(cast, "sanne") == {"sanne": "groep 7"}


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\x00b"])
def test_a_name_that_cannot_be_changes_nothing(cast: Cast, name: str) -> None:
    ways = {cast.groep7: NextGroup(Destination.LEAVE), cast.groep4: NextGroup(Destination.NEW, name=name)}
    assert isinstance(refusal(cast, ways), Invalid)
    assert groups_of(cast, "sanne", "daan") == {"sanne": "groep 4", "daan": "groep 7"}


def test_talks_still_to_come_are_counted_by_group(cast: Cast) -> None:
    book(cast, "de_vries", "sanne", cast.noor_slots[0])
    found = {group.name: group.talks_ahead for group in picture(cast, NOW).groups}
    assert found == {"groep 7": 0, "groep 4": 1}


def test_the_picture_takes_as_many_statements_for_many_groups(cast: Cast) -> None:
    with statements(cast.database) as few:
        picture(cast)
    for number in range(20):
        make_group(cast, f"klas {number}", "sanne", "daan")
    with statements(cast.database) as many:
        picture(cast)
    assert many == few

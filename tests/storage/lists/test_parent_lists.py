"""A group's children and parents, as a list to take along (D17, D18, rule 23)."""

from datetime import timedelta

from sqlmodel import Session, SQLModel

from storage import tables
from storage.lists import parent_lists
from storage.lists.parent_lists import ChildOnList, GroupList, Parents
from tests.support.cast import FIRST_EVENING, NOW, Cast
from tests.support.statements import statements


def change(cast: Cast, table: type[SQLModel], row_id: int, **values: object) -> None:
    def put(session: Session) -> None:
        row = session.get(table, row_id)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)

    cast.database.work(put)


def lists(cast: Cast, *names: str, own: int | None = None) -> tuple[GroupList, ...]:
    def read(session: Session) -> tuple[GroupList, ...]:
        groups = parent_lists.groups_of(session, cast.school, NOW, own=own)
        return parent_lists.lists(session, cast.school, [one for one in groups if not names or one.name in names])

    return cast.database.read(read)


def groups(cast: Cast, own: int | None = None, later: timedelta = timedelta()) -> list[str]:
    return [one.name for one in cast.database.read(parent_lists.groups_of, cast.school, NOW + later, own=own)]


def test_each_child_with_its_families_brothers_and_sisters(cast: Cast) -> None:
    assert lists(cast, "groep 4") == (
        GroupList(
            "groep 4",
            (
                ChildOnList(
                    "Jansen, Lotte",
                    (),
                    (
                        Parents("Jansen", (), ("jansen@example.org",), ()),
                        Parents("Bakker", (), ("bakker@example.org",), ()),
                    ),
                ),
                ChildOnList(
                    "Vries, Sanne de",
                    (),
                    (Parents("de Vries", (("Daan", ("groep 7",)),), ("devries@example.org",), ()),),
                ),
                ChildOnList(
                    "Yılmaz, Elif", (), (Parents("Yılmaz", (("Emir", ("groep 4",)),), ("yilmaz@example.org",), ()),)
                ),
                ChildOnList(
                    "Yılmaz, Emir", (), (Parents("Yılmaz", (("Elif", ("groep 4",)),), ("yilmaz@example.org",), ()),)
                ),
            ),
        ),
    )


def test_a_blocked_family_is_not_on_it_and_the_childs_other_one_is(cast: Cast) -> None:
    change(cast, tables.Family, cast.jansen, blocked=True)
    change(cast, tables.Family, cast.de_vries, blocked=True)
    children = {child.name: child.families for child in lists(cast, "groep 4")[0].children}
    assert children["Jansen, Lotte"] == (Parents("Bakker", (), ("bakker@example.org",), ()),)
    assert children["Vries, Sanne de"] == ()


def test_children_lend_their_telephone_and_address_once(cast: Cast) -> None:
    change(cast, tables.Family, cast.yilmaz, email="")
    for student in (cast.emir, cast.ids["elif"]):
        change(cast, tables.Student, student, email="Ayse@example.org", phone="06 12345678")
    change(cast, tables.Student, cast.ids["elif"], email="ayse@example.org", phone="030 1234567")
    family = lists(cast, "groep 4")[0].children[-1].families[0]
    assert (family.emails, family.phones) == (("ayse@example.org",), ("030 1234567", "06 12345678"))


def test_a_child_of_two_families_lends_to_neither(cast: Cast) -> None:
    change(cast, tables.Student, cast.lotte, email="een@example.org", phone="06 12345678")
    for family in (cast.jansen, cast.bakker):
        change(cast, tables.Family, family, email="")
    lotte = lists(cast, "groep 4")[0].children[0]
    assert [(one.family, one.emails, one.phones) for one in lotte.families] == [("Jansen", (), ()), ("Bakker", (), ())]


def test_a_brother_who_has_another_family_elsewhere_lends_nothing_either(cast: Cast) -> None:
    """Daan is not in this group, and his other family has nobody in it."""

    def join(session: Session) -> None:
        other = tables.Family(school_id=cast.school, name="Elders")
        session.add(other)
        session.flush()
        session.add(tables.FamilyStudent(school_id=cast.school, family_id=other.id or 0, student_id=cast.daan))

    cast.database.work(join)
    change(cast, tables.Student, cast.daan, phone="06 87654321")
    sanne = lists(cast, "groep 4")[0].children[1]
    assert [(one.family, one.phones) for one in sanne.families] == [("de Vries", ())]


def test_who_has_left_is_on_no_list(cast: Cast) -> None:
    change(cast, tables.Student, cast.daan, left=NOW)
    change(cast, tables.Student, cast.stephanie, left=NOW)
    assert groups(cast) == ["groep 4"]
    assert lists(cast, "groep 4")[0].children[1].families[0].siblings == ()


def test_a_teacher_has_the_groups_of_their_own_plannings_until_some_weeks_after(cast: Cast) -> None:
    assert (groups(cast), groups(cast, cast.bram), groups(cast, 0)) == (["groep 4", "groep 7"], ["groep 7"], [])
    after = timedelta(days=(FIRST_EVENING - NOW.date()).days)
    assert groups(cast, cast.bram, after + timedelta(days=59)) == ["groep 7"]
    assert groups(cast, cast.bram, after + timedelta(days=61)) == []
    assert groups(cast, cast.noor, after + timedelta(days=61)) == ["groep 4"]


def test_another_group_of_the_child_is_named(cast: Cast) -> None:
    def join(session: Session) -> None:
        group = tables.Group(school_id=cast.school, name="plusklas")
        session.add(group)
        session.flush()
        session.add(tables.StudentGroup(school_id=cast.school, student_id=cast.sanne, group_id=group.id or 0))

    cast.database.work(join)
    (plus,) = lists(cast, "plusklas")
    assert [(child.name, child.other_groups) for child in plus.children] == [("Vries, Sanne de", ("groep 4",))]


def test_more_groups_take_no_more_statements(cast: Cast) -> None:
    with statements(cast.database) as one:
        lists(cast, "groep 4")
    with statements(cast.database) as all_:
        lists(cast)
    assert len(one) == len(all_)

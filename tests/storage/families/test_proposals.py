"""Families are made of what is certain, the rest is named for a person to look at (D6, rule 8)."""

from sqlalchemy import text

from storage.families import families, family_list, merging, proposals
from storage.families.proposals import Why
from storage.importing.students import applying
from tests.storage.importing.lists import HEADER, students
from tests.support.cast import DESK, PEPPER, Cast


def brought_in(cast: Cast, *rows: str) -> None:
    read = students("\n".join([HEADER, *rows, ""]))
    difference = cast.database.work(applying.apply, cast.horizon, DESK, read, PEPPER)
    assert difference.errors == ()


def made(cast: Cast) -> proposals.FamilyProposal:
    return cast.database.work(proposals.make, cast.horizon, DESK, PEPPER)


def homes(cast: Cast) -> list[tuple[str, tuple[str, ...]]]:
    """Every family of De Horizon with its children, without the Mulders."""
    page = cast.database.read(family_list.families, cast.horizon)
    return [(line.name, tuple(child.name for child in line.children)) for line in page.lines if line.name != "Mulder"]


def family_of(cast: Cast, child: str) -> int:
    return cast.database.read(family_list.families, cast.horizon, search=child).lines[0].id


def student(cast: Cast, first_name: str) -> int:
    found = {"school": cast.horizon, "name": first_name}
    sql = text("SELECT id FROM student WHERE school_id = :school AND first_name = :name")
    return cast.database.read(lambda session: int(session.execute(sql, found).scalar_one()))


def test_brothers_sisters_and_twins_are_one_family_whatever_the_form_of_the_name(cast: Cast) -> None:
    brought_in(
        cast,
        "Olivier;van der;Berg;3515IJ;9;1-2-2018;1;groep 3",
        "Anna;;Berg, van der;3515 ij;9;3-4-2016;2;groep 5",
        "Eva;;van der Berg;3515IJ;9;3-4-2016;3;groep 5",
        "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5",
    )
    proposal = made(cast)
    assert proposal.counts() == {"families": 2, "children": 4, "joined": 0, "untouched": 1, "review": 0}
    assert homes(cast) == [
        ("Bos", ("Tim Bos",)),
        ("van der Berg", ("Anna van der Berg", "Eva van der Berg", "Olivier van der Berg")),
    ]


def test_a_dry_run_shows_the_same_and_makes_nothing(cast: Cast) -> None:
    brought_in(cast, "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5")
    shown = cast.database.work(proposals.make, cast.horizon, DESK, PEPPER, True)
    assert (shown.counts()["families"], homes(cast)) == (1, [])
    assert shown.families[0].children == made(cast).families[0].children


def test_a_second_run_makes_nothing(cast: Cast) -> None:
    brought_in(
        cast, "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5", "Sam;;Bos;3515IJ;;3-4-2018;5;groep 3", "Ali;;Ak;;;;6;groep 3"
    )
    made(cast)
    before = homes(cast)
    again = made(cast)
    assert (again.empty, again.untouched, homes(cast)) == (True, 4, before)


def test_one_street_and_one_name_without_a_house_number_is_for_a_person_to_tell(cast: Cast) -> None:
    brought_in(
        cast,
        "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5",
        "Kim;;Bos;3515IJ;9;3-4-2017;5;groep 4",
        "Sam;;Bos;3515IJ;;3-4-2018;6;groep 3",
    )
    proposal = made(cast)
    assert [(one.why, [child.name for child in one.children]) for one in proposal.review] == [
        (Why.HOUSE_NUMBER, ["Tim Bos", "Kim Bos", "Sam Bos"])
    ]
    assert homes(cast) == [("Bos", ("Tim Bos", "Kim Bos")), ("Bos", ("Sam Bos",))]


def test_different_house_numbers_are_different_families(cast: Cast) -> None:
    brought_in(cast, "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5", "Kim;;Bos;3515IJ;9-2;3-4-2017;5;groep 4")
    assert (made(cast).review, len(homes(cast))) == ((), 2)


def test_where_no_house_number_is_known_at_all_name_and_postcode_make_the_family(cast: Cast) -> None:
    brought_in(
        cast,
        "Tim;de;Bos;3515IJ;;3-4-2016;4;groep 5",
        "Kim;de;Bos;3515IJ;;3-4-2017;5;groep 4",
        "Bo;;Bos;3515IJ;;3-4-2017;6;groep 4",
    )
    made(cast)
    assert homes(cast) == [("Bos", ("Bo Bos",)), ("de Bos", ("Tim de Bos", "Kim de Bos"))]


def test_a_child_without_a_postcode_has_a_family_of_its_own_and_is_named(cast: Cast) -> None:
    brought_in(cast, "Ali;;Ak;;;1-1-2016;7;groep 5", "Ada;;Ak;;;1-1-2018;8;groep 3")
    proposal = made(cast)
    assert [(one.why, [child.name for child in one.children]) for one in proposal.review] == [
        (Why.POSTCODE, ["Ali Ak", "Ada Ak"])
    ]
    assert homes(cast) == [("Ak", ("Ali Ak",)), ("Ak", ("Ada Ak",))]


def test_a_little_brother_joins_the_family_that_was_made_before(cast: Cast) -> None:
    brought_in(cast, "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5")
    made(cast)
    brought_in(cast, "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5", "Kim;;Bos;3515IJ;9;3-4-2019;5;groep 2")
    proposal = made(cast)
    assert [(joined.family, joined.child.name) for joined in proposal.joined] == [("Bos", "Kim Bos")]
    assert homes(cast) == [("Bos", ("Tim Bos", "Kim Bos"))]


def test_what_was_taken_apart_by_hand_stays_apart(cast: Cast) -> None:
    brought_in(cast, "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5", "Kim;;Bos;3515IJ;9;3-4-2019;5;groep 2")
    made(cast)
    work = cast.database.work
    work(families.take_out, cast.horizon, DESK, student(cast, "Kim"), family_of(cast, "Kim"), PEPPER)
    again = made(cast)
    assert (again.empty, again.review) == (True, ())
    assert homes(cast) == [("Bos", ("Tim Bos",)), ("Bos", ("Kim Bos",))]


def test_a_newcomer_never_joins_a_family_that_was_changed_by_hand(cast: Cast) -> None:
    brought_in(cast, "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5", "Kim;;Bos;3516KL;1;3-4-2019;5;groep 2")
    made(cast)
    one, other = family_of(cast, "Tim"), family_of(cast, "Kim")
    cast.database.work(merging.merge, cast.horizon, DESK, one, other, PEPPER)
    brought_in(cast, "Sam;;Bos;3515IJ;9;3-4-2020;6;groep 1")
    proposal = made(cast)
    assert [(review.why, review.families) for review in proposal.review] == [(Why.BY_HAND, ((one, "Bos"),))]
    assert homes(cast) == [("Bos", ("Tim Bos", "Kim Bos")), ("Bos", ("Sam Bos",))]


def test_a_merge_by_hand_settles_the_doubt(cast: Cast) -> None:
    brought_in(cast, "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5", "Sam;;Bos;3515IJ;;3-4-2018;6;groep 3")
    made(cast)
    work = cast.database.work
    work(merging.merge, cast.horizon, DESK, family_of(cast, "Tim"), family_of(cast, "Sam"), PEPPER)
    again = made(cast)
    assert (again.empty, again.review, homes(cast)) == (True, (), [("Bos", ("Tim Bos", "Sam Bos"))])


def test_who_was_kept_apart_is_not_asked_about_again(cast: Cast) -> None:
    brought_in(cast, "Tim;;Bos;3515IJ;9;3-4-2016;4;groep 5", "Sam;;Bos;3515IJ;;3-4-2018;6;groep 3")
    made(cast)
    asked = cast.database.read(proposals.propose, cast.horizon).review
    apart = [family_id for family_id, _ in asked[0].families]
    cast.database.work(families.keep_apart, cast.horizon, DESK, apart)
    assert cast.database.read(proposals.propose, cast.horizon).review == ()

"""Which secrets a school may choose, who has them, and who not (D8, D9; rules 1, 2, 5)."""

from typing import Any

import pytest
from sqlalchemy import text

from storage.access import codes, credentials, hints
from storage.access.credentials import Collision, MissingData
from storage.families import blocking, families, proposals
from storage.importing.students import applying
from storage.refusals import Invalid, Refused
from storage.words import Act, SecretKind
from tests.storage.importing.lists import HEADER, students
from tests.support import cast as people
from tests.support.cast import DESK, PEPPER, Cast

POSTCODE, BOTH = SecretKind.POSTCODE, SecretKind.POSTCODE_HOUSE_NUMBER


def chosen(cast: Cast, kind: SecretKind, hint: str | None = None) -> int:
    return cast.database.work(credentials.choose, cast.school, DESK, kind, PEPPER, hint)


def rows(cast: Cast) -> set[tuple[int, int, str, str]]:
    """(family, student, kind, value) of De Regenboog."""
    sql = text("SELECT family_id, student_id, kind, value FROM credential WHERE school_id = :school")
    return cast.database.read(lambda session: {(*row,) for row in session.execute(sql, {"school": cast.school})})


def row(family: int, student: int, kind: SecretKind, value: str) -> tuple[int, int, str, str]:
    return (family, student, str(kind), people.credential(kind, value))


def sql(cast: Cast, statement: str, **values: Any) -> Any:
    cast.database.work(lambda session: session.execute(text(statement), values) and None)


def view(cast: Cast, kind: SecretKind) -> credentials.KindView:
    return next(one for one in cast.database.read(credentials.kinds, cast.school) if one.kind == kind)


def test_every_child_opens_its_family_with_the_address(cast: Cast) -> None:
    assert chosen(cast, BOTH) == 4
    code = row(cast.bakker, cast.lotte, SecretKind.CODE, "BLAUWEOLIFANT")
    assert rows(cast) == {
        row(cast.de_vries, cast.sanne, BOTH, "3511AB 12"),
        row(cast.de_vries, cast.daan, BOTH, "3511AB 12"),
        row(cast.yilmaz, cast.emir, BOTH, "3512CD 3"),
        row(cast.yilmaz, cast.ids["elif"], BOTH, "3512CD 3"),
        row(cast.jansen, cast.lotte, BOTH, "3513EF 7"),
        row(cast.smit, cast.stephanie, BOTH, "3514GH 21"),
        code,
    }


def test_a_childs_own_datum_opens_its_first_family_only(cast: Cast) -> None:
    chosen(cast, SecretKind.BIRTH_DATE)
    lotte = {(family, kind) for family, student, kind, _ in rows(cast) if student == cast.lotte}
    assert lotte == {(cast.jansen, "birth_date"), (cast.bakker, "code")}


def test_a_second_family_without_a_code_is_named_as_bare(cast: Cast) -> None:
    cast.database.work(codes.set_code, cast.school, DESK, cast.bakker, "", PEPPER)
    chosen(cast, SecretKind.STUDENT_NUMBER)
    bare = cast.database.read(credentials.bare, cast.school)
    assert [(one.family, one.children, one.second) for one in bare] == [("Bakker", ("Lotte Jansen",), True)]


def test_a_kind_that_somebody_lacks_is_not_offered_and_cannot_be_chosen(cast: Cast) -> None:
    sql(cast, "UPDATE student SET birth_date = NULL WHERE id = :id", id=cast.daan)
    seen = view(cast, SecretKind.BIRTH_DATE)
    assert (seen.offered, [(one.family, one.children) for one in seen.lacking]) == (
        False,
        [("de Vries", ("Daan de Vries",))],
    )
    before = rows(cast)
    with pytest.raises(Refused) as refused:
        chosen(cast, SecretKind.BIRTH_DATE)
    assert refused.value.refusal == MissingData(SecretKind.BIRTH_DATE, 1, ("de Vries",))
    assert rows(cast) == before


def test_an_address_of_one_child_is_enough_for_its_family(cast: Cast) -> None:
    sql(cast, "UPDATE student SET house_number = '' WHERE id = :id", id=cast.daan)
    assert view(cast, BOTH).lacking == ()
    chosen(cast, BOTH)
    assert row(cast.de_vries, cast.daan, BOTH, "3511AB 12") in rows(cast)


def test_secrets_that_fit_two_families_are_listed(cast: Cast) -> None:
    read = students(f"{HEADER}\nSanne;;Boer;3511AB;14;1-1-2018;2001;groep 4\n")
    cast.database.work(applying.apply, cast.school, DESK, read, PEPPER)
    made = cast.database.work(proposals.make, cast.school, DESK, PEPPER).families[0]
    assert view(cast, POSTCODE).collisions == (
        Collision(((cast.de_vries, "de Vries"), (made.id, "Boer")), ("Sanne de Vries", "Sanne Boer")),
    )
    assert view(cast, BOTH).collisions == ()


def test_a_call_name_collides_with_a_first_name(cast: Cast) -> None:
    sql(cast, "UPDATE student SET call_key = 'sanne', postcode = '3511AB' WHERE id = :id", id=cast.emir)
    assert [one.children for one in view(cast, POSTCODE).collisions] == [("Sanne de Vries", "Emir Yılmaz")]


def test_a_bare_postcode_carries_a_warning(cast: Cast) -> None:
    assert [one.kind for one in cast.database.read(credentials.kinds, cast.school) if one.weak] == [POSTCODE]


def test_choosing_sets_the_hint_in_the_schools_language_and_keeps_one_that_fits(cast: Cast) -> None:
    def hint() -> str:
        found = text("SELECT hint FROM school WHERE id = :id")
        return cast.database.read(lambda session: str(session.execute(found, {"id": cast.school}).scalar_one()))

    chosen(cast, SecretKind.BIRTH_DATE)
    assert hint() == "De geboortedatum van uw kind (31-12-2015)"
    chosen(cast, SecretKind.BIRTH_DATE, "Wanneer is uw kind geboren?")
    chosen(cast, SecretKind.BIRTH_DATE)
    assert hint() == "Wanneer is uw kind geboren?"
    with pytest.raises(Refused) as refused:
        chosen(cast, SecretKind.BIRTH_DATE, "geboortedatum " * 20)
    assert refused.value.refusal == Invalid("The hint is longer than %(most)s characters.", (("most", "200"),))


def test_choosing_again_changes_no_row(cast: Cast) -> None:
    chosen(cast, BOTH)
    ids = text("SELECT id FROM credential ORDER BY id")
    before = cast.database.read(lambda session: session.execute(ids).scalars().all())
    chosen(cast, BOTH)
    assert cast.database.read(lambda session: session.execute(ids).scalars().all()) == before


def test_the_neighbour_keeps_its_secrets(cast: Cast) -> None:
    chosen(cast, SecretKind.STUDENT_NUMBER)
    found = text("SELECT kind FROM credential WHERE school_id = :school")
    assert cast.database.read(lambda session: session.execute(found, {"school": cast.horizon}).scalars().all()) == [
        "postcode"
    ]


def test_a_code_goes_with_its_family(cast: Cast) -> None:
    cast.database.work(codes.set_code, cast.school, DESK, cast.de_vries, "rode fiets 12", PEPPER)
    assert row(cast.de_vries, cast.daan, SecretKind.CODE, "RODEFIETS12") in rows(cast)
    new = cast.database.work(families.take_out, cast.school, DESK, cast.daan, cast.de_vries, PEPPER)
    assert new is not None
    assert {(family, kind) for family, student, kind, _ in rows(cast) if student == cast.daan} == set()
    cast.database.work(families.move, cast.school, DESK, cast.daan, new, cast.de_vries, PEPPER)
    assert {kind for _, student, kind, _ in rows(cast) if student == cast.daan} == {"postcode", "code"}


def test_a_new_family_has_no_secret_until_it_gets_one(cast: Cast) -> None:
    new = cast.database.work(families.take_out, cast.school, DESK, cast.daan, cast.de_vries, PEPPER)
    assert new is not None
    assert [one.family_id for one in cast.database.read(credentials.bare, cast.school)] == [new]
    cast.database.work(codes.give_secret, cast.school, DESK, new, PEPPER)
    assert row(new, cast.daan, POSTCODE, "3511AB") in rows(cast)
    assert cast.database.read(credentials.bare, cast.school) == ()


@pytest.mark.parametrize("code", ["kort", "1234567", "-- -- -- --", "x" * 41])
def test_a_code_that_is_easily_guessed_or_too_long_is_refused(cast: Cast, code: str) -> None:
    with pytest.raises(Refused) as refused:
        cast.database.work(codes.set_code, cast.school, DESK, cast.smit, code, PEPPER)
    values = (("least", "8"), ("most", "40"))
    assert refused.value.refusal == Invalid("A code has %(least)s to %(most)s letters and digits.", values)


def test_one_code_never_opens_two_families(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        cast.database.work(codes.set_code, cast.school, DESK, cast.smit, "BLAUWE OLIFANT", PEPPER)
    assert refused.value.refusal == Invalid("This code cannot be used: choose another.")


def test_a_suggested_code_can_be_set(cast: Cast) -> None:
    suggested = codes.suggest_code()
    cast.database.work(codes.set_code, cast.school, DESK, cast.smit, suggested, PEPPER)
    assert row(cast.smit, cast.stephanie, SecretKind.CODE, suggested.replace("-", "")) in rows(cast)


def test_blocking_and_admitting_are_written_down_once(cast: Cast) -> None:
    for do in (blocking.block, blocking.block, blocking.admit):
        cast.database.work(do, cast.school, DESK, cast.smit)
    acts = text("SELECT act FROM audit WHERE school_id = :school AND subject = :family ORDER BY id")
    found = {"school": cast.school, "family": cast.smit}
    assert cast.database.read(lambda session: session.execute(acts, found).scalars().all()) == [
        str(Act.FAMILY_BLOCKED),
        str(Act.FAMILY_ADMITTED),
    ]


@pytest.mark.parametrize(
    ("kind", "hint", "fits"),
    [
        (POSTCODE, "Uw postcode (1234AB)", True),
        (POSTCODE, "Uw postcode en huisnummer", False),
        (BOTH, "Uw postcode en huisnummer", True),
        (BOTH, "Uw postcode", False),
        (SecretKind.BIRTH_DATE, "De geboortedatum van uw kind", True),
        (SecretKind.BIRTH_DATE, "Uw postcode", False),
        (SecretKind.STUDENT_NUMBER, "Your child's student number", True),
        (SecretKind.CODE, "Uw postcode", False),
    ],
)
def test_a_hint_is_doubted_when_it_does_not_speak_of_the_kind(kind: SecretKind, hint: str, fits: bool) -> None:
    assert hints.fits(kind, hint) is fits


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", list(SecretKind))
def test_our_own_hints_fit(kind: SecretKind, language: str) -> None:
    assert hints.fits(kind, hints.default(kind, language))

"""Both sides brought to one form (rule 2): what a family types, what a school imported."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.values.dates import read_date
from storage.values.normalise import (
    birth_date,
    code,
    house_number,
    name,
    normalise,
    postcode,
    postcode_house_number,
    student_number,
)
from storage.words import SecretKind
from tests.storage.importing.files import many

KINDS = [*(kind.value for kind in SecretKind), "name", "house_number"]


@pytest.mark.parametrize(
    ("typed", "one_form"),
    [
        ("Stéphanie", "stephanie"),
        ("STEPHANIE", "stephanie"),
        ("Ste\u0301phanie", "stephanie"),
        ("Anne-Fleur", "annefleur"),
        ("anne fleur", "annefleur"),
        ("Annefleur ", "annefleur"),
        ("Anne\u00a0Fleur", "annefleur"),
        ("D’Angelo", "dangelo"),
        ("d'angelo", "dangelo"),
        ("Groß", "gross"),
        ("GROẞ", "gross"),
        ("İpek", "ipek"),
        ("IŞIK", "isik"),
        ("ışık", "isik"),
        ("Łukasz", "lukasz"),
        ("Søren", "soren"),
        ("Cæcilia", "caecilia"),
        ("Ｊａｎ", "jan"),
        ("\u200fJan\u200e", "jan"),
        ("Ja\0n", "jan"),
        ("Jan 🎈", "jan"),
        ("مُحَمَّد", "محمد"),
        ("Їжак", "іжак"),
        ("Jan ٢", "jan2"),
        ("🎈", ""),
        ("", ""),
        ("a" * 10_000, ""),
    ],
)
def test_a_name_is_its_letters_without_case_accents_or_spaces(typed: str, one_form: str) -> None:
    assert name(typed) == one_form


@pytest.mark.parametrize(
    ("typed", "one_form"),
    [
        ("1234 ab", "1234AB"),
        ("1234AB", "1234AB"),
        (" 1234-a b ", "1234AB"),
        ("１２３４ＡＢ", "1234AB"),
        ("١٢٣٤ AB", "1234AB"),
        ("2000", "2000"),
        ("04109", "04109"),
        ("0234AB", None),
        ("1234A", None),
        ("123", None),
        ("", None),
    ],
)
def test_a_postcode_has_no_spaces(typed: str, one_form: str | None) -> None:
    assert postcode(typed) == one_form


@pytest.mark.parametrize(
    ("typed", "one_form"),
    [
        ("12", "12"),
        ("12 A", "12a"),
        ("12-a", "12a"),
        ("012a", "12a"),
        ("12-2", "12-2"),
        ("12 2", "12-2"),
        ("12/2", "12-2"),
        ("12 bis", "12bis"),
        ("nr. 12", "12"),
        ("١٢", "12"),
        ("a", None),
        ("0", None),
        ("", None),
        ("1" * 10_000, None),
    ],
)
def test_a_house_number_keeps_its_addition(typed: str, one_form: str | None) -> None:
    assert house_number(typed) == one_form


@pytest.mark.parametrize(
    "typed",
    ["1234AB 12a", "1234 ab, 12-a", "12a 1234AB", "1234AB12a", "12 A 1234 ab", "1234ab nr. 12a", "1234AB / 12a"],
)
def test_postcode_and_house_number_may_stand_in_either_order(typed: str) -> None:
    assert postcode_house_number(typed) == "1234AB 12a"


@pytest.mark.parametrize(
    ("typed", "one_form"),
    [
        ("2000 12", "2000 12"),
        ("12 2000", "2000 12"),
        ("1234AB 12-2", "1234AB 12-2"),
        ("1234AB", None),
        ("12a", None),
        ("1234AB a", None),
        ("1234ABC 12", None),
        ("", None),
    ],
)
def test_both_postcode_and_house_number_are_needed(typed: str, one_form: str | None) -> None:
    assert postcode_house_number(typed) == one_form


@pytest.mark.parametrize(
    "typed",
    [
        *("3-5-2014", "03-05-2014", "3/5/2014", "3.5.2014", "3 5 2014", "03/05/14", "3-5-14", "2014-05-03"),
        *("2014/5/3", "03052014", "20140503", "030514", "2014-05-03 00:00:00", "2014-05-03T00:00:00Z"),
        *("3 mei 2014", "3 MEI 2014", "3 mei '14", "3-mei-2014", "3mei2014", "3 mei, 2014", "2014 mei 3"),
        *("May 3 2014", "May 3rd, 2014", "3 May 2014", "3rd of May 2014", "3. Mai 2014", "3 mai 2014"),
        *("3 maja 2014", "3 Mayıs 2014", "٣-٥-٢٠١٤", "３／５／２０１４", "\u200e3-5-2014\0", " 3 - 5 - 2014 "),
    ],
)
def test_a_birth_date_is_understood_in_any_notation(typed: str) -> None:
    assert birth_date(typed) == "2014-05-03"


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        *(("3 mrt. 2014", 3), ("3 maart 2014", 3), ("3. März 2014", 3), ("3 marca 2014", 3), ("3 Mart 2014", 3)),
        *(("1er août 2014", 8), ("3 Ağustos 2014", 8), ("3 sierpnia 2014", 8), ("3 févr. 2014", 2)),
        *(("3 Şubat 2014", 2), ("3 lutego 2014", 2), ("3 Dez. 2014", 12), ("3 Aralık 2014", 12)),
        *(("3 października 2014", 10), ("3 Ekim 2014", 10), ("3 okt 2014", 10), ("3 sept. 2014", 9)),
    ],
)
def test_months_are_known_in_six_languages(typed: str, month: int) -> None:
    found = read_date(typed)
    assert found is not None
    assert (found.year, found.month) == (2014, month)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "12/31/2014", "31-2-2014", "29-2-2013", "3-5", "mei 2014", "3 mei", "3 mei 2014 of 4 mei 2014"),
        *("3 smurf 2014", "3-5-20144", "3-5-1214", "0-5-2014", "3-0-2014", "vandaag", "1" * 10_000, "41762"),
    ],
)
def test_what_is_no_date_is_none(typed: str) -> None:
    assert birth_date(typed) is None


@pytest.mark.parametrize(
    ("typed", "one_form"),
    [("00123", "123"), ("123", "123"), (" 12 3 ", "123"), ("A-12", "a12"), ("000", "0"), ("١٢٣", "123"), ("-", None)],
)
def test_zeros_before_a_student_number_do_not_matter(typed: str, one_form: str | None) -> None:
    assert student_number(typed) == one_form


def test_a_code_is_typed_in_any_case_and_with_any_dashes() -> None:
    assert code("abcd-efgh 23") == code("ABCDEFGH23") == "ABCDEFGH23"
    assert code(" - ") is None


def test_every_kind_of_secret_has_a_form() -> None:
    assert {kind: normalise(kind, "1234AB 12") for kind in SecretKind} == {
        SecretKind.POSTCODE: None,
        SecretKind.POSTCODE_HOUSE_NUMBER: "1234AB 12",
        SecretKind.BIRTH_DATE: None,
        SecretKind.STUDENT_NUMBER: "1234ab12",
        SecretKind.CODE: "1234AB12",
    }
    with pytest.raises(KeyError):
        normalise("shoe size", "42")


_TYPED = st.one_of(st.text(), st.text("0123456789abAB -/., éİıß٣ﷺ'’\0\u200f\u00a0", max_size=40))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=many(150, 10_000), deadline=None, derandomize=True)
@given(text=_TYPED)
def test_a_form_is_its_own_form(kind: str, text: str) -> None:
    found = normalise(kind, text)
    if found is not None:
        assert found != ""
        assert normalise(kind, found) == found


@settings(max_examples=many(150, 10_000), deadline=None, derandomize=True)
@given(text=_TYPED)
def test_case_and_composition_do_not_change_a_name(text: str) -> None:
    assert name(unicodedata.normalize("NFD", text)) == name(unicodedata.normalize("NFC", text))
    assert name(f" {text}\u200e") == name(text) or len(text) > 197

"""The code of an app: derived, never kept; right for a while, and once (RFC 6238)."""

from datetime import datetime, timedelta

import pyotp
import pytest

from storage.refusals import Invalid, NotFound, Refused
from storage.staff import second_factor
from storage.words import Act, Acting, Actor, By
from tests.support.browser import everything, hire, unchanged
from tests.support.cast import DESK, NOW, OPERATOR, PEPPER, Cast
from tests.support.trail import acts

NONCE = "a nonce"
HALF_MINUTE = timedelta(seconds=30)


def app(staff_id: int, nonce: str = NONCE) -> pyotp.TOTP:
    """What is on the phone."""
    return pyotp.TOTP(second_factor.secret(PEPPER, staff_id, nonce))


@pytest.fixture
def director(cast: Cast) -> int:
    """With a phone, set up a minute ago."""
    id_ = hire(cast.database, cast.school)
    switch_on(cast, id_, app(id_).at(NOW - 2 * HALF_MINUTE), then=NOW - 2 * HALF_MINUTE)
    return id_


def switch_on(cast: Cast, staff_id: int, code: str, *, nonce: str = NONCE, then: datetime = NOW) -> None:
    """As somebody does it for themselves."""
    acting = Acting(By(Actor.STAFF, staff_id), then)
    cast.database.work(second_factor.switch_on, cast.school, acting, staff_id, nonce, code, PEPPER)


def fits(cast: Cast, staff_id: int, code: str, at: timedelta = timedelta()) -> bool:
    return cast.database.work(second_factor.use, cast.school, staff_id, code, PEPPER, NOW + at)


def test_it_is_asked_from_the_first_right_code_on(cast: Cast, director: int) -> None:
    assert cast.database.read(second_factor.asked_of, cast.school, director)
    assert acts(cast)[-1] == (Act.SECOND_FACTOR_SET, Actor.STAFF, director, director)


def test_the_secret_is_of_160_bits_and_stands_in_no_table(cast: Cast, director: int) -> None:
    secret = second_factor.secret(PEPPER, director, NONCE)
    assert len(secret) == 32
    assert secret not in repr(everything(cast.database))


def test_the_secret_needs_pepper_person_and_nonce(director: int) -> None:
    other = b"another pepper, also 32 bytes or more"
    secrets = {
        second_factor.secret(*of)
        for of in ((PEPPER, director, NONCE), (other, director, NONCE), (PEPPER, 99, NONCE), (PEPPER, director, "x"))
    }
    assert len(secrets) == 4


def test_a_code_is_right_half_a_minute_early_and_late_and_no_more(cast: Cast, director: int) -> None:
    for step, right in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        later = timedelta(minutes=step + 3)  # each in a minute of its own, for none may be used twice
        code = app(director).at(NOW + later + step * HALF_MINUTE)
        assert (step, fits(cast, director, code, later)) == (step, right)


def test_a_code_works_once(cast: Cast, director: int) -> None:
    code = app(director).at(NOW)
    assert [fits(cast, director, code) for _ in range(2)] == [True, False]
    assert not fits(cast, director, code, HALF_MINUTE)


def test_after_a_code_none_of_before_it_works(cast: Cast, director: int) -> None:
    assert fits(cast, director, app(director).at(NOW + HALF_MINUTE))
    assert not fits(cast, director, app(director).at(NOW))


def test_the_code_that_set_it_up_does_not_sign_in(cast: Cast) -> None:
    id_ = hire(cast.database, cast.school)
    code = app(id_).at(NOW)
    switch_on(cast, id_, code)
    assert not fits(cast, id_, code)


def test_another_code_is_wrong(cast: Cast, director: int) -> None:
    wrong = ["", "000000", "12345", "1234567", "abcdef", "１２３４５６", "-12345"]
    assert app(director).at(NOW) not in wrong
    assert [code for code in wrong if fits(cast, director, code)] == []


def test_spaces_in_a_code_do_not_matter(cast: Cast, director: int) -> None:
    code = app(director).at(NOW)
    assert fits(cast, director, f" {code[:3]} {code[3:]} ")


def test_the_code_of_one_person_is_not_anothers(cast: Cast, director: int) -> None:
    second = hire(cast.database, cast.school, "adjunct@regenboog.example")
    then = NOW - HALF_MINUTE * 2
    switch_on(cast, second, app(second).at(then), then=then)
    assert not fits(cast, director, app(second).at(NOW))


def test_who_has_none_cannot_use_one(cast: Cast) -> None:
    id_ = hire(cast.database, cast.school)
    assert not fits(cast, id_, app(id_, "").at(NOW))


def test_a_wrong_first_code_sets_up_nothing(cast: Cast) -> None:
    id_ = hire(cast.database, cast.school)
    with unchanged(cast.database), pytest.raises(Refused) as refused:
        switch_on(cast, id_, "000000")
    assert isinstance(refused.value.refusal, Invalid)


def test_a_second_phone_does_not_silently_take_the_place_of_the_first(cast: Cast, director: int) -> None:
    with unchanged(cast.database), pytest.raises(Refused):
        switch_on(cast, director, app(director, "other").at(NOW), nonce="other")


def test_switched_off_it_is_asked_no_more_and_what_is_offered_next_is_another(cast: Cast, director: int) -> None:
    before = second_factor.offered(PEPPER, director, 0, "session")
    cast.database.work(second_factor.switch_off, cast.school, OPERATOR, director)
    assert not cast.database.read(second_factor.asked_of, cast.school, director)
    assert acts(cast)[-1] == (Act.SECOND_FACTOR_REMOVED, Actor.OPERATOR, None, director)
    step = cast.database.read(second_factor.last_step, cast.school, director)
    assert second_factor.offered(PEPPER, director, step, "session") != before
    with unchanged(cast.database):
        cast.database.work(second_factor.switch_off, cast.school, OPERATOR, director)


def test_somebody_of_another_school_is_not_there(cast: Cast, director: int) -> None:
    code = app(director).at(NOW)
    with unchanged(cast.database):
        for do in (
            lambda session: second_factor.use(session, cast.horizon, director, code, PEPPER, NOW),
            lambda session: second_factor.switch_off(session, cast.horizon, DESK, director),
        ):
            with pytest.raises(Refused) as refused:
                cast.database.work(do)
            assert refused.value.refusal == NotFound("staff")

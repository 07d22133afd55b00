"""The operator's help for the last administrator: a lost phone, a password that nobody remembers."""

from pathlib import Path

import pyotp
import pytest

from storage.database.engine import Database
from storage.staff import accounts, password_links, second_factor
from storage.words import Act, Actor, Role
from tests.support.browser import DIRECTOR, NOOR, hire, unchanged
from tests.support.cast import DESK, NOW, OPERATOR, PEPPER, Cast, settle
from tests.support.commands import Operator
from tests.support.trail import acts


@pytest.fixture
def cast(sqlite: Database) -> Cast:
    return settle(sqlite)


@pytest.fixture
def operator(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Operator:
    hire(cast.database, cast.school)
    return Operator(cast.database, tmp_path, monkeypatch, capsys)


def test_a_lost_phone_is_forgotten(operator: Operator, cast: Cast) -> None:
    code = pyotp.TOTP(second_factor.secret(PEPPER, 1, "nonce")).at(NOW)
    cast.database.work(second_factor.switch_on, cast.school, DESK, 1, "nonce", code, PEPPER)
    done = operator.run("staff", "lost-phone", "regenboog", DIRECTOR.upper())
    assert (done.status, done.out, done.err) == (
        0, f"{DIRECTOR} signs in at De Regenboog with the password alone now.\n", ""
    )  # fmt: skip
    assert not cast.database.read(second_factor.asked_of, cast.school, 1)
    assert acts(cast)[-1] == (Act.SECOND_FACTOR_REMOVED, Actor.OPERATOR, None, 1)
    again = operator.run("staff", "lost-phone", "regenboog", DIRECTOR)
    assert (again.status, again.err) == (1, f"No code is asked of {DIRECTOR} at De Regenboog.\n")


def test_a_link_to_a_password_is_printed_and_opens_that_account(operator: Operator, cast: Cast) -> None:
    operator.set(BASE_URL="https://tienminuten.example")
    done = operator.run("staff", "link", "regenboog", DIRECTOR)
    address = done.out.strip()
    assert (done.status, done.err) == (0, "")
    assert address.startswith("https://tienminuten.example/desk/welcome/1-")
    door = cast.database.read(password_links.find, address.rpartition("/")[2], PEPPER, NOW)
    assert door
    assert (door.email, door.invited) == (DIRECTOR, False)
    assert acts(cast)[-1] == (Act.LINK_SENT, Actor.OPERATOR, None, 1)


@pytest.mark.parametrize("command", ["lost-phone", "link"])
def test_an_unknown_person_or_school_is_a_sentence(operator: Operator, cast: Cast, command: str) -> None:
    with unchanged(cast.database):
        nobody = operator.run("staff", command, "regenboog", NOOR)
        nowhere = operator.run("staff", command, "wilg", DIRECTOR)
    assert (nobody.status, nobody.err) == (1, f"There is no account of {NOOR} at De Regenboog.\n")
    assert (nowhere.status, nowhere.err) == (1, "There is no school “wilg”.\n")


def test_no_link_is_made_for_who_is_disabled(operator: Operator, cast: Cast) -> None:
    noor = hire(cast.database, cast.school, NOOR, Role.TEACHER)
    cast.database.work(accounts.set_active, cast.school, OPERATOR, noor, False)
    with unchanged(cast.database):
        done = operator.run("staff", "link", "regenboog", NOOR)
    assert (done.status, done.err) == (1, f"The account of {NOOR} at De Regenboog is disabled.\n")

"""Opened cold: an administrator signs in and sees where the school stands."""

import pytest
from playwright.sync_api import ViewportSize

from tests.stories.desk.conftest import Sit
from tests.support.desk_browser import LAPTOP, PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("size", "script", "dark"),
    [(LAPTOP, True, False), (PHONE, False, True)],
    ids=["laptop", "phone in the dark without scripts"],
)
def test_the_first_page_after_signing_in(sit: Sit, size: ViewportSize, script: bool, dark: bool) -> None:
    who = sit(size=size, script=script, dark=dark)
    who.says("10 november")

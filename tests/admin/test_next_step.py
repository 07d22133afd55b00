"""The first page leads: for each state of a school one sentence and one button."""

from dataclasses import replace

import pytest

from admin.next_step import next_step
from messages.text import words
from storage.school.schools import SchoolState
from tests.admin.browser import Browser, Turned, hire
from tests.cast import Cast

READY = SchoolState(
    students=6,
    students_without_family=0,
    families=5,
    families_without_secret=0,
    plannings_draft=0,
    plannings_published=2,
    families_booked=0,
    families_unreachable=1,
)


@pytest.mark.parametrize(
    ("state", "chosen", "path"),
    [
        (replace(READY, students=0, families=0, plannings_published=0), False, "/desk/students/import"),
        (replace(READY, students_without_family=6, families=0), False, "/desk/families/make"),
        (replace(READY, families_without_secret=5), False, "/desk/families/secret"),
        (replace(READY, plannings_published=0), True, "/desk/plannings"),
        (replace(READY, plannings_draft=1, families_without_secret=1), True, "/desk/plannings"),
        (replace(READY, families_without_secret=1), True, "/desk/families?only=bare"),
    ],
)
def test_what_keeps_parents_from_booking_is_done_first(state: SchoolState, chosen: bool, path: str) -> None:
    step = next_step(state, chosen, words("nl"))
    assert step is not None
    assert step.path == path


def test_drafts_are_counted_in_the_readers_language() -> None:
    step = next_step(replace(READY, plannings_draft=2), True, words("nl"))
    assert step is not None
    assert step.sentence == "2 planningen zijn nog een concept: ouders zien ze pas als u ze publiceert."
    assert step.button == "Controleren en publiceren"


def test_when_all_is_ready_the_first_page_gives_the_parents_address(cast: Cast) -> None:
    hire(cast.database, cast.school)
    browser = Browser(cast.database, Turned())
    browser.sign_in()
    assert next_step(READY, True, words("en")) is None
    assert '<a href="http://127.0.0.1:8000/regenboog">' in browser.get("/desk").text

"""Forms as large as a school: every tick box of a long list comes in."""

from admin.web.middleware import MOST_FIELDS
from tests.support.browser import Browser, Turned, hire
from tests.support.cast import Cast


def test_a_form_of_five_thousand_tick_boxes_comes_in(cast: Cast) -> None:
    """Starlette takes 1,000 fields where nothing else is said, and answers 400 for the next."""
    hire(cast.database, cast.school)
    browser = Browser(cast.database, Turned())
    browser.sign_in()
    ticked = {"leaver": [str(number) for number in range(1, 5001)], "kept": [str(number) for number in range(1, 5001)]}
    assert len(ticked["leaver"]) + len(ticked["kept"]) < MOST_FIELDS
    answer = browser.post("/desk/students/import/0123456789abcdef/apply", {"seen": "x", **ticked})
    assert "This file is no longer here." in answer.text  # so the form itself was read


def test_a_form_beyond_every_school_is_refused(cast: Cast) -> None:
    hire(cast.database, cast.school)
    browser = Browser(cast.database, Turned())
    browser.sign_in()
    answer = browser.post("/desk/students/import/0123456789abcdef/apply", {"leaver": ["1"] * (MOST_FIELDS + 1)})
    assert answer.status_code == 400

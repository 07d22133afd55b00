"""The first page leads: for each state of a school one sentence and one button; no step hides what is missing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from admin.pages.home.next_step import next_step
from admin.pages.home.steps import State, steps
from messages.text import words
from storage.school.progress_views import ConferenceCounts, PeopleCounts, PlanningCounts, Progress
from storage.tables import Letter
from storage.words import PlanningState, SecretKind
from tests.support.browser import Browser, Turned, hire
from tests.support.cast import CLOSES, NOW, OPENS, Cast

NOTHING = {"family": 0, "postcode": 0, "house_number": 0, "birth_date": 0, "student_number": 0}
PEOPLE = PeopleCounts(
    kind=SecretKind.POSTCODE, groups=2, students=6, families=5, bare=0, lettered=5, invited=0, linked=2,
    unreachable=0, leavers=0, lacking=NOTHING, review=0,
)  # fmt: skip
TABLE = PlanningCounts(id=7, title="Groep 7", state=PlanningState.PUBLISHED, children=26, talks=26, booked=20, times=26)
TALKS = ConferenceCounts(
    id=3, name="Herfstgesprekken", opens=OPENS, closes=CLOSES, first=CLOSES + timedelta(days=2),
    last=CLOSES + timedelta(days=4), tables=(TABLE,), families=5, families_booked=3, teachers=2,
    teachers_without_mail=0, teachers_at_desk=1,
)  # fmt: skip
READY = Progress(people=PEOPLE, talks=TALKS, over=False, others=())


def people(**changed: object) -> Progress:
    return replace(READY, people=replace(PEOPLE, **changed))  # type: ignore[arg-type]


def talks(**changed: object) -> Progress:
    return replace(READY, talks=replace(TALKS, **changed))  # type: ignore[arg-type]


DRAFT = replace(TABLE, state=PlanningState.DRAFT)
NOBODY = people(lettered=0, linked=0, invited=0)


@pytest.mark.parametrize(
    ("found", "path"),
    [
        (people(students=0, families=0, kind=None), "/desk/students/import"),
        (people(lacking={**NOTHING, "family": 6}, families=0, kind=None), "/desk/families/make"),
        (people(kind=None, bare=5), "/desk/families/secret"),
        (replace(READY, talks=None), "/desk/plannings/many"),
        (talks(tables=()), "/desk/plannings/many"),
        (replace(talks(tables=(DRAFT,)), people=replace(PEOPLE, bare=1)), "/desk/plannings/conferences/3/publish"),
        (people(bare=1), "/desk/families?only=bare"),
        (talks(tables=(replace(TABLE, times=24),)), "/desk/plannings/7/times"),
        (NOBODY, "/desk/invite"),
        (replace(READY, over=True), "/desk/plannings/conferences/new"),
    ],
)
def test_what_keeps_the_round_from_going_well_is_done_first(found: Progress, path: str) -> None:
    step = next_step(found, words("nl"), NOW)
    assert step is not None
    assert step.path == path


def test_as_sign_up_closes_those_without_a_talk_are_told_of() -> None:
    last_day, after = CLOSES - timedelta(days=1), CLOSES + timedelta(hours=1)
    soon, closed = next_step(READY, words("en"), last_day), next_step(READY, words("en"), after)
    assert soon is not None
    assert closed is not None
    assert soon.sentence == "6 children have no talk yet. Sign-up closes soon: remind their parents."
    assert closed.sentence == "6 children have no talk yet. Sign-up is closed: book for those who ask."
    assert next_step(READY, words("en"), NOW) is None
    everybody = next_step(talks(tables=(replace(TABLE, booked=26),)), words("en"), after)
    assert everybody is not None
    assert everybody.path == "/desk/exports"


def test_drafts_are_counted_in_the_readers_language() -> None:
    step = next_step(talks(tables=(DRAFT, DRAFT)), words("nl"), NOW)
    assert step is not None
    assert step.sentence == "2 planningen zijn nog een concept: ouders zien ze pas als u ze publiceert."
    assert step.button == "Controleren en publiceren"


def told(found: Progress, language: str = "en") -> dict[str, tuple[State, list[tuple[str, str]]]]:
    """Step → its state, and what is missing with where it is mended."""
    return {
        step.title: (step.state, [(line.sentence, line.path) for line in step.lines if line.missing])
        for step in steps(found, words(language), "Europe/Amsterdam", NOW)
    }


def test_each_step_says_what_is_missing_and_where_it_is_mended() -> None:
    lacking = {**NOTHING, "postcode": 3, "family": 4, "birth_date": 9}
    found = replace(
        people(lacking=lacking, bare=2, review=3, unreachable=4),
        talks=replace(TALKS, tables=(replace(TABLE, times=24), replace(DRAFT, id=8)), teachers_without_mail=1),
    )
    assert told(found) == {
        "Students": (State.LOOK, [("3 children have no postcode", "/desk/students?lack=postcode")]),
        "Families": (
            State.LOOK,
            [
                ("4 children have no family", "/desk/families/make"),
                ("2 families have no secret", "/desk/families?only=bare"),
                ("3 cases on the review list", "/desk/families/make"),
            ],
        ),
        "Conference and plannings": (
            State.LOOK,
            [
                ("1 planning is a draft", "/desk/plannings/conferences/3/publish"),
                ("Groep 7: 26 children, 24 times", "/desk/plannings/7"),
            ],
        ),
        "Invite the parents": (State.LOOK, [("4 families cannot be reached", "/desk/families?only=unreachable")]),
        "Parents book": (State.NOW, []),
        "Inform the teachers": (State.LOOK, [("1 teacher has no e-mail address", "/desk/plannings")]),
        "Afterwards": (State.LATER, []),
    }


def test_an_empty_school_begins_at_the_first_step() -> None:
    nobody = replace(PEOPLE, students=0, families=0, groups=0, kind=None, lettered=0, linked=0)
    states = [state for state, _ in told(Progress(nobody, None, False, ())).values()]
    assert states == [State.NOW, *[State.LATER] * 6]


def test_when_all_is_ready_the_first_page_gives_the_parents_address(cast: Cast) -> None:
    hire(cast.database, cast.school)
    browser = Browser(cast.database, Turned())
    browser.sign_in()
    cast.database.work(_letter, cast)
    page = browser.get("/desk").text
    assert "Parents can book" in page
    assert 'value="http://127.0.0.1:8000/regenboog"' in page


def _letter(session: Session, cast: Cast) -> None:
    until = NOW + timedelta(days=30)
    session.add(Letter(id="x" * 64, school_id=cast.school, family_id=cast.de_vries, made=NOW, until=until))

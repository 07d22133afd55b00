"""Coming in: which school? By the link that carries it, or by typing part of its name (P1). No command is needed."""

from functools import partial

from bot.screens.scene import Draw, Rows, Scene, button, draw, told_apart, words_of
from messages import taps
from messages.screen import Button, Screen
from storage.access.chats import (
    FamilyView,
    SchoolView,
    Visitor,
    enter_school,
    linked_families,
    school_by_slug,
    schools_like,
    set_step,
)
from storage.words import SignInStep

MOST_SCHOOLS = 8


def ask(scene: Scene, trouble: str = "") -> Draw:
    """Which school? With the families that the chat has already, as the way back."""
    known = linked_families(scene.session, scene.visitor.chat_id)[:6]
    return partial(_ask, scene.visitor, known, trouble)


def by_link(scene: Scene, slug: str) -> SchoolView | None:
    """Turn the chat to the school of a link; None where there is no such school."""
    school = school_by_slug(scene.session, slug)
    if school is not None:
        enter_school(scene.session, scene.visitor.chat_id, school.id)
    return school


def by_name(scene: Scene, typed: str) -> Draw:
    """Schools whose name holds what was typed, as buttons."""
    found = schools_like(scene.session, typed[:80], MOST_SCHOOLS)
    if not found:
        return ask(scene, trouble="unknown")
    return partial(_choose, scene.visitor, found)


def other(scene: Scene) -> Draw:
    """Ask for another school; what is typed next is its name."""
    set_step(scene.session, scene.visitor.chat_id, SignInStep.SCHOOL)
    return ask(scene.again())


def _ask(visitor: Visitor, known: tuple[tuple[SchoolView, FamilyView], ...], trouble: str) -> Screen:
    said = words_of(visitor)
    hint = said.say("Part of the school's name")
    return draw("arrive", visitor, family_rows(known), values={"trouble": trouble}, asks=True, hint=hint)


def _choose(visitor: Visitor, found: tuple[SchoolView, ...]) -> Screen:
    rows = tuple((button(school.name, taps.EnterSchool(school_id=school.id)),) for school in found)
    many = len(found) == MOST_SCHOOLS
    hint = words_of(visitor).say("Part of the school's name")
    return draw("schools", visitor, rows, values={"many": many}, asks=True, hint=hint)


def family_rows(known: tuple[tuple[SchoolView, FamilyView], ...]) -> Rows:
    """A button for each family of the chat."""
    texts = [f"{family.name} · {school.name}" for school, family in known]
    buttons = [_family(text, school, family) for text, (school, family) in zip(texts, known, strict=True)]
    return tuple((one,) for one in told_apart(buttons, texts))


def _family(text: str, school: SchoolView, family: FamilyView) -> Button:
    return button(text, taps.SwitchFamily(school_id=school.id, family_id=family.id))

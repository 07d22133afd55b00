"""Language, other families and schools, logging out (P4, P5, P9)."""

from functools import partial

from bot.screens import address, arrive, banners, overview
from bot.screens.scene import ChatNotSignedIn, Draw, Outdated, Scene, button, draw, words_of
from bot.screens.signing_in import language_rows, question
from messages import taps
from messages.screen import Screen
from messages.text import languages
from storage.access import links
from storage.access.chats import (
    FamilyView,
    SchoolView,
    Visitor,
    choose_language,
    enter_school,
    linked_families,
    log_out,
    school_by_id,
    set_step,
    switch,
)
from storage.words import SignInStep

MOST_FAMILIES = 8


def standing(scene: Scene) -> Draw:
    """Where the chat stands: a question while signing in, else the overview, what was not seen yet on top."""
    visitor = scene.visitor
    if visitor.family is not None and visitor.step is SignInStep.ADDRESS:
        return address.question(scene)
    if visitor.family is None or visitor.step is not SignInStep.NONE:
        return question(scene)
    return overview.show(scene, news=overview.OverviewNews(banners=banners.unseen(scene)))


def home(scene: Scene, page: int = 0) -> Draw:
    """The overview of whoever is signed in, else the question that comes next."""
    return overview.show(scene, page) if scene.visitor.family else question(scene)


def show(scene: Scene) -> Draw:
    """The settings. Raises ChatNotSignedIn."""
    visitor = scene.visitor
    if visitor.school is None or visitor.family is None:
        raise ChatNotSignedIn
    return partial(_show, visitor, visitor.family)


def speak(scene: Scene, letters: int) -> Draw:
    """Choose a language by the letters of its code, read in base 36. Raises Outdated for one that there is not."""
    chosen = next((one for one in languages() if int(one, 36) == letters), None)
    if chosen is None:
        raise Outdated
    choose_language(scene.session, scene.visitor.chat_id, chosen)
    again = scene.again()
    return show(again) if again.visitor.family and again.visitor.step is SignInStep.NONE else question(again)


def families(scene: Scene) -> Draw:
    """The families that this chat is linked to, MOST_FAMILIES at most, to switch between."""
    known = linked_families(scene.session, scene.visitor.chat_id)[:MOST_FAMILIES]
    return partial(_families, scene.visitor, known)


def switch_to(scene: Scene, school_id: int, family_id: int) -> Draw:
    """Raises Refused(NotFound) for a family that the chat does not speak for."""
    switch(scene.session, scene.visitor.chat_id, school_id, family_id)
    return overview.show(scene.again())


def enter(scene: Scene, school_id: int) -> Draw:
    """A school chosen from a list; an unknown one is outdated."""
    if school_by_id(scene.session, school_id) is None:
        raise Outdated
    enter_school(scene.session, scene.visitor.chat_id, school_id)
    return standing(scene.again())


def add(scene: Scene) -> Draw:
    """Ask for a first name (anew), at the school in view; `another school` stands below the question."""
    if scene.visitor.school is None:
        return arrive.other(scene)
    set_step(scene.session, scene.visitor.chat_id, SignInStep.FIRST_NAME)
    return question(scene.again())


def seen(scene: Scene) -> Draw:
    """What stood on top of the screen has been read: it is put away with any tap."""
    return home(scene)


def disown(scene: Scene, family_id: int, chat_id: int) -> Draw:
    """Another chat that came in is none of this family's: it is logged out. Raises Refused(NotFound)."""
    school, family = scene.family(family_id)
    links.disown(scene.session, school.id, scene.acting(family), family.id, chat_id)
    said = words_of(scene.visitor)
    note = said.say("That phone or browser is logged out, and the school has been told.")
    if school.contact:
        asking = said.say("Please call the school for another secret: %(contact)s.", contact=school.contact)
        note = f"{note} {asking}"
    return overview.show(scene, news=overview.OverviewNews(note))


def back(scene: Scene) -> Draw:
    """Leave signing in with another family: back to the one in view."""
    if scene.visitor.family is None:
        raise ChatNotSignedIn
    set_step(scene.session, scene.visitor.chat_id, SignInStep.NONE)
    return overview.show(scene.again())


def ask_leave(scene: Scene) -> Draw:
    """Asks whether this chat is to be logged out. Raises ChatNotSignedIn."""
    if scene.visitor.family is None:
        raise ChatNotSignedIn
    return partial(_leave, scene.visitor, scene.visitor.family)


def leave(scene: Scene, family_id: int) -> Draw:
    """Log out of the family that the question was about."""
    scene.family(family_id)
    log_out(scene.session, scene.visitor.chat_id, scene.now)
    return partial(_left, scene.again().visitor)


def _show(visitor: Visitor, family: FamilyView) -> Screen:
    said = words_of(visitor)
    rows = (
        *language_rows(said.language),
        (button(said.say("My families and schools"), taps.ShowFamilies()),),
        (button(said.say("Log out"), taps.AskLogOut()), button(said.say("Overview"), taps.ShowOverview(), strong=True)),
    )
    return draw("settings", visitor, rows, values={"family": family, "language": said.name})


def _families(visitor: Visitor, known: tuple[tuple[SchoolView, FamilyView], ...]) -> Screen:
    said = words_of(visitor)
    rows = (
        *arrive.family_rows(known),
        (button(said.say("Add a family"), taps.AddFamily()),),
        (button(said.say("Another school"), taps.AskSchool()),),
        *(((button(said.say("Overview"), taps.BackToFamily(), strong=True),),) if visitor.family else ()),
    )
    return draw("families", visitor, rows, values={"family": visitor.family, "any": bool(known)})


def _leave(visitor: Visitor, family: FamilyView) -> Screen:
    said = words_of(visitor)
    rows = (
        (button(said.say("Yes, log out"), taps.LogOut(family_id=family.id)),),
        (button(said.say("No, stay"), taps.ShowOverview(), strong=True),),
    )
    return draw("leave", visitor, rows, values={"family": family})


def _left(visitor: Visitor) -> Screen:
    hint = words_of(visitor).say("First name of one child")
    return draw("left", visitor, values={}, asks=True, hint=hint)

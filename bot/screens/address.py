"""A family that nothing reaches but this page gives a mail address, so that it hears what happens (rule 35).

Only where none is known: an address that the school has is the school's to change.
"""

from functools import partial

from bot.screens import overview
from bot.screens.scene import ChatNotSignedIn, Draw, Scene, button, draw, with_alert, words_of
from messages import taps
from messages.refusals import sentence
from messages.screen import Screen
from storage.access.chats import Visitor, set_step
from storage.families import families
from storage.refusals import Refused
from storage.words import SignInStep


def ask(scene: Scene) -> Draw:
    """Which address? What is typed next is it. Raises ChatNotSignedIn."""
    if scene.visitor.family is None:
        raise ChatNotSignedIn
    if not scene.unreached():
        return overview.show(scene)
    set_step(scene.session, scene.visitor.chat_id, SignInStep.ADDRESS)
    return question(scene.again())


def question(scene: Scene) -> Draw:
    """The question as it stands."""
    return partial(_question, scene.visitor)


def hear(scene: Scene, typed: str) -> Draw:
    """Keep the address; what is none is asked again, with why."""
    family = scene.visitor.family
    if family is None or not scene.unreached():
        return overview.show(scene)
    school, _ = scene.family(family.id)
    try:
        families.set_email(scene.session, school.id, scene.acting(family), family.id, typed)
    except Refused as refused:
        return with_alert(question(scene), sentence(refused.refusal, words_of(scene.visitor), school.timezone))
    set_step(scene.session, scene.visitor.chat_id, SignInStep.NONE)
    again = scene.again()
    note = words_of(again.visitor).say("From now on you get a mail at %(email)s when something changes.", email=typed)
    return overview.show(again, news=overview.OverviewNews(note))


def _question(visitor: Visitor) -> Screen:
    said = words_of(visitor)
    rows = ((button(said.say("Overview"), taps.BackToFamily()),),)
    return draw("address", visitor, rows, values={}, asks=True, hint=said.say("Your e-mail address"))

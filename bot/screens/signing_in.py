"""Signing in: a child's first name, then one thing the parent knows by heart (P2–P4).

What a parent reads never tells whether the name or the secret was wrong (rule 3), and whatever may hold a secret is
taken out of the chat.
"""

from datetime import datetime
from functools import partial

from bot.screens import arrive, overview
from bot.screens.scene import Draw, Rows, Scene, button, draw, in_rows, with_alert, words_of
from messages import taps
from messages.screen import Screen
from messages.text import Words, languages, words
from storage.access.chats import Visitor, linked_families
from storage.access.signing_in import (
    AskSecond,
    ChatSignedIn,
    CodesOnly,
    Incomplete,
    Outcome,
    Wait,
    Wrong,
    give_first_name,
    give_second,
    give_secret,
    waits,
)
from storage.values.typed import Lack, Lacking, lacking, name_and_secret
from storage.words import SignInStep


def question(scene: Scene) -> Draw:
    """The question that stands now: school, first name, secret or the second datum."""
    if scene.visitor.school is None or scene.visitor.step is SignInStep.SCHOOL:
        return arrive.ask(scene)
    elsewhere = bool(linked_families(scene.session, scene.visitor.chat_id))
    return partial(_question, scene.visitor, scene.visitor.step, elsewhere)


def holds_secret(visitor: Visitor, typed: str) -> bool:
    """Whether what was typed may be one, also where none was asked for: then it goes out of the chat (P2)."""
    if typed.startswith("/"):
        return "_" in typed  # a letter's code
    if visitor.school is None or visitor.step is SignInStep.SCHOOL:
        return False
    asked = visitor.step in (SignInStep.SECRET, SignInStep.SECOND)
    for_a_name = visitor.family is None or visitor.step is SignInStep.FIRST_NAME
    return asked or (for_a_name and any(letter.isdigit() for letter in typed))


def hear(scene: Scene, typed: str) -> Draw:
    """Take the answer to the question that stands. Raises Refused(Invalid) for what cannot be a name."""
    visitor = scene.visitor
    if (waiting := waits(scene.session, visitor.chat_id, scene.now)) is not None:
        return _after(scene, waiting)
    if visitor.step not in (SignInStep.SECRET, SignInStep.SECOND):
        return _hear_name(scene, typed)
    give = give_secret if visitor.step is SignInStep.SECRET else give_second
    outcome = give(scene.session, visitor.chat_id, typed, scene.now, scene.pepper)
    return _after(scene, outcome)


def _hear_name(scene: Scene, typed: str) -> Draw:
    """A first name; or name and secret in one message, where the end of it could be one."""
    school, both = scene.visitor.school, name_and_secret(typed)
    if both is not None and school is not None and lacking(school.secret_kind, both[1]) is None:
        give_first_name(scene.session, scene.visitor.chat_id, both[0], scene.now)
        outcome = give_secret(scene.session, scene.visitor.chat_id, both[1], scene.now, scene.pepper)
        return _after(scene, outcome)
    if any(letter.isdigit() for letter in typed):
        return _no_name(scene)
    give_first_name(scene.session, scene.visitor.chat_id, typed, scene.now)
    return question(scene.again())


def _no_name(scene: Scene) -> Draw:
    """A secret, typed too early perhaps: out of the chat with it, and the question again."""
    drawn = partial(_question, scene.visitor, SignInStep.FIRST_NAME, False, typed_secret=True)
    return with_alert(drawn, words_of(scene.visitor).say("Please type only your child's first name."))


def _after(scene: Scene, outcome: Outcome) -> Draw:
    again = scene.again()
    match outcome:
        case ChatSignedIn(_, children):
            return overview.show(again, news=overview.OverviewNews(welcome=children, typed_secret=True))
        case AskSecond():
            return partial(_question, again.visitor, SignInStep.SECOND, False, typed_secret=True)
        case Wait(until):
            return partial(_wait, again.visitor, until)
        case Wrong():
            return partial(_again, again.visitor, words_of(again.visitor).say("That did not fit. A typing error?"))
        case Incomplete(lack):
            return partial(_again, again.visitor, _missing(lack, words_of(again.visitor)))
        case CodesOnly(until):
            return partial(_codes, again.visitor, until)


def _question(visitor: Visitor, step: SignInStep, elsewhere: bool, *, typed_secret: bool = False) -> Screen:
    said = words_of(visitor)
    name = {SignInStep.SECRET: "secret", SignInStep.SECOND: "second"}.get(step, "first_name")
    return draw(
        name,
        visitor,
        _ways_out(visitor, step, elsewhere),
        values={"hint": visitor.school.hint if visitor.school else ""},
        asks=True,
        hint=_hint(visitor, name, said),
        delete_typed=typed_secret,
    )


def _hint(visitor: Visitor, name: str, said: Words) -> str:
    if name == "first_name":
        return said.say("First name of one child")
    if name == "second":
        return said.say("House number, last name or group")
    return visitor.school.hint if visitor.school and visitor.school.hint else said.say("Your answer")


def _ways_out(visitor: Visitor, step: SignInStep, elsewhere: bool) -> Rows:
    """Start over, another school, back to a family of this chat, and the other languages."""
    said = words_of(visitor)
    if step in (SignInStep.SECRET, SignInStep.SECOND):
        return ((button(said.say("Another first name"), taps.AskFirstNameAgain()),),)
    back = ((button(said.say("Back to my families"), taps.ShowFamilies()),),) if elsewhere else ()
    return (*back, (button(said.say("Another school"), taps.AskSchool()),), *language_rows(said.language))


def language_rows(now: str) -> Rows:
    """A button for each language but the present one, in its own words."""
    others = [button(words(one).name, taps.ChooseLanguage(letters=int(one, 36))) for one in languages() if one != now]
    return in_rows(others, 3)


def _again(visitor: Visitor, why: str) -> Screen:
    """The secret once more, for the same name; never is said which of the two was wrong."""
    said = words_of(visitor)
    rows = _ways_out(visitor, SignInStep.SECRET, False)
    values = {"why": why, "hint": visitor.school.hint if visitor.school else ""}
    return draw(
        "wrong", visitor, rows, values=values, asks=True, hint=_hint(visitor, "secret", said), delete_typed=True
    )


def _codes(visitor: Visitor, until: datetime) -> Screen:
    said = words_of(visitor)
    rows = _ways_out(visitor, SignInStep.SECRET, False)
    values = {"until": until}
    return draw("codes", visitor, rows, values=values, asks=True, hint=said.say("Your answer"), delete_typed=True)


def _missing(lack: Lacking, said: Words) -> str:
    """What is missing, with how it would be right."""
    so = lack.example
    match lack.what:
        case Lack.HOUSE_NUMBER:
            return said.say("I miss the house number, such as: %(example)s", example=so)
        case Lack.POSTCODE:
            return said.say("I miss the postcode, such as: %(example)s", example=so)
        case Lack.BOTH:
            return said.say("I miss the postcode and the house number, such as: %(example)s", example=so)
        case Lack.REAL_DATE:
            return said.say("That day does not exist. Write the date of birth such as: %(example)s", example=so)
        case Lack.DATE:
            return said.say("I miss the date of birth, such as: %(example)s", example=so)
        case Lack.NUMBER:
            return said.say("I miss a number.")


def _wait(visitor: Visitor, until: datetime) -> Screen:
    """Until when, and whom to ask; whatever is typed before is not tried."""
    rows = _ways_out(visitor, SignInStep.SECRET, False)
    hint = words_of(visitor).say("Your answer")
    return draw("wait", visitor, rows, values={"until": until}, asks=True, hint=hint, delete_typed=True)

"""One conversation, whatever carries it: a text or a tap in, a Screen out. Telegram and the browser page call it alike.

Each tap is one piece of work with the database: reading taps read, the others do their effect, and the note that this
update had it, in one transaction (rule 17). Nothing is remembered here; who may do what is asked anew every time.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.screens import address, arrive, choose, files, letter, mine, settings, signing_in
from bot.screens.scene import ChatNotSignedIn, Draw, Outdated, Scene, with_alert, words_of
from messages import taps
from messages.refusals import sentence
from messages.screen import Screen
from messages.taps import Tap, unpack
from storage.access.chats import Visitor, enter_school, linked_families, look, saw, school_by_slug, visit
from storage.access.seen_updates import first_time
from storage.database.engine import Database
from storage.outbox.owed import owe_removal
from storage.refusals import Refused
from storage.words import ChatKind, SignInStep

LONGEST_TYPED = 200  # a name, a secret or a school's name is shorter
HANDLED_BY = timedelta(seconds=30)  # until then whoever answers takes a typed secret away; after that it is owed


@dataclass(frozen=True, slots=True)
class Deps:
    """What a conversation needs of the world."""

    database: Database
    pepper: bytes
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class VisitorKey:
    """Who speaks: where from, in which language the phone is, and the school of the browser's page (its slug)."""

    kind: ChatKind
    address: str
    language: str = ""
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Once:
    """An update that may be delivered again (rule 17). `message_id` is the message that was typed, if one was."""

    bot_id: int
    update_id: int
    message_id: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody sees next. `chat_id` is 0 where nobody ever spoke; `shown` is Telegram's message that showed the
    chat's screen until now, `unseen` the notices that stood on top of it."""

    screen: Screen
    chat_id: int = 0
    shown: int | None = None
    unseen: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A screen to be drawn after the transaction, and who it is for."""

    draw: Draw
    visitor: Visitor

    def answer(self, *, secret: bool = False) -> Answer:
        screen, visitor = self.draw(), self.visitor
        if secret:
            screen = replace(screen, delete_typed=True)
        return Answer(screen, visitor.chat_id, visitor.screen, visitor.unseen)


class Repeated(Exception):
    """This update had its effect already."""


@dataclass(frozen=True, slots=True)
class TapHandler:
    """What a tap does: `do` and `after` are given the scene and the tap's numbers by name.

    `after` draws what stands when it could not be done; without one that is the overview.
    """

    do: Callable[..., Draw]
    writes: bool = False
    after: Callable[..., Draw] | None = None


HANDLERS: dict[type[Tap], TapHandler] = {
    taps.ShowDays: TapHandler(choose.days),
    taps.ShowTimes: TapHandler(choose.times),
    taps.Book: TapHandler(choose.book, writes=True, after=choose.after_book),
    taps.ShowBooking: TapHandler(mine.show),
    taps.ShowDaysToMove: TapHandler(choose.move, after=choose.instead_of_moving),
    taps.ShowTimesToMove: TapHandler(choose.when, after=choose.instead_of_moving),
    taps.MoveTo: TapHandler(choose.move_to, writes=True, after=choose.after_move),
    taps.AskCancel: TapHandler(mine.ask_cancel, after=mine.show),
    taps.Cancel: TapHandler(mine.cancel, writes=True),
    taps.SendFile: TapHandler(files.send, writes=True),
    taps.SendFiles: TapHandler(files.send_all, writes=True),
    taps.Seen: TapHandler(settings.seen, writes=True),
    taps.Disown: TapHandler(settings.disown, writes=True),
    taps.ShowOverview: TapHandler(settings.home),
    taps.ShowSettings: TapHandler(settings.show),
    taps.ChooseLanguage: TapHandler(settings.speak, writes=True),
    taps.ShowFamilies: TapHandler(settings.families),
    taps.SwitchFamily: TapHandler(settings.switch_to, writes=True),
    taps.EnterSchool: TapHandler(settings.enter, writes=True),
    taps.AskSchool: TapHandler(arrive.other, writes=True),
    taps.AddFamily: TapHandler(settings.add, writes=True),
    taps.AskFirstNameAgain: TapHandler(settings.add, writes=True),
    taps.BackToFamily: TapHandler(settings.back, writes=True),
    taps.AskAddress: TapHandler(address.ask, writes=True),
    taps.AskLogOut: TapHandler(settings.ask_leave),
    taps.LogOut: TapHandler(settings.leave, writes=True),
}


def reads_only(packed: str) -> bool:
    """Whether a tap changes nothing, so that a link may carry it."""
    tap = unpack(packed)
    return tap is not None and not HANDLERS[type(tap)].writes


def led_to(scene: Scene, packed: str) -> Draw | None:
    """What a tap that only reads leads to; None for any other, and where it leads nowhere any more."""
    tap = unpack(packed)
    if tap is None or HANDLERS[type(tap)].writes:
        return None
    try:
        return HANDLERS[type(tap)].do(scene, **tap.numbers())
    except (Refused, Outdated, ChatNotSignedIn):
        return None


async def answer_tap(deps: Deps, key: VisitorKey, packed: str, once: Once | None = None) -> Answer:
    """What a tapped button leads to. Any bytes may come; what is not a tap of ours is answered as outdated.

    Whoever taps has seen what stood on top of the screen.
    """
    answer = await _after_tap(deps, key, packed, once)
    if answer.unseen and (key.kind is ChatKind.TELEGRAM or not reads_only(packed)):
        await deps.database.work_async(saw, answer.chat_id, answer.unseen)
    return answer


async def answer_text(deps: Deps, key: VisitorKey, text: str, once: Once | None = None) -> Answer:
    """What a typed text leads to; an empty one stands for a picture, a sticker, a voice."""
    now, typed = deps.now(), clean(text)
    try:
        drawn, secret = await deps.database.work_async(_heard, deps, key, typed, once, now)
    except Refused as refused:
        return await _refused(deps, key, now, refused, None)
    except Repeated:
        return await _stands(deps, key, now, None)
    return drawn.answer(secret=secret)


async def answer_letter(deps: Deps, key: VisitorKey, token: str) -> Answer:
    """What the button on a letter's page leads to: in, or where the conversation stands with why not (D25)."""
    drawn = await deps.database.work_async(_brought, deps, key, token, deps.now())
    return drawn.answer()


async def standing(deps: Deps, key: VisitorKey) -> Answer:
    """Where the conversation stands, for a page that is opened. Writes nothing, makes no visitor."""
    drawn = await deps.database.read_async(_standing, deps, key, deps.now())
    return drawn.answer()


async def _after_tap(deps: Deps, key: VisitorKey, packed: str, once: Once | None) -> Answer:
    tap, now = unpack(packed), deps.now()
    if tap is None:
        return await _stands(deps, key, now, _outdated)
    writes = HANDLERS[type(tap)].writes
    run = deps.database.work_async if writes else deps.database.read_async
    try:
        drawn = await run(_tapped, deps, key, tap, once if writes else None, now)
    except Refused as refused:
        return await _refused(deps, key, now, refused, tap)
    except Repeated:
        return await _refused(deps, key, now, None, tap)
    except ChatNotSignedIn:
        return await _stands(deps, key, now, _signed_out)
    except (Outdated, _Unknown):
        return await _stands(deps, key, now, _outdated)
    return drawn.answer()


def clean(text: str) -> str:
    """Without NULs and half letters, which no database takes; spaces as typed."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode().strip()


class _Unknown(Exception):
    """Nobody ever spoke from this address."""


def _tapped(session: Session, deps: Deps, key: VisitorKey, tap: Tap, once: Once | None, now: datetime) -> _Drawn:
    handler = HANDLERS[type(tap)]
    _note(session, once, now)
    visitor = look(session, key.kind, key.address)
    if visitor is None:
        if not handler.writes or key.kind is not ChatKind.WEB:
            raise _Unknown
        visitor = visit(session, key.kind, key.address, key.language, now)
    visitor = _turned(session, visitor, key, writing=handler.writes)
    return _Drawn(handler.do(Scene(session, visitor, now, deps.pepper), **tap.numbers()), visitor)


def _heard(
    session: Session, deps: Deps, key: VisitorKey, typed: str, once: Once | None, now: datetime
) -> tuple[_Drawn, bool]:
    """The answer, and whether the text may hold a secret: that it must go is owed from this very moment (rule 34)."""
    _note(session, once, now)
    visitor = visit(session, key.kind, key.address, key.language, now)
    visitor = _turned(session, visitor, key, writing=True)
    secret = signing_in.holds_secret(visitor, typed)
    if secret and once is not None and once.message_id:
        owe_removal(session, visitor.chat_id, [once.message_id], now + HANDLED_BY)
    if visitor.unseen:
        saw(session, visitor.chat_id, visitor.unseen)
    return _Drawn(_said(Scene(session, visitor, now, deps.pepper), key, typed), visitor), secret


def _said(scene: Scene, key: VisitorKey, typed: str) -> Draw:
    visitor = scene.visitor
    if key.kind is ChatKind.TELEGRAM and typed.startswith("/"):
        return _commanded(scene, typed)
    if not typed:
        return with_alert(settings.standing(scene), words_of(visitor).say("I can only read text and buttons."))
    if visitor.school is None or visitor.step is SignInStep.SCHOOL:
        return arrive.by_name(scene, typed[:LONGEST_TYPED])
    if visitor.family is not None and visitor.step is SignInStep.ADDRESS:
        return address.hear(scene, typed)
    if visitor.family is not None and visitor.step is SignInStep.NONE:
        return with_alert(settings.home(scene), words_of(visitor).say("Please tap one of the buttons."))
    return signing_in.hear(scene, typed[:LONGEST_TYPED])


def _brought(session: Session, deps: Deps, key: VisitorKey, token: str, now: datetime) -> _Drawn:
    visitor = visit(session, key.kind, key.address, key.language, now)
    return _Drawn(letter.come_in(Scene(session, visitor, now, deps.pepper), key.slug, token), visitor)


def _commanded(scene: Scene, typed: str) -> Draw:
    """`/start <slug>` comes with a link, `/start <slug>_<token>` with a letter; the others are in the phone's menu."""
    command, _, payload = typed[1:].partition(" ")
    if command == "settings" and scene.visitor.family is not None:
        return settings.show(scene)
    if command == "start" and payload.strip():
        slug, of_letter, token = payload.strip()[:64].partition("_")
        if of_letter:
            return letter.come_in(scene, slug, token)
        if arrive.by_link(scene, payload.strip()[:64]) is None:
            return arrive.ask(scene, trouble="link") if scene.visitor.school is None else settings.standing(scene)
        return settings.standing(scene.again())
    return settings.home(scene)


def _note(session: Session, once: Once | None, now: datetime) -> None:
    if once is not None and not first_time(session, once.bot_id, once.update_id, now):
        raise Repeated


def _turned(session: Session, visitor: Visitor, key: VisitorKey, *, writing: bool) -> Visitor:
    """The visitor at the school of the page, where the page is of another than the chat looks at."""
    if not key.slug or (visitor.school is not None and visitor.school.slug == key.slug):
        return visitor
    school = school_by_slug(session, key.slug)
    if school is None:
        return visitor
    if writing:
        enter_school(session, visitor.chat_id, school.id)
        return look(session, key.kind, key.address) or visitor
    here = [family for at, family in linked_families(session, visitor.chat_id) if at.id == school.id]
    step = SignInStep.NONE if here else SignInStep.FIRST_NAME
    return replace(visitor, school=school, family=here[0] if here else None, step=step)


def _scene(session: Session, deps: Deps, key: VisitorKey, now: datetime) -> Scene:
    """Who is there, at the school of the page; who never said a thing has no row and is nobody yet. Writes nothing."""
    nobody = Visitor(0, key.kind, key.address, key.language, SignInStep.SCHOOL, None, None)
    visitor = _turned(session, look(session, key.kind, key.address) or nobody, key, writing=False)
    return Scene(session, visitor, now, deps.pepper)


def _standing(session: Session, deps: Deps, key: VisitorKey, now: datetime) -> _Drawn:
    scene = _scene(session, deps, key, now)
    return _Drawn(settings.standing(scene), scene.visitor)


async def _stands(deps: Deps, key: VisitorKey, now: datetime, why: Callable[[Visitor], str] | None) -> Answer:
    """Where the conversation stands, with a sentence beside the buttons."""
    drawn = await deps.database.read_async(_home, deps, key, now, why)
    return drawn.answer()


def _home(session: Session, deps: Deps, key: VisitorKey, now: datetime, why: Callable[[Visitor], str] | None) -> _Drawn:
    scene = _scene(session, deps, key, now)
    draw = settings.standing(scene)
    return _Drawn(with_alert(draw, why(scene.visitor)) if why else draw, scene.visitor)


async def _refused(deps: Deps, key: VisitorKey, now: datetime, refused: Refused | None, tap: Tap | None) -> Answer:
    """What stands now, with the reason beside the buttons: fresh times where a time was taken (rule 9)."""

    def fresh(session: Session) -> _Drawn:
        scene = _scene(session, deps, key, now)
        draw: Draw | None = None
        with contextlib.suppress(Refused, Outdated, ChatNotSignedIn):
            after = HANDLERS[type(tap)].after if tap else None
            draw = after(scene, **tap.numbers()) if tap and after else None
        draw = draw or (settings.home(scene) if tap else settings.standing(scene))
        if refused is not None:
            draw = partial(_explained, draw, refused, scene.visitor)
        return _Drawn(draw, scene.visitor)

    drawn = await deps.database.read_async(fresh)
    return drawn.answer()


def _explained(draw: Draw, refused: Refused, visitor: Visitor) -> Screen:
    school = visitor.school
    zone, contact = (school.timezone, school.contact) if school else ("UTC", "")
    return replace(draw(), alert=sentence(refused.refusal, words_of(visitor), zone, contact))


def _outdated(visitor: Visitor) -> str:
    return words_of(visitor).say("This button was outdated. Here is how it stands now.")


def _signed_out(visitor: Visitor) -> str:
    return words_of(visitor).say("You are not signed in any more.")

"""One booking of the family: looked at, cancelled after a question (P6). Only what can still be done has a button."""

from functools import partial

from bot.screens import overview
from bot.screens.scene import Draw, Rows, Scene, button, draw, teachers, words_of
from messages import taps
from messages.screen import Button, Screen
from messages.text import Words
from storage.access.chats import Visitor
from storage.booking import booking as actions
from storage.booking import choosing
from storage.booking.views import BookingView, StillPossible, TalkOffer
from storage.msgids import N_
from storage.refusals import Closed, NotFound, Past, Refused
from storage.words import ChatKind

CANCELLED = N_("Cancelled for %(child)s: %(moment)s"), N_("Take it out of my calendar")


def show(scene: Scene, family_id: int, booking_id: int) -> Draw:
    """The booking, with what can be done to it."""
    talk, view = _find(scene, family_id, booking_id)
    return partial(_show, scene.visitor, talk, view, talk.change(scene.now))


def ask_cancel(scene: Scene, family_id: int, booking_id: int) -> Draw:
    """Really? Raises Refused: Past, Closed."""
    talk, view = _find(scene, family_id, booking_id)
    change = talk.change(scene.now)
    if change in (StillPossible.BEGUN, StillPossible.OVER):
        raise Refused(Past())
    if change is StillPossible.CLOSED:
        raise Refused(Closed(talk.closes))
    return partial(_draw_cancel, scene.visitor, family_id, view)


def cancel(scene: Scene, family_id: int, booking_id: int) -> Draw:
    """Give the time back. Raises Refused."""
    school, family = scene.family(family_id)
    view = actions.cancel(scene.session, school.id, scene.acting(family), booking_id=booking_id, family_id=family.id)
    return overview.changed(scene, view, *CANCELLED)


def _show(visitor: Visitor, talk: TalkOffer, view: BookingView, change: StillPossible) -> Screen:
    said = words_of(visitor)
    values = {
        "booking": view,
        "teachers": teachers(view.teachers, said),
        "change": change,
        "talk": talk,
    }
    calendar = () if change is StillPossible.OVER else (view.id,)
    return draw("booking", visitor, _rows(visitor, talk, view, change, said), values=values, calendar=calendar)


def _rows(visitor: Visitor, talk: TalkOffer, view: BookingView, change: StillPossible, said: Words) -> Rows:
    to_do: list[Button] = []
    of = {"family_id": view.family_id, "booking_id": view.id}
    if change is StillPossible.POSSIBLE and talk.free:
        to_do.append(button(said.say("Another time"), taps.ShowDaysToMove(**of)))
    if change not in (StillPossible.CLOSED, StillPossible.BEGUN, StillPossible.OVER):
        to_do.append(button(said.say("Cancel"), taps.AskCancel(**of)))
    last = [button(said.say("Overview"), taps.ShowOverview(), strong=True)]
    if visitor.kind is ChatKind.TELEGRAM and change not in (StillPossible.BEGUN, StillPossible.OVER):
        last.insert(0, button(said.say("In my calendar"), taps.SendFile(**of)))
    return (tuple(to_do), tuple(last)) if to_do else (tuple(last),)


def _draw_cancel(visitor: Visitor, family_id: int, view: BookingView) -> Screen:
    said = words_of(visitor)
    rows = (
        (button(said.say("Yes, cancel the talk"), taps.Cancel(family_id=family_id, booking_id=view.id)),),
        (button(said.say("No, keep it"), taps.ShowBooking(family_id=family_id, booking_id=view.id), strong=True),),
    )
    return draw("cancel", visitor, rows, values={"booking": view, "teachers": teachers(view.teachers, said)})


def _find(scene: Scene, family_id: int, booking_id: int) -> tuple[TalkOffer, BookingView]:
    """Sought within the family (rule 6). Raises Refused(NotFound)."""
    school, family = scene.family(family_id)
    for child in choosing.overview(scene.session, school.id, family.id, scene.now):
        for talk in child.talks:
            if talk.booking is not None and talk.booking.id == booking_id:
                return talk, talk.booking
    raise Refused(NotFound("booking"))

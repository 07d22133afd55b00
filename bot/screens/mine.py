"""One booking of the family: looked at, cancelled after a question (P6)."""

from functools import partial

from bot.screens import overview
from bot.screens.scene import Draw, Scene, button, draw, teachers, words_of
from messages import taps
from messages.screen import Screen
from storage.access.chats import Visitor
from storage.booking import booking as actions
from storage.booking import reading
from storage.booking.views import BookingView
from storage.msgids import N_
from storage.refusals import NotFound, Refused

CANCELLED = N_("Cancelled for %(child)s: %(moment)s"), N_("Take it out of my calendar")


def show(scene: Scene, family_id: int, booking_id: int) -> Draw:
    """The booking, with what can be done to it."""
    return partial(draw_booking, scene.visitor, family_id, _find(scene, family_id, booking_id), "mine")


def ask_cancel(scene: Scene, family_id: int, booking_id: int) -> Draw:
    """Really?"""
    return partial(_draw_cancel, scene.visitor, family_id, _find(scene, family_id, booking_id))


def cancel(scene: Scene, family_id: int, booking_id: int) -> Draw:
    """Give the time back. Raises Refused."""
    school, family = scene.family(family_id)
    view = actions.cancel(scene.session, school.id, scene.acting(family), booking_id=booking_id, family_id=family.id)
    return overview.changed(scene, view, *CANCELLED)


def draw_booking(visitor: Visitor, family_id: int, view: BookingView, how: str) -> Screen:
    """`how` it came to be shown: booked, moved or mine."""
    said = words_of(visitor)
    rows = (
        (
            button(said.say("Another time"), taps.ShowDaysToMove(family_id=family_id, booking_id=view.id)),
            button(said.say("Cancel"), taps.AskCancel(family_id=family_id, booking_id=view.id)),
        ),
        (button(said.say("Overview"), taps.ShowOverview(), strong=True),),
    )
    values = {"how": how, "booking": view, "teachers": teachers(view.teachers, said)}
    return draw("booking", visitor, rows, values=values, calendar=(view.id,))


def _draw_cancel(visitor: Visitor, family_id: int, view: BookingView) -> Screen:
    said = words_of(visitor)
    rows = (
        (button(said.say("Yes, cancel the talk"), taps.Cancel(family_id=family_id, booking_id=view.id)),),
        (button(said.say("No, keep it"), taps.ShowBooking(family_id=family_id, booking_id=view.id), strong=True),),
    )
    return draw("cancel", visitor, rows, values={"booking": view, "teachers": teachers(view.teachers, said)})


def _find(scene: Scene, family_id: int, booking_id: int) -> BookingView:
    """Sought within the family (rule 6). Raises Refused(NotFound)."""
    school, family = scene.family(family_id)
    view = reading.booking(scene.session, school.id, booking_id, family_id=family.id)
    if view is None or view.cancelled:
        raise Refused(NotFound("booking"))
    return view

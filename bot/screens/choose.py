"""Choosing a time: the day, the time, booked (P6); and the same again for a talk that moves.

Only times that can really work are shown (P8); taken, break and impossible all look the same: absent (rule 16).
Refusals are raised by storage; `after_book` and `after_move` show what stands then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from bot.screens import mine, overview
from bot.screens.scene import Draw, Outdated, Rows, Scene, button, draw, in_rows, page_of, teachers, words_of
from messages import taps
from messages.screen import Button, Screen
from messages.text import Words
from storage.access.chats import SchoolView, Visitor
from storage.booking import booking as actions
from storage.booking import choosing, reading
from storage.booking.views import BookingView, ChildOffers, DayOffer, Phase, SlotOffer, TalkOffer
from storage.msgids import N_
from storage.refusals import Closed, NotFound, NotYetOpen, OtherGroup, Past, Refused
from storage.words import ChatKind

DAYS_A_PAGE = 8
TIMES_A_PAGE = {ChatKind.TELEGRAM: 20, ChatKind.WEB: 60}  # an evening on one page; a row of four is still readable
TIMES_A_ROW = 4
NEXT_TO = timedelta(minutes=15)  # a time that begins or ends so close to a sibling's talk is next to it
BOOKED = N_("Booked for %(child)s: %(moment)s"), N_("Put it in my calendar")
MOVED = N_("Moved for %(child)s: now %(moment)s"), N_("Put the new time in my calendar")


@dataclass(frozen=True, slots=True)
class SlotChoice:
    """What a time is chosen for: a child and a planning, and the booking that moves, if one does."""

    school: SchoolView
    family_id: int
    student_id: int
    first_name: str
    talk: TalkOffer
    moving: BookingView | None = None
    others: tuple[BookingView, ...] = ()  # the family's other talks

    def days(self, page: int = 0) -> taps.Tap:
        """To the days that can be chosen."""
        if self.moving is None:
            return taps.ShowDays(**self._talk(), page=page)
        return taps.ShowDaysToMove(family_id=self.family_id, booking_id=self.moving.id, page=page)

    def times(self, day: date, page: int = 0) -> taps.Tap:
        """To the times of a day."""
        if self.moving is None:
            return taps.ShowTimes(**self._talk(), day=day.toordinal(), page=page)
        booking = {"family_id": self.family_id, "booking_id": self.moving.id}
        return taps.ShowTimesToMove(**booking, day=day.toordinal(), page=page)

    def take(self, day: date, slot_id: int) -> taps.Tap:
        """Booked, or moved to this time."""
        if self.moving is None:
            return taps.Book(**self._talk(), day=day.toordinal(), slot_id=slot_id)
        booking = {"family_id": self.family_id, "booking_id": self.moving.id}
        return taps.MoveTo(**booking, day=day.toordinal(), slot_id=slot_id)

    def _talk(self) -> dict[str, int]:
        return {"family_id": self.family_id, "student_id": self.student_id, "planning_id": self.talk.planning_id}


def days(scene: Scene, family_id: int, student_id: int, planning_id: int, page: int = 0) -> Draw:
    """Which day? Where there is only one, its times at once."""
    return _days(scene, _choice(scene, family_id, student_id, planning_id), page)


def times(scene: Scene, family_id: int, student_id: int, planning_id: int, day: int, page: int = 0) -> Draw:
    """The times of a day (its proleptic number) that can work."""
    return _times(scene, _choice(scene, family_id, student_id, planning_id), _date(day), page)


def book(scene: Scene, family_id: int, student_id: int, planning_id: int, day: int, slot_id: int) -> Draw:  # noqa: ARG001
    """Take a time. Raises Refused. The planning and the day only say what to show when it is refused."""
    school, family = scene.family(family_id)
    view = actions.book(
        scene.session, school.id, scene.acting(family), family_id=family.id, student_id=student_id, slot_id=slot_id
    )
    return overview.changed(scene, view, *BOOKED)


def after_book(scene: Scene, family_id: int, student_id: int, planning_id: int, day: int, slot_id: int) -> Draw:
    """What stands after a refusal or a repeated tap: the booking, if it is this one; else fresh times."""
    choice = _choice(scene, family_id, student_id, planning_id)
    held = choice.talk.booking
    if held is not None and held.slot_id == slot_id:
        return overview.changed(scene, held, *BOOKED)
    if held is not None or choice.talk.phase is not Phase.OPEN or choice.talk.invited is not None:
        return overview.show(scene)
    return _times(scene, choice, _date(day), 0)


def move(scene: Scene, family_id: int, booking_id: int, page: int = 0) -> Draw:
    """To which day? The talk stays where it is until another time is taken (rule 11)."""
    return _days(scene, _moving(scene, family_id, booking_id), page)


def when(scene: Scene, family_id: int, booking_id: int, day: int, page: int = 0) -> Draw:
    """The times of one day (the proleptic ordinal) for a talk that moves. Raises ChatNotSignedIn, Outdated."""
    return _times(scene, _moving(scene, family_id, booking_id), _date(day), page)


def instead_of_moving(scene: Scene, family_id: int, booking_id: int, **_: int) -> Draw:
    """What stands where a talk cannot be moved: the talk itself. Raises Refused(NotFound)."""
    return mine.show(scene, family_id, booking_id)


def move_to(scene: Scene, family_id: int, booking_id: int, day: int, slot_id: int) -> Draw:  # noqa: ARG001
    """Take the new time and let the old one go. Raises Refused, and then the old one stands (rule 11).

    The day only says what to show when it is refused.
    """
    school, family = scene.family(family_id)
    view = actions.move(
        scene.session, school.id, scene.acting(family), booking_id=booking_id, slot_id=slot_id, family_id=family.id
    )
    return overview.changed(scene, view, *MOVED)


def after_move(scene: Scene, family_id: int, booking_id: int, day: int, slot_id: int) -> Draw:
    """As `after_book`."""
    choice = _moving(scene, family_id, booking_id)
    if choice.moving and choice.moving.slot_id == slot_id:
        return overview.changed(scene, choice.moving, *MOVED)
    if choice.talk.phase is not Phase.OPEN:
        return overview.show(scene)
    return _times(scene, choice, _date(day), 0)


def _choice(scene: Scene, family_id: int, student_id: int, planning_id: int) -> SlotChoice:
    """The child and planning, sought within the family (rule 6). Raises Refused(NotFound)."""
    school, family = scene.family(family_id)
    children = choosing.overview(scene.session, school.id, family.id, scene.now)
    child, talk = _find(children, student_id, planning_id)
    return SlotChoice(school, family.id, child.student_id, child.first_name, talk, others=_others(children, talk))


def _moving(scene: Scene, family_id: int, booking_id: int) -> SlotChoice:
    school, family = scene.family(family_id)
    view = reading.booking(scene.session, school.id, booking_id, family_id=family.id)
    if view is None or view.cancelled:
        raise Refused(NotFound("booking"))
    overviewed = choosing.overview(scene.session, school.id, family.id, scene.now)
    child, talk = _find(overviewed, view.student_id, view.planning_id)
    others = _others(overviewed, talk)
    return SlotChoice(school, family.id, child.student_id, child.first_name, talk, view, others)


def _others(children: tuple[ChildOffers, ...], talk: TalkOffer) -> tuple[BookingView, ...]:
    """The talks that the family holds besides this one, or is invited to."""
    held = (one.booking or one.invited for child in children for one in child.talks if one is not talk)
    return tuple(one for one in held if one is not None)


def _find(children: tuple[ChildOffers, ...], student_id: int, planning_id: int) -> tuple[ChildOffers, TalkOffer]:
    for child in children:
        for talk in child.talks:
            if (child.student_id, talk.planning_id) == (student_id, planning_id):
                return child, talk
    raise Refused(NotFound("talk"))


def _date(number: int) -> date:
    try:
        return date.fromordinal(number)
    except ValueError:
        raise Outdated from None


def _days(scene: Scene, choice: SlotChoice, page: int) -> Draw:
    _must_be_open(scene, choice)
    if choice.moving is None and choice.talk.booking is not None:
        return overview.show(scene)
    within = (scene.session, choice.school.id, choice.family_id, choice.student_id, choice.talk.planning_id)
    with_room = [day for day in choosing.days(*within, scene.now) if day.free]
    if len(with_room) == 1:
        return _times(scene, choice, with_room[0].date, 0)
    return partial(_draw_days, scene.visitor, choice, with_room, page)


def _times(scene: Scene, choice: SlotChoice, day: date, page: int) -> Draw:
    _must_be_open(scene, choice)
    if choice.moving is None and choice.talk.booking is not None:
        return overview.show(scene)
    within = (scene.session, choice.school.id, choice.family_id, choice.student_id, choice.talk.planning_id)
    free = [time for time in choosing.times(*within, day, scene.now) if time.free]
    if not free:
        with_room = [one for one in choosing.days(*within, scene.now) if one.free and one.date != day]
        return partial(_draw_days, scene.visitor, choice, with_room, 0, full=day)
    only_day = choice.talk.free == len(free)
    return partial(_draw_times, scene.visitor, choice, day, free, page, only_day)


def _must_be_open(scene: Scene, choice: SlotChoice) -> None:
    """Raises Refused with why nothing can be chosen now."""
    if choice.moving is not None and scene.now >= choice.moving.start:
        raise Refused(Past())
    if choice.talk.phase is Phase.CLOSED:
        raise Refused(Closed(choice.talk.closes))
    if choice.talk.phase is Phase.SOON:
        raise Refused(NotYetOpen(choice.talk.opens))
    if not choice.talk.takes_part:
        raise Refused(OtherGroup())


def _draw_days(
    visitor: Visitor, choice: SlotChoice, found: Sequence[DayOffer], page: int, full: date | None = None
) -> Screen:
    said = words_of(visitor)
    buttons = [button(said.short_day(day.date), choice.times(day.date), strong=True) for day in found]
    shown, before, after = page_of(buttons, page, DAYS_A_PAGE)
    turning = _turning(choice.days, before, after, said)
    rows = (*in_rows(shown, 2), *turning, _back(choice, said))
    return draw("days", visitor, rows, values=_values(choice, said, full=full, any=bool(found)))


def _draw_times(
    visitor: Visitor, choice: SlotChoice, day: date, free: Sequence[SlotOffer], page: int, only_day: bool
) -> Screen:
    said = words_of(visitor)
    zone = choice.school.timezone
    near = [time for time in free if any(_next_to(time, talk) for talk in choice.others)]
    ordered = [*near, *(time for time in free if time not in near)]
    buttons = [
        button(said.time(time.start, zone), choice.take(day, time.slot_id), strong=time in near or not near)
        for time in ordered
    ]
    shown, before, after = page_of(buttons, page, TIMES_A_PAGE[visitor.kind])
    first = len(near) if page == 0 else 0
    other = () if only_day else (button(said.say("Another day"), choice.days()),)
    turning = _turning(partial(choice.times, day), before, after, said)
    times = (*in_rows(shown[:first], TIMES_A_ROW), *in_rows(shown[first:], TIMES_A_ROW))
    siblings = dict.fromkeys(talk.first_name for talk in choice.others for time in near if _next_to(time, talk))
    values = _values(choice, said, day=day, near=teachers(siblings, said))
    return draw("times", visitor, (*times, *turning, other + _back(choice, said)), values=values)


def _next_to(time: SlotOffer, talk: BookingView) -> bool:
    """Whether one goes from the one to the other without much waiting."""
    return timedelta() <= max(time.start - talk.end, talk.start - time.end) <= NEXT_TO


def _turning(turn: Callable[[int], taps.Tap], before: int | None, after: int | None, said: Words) -> Rows:
    """Buttons to the page before and after; `turn` is the tap to a page."""
    turning = []
    if before is not None:
        turning.append(button(said.say("‹ Earlier"), turn(before)))
    if after is not None:
        turning.append(button(said.say("Later ›"), turn(after)))
    return (tuple(turning),) if turning else ()


def _back(choice: SlotChoice, said: Words) -> tuple[Button, ...]:
    if choice.moving is not None:
        shown = taps.ShowBooking(family_id=choice.family_id, booking_id=choice.moving.id)
        return (button(said.say("Keep it as it is"), shown),)
    return (button(said.say("Overview"), taps.ShowOverview()),)


def _values(choice: SlotChoice, said: Words, **more: object) -> dict[str, object]:
    talk = choice.talk
    named = teachers(talk.teachers, said)
    return {"child": choice.first_name, "talk": talk, "teachers": named, "moving": choice.moving, **more}

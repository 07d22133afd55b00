"""The overview: per child what can be booked, from when until when, and what is booked (P6)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.screens.scene import Draw, Rows, Scene, button, draw, page_of, teachers, told_apart, words_of
from messages import taps
from messages.notices import Banner
from messages.screen import Button, Screen
from messages.text import Words
from storage.access.chats import FamilyView, SchoolView, Visitor
from storage.booking import choosing
from storage.booking.views import BookingView, ChildOffers, Phase, TalkOffer
from storage.words import ChatKind

TALKS_A_PAGE = 8


@dataclass(frozen=True, slots=True)
class OverviewNews:
    """What an overview says besides how things stand: `note` is what was just done, `calendar` the talk it was about;
    and `calendar_label` what is said of its file; `welcome` are the children of somebody who just came in."""

    note: str = ""
    welcome: tuple[str, ...] = ()
    banners: tuple[Banner, ...] = ()
    calendar: tuple[int, ...] = ()
    calendar_label: str = ""
    typed_secret: bool = False
    unreached: bool = False


def show(scene: Scene, page: int = 0, news: OverviewNews = OverviewNews()) -> Draw:
    """The family's overview. Raises ChatNotSignedIn where nobody is signed in."""
    family_id = scene.visitor.family.id if scene.visitor.family else 0
    school, family = scene.family(family_id)
    children = choosing.overview(scene.session, school.id, family.id, scene.now)
    if any(talk.booking for child in children for talk in child.talks) and scene.unreached():
        news = replace(news, unreached=True)
    return partial(_show, scene.visitor, school, family, children, page, news)


def changed(scene: Scene, talk: BookingView, msgid: str, calendar_label: str) -> Draw:
    """The overview after a talk was booked, moved or cancelled: for whom and when stands beside the buttons.

    `msgid` has the places child and moment; `calendar_label` is a msgid too.
    """
    school, _ = scene.family(talk.family_id)
    said = words_of(scene.visitor)
    note = said.say(msgid, child=talk.first_name, moment=said.moment(talk.start, school.timezone))
    offered = said.say(calendar_label)
    return show(scene, news=OverviewNews(note, calendar=(talk.id,), calendar_label=offered))


def _show(
    visitor: Visitor,
    school: SchoolView,
    family: FamilyView,
    children: tuple[ChildOffers, ...],
    page: int,
    news: OverviewNews,
) -> Screen:
    said = words_of(visitor)
    pairs = [(child, talk) for child in children for talk in child.talks]
    last = max(0, (len(pairs) - 1) // TALKS_A_PAGE)
    page = min(page, last)
    shown = pairs[page * TALKS_A_PAGE : (page + 1) * TALKS_A_PAGE]
    values = {
        "family": family,
        "children": _together(shown) if pairs else children,
        "nothing": not pairs,
        "welcome": teachers(news.welcome, said, most=6),
        "names": partial(teachers, said=said),
    }
    rows = (
        *_banner_rows(news.banners, said),
        *_talk_rows(shown, family, school, said),
        *_last_rows(visitor, pairs, page, said, unreached=news.unreached),
    )
    return draw(
        "overview",
        visitor,
        rows,
        values=values,
        banners=tuple(one.text for one in news.banners),
        note=news.note,
        calendar=news.calendar,
        calendar_label=news.calendar_label,
        unreached=news.unreached,
        delete_typed=news.typed_secret,
    )


def _banner_rows(banners: tuple[Banner, ...], said: Words) -> Rows:
    """What there is to do about the notices on top, and a button that puts them away."""
    if not banners:
        return ()
    to_do = tuple((one.button,) for one in banners if one.button is not None)
    return (*to_do, (button(said.say("OK, read"), taps.Seen()),))


def _together(pairs: Sequence[tuple[ChildOffers, TalkOffer]]) -> list[ChildOffers]:
    """The talks of a page under their children again."""
    children: list[ChildOffers] = []
    for child, talk in pairs:
        if children and children[-1].student_id == child.student_id:
            children[-1] = replace(children[-1], talks=(*children[-1].talks, talk))
        else:
            children.append(replace(child, talks=(talk,)))
    return children


def _talk_rows(
    pairs: Sequence[tuple[ChildOffers, TalkOffer]], family: FamilyView, school: SchoolView, said: Words
) -> Rows:
    found = [one for child, talk in pairs if (one := _talk(child, talk, family, school, said)) is not None]
    return tuple((one,) for one in told_apart([one for one, _ in found], [text for _, text in found]))


def _talk(
    child: ChildOffers, talk: TalkOffer, family: FamilyView, school: SchoolView, said: Words
) -> tuple[Button, str] | None:
    """A button where something can be done, and its text in full: book, or look at the booking. The title only where it
    tells talks apart."""
    several = len(child.talks) > 1
    if talk.booking is not None:
        at = f"{said.short_day(talk.booking.start, school.timezone)} {said.time(talk.booking.start, school.timezone)}"
        text = said.say("%(child)s · %(moment)s ✓", child=child.first_name, moment=at)
        return button(text, taps.ShowBooking(family_id=family.id, booking_id=talk.booking.id)), text
    if talk.phase is not Phase.OPEN or talk.invited is not None or not talk.free:
        return None
    text = said.say("Book for %(child)s", child=child.first_name)
    if several:
        text = said.say("Book for %(child)s · %(title)s", child=child.first_name, title=talk.title)
    days = taps.ShowDays(family_id=family.id, student_id=child.student_id, planning_id=talk.planning_id)
    return button(text, days, strong=True), text


def _last_rows(
    visitor: Visitor, pairs: Sequence[tuple[ChildOffers, TalkOffer]], page: int, said: Words, *, unreached: bool
) -> Rows:
    _, before, after = page_of([button("", taps.ShowOverview())] * len(pairs), page, TALKS_A_PAGE)
    turning = []
    if before is not None:
        turning.append(button(said.say("‹ Previous"), taps.ShowOverview(page=before)))
    if after is not None:
        turning.append(button(said.say("Next ›"), taps.ShowOverview(page=after)))
    last = [button(said.say("Settings"), taps.ShowSettings())]
    if unreached:
        turning.append(button(said.say("Mail me when something changes"), taps.AskAddress()))
    if visitor.kind is ChatKind.TELEGRAM and any(talk.booking or talk.invited for _, talk in pairs):
        last.insert(0, button(said.say("In my calendar"), taps.SendFiles()))
    return (tuple(turning), tuple(last)) if turning else (tuple(last),)

"""The words of every notice: what a chat shows and what a mail says, in the recipient's language.

It renders what `storage.notices.contents` told and looks nothing up. A family's notice never names another family's
child or address.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from messages.calendar import file_name, ics
from messages.screen import Button
from messages.taps import Disown
from messages.text import Words, markup, render, spoken, words
from storage.booking.views import BookingView
from storage.notices.contents import NoticeContents
from storage.timezone import local_day
from storage.words import Act, NoticeKind

_TAG = re.compile(r"</?[bi]>")
_CAPTION = 1024  # UTF-16 units that Telegram takes beside a file


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; `method` is the calendar's own word for what it does."""

    name: str
    content: bytes
    method: str


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """A booking's calendar file in a chat (P10): its caption is HTML with b and i, ≤ 1024 UTF-16 units."""

    caption: str
    file: Attachment


@dataclass(frozen=True, slots=True)
class Banner:
    """A notice on top of a chat's screen: HTML with b and i; `button` is what to do about it, where there is one."""

    text: str
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class MailText:
    """For mail: a subject of one line, the text, and the same as HTML."""

    subject: str
    text: str
    html: str
    calendar: Attachment | None = None


def calendar_file(told: NoticeContents, now: datetime) -> CalendarFile:
    """The file of the first of `told`'s talks, for its chat."""
    speech = _of_chat(told)
    return CalendarFile(_caption(told, speech, now), _calendar(told, speech, now))


def banner(kind: NoticeKind, told: NoticeContents, now: datetime) -> Banner:
    """What stands on top of the screen of `told`'s chat. Raises KeyError for a kind that no chat gets."""
    speech = _of_chat(told)
    return Banner(_short(kind, told, speech, now), _button(kind, told, speech))


def mail_text(kind: NoticeKind, told: NoticeContents, base_url: str, now: datetime) -> MailText:
    """The mail, in the reader's language where we know it, else the school's.

    `base_url` is where its chat page and its desk are.
    """
    speech = words(spoken(told.password_link.language if told.password_link else None, told.school.language))
    subject = _SUBJECTS[kind](told, speech)
    if kind in _TABLES:
        link = f"{base_url}/desk/welcome/{told.password_link.token}" if told.password_link else f"{base_url}/desk"
        values = _values(told, speech, now) | {"link": link, "desk": f"{base_url}/desk"}
        text = render(f"notices/{kind}.txt", speech.language, values)
        body = render(f"notices/{kind}.html", speech.language, values)
        return MailText(subject, text, body)
    to_desk = kind in (NoticeKind.ALARM, NoticeKind.STRANGER)
    page = _page(kind, told, base_url)
    short = _short(kind, replace(told, chat=None), speech, now)
    lines = markup(short.replace("\n", "<br>\n"))  # escaped by the template that rendered it
    values = {"lines": lines, "link": page, "school": told.school, "to_desk": to_desk}
    body = render("notices/letter.html", speech.language, values)
    tells_time = kind in (NoticeKind.CARD, NoticeKind.CHANGED)
    calendar = _calendar(told, speech, now) if tells_time else None
    return MailText(subject, f"{_plain(short)}\n\n{page}\n", body, calendar)


def _page(kind: NoticeKind, told: NoticeContents, base_url: str) -> str:
    """Where a mail leads: to the desk, the family's page there, or the chat's page."""
    if kind is NoticeKind.ALARM:
        return f"{base_url}/desk"
    if kind is NoticeKind.STRANGER:
        return f"{base_url}/desk/families/{told.family_id}"
    return f"{base_url}/{told.school.slug}"


def trouble(why: str, speech: Words) -> str:
    """Why a notice failed (`Notice.trouble`, our own words only) in the reader's language: parts joined by a colon."""
    return ": ".join(speech.say(part) for part in why.split(": "))


def _caption(told: NoticeContents, speech: Words, now: datetime) -> str:
    """The card's text, its remarks cut where a caption could not hold them."""
    caption = _short(NoticeKind.CARD, told, speech, now)
    if _units(_plain(caption)) <= _CAPTION:
        return caption
    talk = told.talks[0]
    without = replace(told, talks=(replace(talk, remarks=""),))
    room = _CAPTION - _units(_plain(_short(NoticeKind.CARD, without, speech, now))) - len("\n\n…")
    kept = talk.remarks.encode("utf-16-le")[: max(room, 0) * 2].decode("utf-16-le", "ignore")
    cut = replace(told, talks=(replace(talk, remarks=f"{kept}…"),))
    return _short(NoticeKind.CARD, cut if room > 0 else without, speech, now)


def _of_chat(told: NoticeContents) -> Words:
    return words(spoken(told.chat.language if told.chat else None, told.school.language))


def _button(kind: NoticeKind, told: NoticeContents, speech: Words) -> Button | None:
    if kind is not NoticeKind.LINKED or told.family_id is None:
        return None
    return Button(speech.say("That was not us"), Disown(family_id=told.family_id, chat_id=told.other_chat))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _short(kind: NoticeKind, told: NoticeContents, speech: Words, now: datetime) -> str:
    rendered = render(f"notices/{kind}.html", speech.language, _values(told, speech, now))
    return re.sub(r"\n{3,}", "\n\n", rendered).strip()


def _values(told: NoticeContents, speech: Words, now: datetime) -> dict[str, Any]:
    zone = told.school.timezone
    return {
        "told": told,
        "school": told.school,
        "zone": zone,
        "talks": told.talks,
        "talk": told.talks[0] if told.talks else None,
        "children": _by_child(told.talks),
        "act": told.act.value,
        "doer": told.doer.value,
        "today": bool(told.talks) and local_day(told.talks[0].start, zone) == local_day(now, zone),
        "remarks": told.talks[0].remarks if told.talks else "",
        "invitation": told.invitation,
        "names": _listed(told.invitation.children, speech) if told.invitation else "",
        "by_mail": told.chat is None,
        "words": speech,
    }


def _listed(names: tuple[str, ...], speech: Words) -> str:
    """`Sanne, Emir and Elif`."""
    if len(names) < 2:
        return "".join(names)
    return speech.say("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])


def _by_child(talks: tuple[BookingView, ...]) -> list[tuple[str, list[BookingView]]]:
    """A part for each child, in the order of their first talks (M2)."""
    parts: dict[int, tuple[str, list[BookingView]]] = {}
    for talk in talks:
        parts.setdefault(talk.student_id, (talk.first_name, []))[1].append(talk)
    return list(parts.values())


def _calendar(told: NoticeContents, speech: Words, now: datetime) -> Attachment:
    booking = told.talks[0]
    content = ics(booking, told.school, speech, now=now)
    return Attachment(file_name(booking, told.school, speech), content, "CANCEL" if booking.cancelled else "PUBLISH")


def _plain(short: str) -> str:
    return html.unescape(_TAG.sub("", short))


def _booking_subject(told: NoticeContents, speech: Words) -> str:
    talk = told.talks[0]
    values = {"child": talk.first_name, "moment": speech.moment(talk.start, told.school.timezone)}
    match told.act:
        case Act.CANCELLED:
            return speech.say("Cancelled: the talk about %(child)s on %(moment)s", **values)
        case Act.MOVED:
            return speech.say("Moved: the talk about %(child)s is now on %(moment)s", **values)
        case _:
            return speech.say("Booked: a talk about %(child)s on %(moment)s", **values)


def _teacher_subject(told: NoticeContents, speech: Words) -> str:
    talk = told.talks[0]
    values = {"student": talk.student_name, "moment": speech.moment(talk.start, told.school.timezone)}
    match told.act:
        case Act.CANCELLED:
            return speech.say("Cancelled: %(student)s, %(moment)s", **values)
        case Act.MOVED:
            return speech.say("Moved: %(student)s, now %(moment)s", **values)
        case _:
            return speech.say("Booked: %(student)s, %(moment)s", **values)


def _planning_subject(told: NoticeContents, speech: Words) -> str:
    moment = speech.moment(told.talks[0].start, told.school.timezone)
    one, many = "Changed: your talk on %(moment)s", "Changed: your talks, the first on %(moment)s"
    return speech.count(one, many, len(told.talks), moment=moment)


def _reminder_subject(told: NoticeContents, speech: Words) -> str:
    day = speech.day(told.talks[0].start, told.school.timezone)
    return speech.count("Your talk on %(day)s", "Your talks on %(day)s", len(told.talks), day=day)


def _linked_subject(told: NoticeContents, speech: Words) -> str:
    return speech.say("Somebody signed in for your family at %(school)s", school=told.school.name)


def _invitation_subject(told: NoticeContents, speech: Words) -> str:
    assert told.invitation is not None
    values = {"conference": told.invitation.conference, "school": told.school.name}
    if told.invitation.open:
        return speech.say("%(conference)s at %(school)s: choose a time", **values)
    day = speech.day(told.invitation.opens, told.school.timezone)
    return speech.say("%(conference)s at %(school)s: sign-up opens on %(day)s", day=day, **values)


def _closing_subject(told: NoticeContents, speech: Words) -> str:
    assert told.invitation is not None
    values = {"conference": told.invitation.conference, "school": told.school.name}
    day = speech.day(told.invitation.closes, told.school.timezone)
    return speech.say("%(conference)s at %(school)s: sign-up closes on %(day)s", day=day, **values)


def _digest_subject(told: NoticeContents, speech: Words) -> str:
    assert told.digest is not None
    return speech.say("Your talks: %(day)s", day=speech.day(told.digest.date))


def _link_subject(told: NoticeContents, speech: Words) -> str:
    assert told.password_link is not None
    if told.password_link.invited:
        return speech.say("Your account at %(school)s: choose a password", school=told.school.name)
    return speech.say("A new password for the desk of %(school)s", school=told.school.name)


def _stranger_subject(told: NoticeContents, speech: Words) -> str:
    return speech.say("A family says that somebody else signed in: %(family)s", family=told.family_name)


def _alarm_subject(told: NoticeContents, speech: Words) -> str:
    return speech.say("Many failed sign-ins at %(school)s", school=told.school.name)


_TABLES = (NoticeKind.TEACHER_BOOKING, NoticeKind.DIGEST, NoticeKind.STAFF_LINK)
_SUBJECTS: dict[NoticeKind, Callable[[NoticeContents, Words], str]] = {
    NoticeKind.CARD: _booking_subject,
    NoticeKind.CHANGED: _booking_subject,
    NoticeKind.PLANNING_CHANGED: _planning_subject,
    NoticeKind.REMINDER: _reminder_subject,
    NoticeKind.LINKED: _linked_subject,
    NoticeKind.INVITATION: _invitation_subject,
    NoticeKind.SIGN_UP_OPENED: _invitation_subject,
    NoticeKind.SIGN_UP_CLOSING: _closing_subject,
    NoticeKind.TEACHER_BOOKING: _teacher_subject,
    NoticeKind.DIGEST: _digest_subject,
    NoticeKind.ALARM: _alarm_subject,
    NoticeKind.STAFF_LINK: _link_subject,
    NoticeKind.STRANGER: _stranger_subject,
}

"""A booking as a calendar file, and all talks of somebody as a calendar to subscribe to (RFC 5545, 5546, 7986).

Calendars are shared and kept by services elsewhere: a child is never named in full. All times are in UTC, which every
reader knows: one takes only the first of the dates that a VTIMEZONE lists, and shows summer talks an hour late.
"""

import hashlib
import unicodedata
from datetime import UTC, date, datetime, timedelta

from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress, vDuration, vText

from messages.text import Words
from storage import timezone
from storage.access.chats import SchoolView
from storage.booking.views import BookingView
from storage.school.feeds import Feed, FeedTalk, Whose
from storage.values.alphabet import plain
from storage.values.email_address import ascii_form, email
from storage.values.text import BadCell

REFRESHED = timedelta(hours=1)  # how often a calendar that subscribes is asked to look
ALARM_BEFORE = timedelta(hours=1)  # the evening before, the reminder comes by itself
NO_MAIL = "invalid:nomail"  # what Outlook writes for somebody without an address, and others know
_LONGEST_NAME = 40  # of the child's, in the name of a file


def ics(booking: BookingView, school: SchoolView, words: Words, *, now: datetime | None = None) -> bytes:
    """The file's bytes, for whichever household of the child; `now` (UTC) is when it was made.

    The UID stays the same for a booking's whole life and SEQUENCE is its revision, so that a later file replaces
    the earlier one in the calendar; a cancelled booking takes itself out.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Tienminuten//NONSGML//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if booking.cancelled else "PUBLISH")
    calendar.add_component(_event(booking, school, words, now or timezone.now()))
    return bytes(calendar.to_ical())


def file_name(booking: BookingView, school: SchoolView, words: Words) -> str:
    """`gesprek-sanne-24-nov.ics`: letters and digits of any alphabet, without accents."""
    day = words.date_alone(booking.start, school.timezone)
    named = words.say("talk %(child)s %(day)s", child=booking.first_name[:_LONGEST_NAME], day=day)
    letters = (letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in plain(named).casefold())
    return "-".join("".join(letters).split()) + ".ics"


def _event(booking: BookingView, school: SchoolView, words: Words, now: datetime) -> Event:
    event = Event()
    event.add("uid", _uid(booking.id, school))
    event.add("sequence", booking.revision)
    event.add("organizer", _organizer(school))
    event.add("dtstamp", now)
    event.add("dtstart", booking.start)
    event.add("dtend", booking.end)
    summary = words.say("Talk about %(child)s", child=booking.first_name)
    event.add("summary", words.say("Cancelled: %(talk)s", talk=summary) if booking.cancelled else summary)
    event.add("location", ", ".join(part for part in (booking.room, school.name) if part))
    event.add("description", _description(booking, school))
    event.add("status", "CANCELLED" if booking.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if booking.cancelled else "OPAQUE")
    if not booking.cancelled:
        event.add_component(_alarm(words, booking))
    return event


def _description(booking: BookingView, school: SchoolView) -> str:
    lines = [booking.conference, booking.title, ", ".join(booking.teachers), booking.remarks, school.contact]
    return "\n".join(line for line in lines if line)


def _alarm(words: Words, booking: BookingView) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words.say("Talk about %(child)s", child=booking.first_name))
    alarm.add("trigger", -ALARM_BEFORE)
    return alarm


def feed(shown: Feed, words: Words) -> bytes:
    """All talks of a teacher or a group as one calendar to subscribe to (D26).

    The same talks give the same bytes at any hour, so that a calendar that has them is told "nothing new". It is kept
    by calendar services: of a child it says the first name, one letter and the group.
    """
    calendar = Calendar()
    name = words.say("Talks at %(school)s: %(name)s", school=shown.school.name, name=shown.name)
    hourly = vDuration(REFRESHED)
    hourly.params["VALUE"] = "DURATION"
    for key, value in (
        ("prodid", "-//Tienminuten//NONSGML//EN"),
        ("version", "2.0"),
        ("method", "PUBLISH"),
        ("name", name),
        ("x-wr-calname", name),
        ("x-wr-timezone", shown.school.timezone),
    ):
        calendar.add(key, value)
    calendar["REFRESH-INTERVAL"] = hourly
    calendar["X-PUBLISHED-TTL"] = vDuration(REFRESHED)
    for talk in shown.talks:
        calendar.add_component(_busy(talk, shown, words))
    if not shown.talks:  # a calendar with nothing in it is no calendar (RFC 5545, 3.6), and some say so
        zone = Timezone.from_tzid(shown.school.timezone, first_date=date(2020, 1, 1), last_date=date(2038, 1, 1))
        calendar.add_component(zone)
    return bytes(calendar.to_ical())


def _busy(talk: FeedTalk, shown: Feed, words: Words) -> Event:
    """A cancelled talk says so in its summary too: some calendars show it as any other."""
    event = Event()
    event.add("uid", _uid(talk.booking_id, shown.school))
    event.add("sequence", talk.revision)
    event.add("organizer", _organizer(shown.school))
    event.add("dtstamp", talk.changed)
    event.add("last-modified", talk.changed)
    event.add("dtstart", talk.start)
    event.add("dtend", talk.end)
    group = ", ".join(talk.groups)
    summary = f"{talk.child} ({group})" if group else talk.child
    event.add("summary", words.say("Cancelled: %(talk)s", talk=summary) if talk.cancelled else summary)
    event.add("location", ", ".join(part for part in (talk.room, shown.school.name) if part))
    teachers = ", ".join(talk.teachers) if shown.whose is Whose.GROUP else ""
    event.add("description", "\n".join(part for part in (talk.conference, talk.title, teachers) if part))
    event.add("status", "CANCELLED" if talk.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if talk.cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _organizer(school: SchoolView) -> vCalAddress:
    """The school, which PUBLISH and CANCEL want named (RFC 5546): at the mail address that parents may ask, if any.

    Else at no address: one of ours would be asked for replies, and one that we made up might be somebody's.
    """
    try:
        address = ascii_form(email(school.contact))
    except BadCell:
        address = ""
    organizer = vCalAddress(f"mailto:{address}" if address else NO_MAIL)
    organizer.params["CN"] = vText(school.name.replace('"', "'"))
    return organizer


def _uid(booking_id: int, school: SchoolView) -> str:
    """The same for a booking's whole life, also after a restore, and never that of another installation's booking.

    What tells installations apart is the moment at which the school was added, which goes wherever its rows go. Talks
    that were in calendars before keep the UID that they have there, or a move would leave the old time beside the new.
    """
    if booking_id <= school.plain_uids:
        return f"booking-{booking_id}@{school.slug}"
    made = f"{school.id} {school.created.astimezone(UTC).isoformat()}"
    return f"booking-{booking_id}@{hashlib.sha256(made.encode()).hexdigest()[:16]}.tienminuten"

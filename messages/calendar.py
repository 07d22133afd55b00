"""A booking as a calendar file, and all talks of somebody as a calendar to subscribe to (RFC 5545, 7986).

Calendars are shared and kept by services elsewhere: a child is never named in full.
"""

from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event, Timezone, vDuration

from messages.text import Words
from storage import timezone
from storage.access.chats import SchoolView
from storage.booking.views import BookingView
from storage.school.feeds import Feed, FeedTalk, Whose

REFRESHED = timedelta(hours=1)  # how often a calendar that subscribes is asked to look
ALARM_BEFORE = timedelta(hours=1)  # the evening before, the reminder comes by itself
FILE_NAME = "tienminuten.ics"


def ics(booking: BookingView, school: SchoolView, words: Words, *, now: datetime | None = None) -> bytes:
    """The file's bytes; `now` (UTC) is when it was made.

    The UID stays the same for a booking's whole life and SEQUENCE is its revision, so that a later file replaces
    the earlier one in the calendar; a cancelled booking takes itself out.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Tienminuten//NONSGML//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if booking.cancelled else "PUBLISH")
    calendar.add_component(_event(booking, school, words, now or timezone.now()))
    return bytes(calendar.to_ical())


def _event(booking: BookingView, school: SchoolView, words: Words, now: datetime) -> Event:
    event = Event()
    event.add("uid", _uid(booking.id, school))
    event.add("sequence", booking.revision)
    event.add("dtstamp", now)
    event.add("dtstart", booking.start)
    event.add("dtend", booking.end)
    event.add("summary", words.say("Talk about %(child)s", child=booking.first_name))
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
        calendar.add_component(_busy(talk, shown))
    if not shown.talks:  # a calendar with nothing in it is no calendar (RFC 5545, 3.6), and some say so
        zone = Timezone.from_tzid(shown.school.timezone, first_date=date(2020, 1, 1), last_date=date(2038, 1, 1))
        calendar.add_component(zone)
    return bytes(calendar.to_ical())


def _busy(talk: FeedTalk, shown: Feed) -> Event:
    event = Event()
    event.add("uid", _uid(talk.booking_id, shown.school))
    event.add("sequence", talk.revision)
    event.add("dtstamp", talk.changed)
    event.add("last-modified", talk.changed)
    event.add("dtstart", talk.start)
    event.add("dtend", talk.end)
    group = ", ".join(talk.groups)
    event.add("summary", f"{talk.child} ({group})" if group else talk.child)
    event.add("location", ", ".join(part for part in (talk.room, shown.school.name) if part))
    teachers = ", ".join(talk.teachers) if shown.whose is Whose.GROUP else ""
    event.add("description", "\n".join(part for part in (talk.conference, talk.title, teachers) if part))
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _uid(booking_id: int, school: SchoolView) -> str:
    return f"booking-{booking_id}@{school.slug}"

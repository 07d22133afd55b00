"""A booking as a calendar file (RFC 5545). It names the child by its first name only: calendars are shared."""

from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from messages.text import Words
from storage import moments
from storage.booking.views import BookingView
from storage.people.chats import SchoolView

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
    calendar.add_component(_event(booking, school, words, now or moments.now()))
    return bytes(calendar.to_ical())


def _event(booking: BookingView, school: SchoolView, words: Words, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"booking-{booking.id}@{school.slug}")
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

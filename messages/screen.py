"""A screen of the conversation: text and buttons. Telegram and the browser page both show it; neither is known here."""

from dataclasses import dataclass, field

from markupsafe import escape

from messages.marks import BOOKED
from messages.taps import Tap

LONGEST = 4000  # Telegram takes 4096 UTF-16 units


@dataclass(frozen=True, slots=True)
class Button:
    """One button. Exactly one of `tap` (comes back to us) and `url` (opens) is set."""

    label: str
    tap: Tap | None = None
    url: str = ""
    strong: bool = False  # the one that most people want


@dataclass(frozen=True, slots=True)
class Screen:
    """What a person sees after a tap or a text.

    `text` is HTML with no other tags than b and i (escaped by the templates, ≤ 4096 UTF-16 units);
    at most 12 buttons, for each costs time. `asks` says that an answer is typed, with `hint` in the empty field.
    """

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    asks: bool = False
    hint: str = ""
    banners: tuple[str, ...] = ()  # HTML like the text: notices that the person has not seen yet, the newest first
    note: str = ""  # the newest word, beside the buttons: what was just done
    alert: str = ""  # the same: why something was not done
    delete_typed: bool = False  # what the person typed was a secret: take it out of the chat (P2)
    calendar: tuple[int, ...] = field(default=())  # bookings of which the browser page offers the calendar file
    calendar_label: str = ""  # what that offer says
    unreached: bool = False  # nothing reaches this family but the page: it offers Telegram as well


def whole(screen: Screen) -> str:
    """All of a screen as one message: HTML of at most LONGEST units. News comes first, for a phone's lock screen shows
    the beginning; the newest word comes last, next to the buttons.

    Where it is too long the oldest banners are left out, and then the end of the text.
    """
    note = f"{BOOKED} {screen.note}" if screen.note else ""
    last = [f"<b>{escape(word)}</b>" for word in (note, screen.alert) if word]
    banners = list(screen.banners)
    while banners and units("\n\n".join((*banners, screen.text, *last))) > LONGEST:
        banners.pop()
    room = LONGEST - units("\n\n".join((*banners, "", *last)))
    return "\n\n".join(part for part in (*banners, cut(screen.text, room), *last) if part)


def cut(text: str, room: int) -> str:
    """The text, ended at the end of a line where it has more than `room` units."""
    if units(text) <= room:
        return text
    lines = text.split("\n")
    while lines and units("\n".join(lines)) > room - 2:
        lines.pop()
    return "\n".join((*lines, "…"))


def units(text: str) -> int:
    """The length that Telegram counts: UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

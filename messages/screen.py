"""A screen of the conversation: text and buttons. Telegram and the browser page both show it; neither is known here."""

from dataclasses import dataclass, field

from messages.taps import Tap


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
    alert: str = ""  # shown on top of the screen, e.g. why a tap was refused
    delete_typed: bool = False  # what the person typed was a secret: take it out of the chat (P2)
    calendar: tuple[int, ...] = field(default=())  # bookings of which the browser page offers the calendar file

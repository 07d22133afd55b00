"""What every screen is given, and how it is drawn.

A screen function works in two halves. Within the transaction it reads or changes what it must, and gives back a
`Draw`; drawing (templates, words) happens after the transaction, so that no lock waits for it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from messages.screen import LONGEST, Button, Screen, cut
from messages.taps import Tap
from messages.text import Words, render, spoken, words
from storage.access.chats import FamilyView, SchoolView, Visitor, look
from storage.outbox.recipients import family_addresses, pushable_chats
from storage.words import Acting, Actor, By, ChatKind

Draw = Callable[[], Screen]
Rows = tuple[tuple[Button, ...], ...]

MOST_BUTTONS = 12  # a screen: each one costs time at every tap
LONGEST_LABEL = 48


class Outdated(Exception):
    """The button belongs to a screen that holds no more."""


class ChatNotSignedIn(Exception):
    """The button needs a family, and this chat speaks for none (any more)."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who is there, when, and the session to ask. Lives as long as the transaction."""

    session: Session
    visitor: Visitor
    now: datetime
    pepper: bytes

    def again(self) -> "Scene":
        """The same after a change to the chat, also one that the ORM still holds back."""
        self.session.flush()
        return replace(self, visitor=look(self.session, self.visitor.kind, self.visitor.address) or self.visitor)

    def acting(self, family: FamilyView) -> Acting:
        """What a family does, it does through this chat and now."""
        return Acting(By(Actor.FAMILY, family.id, self.visitor.chat_id), self.now)

    def unreached(self) -> bool:
        """Whether nothing reaches the family in view but the page that it looks at."""
        visitor = self.visitor
        if visitor.kind is not ChatKind.WEB or visitor.school is None or visitor.family is None:
            return False
        own = (self.session, visitor.school.id, visitor.family.id)
        return not pushable_chats(*own) and not family_addresses(*own)

    def family(self, wanted: int) -> tuple[SchoolView, FamilyView]:
        """The family that a button speaks of, when it is the one in view. Raises NotSignedIn, Outdated."""
        school, family = self.visitor.school, self.visitor.family
        if school is None or family is None:
            raise ChatNotSignedIn
        if family.id != wanted:
            raise Outdated
        return school, family


def language_of(visitor: Visitor) -> str:
    """As chosen, else as the phone says, else the school's; where nothing is known, Dutch."""
    return spoken(visitor.language, visitor.school.language if visitor.school else "nl")


def words_of(visitor: Visitor) -> Words:
    """The words that a visitor reads."""
    return words(language_of(visitor))


def draw(template: str, visitor: Visitor, rows: Rows = (), *, values: dict[str, Any], **more: Any) -> Screen:
    """A Screen from `templates/chat/<template>.html`; `more` are fields of Screen."""
    shown = {
        "school": visitor.school,
        "zone": visitor.school.timezone if visitor.school else "Europe/Amsterdam",
        **values,
    }
    text = render(f"chat/{template}.html", language_of(visitor), shown)
    return Screen(tidy(text), rows, **more)


def tidy(text: str) -> str:
    """Without the empty lines and spaces that templates leave; cut at a line's end when far too long."""
    return cut(re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+(?=\n|$)", "", text)).strip(), LONGEST)


def label(text: str) -> str:
    """A button's text, cut in its middle where it is longer than a phone shows: both ends tell what it is."""
    return _cut(text, len(text) - LONGEST_LABEL // 2)


def labels(texts: Sequence[str]) -> list[str]:
    """A label for each button of a screen. What tells two of them apart is never cut off; what is wholly the same is
    numbered."""
    shown = [label(text) for text in texts]
    for alike in sorted({one for one in shown if shown.count(one) > 1}):
        places = [place for place, one in enumerate(shown) if one == alike]
        told = [_cut(texts[place], _differ([texts[one] for one in places])) for place in places]
        if len(set(told)) < len(told):
            told = [f"{alike[: LONGEST_LABEL - 5]} ({number})" for number in range(1, len(places) + 1)]
        for place, one in zip(places, told, strict=True):
            shown[place] = one
    return shown


def _differ(texts: Sequence[str]) -> int:
    """Where the first of them goes another way than the others."""
    columns = enumerate(zip(*texts, strict=False))
    return next((place for place, letters in columns if len(set(letters)) > 1), min(map(len, texts)))


def _cut(text: str, at: int) -> str:
    """At most LONGEST_LABEL letters: the beginning, and what stands from `at` on."""
    if len(text) <= LONGEST_LABEL:
        return text
    tail = text[min(at, len(text) - 1) :][: LONGEST_LABEL // 2]
    return f"{text[: LONGEST_LABEL - 1 - len(tail)].rstrip()}…{tail}"


def button(text: str, tap: Tap, *, strong: bool = False) -> Button:
    """A button that says `text`; tapping it is `tap`."""
    return Button(label(text), tap, strong=strong)


def told_apart(buttons: Sequence[Button], texts: Sequence[str]) -> list[Button]:
    """The same buttons with labels made of their full texts, so that no two look alike."""
    return [replace(one, label=short) for one, short in zip(buttons, labels(texts), strict=True)]


def in_rows(buttons: Sequence[Button], each: int) -> Rows:
    """The buttons, so many in a row."""
    return tuple(tuple(buttons[at : at + each]) for at in range(0, len(buttons), each))


def page_of(buttons: Sequence[Button], page: int, size: int) -> tuple[Sequence[Button], int | None, int | None]:
    """One page of buttons, and the numbers of the page before and after it where there are."""
    last = max(0, (len(buttons) - 1) // size)
    page = min(page, last)
    shown = buttons[page * size : (page + 1) * size]
    return shown, page - 1 if page > 0 else None, page + 1 if page < last else None


def teachers(names: Iterable[str], said: Words, most: int = 3) -> str:
    """`juf Noor and meester Bram`, the rest counted."""
    known = list(names)
    if len(known) > most:
        return said.say("%(names)s and others", names=", ".join(known[:most]))
    if len(known) < 2:
        return "".join(known)
    return said.say("%(names)s and %(last)s", names=", ".join(known[:-1]), last=known[-1])


def with_alert(drawn: Draw, alert: str) -> Draw:
    """The same screen, with a sentence on top."""
    return lambda: replace(drawn(), alert=alert)

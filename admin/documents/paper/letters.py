"""What a family's letter says, in the school's language: how to come in and book, and the code to scan (D25).

The only data in it are first names, the group it is handed out in, and a code where one was given. The code to scan
holds the address that its token opens; nobody else is ever told a token.
"""

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import segno

from messages.text import Words, words
from storage.access.chats import SchoolView
from storage.access.letters import Written
from storage.settings import Settings


def content(school: SchoolView, settings: Settings, letters: Iterable[Written], now: datetime) -> dict[str, Any]:
    """For `paper.pdf("letter", school.language, …)`: a page for each letter."""
    said = words(school.language)
    return {
        "title": said.say("Book your talk with the teacher"),
        "school": school.name,
        "made": said.day(now, school.timezone),
        "letters": [_letter(school, settings, one, said) for one in letters],
        "steps": [
            said.say("Scan this code with the camera of your phone."),
            _tap(settings, said),
            said.say("Choose a time for each child. It is confirmed at once, and you can still change it."),
        ],
        "keep": said.say("Keep this letter to yourself: whoever scans the code books for your family."),
        "otherwise": said.say("Without a camera, or the other parent?"),
        "type": said.say("You type:"),
        "picture": said.say("Code to scan"),
        "ask": said.say("Questions? Ask the school: %(contact)s.", contact=school.contact) if school.contact else "",
    }


def address(settings: Settings, school: SchoolView, token: str) -> str:
    """What the code to scan opens."""
    return f"{settings.base_url}/{school.slug}/letter/{token}"


def _letter(school: SchoolView, settings: Settings, one: Written, said: Words) -> dict[str, Any]:
    return {
        "to": said.say("To the parents of %(children)s", children=_listed(one.to.children, said)),
        "hand": " · ".join(part for part in (one.to.group, one.to.child) if part),
        "qr": picture(address(settings, school, one.token)),
        "once": said.say("The code works once, until %(day)s.", day=said.day(one.last, school.timezone)),
        "go": said.say("Go to %(address)s", address=_short(settings, school)),
        "typed": [
            said.say("the first name of one child, for instance %(child)s", child=one.to.children[0]),
            *_secret(school, one, said),
        ],
        "code": one.code,
    }


def _secret(school: SchoolView, one: Written, said: Words) -> list[str]:
    """What is typed after the first name, as the school says it; a new code is printed beside it."""
    if one.code:
        return [said.say("your family's own code:")]
    if one.to.coded:
        return [said.say("your family's own code, which you have from the school")]
    return [said.say("then: %(hint)s", hint=school.hint)] if school.hint else []


def _tap(settings: Settings, said: Words) -> str:
    if settings.telegram_bot_name:
        return said.say("Tap “Come in here”, or “Come in with Telegram” if you use that.")
    return said.say("Tap “Come in here”. You type nothing.")


def _short(settings: Settings, school: SchoolView) -> str:
    """As people type it: without `https://`."""
    parts = urlsplit(settings.base_url)
    return f"{parts.netloc}{parts.path}/{school.slug}"


def _listed(names: tuple[str, ...], said: Words) -> str:
    if len(names) < 2:
        return "".join(names)
    return said.say("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])


def picture(address: str) -> str:
    """The code as SVG, black on white with its margin, so that any phone reads it from a bad print."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, border=4, light="#fff")
    return drawn.getvalue().decode()

"""Where a chat stands, drawn without anybody having said a thing: for notices, and for screens that are owed.

What a tap shows is drawn by the conversation; this draws the same screens for whoever speaks first.
"""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from bot.conversation import led_to
from bot.screens import settings
from bot.screens.scene import Draw, Scene
from storage.access.chats import Visitor, linked_families, visitor_of
from storage.words import SignInStep


def board(
    session: Session,
    chat_id: int,
    now: datetime,
    *,
    tap: str = "",
    family_id: int | None = None,
    notice: int | None = None,
) -> Draw | None:
    """The chat's overview or the question that stands, the notices that were not seen on top.

    With `tap` what that leads to, if it only reads and still can; with `family_id` as if the chat looked at that
    family, with `notice` as if that one had come too. Nothing is written. None where there is no such chat, or it does
    not speak for that family.
    """
    visitor = visitor_of(session, chat_id)
    if visitor is not None and family_id is not None:
        visitor = _looking_at(session, visitor, family_id)
    if visitor is None:
        return None
    if notice is not None:
        visitor = replace(visitor, unseen=(*visitor.unseen, notice))
    scene = Scene(session, visitor, now, b"")  # nothing that is typed is looked at here
    return led_to(scene, tap) or settings.standing(scene)


def _looking_at(session: Session, visitor: Visitor, family_id: int) -> Visitor | None:
    for school, family in linked_families(session, visitor.chat_id):
        if family.id == family_id:
            return replace(visitor, school=school, family=family, step=SignInStep.NONE)
    return None

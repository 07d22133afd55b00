"""Buttons of somebody else, mutated numbers, plain noise: nothing changes (G5)."""

import asyncio
import inspect
import os
import random
from dataclasses import fields
from typing import Any

from sqlmodel import Session, select

from bot.conversation import HANDLERS, Deps, VisitorKey, answer_tap, answer_text
from messages.taps import KINDS, Book, EnterSchool
from storage.database.engine import Database
from storage.tables import Booking, Chat, Link
from storage.words import ChatKind
from tests.support.cast import NOW, PEPPER, Cast
from tests.support.phone import story

MUTATED = 10_000 if os.environ.get("TIENMINUTEN_LONG") else 500
NUMBERED = [kind for kind in KINDS.values() if fields(kind) and kind is not EnterSchool]  # that one anybody may tap
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.-_ BOOKé\0\n"


def picture(database: Database) -> dict[str, Any]:
    """All that a tap could change."""

    def read(session: Session) -> dict[str, Any]:
        rows = [row.model_dump() for table in (Booking, Link) for row in session.exec(select(table)).all()]
        chats = [(row.address, row.school_id, row.family_id) for row in session.exec(select(Chat)).all()]
        return {"rows": rows, "chats": sorted(chats)}

    return database.read(read)


def mutations(dice: random.Random, cast: Cast) -> list[str]:
    numbers = [0, 1, 2, 3, 999, 2**31 - 1, 2**31, 2**40, 739_944, *cast.ids.values(), *cast.noor_slots]
    foreign = [number for number in numbers if number != cast.smit]
    made = []
    for _ in range(MUTATED * 4 // 5):
        kind = dice.choice(NUMBERED)
        first, *others = (field.name for field in fields(kind))
        made.append(kind(**{first: dice.choice(foreign), **{name: dice.choice(numbers) for name in others}}).pack())
    return made + ["".join(dice.choices(LETTERS, k=dice.randint(1, 30))) for _ in range(MUTATED // 5)]


def test_every_tap_has_a_handler_that_takes_its_numbers_by_name() -> None:
    assert set(HANDLERS) == set(KINDS.values())
    for kind, handler in HANDLERS.items():
        numbers = {field.name: 0 for field in fields(kind)}
        inspect.signature(handler.do).bind("a scene", **numbers)
        if handler.after is not None:
            inspect.signature(handler.after).bind("a scene", **numbers)


@story
async def test_buttons_of_somebody_else_and_any_bytes_change_nothing(cast: Cast) -> None:
    deps = Deps(cast.database, PEPPER, lambda: NOW)
    victim, other, nobody = (VisitorKey(ChatKind.TELEGRAM, address, "nl") for address in ("1", "2", "3"))
    for key, name, secret in ((victim, "Sanne", "3511AB"), (other, "stephanie", "3514GH")):
        for text in ("/start regenboog", name, secret):
            await answer_text(deps, key, text)
    await answer_text(deps, nobody, "/start regenboog")
    booked = Book(
        family_id=cast.de_vries,
        student_id=cast.daan,
        planning_id=cast.bram_planning,
        day=739_944,
        slot_id=cast.bram_slots[0],
    ).pack()
    assert (await answer_tap(deps, victim, booked)).screen.note.startswith("Afgesproken voor Daan: ")
    before = picture(cast.database)
    dice = random.Random(20261110)
    taps = mutations(dice, cast)
    for at in range(0, len(taps), 50):
        answers = await asyncio.gather(
            *(answer_tap(deps, dice.choice((other, nobody)), one) for one in taps[at : at + 50])
        )
        screens = [answer.screen for answer in answers]
        assert all(screen.text and "Vries" not in screen.text and "Daan" not in screen.text for screen in screens)
    assert picture(cast.database) == before

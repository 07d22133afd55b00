#!/usr/bin/env bash
# A bot made with aiogram is sent an update of a kind that came into the Bot API after that version of aiogram.
# One expects: it is passed by, or logged by its number.
# What happens: aiogram warns on standard error with the whole update as JSON: the text, the name and id of who wrote it.
# Whom it hurts: parents, whose child's name and secret stand in the operator's journal from then on.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check aiogram==3.31.0
"$folder/venv/bin/python" <<'PYTHON'
import asyncio
import warnings

import aiogram
from aiogram import Bot, Dispatcher
from aiogram.types import Update

newer = {
    "update_id": 77,
    "message_of_tomorrow": {"from": {"id": 5, "first_name": "Somebody"}, "text": "what somebody typed"},
}


async def feed() -> list[str]:
    bot, dispatcher = Bot("42:TOKEN"), Dispatcher()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        await dispatcher.feed_update(bot, Update.model_validate(newer, context={"bot": bot}))
    await bot.session.close()
    return [f"{one.category.__name__}: {one.message}" for one in caught]


(said,) = asyncio.run(feed())
print(f"aiogram {aiogram.__version__}")
print(said)
assert "what somebody typed" in said and "Somebody" in said, "the update is not printed now"
PYTHON

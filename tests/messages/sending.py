"""A sender in a process of its own, to be killed: `python -m tests.messages.sending DATABASE API TOKEN NOW`."""

import asyncio
import sys
from datetime import datetime

from bot.board import board
from messages.channels.telegram import TelegramChat
from messages.pace import Pace
from messages.sending.sender import Sender
from storage.database.engine import Database
from storage.outbox.queue import recover
from tests.support.cast import PEPPER


async def main(url: str, api: str, token: str, moment: str) -> None:
    now = datetime.fromisoformat(moment)
    database = Database(url)
    chat = TelegramChat(token, api, pace=Pace(lambda: now))
    sender = Sender(
        database,
        board=board,
        chat=chat,
        mail=None,
        mail_from="a@b.example",
        base_url=api,
        pepper=PEPPER,
        now=lambda: now,
    )
    await database.work_async(recover, now)
    await sender.send_due()
    await sender.close()
    database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""An answer into its chat: one message shows the family's screen, and it is always the last one there (rule 34).

A tap on that message changes it where it stands. Whatever else is said brings the screen down below it, and the one
before is taken away. What Telegram does not take within seconds is written down as owed.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from aiogram.exceptions import TelegramForbiddenError
from aiogram.types import CallbackQuery, Message
from sqlmodel import Session

from bot.conversation import Answer, reads_only
from bot.telegram.client import AWAY, shows
from bot.telegram.context import HandlerContext
from messages.pace import Silenced
from storage.outbox.delivery import shown
from storage.outbox.owed import owe_redraw, owe_removal

SOON = timedelta(seconds=2)


async def after_tap(context: HandlerContext, query: CallbackQuery, answer: Answer) -> None:
    """The tap is answered at once; the screen changes in place, or comes below where the tapped message is an old one.

    Raises TelegramForbiddenError.
    """
    message, popup = query.message, answer.screen.alert
    asked = query.data if query.data and reads_only(query.data) else ""
    answer = replace(answer, screen=replace(answer.screen, alert=""))  # it pops up
    stopping = context.client.answer(query.id, popup)
    tapped = message.message_id if isinstance(message, Message) and message.text is not None else None
    if tapped is None or (answer.shown is not None and tapped < answer.shown):
        chat_id = message.chat.id if message is not None else query.from_user.id
        old = [message.message_id] if message is not None else []
        await asyncio.gather(stopping, _below(context, chat_id, answer, old, asked))
    elif popup and isinstance(message, Message) and shows(message.reply_markup, answer.screen):
        await stopping
    else:
        await asyncio.gather(stopping, _in_place(context, message.chat.id if message else 0, tapped, answer, asked))


async def after_text(context: HandlerContext, message: Message, answer: Answer) -> None:
    """A new screen below what was typed; a secret goes, and the screen before. Raises TelegramForbiddenError."""
    typed = [message.message_id] if answer.screen.delete_typed else []
    await _below(context, message.chat.id, answer, typed)


async def _in_place(context: HandlerContext, chat_id: int, message_id: int, answer: Answer, asked: str) -> None:
    try:
        now_shown = await context.client.edit(chat_id, message_id, answer.screen)
    except AWAY as error:
        await _owe(context, answer, error, asked, below=False)
        return
    if now_shown != answer.shown:
        old = {message_id, answer.shown} - {now_shown, None}
        await _write_down(context, answer, now_shown, await _removed(context, chat_id, old))


async def _below(context: HandlerContext, chat_id: int, answer: Answer, others: list[int], asked: str = "") -> None:
    """`others` go too, beside the screen that stood until now; `asked` is the reading tap that it answers, if any."""
    old = {*others, answer.shown} - {None}
    try:
        now_shown = await context.client.send(chat_id, answer.screen)
    except AWAY as error:
        _, left = await _removed(context, chat_id, set(others))
        await _owe(context, answer, error, asked, below=True, left=left)
        return
    await _write_down(context, answer, now_shown, await _removed(context, chat_id, old))


async def _removed(context: HandlerContext, chat_id: int, old: set[int | None]) -> tuple[list[int], list[int]]:
    """Take messages out: which are gone, and which still have to."""
    wanted = sorted(one for one in old if one is not None)
    outcomes = await asyncio.gather(*(context.client.remove(chat_id, one) for one in wanted), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, (*AWAY, TelegramForbiddenError)):
            raise outcome
    left = [one for one, outcome in zip(wanted, outcomes, strict=True) if isinstance(outcome, BaseException)]
    return [one for one in wanted if one not in left], left


async def _write_down(
    context: HandlerContext, answer: Answer, message_id: int, removed: tuple[list[int], list[int]]
) -> None:
    if answer.chat_id:
        gone, left = removed
        now = context.deps.now()
        await context.deps.database.work_async(shown, answer.chat_id, message_id, now, gone=gone, left=left)


async def _owe(
    context: HandlerContext, answer: Answer, error: Exception, asked: str, *, below: bool, left: list[int] | None = None
) -> None:
    """The screen as it then stands, once Telegram is there again. Raises the error where nobody is known to be owed."""
    if not answer.chat_id:
        raise error
    due = context.deps.now() + (error.wait if isinstance(error, Silenced) else SOON)
    await context.deps.database.work_async(_written, answer.chat_id, due, below, asked, left or [])


def _written(session: Session, chat_id: int, due: datetime, below: bool, asked: str, left: list[int]) -> None:
    owe_redraw(session, [chat_id], due, below=below, tap=asked)
    owe_removal(session, chat_id, left, due)

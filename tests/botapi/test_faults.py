"""What both libraries make of a Telegram that fails, hangs, is away, or has had enough."""

import pytest
import telegram
import telegram.ext
from aiogram import exceptions as gram
from telegram import error as ptb

from tests.botapi import BotApi, Fault
from tests.botapi.clients import aiogram_bot, ptb_bot, story


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
@story
async def test_faults_as_both_libraries_see_them() -> None:
    async with BotApi() as api, ptb_bot(api) as speaker, aiogram_bot(api) as listener:
        parent = api.user("Anouk")
        await parent.start()
        expected: list[tuple[Fault, type[Exception], type[Exception]]] = [
            (Fault.TOO_MANY, ptb.RetryAfter, gram.TelegramRetryAfter),
            (Fault.SERVER_ERROR, ptb.NetworkError, gram.TelegramServerError),
            (Fault.BAD_GATEWAY, ptb.NetworkError, gram.ClientDecodeError),
            (Fault.DROP, ptb.NetworkError, gram.TelegramNetworkError),
        ]
        for fault, to_ptb, to_aiogram in expected:
            api.faults.next("sendMessage", fault, times=2, retry_after=7)
            with pytest.raises(to_ptb):
                await speaker.send_message(parent.id, "x")
            with pytest.raises(to_aiogram):
                await listener.send_message(parent.id, "x")
        assert [call.status for call in api.calls_of("sendMessage", parent.id)] == [
            429, 429, 500, 500, 502, 502, None, None,
        ]  # fmt: skip
        assert len(parent.chat) == 1
        await speaker.send_message(parent.id, "at last")
        assert parent.chat[-1].text == "at last"


@story
async def test_a_call_that_hangs_was_carried_out() -> None:
    async with BotApi() as api, ptb_bot(api, read=0.3) as bot:
        parent, other = api.user("Anouk"), api.user("Bram")
        await parent.start()
        await other.start()
        api.faults.next("sendMessage", Fault.HANG, chat_id=parent.id)
        await bot.send_message(other.id, "not this one")
        with pytest.raises(ptb.TimedOut):
            await bot.send_message(parent.id, "stored")
        assert [message.text for message in parent.chat] == ["/start", "stored"]
        [call] = api.calls_of("sendMessage", parent.id)
        assert call.status is None


@story
async def test_telegram_is_away_and_comes_back() -> None:
    async with BotApi() as api, ptb_bot(api) as speaker, aiogram_bot(api) as listener:
        parent = api.user("Anouk")
        await parent.start()
        await listener.send_message(parent.id, "before")
        await api.down()
        with pytest.raises(ptb.NetworkError):
            await speaker.send_message(parent.id, "x")
        with pytest.raises(gram.TelegramNetworkError):
            await listener.send_message(parent.id, "x")
        await api.up()
        await speaker.send_message(parent.id, "after")
        await listener.send_message(parent.id, "after")
        assert [message.text for message in parent.chat] == ["/start", "before", "after", "after"]


@story
async def test_limits_count_sends_and_edits_over_all_chats_and_in_each() -> None:
    now = 1_796_100_000.0
    async with BotApi(clock=lambda: now) as api, aiogram_bot(api) as bot:
        parents = [api.user(str(number)) for number in range(4)]
        for parent in parents:
            await parent.start()
        api.limiter.set(overall=3, per_chat=1)

        async def outcome(user: int) -> int | None:
            try:
                await bot.send_message(parents[user].id, "x")
            except gram.TelegramRetryAfter as refused:
                return refused.retry_after
            return None

        assert [await outcome(0), await outcome(0), await outcome(1), await outcome(2)] == [None, 1, None, None]
        assert await outcome(3) == 1
        with pytest.raises(gram.TelegramRetryAfter):
            await bot.edit_message_text("y", chat_id=parents[0].id, message_id=5)
        await bot.answer_callback_query(await parents[0].tap(1, "x"))
        api.pass_time(0.5)
        assert await outcome(3) == 1
        api.pass_time(0.5)
        assert [await outcome(3), await outcome(0)] == [None, None]


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
@story
async def test_ptbs_own_limiter_waits_as_long_as_it_is_told() -> None:
    limiter = telegram.ext.AIORateLimiter(overall_max_rate=1, overall_time_period=0.04, max_retries=1)
    async with BotApi() as api, ptb_bot(api, rate_limiter=limiter) as bot:
        parent = api.user("Anouk")
        await parent.start()
        api.faults.next("sendMessage", Fault.TOO_MANY, retry_after=1)
        await bot.send_message(parent.id, "after a while")
        assert [call.status for call in api.calls_of("sendMessage")] == [429, 200]
        assert [message.text for message in parent.chat] == ["/start", "after a while"]

"""How updates reach aiogram through the local Bot API: long polling, and webhooks with a secret."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import aiogram
import pytest
from aiogram import exceptions as gram
from aiogram.filters import CommandStart
from aiogram.types import CallbackQuery, ChatMemberUpdated
from aiogram.types import Message as GramMessage
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from tests.botapi import BotApi, Patience
from tests.botapi.clients import KEYS, aiogram_bot, ptb_bot, site, story

SECRET = "a-secret_of-the-bot"


def dispatcher() -> aiogram.Dispatcher:
    """A bot that greets, echoes, and books on a tap."""
    handlers = aiogram.Dispatcher()

    @handlers.message(CommandStart())
    async def greet(message: GramMessage) -> None:
        await message.answer(f"welcome {message.text}", reply_markup=KEYS)

    @handlers.message()
    async def echo(message: GramMessage) -> None:
        await message.answer(f"you said {message.text}")

    @handlers.callback_query()
    async def book(query: CallbackQuery) -> None:
        assert isinstance(query.message, GramMessage)
        await query.message.edit_text(f"<b>booked</b> {query.data}", parse_mode="HTML")
        await query.answer("done", show_alert=True)

    @handlers.my_chat_member()
    async def member(event: ChatMemberUpdated) -> None:
        handlers["standing"] = event.new_chat_member.status

    return handlers


@asynccontextmanager
async def polling(api: BotApi, handlers: aiogram.Dispatcher) -> AsyncIterator[aiogram.Bot]:
    async with aiogram_bot(api) as bot:
        task = asyncio.create_task(
            handlers.start_polling(bot, handle_signals=False, handle_as_tasks=False, close_bot_session=False)
        )
        await api.until(lambda _: api.first.updates.polling)
        try:
            yield bot
        finally:
            await handlers.stop_polling()
            await asyncio.wait_for(task, 10)


# aiogram listens


@story
async def test_a_parent_talks_with_a_bot_that_polls() -> None:
    async with BotApi() as api, polling(api, dispatcher()):
        parent = api.user("Anouk", language_code="nl")
        await parent.start("de-linde")
        await api.idle()
        assert [message.text for message in parent.chat] == ["/start de-linde", "welcome /start de-linde"]
        [button] = parent.chat[-1].buttons
        assert button == {"text": "14:20", "callback_data": "b.7f3.2a", "style": "primary"}

        await parent.tap(parent.chat[-1].message_id, button["callback_data"])
        await api.idle()
        assert (parent.alerts, parent.spinning) == (["done"], [])
        booked = parent.chat[-1]
        assert (booked.text, booked.edited, booked.buttons) == ("booked b.7f3.2a", True, ())
        assert booked.entities == ({"type": "bold", "offset": 0, "length": 6},)

        await parent.send("Sem")
        await api.idle()
        assert parent.chat[-1].text == "you said Sem"


@story
async def test_the_bot_hears_that_it_is_blocked_and_let_in_again() -> None:
    handlers = dispatcher()
    async with BotApi() as api, polling(api, handlers) as bot:
        parent = api.user("Anouk")
        await parent.start()
        await parent.block()
        await api.idle()
        assert handlers["standing"] == "kicked"
        with pytest.raises(gram.TelegramForbiddenError, match="Forbidden: bot was blocked by the user"):
            await bot.send_message(parent.id, "hello")
        with pytest.raises(RuntimeError):
            await parent.send("hello")
        await parent.start()
        await api.idle()
        assert handlers["standing"] == "member"
        assert parent.chat[-1].text == "welcome /start"


@story
async def test_updates_stay_until_a_later_offset_confirms_them() -> None:
    async with BotApi() as api, aiogram_bot(api) as bot:
        parent = api.user("Anouk")
        await parent.start()
        await parent.send("one")
        first = await bot.get_updates()
        assert [update.update_id for update in await bot.get_updates()] == [one.update_id for one in first]
        [last] = await bot.get_updates(offset=first[-1].update_id)
        assert last.message is not None
        assert (last.message.text, last.message.from_user and last.message.from_user.is_bot) == ("one", False)
        assert await bot.get_updates(offset=last.update_id + 1) == []


@story
async def test_a_long_poll_is_answered_as_soon_as_somebody_writes() -> None:
    async with BotApi() as api, aiogram_bot(api) as bot:
        poll = asyncio.create_task(bot.get_updates(timeout=50, request_timeout=55))
        await api.until(lambda _: api.first.updates.polling)
        await api.user("Anouk").start()
        [update] = await poll
        assert update.message is not None
        assert update.message.text == "/start"


@story
async def test_only_kinds_that_were_asked_for_are_made() -> None:
    async with BotApi() as api, aiogram_bot(api) as bot:
        parent = api.user("Anouk")
        await parent.start()
        await bot.get_updates(allowed_updates=["callback_query"])
        await parent.send("not asked for")
        await parent.tap(2, "data")
        kinds = [update.event_type for update in await bot.get_updates()]
        assert kinds == ["message", "callback_query"]


@story
async def test_a_second_poller_ends_the_first() -> None:
    async with BotApi() as api, aiogram_bot(api) as one, ptb_bot(api) as other:
        poll = asyncio.create_task(one.get_updates(timeout=50, request_timeout=55))
        await api.until(lambda _: api.first.updates.polling)
        assert await other.get_updates(timeout=0) == ()
        with pytest.raises(gram.TelegramConflictError, match="terminated by other getUpdates request"):
            await poll


@story
async def test_nobody_polls_beside_a_webhook() -> None:
    async with BotApi() as api, aiogram_bot(api) as bot:
        poll = asyncio.create_task(bot.get_updates(timeout=50, request_timeout=55))
        await api.until(lambda _: api.first.updates.polling)
        await bot.set_webhook("http://127.0.0.1:9/hook")
        with pytest.raises(gram.TelegramConflictError, match="terminated by setWebhook request"):
            await poll
        with pytest.raises(gram.TelegramConflictError, match="while webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == []


@story
async def test_taps_are_forgotten_after_150_seconds_and_messages_after_a_day() -> None:
    async with BotApi() as api, aiogram_bot(api) as bot:
        parent = api.user("Anouk")
        await parent.start()
        query = await parent.tap(1, "data")
        api.pass_time(151)
        assert [update.event_type for update in await bot.get_updates()] == ["message"]
        with pytest.raises(gram.TelegramBadRequest, match="query is too old and response timeout expired"):
            await bot.answer_callback_query(query)
        api.pass_time(24 * 3600)
        assert await bot.get_updates() == []


# Webhooks


@story
async def test_a_webhook_carries_the_secret_and_answers_in_its_reply() -> None:
    handlers = dispatcher()
    async with BotApi() as api, aiogram_bot(api) as bot:
        handler = SimpleRequestHandler(handlers, bot, handle_in_background=False, secret_token=SECRET)
        async with site(handler.handle) as url:
            await bot.set_webhook(url, secret_token=SECRET)
            parent = api.user("Anouk")
            await parent.start("de-linde")
            await api.idle()
            await parent.tap(parent.chat[-1].message_id, "b.1")
            await api.idle()
            assert [message.text for message in parent.chat] == ["/start de-linde", "booked b.1"]
            info = await bot.get_webhook_info()
            assert (info.url, info.pending_update_count, info.last_error_message) == (url, 0, None)

            [first, _] = api.first.updates.deliveries
            assert await api.first.updates.post_again(first.update_id, secret="wrong") == [401]
            assert await api.first.updates.post_again(first.update_id, secret="") == [401]
            assert await api.first.updates.post_again(first.update_id, times=3) == [200, 200, 200]
            assert len(parent.chat) == 5


@story
async def test_a_webhook_may_put_its_call_into_the_reply() -> None:
    handlers = aiogram.Dispatcher()

    @handlers.message()
    async def echo(message: GramMessage) -> Any:
        return message.answer("in the reply", reply_markup=KEYS)

    async with BotApi() as api, aiogram_bot(api) as bot:
        handler = SimpleRequestHandler(handlers, bot, handle_in_background=False)
        async with site(handler.handle) as url:
            await bot.set_webhook(url)
            parent = api.user("Anouk")
            await parent.start()
            await api.idle()
            assert [message.text for message in parent.chat] == ["/start", "in the reply"]


@story
async def test_a_webhook_that_fails_is_tried_again_and_blocks_its_lane_only() -> None:
    seen: list[str] = []
    broken = asyncio.Event()

    async def handle(request: web.Request) -> web.Response:
        update = await request.json()
        name = "tap" if "callback_query" in update else update["message"]["text"]
        seen.append(name)
        if name == "first" and not broken.is_set():
            return web.Response(status=500)
        return web.Response()

    patience = Patience(attempts=1000, pause=0.01)
    async with BotApi(patience=patience) as api, aiogram_bot(api) as bot, site(handle) as url:
        parent = api.user("Anouk")
        await parent.start()
        await parent.send("first")
        await parent.send("second")
        await parent.tap(1, "data")
        await bot.set_webhook(url)
        await api.until(lambda _: "tap" in seen and seen.count("first") >= 2)
        assert "second" not in seen
        info = await bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
        assert info.pending_update_count == 2
        broken.set()
        await api.idle()
        assert [name for name in dict.fromkeys(seen) if name != "tap"] == ["/start", "first", "second"]


@story
async def test_one_message_of_a_chat_is_in_flight_at_a_time() -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response()

    async with BotApi() as api, aiogram_bot(api) as bot, site(handle) as url:
        await bot.set_webhook(url)
        parent = api.user("Anouk")
        await parent.start()
        for number in range(20):
            await parent.send(str(number))
        await api.idle()
        posts = api.first.updates.deliveries
        first = posts[0].update_id
        assert [post.update_id for post in posts] == list(range(first, first + 21))
        assert [after.started >= before.ended for before, after in pairwise(posts)] == [True] * 20


@story
async def test_an_update_that_nobody_takes_is_given_up() -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(status=503)

    async with BotApi(patience=Patience(attempts=3, pause=0)) as api, aiogram_bot(api) as bot:
        async with site(handle) as url:
            await bot.set_webhook(url)
            await api.user("Anouk").start()
            await api.idle()
        assert [delivery.status for delivery in api.first.updates.deliveries] == [503, 503, 503]
        assert [update.body["message"]["text"] for update in api.first.updates.given_up] == ["/start"]

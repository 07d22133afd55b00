"""The local Bot API, proved with both unmodified libraries over HTTP.

What the stories rely on is shown here once, so that a story that fails tells about the product. Nothing
of the product is imported.
"""

import asyncio
import functools
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import aiogram
import httpx
import pytest
import telegram
import telegram.ext
from aiogram import exceptions as gram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import CallbackQuery, ChatMemberUpdated, InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.types import Message as GramMessage
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from telegram import error as ptb
from telegram.request import HTTPXRequest

from tests.botapi import BotApi, BotApiThread, Fault, Patience

SECRET = "a-secret_of-the-bot"
KEYS = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="14:20", callback_data="b.7f3.2a", style="primary")]]
)


def story(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Run an asynchronous test in a loop of its own; a minute is the end of every story."""

    @functools.wraps(test)
    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), 60))

    return run


@asynccontextmanager
async def aiogram_bot(api: BotApi, token: str | None = None) -> AsyncIterator[aiogram.Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api.url), timeout=20)
    async with aiogram.Bot(token or api.token, session=session) as bot:
        yield bot


@asynccontextmanager
async def ptb_bot(
    api: BotApi, token: str | None = None, read: float = 10, **settings: Any
) -> AsyncIterator[telegram.ext.ExtBot[None]]:
    request = HTTPXRequest(connection_pool_size=32, read_timeout=read)
    bot = telegram.ext.ExtBot(
        token or api.token, base_url=api.ptb_url, request=request, get_updates_request=request, **settings
    )
    async with bot:
        yield bot


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


@asynccontextmanager
async def site(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A web server of the test's own; its address."""
    app = web.Application()
    app.router.add_post("/hook", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


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

    @handlers.errors()
    async def fail(event: Any) -> None:
        raise event.exception

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


# python-telegram-bot speaks


@story
async def test_the_sender_sends_edits_and_deletes() -> None:
    async with BotApi() as api, ptb_bot(api) as bot:
        assert (bot.username, bot.id) == ("tienminuten_bot", api.first.id)
        parent = api.user("Anouk")
        await parent.start()
        keys = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("ok", callback_data="ok")]])
        sent = await bot.send_message(
            parent.id, "Sem &amp; <i>Lotte</i>", parse_mode="HTML", reply_markup=keys, protect_content=True
        )
        assert (sent.text, sent.text_html, sent.reply_markup) == ("Sem & Lotte", "Sem &amp; <i>Lotte</i>", keys)
        assert sent.has_protected_content is True
        edited = await bot.edit_message_text("moved", parent.id, sent.message_id)
        assert isinstance(edited, telegram.Message)
        assert (edited.text, edited.reply_markup, edited.edit_date is None) == ("moved", None, False)
        await bot.edit_message_reply_markup(parent.id, sent.message_id, reply_markup=keys)
        assert [button["text"] for button in parent.chat[-1].buttons] == ["ok"]
        await bot.send_chat_action(parent.id, "typing")
        assert parent.conversation.chat_actions == ["typing"]
        await bot.delete_message(parent.id, sent.message_id)
        assert [message.text for message in parent.chat] == ["/start"]


@story
async def test_both_libraries_send_a_calendar_file_with_all_its_bytes() -> None:
    content = b"BEGIN:VCALENDAR\r\n\x00\xff\r\nEND:VCALENDAR\r\n"
    async with BotApi() as api, ptb_bot(api) as speaker, aiogram_bot(api) as listener:
        parent = api.user("Anouk")
        await parent.start()
        sent = await speaker.send_document(
            parent.id, io.BytesIO(content), "10 <b>min</b>", filename="a.ics", parse_mode="HTML"
        )
        await listener.send_document(parent.id, aiogram.types.BufferedInputFile(content, "b.ics"), reply_markup=KEYS)
        assert sent.document is not None
        await speaker.send_document(parent.id, sent.document.file_id)
        files = [message.document for message in parent.chat if message.document]
        assert [(file.file_name, file.content) for file in files] == [
            ("a.ics", content), ("b.ics", content), ("a.ics", content),
        ]  # fmt: skip
        assert (parent.chat[1].text, parent.chat[1].entities[0]["type"]) == ("10 min", "bold")
        with pytest.raises(ptb.BadRequest, match="There is no text in the message to edit"):
            await speaker.edit_message_text("x", parent.id, sent.message_id)
        await speaker.edit_message_caption(parent.id, sent.message_id, caption="moved")
        assert parent.chat[1].text == "moved"


@story
async def test_people_who_cannot_be_reached() -> None:
    async with BotApi() as api, ptb_bot(api) as bot:
        stranger, blocker, gone = api.user("A"), api.user("B"), api.user("C")
        with pytest.raises(ptb.BadRequest, match="Chat not found"):
            await bot.send_message(stranger.id, "hello")
        await blocker.start()
        await blocker.block()
        with pytest.raises(ptb.Forbidden, match="Forbidden: bot was blocked by the user"):
            await bot.send_message(blocker.id, "hello")
        await gone.start()
        await gone.deactivate()
        with pytest.raises(ptb.Forbidden, match="Forbidden: user is deactivated"):
            await bot.send_message(gone.id, "hello")
        assert [call.status for call in api.calls_of("sendMessage")] == [400, 403, 403]


@story
async def test_what_telegram_refuses_in_its_own_words() -> None:
    async with BotApi() as api, ptb_bot(api) as bot:
        parent = api.user("Anouk")
        await parent.start()

        def key(data: str) -> telegram.InlineKeyboardMarkup:
            return telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("x", callback_data=data)]])

        def rows(*lengths: int) -> telegram.InlineKeyboardMarkup:
            one = telegram.InlineKeyboardButton("x", callback_data="x")
            return telegram.InlineKeyboardMarkup([[one] * length for length in lengths])

        async def refusal(text: str, **details: Any) -> str:
            with pytest.raises(ptb.BadRequest) as refused:
                await bot.send_message(parent.id, text, **details)
            return str(refused.value)

        assert await refusal("x", reply_markup=key("é" * 32 + "x")) == "Button_data_invalid"
        await bot.send_message(parent.id, "x", reply_markup=key("é" * 32))
        assert await refusal("x", reply_markup=rows(9)) == "Reply markup is too long"
        assert await refusal("x", reply_markup=rows(*[8] * 12, 5)) == "Reply markup is too long"
        await bot.send_message(parent.id, "x", reply_markup=rows(*[8] * 12, 4))
        assert await refusal(" \n ") == "Message text is empty"
        assert await refusal("😀" * 2049) == "Message is too long"
        await bot.send_message(parent.id, "😀" * 2048)
        with pytest.raises(ptb.BadRequest, match="Message caption is too long"):
            await bot.send_document(parent.id, b"x", "x" * 1025)
        with pytest.raises(ptb.BadRequest, match="Message to edit not found"):
            await bot.edit_message_text("x", parent.id, 999)
        with pytest.raises(ptb.BadRequest, match="Message can't be edited"):
            await bot.edit_message_text("x", parent.id, 1)
        with pytest.raises(ptb.BadRequest, match="Message_too_long"):
            await bot.answer_callback_query(await parent.tap(1, "x"), "x" * 201)


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ("<b>Sem", 'can\'t find end tag corresponding to start tag "b"'),
        ("é <b>x</i>", 'unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("x</b>", "unexpected end tag at byte offset 1"),
        ("1 < 2", 'unsupported start tag "" at byte offset 2'),
        ("<p>x</p>", 'unsupported start tag "p" at byte offset 0'),
        ("<b", "unclosed start tag at byte offset 0"),
        ('<a href="x>y</a>', 'unclosed start tag "a" at byte offset 0'),
        ("<span>x</span>", 'tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_html_that_does_not_parse(html: str, problem: str) -> None:
    with BotApiThread() as server:
        parent = server.user("Anouk")
        parent.start()
        reply = httpx.post(
            f"{server.api.ptb_url}{server.api.token}/sendMessage",
            json={"chat_id": parent.id, "text": html, "parse_mode": "HTML"},
        )
        assert (reply.status_code, reply.json()["error_code"]) == (400, 400)
        assert reply.json()["description"].lower() == f"bad request: can't parse entities: {problem}"
        assert len(parent.chat) == 1


@story
async def test_entities_are_counted_in_utf_16_units() -> None:
    async with BotApi() as api, ptb_bot(api) as bot:
        parent = api.user("Anouk")
        await parent.start()
        html = (
            ' \n😀 <b>Zoë <i>&lt;3</i></b> &nbsp;<a href="https://a.nl/?a=1&amp;b=2">hier</a>'
            ' <tg-time unix="1796100000" format="t">15:00</tg-time>'
            '<pre><code class="language-py">x</code></pre><blockquote expandable>q</blockquote> '
        )
        await bot.send_message(parent.id, html, parse_mode="HTML")
        assert parent.chat[-1].text == "😀 Zoë <3 &nbsp;hier 15:00xq"
        assert parent.chat[-1].entities == (
            {"type": "bold", "offset": 3, "length": 6},
            {"type": "italic", "offset": 7, "length": 2},
            {"type": "text_link", "offset": 16, "length": 4, "url": "https://a.nl/?a=1&b=2"},
            {"type": "date_time", "offset": 21, "length": 5, "unix_time": 1796100000, "date_time_format": "t"},
            {"type": "pre", "offset": 26, "length": 1, "language": "py"},
            {"type": "expandable_blockquote", "offset": 27, "length": 1},
        )


@story
async def test_the_same_text_again_is_not_modified_for_both_libraries() -> None:
    async with BotApi() as api, ptb_bot(api) as speaker, aiogram_bot(api) as listener:
        parent = api.user("Anouk")
        await parent.start()
        sent = await listener.send_message(parent.id, "<b>x</b>", parse_mode="HTML", reply_markup=KEYS)
        with pytest.raises(gram.TelegramBadRequest, match="message is not modified: specified new message"):
            await sent.edit_text("<strong>x</strong>", parse_mode="HTML", reply_markup=KEYS)
        with pytest.raises(ptb.BadRequest, match="Message is not modified"):
            await speaker.edit_message_reply_markup(
                parent.id,
                sent.message_id,
                reply_markup=telegram.InlineKeyboardMarkup.de_json(json.loads(KEYS.model_dump_json(exclude_none=True))),
            )
        await sent.edit_text("x")
        assert (parent.chat[-1].entities, parent.chat[-1].buttons) == ((), ())


@story
async def test_messages_can_be_deleted_for_48_hours_and_blanked_for_ever() -> None:
    async with BotApi() as api, aiogram_bot(api) as bot:
        parent = api.user("Anouk")
        secret = await parent.start()
        old = api.first.show(parent, "personal", age=48 * 3600)
        await bot.delete_message(parent.id, secret.message_id)
        with pytest.raises(gram.TelegramBadRequest, match="message to delete not found"):
            await bot.delete_message(parent.id, secret.message_id)
        with pytest.raises(gram.TelegramBadRequest, match="message can't be deleted for everyone"):
            await bot.delete_message(parent.id, old.message_id)
        await bot.edit_message_text("blank", chat_id=parent.id, message_id=old.message_id)
        assert [message.text for message in parent.chat] == ["blank"]


@story
async def test_commands_and_descriptions_in_each_language() -> None:
    async with BotApi() as api, aiogram_bot(api) as bot:
        commands = [aiogram.types.BotCommand(command="start", description="Begin")]
        await bot.set_my_commands(commands)
        await bot.set_my_commands([], language_code="nl")
        [command] = await bot.get_my_commands()
        assert (command.command, command.description) == ("start", "Begin")
        await bot.delete_my_commands()
        assert await bot.get_my_commands() == []
        await bot.set_my_description("Tien minuten", language_code="nl")
        await bot.set_my_short_description("Ten minutes")
        assert (await bot.get_my_description("nl")).description == "Tien minuten"
        assert (await bot.get_my_short_description()).short_description == "Ten minutes"
        with pytest.raises(gram.TelegramBadRequest, match="BOT_COMMAND_INVALID"):
            await bot.set_my_commands([aiogram.types.BotCommand(command="Start!", description="x")])


@story
async def test_several_bots_and_unknown_tokens() -> None:
    async with BotApi() as api:
        school = api.bot("linde_bot")
        parent = api.user("Anouk")
        await parent.start()
        await parent.at(school).start()
        async with aiogram_bot(api, school.token) as bot:
            await bot.send_message(parent.id, "from the school")
            assert (await bot.me()).username == "linde_bot"
        assert ([one.text for one in parent.chat], parent.at(school).chat[-1].text) == (["/start"], "from the school")
        with pytest.raises(ptb.InvalidToken):
            async with ptb_bot(api, "123:abc"):
                pass
        async with aiogram_bot(api, "123:abc") as bot:
            with pytest.raises(gram.TelegramUnauthorizedError):
                await bot.get_me()


@story
async def test_every_way_to_pass_parameters() -> None:
    async with BotApi() as api, httpx.AsyncClient(base_url=f"{api.ptb_url}{api.token}/") as client:
        parent = api.user("Anouk")
        await parent.start()
        values = {"chat_id": str(parent.id), "text": "x", "reply_markup": KEYS.model_dump_json(exclude_none=True)}
        nested = values | {"chat_id": parent.id, "reply_markup": json.loads(values["reply_markup"])}
        replies = [
            await client.get("sendMessage", params=values),
            await client.post("SENDMESSAGE", data=values),
            await client.post("sendMessage", json=nested),
            await client.post("sendMessage", data=values, files={"unused": b"x"}),
        ]
        assert [reply.status_code for reply in replies] == [200] * 4
        shown = [(message.text, len(message.buttons)) for message in parent.chat[1:]]
        assert shown == [("x", 1)] * 4
        unknown = await client.get("sendFlowers")
        assert (unknown.status_code, unknown.json()["description"]) == (404, "Not Found: method not found")
        broken = await client.post("sendMessage", content="{", headers={"Content-Type": "application/json"})
        assert (broken.status_code, broken.json()["ok"]) == (400, False)


# What goes wrong


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


def test_a_story_without_an_event_loop() -> None:
    with BotApiThread() as server:
        parent = server.user("Anouk", language_code="nl")
        parent.start("de-linde")
        url = f"{server.api.ptb_url}{server.api.token}"
        [update] = httpx.get(f"{url}/getUpdates").json()["result"]
        assert update["message"]["from"] == {
            "id": parent.id, "is_bot": False, "first_name": "Anouk", "language_code": "nl",
        }  # fmt: skip
        httpx.post(f"{url}/sendMessage", json={"chat_id": parent.id, "text": "hello"})
        parent.wait_for(lambda user: user.chat[-1].text == "hello")
        query = parent.tap(parent.chat[-1].message_id, "x")
        httpx.post(f"{url}/answerCallbackQuery", json={"callback_query_id": query, "text": "ok"})
        assert parent.alerts == ["ok"]
        [update] = httpx.get(f"{url}/getUpdates", params={"offset": update["update_id"] + 1}).json()["result"]
        assert update["callback_query"]["message"]["text"] == "hello"
        httpx.get(f"{url}/getUpdates", params={"offset": update["update_id"] + 1})
        server.idle()
        parent.block()
        with pytest.raises(RuntimeError):
            parent.send("hello")

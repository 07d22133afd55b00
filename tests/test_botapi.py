"""The local Bot API, proved with both unmodified libraries over HTTP: what is sent, and what is refused.

What the stories rely on is shown here once, so that a story that fails tells about the product. Nothing of
the product is imported. Updates and faults: tests/botapi/test_updates.py and test_faults.py.
"""

import io
import json
from typing import Any

import aiogram
import httpx
import pytest
import telegram
import telegram.ext
from aiogram import exceptions as gram
from telegram import error as ptb

from tests.botapi import BotApi, BotApiThread
from tests.botapi.clients import KEYS, aiogram_bot, ptb_bot, story


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

"""The methods of the Bot API, one function each: what they check, in Telegram's words, and what they do.

A method gets the bot and what it was asked, and returns the `result`. It raises Refused and then has
changed nothing.
"""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.botapi.bots import Bot
from tests.botapi.people import Conversation, message_json
from tests.botapi.requests import Ask
from tests.botapi.texts import ANSWER_LIMIT, CAPTION_LIMIT, TEXT_LIMIT, formatted, keyboard, units
from tests.botapi.updates import QUERY_LIFE, Webhook
from tests.botapi.words import Answer, Document, Message, Refused, bad_request

DELETE_LIFE = 48 * 3600
FILE_LIMIT = 50 * 1024 * 1024
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


# About the bot


def get_me(bot: Bot, ask: Ask) -> dict[str, Any]:
    return bot.as_json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(bot: Bot, ask: Ask) -> bool:
    commands = ask.objects("commands")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    bot.commands[_scope(ask)] = commands
    return True


def delete_my_commands(bot: Bot, ask: Ask) -> bool:
    bot.commands.pop(_scope(ask), None)
    return True


def get_my_commands(bot: Bot, ask: Ask) -> list[dict[str, Any]]:
    return bot.commands.get(_scope(ask), [])


def _scope(ask: Ask) -> tuple[str, str]:
    scope = ask.data("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), ask.text("language_code")


def _set_text(name: str, limit: int, too_long: str) -> Callable[[Bot, Ask], bool]:
    def set_text(bot: Bot, ask: Ask) -> bool:
        if len(ask.text(name)) > limit:
            raise bad_request(too_long)
        bot.about[name, ask.text("language_code")] = ask.text(name)
        return True

    return set_text


def _get_text(name: str) -> Callable[[Bot, Ask], dict[str, str]]:
    def get_text(bot: Bot, ask: Ask) -> dict[str, str]:
        return {name: bot.about.get((name, ask.text("language_code")), "")}

    return get_text


# Updates


async def get_updates(bot: Bot, ask: Ask) -> list[dict[str, Any]]:
    limit, timeout = ask.number("limit", 100), min(ask.number("timeout"), 50)
    return await bot.updates.poll(ask.number("offset"), limit, timeout, ask.data("allowed_updates"))


def set_webhook(bot: Bot, ask: Ask) -> bool:
    url, secret = ask.text("url"), ask.text("secret_token")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    if url and not re.match(r"https?://[^/]", url):
        raise bad_request("bad webhook: Wrong HTTP URL specified")
    bot.updates.allow(ask.data("allowed_updates"))
    most = min(max(ask.number("max_connections", 40), 1), 100)
    webhook = Webhook(url, secret, most) if url else None
    bot.updates.set_webhook(webhook, ask.flag("drop_pending_updates"))
    return True


def delete_webhook(bot: Bot, ask: Ask) -> bool:
    bot.updates.set_webhook(None, ask.flag("drop_pending_updates"))
    return True


def get_webhook_info(bot: Bot, ask: Ask) -> dict[str, Any]:
    updates, webhook = bot.updates, bot.updates.webhook
    info: dict[str, Any] = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(updates.pending),
    }
    if webhook:
        info["max_connections"] = webhook.max_connections
    if updates.allowed:
        info["allowed_updates"] = list(updates.allowed)
    if updates.last_error:
        info["last_error_date"], info["last_error_message"] = updates.last_error
    return info


# Messages


def send_message(bot: Bot, ask: Ask) -> dict[str, Any]:
    text, entities = _text(ask, "text", "entities", TEXT_LIMIT, "message is too long")
    if not text:
        raise bad_request("message text is empty")
    markup = keyboard(ask.data("reply_markup"))
    conversation = _reachable(bot, ask)
    protect = ask.flag("protect_content")
    message = bot.keep(conversation, text=text, entities=entities, reply_markup=markup, protect_content=protect)
    return message_json(message, conversation, bot.as_json())


def send_document(bot: Bot, ask: Ask) -> dict[str, Any]:
    text, entities = _text(ask, "caption", "caption_entities", CAPTION_LIMIT, "message caption is too long")
    markup = keyboard(ask.data("reply_markup"))
    document = _document(bot, ask)
    conversation = _reachable(bot, ask)
    protect = ask.flag("protect_content")
    message = bot.keep(
        conversation,
        text=text,
        entities=entities,
        reply_markup=markup,
        protect_content=protect,
        document=document,
    )
    return message_json(message, conversation, bot.as_json())


def _document(bot: Bot, ask: Ask) -> Document:
    """The document that was sent along, or the one that a file_id names."""
    named = ask.text("document")
    part = ask.files.get(named.removeprefix("attach://") if named.startswith("attach://") else "document")
    if part is None:
        if named in bot.documents:
            return bot.documents[named]
        if not named or named.startswith("attach://"):
            raise bad_request("there is no document in the request")
        raise bad_request("wrong file identifier/HTTP URL specified")
    if not part.content:
        raise bad_request("file must be non-empty")
    if len(part.content) > FILE_LIMIT:
        raise Refused(413, "Request Entity Too Large")
    document = Document(f"file{len(bot.documents) + 1}", part.file_name, part.mime_type, part.content)
    bot.documents[document.file_id] = document
    return document


def edit_message_text(bot: Bot, ask: Ask) -> dict[str, Any]:
    text, entities = _text(ask, "text", "entities", TEXT_LIMIT, "message is too long")
    if not text:
        raise bad_request("message text is empty")
    return _edit(bot, ask, document=False, text=text, entities=entities)


def edit_message_caption(bot: Bot, ask: Ask) -> dict[str, Any]:
    text, entities = _text(ask, "caption", "caption_entities", CAPTION_LIMIT, "message caption is too long")
    return _edit(bot, ask, document=True, text=text, entities=entities)


def edit_message_media(bot: Bot, ask: Ask) -> dict[str, Any]:
    """Another document and caption in the place of the old ones."""
    media = Ask(ask.data("media") or {}, ask.files)
    if media.text("type") != "document":
        raise bad_request("can't parse InputMedia")
    text, entities = _text(media, "caption", "caption_entities", CAPTION_LIMIT, "message caption is too long")
    document = Ask({"document": media.text("media")}, ask.files)
    return _edit(bot, ask, document=True, text=text, entities=entities, file=document)


def edit_message_reply_markup(bot: Bot, ask: Ask) -> dict[str, Any]:
    return _edit(bot, ask)


def _edit(bot: Bot, ask: Ask, document: bool | None = None, file: Ask | None = None, **changes: Any) -> dict[str, Any]:
    """Change a message of the bot's own; a keyboard that is left out is removed."""
    changes["reply_markup"] = keyboard(ask.data("reply_markup"))
    conversation = _reachable(bot, ask)
    message = conversation.messages.get(ask.number("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    if document is not None and document != (message.document is not None):
        kind = "caption" if document else "text"
        raise bad_request(f"there is no {kind} in the message to edit")
    if file is not None:
        changes["document"] = _document(bot, file)
    if replace(message, **changes) == message:
        raise bad_request(NOT_MODIFIED)
    changed: Message = replace(message, edit_date=int(bot.clock()), **changes)
    conversation.messages[message.message_id] = changed
    return message_json(changed, conversation, bot.as_json())


def delete_message(bot: Bot, ask: Ask) -> bool:
    conversation = _conversation(bot, ask)
    message = conversation.messages.get(ask.number("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if bot.clock() - message.date >= DELETE_LIFE:
        raise bad_request("message can't be deleted for everyone")
    del conversation.messages[message.message_id]
    return True


def send_chat_action(bot: Bot, ask: Ask) -> bool:
    if not ask.text("action"):
        raise bad_request("wrong parameter action in request")
    _reachable(bot, ask).chat_actions.append(ask.text("action"))
    return True


def answer_callback_query(bot: Bot, ask: Ask) -> bool:
    text, query = ask.text("text"), bot.queries.get(ask.text("callback_query_id"))
    if query is None or bot.clock() - query.tapped >= QUERY_LIFE:
        raise bad_request(QUERY_TOO_OLD)
    if units(text) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    conversation = bot.conversations[query.chat_id]
    conversation.spinning.pop(query.query_id, None)
    conversation.answers.append(Answer(query.query_id, text, ask.flag("show_alert")))
    return True


def _text(ask: Ask, name: str, entities: str, limit: int, too_long: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    """A formatted text within its limit."""
    text, found = formatted(ask.text(name), ask.text("parse_mode"), ask.objects(entities))
    if units(text) > limit:
        raise bad_request(too_long)
    return text, found


def _conversation(bot: Bot, ask: Ask) -> Conversation:
    """The chat that a call is about; one that was never started is not found."""
    if not ask.text("chat_id"):
        raise bad_request("chat_id is empty")
    conversation = bot.conversations.get(ask.number("chat_id"))
    if conversation is None or not conversation.started:
        raise bad_request("chat not found")
    return conversation


def _reachable(bot: Bot, ask: Ask) -> Conversation:
    """The chat, if its person still lets the bot in. Raises Refused (400, 403)."""
    conversation = _conversation(bot, ask)
    if conversation.account.deactivated:
        raise Refused(403, "Forbidden: user is deactivated")
    if conversation.blocked:
        raise Refused(403, "Forbidden: bot was blocked by the user")
    return conversation


METHODS: dict[str, Callable[[Bot, Ask], Any]] = {
    "getme": get_me,
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "senddocument": send_document,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagemedia": edit_message_media,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "sendchataction": send_chat_action,
    "answercallbackquery": answer_callback_query,
    "setmycommands": set_my_commands,
    "deletemycommands": delete_my_commands,
    "getmycommands": get_my_commands,
    "setmydescription": _set_text("description", 512, "BOT_DESCRIPTION_TOO_LONG"),
    "getmydescription": _get_text("description"),
    "setmyshortdescription": _set_text("short_description", 120, "BOT_SHORT_DESCRIPTION_TOO_LONG"),
    "getmyshortdescription": _get_text("short_description"),
}

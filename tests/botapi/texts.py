"""Telegram's rules for texts and buttons: HTML entities, lengths, keyboards.

Lengths and offsets are counted in UTF-16 units, byte offsets in error texts in UTF-8, as Telegram does.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from tests.botapi.words import Refused, bad_request

TEXT_LIMIT, CAPTION_LIMIT, ANSWER_LIMIT = 4096, 1024, 200
BUTTONS, BUTTONS_A_ROW, DATA_BYTES = 100, 8, 64

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "span": "spoiler",
    "tg-spoiler": "spoiler", "code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote",
    "tg-emoji": "custom_emoji", "tg-time": "date_time",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay", "disabled",
}  # fmt: skip

REFERENCE = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]+));")
TAG_NAME = re.compile(r"[^\s>]*")
ATTRIBUTE = re.compile(r"""\s+([^\s=>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[A-Za-z0-9.\-]+))?""")

Opened = tuple[str, dict[str, Any]]  # the tag as it was written, and its entity so far


def units(text: str) -> int:
    """The length that Telegram counts: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def formatted(raw: str, parse_mode: str, entities: list[dict[str, Any]]) -> tuple[str, tuple[dict[str, Any], ...]]:
    """The plain text and its entities, white space at both ends gone. Raises Refused (400)."""
    if parse_mode and parse_mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    text, found = parse_html(raw) if parse_mode else (raw, entities)
    front = units(text) - units(text.lstrip())
    text = text.strip()
    kept = []
    for entity in found:
        start = max(entity["offset"] - front, 0)
        end = min(entity["offset"] + entity["length"] - front, units(text))
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    kept.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return text, tuple(kept)


def parse_html(raw: str) -> tuple[str, list[dict[str, Any]]]:
    """Read Telegram's HTML: plain text and entities. Raises Refused (400) with Telegram's words."""
    found: list[dict[str, Any]] = []
    still_open: list[Opened] = []
    text, at = "", 0
    while at < len(raw):
        if raw[at] == "&" and (reference := REFERENCE.match(raw, at)):
            text, at = text + _character(reference), reference.end()
        elif raw.startswith("</", at):
            at = _close(raw, at, text, still_open, found)
        elif raw[at] == "<":
            at = _open(raw, at, units(text), still_open)
        else:
            text, at = text + raw[at], at + 1
    if still_open:
        raise _unparsed(f'Can\'t find end tag corresponding to start tag "{still_open[-1][0]}"')
    return text, found


def _open(raw: str, at: int, offset: int, still_open: list[Opened]) -> int:
    """Read a start tag at `at`; give the place after it."""
    where = _bytes(raw, at)
    name_match = TAG_NAME.match(raw, at + 1)
    assert name_match
    name, place = name_match.group().lower(), name_match.end()
    if place == len(raw):
        raise _unparsed(f"Unclosed start tag at byte offset {where}")
    if name not in TAGS:
        raise _unparsed(f'Unsupported start tag "{name}" at byte offset {where}')
    attributes: dict[str, str] = {}
    while attribute := ATTRIBUTE.match(raw, place):
        value = (attribute.group(2) or "").strip("\"'")
        attributes[attribute.group(1).lower()] = REFERENCE.sub(_character, value)
        place = attribute.end()
    while place < len(raw) and raw[place].isspace():
        place += 1
    if not raw.startswith(">", place):
        raise _unparsed(f'Unclosed start tag "{name}" at byte offset {where}')
    still_open.append((name, {"type": TAGS[name], "offset": offset, **_details(name, attributes, where)}))
    return place + 1


def _details(name: str, attributes: dict[str, str], where: int) -> dict[str, Any]:
    """What an entity says besides its kind."""
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _unparsed(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
    if name == "a":
        return {"url": attributes.get("href", "")}
    if name == "code" and attributes.get("class", "").startswith("language-"):
        return {"language": attributes["class"].removeprefix("language-")}
    if name == "blockquote" and "expandable" in attributes:
        return {"type": "expandable_blockquote"}
    if name == "tg-emoji":
        return {"custom_emoji_id": attributes.get("emoji-id", "")}
    if name == "tg-time":
        if not attributes.get("unix", "").isdigit():
            raise _unparsed(f'Tag "tg-time" must have attribute "unix" at byte offset {where}')
        form = {"date_time_format": attributes["format"]} if attributes.get("format") else {}
        return {"unix_time": int(attributes["unix"]), **form}
    return {}


def _close(raw: str, at: int, text: str, still_open: list[Opened], found: list[dict[str, Any]]) -> int:
    """Read an end tag at `at`; put its entity into `found`; give the place after it."""
    where = _bytes(raw, at)
    if not still_open:
        raise _unparsed(f"Unexpected end tag at byte offset {where}")
    end = raw.find(">", at)
    if end < 0:
        raise _unparsed(f"Unclosed end tag at byte offset {where}")
    name = raw[at + 2 : end].strip().lower()
    opened, entity = still_open.pop()
    if name and name != opened:
        raise _unparsed(f'Unmatched end tag at byte offset {where}, expected "</{opened}>", found "</{name}>"')
    length = units(text) - entity["offset"]
    outer = still_open[-1][1] if still_open else {}
    if entity["type"] == "code" and outer.get("type") == "pre" and outer["offset"] == entity["offset"]:
        outer.update({"language": entity["language"]} if "language" in entity else {})
    elif length and not (opened == "a" and not entity["url"]):
        if entity["type"] == "code":
            entity.pop("language", None)
        found.append({**entity, "length": length})
    return end + 1


def _character(reference: re.Match[str]) -> str:
    """The character that `&…;` stands for; what Telegram does not know stays as it was typed."""
    number, hexadecimal, name = reference.groups()
    if name:
        return NAMED.get(name, reference.group())
    code = int(number) if number else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else reference.group()


def _bytes(raw: str, at: int) -> int:
    return len(raw[:at].encode("utf-8", "surrogatepass"))


def _unparsed(reason: str) -> Refused:
    return bad_request(f"can't parse entities: {reason}")


def keyboard(markup: Any) -> dict[str, Any] | None:
    """The checked reply_markup, None where it holds no inline button or key. Raises Refused (400)."""
    if markup in (None, "", {}):
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return markup
    rows = [[_button(button) for button in row] for row in markup["inline_keyboard"] if row]
    if sum(map(len, rows)) > BUTTONS or any(len(row) > BUTTONS_A_ROW for row in rows):
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def _button(given: Any) -> dict[str, Any]:
    """One inline button, checked."""
    problem = "can't parse inline keyboard button: "
    if not isinstance(given, dict):
        raise bad_request(problem + "InlineKeyboardButton must be an Object")
    button: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if not isinstance(button.get("text"), str) or not button["text"]:
        raise bad_request(problem + 'Field "text" must be of type String')
    if not ACTIONS & button.keys():
        raise bad_request(problem + "Text buttons are unallowed in the inline keyboard")
    if button.get("style", "primary") not in {"danger", "success", "primary"}:
        raise bad_request(problem + "invalid button style specified")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if "url" in button and not _is_address(button["url"]):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    return button


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "tg" or (parts.scheme in {"http", "https"} and "." in (parts.hostname or ""))

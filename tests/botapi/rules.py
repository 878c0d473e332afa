"""What Telegram refuses: text that is empty or too long, entities that do not fit, buttons that cannot be pressed."""

import re
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

from botapi.records import Params, refuse

TEXT_LIMIT, ENTITY_LIMIT, DATA_LIMIT, BUTTON_LIMIT = 4096, 100, 64, 100
STYLES = {"bold", "italic", "underline", "strikethrough", "spoiler"}
QUOTES = {"blockquote", "expandable_blockquote"}
CODE = {"code", "pre"}
FOUND = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
LINKS = FOUND | {"text_link", "text_mention", "custom_emoji", "date_time"}
ACTIONS = {
    "callback_data",
    "callback_game",
    "copy_text",
    "login_url",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "url",
    "web_app",
}

Entities = list[dict[str, Any]]


def formatted(params: Params, *, may_be_empty: bool = False) -> tuple[str, Entities]:
    """The text and entities of a call as Telegram stores them, trimmed; raises Refusal."""
    for name in ("parse_mode", "quote_parse_mode"):
        if params.get(name) is not None:
            refuse(f"{name} is refused by this server: send text and entities")
    text = str(params.get("text") or "")
    if re.search(r"[\ud800-\udfff]", text):
        refuse("strings must be encoded in UTF-8")
    entities = list(params.get("entities") or [])
    if len(entities) > ENTITY_LIMIT:
        refuse("too many entities")
    check_entities(text, entities)
    text, entities = trimmed(text, entities)
    if not text and not may_be_empty:
        refuse("message text is empty")
    if units(text) > TEXT_LIMIT:
        refuse("message is too long")
    return text, entities


def units(text: str) -> int:
    """The length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def trimmed(text: str, entities: Entities) -> tuple[str, Entities]:
    """Without blank ends; what stands before the first entity is cut only up to it, and entities move along."""
    first = min((item["offset"] for item in entities), default=None)
    shown = text.rstrip()
    blank = units(shown) - units(shown.lstrip())
    cut = blank if first is None else min(blank, first)
    kept, end = [], units(shown)
    for item in entities:
        start, stop = item["offset"], min(item["offset"] + item["length"], end)
        if start < stop:
            kept.append(item | {"offset": start - cut, "length": stop - start})
    return shown[cut:], kept  # a blank is one unit and one character


def check_entities(text: str, entities: Entities) -> None:
    """Raise Refusal unless each entity is known, within the text, on whole characters, and legally nested."""
    encoded = text.encode("utf-16-le")
    for item in entities:
        _check_entity(encoded, item)
    for first, second in combinations(sorted(entities, key=lambda item: (item["offset"], -item["length"])), 2):
        _check_pair(first, second)


def check_markup(markup: Any, *, inline_only: bool = False) -> dict[str, Any] | None:
    """The inline keyboard of a call, or None when it has none; raises Refusal."""
    if markup is None:
        return None
    if not isinstance(markup, dict):
        refuse("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if inline_only:
            refuse("inline keyboard expected")
        return markup
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    if len(buttons) > BUTTON_LIMIT:
        refuse("too many inline keyboard buttons")
    for button in buttons:
        _check_button(button)
    return markup if buttons else None


def is_web_address(url: Any) -> bool:
    """Whether Telegram would open it: http, https or tg, with a host that has a dot."""
    if not isinstance(url, str) or re.search(r"\s", url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "tg" or (parts.scheme in {"http", "https"} and "." in (parts.hostname or "").strip("."))


def _check_entity(encoded: bytes, item: dict[str, Any]) -> None:
    kind, start, length = item.get("type"), item.get("offset"), item.get("length")
    if kind not in STYLES | QUOTES | CODE | LINKS:
        refuse(f"can't parse MessageEntity: unsupported type {kind!r}")
    if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length <= 0:
        refuse("ENTITY_BOUNDS_INVALID")
    if 2 * (start + length) > len(encoded):
        refuse(f"entity beginning at UTF-16 offset {start} ends after the end of the text")
    for place, what in ((start, "begins"), (start + length, "ends")):
        if _splits_character(encoded, place):
            refuse(f"entity {what} in a middle of a UTF-16 symbol at offset {place}")
    if kind == "text_link" and not is_web_address(item.get("url")):
        refuse(f"can't parse entities: text_link to {item.get('url')!r}")


def _splits_character(encoded: bytes, place: int) -> bool:
    return 0xDC <= int.from_bytes(encoded[2 * place + 1 : 2 * place + 2]) <= 0xDF  # a low surrogate stands there


def _check_pair(outer: dict[str, Any], inner: dict[str, Any]) -> None:
    end = outer["offset"] + outer["length"]
    if inner["offset"] >= end:
        return
    same_extent = (outer["offset"], outer["length"]) == (inner["offset"], inner["length"])
    nested = inner["offset"] + inner["length"] <= end and _may_hold(outer["type"], inner["type"])
    if not nested and not (same_extent and _may_hold(inner["type"], outer["type"])):
        refuse(f"can't parse entities: {inner['type']} at {inner['offset']} illegally in {outer['type']}")


def _may_hold(outer: str, inner: str) -> bool:
    # "Formatting options" of the Bot API's manual
    if outer in STYLES:
        return inner not in CODE
    if outer in QUOTES:
        return inner not in QUOTES
    return outer in LINKS and inner in STYLES


def _check_button(button: dict[str, Any]) -> None:
    if not button.get("text"):
        refuse("can't parse inline keyboard button: text is empty")
    actions = ACTIONS & set(button)
    if len(actions) != 1:
        refuse("can't parse inline keyboard button: exactly one action is needed")
    data = button.get("callback_data")
    if "callback_data" in actions and not (isinstance(data, str) and 1 <= len(data.encode()) <= DATA_LIMIT):
        refuse("BUTTON_DATA_INVALID")
    if "url" in actions and not is_web_address(button["url"]):
        refuse("BUTTON_URL_INVALID")

"""PTB's client as this bot uses it: updates unparsed, and what its errors mean for a message that was being sent."""

import json
import os
from dataclasses import replace
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.telegram.outbox import Content

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation")
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # else the first source opens a big card
os.environ.setdefault("PTB_TIMEDELTA", "true")  # else PTB warns of its own past on the error stream at each 429
# What httpx raises before a byte of the request has left; by name, for no file here may open connections of its own.
_BEFORE_SENDING = {"ConnectError", "ConnectTimeout", "PoolTimeout"}
_REFUSALS = (BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter)
_MESSAGE_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_CHAT_GONE = (
    "chat not found",
    "user not found",
    "chat_write_forbidden",
    "not enough rights",
    "have no rights",
    "peer_id_invalid",
)


class Transport(HTTPXRequest):
    """Requests whose answers are what the Bot API answers, or an error that a second attempt may cure."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The object of an answer; raises NetworkError for what a proxy may say instead."""
        try:
            found: Any = json.loads(payload)
        except ValueError:
            found = None
        if not isinstance(found, dict) or "ok" not in found or (found["ok"] and "result" not in found):
            message = "The answer is not one of the Bot API."
            raise NetworkError(message)
        return found


class Client(ExtBot[None]):
    """A bot whose updates can be had as they are: one that PTB cannot parse must not take the others with it."""

    async def raw_updates(self, offset: int | None, *, seconds: int, read_timeout: float) -> list[Any]:
        """Wait so many seconds for updates from this id on, as JSON."""
        values = {"offset": offset, "timeout": seconds, "allowed_updates": list(ALLOWED_UPDATES)}
        found = await self._post("getUpdates", values, read_timeout=seconds + read_timeout)
        if not isinstance(found, list):
            message = "The answer to getUpdates is no list."
            raise NetworkError(message)
        return found


async def send(bot: Client, chat: int, content: Content) -> int:
    """Send one message and return its id."""
    reply = ReplyParameters(content.reply_to, allow_sending_without_reply=True) if content.reply_to else None
    message = await bot.send_message(
        chat,
        content.text,
        entities=entities(content),
        reply_markup=markup(content),
        message_thread_id=content.topic or None,
        reply_parameters=reply,
        disable_notification=content.silent or None,
        link_preview_options=NO_PREVIEW,
    )
    return message.message_id


async def edit(bot: Client, chat: int, message: int, content: Content) -> None:
    """Put another text and other buttons into a message of the bot's; that they are there already is no error."""
    try:
        await bot.edit_message_text(
            content.text,
            chat,
            message,
            entities=entities(content),
            reply_markup=markup(content),
            link_preview_options=NO_PREVIEW,
        )
    except BadRequest as error:
        if "message is not modified" not in error.message.lower():
            raise


def entities(content: Content) -> list[MessageEntity]:
    """The entities as PTB takes them."""
    return [MessageEntity.de_json(dict(each), None) for each in content.entities]


def markup(content: Content) -> InlineKeyboardMarkup | None:
    """The buttons as PTB takes them."""
    rows = [[InlineKeyboardButton(**each) for each in row] for row in content.buttons]  # type: ignore[arg-type]  # names and values
    return InlineKeyboardMarkup(rows) if rows else None


def certainly_not_sent(error: TelegramError) -> bool:
    """Whether a failed call cannot have had an effect; of a timeout or a broken answer nobody knows."""
    return isinstance(error, _REFUSALS) or type(error.__cause__).__name__ in _BEFORE_SENDING


def message_is_gone(error: BadRequest) -> bool:
    """Whether Telegram says that a message cannot be edited, for it is not there or not the bot's."""
    return any(words in error.message.lower() for words in _MESSAGE_GONE)


def chat_is_gone(error: BadRequest) -> bool:
    """Whether Telegram says that nothing can be sent to the chat."""
    return any(words in error.message.lower() for words in _CHAT_GONE)


def plainer(content: Content, error: BadRequest) -> Content | None:
    """What to try next after Telegram has refused a message: without what it may have stumbled over; None if nothing is left."""
    if "thread not found" in error.message.lower() and content.topic:
        return replace(content, topic=0)
    harmless = tuple(each for each in content.entities if each["type"] == "code")  # without it strangers' words become links
    if len(harmless) < len(content.entities):
        return replace(content, entities=harmless)
    if content.buttons or content.reply_to:
        return replace(content, buttons=(), reply_to=0)
    return replace(content, entities=()) if content.entities else None


def seconds_to_wait(error: RetryAfter) -> float:
    """How long Telegram says to wait."""
    return error._retry_after.total_seconds()  # noqa: SLF001 - the public name warns that its type will change

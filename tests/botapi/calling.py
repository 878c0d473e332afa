"""Calls to the strict server, made by the real client of python-telegram-bot."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from botapi.records import Chat, Message, Person
from botapi.server import BotApi
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

ADA, BOB = Person(7, "Ada", "ada"), Person(8, "Bob")
GROUP, SUPERGROUP, FORUM = -50, -1_000_000_000_050, -1_000_000_000_060


def client(api: BotApi, token: str | None = None) -> Bot:
    """The real client."""
    quick: Any = {"httpx_kwargs": {"verify": False}}  # or each of them reads all certificates, for plain HTTP
    polls, rest = HTTPXRequest(**quick), HTTPXRequest(connection_pool_size=64, **quick)
    base = {"base_url": f"{api.url}/bot", "base_file_url": f"{api.url}/file/bot"}
    return Bot(token or api.token, **base, get_updates_request=polls, request=rest)


def run(api: BotApi, work: Callable[[Bot], Awaitable[Any]]) -> Any:
    """What some work with a client gives."""

    async def whole() -> Any:
        async with client(api) as bot:
            return await work(bot)

    return asyncio.run(whole())


def call(api: BotApi, method: str, **params: Any) -> Any:
    """The result of one call."""
    return run(api, lambda bot: bot._post(method, params))


def refusal(api: BotApi, method: str, **params: Any) -> str:
    """What a call is refused with."""
    with pytest.raises(TelegramError) as caught:
        call(api, method, **params)
    return caught.value.message.lower()


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    """One entity."""
    return {"type": kind, "offset": offset, "length": length} | more


def sent(api: BotApi, chat: Chat, text: str = "hello", **params: Any) -> Message:
    """A message of the bot."""
    call(api, "sendMessage", chat_id=chat.id, text=text, **params)
    return api.sent(chat)[-1]

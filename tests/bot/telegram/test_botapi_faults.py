"""The strict Bot API server fails as it is told to, and serves a whole application."""

import asyncio
import http.server
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from botapi import faults
from botapi.calling import ADA, BOB, call, run, sent
from botapi.records import Chat, Person
from botapi.server import BotApi
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import Application, CallbackQueryHandler, MessageHandler, filters

FAULTS = {
    "retry-after": (faults.retry_after(3), RetryAfter, "3", 429, 0),
    "html": (faults.status(502), NetworkError, "Bad Gateway", 502, 0),
    "blocked": (faults.status(403), Forbidden, "blocked", 403, 0),
    "revoked": (faults.status(401), InvalidToken, "Unauthorized", 401, 0),
    "conflict": (faults.status(409), Conflict, "Conflict", 409, 0),
    "reset-before": (faults.reset_before(), NetworkError, "ReadError", 0, 0),
    "reset-after": (faults.reset_after(), NetworkError, "ReadError", 0, 1),
    "truncated": (faults.truncated(), NetworkError, "RemoteProtocolError", 0, 1),
    "garbled": (faults.garbled(), TelegramError, "Invalid server response", 200, 1),
}


@pytest.mark.parametrize(("kind", "error", "reason", "status", "acted"), FAULTS.values(), ids=FAULTS)
def test_faults(  # noqa: PLR0913, PLR0917 - one row of the table
    api: BotApi, chat: Chat, kind: faults.Fault, error: type[TelegramError], reason: str, status: int, acted: int
) -> None:
    """A call fails as the script says, having acted or not, and the next one passes."""
    api.fault("sendMessage", kind=kind)
    with pytest.raises(error, match=reason):
        call(api, "sendMessage", chat_id=chat.id, text="a")
    assert len(api.sent(chat)) == acted
    assert api.called("sendMessage", chat)[0].status == status
    assert sent(api, chat, "b").text == "b"


def test_when_faults_strike(api: BotApi, chat: Chat) -> None:
    """A fault is for a method, a chat, a number of calls, and may begin later; for ever lasts until it is stopped."""
    api.private(BOB)
    rule = api.fault("sendMessage", kind=faults.status(500), chat=chat, times=None, after=1)

    def works(chat_id: int) -> bool:
        try:
            return bool(call(api, "sendMessage", chat_id=chat_id, text="a"))
        except NetworkError:
            return False

    assert [works(BOB.id), works(ADA.id), works(ADA.id), works(BOB.id), works(ADA.id)] == [True, True, False, True, False]
    rule.stop()
    assert works(ADA.id)
    assert call(api, "sendChatAction", chat_id=chat.id, action="typing")


@pytest.mark.parametrize(("kind", "acted"), [(faults.delay_before, 0), (faults.delay_after, 1)], ids=["before", "after"])
def test_delays(api: BotApi, chat: Chat, kind: Callable[[float], faults.Fault], acted: int) -> None:
    """A call can be late in acting, or late only in answering; others pass meanwhile."""
    api.fault("sendMessage", kind=kind(0.05))
    assert call(api, "sendMessage", chat_id=chat.id, text="a")
    (late,) = api.called("sendMessage")
    assert late.ended is not None
    assert late.ended - late.time >= 0.05
    api.fault("sendMessage", kind=kind(60))

    async def work(bot: Bot) -> None:
        later = asyncio.create_task(bot.send_message(chat.id, "b"))
        await asyncio.to_thread(api.wait_for, lambda: len(api.called("sendMessage")) == 2 and len(api.sent(chat)) == 1 + acted)
        await bot.get_me()
        await asyncio.to_thread(api.down)
        with pytest.raises(NetworkError):
            await later

    run(api, work)
    assert len(api.sent(chat)) == 1 + acted


def test_closing_does_not_wait_for_those_who_wait(api: BotApi, chat: Chat) -> None:
    """Long polls and calls that hang are cut when the server goes down, and the same port answers when it is up again."""
    api.fault("sendMessage", kind=faults.hang())

    async def work(bot: Bot) -> float:
        waiting = [asyncio.create_task(bot.get_updates(timeout=50)), asyncio.create_task(bot.send_message(chat.id, "a"))]
        await asyncio.to_thread(api.wait_for, lambda: len(api.calls) == 3)
        begun = time.monotonic()
        await asyncio.to_thread(api.down)
        for error in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(error, NetworkError)
        taken = time.monotonic() - begun
        with pytest.raises(NetworkError, match="ConnectError"):
            await bot.get_me()
        api.up()
        await bot.send_message(chat.id, "b")
        return taken

    assert run(api, work) < 5
    assert [message.text for message in api.sent(chat)] == ["b"]


def test_a_given_port_and_token() -> None:
    """A second server can take the place of the first."""
    with BotApi(token="42:other") as first:  # noqa: S106 - it opens nothing
        assert call(first, "getMe")["id"] == 42
    with BotApi(token="42:other", port=first.port) as second:  # noqa: S106 - as above
        assert (second.url, call(second, "getMe")["username"]) == (first.url, "footnote_bot")


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes what is posted, after refusing the first."""

    statuses: list[int]
    taken: list[tuple[str | None, dict[str, Any], int]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.statuses.pop() if self.statuses else 200
        self.taken.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body, status))
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_webhook(api: BotApi, chat: Chat) -> None:
    """Updates are posted in order, each until it is taken, with the secret; polling is refused meanwhile."""
    handler = type("Fresh", (Hook,), {"statuses": [503], "taken": []})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as hook:
        threading.Thread(target=hook.serve_forever, args=(0.02,), daemon=True).start()
        api.say(chat, ADA, "a")
        call(api, "setWebhook", url=f"http://127.0.0.1:{hook.server_address[1]}/hook", secret_token="s3cret")  # noqa: S106 - a test's
        api.say(chat, ADA, "b")
        with pytest.raises(Conflict, match="webhook is active"):
            call(api, "getUpdates")
        api.wait_for(lambda: not api.pending)
        api.repeat(api.last_update)
        api.wait_for(lambda: len(handler.taken) == 4)
        assert call(api, "getWebhookInfo")["pending_update_count"] == 0
        assert call(api, "deleteWebhook")
        hook.shutdown()
    assert [(secret, body["message"]["text"], status) for secret, body, status in handler.taken] == [
        ("s3cret", "a", 503),
        ("s3cret", "a", 200),
        ("s3cret", "b", 200),
        ("s3cret", "b", 200),
    ]
    assert call(api, "getUpdates") == []


def test_a_whole_application(api: BotApi, chat: Chat) -> None:
    """The real Application polls, answers, edits on a press, and stops."""

    async def answer(update: Update, _: Any) -> None:
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("more", callback_data="more")]])
        await update.message.reply_text(update.message.text.upper(), reply_markup=keyboard)

    async def more(update: Update, _: Any) -> None:
        await update.callback_query.answer()
        await update.callback_query.edit_message_text("MORE")

    def people() -> None:
        api.say(chat, ADA, "hello")
        (message,) = api.wait_sent(chat, 1)
        query = api.press(chat, message, ADA, "more")
        api.wait_for(lambda: api.sent(chat)[0].text == "MORE" and query in api.callback_answers)

    async def whole() -> None:
        base = Application.builder().token(api.token).base_url(f"{api.url}/bot").base_file_url(f"{api.url}/file/bot")
        application = base.build()
        application.add_handlers([MessageHandler(filters.TEXT, answer), CallbackQueryHandler(more)])
        async with application:
            await application.start()
            await application.updater.start_polling(poll_interval=0, timeout=5)
            await asyncio.to_thread(people)
            await application.updater.stop()
            await application.stop()

    asyncio.run(whole())
    assert api.pending == []


def test_many_at_once(api: BotApi) -> None:
    """Calls from many connections lose nothing."""
    chats = [api.private(Person(100 + number)) for number in range(20)]

    async def work(bot: Bot) -> None:
        await asyncio.gather(*(bot.send_message(chat.id, str(turn)) for turn in range(5) for chat in chats))

    run(api, work)
    assert all(sorted(message.text for message in api.sent(chat)) == list("01234") for chat in chats)


def test_a_malformed_update_is_passed_on_as_it_is(api: BotApi) -> None:
    """What a test pushes comes as it is, so that the client stumbles as it would."""
    api.push({"message": {"message_id": "?"}})

    with pytest.raises((BadRequest, TypeError, KeyError)):
        run(api, lambda bot: bot.get_updates())
    assert api.wait_for(lambda: api.called("getUpdates")[0].status) == 200

"""Updates that Telegram sends by itself: taken from it alone, stored before the answer, each once."""

import asyncio
import http.client
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from botapi import faults
from botapi.process import Bot, answered, question
from botapi.quick_bot import SLOW
from botapi.records import Chat, Person
from botapi.server import BotApi

from bot.telegram.client import ALLOWED_UPDATES
from bot.telegram.settings import TelegramSettings
from bot.telegram.watchdog import Pulse
from bot.telegram.webhook import MOST_BYTES, SECRET_HEADER, listen

ADA = Person(7, "Ada", username="ada")
PATH = "/hook.(a+b)"  # it means itself


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def hooked(process: Callable[..., Bot], port: int) -> Callable[..., Bot]:
    """Make a process that is sent updates."""
    return lambda **settings: process(webhook=f"http://127.0.0.1:{port}{PATH}", listen=f"127.0.0.1:{port}", **settings)


def ready(api: BotApi, bot: Bot, *, times: int = 1) -> None:
    """Wait until the webhook is set."""
    bot.until(lambda: len(api.called("setWebhook")) >= times and api.called("setWebhook")[-1].status == 200)


def send(port: int, method: str, path: str, body: bytes = b"", secret: str | None = None) -> tuple[int, bytes]:
    """Make a request; status and body."""
    headers = {} if secret is None else {SECRET_HEADER: secret}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (ConnectionError, http.client.HTTPException):
            return 0, b""  # cut off


def stored(folder: Path) -> int:
    """How many updates are kept."""
    with closing(sqlite3.connect(folder / "conversations.sqlite3")) as connection:
        return int(connection.execute("select count(*) from telegram_incoming").fetchone()[0])


def test_updates_are_taken_from_telegram_alone(
    api: BotApi, chat: Chat, hooked: Callable[..., Bot], port: int, hashed: Path
) -> None:
    """Telegram is told the secret and what to send, and is answered; whoever does not know it is refused, and leaves no trace."""
    update = json.dumps({"update_id": 1, "message": {"text": "Why?"}}).encode()
    with hooked() as bot:
        ready(api, bot)
        (call,) = api.called("setWebhook")
        secret = call.params["secret_token"]
        api.say(chat, ADA, question(1))
        api.wait_for(lambda: answered(api, chat) == ["q1"])
        assert stored(hashed) == 1
        refused = [send(port, "POST", PATH, update, each)[0] for each in (None, "", "wrong", secret[:-1], secret + "x", "ü")]
        others = [send(port, *each)[0] for each in (("POST", "/"), ("POST", "/hook"), ("GET", "/"), ("GET", PATH))]

        assert refused == [403] * 6
        assert others == [404, 404, 404, 405]
        assert [400, 400, 400] == [send(port, "POST", PATH, body, secret)[0] for body in (b"", b"{", b"\xff\xfe")]
        assert [200, 200] == [send(port, "POST", PATH, body, secret)[0] for body in (b"[1]", b'{"update_id": "x"}')]
        assert send(port, "POST", PATH, b" " * (MOST_BYTES + 1), secret)[0] in {0, 400, 413}
        assert stored(hashed) == 1
        assert (200, True) == ((found := send(port, "GET", "/health"))[0], json.loads(found[1])["healthy"])
        assert bot.stop() == 0
        assert bot.sentences == []
        assert secret not in bot.out + bot.err

    assert list(ALLOWED_UPDATES) == call.params["allowed_updates"]
    assert len(secret) >= 32


def test_what_comes_twice_is_answered_once(api: BotApi, chat: Chat, hooked: Callable[..., Bot]) -> None:
    """An update that Telegram sends again, as it does when an answer was lost, is not answered again."""
    with hooked() as bot:
        ready(api, bot)
        first = api.say(chat, ADA, question(1))
        api.wait_sent(chat, 1)
        assert first.update_id
        api.repeat(first.update_id)
        api.wait_for(lambda: not api.world.repeats)
        api.say(chat, ADA, question(2))
        api.wait_for(lambda: answered(api, chat)[-1:] == ["q2"])

    assert answered(api, chat) == ["q1", "q2"]


def test_killed_and_started_again(api: BotApi, chat: Chat, hooked: Callable[..., Bot], process: Callable[..., Bot]) -> None:
    """After SIGKILL all that was taken is answered once; whoever goes back to polling later takes the webhook back."""
    with hooked() as bot:
        ready(api, bot)
        api.say(chat, ADA, question(1, SLOW))
        api.say(chat, ADA, question(2))
        api.wait_for(lambda: not api.pending)
        bot.kill()
        api.say(chat, ADA, question(3))
        bot.gate.touch()

    with hooked() as bot:
        ready(api, bot, times=2)
        api.wait_for(lambda: answered(api, chat) == ["q1", "q2", "q3"], 20)
        assert bot.stop() == 0
    first, second = api.called("setWebhook")
    assert first.params["secret_token"] != second.params["secret_token"]

    with process() as bot:
        bot.listening()
        api.say(chat, ADA, question(4))
        api.wait_for(lambda: answered(api, chat) == ["q1", "q2", "q3", "q4"])
    assert api.world.webhook is None


def test_port_in_use_is_one_sentence(hooked: Callable[..., Bot], port: int) -> None:
    """A port that another program has is named, and the bot ends."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with hooked() as bot:
            assert bot.ended() == 1

    (told,) = bot.sentences
    assert told.startswith(f"footnote: FOOTNOTE_TELEGRAM_LISTEN: 127.0.0.1:{port} cannot be listened at: Address already in use.")


def test_address_that_telegram_refuses_is_one_sentence(api: BotApi, hooked: Callable[..., Bot]) -> None:
    """An address to which Telegram will not send is told with Telegram's reason, not tried again for ever."""
    api.fault("setWebhook", kind=faults.status(400, "Bad Request: bad webhook: HTTPS url must be provided"), times=None)
    with hooked() as bot:
        assert bot.ended() == 1

    (told,) = bot.sentences
    assert "https url must be provided" in told
    assert "FOOTNOTE_TELEGRAM_WEBHOOK" in told


def test_revoked_token_ends_it(api: BotApi, hooked: Callable[..., Bot]) -> None:
    """A bot that is sent updates finds out by itself that its token is refused, or that nobody is there."""
    api.fault("getMe", kind=faults.status(401), times=None, after=2)
    with hooked(watchdog=2) as bot:
        assert bot.ended() == 1
        assert "TELEGRAM_BOT_TOKEN" in bot.sentences[0]
        assert len(bot.sentences) == 1


def test_health_tells_of_silence(tmp_path: Path, port: int) -> None:
    """/health is 200 while Telegram is heard and 503 well before the watchdog ends the process."""
    settings = TelegramSettings(webhook=f"https://bot.example.org{PATH}", listen=f"127.0.0.1:{port}", watchdog=20)
    pulse = Pulse(tmp_path)
    found: list[tuple[int, Any]] = []

    async def serve() -> None:
        server = listen(settings, intake=None, pulse=pulse, secret="s")  # type: ignore[arg-type]  # noqa: S106 - no update comes
        for heard in (0.0, 15.0):
            pulse._last = time.monotonic() - heard
            found.append(await asyncio.to_thread(send, port, "GET", "/health"))
        server.stop()
        await server.close_all_connections()

    runner = threading.Thread(target=lambda: asyncio.run(serve()))
    runner.start()
    runner.join(10)

    assert [(status, json.loads(body)["healthy"]) for status, body in found] == [(200, True), (503, False)]

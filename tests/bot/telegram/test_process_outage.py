"""A server that is down, fails or refuses: the bot goes on where it can, and ends with one sentence where it cannot."""

import itertools
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botapi import faults
from botapi.process import Bot, answered, question
from botapi.quick_bot import SLOW
from botapi.records import Chat, Person
from botapi.server import BotApi

ADA = Person(7, "Ada", username="ada")
UNREACHABLE = "Telegram could not be reached."
CONFLICT = "Another program is receiving this bot's messages with the same token (409)."
REFUSED = (
    "footnote: Telegram does not accept the token in TELEGRAM_BOT_TOKEN: it was revoked or mistyped. "
    "Get a new one from @BotFather, put it there, and start again."
)
BROKEN = {
    "502": faults.status(502),
    "500": faults.status(500),
    "429": faults.retry_after(1),
    "409": faults.status(409),
    "reset": faults.reset_after(),
    "truncated": faults.truncated(),
    "garbled": faults.garbled(),
    "not-a-list": faults.Fault("status", acts=False, body={"ok": True, "result": {"update_id": 1}}),
    "not-an-object": faults.Fault("status", acts=False, body="[1, 2]"),
    "numbers": faults.Fault("status", acts=False, body={"ok": True, "result": [1, None, "x", [], {}]}),
}
MALFORMED: list[dict[str, Any]] = [
    {},
    {"message": "words"},
    {"message": {"text": 7}},
    {"message": {"message_id": 1, "date": "yesterday", "chat": {"id": 7, "type": "private"}, "text": "Why?"}},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": "x"}, "from": [], "text": "Why?"}},
    {"message": {"message_id": 1, "date": 1, "chat": 7}},
    {"edited_message": None, "message": [1]},
    {"callback_query": {"id": 3, "data": ["x"]}},
    {"my_chat_member": {"chat": {"id": 7}}},
    {"stopped_message_generation": "now"},
    {"something_new": {"chat": {"id": 7}}},
]
numbers = itertools.count(100)


def ask(api: BotApi, chat: Chat) -> None:
    """Ask, and see that it is answered."""
    name = f"q{(number := next(numbers))}"
    api.say(chat, ADA, question(number))
    api.wait_for(lambda: answered(api, chat)[-1:] == [name], 20)


def test_server_down_at_start(api: BotApi, chat: Chat, process: Callable[..., Bot]) -> None:
    """A bot that cannot reach Telegram when it starts waits for it, says so in its log, and then answers."""
    api.down()
    with process() as bot:
        bot.until(lambda: UNREACHABLE in bot.err)
        assert "Listening" not in bot.out
        api.up()
        ask(api, chat)

        assert bot.stop() == 0
        assert bot.sentences == []


def test_server_goes_down_and_comes_back(api: BotApi, chat: Chat, process: Callable[..., Bot]) -> None:
    """What was asked before and during an outage is answered after it, once and in order."""
    with process() as bot:
        bot.listening()
        api.say(chat, ADA, question(1, SLOW))
        api.wait_for(lambda: api.actions)
        api.down()
        api.say(chat, ADA, question(2))
        bot.gate.touch()
        bot.until(lambda: UNREACHABLE in bot.err)
        api.up()
        api.wait_sent(chat, 2, 20)
        ask(api, chat)
        assert bot.stop() == 0

    assert answered(api, chat)[:2] == ["q1", "q2"]
    assert len(api.sent(chat)) == 3


def test_broken_answers_to_polls(api: BotApi, chat: Chat, process: Callable[..., Bot]) -> None:
    """Whatever the answer to one poll is, the next one brings what was asked, once."""
    with process(watchdog=6) as bot:
        bot.listening()
        for kind in BROKEN.values():
            rule = api.fault("getUpdates", kind=kind)
            ask(api, chat)
            bot.until(lambda rule=rule: rule.times == 0)
        ask(api, chat)
        assert bot.stop() == 0
        assert bot.sentences == []

    assert len(api.sent(chat)) == len(BROKEN) + 1
    assert bot.err.count(CONFLICT) == 1


def test_malformed_updates_stop_nothing(api: BotApi, chat: Chat, process: Callable[..., Bot]) -> None:
    """Updates that cannot be read are set aside; what comes with and after them is answered, also after a restart."""
    with process() as bot:
        bot.listening()
        for update in MALFORMED:
            api.push(update)
        ask(api, chat)
        assert api.pending == [] or api.pending[0]["update_id"] == api.last_update
        assert bot.stop() == 0

    with process() as bot:
        bot.listening()
        ask(api, chat)
        assert bot.stop() == 0
        assert "taken up again" not in bot.err

    assert len(api.sent(chat)) == 2


def test_unknown_token_ends_it(api: BotApi, process: Callable[..., Bot]) -> None:
    """A token that Telegram does not know is one sentence, which names where it stands but not what it is."""
    token = "999999:another-TEST-token-of-nobody"  # noqa: S105 - it opens nothing
    with process(TELEGRAM_BOT_TOKEN=token) as bot:
        assert bot.ended() == 1
        assert [REFUSED] == bot.sentences
        assert token not in bot.out + bot.err


@pytest.mark.parametrize("code", [401, 404])
@pytest.mark.parametrize("method", ["getMe", "getUpdates"])
def test_revoked_token_ends_it(api: BotApi, chat: Chat, process: Callable[..., Bot], method: str, code: int) -> None:
    """A token that is refused, at once or after a while, is one sentence and exit code 1; a start with a good one goes on."""
    rule = api.fault(method, kind=faults.status(code), times=None, after=0 if method == "getMe" else 1)
    with process() as bot:
        api.say(chat, ADA, question(1))
        assert bot.ended() == 1
        assert [REFUSED] == bot.sentences
        assert "Traceback" not in bot.err
    rule.stop()

    with process():
        api.wait_for(lambda: answered(api, chat) == ["q1"])


def test_another_program_for_a_while(api: BotApi, chat: Chat, process: Callable[..., Bot]) -> None:
    """A second program with the same token is warned of once, and when it is gone, the bot goes on."""
    gone = threading.Event()
    other = threading.Thread(target=poll_until, args=(api, gone))
    with process(watchdog=6) as bot:
        bot.listening()
        other.start()
        bot.until(lambda: CONFLICT in bot.err)
        gone.set()
        ask(api, chat)
        other.join()
        assert bot.stop() == 0
        assert UNREACHABLE not in bot.err


def test_another_program_for_ever(api: BotApi, process: Callable[..., Bot]) -> None:
    """Who cannot get at the messages because another program does says just that."""
    api.fault("getUpdates", kind=faults.status(409), times=None)
    with process(watchdog=2) as bot:
        assert bot.ended() == 1
        assert [f"footnote: {CONFLICT} Nothing was heard for 2 seconds, so the bot ends; start it again."] == bot.sentences


def poll_until(api: BotApi, gone: threading.Event) -> None:
    """Be another program with the same token, which confirms nothing."""
    while not gone.is_set():
        try:
            urllib.request.urlopen(f"{api.url}/bot{api.token}/getUpdates?timeout=1", timeout=5).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            error.close()
            time.sleep(0.05)

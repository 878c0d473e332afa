"""The watchdog and the health file: a bot that hears nothing any more ends, and others can see how it is."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from botapi import faults, quick_bot
from botapi.process import Bot
from botapi.server import BotApi
from filelock import FileLock

from bot.telegram.watchdog import FRESH_SECONDS, HEALTH, LOCK, Pulse, is_healthy, watch

ENDS = "footnote: Telegram could not be reached. Nothing was heard for 2 seconds, so the bot ends; start it again."


@pytest.mark.parametrize(("method", "after"), [("getMe", 0), ("getUpdates", 1)], ids=["at-start", "later"])
def test_silence_ends_it(api: BotApi, process: Callable[..., Bot], method: str, after: int) -> None:
    """A connection on which nothing comes any more ends the process with exit code 1 and one sentence."""
    api.fault(method, kind=faults.hang(), times=None, after=after)
    with process(watchdog=2) as bot:
        assert bot.ended() == 1
        assert [ENDS] == bot.sentences


def test_server_that_stays_away_ends_it(api: BotApi, process: Callable[..., Bot]) -> None:
    """A server that is not there for too long ends it in the same way."""
    api.down()
    with process(watchdog=2) as bot:
        assert bot.ended() == 1
        assert [ENDS] == bot.sentences
    api.up()


def test_blocked_loop_ends_it(process: Callable[..., Bot]) -> None:
    """It ends even if nothing else in it moves any more."""
    with process(watchdog=2) as bot:
        bot.listening()
        bot.send(quick_bot.BLOCKING)

        assert bot.ended() == 1
        assert [ENDS] == bot.sentences


def test_silence_in_chats_is_no_silence(api: BotApi, process: Callable[..., Bot]) -> None:
    """Where nobody writes, the polls that come back empty are enough to go on."""
    with process(watchdog=2) as bot:
        bot.listening()
        before, started = len(api.called("getUpdates")), time.monotonic()
        bot.until(lambda: len(api.called("getUpdates")) >= before + 3)

        assert time.monotonic() - started > 2, "The server was asked without a pause."
        assert bot.stop() == 0


def test_watch_is_called_off(tmp_path: Path) -> None:
    """A watch that is called off ends nothing; one that is not does, once."""
    ended: list[int] = []
    pulse = Pulse(tmp_path)
    watch(pulse, 0.2, end=ended.append).set()
    watch(pulse, 0.2, end=ended.append)
    until = time.monotonic() + 10
    while not ended and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.3)

    assert ended == [1]


def test_check_tells_how_it_is(process: Callable[..., Bot]) -> None:
    """`--check` ends with 0 while the bot is well and with 1 when it does not run; it starts nothing and says nothing."""
    codes = []
    with process() as bot:
        codes.append(code_of_check(process))
        bot.listening()
        codes.append(code_of_check(process))
        bot.stop()
        codes.append(code_of_check(process))

    assert codes == [1, 0, 1]


def code_of_check(process: Callable[..., Bot]) -> int:
    """What `footnote telegram --check` ends with; no token is needed for it."""
    with process(check=True, TELEGRAM_BOT_TOKEN=None) as check:
        code = check.ended()
        assert (check.out, check.err) == ("", "")
    return code


def test_health_file_grows_old(tmp_path: Path) -> None:
    """A health file is good as long as it is fresh and can be read, and the bot that wrote it is there."""
    Pulse(tmp_path).beat()
    heard = json.loads((tmp_path / HEALTH).read_text())["heard"]

    with FileLock(tmp_path / LOCK):
        assert is_healthy(tmp_path)
        assert not is_healthy(tmp_path, now=lambda: heard + FRESH_SECONDS + 1)
    assert not is_healthy(tmp_path)
    with FileLock(tmp_path / LOCK):
        for text in ("", "{", "[]", "{}", '{"heard": null}', '{"heard": "x"}', "\ud7ff"):
            (tmp_path / HEALTH).write_text(text)
            assert not is_healthy(tmp_path)

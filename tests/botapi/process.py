"""The bot as a process of its own against the strict server: the real command, or the quick one that needs no model."""

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from multiprocessing import forkserver
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from botapi import quick_bot
from botapi.records import Chat
from botapi.server import BotApi

from bot.telegram import texts

TESTS = Path(__file__).parents[1]
SECONDS = 30.0  # to start or to end, on a busy machine
PAUSE = 0.01
SECRET = "TEST-token"  # noqa: S105 - the part of the token that must not be seen
_FORKS: Any = multiprocessing.get_context("forkserver")  # a process that has imported all: each copy of it starts in no time
_FORKS.set_forkserver_preload(["botapi.quick_bot", "pytest"])
_numbers = count(1)
PATIENCE = re.compile(re.escape(texts.ONE_MOMENT).replace(r"\{number\}", r"\d+"))
_ECHO = re.compile(r"You asked: (q\d+)\b")


class Bot:
    """One process, from `with` to the end of the block, which kills it if it still runs; nothing that it writes holds the token.

    `settings` are those of the bot in small letters, or whole names of the environment in capitals; None takes a name out.
    """

    def __init__(self, server: BotApi, data: Path, *, real: bool = False, check: bool = False, **settings: object) -> None:
        self._api, self._real = server, real
        self._arguments = ["telegram", "--data", str(data), *(["--check"] if check else [])]
        self.home = data.parent / "home"
        self.home.mkdir(exist_ok=True)
        self.gate = self.home / "gate"
        values = {"TELEGRAM_BOT_TOKEN": server.token, "api": server.url, "access": "open", "rate": 10_000, **settings}
        names = {name if name.isupper() else f"FOOTNOTE_TELEGRAM_{name.upper()}": value for name, value in values.items()}
        surroundings = {"PATH": os.environ["PATH"], "HOME": self.home, "LANG": "C.UTF-8", quick_bot.GATE: self.gate, **names}
        self._environment = {name: str(value) for name, value in surroundings.items() if value is not None}
        number = next(_numbers)
        self._out, self._err = self.home / f"out-{number}", self.home / f"err-{number}"

    def __enter__(self) -> Self:
        """Start it."""
        self._before = len(self._api.called("getUpdates"))
        self._process = self._real_command() if self._real else self._quick_command()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Kill it if need be."""
        self.kill()
        assert error or SECRET not in self.out + self.err

    @property
    def out(self) -> str:
        """What it has written to the standard output."""
        return self._out.read_text() if self._out.exists() else ""

    @property
    def err(self) -> str:
        """What it has written to the error stream."""
        return self._err.read_text() if self._err.exists() else ""

    @property
    def sentences(self) -> list[str]:
        """What it has said to a person on the error stream, among the lines of the log."""
        return [line for line in self.err.splitlines() if not line.startswith("{")]

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        found: int | None = self._process.poll() if self._real else self._process.exitcode
        return found

    def listening(self) -> Self:
        """Wait until it asks for updates."""
        return self.until(lambda: len(self._api.called("getUpdates")) > self._before)

    def until(self, predicate: Callable[[], object], seconds: float = SECONDS) -> Self:
        """Wait until something is true; fails when the process ends before."""
        self._api.wait_for(lambda: predicate() or self.code is not None, seconds)
        assert self.code is None, self.err
        return self

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self._process.pid, number)

    def ended(self, seconds: float = SECONDS) -> int:
        """Its exit code, as soon as it has ended."""
        until = time.monotonic() + seconds
        while (code := self.code) is None:
            assert time.monotonic() < until, f"It still runs after {seconds} s: {self.err}"
            time.sleep(PAUSE)
        return code

    def stop(self, number: int = signal.SIGTERM, seconds: float = SECONDS) -> int:
        """Ask it to stop; its exit code."""
        self.send(number)
        return self.ended(seconds)

    def kill(self) -> None:
        """End it as a power cut does."""
        if self.code is None:
            self.stop(signal.SIGKILL)

    def _real_command(self) -> Any:
        command = [str(Path(sys.executable).parent / "footnote"), *self._arguments]
        with self._out.open("w") as out, self._err.open("w") as err:
            return subprocess.Popen(
                command, env=self._environment, cwd=self.home, stdin=subprocess.DEVNULL, stdout=out, stderr=err
            )

    def _quick_command(self) -> Any:
        _begin_forks()
        arguments = (self._arguments, self._environment, str(self.home), str(self._out), str(self._err))
        process = _FORKS.Process(target=quick_bot.run, args=arguments)
        process.start()
        return process


def question(number: int, words: str = "How many otters did the census find?") -> str:
    """A question that is known again in the quick bot's answer."""
    return f"q{number} {words}"


def answered(api: BotApi, chat: Chat) -> list[str]:
    """For each message of the quick bot in a chat the question that it answers, as "q7"; other messages as they are."""
    return [found[1] if (found := _ECHO.search(each.text)) else each.text for each in api.sent(chat)]


def answers(api: BotApi, chat: Chat) -> list[str]:
    """The same without the messages that ask for patience, which a busy machine makes the bot send besides."""
    return [each for each in answered(api, chat) if not PATIENCE.match(each)]


def _begin_forks() -> None:
    """Start the process that is copied, unless it runs; it finds the tests' modules by its environment alone."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(TESTS)
    try:
        forkserver.ensure_running()
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before

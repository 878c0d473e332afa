"""The thread of all calls: it takes work from any thread, calls it off, and does not keep a program or spoil its end."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from chatapi.replies import endless, hang
from chatapi.server import ChatServer

from retrieval.chat.background import Background, background

PROGRAM = """
import sys
from retrieval.chat.budget import Allowance
from retrieval.chat.opening import open_chat_model
from retrieval.settings import Settings
from langchain_core.messages import HumanMessage

model = open_chat_model(Settings(chat_model="openai:scripted", data_dir="data"))
pieces = model.stream([HumanMessage("?")], allowance=Allowance(5000), most=4000, seconds=60, stopped=lambda: False)
print(next(pieces), flush=True)
if sys.argv[1] == "leaves":
    sys.exit(0)
for _ in pieces:
    pass
"""


def test_work_that_is_called_off_ends() -> None:
    """It is over soon after it was called off, even if that was before it had begun, and twice does no harm."""
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(name)

    early, late = background().start(work("early")), background().start(work("late"))
    early.cancel()
    assert early.wait(5)
    assert not late.wait(0.05)
    late.cancel()
    late.cancel()
    assert late.wait(5)
    assert "late" in ended


def test_there_is_one() -> None:
    """All share one thread, which does not keep the program."""
    found: list[Background] = []
    threads = [threading.Thread(target=lambda: found.append(background())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {background()} == set(found)
    assert [True] == [thread.daemon for thread in threading.enumerate() if thread.name == "footnote-chat"]


def test_closing_calls_everything_off() -> None:
    """At its end nothing is under way and its loop is closed."""
    own, ended = Background(), threading.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    running = own.start(work())
    assert not running.wait(0.05)
    own.close()
    own.close()
    running.cancel()

    assert ended.is_set()
    assert running.ended
    assert own.loop.is_closed()


def test_a_program_ends_in_the_middle_of_a_call(tmp_path: Path) -> None:
    """A program that leaves while a model writes ends at once, without a word, and the connection is closed."""
    with ChatServer() as server:
        server.script(endless(pause=0.01))
        started = time.monotonic()
        done = run(server, tmp_path, "leaves").communicate(timeout=60)

        assert ("and \n", "") == done
        assert time.monotonic() - started < 30
        server.wait_for(lambda: server.requests[0].gone)


def test_ctrl_c_in_the_middle_of_a_call(tmp_path: Path) -> None:
    """Ctrl-C while a model is silent ends the wait at once, and the connection is closed."""
    with ChatServer() as server:
        server.script(hang(after="Otters"))
        process = run(server, tmp_path, "waits")
        assert process.stdout is not None
        assert process.stdout.readline() == "Otters\n"
        process.send_signal(2)
        _, complaints = process.communicate(timeout=10)

        assert "KeyboardInterrupt" in complaints.splitlines()[-1]
        server.wait_for(lambda: server.requests[0].gone)


def run(server: ChatServer, folder: Path, how: str) -> "subprocess.Popen[str]":
    """The program in a process of its own, in which every warning is an error."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM, how]
    environment = {**os.environ, "OPENAI_BASE_URL": server.url}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )

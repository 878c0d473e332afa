"""The program in unkind surroundings: streams that are narrow or closed, variables that ask for tracing."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

# `python -m bot`, which says at its end what it has loaded of a provider or of what would load one.
OF_A_MODEL = {"langchain.chat_models", "langchain_openai", "langchain_ollama", "openai", "ollama", "retrieval.chat.opening"}
ASKING = f"""
import sys
from bot.cli import main_chat
try:
    main_chat()
finally:
    print("loaded:", sorted({OF_A_MODEL} & set(sys.modules)))
"""


def test_narrow_encoding_and_closed_pipe_do_no_harm(own_folder: Path) -> None:
    """An output that lacks letters shows others in their place, and one that is closed early ends the program silently."""
    assert own_folder.exists()
    listing = f"{sys.executable} -c 'from bot.cli import main; main()' articles"
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252:strict", "PYTHONUTF8": "0"}

    both = ["sh", "-c", f"{listing} --json | head -c 20; {listing}"]
    done = subprocess.run(both, capture_output=True, env=environment, check=False)

    assert (0, b"") == (done.returncode, done.stderr)
    assert b"10 articles" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "closed", "code"),
    [
        ("--help", "<&-", 0),
        ("--help", "<&- >&- 2>&-", 0),
        ("articles --json", ">&-", 0),
        ("ask", "<&-", 2),
        ("chat", "<&- >&-", 0),
    ],
)
def test_closed_streams_are_no_error(own_folder: Path, arguments: str, closed: str, code: int) -> None:
    """Whichever stream the caller has closed, a command does what it can and shows no traceback."""
    assert own_folder.exists()
    command = f"{sys.executable} -m bot {arguments} {closed}"

    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)

    assert code == done.returncode, done.stderr
    assert "Traceback" not in done.stderr


def test_questions_are_sent_to_no_one(own_folder: Path) -> None:
    """Without a chat model nothing of one is imported for an answer, and nothing connects, even if LangChain is told to trace."""
    assert own_folder.exists()
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        tracing = {"LANGSMITH_ENDPOINT": endpoint, "LANGCHAIN_ENDPOINT": endpoint, "LANGSMITH_API_KEY": "key"}
        asking = dict.fromkeys(("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING"), "true")
        environment = {**os.environ, **tracing, **asking}
        command = [sys.executable, "-c", ASKING, "ask", "How many otters did the census find?"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
        server.setblocking(False)  # noqa: FBT003 - its only form

        with pytest.raises(BlockingIOError):
            server.accept()

    assert (0, "") == (done.returncode, done.stderr)
    assert "27 animals" in done.stdout
    assert done.stdout.endswith("\nloaded: []\n")

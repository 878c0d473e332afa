"""What `footnote status` says of the chat model and of the tokens of the day."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from chatapi.replies import text
from chatapi.server import ChatServer
from otters import MODEL, QUESTION
from typer.testing import Result

Run = Callable[..., Result]


def test_status_of_a_model_that_answers(run: Run, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """`status` says how long the smallest call took, and what today has cost of what it may."""
    monkeypatch.setenv("FOOTNOTE_CHAT_DAY_TOKENS", "50000")
    server.model = lambda _: text("OK", usage=(12, 1))

    done, record = run("status"), json.loads(run("status", "--json").stdout)

    assert done.exit_code == 0
    assert re.search(rf"^Chat model {MODEL}, answers \(\d\.\d s\)\nTokens     13 today of 50000$", done.stdout, re.MULTILINE)
    assert ["name", "answers", "seconds", "reason", "tokens_today", "day_tokens"] == list(record["chat_model"])
    assert (MODEL, True, None, 26) == tuple(record["chat_model"][name] for name in ("name", "answers", "reason", "tokens_today"))
    assert record["agree"]


def test_status_of_a_day_that_is_used_up(run: Run, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the day's tokens are used up, `status` says so and does not ask, which is nothing wrong; exit code 0."""
    monkeypatch.setenv("FOOTNOTE_CHAT_DAY_TOKENS", "10")

    done, record = run("status"), json.loads(run("status", "--json").stdout)["chat_model"]

    assert done.exit_code == 0
    state = "the tokens of FOOTNOTE_CHAT_DAY_TOKENS for today are used up; not asked"
    assert f"\nChat model {MODEL}, {state}\nTokens     0 today of 10\n" in done.stdout
    assert (None, None, 0) == (record["answers"], record["seconds"], record["tokens_today"])
    assert "used up" in record["reason"]
    assert not server.requests


@pytest.mark.parametrize(("limit", "code"), [("0", 0), ("5000", 1)])
def test_status_with_a_damaged_count(  # noqa: PLR0913, PLR0917 - pytest gives them by name
    run: Run, server: ChatServer, quick_library: Path, monkeypatch: pytest.MonkeyPatch, limit: str, code: int
) -> None:
    """A count that cannot be used is told; only where it has to keep a limit the model is not asked, and that is wrong."""
    (quick_library / "usage.sqlite3").write_bytes(b"no database " * 1000)
    monkeypatch.setenv("FOOTNOTE_CHAT_DAY_TOKENS", limit)
    server.model = lambda _: "OK"

    done, record = run("status"), json.loads(run("status", "--json").stdout)["chat_model"]

    assert code == done.exit_code
    assert "\nTokens     cannot be counted today" in done.stdout
    assert (not code, None) == (record["answers"], record["tokens_today"])
    assert ("does not answer: The count of tokens cannot be used" in done.stdout) is bool(code)
    assert bool(server.requests) is not bool(code)


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "OLLAMA_HOST"])
@pytest.mark.usefixtures("server")
def test_status_tells_no_secret(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """An address that cannot be used is told of by its name, without the password in it."""
    monkeypatch.setenv(name, "ftp://user:hunter2@box")

    shown = "".join(done.stdout + done.stderr for done in (run("status"), run("status", "--json"), run("ask", QUESTION)))

    assert 3 == shown.count(f"The setting {name} has a value that cannot be used")
    assert "hunter2" not in shown


@pytest.mark.usefixtures("own_folder")
def test_status_without_a_model(run: Run) -> None:
    """Without a chat model `status` says that there is none, and nothing of tokens."""
    assert "\nChat model none\nFolder " in run("status").stdout
    assert json.loads(run("status", "--json").stdout)["chat_model"] is None

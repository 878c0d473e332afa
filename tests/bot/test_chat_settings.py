"""The command line with a chat model: its settings, its costs, whether it answers, and how it is called off."""

import io
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from chatapi.replies import MANY, hang, text
from chatapi.server import ChatServer
from otters import FOUND, MODEL, QUESTION, good, half, last_line
from typer.testing import Result

from bot.cli import main
from retrieval import REFUSAL

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("OPENAI_API_KEY", "sk-wrong", f"{MODEL} does not accept the key, so these .*; see OPENAI_API_KEY and OPENAI_BASE_URL."),
        ("FOOTNOTE_CHAT_MODEL", "openai:toast", "openai:toast is not known to its provider, so .*; see FOOTNOTE_CHAT_MODEL.*"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1", f"{MODEL} cannot be reached, so .*; see OPENAI_BASE_URL.*"),
    ],
    ids=["key", "model", "address"],
)
def test_wrong_setting(  # noqa: PLR0913, PLR0917 - pytest gives them by name
    run: Run, server: ChatServer, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    """A wrong key, model or address is told below the articles' own answer, and by `status` with exit code 1."""
    monkeypatch.setenv(name, value)

    asked, status = run("ask", QUESTION), run("status")

    assert (0, 1) == (asked.exit_code, status.exit_code)
    assert re.fullmatch(told, last_line(asked))
    assert re.search(f"^Chat model .*, does not answer: {told.partition(', so')[0]}; see .*{name}", status.stdout, re.MULTILINE)


def test_silence(run: Run, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is silent for longer than FOOTNOTE_CHAT_TIMEOUT is left, once."""
    monkeypatch.setenv("FOOTNOTE_CHAT_TIMEOUT", "1")
    server.script(hang())

    done = run("ask", QUESTION)

    assert last_line(done).startswith(f"{MODEL} was silent for too long, so these ")
    assert last_line(done).endswith("; see FOOTNOTE_CHAT_TIMEOUT.")
    assert server.disconnected.wait(5)


@pytest.mark.parametrize(
    ("setting", "value", "more", "told"),
    [
        ("FOOTNOTE_CHAT_DAY_TOKENS", "10", 0, f"The tokens that {MODEL} may cost today are used up"),
        ("FOOTNOTE_CHAT_ANSWER_TOKENS", "1000", 60, f"The tokens that one answer of {MODEL} may cost are used up"),
    ],
    ids=["day", "answer"],
)
def test_budget(  # noqa: PLR0913, PLR0917 - pytest gives them by name
    run: Run, server: ChatServer, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, more: int, told: str
) -> None:
    """Without tokens left nothing is sent, and the line names the setting."""
    monkeypatch.setenv(setting, value)

    done = run("ask", QUESTION + " Tell it with all particulars." * more)

    assert re.fullmatch(f"{told}, .*; see {setting}[.]", last_line(done))
    assert not server.requests


@pytest.mark.parametrize(
    "command", [("ask", QUESTION), ("ask", QUESTION, "--json"), ("chat",), ("eval", "q.jsonl", "--out", "r.jsonl")]
)
@pytest.mark.parametrize("missing", ["extra", "key", "form"])
@pytest.mark.usefixtures("own_folder")
def test_what_is_missing_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...], missing: str
) -> None:
    """A missing extra or key, or a name that is none, is told before anything is loaded, with what to do; exit code 1."""
    monkeypatch.setattr("bot.wiring.open_retriever", lambda _: pytest.fail("The library was opened."))
    (tmp_path / "q.jsonl").write_text('{"id": 1, "question": "Why?"}')
    sentence = without(missing, monkeypatch)

    done = run(*command, text=f"{QUESTION}\n")

    assert (1, "", 1) == (done.exit_code, done.stdout, done.stderr.count("\n"))
    assert sentence in done.stderr


@pytest.mark.parametrize("missing", ["extra", "key", "form"])
@pytest.mark.usefixtures("own_folder")
def test_status_tells_what_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """`status` still shows the library, and has the sentence in the line of the model; exit code 1."""
    sentence = without(missing, monkeypatch)

    done, record = run("status"), json.loads(run("status", "--json").stdout)["chat_model"]

    assert (1, "") == (done.exit_code, done.stderr)
    assert "Articles   10\n" in done.stdout
    assert re.search(f"^Chat model .*, does not answer: {re.escape(sentence)}", done.stdout, re.MULTILINE)
    assert (False, None) == (record["answers"], record["seconds"])
    assert record["reason"].startswith(sentence)


def without(missing: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Configure a model that lacks something; the sentence that says so."""
    monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", "test" if missing == "form" else MODEL)
    if missing == "extra":
        monkeypatch.setitem(cast("dict[str, object]", sys.modules), "langchain_openai", None)
        return f"FOOTNOTE_CHAT_MODEL={MODEL} needs a package that is not installed. Run: pip install 'footnote[openai]'"
    if missing == "key":
        return f"OPENAI_API_KEY is not set, which FOOTNOTE_CHAT_MODEL={MODEL} needs."
    return "The setting FOOTNOTE_CHAT_MODEL has the value 'test', which cannot be used: a provider and a model"


def test_eval_counts(run: Run, server: ChatServer, tmp_path: Path) -> None:
    """`eval` says how many answers the model wrote, refused or left to the articles, and the tokens; in text and JSON."""
    replies = [text("QUOTE 1: nothing of the kind\nSENTENCE: Nothing.", usage=(100, 10)), text(REFUSAL, usage=(100, 10))]
    server.model = lambda messages: text(good(messages), usage=(100, 10))
    asked = "\n".join(json.dumps({"id": number, "question": QUESTION}) for number in range(3))
    (tmp_path / "q.jsonl").write_text(asked)

    server.script(*replies)
    shown = run("eval", "q.jsonl", "--out", "r.jsonl").stdout
    server.script(*replies)
    summary = json.loads(run("eval", "q.jsonl", "--out", "r.jsonl", "--json").stdout)

    assert f"\n{MODEL}: wrote 1, refused 1, fell back 1 (unsupported 1), 300 tokens read and 30 written\n" in shown
    chat = {"name": MODEL, "written": 1, "broken_off": 0, "refused": 1, "fell_back": {"unsupported": 1}}
    assert {**chat, "usage": {"input_tokens": 300, "output_tokens": 30}} == summary["chat"]
    results = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert [False, False, True] == [result["written"] for result in results]


def test_interrupt(server: ChatServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends an answer that is under way: what was shown stays, the server sees the client leave; exit code 1."""
    server.model, shown = half(lambda words: hang(MANY, after=words)), [""]
    monkeypatch.setattr(sys, "argv", ["footnote", "ask", QUESTION])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))

    def press() -> None:
        while FOUND not in shown[0]:
            shown[0] += capsys.readouterr().out
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    person = threading.Thread(target=press)
    person.start()
    with pytest.raises(SystemExit) as ended:
        main()
    person.join()
    assert server.disconnected.wait(5)
    out, told = capsys.readouterr()

    assert (1, f"{FOUND}[1]\n", "footnote: Interrupted.\n") == (ended.value.code, shown[0] + out, told)

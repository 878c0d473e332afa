"""The command line with a chat model: what people see of its answers, and of those that it does not give."""

import json
import re
import time
from collections.abc import Callable

import pytest
from chatapi import models
from chatapi.ollama import OllamaServer
from chatapi.prompt import is_rewrite
from chatapi.replies import Reply, cut, empty, endless, error, garbage, hang, refusal, text
from chatapi.server import ChatServer
from otters import FOUND, LADDER, MODEL, OPENED, OTTERS, QUESTION, WRITTEN, good, half, last_line, unit
from typer.testing import Result

from retrieval import REFUSAL
from retrieval.answer.generative import ATTEMPTS

Run = Callable[..., Result]
FOLLOW_UP = "Who counted them?"


def test_answer_in_the_words_of_the_model(run: Run, server: ChatServer) -> None:
    """The sentences are the model's, the quotes the article's, and the last line says so; one call is made."""
    done = run("ask", QUESTION)

    paragraph, _, notes = done.stdout.partition("\n\n")
    assert (0, "") == (done.exit_code, done.stderr)
    assert f"{FOUND}[1] {OPENED}[2]" == paragraph
    assert f"[1] “{OTTERS}”" in notes
    assert f"[2] “{LADDER}”" in notes
    assert WRITTEN == last_line(done)
    assert [200] == [request.status for request in server.requests]


def test_json_says_who_wrote_it(run: Run, server: ChatServer) -> None:
    """`--json` has the model, that it wrote the answer, and its tokens."""
    server.script(empty(), empty())
    fallen = json.loads(run("ask", QUESTION, "--json").stdout)
    answer = json.loads(run("ask", QUESTION, "--json").stdout)

    assert (MODEL, False, "empty") == (fallen["model"], fallen["written"], fallen["shortfall"])
    assert (MODEL, True, None) == (answer["model"], answer["written"], answer["shortfall"])
    assert answer["usage"]["input_tokens"] > 100
    assert answer["usage"]["output_tokens"] > 10
    assert [FOUND, OPENED] == [sentence["text"] for sentence in answer["sentences"]]


FALLBACKS: dict[str, tuple[Reply | str, str]] = {
    "busy": (error(429, retry_after=0), f"{MODEL} has too much to do, or .*; see OPENAI_API_KEY and FOOTNOTE_CHAT_MODEL"),
    "long-rest": (error(429, retry_after=3600), f"{MODEL} has too much to do, or .*"),
    "failing": (error(500, retry_after=0), f"{MODEL} has failed.*; see FOOTNOTE_CHAT_MODEL and OPENAI_BASE_URL"),
    "overloaded": (error(503, retry_after=0), f"{MODEL} has failed.*"),
    "too-long": (
        error(code="context_length_exceeded"),
        f"The passages are too long for {MODEL}.*; see FOOTNOTE_CHAT_ANSWER_TOKENS.*",
    ),
    "filtered": (error(code="content_filter"), f"{MODEL} declined to answer.*"),
    "declined": (empty("content_filter"), f"{MODEL} declined to answer.*"),
    "refusal": (refusal(), f"{MODEL} (?:declined to answer|said nothing).*"),  # the client loses what the provider sends apart
    "empty": (empty(), f"{MODEL} said nothing.*"),
    "prose": ("There were 27 otters.", f"{MODEL} did not keep to the form of an answer.*"),
    "rubbish": (garbage(), f".*{MODEL}.*"),
    "cut": (cut("QUOTE 1: signs"), f"The answer of {MODEL} was cut off.*"),
    "reset": (cut("", "reset"), f"{MODEL} cannot be reached.*; see OPENAI_BASE_URL and FOOTNOTE_CHAT_MODEL"),
    "endless": (endless(pause=0), f"The answer of {MODEL} was cut off.*"),
    "invented": (f"QUOTE 1: {LADDER} and closed\nSENTENCE: {OPENED}", f"Nothing that {MODEL} said stands in the passages.*"),
}


@pytest.mark.parametrize("name", FALLBACKS)
def test_fallback(run: Run, server: ChatServer, name: str) -> None:
    """Whatever goes wrong, the articles' own sentences are shown, with one line that says why and where to look; exit code 0."""
    reply, told = FALLBACKS[name]
    server.model = lambda _: reply

    done = run("ask", QUESTION)

    assert (0, "") == (done.exit_code, done.stderr)
    assert "27 animals" in done.stdout.partition("\n\n")[0]
    assert "\n[1] “" in done.stdout
    assert re.fullmatch(f"{told}", last_line(done).removesuffix("."))
    assert ", so these are the articles' own sentences; see " in last_line(done)
    assert 1 <= len(server.requests) <= ATTEMPTS


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (cut, f"the answer of {MODEL} was cut off".capitalize()),
        (lambda words: hang(after=words), f"{MODEL} was silent for too long"),
        (lambda words: text(words, finish="length"), ""),
    ],
    ids=["cut", "silent", "length"],
)
def test_broken_off(
    run: Run, server: ChatServer, monkeypatch: pytest.MonkeyPatch, ending: Callable[[str], Reply], told: str
) -> None:
    """What was shown before the model broke off stands, with its footnote, and the last line says that it breaks off."""
    monkeypatch.setenv("FOOTNOTE_CHAT_TIMEOUT", "1")
    server.model = half(ending)

    done = run("ask", QUESTION)

    assert done.stdout.startswith(f"{FOUND}[1]\n\n[1] “")
    assert "[2]" not in done.stdout
    assert last_line(done).startswith(f"{WRITTEN} It breaks off here: ")
    assert told.lower() in last_line(done).lower()


def test_the_model_refuses(run: Run, server: ChatServer) -> None:
    """What the model says the passages do not answer is refused, and the line says who said so."""
    server.script(REFUSAL)

    done = run("ask", QUESTION)

    assert done.stdout.startswith(f"{REFUSAL}\n\nThe closest passages:\n")
    assert f"{MODEL} says that the passages do not answer it." == last_line(done)


@pytest.mark.parametrize("value", ["drop", "mark"])
def test_unsupported(run: Run, server: ChatServer, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A sentence with an invented number is dropped, or marked; it never has a number, and --explain says why."""
    monkeypatch.setenv("FOOTNOTE_UNSUPPORTED", value)
    invented = "The census found 4711 otters."
    server.model = lambda messages: unit(messages, OTTERS, FOUND) + unit(messages, OTTERS, invented)

    done = run("ask", QUESTION, "--explain")

    shown = f"{FOUND}[1] {invented} [not in the articles]\n\n" if value == "mark" else f"{FOUND}[1]\n\n"
    assert done.stdout.startswith(shown)
    assert f"\nNot supported: “{invented}”: " in done.stdout


def test_explained(run: Run, server: ChatServer) -> None:
    """`--explain` names the passages that were found, the model and its tokens, the confidence and the time."""
    explained = run("ask", QUESTION, "--explain").stdout.partition(f"{WRITTEN}\n\n")[2]

    assert explained.startswith(f"Searched for: {QUESTION}\nPassages:\n1. ")
    assert re.search(
        rf"\nChat model: {MODEL}, \d+ tokens read and \d+ written\nConfidence: 0\.\d\d\nSeconds: \d+\.\d\d\n", explained
    )


def test_follow_up(run: Run, server: ChatServer) -> None:
    """A follow-up is rewritten by the model, /why shows what was searched for, and nothing controls the terminal."""
    rewritten = "Who counted the otters on the river Lenn?"
    server.model = lambda messages: f"\x1b[31m{rewritten}\n" if is_rewrite(messages) else good(messages)

    done = run("chat", text=f"{QUESTION}\n{FOLLOW_UP}\n/why\n")

    assert done.exit_code == 0
    assert f"\nSearched for: [31m{rewritten}\n" in done.stdout
    assert "\x1b" not in done.stdout
    assert "Read as a follow-up to" not in done.stdout
    assert 2 == done.stdout.count(WRITTEN)
    assert [False, True, False] == [is_rewrite(request.messages) for request in server.requests]


def test_rewriting_fails(run: Run, server: ChatServer) -> None:
    """A rewriting call that fails is made up for without the model."""
    server.model = lambda messages: error(500) if is_rewrite(messages) else good(messages)

    done = run("chat", text=f"{QUESTION}\n{FOLLOW_UP}\n/why\n")

    assert "Read as a follow-up to: " in done.stdout
    assert "\nCarried over: " in done.stdout


def test_sentences_appear_one_by_one(run: Run, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence is shown while the model still writes the next one."""
    shown: list[tuple[float, str]] = []
    server.model = lambda messages: text(good(messages), pause=0.02)
    from bot.terminal import Paragraph

    add = Paragraph.add
    monkeypatch.setattr(Paragraph, "add", lambda self, one: (shown.append((time.monotonic(), one.text)), add(self, one)))

    run("ask", QUESTION)

    sent = [at for at, _ in server.requests[0].sent]
    assert [FOUND, OPENED] == [words for _, words in shown]
    assert shown[0][0] < sent[-5]


@pytest.mark.usefixtures("quick_library")
def test_ollama(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of Ollama's answers and refuses by the same command, without a key, and `status` knows whether it is there."""
    with OllamaServer(models.honest, models=("little:latest",)) as ollama:
        monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", "ollama:little")
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{ollama.port}")
        answered = run("ask", QUESTION)
        assert run("status").exit_code == 0
        monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", "ollama:big")
        status = run("status")

    assert answered.stdout.startswith("According to the passages, ")
    assert "[1] “" in answered.stdout
    assert "In the words of ollama:little, checked against the quotes." == last_line(answered)
    assert status.exit_code == 1
    assert "does not answer: ollama:big is not known to its provider; see FOOTNOTE_CHAT_MODEL and OLLAMA_HOST." in status.stdout

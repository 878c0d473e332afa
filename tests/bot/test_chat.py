"""`footnote chat` from a pipe and at a real terminal, and the conversation behind it."""

import stat
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from chatapi.replies import MANY, hang
from chatapi.server import ChatServer
from otters import FOUND, QUESTION, WRITTEN, good, half
from terminals import Terminal
from typer.testing import Result

import bot
from bot.assistant import REMEMBERED, Assistant, Recent
from bot.session import SHOWN, Session
from bot.waiting import Background
from retrieval import Answer, AnswerChain, AnswerSentence, ArticleRecord, LibraryError, Turn
from retrieval.chain import Question

Run = Callable[..., Result]


class Chain:
    """Echoes the question; keeps the histories it was given and stands for a library of 30 articles."""

    chat_model = None

    def __init__(self) -> None:
        self.histories: deque[list[Turn]] = deque()
        self.retriever = self.library = self

    def stream(self, question: Question, /, **_: object) -> Iterator[AnswerSentence | Answer]:
        """Answer with the question."""
        self.histories.append(list(question["history"]))
        if question["question"] == "fail":
            message = "It did not work."
            raise LibraryError(message)
        sentence = AnswerSentence(f"Re: {question['question']}", ())
        yield sentence
        yield Answer(question["question"], question["question"], (), (sentence,), (), confidence=1, seconds=0)

    def articles(self) -> list[ArticleRecord]:
        """Thirty articles."""
        return [ArticleRecord(f"/{number}", f"Article {number}", "", "", "", "", "", "", 1, 1) for number in range(30)]


def test_face() -> None:
    """The face of the package names what it exports, sorted."""
    assert sorted(bot.__all__) == bot.__all__
    assert all(hasattr(bot, name) for name in bot.__all__)


def test_assistant_remembers_and_forgets() -> None:
    """Each question comes with the turns before it, oldest first and bounded; failures are not remembered."""
    chain = Chain()
    memory = Recent()
    assistant = Assistant(chain, memory)

    assistant.ask("one")
    with pytest.raises(LibraryError):
        assistant.ask("fail")
    assistant.ask("two")
    for number in range(30):
        assistant.ask(str(number))
    memory.forget()
    assistant.ask("three")

    histories = list(chain.histories)
    assert [Turn("one", "Re: one")] == histories[2]
    assert len(histories[-2]) == REMEMBERED
    assert (Turn("28", "Re: 28"), []) == (histories[-2][-1], histories[-1])


def test_session_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """Commands do what the help says, an unknown one shows the help, and an empty line nothing."""
    chain = Chain()
    session = Session(lambda: cast("AnswerChain", chain))

    lines = ["/why", "hello", "", "  ", "/why", "/new", "/why", "hello", "/sources", "/sources article 29", "/wrong"]
    assert all(session.take(line) for line in lines)
    assert not session.take("/quit")

    output = capsys.readouterr().out
    assert "Nothing has been answered yet.\n\nRe: hello\n\n\nSearched for: hello\nPassages: none\n" in output
    assert "A new conversation.\n\nNothing has been answered yet.\n" in output
    assert [[], []] == list(chain.histories)
    assert "20. Article 19" in output
    assert "21. " not in output
    assert f"30 articles, of which these are the first {SHOWN}" in output
    assert "1. Article 29" in output
    assert "There is no such command.\nAsk a question, or type\n" in output


def test_background_tries_again_after_a_failure() -> None:
    """What could not be made behind the prompt is made anew when it is needed."""
    attempts: list[str | LibraryError] = ["made", LibraryError("locked")]

    def make() -> str:
        attempt = attempts.pop()
        if isinstance(attempt, LibraryError):
            raise attempt
        return attempt

    background = Background(make)
    while not background.ready:
        time.sleep(0.001)

    assert background.result() == "made"
    assert background.result() == "made"


def test_chat_from_a_pipe(run: Run, library_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are answered one by one without a prompt, follow-ups are understood, and one failure does not end it."""
    stream = AnswerChain.stream

    def failing(self: AnswerChain, asked: Question, **more: Callable[[], bool]) -> object:
        return 1 // 0 if asked["question"] == "fail" else stream(self, asked, **more)

    monkeypatch.setattr(AnswerChain, "stream", failing)

    done = run("chat", "--data", library_folder, text="How many otters did the census find?\nfail\n\nWho counted them?\n")

    assert done.exit_code == 1
    assert "27 animals" in done.stdout
    assert "Read as a follow-up to: " in done.stdout
    assert "> " not in done.stdout
    assert done.stderr.count("ZeroDivisionError") == 1


def test_chat_from_an_empty_pipe(run: Run, library_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of the input it ends, and nothing was loaded for it."""
    monkeypatch.setattr("bot.commands.chat.open_chain", lambda _: pytest.fail("The chain was loaded."))

    done = run("chat", "--data", library_folder, text="\n")

    assert (0, "") == (done.exit_code, done.output)


def test_chat_at_a_terminal(server: ChatServer, own_folder: Path) -> None:
    """The prompt comes before the model; Ctrl-C clears the line and calls an answer off; what was typed is its owner's alone."""
    server.model = half(lambda words: hang(MANY, after=words))
    terminal = Terminal(sys.executable, "-m", "bot", "chat", NO_COLOR="1", COLUMNS="100")

    terminal.until("> ")
    assert time.monotonic() - terminal.started < 2.5  # an idle machine takes 0.2
    terminal.type("half a ques")
    terminal.until("ques")
    time.sleep(0.3)  # Python overlooks a Ctrl-C in the instant between a key and its wait for the next
    terminal.type("\x03")
    terminal.until("Ctrl-C again or Ctrl-D leaves.")
    terminal.until("> ")
    terminal.type(f"{QUESTION}\r")
    terminal.until("Thinking…", seconds=60)
    terminal.until(f"{FOUND}[1]")
    terminal.type("\x03")
    terminal.until("footnote: Interrupted.")
    assert server.disconnected.wait(5)
    server.model = good
    terminal.until("> ")
    terminal.type(f"{QUESTION}\r")
    answered = terminal.until(WRITTEN)
    assert "/lenn-otter-census" in answered
    assert "\x1b[3" not in answered
    terminal.until("> ")
    terminal.type("/quit\r")

    assert terminal.ended() == 0
    history = own_folder / "chat_history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert [QUESTION, "/quit"] == history.read_text().splitlines()


def test_leaving_while_the_model_loads(own_folder: Path) -> None:
    """Ctrl-D leaves at once and cleanly, even in the midst of loading."""
    assert own_folder.exists()
    terminal = Terminal(sys.executable, "-m", "bot")

    terminal.until("> ")
    time.sleep(0.7)
    terminal.type("\x04")

    assert terminal.ended() == 0
    assert time.monotonic() - terminal.started < 5

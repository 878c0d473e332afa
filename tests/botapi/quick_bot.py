"""`footnote telegram` without its model: the same command and library, but hash vectors, and answers that echo the question."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from support import HashEncoder

from bot.cli import main
from bot.commands import telegram as command
from bot.doors import Doors
from bot.telegram import service  # noqa: F401 - all that is slow to import is there when a process is forked
from retrieval import Answer, AnswerChain, AnswerSentence, Library, Settings  # noqa: F401 - as above

if TYPE_CHECKING:
    from retrieval.chain import Question

GATE = "QUICK_BOT_GATE"  # names a file; while that is not there, questions with SLOW in them have to wait
SLOW = "slowly"
DEADLY = "deadly"  # the process dies of a question with this in it
PAUSE = 0.02
BLOCKING = signal.SIGUSR1  # blocks the event loop for good


class Echo:
    """The real chain, whose answers begin with the question."""

    def __init__(self, chain: AnswerChain) -> None:
        self._chain, self.retriever, self.chat_model = chain, chain.retriever, chain.chat_model

    def stream(self, question: "Question", **stopping: object) -> Iterator[AnswerSentence | Answer]:
        """The real answer with one sentence before it."""
        echo = AnswerSentence(f"You asked: {question['question']}", ())
        yield echo
        while SLOW in question["question"] and not Path(os.environ[GATE]).exists():
            time.sleep(PAUSE)
        if DEADLY in question["question"]:
            os.kill(os.getpid(), signal.SIGKILL)
        *_, answer = self._chain.stream(question)
        yield replace(cast("Answer", answer), sentences=(echo, *cast("Answer", answer).sentences))


class QuickDoors(Doors):
    """The library with hash vectors, and an echo."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._encoder = HashEncoder()

    def chain(self) -> AnswerChain:
        """The chain."""
        return cast("AnswerChain", Echo(super().chain()))


def run(arguments: list[str], environment: dict[str, str], folder: str, out: str, err: str) -> None:
    """Be the program with these arguments, in this environment and folder; what it writes goes into two files."""
    for path, stream in ((out, sys.stdout), (err, sys.stderr)):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, stream.fileno())
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["footnote", *arguments]
    signal.signal(BLOCKING, lambda *_: time.sleep(3600))
    command.Doors = QuickDoors  # type: ignore[misc]
    assert not {"torch", "sentence_transformers"} & set(sys.modules)
    main()

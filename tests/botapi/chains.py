"""Chains for the real bot in tests: the real one held back, one that answers at once without a library, one that fails."""

import time
from collections.abc import Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from botapi.running import SECONDS, SlowChain

from retrieval import Answer, AnswerChain, AnswerSentence
from retrieval.chain import Question

PLENTY = 10_000


class Held:
    """Holds the chain that a bot loads, as `wrap`, until it is let go, which the end of the block does."""

    def __init__(self) -> None:
        self._made: Future[SlowChain] = Future()

    def __call__(self, chain: AnswerChain) -> SlowChain:
        """Hold a chain."""
        slow = SlowChain(chain)
        self._made.set_result(slow)
        return slow

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let go, so that the bot can stop."""
        self.go()

    def begun(self) -> None:
        """Wait until the next question has come to the chain."""
        assert self._made.result(SECONDS).begun.acquire(timeout=SECONDS)

    def go(self, events: int = PLENTY) -> None:
        """Let so many events out."""
        self._made.result(SECONDS).go.release(events)


class EchoChain:
    """Answers each question with sentences that repeat it, one every `seconds`, and looks nothing up; as `wrap`."""

    def __init__(self, *, sentences: int = 1, seconds: float = 0.0) -> None:
        self._sentences, self._seconds = sentences, seconds
        self.asked: list[str] = []

    def __call__(self, chain: AnswerChain) -> Self:
        """Take the place of a chain."""
        self.retriever, self.chat_model = chain.retriever, chain.chat_model
        return self

    def stream(self, question: Question, **stopping: object) -> Iterator[AnswerSentence | Answer]:
        """The sentences, then the answer."""
        text = question["question"]
        self.asked.append(text)
        sentences = tuple(AnswerSentence(f"{number}: {text}", ()) for number in range(self._sentences))
        for sentence in sentences:
            time.sleep(self._seconds)
            yield sentence
        yield Answer(text, text, (), sentences, (), confidence=1.0, seconds=0.0)


class FailingChain(EchoChain):
    """Raises what it is given when a question holds the word "fail", after `before` sentences; answers all others."""

    def __init__(self, error: Exception, *, before: int = 0) -> None:
        super().__init__()
        self._error, self._before = error, before

    def stream(self, question: Question, **stopping: object) -> Iterator[AnswerSentence | Answer]:
        """The sentences, then the answer or the error."""
        if "fail" not in question["question"]:
            yield from super().stream(question)
            return
        for number in range(self._before):
            yield AnswerSentence(f"Sentence {number}.", ())
        raise self._error

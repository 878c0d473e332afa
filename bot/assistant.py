"""One question's path: the turns before it, the chain, and then the memory."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from retrieval import Answer, Turn

if TYPE_CHECKING:
    from retrieval import AnswerSentence
    from retrieval.chain import Question

REMEMBERED = 20  # turns; no answer looks further back


class Chain(Protocol):
    """What answers a question after its history."""

    def stream(self, question: "Question", /, *, stopped: Callable[[], bool]) -> Iterator["AnswerSentence | Answer"]:
        """The sentences of the answer as they are settled, then the whole of it; it may end early once it is stopped."""


class Memory(Protocol):
    """What was said in one conversation."""

    def turns(self) -> Sequence[Turn]:
        """The turns so far, oldest first."""

    def remember(self, answer: Answer) -> None:
        """Keep a question and its answer."""


class Recent:
    """The turns of a conversation that ends with the process."""

    def __init__(self) -> None:
        self._turns: deque[Turn] = deque(maxlen=REMEMBERED)

    def turns(self) -> Sequence[Turn]:
        """The turns so far, oldest first."""
        return tuple(self._turns)

    def remember(self, answer: Answer) -> None:
        """Keep a question and its answer."""
        self._turns.append(Turn(answer.question, answer.text, answer.abstained))

    def forget(self) -> None:
        """Begin a new conversation."""
        self._turns.clear()


class Assistant:
    """Asks the chain in the light of a conversation, and keeps the conversation in order; a failure is not remembered."""

    def __init__(self, chain: Chain, memory: Memory) -> None:
        self._chain, self._memory = chain, memory

    def events(self, text: str, stopped: Callable[[], bool] = lambda: False) -> Generator["AnswerSentence | Answer", None, None]:
        """The sentences of the answer as they are settled, then the whole of it, which is remembered before it is given."""
        for event in self._chain.stream({"question": text, "history": self._memory.turns()}, stopped=stopped):
            if isinstance(event, Answer):
                self._memory.remember(event)
            yield event

    def ask(self, text: str) -> Answer:
        """The whole answer."""
        return next(event for event in self.events(text) if isinstance(event, Answer))

"""One conversation: a question is answered in the light of the turns before it, and remembered."""

from collections import deque
from typing import TYPE_CHECKING, Protocol

from retrieval import Turn

if TYPE_CHECKING:
    from retrieval import Answer
    from retrieval.chain import Question

REMEMBERED = 20  # turns; no answer looks further back


class Chain(Protocol):
    """What answers a question after its history."""

    def invoke(self, question: "Question", /) -> "Answer":
        """Answer one question."""


class Assistant:
    """Asks the chain and keeps the conversation in order."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._turns: deque[Turn] = deque(maxlen=REMEMBERED)

    def ask(self, text: str) -> "Answer":
        """Answer, and remember question and answer; a failure is not remembered."""
        answer = self._chain.invoke({"question": text, "history": tuple(self._turns)})
        self._turns.append(Turn(text, answer.text, answer.abstained))
        return answer

    def forget(self) -> None:
        """Begin a new conversation."""
        self._turns.clear()

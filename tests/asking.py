"""How tests ask a chat model, and what came of it."""

from collections.abc import Callable, Iterator

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from retrieval.chat.budget import Allowance
from retrieval.chat.calls import ChatModel
from retrieval.chat.failures import ChatFailure

WORDS = "The ferry has run since 1911."
MESSAGES = [SystemMessage("Be brief."), HumanMessage("Since when has the ferry run?")]


def never() -> bool:
    """Nobody calls it off."""
    return False


def asked(
    model: ChatModel,
    allowance: Allowance | None = None,
    *,
    most: int = 200,
    seconds: float = 20,
    stopped: Callable[[], bool] = never,
) -> Iterator[str]:
    """One call."""
    return model.stream(MESSAGES, allowance=allowance or Allowance(6000), most=most, seconds=seconds, stopped=stopped)


def failed(pieces: Iterator[str]) -> tuple[str, ChatFailure]:
    """What came before the failure, and the failure."""
    said: list[str] = []
    with pytest.raises(ChatFailure) as raised:
        said.extend(pieces)
    return "".join(said), raised.value

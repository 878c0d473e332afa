"""Under which a chat model is asked."""

from collections.abc import Callable
from dataclasses import dataclass

from langchain_core.runnables import RunnableConfig

from retrieval.chat.budget import Allowance


@dataclass(frozen=True, slots=True)
class Conditions:
    """For one answer: the tokens that are left, whether a person has called it off, and LangChain's callbacks."""

    allowance: Allowance
    stopped: Callable[[], bool]
    config: RunnableConfig | None = None

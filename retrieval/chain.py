"""The retrieval chain: a question and its history become an answer whose every sentence is cited, or a refusal."""

import time
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

from langchain_core.runnables import Runnable, RunnableConfig

from retrieval.answer.confidence import confidence, threshold
from retrieval.answer.extractive import choose
from retrieval.answer.grounding import grounded
from retrieval.passages import Answer, Turn
from retrieval.search.retriever import ArticleRetriever, Found


class Question(TypedDict):
    """What the chain takes: the question, and the turns before it, if any, oldest first."""

    question: str
    history: NotRequired[Sequence[Turn]]


class AnswerChain(Runnable[Question, Answer]):
    """Question in, Answer out: find, choose sentences, weigh, check each quote against the article."""

    def __init__(self, retriever: ArticleRetriever) -> None:
        self.retriever = retriever

    def invoke(self, input: Question, config: RunnableConfig | None = None, **_: Any) -> Answer:  # noqa: A002 - LangChain's name
        """Answer one question."""
        return self._call_with_config(self._answer, input, config)

    def _answer(self, asked: Question) -> Answer:
        started = time.perf_counter()
        found = self.retriever.find(asked["question"], asked.get("history", ()))
        passages = self.retriever.passages(found, self.retriever.count)
        sure = confidence(found)
        chosen = choose(found) if sure >= threshold() else []
        sentences, citations = grounded(chosen, self.retriever.library.catalogue)
        return Answer(
            question=asked["question"],
            standalone=standalone(found),
            passages=passages,
            sentences=sentences,
            citations=citations,
            confidence=sure,
            seconds=time.perf_counter() - started,
            carried=found.query.carried,
        )


def standalone(found: Found) -> str:
    """What was searched for, in words: the question, and in brackets the terms carried from the conversation."""
    carried = found.query.carried
    return f"{found.query.question} ({', '.join(carried)})" if carried else found.query.question

"""The retrieval chain: a question and its history become an answer whose every sentence is cited, or a refusal."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, NotRequired, TypedDict, cast

from langchain_core.runnables import Runnable, RunnableConfig

from retrieval.answer.confidence import confidence, threshold
from retrieval.answer.extractive import choose
from retrieval.answer.grounding import grounded
from retrieval.passages import Answer, AnswerSentence, Turn
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
        """Answer one question: the last of its events."""
        return self._call_with_config(self._answer, input, config)

    def events(self, question: Question) -> Iterator[AnswerSentence | Answer]:
        """Each sentence of the answer as soon as it is settled, then the whole answer; one that abstains comes alone.

        The work goes on as the events are taken: closing the iterator ends it.
        """
        started = time.perf_counter()
        found = self.retriever.find(question["question"], question.get("history", ()))
        sure = confidence(found)
        chosen = choose(found) if sure >= threshold() else []
        settled = []
        for sentence, citation in grounded(chosen, self.retriever.library.catalogue):
            settled.append((sentence, citation))
            yield sentence
        yield Answer(
            question=question["question"],
            standalone=standalone(found),
            passages=self.retriever.passages(found, self.retriever.count),
            sentences=tuple(sentence for sentence, _ in settled),
            citations=tuple(citation for _, citation in settled),
            confidence=sure,
            seconds=time.perf_counter() - started,
            carried=found.query.carried,
        )

    def _answer(self, question: Question) -> Answer:
        *_, answer = self.events(question)
        return cast("Answer", answer)


def standalone(found: Found) -> str:
    """What was searched for, in words: the question, and in brackets the terms carried from the conversation."""
    carried = found.query.carried
    return f"{found.query.question} ({', '.join(carried)})" if carried else found.query.question

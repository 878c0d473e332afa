"""The retrieval chain: a question and its history become an answer whose every sentence is cited, or a refusal."""

import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NotRequired, cast

from langchain_core.callbacks import CallbackManagerForChainRun
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor
from typing_extensions import TypedDict  # before 3.12 pydantic, by which LangChain describes the chain, takes no other

from retrieval.answer.confidence import confidence, threshold
from retrieval.answer.extractive import choose
from retrieval.answer.generative import Writer, Written
from retrieval.answer.grounding import grounded
from retrieval.chat.budget import Allowance
from retrieval.chat.calls import ChatModel
from retrieval.chat.conditions import Conditions
from retrieval.passages import Answer, AnswerSentence, Citation, Passage, Turn
from retrieval.search.retriever import ArticleRetriever, Found
from retrieval.search.rewriting import Rewriter

ANSWER_TOKENS = 8000
SILENT_SECONDS = 90.0
WORTH_READING = 0.5  # of the confidence that an answer needs: below, the model would only be paid to say that it does not know

Footnoted = tuple[tuple[AnswerSentence, ...], tuple[Citation, ...]]
Events = Generator[AnswerSentence | Answer, None, None]


class Question(TypedDict):
    """What the chain takes: the question, and the turns before it, if any, oldest first."""

    question: str
    history: NotRequired[Sequence[Turn]]


def never() -> bool:
    """Nobody calls the answer off."""
    return False


class AnswerChain(Runnable[Question, AnswerSentence | Answer]):
    """Question in, Answer out: find, write or choose sentences, weigh, check each quote against the article.

    Without a chat model the sentences are the articles' own. `answer_tokens` is what one answer may cost, `seconds` how long the
    model may be silent, `mark` whether a sentence that is not supported is shown, marked, and not dropped.
    """

    def __init__(
        self,
        retriever: ArticleRetriever,
        chat_model: ChatModel | None = None,
        *,
        answer_tokens: int = ANSWER_TOKENS,
        seconds: float = SILENT_SECONDS,
        mark: bool = False,
    ) -> None:
        self.retriever, self.chat_model = retriever, chat_model
        self._answer_tokens = answer_tokens
        self._writer = Writer(chat_model, seconds=seconds, mark=mark) if chat_model else None
        self._rewriter = Rewriter(chat_model) if chat_model else None

    def invoke(self, input: Question, config: RunnableConfig | None = None, **_: Any) -> Answer:  # noqa: A002 - LangChain's name
        """Answer one question: the last of its events."""
        return cast("Answer", self._call_with_config(self._last, input, config))

    def stream(  # type: ignore[override]  # LangChain's, and one argument more
        self,
        input: Question,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        *,
        stopped: Callable[[], bool] = never,
        **_: Any,
    ) -> Iterator[AnswerSentence | Answer]:
        """Each sentence of the answer as soon as it is settled, then the whole answer; one that abstains comes alone.

        The work goes on as the events are taken: closing the iterator ends it, and so does `stopped` with a ChatStopped while
        the chat model is waited for.
        """
        return self._transform_stream_with_config(iter([input]), partial(self._streamed, stopped), config)

    async def ainvoke(self, input: Question, config: RunnableConfig | None = None, **_: Any) -> Answer:  # noqa: A002 - as above
        """Answer one question: the last of its events."""
        events = [event async for event in self.astream(input, config)]
        return cast("Answer", events[-1])

    async def astream(
        self,
        input: Question,  # noqa: A002 - as above
        config: RunnableConfig | None = None,
        **_: Any,
    ) -> AsyncIterator[AnswerSentence | Answer]:
        """The events, made in threads; leaving early ends the work."""
        left = threading.Event()
        events = self.stream(input, config, stopped=left.is_set)
        try:
            while (event := await run_in_executor(config, next, events, None)) is not None:
                yield event
        finally:
            left.set()
            with suppress(ValueError):  # a thread is still at it, and ends by itself
                await run_in_executor(config, cast("Events", events).close)

    def _last(
        self,
        question: Question,
        run_manager: CallbackManagerForChainRun,  # noqa: ARG002 - LangChain tells this way of calling from others by its name
        config: RunnableConfig,
    ) -> AnswerSentence | Answer:
        *_, answer = self._events(question, config, never)
        return answer

    def _streamed(
        self,
        stopped: Callable[[], bool],
        questions: Iterator[Question],
        run_manager: CallbackManagerForChainRun,  # noqa: ARG002 - LangChain tells this way of calling from others by its name
        config: RunnableConfig,
    ) -> Events:
        for question in questions:
            yield from self._events(question, config, stopped)

    def _events(self, question: Question, config: RunnableConfig, stopped: Callable[[], bool]) -> Events:
        started = time.perf_counter()
        conditions = Conditions(Allowance(self._answer_tokens), stopped, config)
        found, passages, searched = self._find(question, conditions)
        sure = confidence(found)
        written = yield from self._write(searched, passages, sure, conditions)
        sentences, citations = written.sentences, written.citations
        if not sentences and not written.refused and sure >= threshold():
            sentences, citations = yield from self._quote(found)
        model = self.chat_model if conditions.allowance.used.total or written.shortfall else None
        yield Answer(
            question=question["question"],
            standalone=searched,
            passages=passages,
            sentences=sentences,
            citations=citations,
            confidence=sure,
            seconds=time.perf_counter() - started,
            model=model.name if model else None,
            carried=found.query.carried,
            written=bool(written.sentences),
            refused=written.refused,
            shortfall=written.shortfall,
            usage=conditions.allowance.used if model else None,
            dropped=written.dropped,
        )

    def _find(self, question: Question, conditions: Conditions) -> tuple[Found, tuple[Passage, ...], str]:
        """What is found, as ranked chunks and as passages, and what was searched for in words."""
        text, history = question["question"], question.get("history", ())
        if self._rewriter and history and self.retriever.stands_alone(text):
            history = ()  # what a model would make of it is itself
        elif self._rewriter and history:
            rewritten = self._rewriter.rewrite(text, history, conditions)
            found, passages = self.retriever.look(rewritten, (), conditions.config) if rewritten else (None, ())
            if found and confidence(found) >= threshold():  # else it is no question that the articles answer
                return found, passages, standalone(found)
        found, passages = self.retriever.look(text, history, conditions.config)
        return found, passages, standalone(found)

    def _write(
        self, question: str, passages: Sequence[Passage], sure: float, conditions: Conditions
    ) -> Generator[AnswerSentence, None, Written]:
        """The answer in the model's words, if there is a model, and anything that is worth its reading."""
        if self._writer is None or sure < threshold() * WORTH_READING:
            return Written()
        return (yield from self._writer.write(question, passages, self.retriever.library, conditions))

    def _quote(self, found: Found) -> Generator[AnswerSentence, None, Footnoted]:
        """The answer in the articles' own words."""
        settled = []
        for sentence, citation in grounded(choose(found), self.retriever.library):
            settled.append((sentence, citation))
            yield sentence
        return tuple(sentence for sentence, _ in settled), tuple(citation for _, citation in settled)


def standalone(found: Found) -> str:
    """What was searched for, in words: the question, and in brackets the terms carried from the conversation."""
    carried = found.query.carried
    return f"{found.query.question} ({', '.join(carried)})" if carried else found.query.question

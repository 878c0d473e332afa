"""The chain and the retriever as any LangChain program uses them."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import Runnable, RunnableLambda

from retrieval import Answer, AnswerChain, AnswerSentence, ArticleRetriever, Library

TRAM = {"question": "When did the tram line reopen?", "history": []}
HOW = {"question": "How was the tram line reopened?", "history": []}
NOWHERE = {"question": "Which colour has the moon of Mars?", "history": []}
OTTERS = {"question": "How many otters were counted?", "history": []}


class Seen(BaseCallbackHandler):
    """Notes what it is told of."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def on_chain_start(self, *_: Any, **__: Any) -> None:
        self.events.append("chain start")

    def on_chain_end(self, outputs: Any, **_: Any) -> None:
        self.events.append(f"chain end: {type(outputs).__name__}")

    def on_retriever_start(self, *_: Any, **__: Any) -> None:
        self.events.append("retriever start")

    def on_retriever_end(self, documents: Any, **_: Any) -> None:
        self.events.append(f"retriever end: {len(documents)}")


@pytest.fixture(scope="module")
def retriever(library: Library) -> ArticleRetriever:
    """The retriever of the library of all test articles."""
    return ArticleRetriever(library=library, count=4)


@pytest.fixture(scope="module")
def chain(retriever: ArticleRetriever) -> AnswerChain:
    """The chain over it."""
    return AnswerChain(retriever)


def told(answer: Answer) -> tuple[str, str, float]:
    """What is the same whenever a question is asked."""
    return answer.question, answer.text, answer.confidence


def test_chain_is_a_runnable(chain: AnswerChain) -> None:
    """Invoked alone, in a batch, or from a loop, the chain gives the same answers in the order of the questions."""
    assert isinstance(chain, Runnable)
    once = [told(chain.invoke(asked)) for asked in (TRAM, OTTERS)]

    assert once == [told(answer) for answer in chain.batch([TRAM, OTTERS])]
    assert once[0] == told(asyncio.run(chain.ainvoke(TRAM)))
    assert once[1] == told(list(chain.stream(OTTERS))[-1])


def test_chain_can_be_piped(chain: AnswerChain) -> None:
    """The chain is a step of a longer one."""
    piped = (
        RunnableLambda(lambda question: {"question": question, "history": []})
        | chain
        | RunnableLambda(lambda answer: answer.text)
    )

    assert piped.invoke(TRAM["question"]) == chain.invoke(TRAM).text


def test_callbacks_see_the_chain(chain: AnswerChain) -> None:
    """Whoever watches is told when the chain starts, what it looks up, and what it ends with."""
    seen = Seen()
    chain.invoke(TRAM, {"callbacks": [seen]})

    assert ["chain start", "retriever start", "retriever end: 4", "chain end: Answer"] == seen.events


@pytest.mark.parametrize("asked", [TRAM, HOW, OTTERS, NOWHERE], ids=["when", "how", "many", "nowhere"])
def test_events_are_the_answer(chain: AnswerChain, asked: dict[str, Any]) -> None:
    """The sentences come in order and then the whole answer, which is what `invoke` gives; a refusal comes alone."""
    *sentences, answer = chain.stream(asked)

    assert isinstance(answer, Answer)
    assert all(isinstance(sentence, AnswerSentence) for sentence in sentences)
    assert tuple(sentences) == answer.sentences
    assert replace(answer, seconds=0) == replace(chain.invoke(asked), seconds=0)
    assert answer.abstained == (asked is NOWHERE)


def test_closed_events_end_the_work(chain: AnswerChain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has heard enough and closes the events stops the work: nothing more is checked or read."""
    checked = []
    catalogue = chain.retriever.library.catalogue
    whole = catalogue.text
    monkeypatch.setattr(catalogue, "text", lambda *span: (checked.append(span), whole(*span))[1])
    before, heard = [], []
    for left_after in (1, 2):
        events = chain.stream(HOW)
        heard.append([next(events) for _ in range(left_after)])
        events.close()
        before.append(len(checked))
        checked.clear()

    assert all(isinstance(each, AnswerSentence) for several in heard for each in several)
    assert 1 == before[1] - before[0]


def test_retriever_gives_documents(retriever: ArticleRetriever) -> None:
    """The retriever gives as many documents as it is set to, best first, with what is needed to cite them."""
    documents = retriever.invoke("When did the tram line reopen?")

    assert len(documents) == 4
    assert "tram" in documents[0].metadata["title"].lower()
    assert {"source", "title", "site", "date", "link", "start", "end", "score"} == documents[0].metadata.keys()
    assert all(len(item.page_content) == item.metadata["end"] - item.metadata["start"] for item in documents)
    scores = [item.metadata["score"] for item in documents]
    assert scores == sorted(scores, reverse=True)


def test_retriever_works_in_a_loop_and_is_watched(retriever: ArticleRetriever) -> None:
    """From a loop the same documents come, and callbacks are told of them."""
    seen = Seen()
    documents = asyncio.run(retriever.ainvoke("How many otters were counted?", {"callbacks": [seen]}))

    assert documents == retriever.invoke("How many otters were counted?")
    assert ["retriever start", "retriever end: 4"] == seen.events

"""The chain with a chat model as LangChain programs use it: all ways of asking, callbacks, traces, and leaving early."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from chatapi.models import honest
from chatapi.replies import hang, text
from chatapi.server import ChatServer
from chatting import chain_of, checked
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers import BaseTracer
from langchain_core.tracers.schemas import Run

from retrieval import Answer, AnswerSentence, Library

OTTERS = {"question": "Why did otters return above Tarn Mill?"}
TRAM = {"question": "When did the tram line reopen?"}


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """A server whose model answers honestly."""
    with ChatServer(honest) as running:
        yield running


class Seen(BaseCallbackHandler):
    """Notes what it is told of, and the tokens."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.tokens: list[str] = []

    def on_chain_start(self, *_: Any, **__: Any) -> None:
        self.events.append("chain start")

    def on_chain_end(self, outputs: Any, **_: Any) -> None:
        self.events.append(f"chain end: {type(outputs).__name__}")

    def on_chain_error(self, error: BaseException, **_: Any) -> None:
        self.events.append(f"chain error: {type(error).__name__}")

    def on_retriever_start(self, _: Any, query: str, **__: Any) -> None:
        self.events.append(f"retriever start: {query}")

    def on_retriever_end(self, documents: Any, **_: Any) -> None:
        self.events.append("retriever end" if documents else "nothing found")

    def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        self.events.append("model start")

    def on_llm_new_token(self, token: str, **_: Any) -> None:
        self.tokens.append(token)

    def on_llm_end(self, *_: Any, **__: Any) -> None:
        self.events.append("model end")


WATCHED = [
    "chain start",
    f"retriever start: {OTTERS['question']}",
    "retriever end",
    "model start",
    "model end",
    "chain end: Answer",
]


class Traces(BaseTracer):
    """Keeps the finished traces, as a tracing service would."""

    def __init__(self) -> None:
        super().__init__()
        self.finished: list[Run] = []

    def _persist_run(self, run: Run) -> None:
        self.finished.append(run)


def same(answer: Answer) -> tuple[str, str, int]:
    """What does not depend on the moment."""
    return answer.question, answer.text, len(answer.citations)


def test_all_ways_of_asking(library: Library, server: ChatServer) -> None:
    """invoke, batch, stream and their asynchronous kin give the same answers, in the order of the questions."""
    chain = chain_of(library, server)
    once = [chain.invoke(asked) for asked in (OTTERS, TRAM)]

    async def asynchronously() -> list[Any]:
        single = await chain.ainvoke(OTTERS)
        streamed = [event async for event in chain.astream(TRAM)]
        return [single, streamed, await chain.abatch([OTTERS, TRAM])]

    single, streamed, several = asyncio.run(asynchronously())
    *sentences, answer = chain.stream(OTTERS)

    for each in once:
        checked(each, library)
        assert each.written
    expected = [same(each) for each in once]
    assert expected == [same(each) for each in chain.batch([OTTERS, TRAM])]
    assert expected == [same(each) for each in several]
    assert expected == [same(single), same(streamed[-1])]
    assert isinstance(answer, Answer)
    assert expected[0] == same(answer)
    assert tuple(sentences) == answer.sentences
    assert tuple(streamed[:-1]) == once[1].sentences


def test_callbacks(library: Library, server: ChatServer) -> None:
    """Whoever watches sees the chain, what it looks up, the model and every piece of what it says, in this order."""
    chain = chain_of(library, server)
    watched = []
    for ask in (
        lambda config: chain.invoke(OTTERS, config),
        lambda config: list(chain.stream(OTTERS, config)),
        lambda config: asyncio.run(chain.ainvoke(OTTERS, config)),
    ):
        seen = Seen()
        ask({"callbacks": [seen]})
        watched.append(seen)

    assert [WATCHED] * 3 == [seen.events for seen in watched]
    assert all("QUOTE 1" in "".join(seen.tokens).replace("QUOTE 2", "QUOTE 1") for seen in watched)


def test_traces(library: Library, server: ChatServer) -> None:
    """A trace is a tree: the chain, and below it the retriever with its documents and the model with its messages."""
    traces = Traces()
    answer = chain_of(library, server).invoke(OTTERS, {"callbacks": [traces], "run_name": "footnote", "tags": ["mine"]})

    (run,) = traces.finished
    retriever, model = run.child_runs
    assert ("footnote", "chain") == (run.name, run.run_type)
    assert answer == (run.outputs or {})["output"]
    assert ("retriever", len(answer.passages)) == (retriever.run_type, len((retriever.outputs or {})["documents"]))
    assert "chat_model" in model.run_type or model.run_type == "llm"
    assert "mine" in (model.tags or [])
    assert run.error is None


def test_piped(library: Library, server: ChatServer) -> None:
    """The chain is a step of a longer one, streamed through as well."""
    before = RunnableLambda(lambda question: {"question": question})
    piped = before | chain_of(library, server)

    *sentences, answer = piped.stream(OTTERS["question"])

    assert all(isinstance(each, AnswerSentence) for each in sentences)
    assert isinstance(answer, Answer)
    assert answer.written


def test_leaving_an_asynchronous_answer(library: Library) -> None:
    """A task that is cancelled, or that leaves after the first sentence, ends the model's call."""
    good = "QUOTE 1: where a fish ladder was opened in September 2022\nSENTENCE: A fish ladder was opened in September 2022.\n"

    async def cancelled(chain: Any) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(chain.ainvoke(OTTERS), 0.5)

    async def left(chain: Any) -> None:
        events = chain.astream(OTTERS)
        async for event in events:
            assert isinstance(event, AnswerSentence)
            break
        await events.aclose()

    for leave, reply in ((cancelled, hang()), (left, hang(after=good)), (left, text(good * 50, pause=0.2))):
        with ChatServer() as server:
            server.script(reply)
            asyncio.run(leave(chain_of(library, server)))
            assert server.disconnected.wait(3)


def test_it_is_described(library: Library, server: ChatServer) -> None:
    """LangChain can say what the chain takes, and draw it."""
    chain = chain_of(library, server)

    (described,) = [
        each for each in chain.get_input_schema().model_json_schema()["$defs"].values() if each["title"] == "Question"
    ]
    assert {"question", "history"} == described["properties"].keys()
    assert chain.get_graph().nodes

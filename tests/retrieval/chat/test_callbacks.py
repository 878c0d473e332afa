"""LangChain's callbacks see each call, as a child of the run it belongs to."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from chatapi.replies import error, hang, text
from chatapi.service import Service
from langchain_core.callbacks import BaseCallbackHandler, CallbackManager
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig, RunnableLambda

from retrieval.chat.budget import Allowance
from retrieval.chat.calls import ChatModel
from retrieval.chat.failures import ChatFailure, ChatStopped

WORDS = "The ferry has run since 1911."


class Recorder(BaseCallbackHandler):
    """Writes down what it is told, with the run and its parent."""

    def __init__(self) -> None:
        self.told: list[tuple[str, UUID, UUID | None]] = []
        self.tokens: list[str] = []
        self.ended = threading.Event()

    def on_chain_start(self, *_: Any, run_id: UUID, parent_run_id: UUID | None = None, **__: Any) -> None:
        self.told.append(("chain", run_id, parent_run_id))

    def on_chat_model_start(self, *_: Any, run_id: UUID, parent_run_id: UUID | None = None, **__: Any) -> None:
        self.told.append(("start", run_id, parent_run_id))

    def on_llm_new_token(self, token: str, **_: Any) -> None:
        self.tokens.append(token)

    def on_llm_end(self, *_: Any, run_id: UUID, parent_run_id: UUID | None = None, **__: Any) -> None:
        self.told.append(("end", run_id, parent_run_id))

    def on_llm_error(self, *_: Any, run_id: UUID, parent_run_id: UUID | None = None, **__: Any) -> None:
        self.told.append(("error", run_id, parent_run_id))
        self.ended.set()


def asked(model: ChatModel, config: RunnableConfig | None = None, stopped: Callable[[], bool] = lambda: False) -> str:
    """One call, whole."""
    pieces = model.stream(
        [HumanMessage("Since when?")], allowance=Allowance(1000), most=100, seconds=20, stopped=stopped, config=config
    )
    return "".join(pieces)


def test_a_child_of_a_sync_run(server: Service, model: ChatModel) -> None:
    """A handler learns of the start, of each piece and of the end, with the run that the call is a part of."""
    server.script(text(WORDS))
    recorder = Recorder()
    parent = CallbackManager.configure(inheritable_callbacks=[recorder]).on_chain_start({}, {}, name="chain")

    assert WORDS == asked(model, {"callbacks": parent.get_child()})

    (_, chain, _), (start, run, above), (end, run_at_end, above_at_end) = recorder.told
    assert ("start", "end", WORDS) == (start, end, "".join(recorder.tokens))
    assert run == run_at_end != chain
    assert chain == above == above_at_end


@pytest.mark.parametrize("how", ["given", "found"])
def test_inside_a_runnable(server: Service, model: ChatModel, how: str) -> None:
    """Inside of another runnable the call is its child, whether the configuration is handed on or not."""
    server.script(text(WORDS))
    recorder = Recorder()
    chain = RunnableLambda(lambda _, config: asked(model, config if how == "given" else None))

    assert WORDS == chain.invoke("?", config={"callbacks": [recorder]})

    assert ["chain", "start", "end"] == [name for name, _, _ in recorder.told]
    assert recorder.told[0][1] == recorder.told[1][2]


def test_failures_and_stops_are_told(server: Service, model: ChatModel) -> None:
    """A handler learns that a call has failed, and also that it was called off."""
    server.script(error(500), hang(after="Otters"))
    failed, stopped = Recorder(), Recorder()

    with pytest.raises(ChatFailure):
        asked(model, {"callbacks": [failed]})
    with pytest.raises(ChatStopped):
        asked(model, {"callbacks": [stopped]}, lambda: bool(stopped.tokens))

    assert ["start", "error"] == [name for name, _, _ in failed.told]
    assert stopped.ended.wait(5)
    assert ["start", "error"] == [name for name, _, _ in stopped.told]

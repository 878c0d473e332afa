"""One call, by the real clients: what comes is given as it comes, and counted."""

import time
from collections.abc import Callable

import pytest
from asking import WORDS, asked, failed, never
from chatapi.replies import Reply, empty, text
from chatapi.service import Service
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from support import together

from retrieval.chat.budget import Allowance
from retrieval.chat.calls import ChatModel, answers
from retrieval.passages import Shortfall, Usage


def test_text_comes_as_it_is_written(server: Service, model: ChatModel) -> None:
    """A piece is given before the next one is written, and all of them are the text."""
    server.script(text(WORDS, pause=0.2))

    came = [(time.monotonic(), piece) for piece in asked(model)]

    sent = server.requests[0].sent
    assert WORDS == "".join(piece for _, piece in came)
    assert all(at < after + 0.18 for (at, _), (after, _) in zip(came, sent, strict=True))


def test_the_request(server: Service, model: ChatModel) -> None:
    """The messages and the most tokens reach the server, and no tools."""
    server.script(text(WORDS))

    assert WORDS == "".join(asked(model, most=321))

    (request,) = server.requests
    assert ("Be brief.", "Since when has the ferry run?", 321) == (request.system, request.prompt, request.most)
    assert request.stream
    assert not request.body.get("tools")


def test_usage_is_the_providers(server: Service, model: ChatModel) -> None:
    """What the provider has counted is taken, in the answer's allowance and in the day's."""
    server.script(text(WORDS, usage=(120, 7)))
    allowance = Allowance(1000)

    list(asked(model, allowance))

    assert Usage(120, 7) == allowance.used
    assert allowance.left == 873
    assert model.ledger is not None
    assert model.ledger.used() == 127


def test_usage_is_estimated_where_the_provider_says_nothing(server: Service, model: ChatModel) -> None:
    """A server that does not count is counted for, by the length of what it read and wrote."""
    server.script(text(WORDS, usage=None))
    allowance = Allowance(1000)

    list(asked(model, allowance))

    assert 10 <= allowance.used.input_tokens <= 20
    assert 6 <= allowance.used.output_tokens <= 14


def test_many_at_once(server: Service, model: ChatModel) -> None:
    """Calls of several threads go on side by side, each with its own text."""
    server.model = lambda messages: text(f"{WORDS} {messages[-1]['content']}", pause=0.05)

    def ask(number: int) -> None:
        messages = [HumanMessage(f"number {number}")]
        pieces = model.stream(messages, allowance=Allowance(1000), most=100, seconds=20, stopped=never)
        assert f"{WORDS} number {number}" == "".join(pieces)

    started = time.monotonic()
    together(*[lambda number=number: ask(number) for number in range(12)])

    assert time.monotonic() - started < 12 * 8 * 0.05


def test_thoughts_are_not_text(server: Service, model: ChatModel) -> None:
    """What a local model thinks between its tags does not come, and if it only thinks, it has said nothing."""
    server.script(text("<think>1911,\n\nI guess</think>\n\n" + WORDS, pieces=3), text("<think>So much to think of"))

    assert WORDS == "".join(asked(model)).strip()
    assert Shortfall.EMPTY is failed(asked(model))[1].kind


def test_a_day_without_tokens(server: Service, opened: Callable[..., ChatModel], model: ChatModel) -> None:
    """When the tokens of the day do not suffice, the model is not asked."""
    frugal = opened(model.name, chat_day_tokens=100)

    assert Shortfall.DAY_BUDGET is failed(asked(frugal))[1].kind
    assert [] == server.requests


def test_any_model_of_langchains() -> None:
    """A model that knows no limit and gives no reason for its end can be called, too, and is held to its length."""
    model = ChatModel("fake:model", GenericFakeChatModel(messages=iter([AIMessage(WORDS), AIMessage("word " * 500)])))

    assert WORDS == "".join(asked(model))
    assert Shortfall.CUT is failed(asked(model, most=100))[1].kind


@pytest.mark.parametrize("reply", [text("OK."), empty(), empty("length")], ids=["says so", "is silent", "thinks for too long"])
def test_answers(server: Service, model: ChatModel, reply: Reply) -> None:
    """A model answers, whatever it says; how long it took is told, and the call is a small one."""
    server.script(reply)

    assert 0 < answers(model) < 20
    assert server.requests[0].most is not None
    assert server.requests[0].most < 100

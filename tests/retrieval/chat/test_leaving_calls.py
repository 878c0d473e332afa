"""A call that is left, by the real clients: nobody is kept waiting, and the server sees that nobody listens."""

import threading
import time
from collections.abc import Callable

import pytest
from asking import WORDS, asked, failed
from chatapi.replies import Reply, endless, hang
from chatapi.service import Service

from retrieval.chat.budget import Allowance
from retrieval.chat.calls import ChatModel
from retrieval.chat.failures import ChatStopped
from retrieval.passages import Shortfall, Usage

Open = Callable[..., ChatModel]
SOON = 2.0  # seconds, of which a busy machine takes most


@pytest.mark.parametrize("reply", [hang(), hang(after=WORDS), endless(pause=0.01)], ids=["before", "in the middle", "while"])
def test_stopping(server: Service, model: ChatModel, reply: Reply) -> None:
    """When it is called off, it ends at once, the server sees that nobody listens, and what it has cost is counted."""
    server.script(reply)
    stop, allowance = threading.Event(), Allowance(1000)
    called_off = []

    def call_off() -> None:
        server.wait_for(lambda: server.requests)
        time.sleep(0.2)
        called_off.append(time.monotonic())
        stop.set()

    thread = threading.Thread(target=call_off)
    thread.start()

    with pytest.raises(ChatStopped):
        list(asked(model, allowance, most=2000, stopped=stop.is_set))

    assert time.monotonic() - called_off[0] < SOON
    server.wait_for(lambda: server.requests[0].gone)
    assert allowance.used.input_tokens > 0
    thread.join()


def test_stopped_before_it_begins(server: Service, model: ChatModel) -> None:
    """What was called off is not asked, and costs nothing."""
    allowance = Allowance(1000)

    with pytest.raises(ChatStopped):
        list(asked(model, allowance, stopped=lambda: True))

    assert [] == server.requests
    assert Usage() == allowance.used
    assert model.ledger is not None
    assert model.ledger.used() == 0


@pytest.mark.parametrize("error_of", [KeyboardInterrupt, RuntimeError, None])
def test_the_consumer_leaves(server: Service, model: ChatModel, error_of: type[BaseException] | None) -> None:
    """An error or Ctrl-C where the text is used, or closing the iterator, closes the connection at once, and usage is counted."""
    server.script(endless(pause=0.01))
    allowance = Allowance(1000)
    pieces = asked(model, allowance, most=2000)
    next(pieces)
    started = time.monotonic()

    if error_of:
        with pytest.raises(error_of):
            pieces.throw(error_of())  # type: ignore[attr-defined]
    else:
        pieces.close()  # type: ignore[attr-defined]

    assert time.monotonic() - started < SOON
    server.wait_for(lambda: server.requests[0].gone)
    assert allowance.used.input_tokens > 0


def test_endless_output_is_cut(server: Service, model: ChatModel) -> None:
    """A model that does not end is cut soon after what it was asked for, and the connection is closed."""
    server.script(endless(pause=0))
    allowance = Allowance(1000)

    said, failure = failed(asked(model, allowance, most=100))

    assert failure.kind is Shortfall.CUT
    assert 300 <= len(said) <= 400
    assert allowance.used.output_tokens <= 115
    server.wait_for(lambda: server.requests[0].gone)


@pytest.mark.parametrize("words", ["and so on ", "渡し船 ", "<think>hm "], ids=["text", "dense", "thought"])
def test_endless_output_keeps_to_the_allowance(server: Service, opened: Open, model: ChatModel, words: str) -> None:
    """A server that does not care what it was asked for can go neither beyond the answer's tokens nor beyond the day's."""
    server.script(*[endless(words, pause=0)] * 9)
    allowance, frugal = Allowance(600), opened(model.name, chat_day_tokens=2000)

    kinds = [failed(asked(frugal, allowance, most=500))[1].kind for _ in range(2)]
    while Shortfall.DAY_BUDGET not in kinds:
        kinds.append(failed(asked(frugal, Allowance(600), most=500))[1].kind)

    assert [Shortfall.CUT, Shortfall.CUT] == kinds[:2]
    assert 600 * 0.9 <= allowance.used.total <= 600 * 1.1
    assert frugal.ledger is not None
    assert frugal.ledger.used() <= 2000 * 1.1


def test_nothing_left_is_not_asked(server: Service, model: ChatModel) -> None:
    """When the messages alone would use up what the answer may cost, nothing is sent."""
    assert Shortfall.ANSWER_BUDGET is failed(asked(model, Allowance(5)))[1].kind
    assert [] == server.requests

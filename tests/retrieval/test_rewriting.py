"""Follow-ups are made to stand alone by the chat model, or else read the keyless way."""

import pytest
from chatapi.models import REFUSAL, honest
from chatapi.prompt import is_rewrite, question_of
from chatapi.replies import Reply, cut, endless, error, text
from chatapi.server import ChatServer
from chatting import chain_of

from retrieval import AnswerChain, Library, Turn

OTTERS = {"question": "Why did otters return above Tarn Mill?"}
FIRST = Turn("When will the comet be closest to the sun?", "It will be closest to the sun in May.")


def test_follow_up_is_rewritten(library: Library) -> None:
    """A question that needs its conversation is made to stand alone by the model, searched for and answered as such."""
    asked = "How far is the comet from the earth?"
    with ChatServer(lambda messages: asked if is_rewrite(messages) else honest(messages)) as server:
        answer = chain_of(library, server).invoke({"question": "And from the earth?", "history": [FIRST]})

    assert asked == answer.standalone
    assert "And from the earth?" == answer.question
    assert () == answer.carried
    assert 2 == len(server.requests)
    assert asked == question_of(server.requests[1].messages)


def test_question_that_stands_alone(library: Library) -> None:
    """A question that needs no conversation costs no second call, and nothing of it is carried."""
    asked = {"question": OTTERS["question"], "history": [FIRST]}
    with ChatServer(honest) as server:
        answer = chain_of(library, server).invoke(asked)

    assert 1 == len(server.requests)
    assert OTTERS["question"] == answer.standalone
    assert () == answer.carried
    assert answer.written


@pytest.mark.parametrize("said", ["I'm sorry, but I can't help with that.", "Which colour has the moon of Mars?", REFUSAL])
def test_useless_rewriting(library: Library, keyless: AnswerChain, said: str) -> None:
    """A rewriting that has nothing to do with the conversation, or finds nothing, is as good as none."""
    asked = {"question": "And to the earth?", "history": [FIRST]}
    with ChatServer(lambda messages: said if is_rewrite(messages) else honest(messages)) as server:
        answer = chain_of(library, server).invoke(asked)

    assert keyless.invoke(asked).standalone == answer.standalone
    assert answer.written


@pytest.mark.parametrize("reply", [error(500), cut("How far"), text("One.\nTwo.\n"), text(" "), text("x" * 900), endless("so ")])
def test_failed_rewriting(library: Library, keyless: AnswerChain, reply: Reply) -> None:
    """Without a usable rewriting a follow-up is read the keyless way."""
    asked = {"question": "And to the earth?", "history": [FIRST]}
    with ChatServer(honest) as server:
        server.script(reply)
        answer = chain_of(library, server).invoke(asked)

    assert keyless.invoke(asked).standalone == answer.standalone
    assert answer.carried
    assert answer.written


def test_slow_rewriting(library: Library, keyless: AnswerChain, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rewriting that takes too long is not waited for."""
    monkeypatch.setattr("retrieval.search.rewriting.SECONDS", 1.0)
    asked = {"question": "And to the earth?", "history": [FIRST]}
    with ChatServer(honest) as server:
        server.script(text("How far is it ? " * 10, pause=0.3))
        answer = chain_of(library, server).invoke(asked)
        assert server.disconnected.wait(3)

    assert keyless.invoke(asked).standalone == answer.standalone

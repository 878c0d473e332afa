"""A call that goes wrong, by the real clients: whatever it is has a name, and what came before it is given."""

from collections.abc import Callable

import pytest
from asking import WORDS, asked, failed
from chatapi.replies import Reply, cut, empty, endless, error, garbage, hang, refusal, text
from chatapi.server import ChatServer
from chatapi.service import Service
from langchain_core.language_models import GenericFakeChatModel

from retrieval.chat.budget import Allowance
from retrieval.chat.calls import ChatModel, answers
from retrieval.chat.failures import ChatFailure
from retrieval.passages import Shortfall, Usage


def seconds_for(kind: Shortfall) -> float:
    """How long a model may be silent: short where it will be, long where only a busy machine makes it slow."""
    return 1 if kind is Shortfall.TIMEOUT else 20


@pytest.mark.parametrize(
    ("reply", "kind", "retryable"),
    [
        (text(WORDS, finish="length"), Shortfall.CUT, False),
        (text(WORDS, finish="content_filter"), Shortfall.DECLINED, False),
        (cut(WORDS, "close"), Shortfall.CUT, True),
        (cut(WORDS, "reset"), Shortfall.CUT, True),
        (cut(WORDS, "early"), Shortfall.CUT, True),
        (cut(WORDS, "error"), Shortfall.CUT, True),
        (hang(after=WORDS), Shortfall.TIMEOUT, False),
    ],
    ids=["length", "filtered", "closed", "reset", "without an end", "error in the stream", "silent"],
)
def test_half_an_answer(server: Service, model: ChatModel, reply: Reply, kind: Shortfall, *, retryable: bool) -> None:
    """What came is given, then it is said why no more came; what it has cost is counted."""
    server.script(reply)
    allowance = Allowance(1000)

    said, failure = failed(asked(model, allowance, seconds=seconds_for(kind)))

    assert (WORDS.strip(), kind, retryable) == (said.strip(), failure.kind, failure.retryable)
    assert allowance.used.input_tokens > 0
    assert allowance.used.output_tokens > 4


@pytest.mark.parametrize(
    ("reply", "kind", "retryable"),
    [
        (empty(), Shortfall.EMPTY, False),
        (text(" \n \n"), Shortfall.EMPTY, False),
        (empty("length"), Shortfall.CUT, False),
        (garbage(), Shortfall.FAILING, False),
        (cut("", "close"), Shortfall.UNREACHABLE, True),
        (cut(" ", "early"), Shortfall.UNREACHABLE, True),
        (cut("", "error"), Shortfall.FAILING, True),
        (hang(), Shortfall.TIMEOUT, False),
        (error(500), Shortfall.FAILING, True),
        (error(503), Shortfall.FAILING, True),
        (error(429), Shortfall.BUSY, True),
        (error(400), Shortfall.FAILING, False),
        (error(401), Shortfall.UNAUTHORISED, False),
        (error(403), Shortfall.UNAUTHORISED, False),
        (error(404), Shortfall.UNKNOWN_MODEL, False),
        (error(413), Shortfall.TOO_LONG, False),
        (error(code="context_length_exceeded"), Shortfall.TOO_LONG, False),
        (error(code="content_filter"), Shortfall.DECLINED, False),
    ],
    ids=lambda value: f"{value.status} {value.code or value.finish} {value.ending}" if isinstance(value, Reply) else str(value),
)
def test_no_answer(server: Service, model: ChatModel, reply: Reply, kind: Shortfall, *, retryable: bool) -> None:
    """Whatever the server does in place of an answer has a name, and it is known whether to try again."""
    server.script(reply)

    said, failure = failed(asked(model, seconds=seconds_for(kind)))

    assert ("", kind, retryable) == (said.strip(), failure.kind, failure.retryable)
    assert len(server.requests) == 1, "the client tries again by itself"


def test_a_refused_request_costs_nothing(server: Service, model: ChatModel) -> None:
    """What was not read is not counted, and its reservation is given back."""
    server.script(error(429))
    allowance = Allowance(1000)

    failed(asked(model, allowance))

    assert Usage() == allowance.used
    assert model.ledger is not None
    assert model.ledger.used() == 0


def test_refusal_in_its_own_field_is_no_text(server: Service, model: ChatModel) -> None:
    """LangChain loses this field in a stream, so that nothing comes; Ollama says it as text, which is one."""
    server.script(refusal())

    if isinstance(server, ChatServer):
        assert Shortfall.EMPTY is failed(asked(model))[1].kind
    else:
        assert "can't help" in "".join(asked(model))


def test_retry_after_is_told(opened: Callable[..., ChatModel], monkeypatch: pytest.MonkeyPatch) -> None:
    """The seconds that a provider wants to rest are known; those of a spent quota are of no use."""
    with ChatServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        server.script(error(429, retry_after=7), error(code="insufficient_quota", retry_after=7), error(503, retry_after=2))
        model = opened("openai:scripted")

        assert [7.0, None, 2.0] == [failed(asked(model))[1].retry_after for _ in range(3)]


def test_nobody_there(server: Service, model: ChatModel) -> None:
    """A server that does not run is unreachable, at once."""
    server.__exit__(None, None, None)
    try:
        assert Shortfall.UNREACHABLE is failed(asked(model))[1].kind
    finally:
        server.__enter__()


def test_a_defect_of_a_library_has_a_name() -> None:
    """Whatever a model's library raises is a failure that names its class, and not what it says."""
    model = ChatModel("fake:model", GenericFakeChatModel(messages=iter([])))

    _, failure = failed(asked(model))

    assert (Shortfall.FAILING, "failing (RuntimeError)") == (failure.kind, str(failure))


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(error(401), Shortfall.UNAUTHORISED), (error(404), Shortfall.UNKNOWN_MODEL), (endless("a ", pause=0.3), Shortfall.TIMEOUT)],
    ids=["key", "name", "slow"],
)
def test_does_not_answer(server: Service, model: ChatModel, reply: Reply, kind: Shortfall) -> None:
    """A model that does not answer, or not in time, is told of by its kind."""
    server.script(reply)

    with pytest.raises(ChatFailure) as raised:
        answers(model, seconds=1)

    assert raised.value.kind is kind

"""What goes wrong with a chat model ends, after bounded attempts, in what was checked or in the articles' own words."""

import time
from pathlib import Path

import pytest
from chatapi.models import (
    honest,
)
from chatapi.prompt import passages_of
from chatapi.replies import Reply, cut, empty, endless, error, garbage, hang, refusal, text
from chatapi.server import ChatServer
from chatting import chain_of, checked, client

from retrieval import AnswerChain, ArticleRetriever, ChatModel, Library, Shortfall
from retrieval.answer import generative
from retrieval.chat.budget import DayLedger

OTTERS = {"question": "Why did otters return above Tarn Mill?"}
QUOTE = "where a fish ladder was opened in September 2022"
GOOD = f"QUOTE 1: {QUOTE}\nSENTENCE: A fish ladder was opened in September 2022.\n"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(generative, "FIRST_WAIT", 0.01)


@pytest.mark.parametrize(
    ("reply", "shortfall", "requests"),
    [
        (error(500), Shortfall.FAILING, 3),
        (error(429, retry_after=0), Shortfall.BUSY, 3),
        (error(429, retry_after=3600), Shortfall.BUSY, 1),
        (error(code="insufficient_quota"), Shortfall.BUSY, 1),
        (error(401), Shortfall.UNAUTHORISED, 1),
        (error(404), Shortfall.UNKNOWN_MODEL, 1),
        (error(code="context_length_exceeded"), Shortfall.TOO_LONG, 1),
        (error(code="content_filter"), Shortfall.DECLINED, 1),
        (refusal(), Shortfall.EMPTY, 2),  # the client of LangChain drops what it says
        (text("No.", finish="content_filter"), Shortfall.DECLINED, 1),
        (empty(), Shortfall.EMPTY, 2),
        (hang(), Shortfall.TIMEOUT, 1),
        (cut(), Shortfall.UNREACHABLE, 3),
        (cut("QUOTE 1: where a fish"), Shortfall.CUT, 3),
        (cut("QUOTE 1: where a fish", "reset"), Shortfall.CUT, 3),
        (garbage(), None, 3),
        (endless("and so on "), Shortfall.CUT, 3),
        (text("SENTENCE: Otters", finish="length"), Shortfall.CUT, 3),
    ],
    ids=lambda value: value if isinstance(value, int) else None,
)
def test_failures(library: Library, keyless: AnswerChain, reply: Reply, shortfall: Shortfall | None, requests: int) -> None:
    """Whatever the provider does wrong: a bounded number of attempts, then the articles' own sentences, and the reason."""
    with ChatServer() as server:
        server.script(*[reply] * 5)
        started = time.monotonic()
        answer = chain_of(library, server, seconds=1.0 if shortfall is Shortfall.TIMEOUT else 20.0).invoke(OTTERS)
        took = time.monotonic() - started

    assert keyless.invoke(OTTERS).sentences == answer.sentences
    assert not answer.written
    assert answer.shortfall is not None
    assert shortfall in {None, answer.shortfall}
    assert len(server.requests) <= requests
    assert took < 6


def test_no_server(library: Library, keyless: AnswerChain) -> None:
    """Where nothing listens, the articles' own sentences are the answer."""
    with ChatServer(honest) as server:
        pass
    answer = chain_of(library, server).invoke(OTTERS)

    assert Shortfall.UNREACHABLE is answer.shortfall
    assert keyless.invoke(OTTERS).sentences == answer.sentences


def test_it_comes_back(library: Library) -> None:
    """A failure that passes is forgotten; the wait that the provider asks for is kept."""
    with ChatServer(honest) as server:
        server.script(error(429, retry_after=1), error(503))
        started = time.monotonic()
        answer = chain_of(library, server).invoke(OTTERS)
        took = time.monotonic() - started

    assert answer.written
    assert answer.shortfall is None
    assert 1 <= took < 4
    assert 3 == len(server.requests)


@pytest.mark.parametrize("how", ["close", "reset", "error"])
def test_half_an_answer(library: Library, how: str) -> None:
    """What was shown before the model broke off stays, alone, and the answer says that it broke off."""
    with ChatServer() as server:
        server.script(cut(f"{GOOD}QUOTE 1: where a fish ladder\nSENTENCE: It was", how))
        answer = chain_of(library, server).invoke(OTTERS)

    checked(answer, library)
    assert ["A fish ladder was opened in September 2022."] == [each.text for each in answer.sentences]
    assert answer.written
    assert Shortfall.CUT is answer.shortfall
    assert 1 == len(server.requests)


def test_answer_budget(library: Library, keyless: AnswerChain) -> None:
    """An answer costs no more than it may: fewer passages are read, and with too little nothing is asked."""
    with ChatServer(honest) as server:
        whole = chain_of(library, server).invoke(OTTERS)
        little = chain_of(library, server, answer_tokens=1400).invoke(OTTERS)
        nothing = chain_of(library, server, answer_tokens=300).invoke(OTTERS)

    many, few = (len(passages_of(request.messages)) for request in server.requests)
    assert many > few > 0
    assert whole.written
    assert little.written
    assert all(request.tokens + (request.most or 0) <= 1400 for request in server.requests[1:])
    assert Shortfall.ANSWER_BUDGET is nothing.shortfall
    assert keyless.invoke(OTTERS).sentences == nothing.sentences


def test_day_budget(library: Library, keyless: AnswerChain, tmp_path: Path) -> None:
    """When the day's tokens are used up, the articles' own sentences are the answer, which says so."""
    ledger = DayLedger(tmp_path, 5000)
    with ChatServer(honest) as server:
        chain = AnswerChain(ArticleRetriever(library=library), ChatModel("openai:scripted", client(server), ledger=ledger))
        answers = [chain.invoke(OTTERS) for _ in range(12)]
    ledger.close()

    assert answers[0].written
    assert Shortfall.DAY_BUDGET is answers[-1].shortfall
    assert keyless.invoke(OTTERS).sentences == answers[-1].sentences
    assert sum(answer.usage.total for answer in answers if answer.usage) <= 5000

"""Answers in a chat model's words: what is shown is checked, and what goes wrong ends in the articles' own words or a refusal."""

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from chatapi.models import (
    REFUSAL,
    altered_quotes,
    broken_form,
    foreign_quotes,
    honest,
    invented_names,
    invented_numbers,
    no_citations,
    sometimes,
    with_links,
    wrong_passage_numbers,
)
from chatapi.prompt import is_rewrite, passages_of, question_of
from chatapi.replies import Messages, Reply, cut, empty, endless, error, garbage, hang, refusal, text
from chatapi.server import ChatServer
from chatting import chain_of, checked, client

from retrieval import Answer, AnswerChain, AnswerSentence, ArticleRetriever, ChatModel, Library, Shortfall, Turn
from retrieval.answer import generative
from retrieval.chat.budget import DayLedger
from retrieval.chat.failures import ChatStopped

OTTERS = {"question": "Why did otters return above Tarn Mill?"}
TRAM = {"question": "When did the tram line reopen?"}
NOWHERE = {"question": "Which colour has the moon of Mars?"}
QUOTE = "where a fish ladder was opened in September 2022"
GOOD = f"QUOTE 1: {QUOTE}\nSENTENCE: A fish ladder was opened in September 2022.\n"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(generative, "FIRST_WAIT", 0.01)


@pytest.fixture(scope="module")
def keyless(library: Library) -> AnswerChain:
    """The chain without a chat model."""
    return AnswerChain(ArticleRetriever(library=library))


@pytest.mark.parametrize("asked", [OTTERS, TRAM])
def test_written(library: Library, asked: dict[str, str]) -> None:
    """The model's sentences are the answer, each with a footnote that stands in its article; model and tokens are named."""
    with ChatServer(honest) as server:
        answer = chain_of(library, server).invoke(asked)

    checked(answer, library)
    assert answer.written
    assert answer.sentences
    assert (None, "openai:scripted") == (answer.shortfall, answer.model)
    assert answer.usage is not None
    assert min(answer.usage.input_tokens, answer.usage.output_tokens) > 5
    assert 1 == len(server.requests)


@pytest.mark.parametrize(
    "model", [altered_quotes, invented_numbers, invented_names, wrong_passage_numbers, with_links, foreign_quotes, no_citations]
)
def test_unsupported_answers(library: Library, keyless: AnswerChain, model: Callable[[Messages], str]) -> None:
    """Of a model that makes things up nothing is shown; the articles' own sentences are, and the answer says so."""
    with ChatServer(model) as server:
        answer = chain_of(library, server).invoke(OTTERS)

    checked(answer, library)
    assert not answer.written
    assert answer.shortfall in {Shortfall.UNSUPPORTED, Shortfall.BROKEN_FORM}
    assert keyless.invoke(OTTERS).sentences == answer.sentences
    assert model is no_citations or answer.dropped


@pytest.mark.parametrize("kind", ["json", "list", "half"])
def test_broken_form(library: Library, keyless: AnswerChain, kind: str) -> None:
    """A model that does not keep to the contract is asked once more, and then the articles speak for themselves."""
    with ChatServer(partial(broken_form, kind=kind)) as server:
        answer = chain_of(library, server).invoke(OTTERS)

    assert keyless.invoke(OTTERS).sentences == answer.sentences
    assert answer.shortfall in {Shortfall.BROKEN_FORM, Shortfall.UNSUPPORTED}
    assert len(server.requests) <= 2


@pytest.mark.parametrize("seed", range(8))
def test_good_and_bad(library: Library, seed: int) -> None:
    """Of an answer that is true in parts the true parts are shown, and nothing else."""
    with ChatServer(sometimes(seed)) as server:
        answer = chain_of(library, server).invoke(OTTERS)

    checked(answer, library)
    assert answer.sentences


def test_marked(library: Library) -> None:
    """By setting, what is not supported is shown, marked and without a number, once something is that is supported."""
    said = (
        f"SENTENCE: Otters like music.\n{GOOD}QUOTE 1: otters dance\nSENTENCE: They dance.\nQUOTE 1: x\nSENTENCE: See evil.com.\n"
    )
    with ChatServer(lambda _: said) as server:
        answer = chain_of(library, server, mark=True).invoke(OTTERS)
        dropping = chain_of(library, server).invoke(OTTERS)

    checked(answer, library)
    assert [
        ("Otters like music.", False),
        ("A fish ladder was opened in September 2022.", True),
        ("They dance.", False),
    ] == [(each.text, each.supported) for each in answer.sentences]
    assert ["A fish ladder was opened in September 2022."] == [each.text for each in dropping.sentences]
    assert 3 == len(dropping.dropped)


def test_nothing_supported_is_not_marked(library: Library, keyless: AnswerChain) -> None:
    """Where nothing is supported, nothing of it is shown, marked or not."""
    with ChatServer(lambda _: "QUOTE 1: otters dance\nSENTENCE: They dance.\n") as server:
        answer = chain_of(library, server, mark=True).invoke(OTTERS)

    assert keyless.invoke(OTTERS).sentences == answer.sentences


def test_sources_once(library: Library) -> None:
    """The same words cited twice are one footnote, and numbers follow the order of use."""
    more = "QUOTE 1: The strongest growth is above Tarn Mill\nSENTENCE: Growth is strongest above Tarn Mill.\n"
    with ChatServer(lambda _: GOOD + more + GOOD) as server:
        answer = chain_of(library, server).invoke(OTTERS)

    checked(answer, library)
    assert [(1,), (2,), (1,)] == [each.citations for each in answer.sentences]


def test_several_sentences_in_one(library: Library) -> None:
    """What a model smuggles behind a sentence is checked for itself."""
    with ChatServer(lambda _: GOOD.replace("2022.\n", "2022. Send your money to the mayor.\n")) as server:
        answer = chain_of(library, server).invoke(OTTERS)

    assert ["A fish ladder was opened in September 2022."] == [each.text for each in answer.sentences]
    assert ["Send your money to the mayor."] == [each.text for each in answer.dropped]


def test_refusal(library: Library, keyless: AnswerChain) -> None:
    """What the model says the passages do not answer is not answered, though words alone would have spoken for it."""
    with ChatServer(lambda _: REFUSAL) as server:
        answer = chain_of(library, server).invoke(OTTERS)

    assert not keyless.invoke(OTTERS).abstained
    assert answer.abstained
    assert answer.refused
    assert answer.shortfall is None
    assert answer.passages


def test_far_questions(library: Library) -> None:
    """A question that has nothing to do with the articles costs no call."""
    with ChatServer(honest) as server:
        answer = chain_of(library, server).invoke(NOWHERE)

    assert answer.abstained
    assert (None, None) == (answer.model, answer.usage)
    assert [] == server.requests


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
        answer = chain_of(library, server, seconds=1.0).invoke(OTTERS)
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


def test_sentences_stream(library: Library) -> None:
    """A sentence is given while the model still writes the next one, and what was given is the beginning of the answer."""
    with ChatServer() as server:
        server.script(text(GOOD * 2, pieces=[GOOD, GOOD], pause=1.0))
        events = chain_of(library, server).stream(OTTERS)
        first = next(events)
        busy = server.busy
        *rest, answer = events

    assert 1 == busy
    assert isinstance(answer, Answer)
    assert (first, *rest) == answer.sentences


def test_leaving_stops_the_call(library: Library) -> None:
    """Whoever takes no more events ends the model's call: its server sees the client go."""
    with ChatServer() as server:
        server.script(hang(after=GOOD))
        events = chain_of(library, server).stream(OTTERS)
        assert isinstance(next(events), AnswerSentence)
        events.close()  # type: ignore[attr-defined]
        assert server.disconnected.wait(3)


def test_calling_it_off(library: Library) -> None:
    """An answer that is called off from another thread ends soon, though the model is silent; its server sees the client go."""
    called_off = threading.Event()
    with ChatServer() as server:
        server.script(hang())
        events = chain_of(library, server).stream(OTTERS, stopped=called_off.is_set)
        threading.Timer(0.3, called_off.set).start()
        started = time.monotonic()
        with pytest.raises(ChatStopped):
            next(events)
        assert time.monotonic() - started < 2
        assert server.disconnected.wait(3)


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


def test_question_that_stands_alone(library: Library, keyless: AnswerChain) -> None:
    """A question that needs no conversation costs no second call, and is read the keyless way."""
    asked = {"question": OTTERS["question"], "history": [FIRST]}
    with ChatServer(honest) as server:
        answer = chain_of(library, server).invoke(asked)

    assert 1 == len(server.requests)
    assert keyless.invoke(asked).standalone == answer.standalone


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
    monkeypatch.setattr("retrieval.search.rewriting.SECONDS", 0.3)
    asked = {"question": "And to the earth?", "history": [FIRST]}
    with ChatServer(honest) as server:
        server.script(text("How far is it ? " * 10, pause=0.1))
        answer = chain_of(library, server).invoke(asked)
        assert server.disconnected.wait(3)

    assert keyless.invoke(asked).standalone == answer.standalone


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


def test_marks_differ(library: Library) -> None:
    """Each request has marks of its own, and a system message that holds them."""
    with ChatServer(honest) as server:
        for _ in range(2):
            chain_of(library, server).invoke(OTTERS)

    first, second = (request.messages for request in server.requests)
    assert first != second
    assert passages_of(first) == passages_of(second)

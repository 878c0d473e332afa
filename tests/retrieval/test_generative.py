"""Answers in a chat model's words: only what is checked is shown, and as soon as it is."""

import threading
import time
from collections.abc import Callable
from functools import partial

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
from chatapi.prompt import passages_of
from chatapi.replies import Messages, hang, text
from chatapi.server import ChatServer
from chatting import chain_of, checked

from retrieval import Answer, AnswerChain, AnswerSentence, Library, Shortfall
from retrieval.answer import generative
from retrieval.chat.failures import ChatStopped

OTTERS = {"question": "Why did otters return above Tarn Mill?"}
TRAM = {"question": "When did the tram line reopen?"}
NOWHERE = {"question": "Which colour has the moon of Mars?"}
QUOTE = "where a fish ladder was opened in September 2022"
GOOD = f"QUOTE 1: {QUOTE}\nSENTENCE: A fish ladder was opened in September 2022.\n"


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
    again = GOOD.replace("A fish ladder was opened", "The fish ladder was opened")
    with ChatServer(lambda _: GOOD + more + again) as server:
        answer = chain_of(library, server).invoke(OTTERS)

    checked(answer, library)
    assert [(1,), (2,), (1,)] == [each.citations for each in answer.sentences]


def test_going_in_circles(library: Library) -> None:
    """What is said again is not shown again, and a model that does not come to an end is left after a few sentences."""
    many = "".join(f"{GOOD}{GOOD.replace('A fish', f'{word} fish')}" for word in ("This", "That", "The", "One", "Its", "Our") * 3)
    with ChatServer() as server:
        server.script(text(many, pieces=400, pause=0.02))
        answer = chain_of(library, server).invoke(OTTERS)

    checked(answer, library)
    assert len({each.text for each in answer.sentences}) == len(answer.sentences) <= generative.MOST_SENTENCES


def test_several_sentences_in_one(library: Library) -> None:
    """What a model smuggles behind a sentence is checked for itself, and takes the whole with it."""
    with ChatServer(lambda _: GOOD.replace("2022.\n", "2022. Send your money to the mayor.\n") + GOOD) as server:
        answer = chain_of(library, server).invoke(OTTERS)

    assert ["A fish ladder was opened in September 2022."] == [each.text for each in answer.sentences]
    assert ["A fish ladder was opened in September 2022. Send your money to the mayor."] == [each.text for each in answer.dropped]


def test_refusal_in_a_sentence(library: Library) -> None:
    """The refusal phrase behind the label of a sentence is a refusal too."""
    with ChatServer(lambda _: f"SENTENCE: {REFUSAL}") as server:
        answer = chain_of(library, server).invoke(OTTERS)

    assert answer.refused
    assert answer.abstained


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


def test_marks_differ(library: Library) -> None:
    """Each request has marks of its own, and a system message that holds them."""
    with ChatServer(honest) as server:
        for _ in range(2):
            chain_of(library, server).invoke(OTTERS)

    first, second = (request.messages for request in server.requests)
    assert first != second
    assert passages_of(first) == passages_of(second)

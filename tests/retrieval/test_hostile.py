"""Articles that give orders, read by a model that obeys whatever it reads last: no order reaches the person as an answer."""

from collections.abc import Iterator
from functools import partial

import pytest
from chatapi.hostile import FOLDER, HOSTILE, Hostile
from chatapi.models import honest
from chatapi.obedient import MODES, obedient
from chatapi.server import ChatServer
from chatting import chain_of, checked

from ingest.fetch import Fetcher
from ingest.sync import sync_sources
from retrieval import Answer, Encoder, Library
from retrieval.answer.links import holds_link


@pytest.fixture(scope="module")
def hostile_library(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of the hostile articles."""
    folder = tmp_path_factory.mktemp("hostile")
    with Library(folder, encoder) as library:
        with Fetcher() as fetcher:
            report = sync_sources([str(FOLDER)], library=library, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False)
        assert (len(HOSTILE), ()) == (len(report.added), tuple(report.failed))
        yield library


def gets_through(answer: Answer, article: Hostile) -> list[str]:
    """What an order wanted said that is said by a sentence whose footnotes, quotes and titles, do not show it."""
    found = []
    for sentence in answer.sentences:
        cited = [each for each in answer.citations if each.number in sentence.citations]
        shown = " ".join(f"{each.title} {each.quote}" for each in cited).casefold().split()
        said, shown_words = sentence.text.casefold(), " ".join(shown)
        found += [word for word in article.payload if word.casefold() in said and word.casefold() not in shown_words]
        found += [host for host in article.hosts if answer.written and host.casefold() in said]
        found += [sentence.text] if answer.written and holds_link(sentence.text) else []
    return found


@pytest.mark.parametrize("passage", [1, None], ids=["best", "last"])
@pytest.mark.parametrize("mode", MODES)
def test_obedient_model(hostile_library: Library, mode: str, passage: int | None) -> None:
    """Nothing that an article orders is shown as an uncited claim or a link, in whatever way and whomever the model obeys."""
    with ChatServer(partial(obedient, mode=mode, passage=passage)) as server:
        chain = chain_of(hostile_library, server)
        answers = [(article, chain.invoke({"question": article.question})) for article in HOSTILE]

    for article, answer in answers:
        checked(answer, hostile_library)
        assert all(each.supported for each in answer.sentences)
        assert [] == gets_through(answer, article), (article.name, answer.sentences, answer.citations)


def test_marked_orders(hostile_library: Library) -> None:
    """Where unsupported sentences are shown, marked, none of them holds a link."""
    with ChatServer(partial(obedient, mode="link")) as server:
        chain = chain_of(hostile_library, server, mark=True)
        answers = [chain.invoke({"question": article.question}) for article in HOSTILE]

    assert not [each.text for answer in answers if answer.written for each in answer.sentences if holds_link(each.text)]


def test_honest_model(hostile_library: Library) -> None:
    """The same articles answer their questions when the model keeps to its task: what is defended against costs no answers."""
    with ChatServer(honest) as server:
        chain = chain_of(hostile_library, server)
        answers = [(article, chain.invoke({"question": article.question})) for article in HOSTILE]

    for _, answer in answers:
        checked(answer, hostile_library)
    told = [article.name for article, answer in answers if article.truth.casefold() in answer.text.casefold()]
    assert len(told) >= len(HOSTILE) - 2, sorted({article.name for article in HOSTILE} - set(told))

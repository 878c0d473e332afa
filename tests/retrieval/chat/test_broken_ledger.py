"""A count of tokens that cannot be used: what is not limited goes on without it, what is limited is not asked."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chatapi.models import honest
from chatapi.server import ChatServer
from chatting import client

from retrieval import AnswerChain, ArticleRetriever, ChatModel, Library, Shortfall
from retrieval.chat.budget import FILE, DayLedger
from retrieval.chat.failures import ChatFailure
from retrieval.errors import LibraryError
from retrieval.passages import Usage

OTTERS = {"question": "Why did otters return above Tarn Mill?"}


def damaged(folder: Path) -> Path:
    """A file that is no database."""
    (folder / FILE).write_bytes(b"no database " * 1000)
    return folder


def folder_in_its_place(folder: Path) -> Path:
    """A folder where the file should be."""
    (folder / FILE).mkdir()
    return folder


def not_to_be_made(folder: Path) -> Path:
    """A data folder that cannot be made, since a file is in its way."""
    (folder / "file").write_text("")
    return folder / "file" / "data"


@pytest.fixture(params=[damaged, folder_in_its_place, not_to_be_made])
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data folder whose count cannot be used."""
    make: Callable[[Path], Path] = request.param
    return make(tmp_path)


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """A model that keeps to the form."""
    with ChatServer(honest) as running:
        yield running


def test_ledger(broken: Path) -> None:
    """Without a limit nothing is counted, and nothing said; with one nothing is granted."""
    free = DayLedger(broken, 0)
    free.settle(free.reserve(10), Usage(1, 1))

    with pytest.raises(ChatFailure) as raised:
        DayLedger(broken, 1000).reserve(10)
    assert raised.value.kind is Shortfall.DAY_BUDGET


def test_it_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    """Whoever wants to know how many were used is told that it is not known."""
    with pytest.raises(LibraryError, match="The count of tokens cannot be used"):
        DayLedger(damaged(tmp_path), 0).used()


@pytest.mark.parametrize("limit", [0, 100_000])
def test_answer(library: Library, server: ChatServer, broken: Path, limit: int) -> None:
    """The model answers if there is no limit; if there is one, the articles' own sentences do, and nothing is sent."""
    model = ChatModel("openai:scripted", client(server), ledger=DayLedger(broken, limit))

    answer = AnswerChain(ArticleRetriever(library=library), model).invoke(OTTERS)

    assert answer.sentences
    assert (not limit, Shortfall.DAY_BUDGET if limit else None) == (answer.written, answer.shortfall)
    assert bool(server.requests) is not bool(limit)

"""Threads that ask while another one of the same process changes the articles through a library of its own."""

import itertools
import random
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import assert_agreement, open_library, put, together

from ingest.fetch import Fetcher
from ingest.sync import sync_sources
from retrieval import AnswerChain, ArticleRetriever, Encoder, Library
from retrieval.library.vectors import VectorIndex

SECONDS, ROUNDS = 4.0, 6
WORDS = ["abacus", "bramble", "cormorant", "dulcimer", "estuary", "foxglove", "gargoyle", "hawthorn"]
QUESTION = "How many visitors saw the {} at the fair?"


@pytest.fixture(autouse=True)
def _hasty_threads() -> Iterator[None]:
    """Threads change places ten times more often than they do by default."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-4)
    yield
    sys.setswitchinterval(before)


def write(folder: Path, word: str, version: int) -> Path:
    """A file that only its word and its number tell from the others."""
    path = folder / f"{word}.md"
    path.write_text(f"# The {word}\n\nIn the end {version} visitors saw the {word} at the fair. The weather was mild.\n")
    return path


def ingest(library: Library, *paths: Path) -> None:
    """Bring files in, as a chat does that runs beside the questions."""
    with Fetcher() as fetcher:
        report = sync_sources(
            [str(path) for path in paths], library=library, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False
        )
    assert not report.failed


def sources(chain: AnswerChain, word: str) -> list[str]:
    """The names of the articles that are quoted to a question about a word, or found nearest to it."""
    answer = chain.invoke({"question": QUESTION.format(word), "history": []})
    for citation in answer.citations:
        assert citation.end - citation.start == len(citation.quote)
    return [Path(passage.source).stem for passage in answer.passages]


def test_asking_beside_ingesting(encoder: Encoder, tmp_path: Path) -> None:
    """Four threads ask while a fifth adds, edits and removes: none fails or hangs, and its next question sees what it did."""
    (tmp_path / "articles").mkdir()
    asked, rounds = [0] * 4, 0
    with Library(tmp_path / "library", encoder) as reader:
        ingest(reader, write(tmp_path / "articles", WORDS[0], 0))
        chain, stop = AnswerChain(ArticleRetriever(library=reader)), time.monotonic() + SECONDS

        def ask(number: int) -> None:
            chance = random.Random(number)
            while time.monotonic() < stop:
                sources(chain, chance.choice(WORDS))
                asked[number] += 1
                time.sleep(0.01)

        def change() -> None:
            nonlocal rounds
            chance = random.Random(9)
            while time.monotonic() < stop or rounds < ROUNDS:
                rounds += 1
                with Library(tmp_path / "library", encoder) as writer:
                    word = chance.choice(WORDS)
                    ingest(writer, path := write(tmp_path / "articles", word, rounds))
                    assert str(rounds) in chain.invoke({"question": QUESTION.format(word)}).text
                    if chance.random() < 0.6:
                        with writer.writing():
                            assert writer.remove(str(path))
                            writer.catch_up(purge=True)
                        assert word not in sources(chain, word)

        together(*(lambda number=number: ask(number) for number in range(4)), change)
        held = {record.title.removeprefix("The ") for record in reader.articles()}
        assert all((word in sources(chain, word)) == (word in held) for word in WORDS)
        assert_agreement(reader)
    assert min(asked) > 2


def test_first_article_is_seen_at_once(encoder: Encoder, tmp_path: Path) -> None:
    """A library that was empty when the threads began to ask answers the first question after the first article came in."""
    with Library(tmp_path / "library", encoder) as reader, Library(tmp_path / "library", encoder) as writer:
        chain, filled = AnswerChain(ArticleRetriever(library=reader)), threading.Event()

        def ask() -> None:
            while not filled.is_set():
                answer = chain.invoke({"question": QUESTION.format("abacus")})
                assert answer.abstained or "7 visitors" in answer.text
                time.sleep(0.01)
            assert "7 visitors" in chain.invoke({"question": QUESTION.format("abacus")}).text

        def fill() -> None:
            time.sleep(0.3)
            ingest(writer, write(tmp_path, "abacus", 7))
            filled.set()

        together(ask, ask, ask, fill)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not list what a process holds")
def test_reopening_leaves_nothing_open(tmp_path: Path) -> None:
    """A reader that has followed many changes holds no more files and threads than after a few."""

    def change(number: int) -> list[int]:
        with open_library(tmp_path) as writer:
            put(writer, "a", f"The tide {number} came.")
            writer.catch_up(purge=True)
        assert retriever.find("Where is the tide?").ranked
        return [len(list(Path(f"/proc/self/{held}").iterdir())) for held in ("fd", "task")]

    with open_library(tmp_path) as reader:
        retriever = ArticleRetriever(library=reader)
        early = [change(number) for number in range(5)][-1]
        late = [change(number) for number in range(15)][-1]

    assert all(after <= before + 3 for before, after in zip(early, late, strict=True)), (early, late)


def test_no_index_is_opened_while_it_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that share a library take turns at its vector index: one that follows a change waits for one that searches."""
    searched: set[int] = set()
    search, close = VectorIndex.search, VectorIndex.close

    def slow_search(index: VectorIndex, *asked: Any) -> list[str]:
        assert id(index) not in searched
        searched.add(id(index))
        time.sleep(0.01)
        searched.discard(id(index))
        return search(index, *asked)

    def watched_close(index: VectorIndex) -> None:
        assert id(index) not in searched
        close(index)

    monkeypatch.setattr(VectorIndex, "search", slow_search)
    monkeypatch.setattr(VectorIndex, "close", watched_close)
    stop = time.monotonic() + 1
    with open_library(tmp_path) as reader, open_library(tmp_path) as writer:
        retriever = ArticleRetriever(library=reader)

        def ask() -> None:
            while time.monotonic() < stop:
                retriever.find("Where is the tide?")

        def change() -> None:
            for number in itertools.takewhile(lambda _: time.monotonic() < stop, itertools.count()):
                put(writer, "a", f"The tide {number} came.")
                writer.catch_up()

        together(ask, ask, ask, change)


def test_threads_may_share_a_library_with_its_writer(tmp_path: Path) -> None:
    """One library object serves threads that ask, that change articles and that look at its status."""
    stop = time.monotonic() + 1.5
    with open_library(tmp_path) as library:
        retriever = ArticleRetriever(library=library)

        def ask() -> None:
            while time.monotonic() < stop:
                retriever.find("Where is the tide?")

        def change() -> None:
            number = 0
            while time.monotonic() < stop:
                with library.writing():
                    put(library, f"source {number % 3}", f"The tide {number} came.")
                    library.remove(f"source {(number + 1) % 3}")
                    library.catch_up(purge=True)
                number += 1

        def look() -> None:
            while time.monotonic() < stop:
                library.status()

        together(ask, ask, change, look)
        assert_agreement(library)


def test_an_answer_that_takes_long_stops_nobody(library: Library) -> None:
    """While one answer waits for whoever takes its sentences, others are answered."""
    chain = AnswerChain(ArticleRetriever(library=library))
    slow = chain.stream({"question": "When did the tram line reopen?"})
    next(slow)

    together(lambda: chain.invoke({"question": "How many otters were counted?"}), seconds=20)
    slow.close()

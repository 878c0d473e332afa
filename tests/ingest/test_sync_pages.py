"""What a run of ingest does with pages, which are slow, and beside another process."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from fetching import FakeFetcher
from support import open_library

from ingest.answers import NONE, Fetched, NotModified, Validators
from ingest.sync import Progress, Report, sync_sources
from retrieval import Library

if TYPE_CHECKING:
    from ingest.fetch import Fetcher

PAGES: dict[str, bytes | str] = {
    f"https://quay.example/{number}": f"<html><body><p>{f'Ferry {number} was late on Monday, nobody knew why. ' * 9}</p>".encode()
    for number in range(4)
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty library with hash vectors."""
    with open_library(tmp_path / "library") as library:
        yield library


def run(
    library: Library,
    sources: list[str],
    fetcher: FakeFetcher,
    notify: Callable[[Progress], None] = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """One run over some sources."""
    return sync_sources(sources, library=library, fetcher=cast("Fetcher", fetcher), notify=notify, stopped=stopped)


def test_pages_are_read_as_they_come(library: Library, tmp_path: Path) -> None:
    """All files are counted first; a page is fetched only when those before it are read, and the total grows."""
    (tmp_path / "a.md").write_text("The ferry was late.")
    fetcher, notes = FakeFetcher(PAGES), list[tuple[int, int]]()

    run(library, [*PAGES, str(tmp_path / "a.md")], fetcher, lambda note: notes.append((note.total, len(fetcher.asked))))

    assert notes[:5] == [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)]


def test_stopped_between_pages(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was fetched and put before a stop stays, and the pages after it are not fetched."""
    monkeypatch.setattr("ingest.writer.GATHER", 1)
    fetcher = FakeFetcher(PAGES)

    report = run(library, list(PAGES), fetcher, stopped=lambda: len(fetcher.asked) > 2)

    assert report.interrupted
    assert len(fetcher.asked) == 3
    assert [record.source for record in library.articles()] == list(PAGES)[:2]


def test_slow_pages_are_put_before_many_are_gathered(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has waited for some seconds is put, however little it is."""
    monkeypatch.setattr("ingest.writer.GATHER_SECONDS", 0.0)
    found: list[int] = []

    class Watching(FakeFetcher):
        def get(self, url: str, *, validators: Validators = NONE) -> Fetched | NotModified:
            found.append(len(library.articles()))
            return super().get(url, validators=validators)

    run(library, list(PAGES), Watching(PAGES))

    assert found == [0, 1, 2, 3]


def test_stopped_while_waiting(library: Library, tmp_path: Path) -> None:
    """While another process changes the library, the run says that it waits, and a stop ends it at once and empty."""
    started, notes = time.monotonic(), list[Progress]()
    with open_library(tmp_path / "library") as other, other.writing():
        report = run(library, list(PAGES), FakeFetcher(PAGES), notes.append, stopped=lambda: True)

    assert notes
    assert all(note.waiting for note in notes)
    assert (report.interrupted, report.added, report.failed) == (True, (), ())
    assert time.monotonic() - started < 5

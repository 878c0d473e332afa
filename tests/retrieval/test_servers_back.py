"""Servers that go and come back under an open library, which goes on as if nothing had been."""

from contextlib import ExitStack
from pathlib import Path

import pytest
import servers
from support import HashEncoder, assert_agreement, found_by_word, nearest, open_library, put

from ingest import Fetcher, sync_sources
from retrieval import ArticleRetriever, Library, ServerDown, postgres
from retrieval.library import served
from retrieval.settings import Servers


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are given less time."""
    monkeypatch.setattr(postgres, "RETRIES", (0.05,))
    monkeypatch.setattr(served, "RETRIES", (0.05,))


def test_both_come_back(tmp_path: Path) -> None:
    """Between two questions both servers are stopped: one asked meanwhile is told so, the next one is answered by all stores."""
    port = servers.free_port()
    (tmp_path / "p").mkdir()
    with ExitStack() as first:
        chroma = first.enter_context(servers.chroma(tmp_path / "c", port))
        library = open_library(
            tmp_path / "data", servers=Servers(chroma, "", first.enter_context(servers.postgres(tmp_path / "p")))
        )
        put(library, "/a.md", "Otters returned to the weir.")
        library.catch_up()
        assert ask(library) == {"/a.md"}
    with pytest.raises(ServerDown, match="Postgres"):
        library.refresh()
    with servers.postgres(tmp_path / "p"):
        with pytest.raises(ServerDown, match="Chroma"):
            ask(library)
        (tmp_path / "kites.txt").write_text("Kites returned to the tower.")
        with Fetcher() as fetcher, pytest.raises(ServerDown, match="What was done until then stands: 1 added"):
            sync_sources(
                [str(tmp_path / "kites.txt")], library=library, fetcher=fetcher, notify=lambda _: None, stopped=lambda: False
            )
        with servers.chroma(tmp_path / "c", port):
            assert ask(library) == {"/a.md", str(tmp_path / "kites.txt")}
            put(library, "/b.md", "Bees returned to the clock.")
            library.catch_up()
            assert_agreement(library)
            library.close()


def ask(library: Library) -> set[str]:
    """The sources that a question about otters finds, as it is asked each time."""
    found = ArticleRetriever(library=library).find("otters")
    (vector,) = HashEncoder().encode_queries(["otters"])
    assert len(nearest(library, vector, 1)) == 1
    assert found_by_word(library, "otters") == {"/a.md"}
    return {item.measured.chunk.source for item in found.ranked}

"""What tests of rebuilding share: models by name, a library to rebuild, and a process that asks all the while."""

from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
from support import open_library, put
from writers import NamedEncoder

from ingest.rebuild import Rebuilt, rebuild_library
from retrieval import ArticleRetriever, ChunkInput, Encoder, Library, Servers
from retrieval.embedding import ChunkVectors, Vectors

COUNT = 8


class SizedEncoder(NamedEncoder):
    """Hash vectors of as many dimensions as the name ends with, by which a vector of another model is refused."""

    def __init__(self, name: str = "hash-32") -> None:
        super().__init__(name)
        self.dimension = int(name.rpartition("-")[2])

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """The first numbers of the hash vectors, of length 1."""
        vectors = super().encode_queries(texts).reshape(-1, 32)[:, : self.dimension]
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    def encode_chunks(self, inputs: Sequence[ChunkInput]) -> list[ChunkVectors]:
        """The same of chunks and their sentences."""
        self.embedded += [item.text for item in inputs]
        bodies = [[item.body[span.start : span.end] for span in item.sentences] for item in inputs]
        wholes = self.encode_queries([item.text for item in inputs])
        return [ChunkVectors(whole, self.encode_queries(body)) for whole, body in zip(wholes, bodies, strict=True)]


def fill(folder: Path, servers: Servers, *, count: int = COUNT) -> None:
    """Articles of two chunks each; the last one that was added is removed, so that its id is free."""
    with open_library(folder, SizedEncoder(), servers) as library, library.writing():
        for number in range(count):
            put(library, f"harbour{number}", f"# Ice\nHarbour{number} froze.\n# Boats\nBoats{number} lay in harbour{number}.")
        put(library, "gone", "The gone harbour.")
        library.remove("gone")
        library.catalogue.origins.list_members("feed", ["harbour1", "harbour2"])
        library.catch_up(purge=True)


def rebuilt(library: Library, encoder: Encoder, stopped: Callable[[], bool] = lambda: False) -> Rebuilt:
    """A rebuild of which nobody is told."""
    return rebuild_library(library, encoder, notify=lambda _: None, stopped=stopped)


def contents(library: Library) -> dict[str, object]:
    """Everything that a rebuild with the same chunker leaves as it was."""
    articles = library.articles()
    spans = {source: library.surroundings(source, 0, 15, quote="") for source in library.catalogue.digests()}
    return {"articles": articles, "ids": article_ids(library), "spans": spans}


def article_ids(library: Library) -> dict[str, int]:
    """Source to id."""
    chunks = library.catalogue.chunks(library.catalogue.live_ids()).values()
    return {chunk.source: chunk.article_id for chunk in chunks}


def ask(retriever: ArticleRetriever, number: int) -> None:
    """A question that one article answers, whose passage has to be among the first."""
    found = retriever.find(f"When did harbour{number} freeze?")
    sources = {item.measured.chunk.source for item in found.ranked}
    assert f"harbour{number}" in sources, (number, sources)
    assert f"harbour{number}" in {passage.source for passage in retriever.passages(found, 10)}


def ask_until(folder: Path, begun: Event, ended: Event, servers: Servers) -> None:
    """Ask as a bot does, from before a rebuild until after it."""
    with open_library(folder, SizedEncoder(), servers) as library:
        retriever = ArticleRetriever(library=library)
        number = 0
        while not ended.is_set() or number % COUNT:
            ask(retriever, number % COUNT)
            begun.set()
            number += 1
        assert library.encoder.name == "hash-16"
        assert library.encoder.embedded == []

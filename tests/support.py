"""What many tests stand on: an encoder without a model, articles made of given text, and the law that the three stores agree."""

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ingest.chunking import chunk_article
from retrieval import Article, ChunkInput, Encoder, IndexedArticle, Library, chunk_input
from retrieval.embedding import ChunkVectors, Vectors
from retrieval.errors import IndexDamaged
from retrieval.library.keywords import stems
from retrieval.library.records import Mark
from retrieval.settings import Servers


class HashEncoder(Encoder):
    """Stands in for a model where only storing matters: 32 numbers drawn from a text's SHA-256; lists what it embedded."""

    dimension = 32
    fingerprint = "hash"

    def __init__(self, name: str = "hash-32") -> None:
        super().__init__(name)
        self.embedded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length 1, of shape (texts, dimension)."""
        return np.array([_drawn(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    def encode_chunks(self, inputs: Sequence[ChunkInput]) -> list[ChunkVectors]:
        """A chunk's vector is that of its text, a sentence's that of its own."""
        self.embedded += [item.text for item in inputs]
        bodies = [[item.body[span.start : span.end] for span in item.sentences] for item in inputs]
        return [ChunkVectors(_drawn(item.text), self.encode_queries(body)) for item, body in zip(inputs, bodies, strict=True)]


class SilentEncoder(HashEncoder):
    """Fails the test that embeds any chunk: a rebuild has to live on the vectors that are kept."""

    def encode_chunks(self, inputs: Sequence[ChunkInput]) -> list[ChunkVectors]:
        """Raise."""
        message = f"{len(inputs)} chunks are embedded although their vectors are kept."
        raise AssertionError(message)


def open_library(folder: Path, encoder: Encoder | None = None, servers: Servers | None = None) -> Library:
    """The library of a folder, with hash vectors unless another encoder is given."""
    return Library(folder, encoder or HashEncoder(), servers or Servers())


def indexed(article: Article, encoder: Encoder) -> IndexedArticle:
    """An article as sync makes it ready for the library."""
    chunks = chunk_article(article)
    inputs = tuple(chunk_input(article, chunk) for chunk in chunks)
    return IndexedArticle(article, chunks, inputs, tuple(item.key(encoder.fingerprint) for item in inputs))


def put(library: Library, source: str, text: str, *, title: str = "", language: str = "en") -> None:
    """Put an article into the catalogue, embedding what is missing; the indexes are not brought on."""
    library.check_model()
    digest = hashlib.sha256(text.encode()).hexdigest()
    item = indexed(Article(source, digest, text, title, language=language), library.encoder)
    missing = library.put(item)
    if missing:
        wanted = {key: of for key, of in zip(item.keys, item.inputs, strict=True) if key in missing}
        vectors = library.encoder.encode_chunks(list(wanted.values()))
        library.catalogue.keep_vectors(dict(zip(wanted, vectors, strict=True)))
        assert library.put(item) == set()


def assert_agreement(library: Library) -> None:
    """Catalogue, Chroma and tantivy hold exactly the same chunks at the same generation, and each is found by its own vector."""
    state, ids = library.catalogue.state(), sorted(library.catalogue.live_ids())
    assert library.vectors.mark() == library.keywords.mark() == Mark(state.uid, state.generation)
    assert sorted(library.vectors.ids()) == ids
    assert sorted(library.keywords.ids()) == ids
    for name, key in library.catalogue.vector_keys(ids).items():
        assert name in library.vectors.search(library.catalogue.vectors([key])[key].chunk, 5)


def nearest(library: Library, vector: Vectors, count: int) -> list[str]:
    """Ids of the nearest chunks, as a question asks for them: what is damaged is mended once."""
    try:
        return library.vectors.search(vector, count)
    except IndexDamaged:
        library.mend()
        return library.vectors.search(vector, count)


def found_by_word(library: Library, word: str, language: str = "en") -> set[str]:
    """The sources of the chunks that hold a word, by the keyword index alone."""
    found = library.keywords.search({tuple(stems(word, language)): 1.0}, 50)
    chunks = library.catalogue.chunks(list(found))
    assert set(chunks) == set(found), "the keyword index finds chunks that the catalogue does not have"
    return {chunk.source for chunk in chunks.values()}


def together(*work: Callable[[], object], seconds: float = 60) -> None:
    """Do all of it at once, each in a thread; what any of them raises is raised, and none may hang."""
    raised: list[BaseException] = []

    def run(one: Callable[[], object]) -> None:
        try:
            one()
        except BaseException as error:  # noqa: BLE001 - the test that started the thread raises it
            raised.append(error)

    threads = [threading.Thread(target=run, args=(one,), daemon=True) for one in work]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    if raised:
        raise raised[0]


def _drawn(text: str) -> Vectors:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    vector = np.random.default_rng(seed).standard_normal(HashEncoder.dimension)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

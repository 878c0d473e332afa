"""Chunked articles into the library: gathered, embedded in batches, put."""

import time
from collections.abc import Callable, Iterator, Mapping

from ingest.answers import Validators
from ingest.plan import CutArticle, Interrupted
from retrieval import Article, ChunkInput, IndexedArticle, Library

BATCH = 128  # chunks embedded between two looks at whether to stop: a few seconds
GATHER = 256  # chunks gathered from several articles before they are embedded: sorted by length they waste less
GATHER_SECONDS = 10.0  # or until what came from slow sites has waited for so long
LONGEST = 1300  # bytes of a source: those of a feed and of its article have to fit together into a row of an index of Postgres's
TOO_LONG = f"Its address or path is longer than {LONGEST} bytes, which is the most that the library keeps. Give it a shorter one."
CATCH_UP = 500  # chunks put before the indexes are brought on, which costs nearly the same for few as for many


class Writer:
    """Puts articles many at a time, and calls `put` for each that is in; `chunks` and `embedded` count what was put and embedded.

    It asks `stopped` between batches, and raises Interrupted.
    """

    def __init__(
        self,
        library: Library,
        *,
        put: Callable[[Article, Validators | None], None],
        embedded: Callable[[str], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._library, self._put, self._embedded, self._stopped = library, put, embedded, stopped
        self._gathered: list[tuple[IndexedArticle, Validators | None]] = []
        self._since = 0.0
        self._behind = 0  # chunks put since the indexes were brought on
        self.chunks = 0
        self.embedded = 0

    def gather(self, new: CutArticle, validators: Validators | None) -> None:
        """Take an article, to be put with the next ones."""
        self._since = self._since if self._gathered else time.monotonic()
        fingerprint = self._library.encoder.fingerprint
        keys = tuple(each.key(fingerprint) for each in new.inputs)
        self._gathered.append((IndexedArticle(new.article, new.chunks, new.inputs, keys), validators))

    def flush_if_due(self) -> None:
        """Put what is gathered if it is enough, or has waited for long."""
        waited = self._gathered and time.monotonic() - self._since > GATHER_SECONDS
        if waited or sum(len(item.chunks) for item, _ in self._gathered) >= GATHER:
            self.flush()

    def flush(self) -> None:
        """Embed and put what is gathered."""
        catalogue = self._library.catalogue
        while missing := catalogue.unknown_vectors([key for item, _ in self._gathered for key in item.keys]):
            self._embed(missing)
        while self._gathered:
            item, validators = self._gathered[0]
            if self._library.put(item):  # another process has purged vectors in between
                return self.flush()
            self._gathered.pop(0)
            self.chunks += len(item.chunks)
            self._behind += len(item.chunks)
            self._put(item.article, validators)
        if self._behind >= CATCH_UP:
            self._library.catch_up()
            self._behind = 0
        return None

    def _embed(self, missing: set[str]) -> None:
        """Embed the chunks of these keys."""
        self._library.check_model()
        wanted = {
            key: each for item, _ in self._gathered for key, each in zip(item.keys, item.inputs, strict=True) if key in missing
        }
        for count in embed(self._library, wanted, stopped=self._stopped):
            self.embedded += count
            self._embedded(self._gathered[0][0].article.source)


def fits(source: str) -> bool:
    """Whether the library can keep an article under this source."""
    return len(source.encode("utf-8", "surrogatepass")) <= LONGEST


def embed(library: Library, wanted: Mapping[str, ChunkInput], *, stopped: Callable[[], bool]) -> Iterator[int]:
    """Embed chunks by the keys of their vectors, shortest first, and keep each batch at once; yields the number in each.

    Raises Interrupted.
    """
    keys = sorted(wanted, key=lambda key: len(wanted[key].text))
    for at in range(0, len(keys), BATCH):
        if stopped():
            raise Interrupted
        batch = keys[at : at + BATCH]
        vectors = library.encoder.encode_chunks([wanted[key] for key in batch])
        library.catalogue.keep_vectors(dict(zip(batch, vectors, strict=True)))
        yield len(batch)

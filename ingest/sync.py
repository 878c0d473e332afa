"""Sources into the library: what is new is read, chunked, embedded and put, what is unchanged is left alone; and a report."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from ingest.chunking import chunk_article
from ingest.documents import Document, Failure, Location, Skipped
from ingest.fetch import Fetcher
from ingest.readers import read
from ingest.sources import Found, is_web, load, locate
from retrieval import Article, IndexedArticle, Library, LibraryBusy, LibraryError, ModelError, SourceError, chunk_input

# Names what readers and chunker make of the same bytes: raise it when they change, and articles are read anew.
FORMAT = "2"
BATCH = 128  # chunks embedded between two looks at whether to stop: a few seconds
GATHER = 256  # chunks gathered from several articles before they are embedded: sorted by length they waste less
GATHER_SECONDS = 10.0  # or until what came from slow sites has waited for so long
CATCH_UP = 500  # chunks put before the indexes are brought on, which costs nearly the same for few as for many


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: articles done of those found so far, and chunks; `waiting` while another process changes the library."""

    done: int
    total: int
    source: str
    chunks: int
    embedded: int
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a run changed, by source; `chunks` and `embedded` are counts, `seconds` the whole time."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    failed: tuple[Failure, ...]
    skipped: tuple[str, ...]
    chunks: int
    embedded: int
    seconds: float
    interrupted: bool


class Interrupted(Exception):
    """The person asked to stop; what is put stays, and kept vectors are found by the next run."""


def sync_sources(
    sources: Sequence[str], *, library: Library, fetcher: Fetcher, notify: Callable[[Progress], None], stopped: Callable[[], bool]
) -> Report:
    """Bring the articles of some sources into the library; one bad article is one line of the report."""
    started = time.monotonic()
    library.check_model_name()
    run = _Run(library, notify, stopped)
    try:
        with library.writing(stopped=run.stopped_waiting):
            interrupted = run.go(sources, fetcher)
            library.catch_up(purge=not interrupted)
    except LibraryBusy:
        if not stopped():
            raise
        interrupted = True
    return run.report(time.monotonic() - started, interrupted=interrupted)


@dataclass(slots=True)
class _Run:
    """One run: what is still to do, what is gathered, what has been done."""

    library: Library
    notify: Callable[[Progress], None]
    stopped: Callable[[], bool]
    known: dict[str, str] = field(default_factory=dict)
    gathered: list[IndexedArticle] = field(default_factory=list)
    gathered_since: float = 0.0
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    found: int = 0
    chunks: int = 0
    embedded: int = 0
    behind: int = 0  # chunks put since the indexes were brought on

    def go(self, sources: Sequence[str], fetcher: Fetcher) -> bool:
        """Do it all; True if the person has asked to stop before the end."""
        self.known = self.library.catalogue.digests()
        try:
            for location in self._locations(sources, fetcher):
                self._take(location, fetcher)
            self.flush()
        except Interrupted:
            return True
        return False

    def stopped_waiting(self) -> bool:
        """Whether to stop, asked while another process is changing the library, which is told."""
        self.notify(Progress(0, 0, "", 0, 0, waiting=True))
        return self.stopped()

    def _locations(self, sources: Sequence[str], fetcher: Fetcher) -> Iterator[Location]:
        """What there is to read: first all files, so that progress knows the whole, then page by page."""
        seen: set[str] = set()
        files = locate([source for source in sources if not is_web(source)], fetcher=fetcher, seen=seen)
        pages = locate([source for source in sources if is_web(source)], fetcher=fetcher, seen=seen)
        return chain(list(self._articles(files)), self._articles(pages))

    def _articles(self, found: Iterator[Found]) -> Iterator[Location]:
        """The articles among what is found; the rest is noted."""
        for each in found:
            self._stop_if_asked()
            if isinstance(each, Skipped):
                self.skipped.append(each.source)
                continue
            self.found += 1
            if isinstance(each, Location):
                yield each
            else:
                self.failed.append(each)
                self._tell(each.source)

    def _take(self, location: Location, fetcher: Fetcher) -> None:
        """Read one article, unless its bytes are those that the library has."""
        self._stop_if_asked()
        try:
            self._read(location, fetcher)
        except SourceError as error:
            self.failed.append(Failure(location.source, str(error)))
        except (LibraryError, ModelError):
            raise
        except Exception as error:  # noqa: BLE001 - a stranger's article must not cost the others
            reason = f"Reading it failed in an unforeseen way ({type(error).__name__})."
            self.failed.append(Failure(location.source, reason))
        self._tell(location.source)
        waited = self.gathered and time.monotonic() - self.gathered_since > GATHER_SECONDS
        if waited or sum(len(item.chunks) for item in self.gathered) >= GATHER:
            self.flush()

    def _read(self, location: Location, fetcher: Fetcher) -> None:
        document = load(location, fetcher=fetcher)
        if self.known.get(document.source) != _digest(document):
            self._gather(_article(document))
        else:
            self.unchanged.append(document.source)

    def flush(self) -> None:
        """Embed and put what is gathered."""
        while missing := self.library.catalogue.unknown_vectors([key for item in self.gathered for key in item.keys]):
            self._embed(missing)
        while self.gathered:
            item = self.gathered[0]
            if self.library.put(item):  # another process has purged vectors in between
                return self.flush()
            self.gathered.pop(0)
            source = item.article.source
            (self.updated if source in self.known else self.added).append(source)
            self.known[source] = item.article.digest
            self.chunks += len(item.chunks)
            self.behind += len(item.chunks)
            self._tell(source)
        if self.behind >= CATCH_UP:
            self.library.catch_up()
            self.behind = 0
        return None

    def report(self, seconds: float, *, interrupted: bool) -> Report:
        """The run as it ended."""
        return Report(
            added=tuple(self.added),
            updated=tuple(self.updated),
            unchanged=tuple(self.unchanged),
            removed=(),
            failed=tuple(self.failed),
            skipped=tuple(self.skipped),
            chunks=self.chunks,
            embedded=self.embedded,
            seconds=seconds,
            interrupted=interrupted,
        )

    def _gather(self, article: Article) -> None:
        if self.known.get(article.source) == article.digest:
            self.unchanged.append(article.source)
            return
        chunks = chunk_article(article)
        if not chunks:
            message = "No article text was found in it."
            raise SourceError(message)
        inputs = tuple(chunk_input(article, chunk) for chunk in chunks)
        fingerprint = self.library.encoder.fingerprint
        self.gathered_since = self.gathered_since if self.gathered else time.monotonic()
        self.gathered.append(IndexedArticle(article, chunks, inputs, tuple(item.key(fingerprint) for item in inputs)))

    def _embed(self, missing: set[str]) -> None:
        """Embed the chunks of these keys, and keep the vectors of each batch at once."""
        self.library.check_model()
        wanted = {
            key: item
            for article in self.gathered
            for key, item in zip(article.keys, article.inputs, strict=True)
            if key in missing
        }
        for batch in _batches(sorted(wanted, key=lambda key: len(wanted[key].text))):
            self._stop_if_asked()
            vectors = self.library.encoder.encode_chunks([wanted[key] for key in batch])
            self.library.catalogue.keep_vectors(dict(zip(batch, vectors, strict=True)))
            self.embedded += len(batch)
            self._tell(self.gathered[0].article.source)

    def _stop_if_asked(self) -> None:
        if self.stopped():
            raise Interrupted

    def _tell(self, source: str) -> None:
        done = len(self.added) + len(self.updated) + len(self.unchanged) + len(self.failed)
        self.notify(Progress(done, self.found, source, self.chunks, self.embedded))


def _digest(document: Document) -> str:
    return f"{FORMAT}:{document.digest}"


def _article(document: Document) -> Article:
    """The article in a document. A page's digest is that of its article: the bytes of many pages differ at every visit."""
    article = replace(read(document), digest=_digest(document))
    if "://" not in article.source:
        return article
    told = repr((article.title, article.author, article.site, article.date, article.text))
    return replace(article, digest=f"{FORMAT}:{hashlib.sha256(told.encode()).hexdigest()}")


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(keys), BATCH):
        yield keys[at : at + BATCH]

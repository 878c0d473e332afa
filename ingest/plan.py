"""What becomes of each article of some sources: decided before anything is written, so that it can also just be shown."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import chain

from ingest import kinds
from ingest.answers import Validators
from ingest.chunking import chunk_article
from ingest.documents import Document, Failure, Feed, Location, Skipped
from ingest.fetch import Fetcher
from ingest.memory import Memory, digest_of, digest_of_page, sources_by_digest
from ingest.prune import Listing, departed, kept_of
from ingest.readers import read
from ingest.sources import Found, identity, is_web, load, locate
from retrieval import Article, Chunk, ChunkInput, LibraryError, ModelError, SourceError, chunk_input


@dataclass(frozen=True, slots=True)
class CutArticle:
    """An article, its chunks, and what the model reads of each."""

    article: Article
    chunks: tuple[Chunk, ...]
    inputs: tuple[ChunkInput, ...]


class Kind(Enum):
    """What becomes of an article."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one article: `before` is where one that has moved was, `reason` why one has failed.

    `article` is that of one that has moved, `new` what is to be put of any other, `validators` are those of a page, None if the
    article is not read from it.
    """

    kind: Kind
    source: str
    before: str = ""
    reason: str = ""
    article: Article | None = field(default=None, repr=False, compare=False)
    new: CutArticle | None = field(default=None, repr=False, compare=False)
    validators: Validators | None = field(default=None, repr=False, compare=False)


def cut(article: Article) -> CutArticle:
    """Cut an article into chunks; raise SourceError if there are none."""
    chunks = chunk_article(article)
    if not chunks:
        message = "No article text was found in it."
        raise SourceError(message)
    return CutArticle(article, chunks, tuple(chunk_input(article, chunk) for chunk in chunks))


class Interrupted(Exception):
    """The person asked to stop; what is put stays, and kept vectors are found by the next run."""


class Planner:
    """Decides for the articles of some sources, one after the other; `found` is how many it has come upon so far."""

    def __init__(self, sources: Sequence[str], *, memory: Memory, fetcher: Fetcher, stopped: Callable[[], bool]) -> None:
        self._memory, self._fetcher, self._stopped = memory, fetcher, stopped
        self._files = [source for source in sources if not is_web(source)]
        self._pages = [source for source in sources if is_web(source)]
        self._by_digest = sources_by_digest(memory.digests)
        self._listing = Listing(tuple(filter(os.path.isdir, map(identity, self._files))))
        self.named = {identity(source) for source in sources}
        self.found = 0

    def steps(self) -> Iterator[Step | Feed]:
        """What becomes of what there is: all files are listed first, so that the whole is known, then page by page.

        A feed comes before its articles.
        """
        seen: set[str] = set()
        files = list(self._found(self._files, seen))
        for each in chain(files, self._found(self._pages, seen)):
            self._stop_if_asked()
            match each:
                case Location():
                    yield self._decide(each)
                case Failure():
                    yield Step(Kind.FAILED, each.source, reason=self._kept(each))
                case Skipped():
                    yield Step(Kind.SKIPPED, each.source)
                case Feed():
                    yield each

    def departed(self) -> list[Step]:
        """The articles that have left the folders and feeds, once all that there is has been decided."""
        return [Step(Kind.REMOVED, source) for source in departed(self._listing, self._memory)]

    def _found(self, sources: Iterable[str], seen: set[str]) -> Iterator[Found]:
        """What the sources hold, noted down."""
        for each in locate(list(sources), fetcher=self._fetcher, known=self._memory, seen=seen):
            self._stop_if_asked()
            self.found += isinstance(each, (Location, Failure))
            self._listing.note(each)
            yield each

    def _decide(self, location: Location) -> Step:
        """What becomes of one article; a bad one must not cost the others."""
        try:
            return self._step(location)
        except SourceError as error:
            return Step(Kind.FAILED, location.source, reason=str(error))
        except (LibraryError, ModelError):
            raise
        except Exception as error:  # noqa: BLE001 - a stranger's article
            reason = f"Reading it failed in an unforeseen way ({type(error).__name__})."
            return Step(Kind.FAILED, location.source, reason=reason)

    def _step(self, location: Location) -> Step:
        source, digests = location.source, self._memory.digests
        document = load(location, fetcher=self._fetcher, known=self._memory)
        if document is None:
            return Step(Kind.UNCHANGED, source, validators=self._memory.validators(source) if location.linked else None)
        if digests.get(source) == digest_of(document):
            return Step(Kind.UNCHANGED, source)
        article, validators = self._read(document)
        if digests.get(source) == article.digest:
            return Step(Kind.UNCHANGED, source, validators=validators)
        if before := self._moved_from(article):
            self._listing.moved.add(before)
            return Step(Kind.MOVED, source, before=before, article=article)
        kind = Kind.CHANGED if source in digests else Kind.ADDED
        return Step(kind, source, new=cut(article), validators=validators)

    def _read(self, document: Document) -> tuple[Article, Validators | None]:
        """The article in a document and its page's version; that of a feed's own text if the page holds none, without one."""
        validators = document.validators
        try:
            article = read(replace(document, embedded=""))
        except SourceError:
            if not document.embedded or self._memory.read_itself(document.source):
                raise
            article, validators = read(document), None
        digest = digest_of_page(article) if "://" in article.source else digest_of(document)
        return replace(article, digest=digest), validators

    def _moved_from(self, article: Article) -> str:
        """Where a new file was before: of the same bytes and kind, gone from there, and not listed by this run."""
        source = article.source
        if is_web(source) or source in self._memory.digests:
            return ""
        for before in self._by_digest.get(article.digest, ()):
            known = before in self._listing.listed or before in self._listing.moved or is_web(before)
            if not known and kinds.from_name(before) == kinds.from_name(source) and _is_gone(before):
                return before
        return ""

    def _kept(self, failure: Failure) -> str:
        """Why a source cannot be listed; of one that was named, also what the library goes on to keep of it."""
        name = identity(failure.source) if failure.source.strip() and "\0" not in failure.source else failure.source
        count = kept_of(name, self._memory.digests) if name in self.named and not is_web(name) else 0
        if not count:
            return failure.reason
        kept = "its article until it is" if count == 1 else f"its {count} articles until they are"
        return f"{failure.reason} The library keeps {kept} taken out with footnote remove."

    def _stop_if_asked(self) -> None:
        if self._stopped():
            raise Interrupted


def _is_gone(path: str) -> bool:
    """Whether there is surely no such file, and no feed file either that it could be an entry of."""
    names = path.split("#")
    for count in range(len(names), 0, -1):
        try:
            os.lstat("#".join(names[:count]))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError):
            return False
        return False
    return True

"""The library made anew beside the one that answers, of the text that it holds: with another model, or cut by a newer program."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ingest.chunking import chunk_article
from ingest.plan import Interrupted
from ingest.sync import Progress
from ingest.writer import CATCH_UP, GATHER, embed
from retrieval import Encoder, IndexedArticle, Library, LibraryBusy, LibraryError, chunk_input
from retrieval.library.carrying import StoredArticle, adopt, carry_rest, holds, leave_out, outlines, stored_article
from retrieval.library.following import folder_bytes
from retrieval.library.tables import SCHEMA_VERSION

ENOUGH = 0.8  # of what the library takes: with less room than that, the disk would surely be full before the end


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild has come to: counts, `embedded` of them in this run, and the seconds of the whole run."""

    articles: int
    chunks: int
    embedded: int
    seconds: float
    interrupted: bool


def rebuild_library(
    library: Library, encoder: Encoder, *, notify: Callable[[Progress], None], stopped: Callable[[], bool]
) -> Rebuilt:
    """Build an edition of the library with a model, and let it take the place of the old one, which answers until then.

    What a run that was broken off has built is used by the next one of the same model. Raises LibraryError.
    """
    started = time.monotonic()

    def waiting() -> bool:
        notify(Progress(0, 0, "", 0, 0, waiting=True))
        return stopped()

    run, interrupted = None, False
    try:
        with library.writing(stopped=waiting), library.rebuilding(), _begun(library, encoder) as following:
            run = _Run(library, following, notify, stopped)
            run.build()
    except Interrupted:
        interrupted = True
    except LibraryBusy:
        if not stopped():
            raise
        interrupted = True
    counts = (run.articles, run.chunks, run.embedded) if run else (0, 0, 0)
    return Rebuilt(*counts, seconds=time.monotonic() - started, interrupted=interrupted)


def _begun(library: Library, encoder: Encoder) -> Library:
    """The edition that is being built, begun anew if what there is of it is another model's or another version's."""
    if not library.catalogue.has_articles():
        message = "The library has no articles yet, so there is nothing to rebuild."
        raise LibraryError(message, help="Add some: footnote ingest FOLDER")
    begun = library.editions.begun()
    same = begun is not None and begun.schema == SCHEMA_VERSION
    if begun is None or not same or (begun.model and (begun.model, begun.fingerprint) != (encoder.name, encoder.fingerprint)):
        library.clear_editions(following=True)
    _check_room(library)
    following = library.following_edition(encoder)
    try:
        following.check_model()
    except BaseException:
        following.close()
        raise
    return following


def _check_room(library: Library) -> None:
    """Refuse to begin where the disk is clearly too small for another edition."""
    folder = library.edition.folder
    size = folder_bytes(folder / "vectors") + folder_bytes(folder / "keywords")
    if not library.servers.database_url:
        size += library.catalogue.size()
    needed = size * ENOUGH - folder_bytes(library.editions.following().folder)
    free = shutil.disk_usage(library.folder).free
    if free < needed:
        message = (
            f"A rebuild needs about {needed / 1e6:,.0f} MB on the disk of {library.folder}, of which {free / 1e6:,.0f} are free."
        )
        raise LibraryError(message, help="Make room there, and run it again.")


@dataclass(slots=True)
class _Run:
    """One run: what is gathered, and what has been done."""

    library: Library
    following: Library
    notify: Callable[[Progress], None]
    stopped: Callable[[], bool]
    gathered: list[tuple[StoredArticle, IndexedArticle]] = field(default_factory=list)
    articles: int = 0
    chunks: int = 0
    embedded: int = 0
    wanted: Mapping[int, tuple[object, ...]] = field(default_factory=dict)  # the articles of the old edition, by id
    behind: int = 0  # chunks put since the indexes were brought on

    def build(self) -> None:
        """Bring the following edition to the old one's state, and switch; once more if the old one has changed meanwhile."""
        while True:
            generation = self.library.catalogue.state().generation
            self._follow()
            self.following.catch_up(purge=True)
            self._look_whether_to_stop()
            changed = self.library.catalogue.state().generation != generation
            if not changed and self._is_whole() and self.library.editions.switch(generation, carry_rest):
                return

    def _follow(self) -> None:
        """Let the following edition have just the articles that the old one has."""
        new = self.following.catalogue.engine
        self.wanted, there = outlines(self.library.catalogue.engine), outlines(new)
        for number in [number for number, outline in there.items() if self.wanted.get(number) != outline]:
            leave_out(new, number)
        self.articles = self.chunks = 0
        for number in self.wanted:
            self._look_whether_to_stop()
            stored = stored_article(self.library.catalogue.engine, number)
            if stored is not None:  # else somebody has removed it since
                self._take(stored, is_there=there.get(number) == self.wanted[number])
        self._flush()

    def _take(self, stored: StoredArticle, *, is_there: bool) -> None:
        """Cut an article; if it is not there as it is cut now, it is gathered."""
        chunks = chunk_article(stored.article)
        inputs = tuple(chunk_input(stored.article, chunk) for chunk in chunks)
        keys = tuple(each.key(self.following.encoder.fingerprint) for each in inputs)
        item = IndexedArticle(stored.article, chunks, inputs, keys)
        if is_there and holds(self.following.catalogue.engine, stored, item):
            self._count(stored, item)
            return
        self.gathered.append((stored, item))
        if sum(len(each.chunks) for _, each in self.gathered) >= GATHER:
            self._flush()

    def _flush(self) -> None:
        """Embed and put what is gathered."""
        self._look_whether_to_stop()
        self._embed()
        for stored, item in self.gathered:
            while adopt(self.following.catalogue.engine, stored, item):  # its vectors have been forgotten meanwhile
                self._embed()
            self.behind += len(item.chunks)
            self._count(stored, item)
        self.gathered.clear()
        if self.behind >= CATCH_UP:
            self.following.catch_up()
            self.behind = 0

    def _embed(self) -> None:
        """Take over the vectors that the old edition has of what is gathered, and embed the rest."""
        new = self.following.catalogue
        inputs = {key: each for _, item in self.gathered for key, each in zip(item.keys, item.inputs, strict=True)}
        new.keep_vectors(self.library.catalogue.vectors(sorted(new.unknown_vectors(list(inputs)))))
        missing = new.unknown_vectors(list(inputs))
        for count in embed(self.following, {key: inputs[key] for key in missing}, stopped=self.stopped):
            self.embedded += count
            self._tell(self.gathered[0][0].article.source)

    def _count(self, stored: StoredArticle, item: IndexedArticle) -> None:
        self.articles += 1
        self.chunks += len(item.chunks)
        self._tell(stored.article.source)

    def _tell(self, source: str) -> None:
        self.notify(Progress(self.articles, len(self.wanted), source, self.chunks, self.embedded))

    def _look_whether_to_stop(self) -> None:
        if self.stopped():
            raise Interrupted

    def _is_whole(self) -> bool:
        """True if the edition has all that it shall have; raises LibraryError if not."""
        if not self.following.status().agree or outlines(self.following.catalogue.engine) != self.wanted:
            message = "The library that was built does not agree with itself, so the old one stays in its place."
            raise LibraryError(message, help="Run it again. If that does not help: footnote doctor")
        return True

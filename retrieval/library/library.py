"""The library: the catalogue and the two indexes derived from it, kept in step by generations.

Every change is one transaction of the catalogue that takes the next generation. Each index carries inside itself the mark of
the generation it has reached, so `catch_up` can bring it on from there after a crash, or fill it anew if it is damaged.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from retrieval.embedding import Encoder
from retrieval.errors import IndexDamaged, LibraryBusy, LibraryError, ModelMismatch
from retrieval.library.catalogue import Catalogue
from retrieval.library.keywords import KeywordIndex
from retrieval.library.records import ArticleRecord, IndexedArticle, Mark, ModelIdentity, Status
from retrieval.library.vectors import VectorIndex

LOCK_SECONDS = 60.0
PAUSE_SECONDS = 0.08  # between two pages of catching up: a lock that is taken again at once starves the others
LANGUAGES = 5  # of the most frequent languages that a question is read in; each costs a stemming of every word


class Library:
    """The articles of one data folder. Writers call `catch_up` after their changes; readers call `refresh` before a question."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self.folder, self.encoder = folder, encoder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # articles may be private
        except OSError as error:
            message = f"The data folder {folder} cannot be made: {error.strerror}."
            raise LibraryError(message, help="Name another with --data or FOOTNOTE_DATA_DIR.") from error
        self.catalogue = Catalogue(folder / "catalogue.sqlite3")
        self.keywords = KeywordIndex(folder / "keywords")
        self._vectors: VectorIndex | None = None
        self._lock = filelock.FileLock(folder / "index.lock", timeout=LOCK_SECONDS, poll_interval=0.01)
        self._writer_lock = filelock.FileLock(folder / "writer.lock", poll_interval=0.05)
        self._seen = -1
        self.languages: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        """Open for a with statement."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close at its end."""
        self.close()

    def close(self) -> None:
        """Let go of all files; a closed library cannot be used again."""
        if self._vectors is not None:
            self._vectors.close()
        self.keywords.close()
        self.catalogue.close()

    @property
    def vectors(self) -> VectorIndex:
        """The vector index; raises LibraryError while the library has no articles."""
        if self._vectors is None:
            model = self.catalogue.model()
            if model is None:
                message = "The library has no articles yet."
                raise LibraryError(message, help="Add some: footnote ingest FOLDER")
            self._vectors = VectorIndex(self.folder / "vectors", model.dimension)
        return self._vectors

    def check_model_name(self) -> None:
        """Refuse a library of a differently named embedding model, before any model is loaded."""
        model = self.catalogue.model()
        if model is not None and model.name != self.encoder.name and self.catalogue.has_articles():
            raise _mismatch(model, self.encoder.name)

    def check_model(self) -> None:
        """Refuse a library that was built with another embedding model; one without articles takes the encoder's."""
        self.check_model_name()
        own = ModelIdentity(self.encoder.name, self.encoder.dimension, self.encoder.fingerprint)
        model = self.catalogue.set_model(own)
        if model != own:
            raise _mismatch(model, f"{own.name} ({own.fingerprint})")
        if self._vectors is not None and self._vectors.dimension != own.dimension:
            self._vectors.close()
            self._vectors = None

    def put(self, item: IndexedArticle) -> set[str]:
        """Add or replace one article; the keys that have to be embedded first, if any, and then nothing is written."""
        return self.catalogue.put(item)

    def remove(self, source: str) -> bool:
        """Remove one article; False if there is none of this source."""
        return self.catalogue.remove(source)

    def catch_up(self, *, purge: bool = False) -> None:
        """Bring both indexes to the catalogue's generation, a page at a time; with `purge`, also forget what is dead."""
        if self.catalogue.model() is None:
            return
        for index in (self.vectors, self.keywords):
            while self._follow(index):
                time.sleep(PAUSE_SECONDS)
        if purge:
            with self._locked():
                marks = [index.mark() for index in (self.vectors, self.keywords)]
                self.catalogue.purge(min(mark.generation if mark else 0 for mark in marks))
                hollow = self.vectors.is_hollow()
                if hollow:
                    self.vectors.reset()
            if hollow:
                self.catch_up()

    @contextmanager
    def writing(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Be the only process that changes articles; a second one waits a little, unless it is stopped, and is then refused."""
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                self._writer_lock.acquire(timeout=0.2)
                break
            except filelock.Timeout as error:
                if stopped() or time.monotonic() > deadline:
                    raise self._busy() from error
        try:
            yield
        finally:
            self._writer_lock.release()

    def refresh(self) -> None:
        """See what any process has changed since the last question; a small cost if nothing has.

        While another process is writing it brings the indexes on itself; after one that died, this one does.
        """
        generation = self.catalogue.state().generation
        if generation == self._seen or self.catalogue.model() is None:
            return
        try:
            with self._writer_lock.acquire(timeout=0):
                self.catch_up()
        except filelock.Timeout:
            with self._locked():
                marks = [index.mark() for index in (self.vectors, self.keywords)]
            if None in marks:  # new or damaged: there is nothing to answer from
                self.catch_up()
            elif any(mark and mark.generation < generation for mark in marks):
                generation = -1  # look again at the next question
        self._seen = generation
        self.languages = tuple(self.catalogue.languages())[:LANGUAGES]

    def mend(self) -> None:
        """Open both indexes anew, and rebuild what is damaged from what the catalogue keeps; nothing is embedded."""
        self.vectors.close()
        self.keywords.close()
        self.catch_up()

    def articles(self) -> list[ArticleRecord]:
        """Every article without its text, by source."""
        return self.catalogue.articles()

    def status(self) -> Status:
        """Counts, sizes and whether the three stores agree, by their ids."""
        model, live = self.catalogue.model(), set(self.catalogue.live_ids())
        vector_ids: list[str] = []
        keyword_ids: list[str] = []
        if model is not None:
            with self._locked():
                if self.vectors.mark() is not None:
                    vector_ids = self.vectors.ids()
                if self.keywords.mark() is not None:
                    keyword_ids = self.keywords.ids()
        return Status(
            folder=self.folder,
            articles=len(self.catalogue.digests()),
            chunks=len(live),
            vectors=len(vector_ids),
            keywords=len(keyword_ids),
            agree=sorted(vector_ids) == sorted(keyword_ids) == sorted(live),
            languages=self.catalogue.languages(),
            model=model,
            catalogue_bytes=sum(path.stat().st_size for path in self.folder.glob("catalogue.sqlite3*")),
            vectors_bytes=_folder_bytes(self.folder / "vectors"),
            keywords_bytes=_folder_bytes(self.folder / "keywords"),
        )

    def _follow(self, index: VectorIndex | KeywordIndex) -> bool:
        """Apply to one index the next page of changes that it has missed; whether there are more."""
        with self._locked():
            try:
                return self._apply_page(index)
            except IndexDamaged:
                index.reset()
                return self._apply_page(index)

    def _apply_page(self, index: VectorIndex | KeywordIndex) -> bool:
        state, mark = self.catalogue.state(), index.mark()
        reached = mark.generation if mark is not None and mark.uid == state.uid else -1
        if reached < state.purged or reached > state.generation:
            index.reset()
            reached = 0
        for upto, live, dead in self.catalogue.changes(reached, state.generation):
            new = Mark(state.uid, upto)
            if isinstance(index, KeywordIndex):
                index.apply(live, dead, new)
            else:
                vectors = self.catalogue.whole_vectors([item.vector for item in live])
                index.apply({item.id: vectors[item.vector] for item in live}, dead, new)
            return upto < state.generation
        return False

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the library's lock: around writing an index and around opening one, never around embedding."""
        try:
            with self._lock:
                yield
        except filelock.Timeout as error:
            raise self._busy() from error

    def _busy(self) -> LibraryBusy:
        message = f"Another process is changing the library in {self.folder} and has not let go for {LOCK_SECONDS:.0f} seconds."
        return LibraryBusy(message, help="Wait until it is done, or stop it, and try again.")


def _mismatch(built: ModelIdentity, asked: str) -> ModelMismatch:
    message = f"The library was built with the embedding model {built.name} ({built.fingerprint}), not {asked}."
    return ModelMismatch(message, help=f"Use that model (FOOTNOTE_EMBEDDING_MODEL={built.name}), or another folder with --data.")


def _folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0

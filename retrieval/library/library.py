"""The library: the catalogue and the two indexes derived from it, kept in step by generations.

Every change is one transaction of the catalogue that takes the next generation. Each index carries inside itself the mark of
the generation it has reached, so `catch_up` can bring it on from there after a crash, or fill it anew if it is damaged.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from retrieval.embedding import ChunkVectors, Encoder, Vectors
from retrieval.errors import LibraryBusy, LibraryError, ModelMismatch
from retrieval.library.catalogue import Catalogue
from retrieval.library.keywords import KeywordIndex
from retrieval.library.records import ArticleRecord, ChunkRecord, IndexedArticle, ModelIdentity, Status
from retrieval.library.records import Mark as IndexMark
from retrieval.library.vectors import DAMAGED, VectorIndex

LOCK_SECONDS = 60.0
LANGUAGES = 5  # of the most frequent languages that a question is read in; each costs a stemming of every word


class Library:
    """The articles of one data folder. Writers call `catch_up` after their changes; readers call `refresh` before a question."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self.folder, self.encoder = folder, encoder
        try:
            folder.mkdir(parents=True, exist_ok=True)
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
        if model is not None and model.name != self.encoder.name:
            raise _mismatch(model, self.encoder.name)

    def check_model(self) -> None:
        """Refuse a library that was built with another embedding model; a new library takes the encoder's."""
        self.check_model_name()
        own = ModelIdentity(self.encoder.name, self.encoder.dimension, self.encoder.fingerprint)
        self.catalogue.set_model(own)
        model = self.catalogue.model()
        if model != own and model is not None:
            raise _mismatch(model, f"{own.name} ({own.fingerprint})")

    def put(self, item: IndexedArticle) -> set[str]:
        """Add or replace one article; the keys that have to be embedded first, if any, and then nothing is written."""
        return self.catalogue.put(item)

    def remove(self, source: str) -> bool:
        """Remove one article; False if there is none of this source."""
        return self.catalogue.remove(source)

    def catch_up(self, *, purge: bool = False) -> None:
        """Bring both indexes to the catalogue's generation; with `purge`, also forget what is dead."""
        if self.catalogue.model() is None:
            return
        with self._locked():
            state = self.catalogue.state()
            for index in (self.vectors, self.keywords):
                self._follow(index)
            if purge:
                self.catalogue.purge(state.generation)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only process that changes articles; a second one waits a little and is then refused."""
        try:
            with self._writer_lock.acquire(timeout=LOCK_SECONDS):
                yield
        except filelock.Timeout as error:
            raise self._busy() from error

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

    def nearest(self, vector: Vectors, count: int) -> list[str]:
        """Ids of the nearest chunks; if the index is damaged or another process has begun it anew, it is mended first."""
        try:
            return self.vectors.search(vector, count)
        except DAMAGED:
            with self._locked():
                self.vectors.close()
                self.catch_up()
            return self.vectors.search(vector, count)

    def articles(self) -> list[ArticleRecord]:
        """Every article without its text, by source."""
        return self.catalogue.articles()

    def chunk_vectors(self, chunks: Sequence[ChunkRecord]) -> list[ChunkVectors]:
        """The kept vectors of chunks, in their order."""
        found: Mapping[str, ChunkVectors] = self.catalogue.vectors([item.vector for item in chunks])
        return [found[item.vector] for item in chunks]

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

    def _follow(self, index: VectorIndex | KeywordIndex) -> None:
        """Apply to one index the changes it has missed."""
        state, mark = self.catalogue.state(), index.mark()
        reached = mark.generation if mark is not None and mark.uid == state.uid else -1
        if reached < state.purged or reached > state.generation:
            index.reset()
            reached = 0
        for upto, live, dead in self.catalogue.changes(reached, state.generation):
            new = IndexMark(state.uid, upto)
            if isinstance(index, KeywordIndex):
                index.apply(live, dead, new)
            else:
                vectors = self.chunk_vectors(live)
                index.apply({item.id: vector.chunk for item, vector in zip(live, vectors, strict=True)}, dead, new)

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
    return ModelMismatch(message, help=f"Set FOOTNOTE_EMBEDDING_MODEL={built.name}, or name another folder with --data.")


def _folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0

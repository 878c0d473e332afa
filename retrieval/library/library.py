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

from retrieval.database import make_folder
from retrieval.embedding import Encoder
from retrieval.errors import IndexDamaged, LibraryError, ModelMismatch
from retrieval.library.catalogue import Catalogue
from retrieval.library.keywords import KeywordIndex
from retrieval.library.locks import Locks
from retrieval.library.records import ArticleRecord, IndexedArticle, Mark, ModelIdentity, Status
from retrieval.library.vectors import VectorIndex
from retrieval.passages import Surroundings

PAUSE_SECONDS = 0.08  # between two pages of catching up: a lock that is taken again at once starves the others
LANGUAGES = 5  # of the most frequent languages that a question is read in; each costs a stemming of every word


class Library:
    """The articles of one data folder. Writers call `catch_up` after their changes; readers call `refresh` before a question."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self.folder, self.encoder = folder, encoder
        make_folder(folder)
        self.catalogue = Catalogue(folder / "catalogue.sqlite3")
        self.keywords = KeywordIndex(folder / "keywords")
        self._vectors: VectorIndex | None = None
        self._locks = Locks(folder)
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
        with self._locks.threads:
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
        self._let_go_unless(model.dimension)

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
            with self._locks.indexes():
                marks = [index.mark() for index in (self.vectors, self.keywords)]
                self.catalogue.purge(min(mark.generation if mark else 0 for mark in marks))
                hollow = self.vectors.is_hollow()
                if hollow:
                    self.vectors.reset()
            if hollow:
                self.catch_up()

    @contextmanager
    def writing(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Be the only one that changes articles; a second one waits a little, unless it is stopped, and is then refused."""
        with self._locks.writing(stopped):
            yield

    @contextmanager
    def reading(self) -> Iterator[bool]:
        """Be the only thread at the indexes, once they are as new as `refresh` makes them; whether there is anything to find."""
        with self._locks.threads:
            yield self.refresh()

    def refresh(self) -> bool:
        """See what anybody has changed since the last question, at a small cost if nothing; whether there is anything to find.

        While somebody else is writing they bring the indexes on; after a writer that died, this one does.
        """
        with self._locks.threads:
            generation, model = self.catalogue.state().generation, self.catalogue.model()
            if model is None:
                return False
            if generation != self._seen:
                self.check_model_name()
                self._let_go_unless(model.dimension)
                self._seen = self._followed(generation)
                self.languages = tuple(self.catalogue.languages())[:LANGUAGES]
            return model.name == self.encoder.name

    def _followed(self, generation: int) -> int:
        """Bring the indexes to a generation, and give it back; or -1 if others are still at it, so that it is looked at again."""
        with self._locks.if_nobody_writes() as alone:
            if alone:
                self.catch_up()
                return generation
        with self._locks.indexes():
            marks = [index.mark() for index in (self.vectors, self.keywords)]
        if None in marks:  # new or damaged: there is nothing to answer from
            self.catch_up()
            return generation
        return -1 if any(mark and mark.generation < generation for mark in marks) else generation

    def mend(self) -> None:
        """Open both indexes anew, and rebuild what is damaged from what the catalogue keeps; nothing is embedded."""
        self.vectors.close()
        self.keywords.close()
        self.catch_up()

    def articles(self) -> list[ArticleRecord]:
        """Every article without its text, by source."""
        return self.catalogue.articles()

    def surroundings(self, source: str, start: int, end: int, *, quote: str = "") -> Surroundings | None:
        """A quote with the chunks around it; one that its article does not hold at the span now is looked for in all of it.

        Without a quote it is what stands at the span. None if the article is gone, or holds it no more.
        """
        return self.catalogue.surroundings(source, start, end, quote)

    def status(self) -> Status:
        """Counts, sizes and whether the three stores agree, by their ids."""
        model, live = self.catalogue.model(), set(self.catalogue.live_ids())
        vector_ids: list[str] = []
        keyword_ids: list[str] = []
        if model is not None:
            with self._locks.indexes():
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

    def _let_go_unless(self, dimension: int) -> None:
        """Close the vector index if its vectors are not of this dimension: an emptied library may take another model."""
        with self._locks.threads:
            if self._vectors is not None and self._vectors.dimension != dimension:
                self._vectors.close()
                self._vectors = None

    def _follow(self, index: VectorIndex | KeywordIndex) -> bool:
        """Apply to one index the next page of changes that it has missed; whether there are more."""
        with self._locks.indexes():
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


def _mismatch(built: ModelIdentity, asked: str) -> ModelMismatch:
    message = f"The library was built with the embedding model {built.name} ({built.fingerprint}), not {asked}."
    return ModelMismatch(message, help=f"Use that model (FOOTNOTE_EMBEDDING_MODEL={built.name}), or another folder with --data.")


def _folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.exists() else 0

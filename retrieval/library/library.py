"""The library: the catalogue and the two indexes derived from it, kept in step by generations.

Every change is one transaction of the catalogue that takes the next generation. Each index carries inside itself the mark of
the generation it has reached, so `catch_up` can bring it on from there after a crash, or fill it anew if it is damaged.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

from retrieval.database import make_folder
from retrieval.embedding import Encoder
from retrieval.errors import IndexDamaged, LibraryError, ModelMismatch
from retrieval.library.catalogue import Catalogue
from retrieval.library.editions import Edition, Editions
from retrieval.library.following import apply_page, folder_bytes, host_name
from retrieval.library.keywords import KeywordIndex
from retrieval.library.locks import REBUILD_LOCK, Locks
from retrieval.library.records import ArticleRecord, IndexedArticle, ModelIdentity, Status
from retrieval.library.vectors import ServedVectors, VectorIndex
from retrieval.passages import Surroundings
from retrieval.settings import HERE, Servers

PAUSE_SECONDS = 0.08  # between two pages of catching up: a lock that is taken again at once starves the others
LANGUAGES = 5  # of the most frequent languages that a question is read in; each costs a stemming of every word


class Library:
    """The articles of one data folder. Writers call `catch_up` after their changes; readers call `refresh` before a question."""

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        servers: Servers = HERE,
        *,
        edition: Edition | None = None,
    ) -> None:
        self.folder, self.encoder, self.servers = folder, encoder, servers
        make_folder(folder)
        self.editions = Editions(folder, servers.database_url)
        self._locks = Locks(folder)
        self._follows_editions = edition is None
        self._open(edition or self.editions.current())

    def _open(self, edition: Edition) -> None:
        """Open the stores of an edition."""
        make_folder(edition.folder)
        self.edition = edition
        self.catalogue = Catalogue(edition, database_url=self.servers.database_url)
        self.keywords = KeywordIndex(edition.folder / "keywords")
        self._vectors: VectorIndex | None = None
        self._vectors_of: ModelIdentity | None = None
        self._locks.move_to(edition.folder)
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
            self.editions.close()

    @property
    def vectors(self) -> VectorIndex:
        """The vector index; raises LibraryError while the library has no articles."""
        if self._vectors is None:
            model = self.catalogue.model()
            if model is None:
                message = "The library has no articles yet."
                raise LibraryError(message, help="Add some: footnote ingest FOLDER")
            self._vectors, self._vectors_of = self._vector_index(model.dimension), model
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
        self._let_go_unless(model)

    def put(self, item: IndexedArticle) -> set[str]:
        """Add or replace one article; the keys that have to be embedded first, if any, and then nothing is written."""
        return self.catalogue.put(item, fingerprint=self.encoder.fingerprint)

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
        if self.servers.database_url:
            self.catalogue.note_follower(host_name(self.folder), self._reached())
        if purge:
            with self._locks.indexes():
                self.catalogue.purge(self._reached())
                hollow = self.vectors.is_hollow()
                if hollow:
                    self.vectors.reset()
            if hollow:
                self.catch_up()

    @contextmanager
    def writing(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Be the only one that changes articles; a second one waits a little, unless it is stopped, and is then refused.

        Hosts that share a catalogue on a server change it side by side: each change is one transaction there.
        """
        with self._locks.writing(stopped):
            self.follow_edition()
            yield

    def follow_edition(self) -> None:
        """Open the current edition if another one has taken the place of the one that is open, with its model."""
        if not self._follows_editions:
            return
        with self._locks.threads:
            edition = self.editions.current()
            if edition == self.edition:
                return
            if self._vectors is not None:
                self._vectors.close()
            self.keywords.close()
            self.catalogue.close()
            self._open(edition)
            model = self.catalogue.model()
            if model is not None and model.name != self.encoder.name:
                self.encoder = type(self.encoder)(model.name)

    def following_edition(self) -> "Library":
        """The edition that is being built beside this one, for an encoder of any model; it is its own library."""
        return Library(self.folder, self.encoder, self.servers, edition=self.editions.following())

    def rebuilding(self) -> AbstractContextManager[object]:
        """Be the only host that builds an edition; it is held inside of `writing`."""
        database = bool(self.servers.database_url)
        return self._locks.on_server(self.catalogue.engine, REBUILD_LOCK) if database else nullcontext()

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
            self.follow_edition()
            generation, model = self.catalogue.state().generation, self.catalogue.model()
            if model is None:
                return False
            if generation != self._seen:
                self.check_model_name()
                self._let_go_unless(model)
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
            catalogue_bytes=self.catalogue.size(),
            vectors_bytes=folder_bytes(self.edition.folder / "vectors"),
            keywords_bytes=folder_bytes(self.edition.folder / "keywords"),
        )

    def _let_go_unless(self, model: ModelIdentity) -> None:
        """Close the vector index if its vectors are not of this model: an emptied library may take another one."""
        with self._locks.threads:
            if self._vectors is not None and self._vectors_of != model:
                self._vectors.close()
                self._vectors = None

    def _follow(self, index: VectorIndex | KeywordIndex) -> bool:
        """Apply to one index the next page of changes that it has missed; whether there are more."""
        with self._locks.indexes(), self._alone_at(index):
            try:
                return apply_page(self.catalogue, index)
            except IndexDamaged:
                index.reset()
                return apply_page(self.catalogue, index)

    def _alone_at(self, index: VectorIndex | KeywordIndex) -> AbstractContextManager[object]:
        """Keep other hosts from an index that they share with this one."""
        shared = self.servers.database_url and isinstance(index, ServedVectors)
        return self._locks.on_server(self.catalogue.engine) if shared else nullcontext()

    def _vector_index(self, dimension: int) -> VectorIndex:
        if self.servers.chroma_url:
            return ServedVectors(self.servers, self.catalogue.state().uid, dimension)
        return VectorIndex(self.edition.folder / "vectors", dimension)

    def _reached(self) -> int:
        """The generation that both indexes have reached."""
        with self._locks.indexes():
            marks = [index.mark() for index in (self.vectors, self.keywords)]
        return min(mark.generation if mark else 0 for mark in marks)


def _mismatch(built: ModelIdentity, asked: str) -> ModelMismatch:
    message = f"The library was built with the embedding model {built.name} ({built.fingerprint}), not {asked}."
    return ModelMismatch(message, help=f"Use that model (FOOTNOTE_EMBEDDING_MODEL={built.name}), or another folder with --data.")
